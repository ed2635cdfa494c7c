package planner

import (
	"slices"

	"github.com/florin-studio/florin/token"
)

// wide is how many states the quick searches keep at each moment.
const wide = 6

// way is a sequence of states that makes all pictures, and what is known of it.
type way struct {
	end  *node
	last int
	// earliest and least tell that no way ends earlier, and that of those that end no
	// later none takes fewer tokens.
	earliest, least bool
}

// fastest finds the way that ends first, and among those one of the fewest tokens.
func (s *searcher) fastest() (way, bool) {
	bound, ok := s.earliest()
	if !ok {
		return way{}, false
	}
	f := s.search(goal{last: anywhere, width: 1, effort: *s.effort})
	if f.end == nil {
		f = s.search(goal{last: anywhere, width: wide, effort: *s.effort})
	}
	for reach := 1; f.end == nil && reach <= 1024 && *s.effort > 0; reach *= 4 {
		f = s.search(goal{last: bound + reach, every: true, effort: s.share(4)})
	}
	if f.end == nil {
		return way{}, false
	}
	w := way{end: f.end, last: f.last, earliest: s.millis == 0 && f.last <= bound}
	s.sooner(&w, bound)
	s.cheaper(&w)
	s.pull(&w)
	return w, true
}

// sooner looks for a way that ends earlier, first quickly, then thoroughly.
func (s *searcher) sooner(w *way, bound int) {
	for _, every := range []bool{false, true} {
		for !w.earliest {
			g := goal{last: w.last - 1, width: wide, every: every, effort: s.share(4)}
			if every {
				g.width = 0
			}
			if s.millis > 0 {
				g.last, g.until = w.last, w.end.busy-1
			}
			f := s.search(g)
			if f.end == nil {
				w.earliest = f.complete
				break
			}
			w.end, w.last, w.earliest = f.end, f.last, s.millis == 0 && f.last <= bound
		}
	}
}

// cheaper looks for a way that ends no later and takes fewer tokens.
func (s *searcher) cheaper(w *way) {
	least := s.low(w.last).need(s.shop.wanted)
	w.least = w.end.spent == least
	for _, every := range []bool{false, true} {
		if w.least {
			return
		}
		g := goal{last: w.last, thrifty: true, until: w.end.busy, below: w.end.spent, width: wide, every: every, effort: s.share(4)}
		if every {
			g.width = 0
		}
		f := s.search(g)
		if f.end != nil {
			w.end, w.last = f.end, f.last
		}
		w.least = w.end.spent == least || f.complete
	}
}

// thriftiest finds a way of fewer tokens that may end as late as an instant, and of
// those one that ends early. The last value tells whether it is proven that no way until
// then takes fewer tokens, than this one or, where none is found, than the given one.
func (s *searcher) thriftiest(than way, until token.Instant) (best way, found, proven bool) {
	last := than.last
	for {
		m, ok := s.get(last + 1)
		if !ok || m.at > until {
			break
		}
		last++
	}
	least := s.low(last).need(s.shop.wanted)
	if than.end.spent == least {
		return way{}, false, true
	}
	best = than
	for _, every := range []bool{false, true} {
		g := goal{last: last, thrifty: true, below: best.end.spent, until: until, width: wide, every: every, effort: s.share(4)}
		if every {
			g.width = 0
		}
		f := s.search(g)
		if f.end != nil {
			best, found = way{end: f.end, last: f.last}, true
		}
		if proven = f.complete || best.end.spent == least; proven {
			break
		}
	}
	best.least = proven
	if found {
		s.earlier(&best, until)
		s.pull(&best)
	}
	return best, found, proven
}

// earlier moves a way of few tokens to an earlier finish, as far as it takes no more.
func (s *searcher) earlier(w *way, until token.Instant) {
	for _, every := range []bool{false, true} {
		for !w.earliest && w.last > 0 {
			g := goal{last: w.last - 1, thrifty: true, below: w.end.spent + 1, until: until, width: wide, every: every, effort: s.share(4)}
			if every {
				g.width = 0
			}
			f := s.search(g)
			if f.end == nil {
				w.earliest = f.complete && s.millis == 0
				break
			}
			w.end, w.last = f.end, f.last
		}
	}
}

// share is a part of the effort that is left.
func (s *searcher) share(parts int) int { return max(*s.effort/parts, 0) }

// unhurried is the way of an account with the relaxed lane: what the balance does not pay
// is made for nothing, slowly (T20). The wishes of the lowest price come first, so that
// tokens pay for many; what the relaxed lane does not take comes before them (T22).
func (s *searcher) unhurried() (way, bool) {
	n := &node{account: s.root, left: s.shop.wanted, busy: s.root.At}
	order := s.relaxedOrder()
	for i := 0; ; i++ {
		m, next, ok := s.window(i)
		if !ok {
			return way{}, false
		}
		acts, spent, made := s.relax(n, m, next, order)
		p := step{from: n, left: slices.Clone(n.left), spent: n.spent + spent, busy: n.busy}
		for _, a := range acts {
			p.left[a.wish] -= a.paid + a.free
		}
		if made > 0 {
			p.busy = max(n.busy, m.at) + s.millis*token.Instant(made)
		}
		if p.done() {
			end := s.finish(&p)
			end.acts = acts
			return way{end: end, last: i, earliest: i == 0 && s.millis == 0}, true
		}
		after := s.take(&p, m.at, next)
		if next == 0 || after == nil {
			return way{}, false
		}
		after.acts = acts
		n = after
	}
}

// relaxedOrder puts what needs tokens first, then what costs least.
func (s *searcher) relaxedOrder() []int {
	order := make([]int, len(s.shop.wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch fa, fb := s.shop.fastOnly[a], s.shop.fastOnly[b]; {
		case fa && !fb:
			return -1
		case fb && !fa:
			return 1
		case s.worth[a] < s.worth[b]:
			return -1
		case s.worth[a] > s.worth[b]:
			return 1
		}
		return 0
	})
	return order
}

// relax is what is done at one moment by an account that may have the relaxed lane.
func (s *searcher) relax(n *node, m *moment, next token.Instant, order []int) (acts []act, spent int64, made int) {
	plan, _ := s.rules.Plan(n.account.Facts.Plan)
	c := &scene{prices: m.prices, left: n.left, budget: s.rules.Balance(&n.account), cap: s.room(n, m.at, next), before: s.shop.before, allowed: s.shop.allows(plan.ID)}
	did := make([]int, len(n.left))
	had := make([]bool, len(n.left))
	for again := true; again; {
		again = false
		for _, i := range order {
			if had[i] || !c.open(i, did) {
				continue
			}
			had[i], again = true, true
			a := act{wish: i, paid: c.take(i, c.budget-spent, c.cap-made)}
			spent += m.prices.of[i].cost[a.paid]
			// The lane can't be asked for: it opens once the balance pays no picture more.
			if plan.Relaxed && !s.shop.fastOnly[i] && c.budget-spent < m.prices.of[i].cheapestJob() {
				a.free = min(n.left[i]-a.paid, c.cap-made-a.paid)
			}
			did[i] = a.paid + a.free
			made += did[i]
			if did[i] > 0 {
				acts = append(acts, a)
			}
		}
	}
	return acts, spent, made
}

// cheapestJob is the price below which no job of the wish can be had.
func (t *tariff) cheapestJob() int64 { return slices.Min(t.job[1:]) }
