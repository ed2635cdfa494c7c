package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Command is something asked of an account. Commands are plain data; Apply decides them.
type Command interface {
	// Name is the command's name in the journal.
	Name() string
	// check finds mistakes that no state of the account could make right.
	check() error
	// apply decides the command on a draft that has been rolled to now.
	apply(d *draft) *Refusal
}

// Line is one line of a price (P1): the rule it comes from, a sentence, and its tokens.
type Line struct {
	Rule   string `json:"rule"`
	Text   string `json:"text"`
	Tokens int64  `json:"tokens"`
}

// Open starts an account on a plan (T9, T10). Plan and Zone may be empty for the rules' defaults.
type Open struct {
	Plan string `json:"plan,omitempty"`
	Zone string `json:"zone,omitempty"`
}

// TakeHold sets a price aside for a job (T14), or accepts the job into the relaxed lane (T20).
type TakeHold struct {
	// ID names the hold, unique in the account's life.
	ID string `json:"id"`
	// Tokens is the price, 1 to Max.
	Tokens int64 `json:"tokens"`
	// ExpiresIn releases the hold by itself after so many milliseconds; 0 means never.
	ExpiresIn int64 `json:"expires_in,omitempty"`
	// Feature is what the tokens are for, as the catalog names it.
	Feature string `json:"feature,omitempty"`
	// FastOnly refuses the relaxed lane: features marked relaxed: false (T22).
	FastOnly bool `json:"fast_only,omitempty"`
	// Lines explain the price.
	Lines []Line `json:"lines,omitempty"`
}

// Charge is a hold and its settlement in one step.
type Charge struct {
	ID       string `json:"id"`
	Tokens   int64  `json:"tokens"`
	Feature  string `json:"feature,omitempty"`
	FastOnly bool   `json:"fast_only,omitempty"`
	Lines    []Line `json:"lines,omitempty"`
}

// Settle spends the used part of a hold and returns the rest (T14).
type Settle struct {
	ID string `json:"id"`
	// Tokens used, 0 to the held price; nil means all of it.
	Tokens *int64 `json:"tokens,omitempty"`
}

// Release ends a hold and returns all of it (T14, T19).
type Release struct {
	ID string `json:"id"`
}

// Refund gives back part of what a hold or charge was settled for (T18).
type Refund struct {
	// ID is the settled hold's or charge's.
	ID     string `json:"id"`
	Tokens int64  `json:"tokens"`
	Reason string `json:"reason,omitempty"`
	// Evidence is what the journal says of the charge; the ledger fills it in.
	Evidence *ChargeEvidence `json:"-"`
}

// ChargeEvidence is what was charged for a hold, in the order taken, and what has been refunded of it.
type ChargeEvidence struct {
	Parts    []Posting
	Refunded int64
	// Lost are the grants among Parts whose dispute was lost (T29).
	Lost []string
}

// MakeGrant gives tokens (T7, T12, T13).
type MakeGrant struct {
	// ID of the grant; empty takes one from the command's key, or from the time without a key.
	ID     string `json:"id,omitempty"`
	Kind   Kind   `json:"kind"`
	Tokens int64  `json:"tokens"`
	// Starts defaults to now. Expires defaults to the kind's own end: the next reset for
	// daily, the cycle's end for plan, 24 h for refund, never for the others.
	Starts  Instant `json:"starts,omitempty"`
	Expires Instant `json:"expires,omitempty"`
	Source  string  `json:"source,omitempty"`
}

// ChangePlan moves to another plan: up at once (T23), down at the cycle's end (T24).
type ChangePlan struct {
	To string `json:"to"`
}

// CancelPlan moves to the default plan at the cycle's end (T24).
type CancelPlan struct{}

// UndoPlanChange takes a scheduled change back (T24).
type UndoPlanChange struct{}

