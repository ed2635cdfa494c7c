package planner

import (
	"fmt"
	"strings"

	"github.com/florin-studio/florin/catalog"
)

// advise recommends one of the situations. Of those that keep the date (without a date:
// that ever finish) it is the one that costs least money, then the one that finishes
// first, then the one of the fewest tokens, then the one that changes least. Where none
// keeps the date it is the one that finishes first.
func (k *planning) advise(ans *Answer) Advice {
	all := append(append([]Outcome{ans.Here}, ans.Plans...), ans.Packs...)
	best := -1
	for i := range all {
		if o := &all[i]; o.Fastest != nil && o.priced() && (best < 0 || o.betterThan(&all[best])) {
			best = i
		}
	}
	if best < 0 {
		return Advice{Kind: "none", Reason: k.noWay(&all[0])}
	}
	o := &all[best]
	a := Advice{Kind: o.Kind, Plan: o.Plan, Pack: o.Pack, Schedule: "fastest", Money: o.Money, Currency: o.Currency}
	if k.by != 0 && o.Feasible && o.Cheapest != nil && len(o.Cheapest.cycles) <= len(o.Fastest.cycles) {
		a.Schedule = "cheapest"
	}
	a.Reason = k.reason(o, all)
	return a
}

// priced tells whether the money is known: a pack may have no price in the catalog.
func (o *Outcome) priced() bool { return o.Kind != "pack" || o.Currency != "" }

func (o *Outcome) betterThan(other *Outcome) bool {
	if o.Feasible != other.Feasible {
		return o.Feasible
	}
	if o.Feasible && o.Money != other.Money {
		return o.Money < other.Money
	}
	if o.Fastest.Finish != other.Fastest.Finish {
		return o.Fastest.Finish < other.Fastest.Finish
	}
	if o.Money != other.Money {
		return o.Money < other.Money
	}
	return o.Fastest.Tokens < other.Fastest.Tokens
}

// noWay says why there is nothing to recommend.
func (k *planning) noWay(here *Outcome) string {
	if r := here.Refused; r != nil {
		text := "The account can't do this: " + string(r.Reason)
		if r.Feature != "" {
			text += " for " + k.list.FeatureName(r.Feature)
		}
		return text + ", and no plan or pack of the catalog changes that."
	}
	return "Not within three years on any plan, nor with any pack of the catalog."
}

// reason says in words why a situation is recommended.
func (k *planning) reason(o *Outcome, all []Outcome) string {
	var b strings.Builder
	b.WriteString(k.deed(o) + " and it is finished on " + o.Fastest.FinishDate)
	switch {
	case o.Money > 0:
		b.WriteString(", for " + money(o.Money, o.Currency))
		if o.Months > 0 {
			b.WriteString(" (" + months(o.Months) + ")")
		}
	default:
		b.WriteString(", for no money")
	}
	if o.Fastest.Relaxed > 0 {
		fmt.Fprintf(&b, "; %s of the pictures are made slowly, in the relaxed lane", commas(int64(o.Fastest.Relaxed)))
	}
	b.WriteString(".")
	if k.by != 0 {
		if o.Feasible {
			b.WriteString(" It is the least money that keeps the date.")
		} else {
			b.WriteString(" Nothing keeps the date; this comes closest.")
		}
	}
	if here := &all[0]; o != here && here.Refused != nil {
		b.WriteString(" As it is, the account can't: " + string(here.Refused.Reason) + " for " + k.list.FeatureName(here.Refused.Feature) + ".")
	} else if o != here && k.by != 0 && here.Missing > 0 {
		b.WriteString(" As it is, " + commas(here.Missing) + " tokens would be missing.")
	}
	if faster := k.faster(o, all); faster != nil {
		b.WriteString(" Sooner: " + lower(k.deed(faster)) + " and it is finished on " + faster.Fastest.FinishDate + ", for " + money(faster.Money, faster.Currency) + ".")
	}
	return b.String()
}

// deed is what to do.
func (k *planning) deed(o *Outcome) string {
	switch o.Kind {
	case "plan":
		return "Switch to " + o.Name
	case "pack":
		if o.Quantity > 1 {
			return fmt.Sprintf("Buy %d × %s", o.Quantity, o.Name)
		}
		return "Buy " + o.Name
	}
	return "Stay on " + o.Name
}

// faster is the least money that finishes on an earlier date.
func (k *planning) faster(o *Outcome, all []Outcome) *Outcome {
	var best *Outcome
	for i := range all {
		f := &all[i]
		if f.Fastest == nil || !f.priced() || f.Fastest.FinishDate >= o.Fastest.FinishDate {
			continue
		}
		if best == nil || f.Money < best.Money || f.Money == best.Money && f.Fastest.Finish < best.Fastest.Finish {
			best = f
		}
	}
	return best
}

func months(n int) string {
	if n == 1 {
		return "1 month"
	}
	return commas(int64(n)) + " months"
}

func money(cents int64, currency string) string {
	return strings.TrimSpace(catalog.Money(cents).String() + " " + currency)
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }
