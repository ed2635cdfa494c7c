package token

import (
	"slices"

	"github.com/florin-studio/florin/token/calendar"
)

// Instant is a moment in Unix milliseconds, UTC. Zero stands for "none" or "never".
type Instant = calendar.Instant

// Rules are what an operator decides: plans, spending order, gifts, codes. They come
// from a checked catalog and are never changed while in use, so that one value can
// serve any number of accounts at once.
type Rules struct {
	// Version names the catalog these rules come from; every entry records it (T25).
	Version string
	// Zone is the IANA name for accounts that name none (T5).
	Zone string
	// Reset is the local time of the daily reset (T5), default 00:00.
	Reset calendar.Clock
	// Order breaks ties between grants of equal expiry (T8). Kinds that are missing come last.
	Order []Kind
	// Plans in rising order: a change to a later plan is an upgrade (T23), to an earlier one a downgrade (T24).
	Plans []Plan
	// Default is the plan of new people and of those who cancel (T24).
	Default string
	// Packs are top-ups on offer; refusals name those that would cover a price (T16).
	Packs []Pack
	// Promos are redeemable codes (T26).
	Promos []Promo
	// UpgradeFull grants the whole new allowance on an upgrade instead of the difference (T23).
	UpgradeFull bool
	// Gifts says whether and how tokens may be given away (T27).
	Gifts Gifts
	// Owed says what tokens owed after a lost dispute do (T29).
	Owed OwedAction
}

// Every is how often an allowance comes.
type Every string

// The two rhythms of an allowance (T9, T10).
const (
	Day   Every = "day"
	Month Every = "month"
)

// Plan is what a subscription gives.
type Plan struct {
	ID   string
	Name string
	// Allowance is granted every Day (T9) or every Month of the account's own cycle (T10).
	Allowance int64
	Every     Every
	// DailyFloor raises the balance to this at each daily reset; 0 switches it off (T11).
	DailyFloor int64
	// RolloverCap is the most that unspent plan tokens may add up to in the bank; 0 switches it off (T10).
	RolloverCap int64
	// Topups says whether top-up grants can be spent on this plan (T12).
	Topups bool
	// Relaxed lets jobs run slowly for nothing when the balance does not cover them (T20).
	Relaxed bool
}

// Pack is a top-up on offer.
type Pack struct {
	ID     string
	Tokens int64
}

// Promo is a code that gives a bonus grant or a discount (T26).
type Promo struct {
	Code string
	// Tokens of the bonus grant; 0 for a pure discount.
	Tokens int64
	// ExpiresAfter bounds the bonus in milliseconds from redeeming; 0 means never.
	ExpiresAfter int64
	// Discount on the next top-up, in percent, 0 to 100.
	Discount int
	// From and Until are the window of redeeming, each 0 for open.
	From, Until Instant
	// Limit is how many accounts may redeem it in all; 0 means any number.
	Limit int64
	// Plans that may redeem it; empty means all.
	Plans []string
	// NewWithin restricts it to accounts opened at most so many milliseconds ago; 0 means any.
	NewWithin int64
}

// Gifts are the terms of giving tokens to another account (T27).
type Gifts struct {
	Enabled bool
	// Kinds that may be given, default topup.
	Kinds []Kind
	// DailyLimit bounds what one account gives between two daily resets; 0 means no limit.
	DailyLimit int64
}

// OwedAction is what tokens owed do (T29).
type OwedAction string

// What may happen with tokens owed after a lost dispute (T29). Under Suspend holds
// are refused until the debt is repaid; a top-up repays it first, as under Repay.
const (
	OwedIgnore  OwedAction = "ignore"
	OwedRepay   OwedAction = "repay_from_next_topup"
	OwedSuspend OwedAction = "suspend"
)

// Plan finds a plan by id.
func (r *Rules) Plan(id string) (Plan, bool) {
	if i := r.rank(id); i >= 0 {
		return r.Plans[i], true
	}
	return Plan{}, false
}

// repays tells whether a top-up pays what is owed before anything else (T29).
func (r *Rules) repays() bool { return r.Owed == OwedRepay || r.Owed == OwedSuspend }

func (r *Rules) rank(id string) int {
	return slices.IndexFunc(r.Plans, func(p Plan) bool { return p.ID == id })
}

func (r *Rules) promo(code string) (Promo, bool) {
	for _, p := range r.Promos {
		if p.Code == code {
			return p, true
		}
	}
	return Promo{}, false
}

// kindRank gives a kind's place in the spending order (T8).
func (r *Rules) kindRank(k Kind) int {
	order := r.Order
	if len(order) == 0 {
		order = DefaultOrder
	}
	if i := slices.Index(order, k); i >= 0 {
		return i
	}
	return len(order) + slices.Index(DefaultOrder, k)
}
