package scenario

import (
	"slices"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
)

// Main is the account that steps without a name of one are about.
const Main = "main"

// Scenario is a story about one account or more.
type Scenario struct {
	Name string `yaml:"name" need:"yes" doc:"What it shows."`
	Zone string `yaml:"zone" doc:"IANA zone of its accounts; the catalog's if missing."`
	Plan string `yaml:"plan" is:"id" doc:"Plan at the first step; the catalog's default plan if missing."`
	// Catalog changes the catalog for this scenario.
	Catalog *catalog.Overlay `yaml:"catalog" doc:"What is different from the catalog that is tested."`
	Steps   []Step           `yaml:"steps" need:"yes" doc:"What happens, in this order."`
	// File and Line tell where the scenario stands.
	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Step is one thing that happens, or that is looked at. Exactly one kind is set.
type Step struct {
	At      catalog.Moment `yaml:"at" need:"yes" doc:"When."`
	Account string         `yaml:"account" default:"main" is:"key" doc:"Whose; accounts are opened when they are first named."`
	Key     string         `yaml:"key" is:"key" doc:"Idempotency key; one of its own if missing (T17)."`
	Refused Reason         `yaml:"refused" doc:"Why it must be refused."`

	Open           *Open     `yaml:"open" doc:"Open the account with a plan and zone of its own."`
	Hold           *Hold     `yaml:"hold" doc:"Hold a price for a job (T14)."`
	Charge         *Hold     `yaml:"charge" doc:"Hold and settle in one step."`
	Settle         *Settle   `yaml:"settle" doc:"Spend what a hold holds, or a part (T14)."`
	Release        *Name     `yaml:"release" doc:"Give back what a hold holds (T14)."`
	Refund         *Refund   `yaml:"refund" doc:"Give back what was charged, or a part (T18)."`
	Grant          *Grant    `yaml:"grant" doc:"Give tokens (T7)."`
	ChangePlan     *To       `yaml:"change_plan" doc:"Move to another plan (T23, T24)."`
	CancelPlan     *struct{} `yaml:"cancel_plan" doc:"Move to the default plan at the end of the cycle (T24)."`
	UndoPlanChange *struct{} `yaml:"undo_plan_change" doc:"Take a scheduled change back (T24)."`
	Adjust         *Adjust   `yaml:"adjust" doc:"An operator's correction (T28)."`
	Zone           *To       `yaml:"zone" doc:"Move to another time zone (T5)."`
	Dispute        *Dispute  `yaml:"dispute" doc:"What becomes of a purchase's money (T29)."`
	Redeem         *Redeem   `yaml:"redeem" doc:"Use a promo code (T26)."`
	Gift           *Gift     `yaml:"gift" doc:"Give tokens to another account (T27)."`
	// Catalog is the operator's change of the catalog while accounts are open (T25).
	Catalog *catalog.Overlay `yaml:"catalog" doc:"The operator changes the catalog (T25)."`
	Expect  *Expectation     `yaml:"expect" doc:"What must be true; looking changes nothing."`
	// Line tells where the step stands.
	Line int `yaml:"-"`
}

// Open opens an account.
type Open struct {
	Plan string `yaml:"plan" doc:"Its plan."`
	Zone string `yaml:"zone" doc:"Its IANA zone."`
}

// Hold is a price given in tokens, or as a request that the catalog prices.
type Hold struct {
	ID        string           `yaml:"id" need:"yes" doc:"Id of the hold."`
	Tokens    *int64           `yaml:"tokens" min:"-9223372036854775808" max:"9223372036854775807" doc:"The price."`
	Request   *catalog.Request `yaml:"request" doc:"What is asked for; the catalog prices it and looks whether the plan has it (P8)."`
	ExpiresIn catalog.Span     `yaml:"expires_in" doc:"When the hold is released by itself; holds only."`
	FastOnly  bool             `yaml:"fast_only" doc:"Whether the relaxed lane does not take it (T22)."`
}

// Settle is a hold and what was used of it.
type Settle struct {
	ID     string `yaml:"id" need:"yes" doc:"The hold's id."`
	Tokens *int64 `yaml:"tokens" min:"-9223372036854775808" max:"9223372036854775807" doc:"What was used; all if missing."`
}

// Name is a hold.
type Name struct {
	ID string `yaml:"id" need:"yes" doc:"The hold's id."`
}

// Refund is a charge and what comes back of it.
type Refund struct {
	ID     string `yaml:"id" need:"yes" doc:"The hold's or charge's id."`
	Tokens int64  `yaml:"tokens" need:"yes" min:"-9223372036854775808" max:"9223372036854775807" doc:"What comes back."`
}

// Grant is tokens given.
type Grant struct {
	ID      string         `yaml:"id" doc:"Id of the grant; one made from the key if missing."`
	Kind    string         `yaml:"kind" need:"yes" enum:"daily plan bonus gift refund rollover adjustment topup" doc:"Its kind."`
	Tokens  int64          `yaml:"tokens" need:"yes" min:"-9223372036854775808" max:"9223372036854775807" doc:"How many."`
	Starts  catalog.Moment `yaml:"starts" doc:"When it begins; now if missing."`
	Expires catalog.Moment `yaml:"expires" doc:"When it ends; the kind's own end if missing."`
}

// To is a plan or a zone to move to.
type To struct {
	To string `yaml:"to" need:"yes" doc:"Where to."`
}

// Adjust is an operator's correction.
type Adjust struct {
	Tokens int64  `yaml:"tokens" need:"yes" min:"-9223372036854775808" max:"9223372036854775807" doc:"How many; negative takes away."`
	Reason string `yaml:"reason" default:"correction" doc:"Why."`
	By     string `yaml:"by" default:"operator" doc:"Who."`
}

// Dispute is what becomes of the money that a grant was bought with.
type Dispute struct {
	Grant string `yaml:"grant" need:"yes" doc:"The grant's id."`
	State string `yaml:"state" need:"yes" enum:"opened won lost" doc:"How it stands."`
}

// Redeem is a promo code.
type Redeem struct {
	Code string `yaml:"code" need:"yes" doc:"The code."`
}

// Gift is tokens for another account.
type Gift struct {
	ID     string `yaml:"id" doc:"Id of the gift; one made from the key if missing."`
	To     string `yaml:"to" need:"yes" is:"key" doc:"The account that gets them."`
	Tokens int64  `yaml:"tokens" need:"yes" min:"-9223372036854775808" max:"9223372036854775807" doc:"How many."`
}

// Reason is why a step is refused.
type Reason struct{ token.Reason }

// Set reads one of the refusals.
func (r *Reason) Set(text string) bool {
	r.Reason = token.Reason(text)
	return slices.Contains(token.Reasons, r.Reason)
}

// String is the word itself.
func (r Reason) String() string { return string(r.Reason) }

// Allowed lists the refusals.
func (*Reason) Allowed() string {
	words := make([]string, len(token.Reasons))
	for i, r := range token.Reasons {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

// Shape is the reason in a JSON Schema.
func (*Reason) Shape() map[string]any {
	return map[string]any{"type": "string", "enum": token.Reasons}
}

// When is an instant or none, written null.
type When struct{ token.Instant }

// Set reads a date and time in RFC 3339, or null.
func (w *When) Set(text string) bool {
	if text == "null" {
		w.Instant = 0
		return true
	}
	var m catalog.Moment
	ok := m.Set(text)
	w.Instant = m.Instant
	return ok
}

// String is the instant in UTC, or null.
func (w When) String() string {
	if w.Instant == 0 {
		return "null"
	}
	return w.Instant.String()
}

// Allowed says what Set reads.
func (*When) Allowed() string { return new(catalog.Moment).Allowed() + ", or null for none" }

// Shape is the instant in a JSON Schema.
func (*When) Shape() map[string]any {
	return map[string]any{"type": []string{"string", "null"}, "format": "date-time"}
}
