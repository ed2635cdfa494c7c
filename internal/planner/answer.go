package planner

import (
	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Answer is what a project comes to. Amounts are in tokens, money in hundredths.
type Answer struct {
	Project  string        `json:"project"`
	At       token.Instant `json:"at"`
	By       token.Instant `json:"by,omitempty"`
	Zone     string        `json:"zone"`
	Catalog  string        `json:"catalog"`
	Pictures int           `json:"pictures"`
	// Asked is the price of every picture in a job of its own at the usual prices; Batched
	// that of the same pictures in the best jobs; Best that at the lowest prices as well
	// that come while the plans below run.
	Asked   Total    `json:"asked"`
	Batched Total    `json:"batched"`
	Best    Total    `json:"best"`
	Savings []Saving `json:"savings"`
	// Here is the account as it is; Plans and Packs are what switching or buying now
	// would make of it.
	Here  Outcome   `json:"here"`
	Plans []Outcome `json:"plans"`
	Packs []Outcome `json:"packs"`
	// Advice is what to do.
	Advice Advice `json:"advice"`
}

// Total is a sum with its lines.
type Total struct {
	Tokens int64      `json:"tokens"`
	Jobs   int        `json:"jobs"`
	Lines  []WishLine `json:"lines"`
}

// WishLine is one kind of job of one wish.
type WishLine struct {
	Wish   int    `json:"wish"`
	What   string `json:"what"`
	Jobs   int    `json:"jobs"`
	Images int    `json:"images"`
	// Price is for one job, Tokens for all of them.
	Price  int64 `json:"price"`
	Tokens int64 `json:"tokens"`
	// Lines explain the price of one job (P1).
	Lines []token.Line `json:"price_lines"`
}

// Saving is what one way of doing the same costs less (P9).
type Saving struct {
	// Rule is batching or off_peak.
	Rule   string `json:"rule"`
	Text   string `json:"text"`
	Tokens int64  `json:"tokens"`
}

// Outcome is what becomes of the project in one situation.
type Outcome struct {
	// Kind is here, plan or pack.
	Kind string `json:"kind"`
	// Plan is the account's plan right after; Starts is when the chosen plan begins.
	Plan     string        `json:"plan"`
	Name     string        `json:"name"`
	Starts   token.Instant `json:"starts,omitempty"`
	Pack     string        `json:"pack,omitempty"`
	Quantity int           `json:"quantity,omitempty"`
	// Refused tells why the project can't be done this way at all.
	Refused *token.Refusal `json:"refused,omitempty"`
	// Fastest finishes first. Cheapest takes fewer tokens, where there is such a plan, and
	// keeps to the date where Fastest does.
	Fastest  *Schedule `json:"fastest,omitempty"`
	Cheapest *Schedule `json:"cheapest,omitempty"`
	// LeastProven tells that nothing takes fewer tokens than Cheapest, or than Fastest where
	// there is no Cheapest, until the date, or 31 days after Fastest.
	LeastProven bool `json:"least_proven"`
	// FastLane waits for tokens instead of using the relaxed lane, where Fastest uses it.
	FastLane *Schedule `json:"fast_lane,omitempty"`
	// Feasible tells whether the date can be kept; without a date, whether the project is
	// ever finished. Missing is what would have to be there in addition on the date.
	Feasible bool  `json:"feasible"`
	Missing  int64 `json:"missing,omitempty"`
	// Money is what is paid until Fastest finishes beyond what has been paid, in hundredths.
	Money    int64  `json:"money"`
	Currency string `json:"currency,omitempty"`
	// Months are the monthly payments in it.
	Months int `json:"months,omitempty"`
}

// Advice is the recommendation.
type Advice struct {
	Kind string `json:"kind"` // here, plan, pack, or none
	Plan string `json:"plan,omitempty"`
	Pack string `json:"pack,omitempty"`
	// Schedule is fastest or cheapest.
	Schedule string `json:"schedule,omitempty"`
	Money    int64  `json:"money"`
	Currency string `json:"currency,omitempty"`
	Reason   string `json:"reason"`
}

// Options bound the work of planning.
type Options struct {
	// Effort bounds the search for better plans, in choices looked at; 0 for the usual
	// bound, which keeps a plan well under a tenth of a second.
	Effort int
}

// usualEffort is the bound of Options, shared by all situations.
const usualEffort = 60_000

// Plan answers for an account at an instant. The account is not changed. The error is a
// *token.Invalid or *token.Refusal where the project can't be priced, or token.ErrNotOpen.
func Plan(list *catalog.Catalog, a token.Account, p Project, at token.Instant, o Options) (*Answer, error) {
	if a.Seq == 0 {
		return nil, token.ErrNotOpen
	}
	if err := p.Check(list); err != nil {
		return nil, err
	}
	zone, err := calendar.Load(a.Facts.Zone)
	if err != nil {
		zone = calendar.Zone{}
	}
	by, err := deadline(p.By, zone)
	if err != nil {
		return nil, &token.Invalid{Field: "by", Value: p.By, Allowed: err.Error()}
	}
	if o.Effort == 0 {
		o.Effort = usualEffort
	}
	a = list.Rules().Roll(a, at)
	k := &planning{list: list, rules: list.Rules(), p: &p, zone: zone, by: by, account: a, shop: newShop(list, &p, a.At, a.At+horizon)}
	ans := &Answer{Project: p.Name, At: a.At, By: by, Zone: a.Facts.Zone, Catalog: list.Version(), Pictures: p.Pictures(),
		Plans: []Outcome{}, Packs: []Outcome{}}
	if err := k.outcomes(ans, o.Effort); err != nil {
		return nil, err
	}
	k.totals(ans)
	ans.Advice = k.advise(ans)
	return ans, nil
}

// planning is one call of Plan.
type planning struct {
	list    *catalog.Catalog
	rules   *token.Rules
	p       *Project
	zone    calendar.Zone
	by      token.Instant
	account token.Account
	shop    *shop
	// latest is the last instant that a plan reaches, for the lowest prices met.
	latest token.Instant
}
