package scenario

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/florin-studio/florin/token"
)

// Expectation is what must be true of an account. Only what is named is compared.
type Expectation struct {
	Balance     *int64            `yaml:"balance" min:"-9007199254740991" doc:"What may be spent, holds taken off."`
	Held        *int64            `yaml:"held" doc:"What open holds hold (T14)."`
	Frozen      *int64            `yaml:"frozen" doc:"What is owned but can't be spent (T12, T29)."`
	Displayed   *int64            `yaml:"displayed" min:"-9007199254740991" doc:"The balance less relaxed_used (T21)."`
	RelaxedUsed *int64            `yaml:"relaxed_used" doc:"Prices of relaxed jobs since the last reset (T21)."`
	Owed        *int64            `yaml:"owed" doc:"Spent of purchases whose money was taken back (T29)."`
	Plan        *string           `yaml:"plan" doc:"The plan."`
	Scheduled   *string           `yaml:"scheduled" doc:"The plan that starts at the cycle's end; empty for none (T24)."`
	Zone        *string           `yaml:"zone" doc:"The time zone."`
	Discount    *int64            `yaml:"discount" max:"100" doc:"Percent off the next top-up (T26)."`
	Lane        map[string]string `yaml:"lane" enum:"fast relaxed" doc:"Lane by the hold's id; also of holds that have ended (T20)."`
	CycleEnds   *When             `yaml:"cycle_ends" doc:"When the cycle ends; null where there is none (T6)."`
	NextReset   *When             `yaml:"next_reset" doc:"The next daily reset (T5)."`
	Grants      *[]WantedGrant    `yaml:"grants" doc:"All grants that can be spent now, in spending order (T8)."`
}

// WantedGrant is a grant; only what is named is compared.
type WantedGrant struct {
	ID        *string `yaml:"id" doc:"Its id."`
	Kind      *string `yaml:"kind" enum:"daily plan bonus gift refund rollover adjustment topup" doc:"Its kind."`
	Amount    *int64  `yaml:"amount" doc:"What was ever put in."`
	Remaining *int64  `yaml:"remaining" doc:"What is left."`
	Frozen    *int64  `yaml:"frozen" doc:"What a dispute holds back."`
	Starts    *When   `yaml:"starts" doc:"When it began."`
	Expires   *When   `yaml:"expires" doc:"When it ends; null for never."`
	Source    *string `yaml:"source" doc:"What caused it."`
}

// Difference is one field that is not as it must be.
type Difference struct {
	Field  string `json:"field"`
	Wanted string `json:"wanted"`
	Got    string `json:"got"`
}

// comparer collects differences.
type comparer []Difference

func (c *comparer) differ(field, wanted, got string) {
	if wanted != got {
		*c = append(*c, Difference{field, wanted, got})
	}
}

func (c *comparer) number(field string, wanted *int64, got int64) {
	if wanted != nil {
		c.differ(field, strconv.FormatInt(*wanted, 10), strconv.FormatInt(got, 10))
	}
}

func (c *comparer) text(field string, wanted *string, got string) {
	if wanted != nil && *wanted != got {
		c.differ(field, strconv.Quote(*wanted), strconv.Quote(got))
	}
}

func (c *comparer) instant(field string, wanted *When, got token.Instant) {
	if wanted != nil {
		c.differ(field, wanted.String(), When{got}.String())
	}
}

// compare looks at an account that has been rolled to the step's time.
func (e *Expectation) compare(r *token.Rules, a *token.Account, lanes map[string]token.Lane) []Difference {
	var c comparer
	f := &a.Facts
	c.number("balance", e.Balance, r.Balance(a))
	c.number("held", e.Held, a.Held())
	c.number("frozen", e.Frozen, r.Frozen(a))
	c.number("displayed", e.Displayed, r.Displayed(a))
	c.number("relaxed_used", e.RelaxedUsed, f.RelaxedUsed)
	c.number("owed", e.Owed, f.Owed)
	c.number("discount", e.Discount, int64(f.Discount))
	c.text("plan", e.Plan, f.Plan)
	c.text("scheduled", e.Scheduled, f.Scheduled)
	c.text("zone", e.Zone, f.Zone)
	c.instant("cycle_ends", e.CycleEnds, f.CycleEnds)
	c.instant("next_reset", e.NextReset, f.NextReset)
	for _, id := range sortedKeys(e.Lane) {
		got := string(lanes[id])
		if got == "" {
			got = "no such hold"
		}
		c.differ("lane."+id, e.Lane[id], got)
	}
	if e.Grants != nil {
		c.grants(*e.Grants, r.Spendable(a))
	}
	return c
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (c *comparer) grants(wanted []WantedGrant, got []token.Grant) {
	if len(wanted) != len(got) {
		c.differ("grants", fmt.Sprintf("%d grants", len(wanted)), fmt.Sprintf("%d grants: %s", len(got), list(got)))
	}
	for i := range min(len(wanted), len(got)) {
		w, g, field := &wanted[i], &got[i], fmt.Sprintf("grants[%d].", i)
		kind := string(g.Kind)
		c.text(field+"id", w.ID, g.ID)
		c.text(field+"kind", w.Kind, kind)
		c.number(field+"amount", w.Amount, g.Amount)
		c.number(field+"remaining", w.Remaining, g.Remaining)
		c.number(field+"frozen", w.Frozen, g.Frozen)
		c.instant(field+"starts", w.Starts, g.Starts)
		c.instant(field+"expires", w.Expires, g.Expires)
		c.text(field+"source", w.Source, g.Source)
	}
}

// list names grants in short: "120 daily until …, 30 topup".
func list(grants []token.Grant) string {
	text := ""
	for i, g := range grants {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", g.Remaining, g.Kind)
		if g.Expires != 0 {
			text += " until " + g.Expires.String()
		}
	}
	if text == "" {
		return "none"
	}
	return text
}
