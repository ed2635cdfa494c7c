package token

import (
	"fmt"
	"strings"
)

// Reason is why a command was refused. The same words are used in Go, both APIs, the
// pages, scenarios and documents.
type Reason string

// All refusals. The comment tells who decides them, where it is not this package.
const (
	InsufficientTokens  Reason = "insufficient_tokens"  // T16, with Price, Balance, Missing, Next, Plans, Packs
	PlanRequired        Reason = "plan_required"        // P8, catalog
	NotAllowedRelaxed   Reason = "not_allowed_relaxed"  // T22, figures as InsufficientTokens
	PendingLimit        Reason = "pending_limit"        // studio
	ParallelLimit       Reason = "parallel_limit"       // studio
	NotApplicable       Reason = "not_applicable"       // P7, catalog
	UnknownAccount      Reason = "unknown_account"      // ledger
	UnknownHold         Reason = "unknown_hold"         // T14
	HoldClosed          Reason = "hold_closed"          // T14, ledger and Book
	ExceedsHold         Reason = "exceeds_hold"         // T14
	ExceedsCharge       Reason = "exceeds_charge"       // T18
	UnknownGrant        Reason = "unknown_grant"        // T29
	IdempotencyConflict Reason = "idempotency_conflict" // T17, with Field
	InvalidAmount       Reason = "invalid_amount"       // T1
	Overflow            Reason = "overflow"             // T1
	UnknownPlan         Reason = "unknown_plan"         // T23
	SamePlan            Reason = "same_plan"            // T23
	NothingScheduled    Reason = "nothing_scheduled"    // T24
	UnknownZone         Reason = "unknown_zone"         // T5
	CodeUnknown         Reason = "code_unknown"         // T26
	CodeNotYet          Reason = "code_not_yet"         // T26
	CodeOver            Reason = "code_over"            // T26
	CodeUsedUp          Reason = "code_used_up"         // T26, ledger and Book
	CodeAlreadyRedeemed Reason = "code_already_redeemed"
	CodeNotForPlan      Reason = "code_not_for_plan"
	GiftNotAllowed      Reason = "gift_not_allowed" // T27
	GiftLimit           Reason = "gift_limit"       // T27
	AccountSuspended    Reason = "account_suspended"
	QuoteExpired        Reason = "quote_expired"  // P6, studio
	QuoteMismatch       Reason = "quote_mismatch" // P6, studio
)

// Reasons lists every refusal, in the order of the rules' text.
var Reasons = []Reason{
	InsufficientTokens, PlanRequired, NotAllowedRelaxed, PendingLimit, ParallelLimit, NotApplicable,
	UnknownAccount, UnknownHold, HoldClosed, ExceedsHold, ExceedsCharge, UnknownGrant, IdempotencyConflict,
	InvalidAmount, Overflow, UnknownPlan, SamePlan, NothingScheduled, UnknownZone,
	CodeUnknown, CodeNotYet, CodeOver, CodeUsedUp, CodeAlreadyRedeemed, CodeNotForPlan,
	GiftNotAllowed, GiftLimit, AccountSuspended, QuoteExpired, QuoteMismatch,
}

// Refusal is a typed no: nothing was changed. It carries the figures that explain it.
type Refusal struct {
	Reason Reason `json:"refused"`
	// Field, Value and Allowed tell what was wrong with the input, where it was the input.
	Field   string `json:"field,omitempty"`
	Value   string `json:"value,omitempty"`
	Allowed string `json:"allowed,omitempty"`
	// Price, Balance and Missing are in tokens; Missing is Price less Balance (T16).
	Price   int64 `json:"price,omitempty"`
	Balance int64 `json:"balance,omitempty"`
	Missing int64 `json:"missing,omitempty"`
	// Next tells the next tokens that come by themselves, if any do (T16).
	Next *Coming `json:"next,omitempty"`
	// Plans and Packs would cover the price (T16); for PlanRequired, Plans has the cheapest.
	Plans []string `json:"plans,omitempty"`
	Packs []string `json:"packs,omitempty"`
	// Limit is the bound that was met, where the refusal is about one.
	Limit int64 `json:"limit,omitempty"`
	// Feature is what was asked for, where the refusal is about a feature.
	Feature string `json:"feature,omitempty"`
}

// Coming is a grant that will come by itself.
type Coming struct {
	At     Instant `json:"at"`
	Kind   Kind    `json:"kind"`
	Tokens int64   `json:"tokens"`
}

// Error says the refusal in a sentence.
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(string(r.Reason))
	if r.Field != "" {
		fmt.Fprintf(&b, ": %s %q", r.Field, r.Value)
		if r.Allowed != "" {
			fmt.Fprintf(&b, " (allowed: %s)", r.Allowed)
		}
	}
	if r.Price > 0 {
		fmt.Fprintf(&b, ": costs %d, balance is %d", r.Price, r.Balance)
	}
	if r.Next != nil {
		fmt.Fprintf(&b, "; %d %s tokens come at %s", r.Next.Tokens, r.Next.Kind, r.Next.At)
	}
	return b.String()
}

// Invalid is a malformed command: a mistake of the caller's, not a state of the account.
type Invalid struct {
	Field, Value, Allowed string
}

// Error names the field, the value and what is allowed.
func (e *Invalid) Error() string {
	return fmt.Sprintf("%s: %q is not valid; allowed: %s", e.Field, e.Value, e.Allowed)
}
