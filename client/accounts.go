package client

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// External names an account by your own id for it, wherever an account's id is asked for.
func External(id string) string { return "external:" + id }

// NewAccount is what an account is opened with; Plan and Zone may be empty.
type NewAccount struct {
	ExternalID string `json:"external_id"`
	Plan       string `json:"plan,omitempty"`
	Zone       string `json:"zone,omitempty"`
}

// Account is a token account.
type Account struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	Plan       struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"plan"`
	Scheduled string     `json:"scheduled"`
	Zone      string     `json:"zone"`
	Opened    time.Time  `json:"opened_at"`
	CycleEnds *time.Time `json:"cycle_ends"`
	NextReset time.Time  `json:"next_reset"`
}

// Balance is how an account stands, in tokens.
type Balance struct {
	Balance int64 `json:"balance"`
	// Held is set aside; Frozen is owned but can't be spent on the present plan.
	Held      int64     `json:"held"`
	Frozen    int64     `json:"frozen"`
	Displayed int64     `json:"displayed"`
	Owed      int64     `json:"owed"`
	Plan      string    `json:"plan"`
	NextReset time.Time `json:"next_reset"`
	Next      *Coming   `json:"next"`
	Grants    []Grant   `json:"grants"`
}

// Grant is an amount with its own expiry.
type Grant struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"`
	Amount    int64      `json:"amount"`
	Remaining int64      `json:"remaining"`
	Starts    time.Time  `json:"starts_at"`
	Expires   *time.Time `json:"expires_at"`
}

// Entry is a line of a journal; Raw has all of it.
type Entry struct {
	Seq     int64
	At      time.Time
	Kind    string
	Key     string
	Balance int64
	Hash    string
	Raw     json.RawMessage
}

// UnmarshalJSON keeps the whole line beside the fields that are named.
func (e *Entry) UnmarshalJSON(raw []byte) error {
	var named struct {
		Seq     int64     `json:"seq"`
		At      time.Time `json:"at"`
		Kind    string    `json:"kind"`
		Key     string    `json:"key"`
		Balance int64     `json:"balance"`
		Hash    string    `json:"hash"`
	}
	err := json.Unmarshal(raw, &named)
	*e = Entry{named.Seq, named.At, named.Kind, named.Key, named.Balance, named.Hash, append(json.RawMessage{}, raw...)}
	return err
}

func account(id, rest string) string { return "/accounts/" + url.PathEscape(id) + rest }

// OpenAccount opens an account, or gives the one that is open already.
func (c *Client) OpenAccount(ctx context.Context, n NewAccount) (a Account, err error) {
	err = c.write(ctx, "/accounts", n, &a, nil)
	return a, err
}

// Account tells of an account, by its id or by External.
func (c *Client) Account(ctx context.Context, id string) (a Account, err error) {
	err = c.read(ctx, account(id, ""), nil, &a)
	return a, err
}

// Balance tells how an account stands: now for the zero time, else as it was or will be.
func (c *Client) Balance(ctx context.Context, id string, at time.Time) (b Balance, err error) {
	query := url.Values{}
	if !at.IsZero() {
		query.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	err = c.read(ctx, account(id, "/balance"), query, &b)
	return b, err
}

// Journal gives up to limit entries after a cursor ("" for the first), and the cursor of
// the next page, "" after the last.
func (c *Client) Journal(ctx context.Context, id, cursor string, limit int) (entries []Entry, next string, err error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var page struct {
		Entries []Entry `json:"entries"`
		Next    string  `json:"next_cursor"`
	}
	err = c.read(ctx, account(id, "/journal"), query, &page)
	return page.Entries, page.Next, err
}

// Use is one day's tokens for one feature.
type Use struct {
	Day      string `json:"day"`
	Feature  string `json:"feature"`
	Charges  int64  `json:"charges"`
	Tokens   int64  `json:"tokens"`
	Refunded int64  `json:"refunded"`
}

// Usage tells what an account's tokens went for; zero times stand for the last 30 days.
func (c *Client) Usage(ctx context.Context, id string, from, until time.Time) ([]Use, error) {
	query := url.Values{}
	for name, at := range map[string]time.Time{"from": from, "until": until} {
		if !at.IsZero() {
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	var out struct {
		Uses []Use `json:"uses"`
	}
	err := c.read(ctx, account(id, "/usage"), query, &out)
	return out.Uses, err
}