// Adjust is an operator's correction, positive or negative (T28).
type Adjust struct {
	Tokens int64  `json:"tokens"`
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// SetZone changes the account's time zone (T5).
type SetZone struct {
	To string `json:"to"`
}

// DisputeState is where a dispute over a grant's money stands (T29).
type DisputeState string

// The states of a dispute. Lost may come without opened: money refunded at once.
const (
	DisputeOpened DisputeState = "opened"
	DisputeWon    DisputeState = "won"
	DisputeLost   DisputeState = "lost"
)

// Dispute tells what became of the money a grant was bought with (T29).
type Dispute struct {
	Grant string       `json:"grant"`
	State DisputeState `json:"state"`
	// Evidence is the grant as it was made, for grants that have been used up; the ledger fills it in.
	Evidence *Grant `json:"-"`
}

// Redeem uses a promo code (T26). That a code's total limit holds is the ledger's part.
type Redeem struct {
	Code string `json:"code"`
}

// SendGift gives tokens to another account, where the ledger applies a ReceiveGift in the same transaction (T27).
type SendGift struct {
	// ID names the gift, unique among what the account ever gave.
	ID     string `json:"id"`
	To     string `json:"to"`
	Tokens int64  `json:"tokens"`
}

// ReceiveGift takes what a SendGift gave, each part with its own expiry (T27).
type ReceiveGift struct {
	ID    string     `json:"id"`
	From  string     `json:"from"`
	Parts []GiftPart `json:"parts"`
}

// GiftPart is an amount with one expiry.
type GiftPart struct {
	Tokens  int64   `json:"tokens"`
	Expires Instant `json:"expires,omitempty"`
}

// Touch rolls the account forward and does nothing else (T3). Where no boundary has
// been passed the account stays as it was, its time included, and no entry is written.
type Touch struct{}

func (Open) Name() string           { return "open" }
func (TakeHold) Name() string       { return "hold" }
func (Charge) Name() string         { return "charge" }
func (Settle) Name() string         { return "settle" }
func (Release) Name() string        { return "release" }
func (Refund) Name() string         { return "refund" }
func (MakeGrant) Name() string      { return "grant" }
func (ChangePlan) Name() string     { return "change_plan" }
func (CancelPlan) Name() string     { return "cancel_plan" }
func (UndoPlanChange) Name() string { return "undo_plan_change" }
func (Adjust) Name() string         { return "adjust" }
func (SetZone) Name() string        { return "zone" }
func (Dispute) Name() string        { return "dispute" }
func (Redeem) Name() string         { return "redeem" }
func (SendGift) Name() string       { return "send_gift" }
func (ReceiveGift) Name() string    { return "receive_gift" }
func (Touch) Name() string          { return "touch" }

// decoders has one strict decoder for each command.
var decoders = map[string]func([]byte) (Command, error){
	"open": decode[Open], "hold": decode[TakeHold], "charge": decode[Charge], "settle": decode[Settle],
	"release": decode[Release], "refund": decode[Refund], "grant": decode[MakeGrant],
	"change_plan": decode[ChangePlan], "cancel_plan": decode[CancelPlan], "undo_plan_change": decode[UndoPlanChange],
	"adjust": decode[Adjust], "zone": decode[SetZone], "dispute": decode[Dispute], "redeem": decode[Redeem],
	"send_gift": decode[SendGift], "receive_gift": decode[ReceiveGift], "touch": decode[Touch],
}

func decode[C Command](raw []byte) (Command, error) {
	var c C
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value")
	}
	return c, nil
}

// DecodeCommand reads a command by name from JSON, refusing unknown names and fields.
func DecodeCommand(name string, raw []byte) (Command, error) {
	dec, ok := decoders[name]
	if !ok {
		return nil, &Invalid{Field: "command", Value: name, Allowed: "a command's name, such as hold or settle"}
	}
	c, err := dec(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, c.check()
}

// EncodeCommand is the canonical JSON of a command, by which repeats are compared (T17).
func EncodeCommand(c Command) json.RawMessage {
	b, err := json.Marshal(c)
	if err != nil {
		panic("token: a command can always be encoded: " + err.Error())
	}
	return b
}
