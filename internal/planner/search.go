package planner

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/florin-studio/florin/token"
)

// node is a state that spending can lead to just before a moment.
type node struct {
	account token.Account
	left    []int
	spent   int64
	// busy is until when the last picture is being made.
	busy   token.Instant
	parent *node
	// acts are what was done at the moment before this one, in order.
	acts []act
}

// act is work on one wish at one moment: pictures that tokens pay, and then pictures that
// the relaxed lane makes for nothing (T20).
type act struct{ wish, paid, free int }

// goal is what a search is for.
type goal struct {
	// last is the last moment at which the project may be finished.
	last int
	// thrifty looks for the fewest tokens; otherwise for the earliest finish, and among
	// those for the fewest tokens.
	thrifty bool
	// until is when the last picture must be made by the latest; 0 for any time.
	until token.Instant
	// width bounds the states kept at each moment. Every tells to look at all choices.
	width int
	every bool
	// below is a number of tokens that is known to be enough; 0 for none.
	below int64
	// effort bounds the work of this search, counted in choices.
	effort int
}

// anywhere is a last moment for searches that may end at any.
const anywhere = 1 << 30

// engineEffort is what a step of the engine counts, in choices.
const engineEffort = 30

// found is the end of a search.
type found struct {
	end  *node // nil where nothing was found
	last int   // the moment at which it ends
	// complete tells that nothing was left out: what was not found is not there.
	complete bool
}

// searcher looks for the best way through the moments of one account.
type searcher struct {
	*timeline
	root   token.Account
	millis token.Instant // that a picture takes
	// effort is what may still be done, counted in choices; shared by all searches of a plan.
	effort *int
	sacks  map[string][]int
	worth  []int64
	// cheapest prices until the moment that they were asked for.
	lows map[int]*table
}

func newSearcher(t *timeline, a token.Account, millis token.Instant, effort *int) *searcher {
	s := &searcher{timeline: t, root: a, millis: millis, effort: effort, sacks: map[string][]int{}, lows: map[int]*table{}}
	s.worth = worths(t.shop.usual())
	return s
}

// low is the table of the lowest prices up to a moment.
func (s *searcher) low(last int) *table {
	if t := s.lows[last]; t != nil {
		return t
	}
	t := s.shop.best(s.root.At, s.moments[last].at)
	s.lows[last] = t
	return t
}

// search goes from moment to moment, keeping for each the states that may lead to the
// goal. Without a bound of width, and with every choice looked at, it is exhaustive but
// for states that provably can't lead to anything better.
func (s *searcher) search(g goal) found {
	f := found{complete: true}
	if g.last != anywhere {
		if _, ok := s.get(g.last); !ok {
			g.last = len(s.moments) - 1
		}
	}
	low := s.low(min(g.last, len(s.moments)-1))
	layer := []*node{{account: s.root, left: s.shop.wanted, busy: s.root.At}}
	best := g.below
	effort := min(g.effort, *s.effort)
	defer func(had int) { *s.effort -= had - effort }(effort)
	for i := 0; i <= g.last && len(layer) > 0; i++ {
		m, next, ok := s.window(i)
		if !ok {
			break
		}
		var steps []step
		for _, n := range layer {
			balance := s.rules.Balance(&n.account)
			choices, complete := s.choices(n, m, next, balance, g, low)
			f.complete = f.complete && complete
			effort -= len(choices)
			for _, c := range choices {
				p := newStep(n, c, balance, low, s.millis, m.at)
				switch {
				case p.done():
					if p.beats(f.end, best, g) {
						f.end, f.last, best = s.finish(&p), i, p.spent
					}
				case i < g.last && s.hopeful(&p, i, g, best):
					steps = append(steps, p)
				}
			}
			if effort < 0 {
				f.complete = false
				return f
			}
		}
		if f.end != nil && !g.thrifty || next == 0 {
			return f
		}
		kept, all := s.keep(steps, g)
		f.complete = f.complete && all
		effort -= engineEffort * len(kept)
		layer = s.pass(kept, m.at, next)
	}
	return f
}

// window gives a moment and the instant of the next one, 0 at the horizon.
func (s *searcher) window(i int) (m *moment, next token.Instant, ok bool) {
	if _, ok := s.get(i); !ok {
		return nil, 0, false
	}
	if n, ok := s.get(i + 1); ok {
		next = n.at
	}
	return &s.moments[i], next, true
}

// pass carries steps out and passes to the next moment. Of states that can do the same
// from there on, the one that spent least is kept.
func (s *searcher) pass(steps []step, at, next token.Instant) []*node {
	layer := make([]*node, 0, len(steps))
	place := make(map[string]int, len(steps))
	for i := range steps {
		n := s.take(&steps[i], at, next)
		if n == nil {
			continue
		}
		key := n.key()
		k, known := place[key]
		switch {
		case !known:
			place[key] = len(layer)
			layer = append(layer, n)
		case n.spent < layer[k].spent:
			layer[k] = n
		}
	}
	return layer
}

// key tells states apart: those of one key have the same pictures left and the same grants.
func (n *node) key() string {
	b := make([]byte, 0, 64)
	for _, k := range n.left {
		b = binary.AppendVarint(b, int64(k))
	}
	b = binary.AppendVarint(b, int64(n.busy))
	for i := range n.account.Grants {
		g := &n.account.Grants[i]
		b = append(b, g.ID...)
		b = binary.AppendVarint(b, g.Remaining)
	}
	return string(b)
}

