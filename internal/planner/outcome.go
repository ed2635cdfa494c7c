package planner

import (
	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/token"
)

// patience is how long, without a date, a cheaper plan may take beyond the fastest one.
const patience = 31 * 24 * 60 * 60 * 1000

// outcomes plans for the account as it is, for each plan and for each pack.
func (k *planning) outcomes(ans *Answer, effort int) error {
	plans, packs := k.list.Plans(), k.list.Packs()
	var err error
	if ans.Here, err = k.here(effort / 2); err != nil {
		return err
	}
	each := effort / 2 / max(1, len(plans)-1+len(packs))
	for _, p := range plans {
		if p.ID == k.account.Facts.Plan {
			continue
		}
		o, err := k.plan(p, each)
		if err != nil {
			return err
		}
		ans.Plans = append(ans.Plans, o)
	}
	for _, p := range packs {
		o, err := k.pack(p, ans.Here, each)
		if err != nil {
			return err
		}
		ans.Packs = append(ans.Packs, o)
	}
	return nil
}

// here is the account as it is.
func (k *planning) here(effort int) (Outcome, error) {
	o := Outcome{Kind: "here", Plan: k.account.Facts.Plan, Name: k.planName(k.account.Facts.Plan)}
	return o, k.complete(&o, k.account, effort)
}

// plan is the account switched to another plan now: up at once, down at the cycle's end (T23, T24).
func (k *planning) plan(p catalog.Plan, effort int) (Outcome, error) {
	o := Outcome{Kind: "plan", Plan: p.ID, Name: p.Name, Starts: k.account.At}
	a, _, err := k.rules.Apply(k.account, token.Request{Key: "plan", At: k.account.At, Command: token.ChangePlan{To: p.ID}})
	if err != nil {
		return o, err
	}
	if a.Facts.Plan != p.ID {
		o.Starts = a.Facts.CycleEnds
		if o.Starts == 0 {
			o.Starts = a.Facts.NextReset
		}
	}
	if err := k.complete(&o, a, effort); err != nil {
		return o, err
	}
	if a.Facts.Plan == p.ID && o.Fastest != nil {
		k.pay(&o, p.ID)
	}
	return o, nil
}

// pack is the account with packs bought now: as many as keep the date, or else one.
func (k *planning) pack(p catalog.Pack, here Outcome, effort int) (Outcome, error) {
	o := Outcome{Kind: "pack", Plan: k.account.Facts.Plan, Name: p.Name, Pack: p.ID, Quantity: 1}
	if plan, _ := k.rules.Plan(k.account.Facts.Plan); !plan.Topups {
		o.Refused = &token.Refusal{Reason: token.PlanRequired, Feature: "topups", Plans: k.topupPlans()}
		return o, nil
	}
	if here.Missing > 0 {
		o.Quantity = int(min((here.Missing+p.Tokens-1)/p.Tokens, 1000))
	}
	for again := 0; ; again++ {
		tokens := p.Tokens * int64(o.Quantity)
		a, _, err := k.rules.Apply(k.account, token.Request{Key: "plan", At: k.account.At,
			Command: token.MakeGrant{ID: "plan-pack", Kind: token.Topup, Tokens: tokens, Source: p.Name}})
		if err != nil {
			return o, err
		}
		if err := k.complete(&o, a, effort); err != nil {
			return o, err
		}
		// Tokens in hand keep the daily floor from filling up (T11), so that the last of
		// a date's shortage may take a pack more.
		if o.Feasible || k.by == 0 || o.Refused != nil || again == 2 {
			break
		}
		o.Quantity++
	}
	if p.Price != nil {
		money := int64(p.Price.Amount) * int64(o.Quantity)
		money -= int64(p.Price.Amount) * int64(k.account.Facts.Discount) / 100
		o.Money, o.Currency = o.Money+money, p.Price.Currency
	}
	return o, nil
}

func (k *planning) topupPlans() []string {
	for _, p := range k.rules.Plans {
		if p.Topups {
			return []string{p.ID}
		}
	}
	return nil
}

func (k *planning) planName(id string) string {
	if p, ok := k.list.Plan(id); ok {
		return p.Name
	}
	return id
}

// pay adds a month of a plan.
func (k *planning) pay(o *Outcome, plan string) {
	if p, ok := k.list.Plan(plan); ok && p.Price != nil && p.Price.Month > 0 {
		o.Money += int64(p.Price.Month)
		o.Currency = p.Price.Currency
		o.Months++
	}
}

