package client

import (
	"errors"
	"fmt"
	"time"
)

// Reason is why a request was refused: one of the refusals of the token rules, or a
// fault of the request itself. The words are stable.
type Reason string

// The reasons that callers of the token API tell apart.
const (
	InsufficientTokens  Reason = "insufficient_tokens"
	NotAllowedRelaxed   Reason = "not_allowed_relaxed"
	PlanRequired        Reason = "plan_required"
	AccountSuspended    Reason = "account_suspended"
	UnknownAccount      Reason = "unknown_account"
	UnknownHold         Reason = "unknown_hold"
	HoldClosed          Reason = "hold_closed"
	ExceedsHold         Reason = "exceeds_hold"
	ExceedsCharge       Reason = "exceeds_charge"
	IdempotencyConflict Reason = "idempotency_conflict"
	UnknownPlan         Reason = "unknown_plan"
	UnknownZone         Reason = "unknown_zone"
	SamePlan            Reason = "same_plan"
	NothingScheduled    Reason = "nothing_scheduled"
	InvalidAmount       Reason = "invalid_amount"
	Overflow            Reason = "overflow"
	NotApplicable       Reason = "not_applicable"

	// KeyBudget is the budget of the key itself, whatever the account has.
	KeyBudget     Reason = "key_budget"
	ScopeRequired Reason = "scope_required"
	RateLimit     Reason = "rate_limit"
	Unauthorized  Reason = "unauthorized"
	KeyExpired    Reason = "key_expired"
	Forbidden     Reason = "forbidden"
	NotFound      Reason = "not_found"
	BadRequest    Reason = "bad_request"
	Busy          Reason = "busy"
)

// Error is a refusal with the figures that explain it (RFC 9457).
type Error struct {
	Status int    `json:"status"`
	Reason Reason `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// Price, Balance and Missing are in tokens.
	Price   int64 `json:"price"`
	Balance int64 `json:"balance"`
	Missing int64 `json:"missing"`
	// Next are the tokens that come next by themselves, if any do.
	Next *Coming `json:"next"`
	// Field is what differs from the first time, for an idempotency conflict.
	Field string `json:"field"`
	Limit int64  `json:"limit"`
	// Errors name the faults of the input.
	Errors []Fault `json:"errors"`
}

// Fault is what is wrong with one place of the input.
type Fault struct {
	Location string `json:"location"`
	Message  string `json:"message"`
	Value    any    `json:"value"`
}

// Coming is tokens that come by themselves.
type Coming struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	Tokens int64     `json:"tokens"`
}

// Error says the refusal in a sentence.
func (e *Error) Error() string {
	said := e.Detail
	if said == "" {
		said = e.Title
	}
	return fmt.Sprintf("florin: %s (%d): %s", e.Reason, e.Status, said)
}

// Is tells whether an error is a refusal with this reason.
func Is(err error, reason Reason) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == reason
}