// step is a choice made in a state.
type step struct {
	from    *node
	made    []int
	left    []int
	spent   int64
	balance int64 // after it
	need    int64 // at the lowest prices, for what is left
	busy    token.Instant
	worked  bool
}

func newStep(n *node, c choice, balance int64, low *table, millis, at token.Instant) step {
	p := step{from: n, made: c.pictures, left: make([]int, len(n.left)), spent: n.spent + c.cost, balance: balance - c.cost, busy: n.busy}
	made := 0
	for i := range n.left {
		p.left[i] = n.left[i] - c.pictures[i]
		made += c.pictures[i]
	}
	p.need = low.need(p.left)
	if made > 0 {
		p.worked = true
		p.busy = max(n.busy, at) + millis*token.Instant(made)
	}
	return p
}

func (p *step) done() bool {
	return !slices.ContainsFunc(p.left, func(n int) bool { return n > 0 })
}

// beats tells whether a finished step is better than the best one so far.
func (p *step) beats(end *node, best int64, g goal) bool {
	if g.until != 0 && p.busy > g.until {
		return false
	}
	if g.thrifty || end == nil {
		return best == 0 || p.spent < best
	}
	return p.busy < end.busy || p.busy == end.busy && p.spent < end.spent
}

func (s *searcher) finish(p *step) *node {
	return &node{account: p.from.account, left: p.left, spent: p.spent, busy: p.busy, parent: p.from, acts: s.acts(p.made)}
}

// acts puts what is made into an order that the wishes allow.
func (s *searcher) acts(made []int) []act {
	var out []act
	done := make([]bool, len(made))
	for again := true; again; {
		again = false
		for i, n := range made {
			if b := s.shop.before[i]; !done[i] && (b < 0 || done[b] || made[b] == 0) {
				done[i], again = true, true
				if n > 0 {
					out = append(out, act{wish: i, paid: n})
				}
			}
		}
	}
	return out
}

// hopeful tells whether a step can still lead to the goal: what it needs must be there
// by the last moment even if everything is spent as it comes, and must not cost more
// than what is known to be enough.
func (s *searcher) hopeful(p *step, i int, g goal, best int64) bool {
	if g.last < len(s.moments) && p.need > p.balance+s.moments[g.last].reached-s.moments[i].reached {
		return false
	}
	return !g.thrifty || best == 0 || p.spent+p.need < best
}

// keep drops steps that are the same as, or worse than, others, and those beyond the width.
func (s *searcher) keep(steps []step, g goal) (kept []step, all bool) {
	byTime := func(a, b step) int {
		return cmp.Or(cmp.Compare(a.need-a.balance, b.need-b.balance), cmp.Compare(a.spent, b.spent), cmp.Compare(a.need, b.need))
	}
	byCost := func(a, b step) int {
		return cmp.Or(cmp.Compare(a.spent+a.need, b.spent+b.need), cmp.Compare(a.need, b.need), cmp.Compare(b.balance, a.balance))
	}
	if g.thrifty {
		slices.SortStableFunc(steps, byCost)
	} else {
		slices.SortStableFunc(steps, byTime)
	}
	seen := map[string]bool{}
	for i := range steps {
		key := steps[i].key()
		if !seen[key] {
			seen[key] = true
			kept = append(kept, steps[i])
		}
	}
	if g.width == 0 || len(kept) <= g.width {
		return kept, true
	}
	if g.thrifty && g.width > 1 {
		// Some of those that are furthest on, should the cheapest ones come too late.
		half := g.width / 2
		rest := slices.Clone(kept[half:])
		slices.SortStableFunc(rest, byTime)
		return append(kept[:half:half], rest[:g.width-half]...), false
	}
	return kept[:g.width], false
}

// key tells steps apart: those of one key have the same pictures left and grants that
// remain the same, since equal spending from equal grants leaves equal grants (T8).
func (p *step) key() string {
	b := make([]byte, 0, 16+8*len(p.left)+16*len(p.from.account.Grants))
	for _, n := range p.left {
		b = binary.AppendVarint(b, int64(n))
	}
	b = binary.AppendVarint(b, p.spent)
	b = binary.AppendVarint(b, p.balance)
	b = binary.AppendVarint(b, int64(p.busy))
	for i := range p.from.account.Grants {
		g := &p.from.account.Grants[i]
		b = append(b, g.ID...)
		b = binary.AppendVarint(b, g.Remaining)
	}
	return string(b)
}

// take carries a step out on the account, by the engine, and passes to the next moment.
func (s *searcher) take(p *step, at, next token.Instant) *node {
	a := p.from.account
	if cost := p.spent - p.from.spent; cost > 0 {
		after, _, err := s.rules.Apply(a, token.Request{At: at, Command: token.Charge{ID: "plan", Tokens: cost}})
		if err != nil {
			return nil // the engine refuses, as on a suspended account (T29)
		}
		a = after
	}
	return &node{account: pass(s.rules, a, next), left: p.left, spent: p.spent, busy: p.busy, parent: p.from, acts: s.acts(p.made)}
}
