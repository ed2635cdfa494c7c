// Package client calls a Florin from Go: its token API, with which other software holds,
// charges and grants tokens for its own users, and the studio of whoever a key belongs to.
//
// It promises that every write carries an idempotency key, so that what is repeated after
// a lost answer happens once; that answers of 429 and 503 are waited out as Retry-After
// says, within the context and a number of tries; and that every refusal is an *Error
// with the reason and the figures that explain it. It keeps nothing, and decides nothing
// about balances.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Client calls one Florin with one key. The zero values of its settings are fine. It is
// safe for concurrent use.
type Client struct {
	// URL is where Florin is, such as https://studio.example.org.
	URL string
	// Key is a service key for the token API, made by an administrator with: florin key
	// create --service NAME; or a person's, for their studio.
	Key string
	// HTTP sends the requests; nil for one that keeps connections for 64 callers.
	HTTP *http.Client
	// Tries bounds how often a request is sent; 0 for 4.
	Tries int
}

// usual keeps more connections than net/http's own default of two.
var usual = func() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return &http.Client{Transport: t}
}()

// New gives a client of a Florin.
func New(address, key string) *Client { return &Client{URL: address, Key: key} }

// Option is a setting of one call.
type Option func(*settings)

type settings struct{ key string }

// Key gives a write its idempotency key: 1 to 128 visible ASCII characters, the same for
// the same thing, such as an order's number. Without it one is made for the call.
func Key(key string) Option { return func(s *settings) { s.key = key } }

// newKey makes a key for one call and its repeats.
func newKey() string { return rand.Text() }

// write sends a command with an idempotency key.
func (c *Client) write(ctx context.Context, path string, in, out any, options []Option) error {
	s := settings{}
	for _, o := range options {
		o(&s)
	}
	if s.key == "" {
		s.key = newKey()
	}
	return c.call(ctx, http.MethodPost, path, s.key, in, out)
}

func (c *Client) read(ctx context.Context, path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.call(ctx, http.MethodGet, path, "", nil, out)
}

// file is a body that is sent as it is; any other is sent as JSON.
type file []byte

// call sends a request until it has an answer that repeating would not change.
func (c *Client) call(ctx context.Context, method, path, key string, in, out any) error {
	var body []byte
	kind := "application/json"
	switch in := in.(type) {
	case nil:
	case file:
		body, kind = in, "application/octet-stream"
	default:
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	tries := c.Tries
	if tries <= 0 {
		tries = 4
	}
	for try := 1; ; try++ {
		wait, err := c.once(ctx, method, path, key, kind, body, out)
		if err == nil || wait < 0 || try >= tries {
			return err
		}
		timer := time.NewTimer(max(wait, time.Duration(try*try)*50*time.Millisecond))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// passing are the answers after which the same request may succeed.
var passing = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout}

// inProgress is what a repeat is told while the first request is still being worked on.
const inProgress Reason = "in_progress"

func (c *Client) doer() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return usual
}

// problemOf reads a refusal.
func problemOf(status int, body io.Reader) *Error {
	problem := &Error{Status: status, Reason: Reason(strconv.Itoa(status))}
	_ = json.NewDecoder(body).Decode(problem)
	return problem
}

// never says that repeating would change nothing.
const never = -1

// once sends a request. The duration is how long to wait before the next try, or never.
func (c *Client) once(ctx context.Context, method, path, key, kind string, body []byte, out any) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return never, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := c.doer().Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return never, err
		}
		return 0, fmt.Errorf("florin: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	if err != nil {
		return 0, fmt.Errorf("florin: the answer did not arrive whole: %w", err)
	}
	if answer.StatusCode < 300 {
		if out == nil {
			return never, nil
		}
		return never, json.Unmarshal(raw, out)
	}
	problem := problemOf(answer.StatusCode, bytes.NewReader(raw))
	switch {
	case problem.Reason == inProgress, slices.Contains(passing, answer.StatusCode):
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, problem
	}
	return never, problem
}
