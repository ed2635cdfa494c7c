package token

import "slices"

// Kind says where a grant comes from (T7).
type Kind string

// The kinds of grants (T7).
const (
	Daily      Kind = "daily"
	PlanKind   Kind = "plan"
	Bonus      Kind = "bonus"
	Gift       Kind = "gift"
	RefundKind Kind = "refund"
	Rollover   Kind = "rollover"
	Adjustment Kind = "adjustment"
	Topup      Kind = "topup"
)

// DefaultOrder is the order in which grants of equal expiry are spent (T8).
var DefaultOrder = []Kind{Daily, PlanKind, Bonus, Gift, RefundKind, Rollover, Adjustment, Topup}

// Known tells whether k is one of the eight kinds.
func (k Kind) Known() bool { return slices.Contains(DefaultOrder, k) }

// Lane is how a job runs: paid and fast, or free and slow (T20).
type Lane string

// The two lanes.
const (
	Fast    Lane = "fast"
	Relaxed Lane = "relaxed"
)

// Account is the state of one account: a cache of its journal (T31). It is a value;
// copies share nothing that is ever changed in place.
type Account struct {
	ID string `json:"id"`
	// At is the account's time: everything up to and including it has been rolled (T2, T3).
	At Instant `json:"at"`
	// Seq is the number of the last entry, counted from 1 without gaps (T30).
	Seq int64 `json:"seq"`
	// Hash is the last entry's hash, in hexadecimal (T30).
	Hash   string   `json:"hash"`
	Facts  Facts    `json:"facts"`
	Grants []Grant  `json:"grants,omitempty"`
	Holds  []Hold   `json:"holds,omitempty"`
	Codes  []string `json:"codes,omitempty"`
}

// Facts are the parts of an account that are not amounts in grants. Instants of zero mean "none".
type Facts struct {
	Plan string `json:"plan"`
	Zone string `json:"zone"`
	// Opened is when the account was opened.
	Opened Instant `json:"opened"`
	// ResetAt is the last daily reset, or the start of the plan if none came since (T5).
	ResetAt Instant `json:"reset_at"`
	// NextReset is the coming daily reset (T5).
	NextReset Instant `json:"next_reset"`
	// CycleAnchor, CycleIndex and CycleEnds describe the running billing cycle (T6);
	// zero on plans without one.
	CycleAnchor Instant `json:"cycle_anchor,omitempty"`
	CycleIndex  int     `json:"cycle_index,omitempty"`
	CycleEnds   Instant `json:"cycle_ends,omitempty"`
	// Scheduled is the plan that starts when the cycle ends (T24).
	Scheduled string `json:"scheduled,omitempty"`
	// RelaxedUsed is what relaxed jobs would have cost since the last reset (T21).
	RelaxedUsed int64 `json:"relaxed_used,omitempty"`
	// Owed is what was spent of purchases whose money was taken back (T29).
	Owed int64 `json:"owed,omitempty"`
	// Gifted is what was given away since the last daily reset (T27).
	Gifted int64 `json:"gifted,omitempty"`
	// Discount on the next top-up in percent, and the code that gave it (T26).
	Discount     int    `json:"discount,omitempty"`
	DiscountCode string `json:"discount_code,omitempty"`
}

// Grant is an amount of tokens with a life of its own (T7).
type Grant struct {
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Amount is what was ever issued into the grant; Remaining is what is available of it.
	Amount    int64 `json:"amount"`
	Remaining int64 `json:"remaining"`
	// Frozen is what a dispute keeps from being spent (T29).
	Frozen int64 `json:"frozen,omitempty"`
	// Gone is what expired or was removed of it: neither spent nor to be owed (T29).
	Gone   int64   `json:"gone,omitempty"`
	Starts Instant `json:"starts"`
	// Expires is the first instant at which the grant is over; 0 means never.
	Expires Instant `json:"expires,omitempty"`
	// Source is what caused the grant, for people.
	Source string `json:"source,omitempty"`
	// GiftableFrom bars a received gift from being given on (T27).
	GiftableFrom Instant `json:"giftable_from,omitempty"`
	// Dispute is "opened" or "lost" while money for this grant is in question (T29).
	Dispute DisputeState `json:"dispute,omitempty"`
}

// Hold is a price set aside for a job (T14).
type Hold struct {
	ID string  `json:"id"`
	At Instant `json:"at"`
	// Tokens is the price; a relaxed hold has a price but no parts (T20).
	Tokens int64  `json:"tokens"`
	Lane   Lane   `json:"lane"`
	Parts  []Part `json:"parts,omitempty"`
	// Expires is when the hold is released by itself; 0 means never (T14).
	Expires Instant `json:"expires,omitempty"`
	// Feature is what the tokens will be spent for.
	Feature string `json:"feature,omitempty"`
	// Counted is this hold's share of RelaxedUsed (T21).
	Counted int64 `json:"counted,omitempty"`
}

// Part is what a hold took from one grant; a hold's parts stand in the order taken.
type Part struct {
	Grant  string `json:"grant"`
	Tokens int64  `json:"tokens"`
}

// Grant finds a grant by id.
func (a *Account) Grant(id string) (Grant, bool) {
	if i := a.grantIndex(id); i >= 0 {
		return a.Grants[i], true
	}
	return Grant{}, false
}

// Hold finds an open hold by id.
func (a *Account) Hold(id string) (Hold, bool) {
	if i := a.holdIndex(id); i >= 0 {
		return a.Holds[i], true
	}
	return Hold{}, false
}

func (a *Account) grantIndex(id string) int {
	return slices.IndexFunc(a.Grants, func(g Grant) bool { return g.ID == id })
}

func (a *Account) holdIndex(id string) int {
	return slices.IndexFunc(a.Holds, func(h Hold) bool { return h.ID == id })
}

// clone copies what Apply may change. Parts are replaced, never written in place.
func (a Account) clone() Account {
	a.Grants = slices.Clone(a.Grants)
	a.Holds = slices.Clone(a.Holds)
	a.Codes = slices.Clip(a.Codes)
	return a
}
