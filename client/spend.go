package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Spend is what a hold or a charge takes: Tokens, or what the catalog says of a Request.
type Spend struct {
	Tokens  int64    `json:"tokens,omitempty"`
	Request *Request `json:"request,omitempty"`
	// Feature is what Tokens are for, in usage and journal.
	Feature string `json:"feature,omitempty"`
	// Relaxed takes none instead of refusing, on plans that have relaxed generation.
	Relaxed bool `json:"relaxed,omitempty"`
	// ExpiresIn releases a hold by itself after so many seconds; charges have none.
	ExpiresIn int64 `json:"expires_in,omitempty"`
}

// Request is something that the catalog has a price for.
type Request struct {
	Pipeline    string `json:"pipeline,omitempty"`
	Operation   string `json:"operation,omitempty"`
	Images      int    `json:"images,omitempty"`
	Width       int    `json:"width,omitempty"`
	Height      int    `json:"height,omitempty"`
	Steps       int    `json:"steps,omitempty"`
	References  int    `json:"references,omitempty"`
	Elements    int    `json:"elements,omitempty"`
	PromptMagic string `json:"prompt_magic,omitempty"`
	Model       string `json:"model,omitempty"`
	Private     bool   `json:"private,omitempty"`
}

// Receipt is what the journal says of a command.
type Receipt struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Key     string    `json:"key"`
	Catalog string    `json:"catalog"`
	Hash    string    `json:"hash"`
}

// Hold is tokens set aside.
type Hold struct {
	ID      string     `json:"id"`
	Tokens  int64      `json:"tokens"`
	Lane    string     `json:"lane"`
	Expires *time.Time `json:"expires_at"`
}

// Held is a hold with the balance after it.
type Held struct {
	Hold    Hold    `json:"hold"`
	Balance int64   `json:"balance"`
	Receipt Receipt `json:"receipt"`
}

// Ended is what became of a hold.
type Ended struct {
	Hold struct {
		ID       string `json:"id"`
		Settled  int64  `json:"settled"`
		Returned int64  `json:"returned"`
		Expired  int64  `json:"expired"`
	} `json:"hold"`
	Balance int64   `json:"balance"`
	Receipt Receipt `json:"receipt"`
}

// Charged is a charge with the balance after it.
type Charged struct {
	Charge struct {
		ID     string `json:"id"`
		Tokens int64  `json:"tokens"`
		Lane   string `json:"lane"`
	} `json:"charge"`
	Balance int64   `json:"balance"`
	Receipt Receipt `json:"receipt"`
}

// Hold sets tokens aside until they are settled or released.
func (c *Client) Hold(ctx context.Context, id string, s Spend, options ...Option) (h Held, err error) {
	err = c.write(ctx, account(id, "/holds"), s, &h, options)
	return h, err
}

// Settle charges the used part of a hold and gives the rest back.
func (c *Client) Settle(ctx context.Context, id, hold string, used int64) (e Ended, err error) {
	err = c.write(ctx, account(id, "/holds/"+url.PathEscape(hold)+"/settle"), map[string]int64{"tokens": used}, &e, nil)
	return e, err
}

// Release gives all of a hold back.
func (c *Client) Release(ctx context.Context, id, hold string) (e Ended, err error) {
	err = c.write(ctx, account(id, "/holds/"+url.PathEscape(hold)+"/release"), nil, &e, nil)
	return e, err
}

// Charge takes tokens at once.
func (c *Client) Charge(ctx context.Context, id string, s Spend, options ...Option) (out Charged, err error) {
	err = c.write(ctx, account(id, "/charges"), s, &out, options)
	return out, err
}

// BatchCharge is one of many charges; its Key makes a repeat harmless.
type BatchCharge struct {
	Account string `json:"account"`
	Key     string `json:"key,omitempty"`
	Spend
}

// Outcome is what became of one of many charges: Problem is nil where it was taken.
type Outcome struct {
	Status   int    `json:"status"`
	Replayed bool   `json:"replayed"`
	Problem  *Error `json:"problem"`
	Charged
}

// ChargeBatch takes up to 1,000 charges in one request; each has its own outcome, in order.
func (c *Client) ChargeBatch(ctx context.Context, charges []BatchCharge, options ...Option) ([]Outcome, error) {
	var out struct {
		Results []Outcome `json:"results"`
	}
	err := c.write(ctx, "/charges:batch", map[string]any{"charges": charges}, &out, options)
	return out.Results, err
}

// Refund gives back part of a charge or of a settled hold.
func (c *Client) Refund(ctx context.Context, id, charge string, tokens int64, reason string, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/refunds"), map[string]any{"charge": charge, "tokens": tokens, "reason": reason}, options)
}

// NewGrant is tokens to give; the zero Kind is a bonus, the zero Expires never.
type NewGrant struct {
	Tokens  int64     `json:"tokens"`
	Kind    string    `json:"kind,omitempty"`
	Expires time.Time `json:"expires_at,omitzero"`
	Source  string    `json:"source,omitempty"`
}

// Grant gives tokens.
func (c *Client) Grant(ctx context.Context, id string, g NewGrant, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/grants"), g, options)
}

// Adjust corrects a balance; the key needs the scope "admin".
func (c *Client) Adjust(ctx context.Context, id string, tokens int64, reason, operator string, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/adjustments"), map[string]any{"tokens": tokens, "reason": reason, "operator": operator}, options)
}

// AdjustmentPreview is what an adjustment would do.
type AdjustmentPreview struct {
	Balance int64 `json:"balance"`
	After   int64 `json:"balance_after"`
	Changes []struct {
		// Grant is empty for a new one, which does not have its id yet.
		Grant   string     `json:"grant"`
		Kind    string     `json:"kind"`
		Tokens  int64      `json:"tokens"`
		Expires *time.Time `json:"expires_at"`
	} `json:"changes"`
}

// PreviewAdjust tells what Adjust would do now, or why it would be refused, and writes nothing.
func (c *Client) PreviewAdjust(ctx context.Context, id string, tokens int64, reason, operator string) (p AdjustmentPreview, err error) {
	in := map[string]any{"tokens": tokens, "reason": reason, "operator": operator, "preview": true}
	err = c.call(ctx, http.MethodPost, account(id, "/adjustments"), "", in, &p)
	return p, err
}

// ChangePlan moves to another plan: up at once, down at the cycle's end.
func (c *Client) ChangePlan(ctx context.Context, id, to string, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/plan"), map[string]any{"to": to}, options)
}

// CancelPlan moves to the default plan at the cycle's end.
func (c *Client) CancelPlan(ctx context.Context, id string, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/plan"), map[string]any{"cancel": true}, options)
}

// UndoPlanChange takes a scheduled change back.
func (c *Client) UndoPlanChange(ctx context.Context, id string, options ...Option) (balance int64, err error) {
	return c.change(ctx, account(id, "/plan"), map[string]any{"undo": true}, options)
}

func (c *Client) change(ctx context.Context, path string, in any, options []Option) (int64, error) {
	var out struct {
		Balance int64 `json:"balance"`
	}
	err := c.write(ctx, path, in, &out, options)
	return out.Balance, err
}
