package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Command is something asked of an account. Commands are plain data; [Rules.Apply]
// decides them. Tokens are whole and 1 to [Max] where nothing else is said (else
// invalid_amount, T1), ids are 1 to 200 bytes of UTF-8 without control characters, texts
// at most 4000 bytes of UTF-8 (else an [Invalid]). Each command names its refusals; with
// a memory ([Rules.Decide]) any may get idempotency_conflict for a key, or an id of its
// own, that was used for something else (T17), and from a ledger unknown_account.
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

// Open starts an account on a plan, with its first day's tokens or its first cycle (T9,
// T10). Plan and Zone may be empty for the rules' defaults. Refused with unknown_plan,
// unknown_zone, and idempotency_conflict where the account is open already.
type Open struct {
	Plan string `json:"plan,omitempty"`
	Zone string `json:"zone,omitempty"`
}

// TakeHold sets a price aside for a job (T14), or accepts the job into the relaxed lane
// (T20). Refused with insufficient_tokens (T16), not_allowed_relaxed (T22),
// account_suspended (T29), overflow where the relaxed jobs of a day add up to more than
// Max, and idempotency_conflict for an id that a hold or charge had before (T17).
type TakeHold struct {
	// ID names the hold, unique in the account's life.
	ID string `json:"id"`
	// Tokens is the price, 1 to Max.
	Tokens int64 `json:"tokens"`
	// ExpiresIn releases the hold by itself after so many milliseconds, at most 1000 years; 0 means never.
	ExpiresIn int64 `json:"expires_in,omitempty"`
	// Feature is what the tokens are for, as the catalog names it.
	Feature string `json:"feature,omitempty"`
	// FastOnly refuses the relaxed lane: features marked relaxed: false (T22).
	FastOnly bool `json:"fast_only,omitempty"`
	// Lines explain the price.
	Lines []Line `json:"lines,omitempty"`
}

// Charge is a hold and its settlement in one step (T14), refused as TakeHold is. A relaxed
// charge takes no tokens and counts into relaxed_used (T20, T21).
type Charge struct {
	ID       string `json:"id"`
	Tokens   int64  `json:"tokens"`
	Feature  string `json:"feature,omitempty"`
	FastOnly bool   `json:"fast_only,omitempty"`
	Lines    []Line `json:"lines,omitempty"`
}

// Settle spends the used part of a hold and returns the rest to the grants it came from,
// last taken first (T14, T15). Refused with unknown_hold, hold_closed, exceeds_hold.
type Settle struct {
	ID string `json:"id"`
	// Tokens used, 0 to the held price; nil means all of it.
	Tokens *int64 `json:"tokens,omitempty"`
}

// Release ends a hold and returns all of it (T14, T15, T19). Refused with unknown_hold, hold_closed.
type Release struct {
	ID string `json:"id"`
}

// Refund gives back part of what a hold or charge was settled for, last taken first: to
// the grants it was taken from, else by T15 (T18). Refused with unknown_hold, overflow,
// and exceeds_charge where all refunds would pass what was charged.
type Refund struct {
	// ID is the settled hold's or charge's.
	ID     string `json:"id"`
	Tokens int64  `json:"tokens"`
	Reason string `json:"reason,omitempty"`
	// Evidence is what the journal says of the charge; the ledger fills it in.
	Evidence *ChargeEvidence `json:"-"`
}

// ChargeEvidence tells a Refund what the journal knows (T18): what was charged for a hold, in the order taken, and what has been refunded of it.
type ChargeEvidence struct {
	Parts    []Posting
	Refunded int64
	// Lost are the grants among Parts whose dispute was lost (T29).
	Lost []string
}