// complete plans for an account and fills in what comes of it.
func (k *planning) complete(o *Outcome, a token.Account, effort int) error {
	o.Fastest, o.Cheapest, o.FastLane, o.LeastProven, o.Money, o.Months, o.Missing = nil, nil, nil, false, 0, 0, 0
	if o.Refused = k.refused(a); o.Refused != nil {
		return nil
	}
	s := newSearcher(newTimeline(k.rules, k.shop, a), a, token.Instant(k.p.SecondsPerPicture)*1000, &effort)
	slow, relaxed := way{}, false
	if plan, _ := k.rules.Plan(a.Facts.Plan); plan.Relaxed && !k.p.FastOnly {
		slow, relaxed = s.unhurried()
		relaxed = relaxed && slow.relaxes()
	}
	w, ok := s.fastest()
	var err error
	switch {
	case relaxed:
		if o.Fastest, err = s.schedule(k.p, slow, k.zone); err == nil && ok {
			o.FastLane, err = s.schedule(k.p, w, k.zone)
		}
	case ok:
		o.Fastest, err = s.schedule(k.p, w, k.zone)
	}
	if err != nil {
		return err
	}
	o.Feasible = o.Fastest != nil && (k.by == 0 || o.Fastest.Finish <= k.by)
	if k.by != 0 && !o.Feasible {
		o.Missing = s.missing(w, ok, k.by)
	}
	if ok && !relaxed {
		if err := k.cheapest(o, s, w); err != nil {
			return err
		}
	}
	if o.Fastest != nil {
		for _, plan := range o.Fastest.cycles {
			k.pay(o, plan)
		}
		k.latest = max(k.latest, o.Fastest.Finish)
	}
	return nil
}

// cheapest adds the plan of the fewest tokens, if it takes fewer than the fastest one.
func (k *planning) cheapest(o *Outcome, s *searcher, w way) error {
	until := w.end.busy + patience
	if k.by != 0 {
		until = k.by
	}
	if until < w.end.busy {
		return nil
	}
	c, ok, proven := s.thriftiest(w, until)
	if o.LeastProven = proven; !ok {
		return nil
	}
	var err error
	o.Cheapest, err = s.schedule(k.p, c, k.zone)
	if err == nil {
		k.latest = max(k.latest, o.Cheapest.Finish)
	}
	return err
}

// relaxes tells whether a way uses the relaxed lane.
func (w way) relaxes() bool {
	for n := w.end; n != nil; n = n.parent {
		for _, a := range n.acts {
			if a.free > 0 {
				return true
			}
		}
	}
	return false
}

// refused tells why an account can't do the project on any plan that it will have (P8, T29).
func (k *planning) refused(a token.Account) *token.Refusal {
	if k.rules.Owed == token.OwedSuspend && a.Facts.Owed > 0 {
		return &token.Refusal{Reason: token.AccountSuspended, Balance: k.rules.Balance(&a), Limit: a.Facts.Owed}
	}
	for i, w := range k.p.Wishes {
		if k.shop.allows(a.Facts.Plan)[i] || a.Facts.Scheduled != "" && k.shop.allows(a.Facts.Scheduled)[i] {
			continue
		}
		return k.list.Allow(w.Request(1), a.Facts.Plan)
	}
	return nil
}

// missing is how many tokens lack at the last moment before a date to do all that is left
// then: on the fastest way, or where there is none, on the one that does what it can. It is
// 0 where not tokens are missing but time, or a plan with premium features.
func (s *searcher) missing(w way, ok bool, by token.Instant) int64 {
	last := 0
	for {
		m, more := s.get(last + 1)
		if !more || m.at > by {
			break
		}
		last++
	}
	var n *node
	if ok && w.last >= last {
		n = w.end
		for i := w.last; i >= last; i-- {
			n = n.parent
		}
	} else {
		n = s.walk(last)
	}
	return max(0, s.moments[last].prices.need(n.left)-s.rules.Balance(&n.account))
}

// walk does what it can at each moment before the given one.
func (s *searcher) walk(last int) *node {
	n := &node{account: s.root, left: s.shop.wanted, busy: s.root.At}
	for i := range last {
		m, next, _ := s.window(i)
		balance := s.rules.Balance(&n.account)
		choices, _ := s.choices(n, m, next, balance, goal{width: 1}, s.low(last))
		p := newStep(n, choices[0], balance, s.low(last), s.millis, m.at)
		after := s.take(&p, m.at, next)
		if after == nil {
			break
		}
		n = after
	}
	return n
}
