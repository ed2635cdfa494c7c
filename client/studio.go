package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The calls below act for the person whose key it is; a service key has no studio.

// NewJob is what is asked for: a pipeline with a prompt, or an operation. Its other fields
// are those of the API's document.
type NewJob struct {
	Pipeline       string    `json:"pipeline,omitempty"`
	Operation      string    `json:"operation,omitempty"`
	Prompt         string    `json:"prompt,omitempty"`
	NegativePrompt string    `json:"negative_prompt,omitempty"`
	Width          int       `json:"width,omitempty"`
	Height         int       `json:"height,omitempty"`
	Images         int       `json:"images,omitempty"`
	Steps          int       `json:"steps,omitempty"`
	Model          string    `json:"model,omitempty"`
	PromptMagic    string    `json:"prompt_magic,omitempty"`
	Seed           *int64    `json:"seed,omitempty"`
	Quote          string    `json:"quote,omitempty"`
	Source         *Origin   `json:"source,omitempty"`
	Elements       []Element `json:"elements,omitempty"`
}

// Origin names a picture or an upload: one of the two.
type Origin struct {
	Picture string `json:"picture,omitempty"`
	Upload  string `json:"upload,omitempty"`
}

// Element is a style with its weight; 0 is its usual one.
type Element struct {
	ID     string  `json:"id"`
	Weight float64 `json:"weight,omitempty"`
}

// Job is a piece of work with its price and its pictures.
type Job struct {
	ID       string    `json:"id"`
	Status   string    `json:"status"`
	Prompt   string    `json:"prompt"`
	Price    int64     `json:"price"`
	Settled  int64     `json:"settled"`
	Progress int64     `json:"progress"`
	Reason   string    `json:"reason"`
	Created  time.Time `json:"created_at"`
	Pictures []Picture `json:"pictures"`
}

// Open tells whether the job waits or runs.
func (j *Job) Open() bool { return j.Status == "queued" || j.Status == "running" }

// Picture is one finished picture.
type Picture struct {
	ID     string `json:"id"`
	JobID  string `json:"job_id"`
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Seed   int64  `json:"seed"`
	Prompt string `json:"prompt"`
}

// Quote is a price that binds until it expires.
type Quote struct {
	ID      string    `json:"id"`
	Tokens  int64     `json:"tokens"`
	Lane    string    `json:"lane"`
	Covered bool      `json:"covered"`
	Balance int64     `json:"balance"`
	Missing int64     `json:"missing"`
	Expires time.Time `json:"expires_at"`
	Catalog string    `json:"catalog"`
}

// Quote prices a request: for the key's owner where account is "", else for that account.
func (c *Client) Quote(ctx context.Context, account string, r Request) (q Quote, err error) {
	path := "/quotes"
	if account != "" {
		path += "?account=" + url.QueryEscape(account)
	}
	err = c.write(ctx, path, r, &q, nil)
	return q, err
}

// CreateJob holds the price and queues a job.
func (c *Client) CreateJob(ctx context.Context, n NewJob, options ...Option) (j Job, err error) {
	err = c.write(ctx, "/jobs", n, &j, options)
	return j, err
}

// Job tells how a job stands.
func (c *Client) Job(ctx context.Context, id string) (j Job, err error) {
	err = c.read(ctx, job(id, ""), nil, &j)
	return j, err
}

func job(id, rest string) string { return "/jobs/" + url.PathEscape(id) + rest }

// Jobs gives up to limit jobs, newest first, from a cursor ("" for the first), and the
// cursor of the next page, "" after the last.
func (c *Client) Jobs(ctx context.Context, cursor string, limit int) (jobs []Job, next string, err error) {
	var page struct {
		Jobs []Job  `json:"jobs"`
		Next string `json:"next_cursor"`
	}
	err = c.read(ctx, "/jobs", pageOf(cursor, limit), &page)
	return page.Jobs, page.Next, err
}

// CancelJob cancels a job; only pictures that were made are charged.
func (c *Client) CancelJob(ctx context.Context, id string) (j Job, err error) {
	err = c.write(ctx, job(id, "/cancel"), nil, &j, nil)
	return j, err
}

// QuoteRetry prices what RetryJob would ask for.
func (c *Client) QuoteRetry(ctx context.Context, id string) (q Quote, err error) {
	err = c.read(ctx, job(id, "/retry"), nil, &q)
	return q, err
}

// RetryJob asks again for what a failed or cancelled job did not make, at the price of now.
func (c *Client) RetryJob(ctx context.Context, id string, options ...Option) (j Job, err error) {
	return c.RetryJobAt(ctx, id, "", options...)
}

// RetryJobAt is RetryJob at the price of a quote that QuoteRetry gave.
func (c *Client) RetryJobAt(ctx context.Context, id, quote string, options ...Option) (j Job, err error) {
	var body any
	if quote != "" {
		body = map[string]string{"quote": quote}
	}
	err = c.write(ctx, job(id, "/retry"), body, &j, options)
	return j, err
}

// DeleteJob removes a job that has ended, with its pictures.
func (c *Client) DeleteJob(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, job(id, ""), newKey(), nil, nil)
}

// Wait asks until a job has ended or the context has.
func (c *Client) Wait(ctx context.Context, id string) (Job, error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		j, err := c.Job(ctx, id)
		if err != nil || !j.Open() {
			return j, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return j, ctx.Err()
		}
	}
}

// Pictures gives up to limit pictures, newest first, and the cursor of the next page.
func (c *Client) Pictures(ctx context.Context, cursor string, limit int) (pictures []Picture, next string, err error) {
	var page struct {
		Pictures []Picture `json:"pictures"`
		Next     string    `json:"next_cursor"`
	}
	err = c.read(ctx, "/pictures", pageOf(cursor, limit), &page)
	return page.Pictures, page.Next, err
}

// Accounts gives up to limit accounts that other software opened, by external id, and the
// cursor of the next page. It takes a service key.
func (c *Client) Accounts(ctx context.Context, cursor string, limit int) (accounts []Account, next string, err error) {
	var page struct {
		Accounts []Account `json:"accounts"`
		Next     string    `json:"next_cursor"`
	}
	err = c.read(ctx, "/accounts", pageOf(cursor, limit), &page)
	return page.Accounts, page.Next, err
}

func pageOf(cursor string, limit int) url.Values {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	return query
}

// Download writes a picture's PNG to w.
func (c *Client) Download(ctx context.Context, p Picture, w io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+p.URL, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	answer, err := c.doer().Do(r)
	if err != nil {
		return fmt.Errorf("florin: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return problemOf(answer.StatusCode, io.LimitReader(answer.Body, 1<<20))
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		return fmt.Errorf("florin: the picture did not arrive whole: %w", err)
	}
	return nil
}
