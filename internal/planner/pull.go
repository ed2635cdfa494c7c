package planner

import (
	"github.com/florin-studio/florin/token"
)

// pull makes pictures earlier where tokens would else expire unused, as long as that takes
// no more tokens in all. What expires by the next moment is what the engine spends first
// (T8), so that nothing else changes for the moments between; a later moment spends less.
// Ways through the relaxed lane and ways in time of their own are left as they are.
func (s *searcher) pull(w *way) {
	if s.millis > 0 || w.last == 0 {
		return
	}
	made := s.matrix(w)
	n := &node{account: s.root, left: s.shop.wanted, busy: s.root.At}
	last := 0
	var end *node
	for i := range made {
		m, next, _ := s.window(i)
		if i < w.last {
			s.pullTo(made, i, n, next)
		}
		c := choice{pictures: made[i], cost: m.prices.need(made[i])}
		p := newStep(n, c, s.rules.Balance(&n.account), m.prices, 0, m.at)
		if p.balance < 0 {
			return // what was made earlier is missing here after all
		}
		if p.done() {
			end, last = s.finish(&p), i
			break
		}
		if n = s.take(&p, m.at, next); n == nil {
			return
		}
	}
	if end != nil && end.spent <= w.end.spent {
		w.end, w.last = end, last
	}
}

// matrix is what a way makes at each moment of each wish.
func (s *searcher) matrix(w *way) [][]int {
	made := make([][]int, w.last+1)
	for i, n := w.last, w.end; n.parent != nil; i, n = i-1, n.parent {
		made[i] = make([]int, len(s.shop.wanted))
		for _, a := range n.acts {
			made[i][a.wish] = a.paid
		}
	}
	return made
}

// pullTo makes pictures of later at one moment.
func (s *searcher) pullTo(made [][]int, i int, n *node, next token.Instant) {
	m := &s.moments[i]
	spare := s.spare(n, m.at, next, m.prices.need(made[i]))
	allowed := s.shop.allows(n.account.Facts.Plan)
	for j, t := range m.prices.of {
		b := s.shop.before[j]
		if !allowed[j] || b >= 0 && n.left[b] != made[i][b] {
			continue
		}
		for u := len(made) - 1; u > i && spare > 0; u-- {
			later := s.moments[u].prices.of[j]
			has, had := made[i][j], made[u][j]
			for k := t.most(t.cost[has]+spare, has+had) - has; k > 0; k-- {
				more, less := t.cost[has+k]-t.cost[has], later.cost[had]-later.cost[had-k]
				if more <= less {
					made[i][j], made[u][j], spare = has+k, had-k, spare-more
					break
				}
			}
		}
	}
}

// spare is what will expire unused by the next moment, after spending so much now.
func (s *searcher) spare(n *node, at, next token.Instant, cost int64) int64 {
	a := n.account
	if cost > 0 {
		after, _, err := s.rules.Apply(a, token.Request{At: at, Command: token.Charge{ID: "plan", Tokens: cost}})
		if err != nil {
			return 0
		}
		a = after
	}
	plan, _ := s.rules.Plan(a.Facts.Plan)
	var sum int64
	for _, g := range s.rules.Spendable(&a) {
		if g.Expires == 0 || g.Expires > next || g.Kind == token.PlanKind && plan.RolloverCap > 0 {
			break // what expires later is spent later (T8)
		}
		sum += g.Remaining
	}
	return sum
}
