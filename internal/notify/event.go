package notify

import (
	"encoding/json"
	"slices"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Type is what an event is about.
type Type string

// The types of events. Test is never asked for: it is sent on request.
const (
	GenerationComplete  Type = "generation.complete"
	GenerationFailed    Type = "generation.failed"
	GenerationCancelled Type = "generation.cancelled"
	BalanceBelow        Type = "balance.below"
	GrantExpiring       Type = "grant.expiring"
	PlanChanged         Type = "plan.changed"
	PaymentReceived     Type = "payment.received"
	PaymentDisputed     Type = "payment.disputed"
	PaymentDisputeWon   Type = "payment.dispute_won"
	PaymentDisputeLost  Type = "payment.dispute_lost"
	Test                Type = "webhook.test"
)

// Types lists what an endpoint may ask for.
var Types = []Type{
	GenerationComplete, GenerationFailed, GenerationCancelled, BalanceBelow, GrantExpiring, PlanChanged,
	PaymentReceived, PaymentDisputed, PaymentDisputeWon, PaymentDisputeLost,
}

// ofGenerations are the types that a job's end has.
var ofGenerations = []Type{GenerationComplete, GenerationFailed, GenerationCancelled}

// ofTokens tells whether the journal, and not a job, is where a type comes from.
func ofTokens(t Type) bool { return !slices.Contains(ofGenerations, t) }

// Callback is how the log names what a key's endpoint gets.
const callbackType Type = "generation.callback"

// event is something that happened to an account.
type event struct {
	kind Type
	at   calendar.Instant
	data any
}

// About is whom an event is about.
type About struct {
	Account string `json:"account"`
	// External is what the software that opened the account calls it.
	External string `json:"external_id,omitempty"`
}

// Generation is the data of generation.complete, generation.failed and generation.cancelled.
type Generation struct {
	About
	Job       string `json:"job"`
	Status    string `json:"status"`
	Operation string `json:"operation,omitempty"`
	Pipeline  string `json:"pipeline,omitempty"`
	Lane      string `json:"lane"`
	// Images were asked for; Pictures are the ids of those that were made.
	Images   int      `json:"images"`
	Pictures []string `json:"pictures"`
	// Price was held, Settled charged, in tokens.
	Price    int64            `json:"price"`
	Settled  int64            `json:"settled"`
	Reason   string           `json:"reason,omitempty"`
	Created  calendar.Instant `json:"created_at"`
	Finished calendar.Instant `json:"finished_at"`
}

// Below is the data of balance.below.
type Below struct {
	About
	Balance   int64 `json:"balance"`
	Threshold int64 `json:"threshold"`
	// Seq is the number of the journal's entry that took it there.
	Seq int64 `json:"seq"`
}

// Expiring is the data of grant.expiring.
type Expiring struct {
	About
	Grant   string           `json:"grant"`
	Kind    token.Kind       `json:"kind"`
	Tokens  int64            `json:"tokens"`
	Expires calendar.Instant `json:"expires_at"`
}

// Plan is the data of plan.changed.
type Plan struct {
	About
	Plan     string `json:"plan"`
	Previous string `json:"previous"`
	Balance  int64  `json:"balance"`
	Seq      int64  `json:"seq"`
}

// Payment is the data of payment.received: a top-up was credited.
type Payment struct {
	About
	Grant   string `json:"grant"`
	Tokens  int64  `json:"tokens"`
	Source  string `json:"source,omitempty"`
	Balance int64  `json:"balance"`
	Seq     int64  `json:"seq"`
}

// Disputed is the data of payment.disputed, payment.dispute_won and payment.dispute_lost.
type Disputed struct {
	About
	Grant string `json:"grant"`
	// Tokens were frozen, thawed or removed.
	Tokens int64 `json:"tokens"`
	// Owed is what the account owes after it (T29).
	Owed    int64 `json:"owed"`
	Balance int64 `json:"balance"`
	Seq     int64 `json:"seq"`
}

// body is an event as it is sent.
func (e event) body() ([]byte, error) {
	return json.Marshal(struct {
		Type      Type             `json:"type"`
		Timestamp calendar.Instant `json:"timestamp"`
		Data      any              `json:"data"`
	}{e.kind, e.at, e.data})
}