// MakeGrant gives tokens (T7, T12, T13). A top-up pays first what is owed, where the
// rules say so (T29), and uses up a discount (T26). Refused with overflow, with
// invalid_amount for an end that is not after the start, and with idempotency_conflict
// for an id that a grant had before.
type MakeGrant struct {
	// ID of the grant; empty takes one from the command's key, or from the time without a key.
	ID     string `json:"id,omitempty"`
	Kind   Kind   `json:"kind"`
	Tokens int64  `json:"tokens"`
	// Starts defaults to now. Expires defaults to the kind's own end: the next reset for
	// daily, the cycle's end for plan (the next reset without a cycle), 24 h for refund, never for the others.
	Starts  Instant `json:"starts,omitempty"`
	Expires Instant `json:"expires,omitempty"`
	Source  string  `json:"source,omitempty"`
}

// ChangePlan moves to another plan: up at once (T23), down at the cycle's end, or at the
// next reset on plans without a cycle (T24). Refused with unknown_plan, same_plan, overflow.
type ChangePlan struct {
	To string `json:"to"`
}

// CancelPlan moves to the default plan at the cycle's end (T24). Refused with same_plan
// on the default plan, and where it is scheduled already.
type CancelPlan struct{}

// UndoPlanChange takes a scheduled change back (T24). Refused with nothing_scheduled.
type UndoPlanChange struct{}

// Adjust is an operator's correction (T28). Refused with insufficient_tokens where it
// would leave less than none, with overflow, and with invalid_amount for 0.
type Adjust struct {
	// Tokens is -Max to Max without 0: given as an adjustment grant, or taken in spending order (T8).
	Tokens int64 `json:"tokens"`
	// Reason and By, the operator's name, go into the journal; neither may be empty.
	Reason string `json:"reason"`
	By     string `json:"by"`
}

// SetZone changes the account's time zone: the next reset is the zone's first that is at
// least 20 hours after the last (T5), and the day's grants live until then. The running
// cycle keeps its end; the following ones are counted in the new zone (T6). Refused with
// unknown_zone.
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

// Dispute tells what became of the money a grant was bought with (T29): opened freezes
// what is left, won thaws it, lost removes it and records what was spent as owed. Refused
// with unknown_grant where there is no such grant, where there is no open dispute to win,
// and where the dispute was lost before, and with overflow where more than Max would be owed.
type Dispute struct {
	Grant string       `json:"grant"`
	State DisputeState `json:"state"`
	// Evidence is what the journal says of the grant; the ledger fills it in.
	Evidence *GrantEvidence `json:"-"`
}

// GrantEvidence tells a Dispute what the journal knows (T29).
type GrantEvidence struct {
	// Grant has the terms of a grant that the state may have forgotten.
	Grant Grant
	// Lots is what became of its tokens: in the grant itself, then in those to which they moved. It is
	// empty where the state tells that.
	Lots []Lot
}

// Lot is what became of a purchase's tokens that are or were in one grant.
type Lot struct {
	Grant string
	// Left are those that the account has, open holds included; Spent those that were spent,
	// given away or used to repay.
	Left, Spent int64
}

// Redeem uses a promo code (T26). That a code's total limit holds is the ledger's part.
// Refused with code_unknown, code_already_redeemed, code_not_yet, code_over,
// code_not_for_plan, overflow, and by the ledger with code_used_up.
type Redeem struct {
	Code string `json:"code"`
}

// SendGift gives tokens to another account, where the ledger applies a ReceiveGift in the
// same transaction (T27). Refused with gift_not_allowed, gift_limit, insufficient_tokens,
// account_suspended (T29), and overflow where more than Max would be given in a day.
type SendGift struct {
	// ID names the gift, unique among what the account ever gave.
	ID     string `json:"id"`
	To     string `json:"to"`
	Tokens int64  `json:"tokens"`
}

// ReceiveGift takes what a SendGift gave, each part with its own expiry (T27). Parts that
// have ended on the receiver's clock expire at once. Refused with overflow.
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

// DecodeCommand reads a command by name from JSON. Unknown names and malformed commands
// give an [Invalid], unknown fields and other mistakes in the JSON an error that names them.
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
