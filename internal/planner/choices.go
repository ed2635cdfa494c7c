package planner

import (
	"encoding/binary"
	"slices"

	"github.com/florin-studio/florin/token"
)

// enough bounds the choices looked at in one state when all of them are wanted.
const enough = 2000

// choices lists what may be done at a moment: everything, if the goal wants that, or
// else a few good ways. The second value tells whether it is everything.
func (s *searcher) choices(n *node, m *moment, next token.Instant, balance int64, g goal, low *table) ([]choice, bool) {
	c := &scene{prices: m.prices, left: n.left, budget: balance, cap: s.room(n, m.at, next), before: s.shop.before, allowed: s.shop.allows(n.account.Facts.Plan)}
	all := c.fill(0, nil)
	if c.finishes(all) {
		// The account can pay all that is left. Only a lower price could be a reason to wait.
		if !g.thrifty || all.cost == low.need(n.left) {
			return []choice{all}, true
		}
	}
	if g.every {
		if out, complete := c.every(enough); complete {
			return out, true
		}
	}
	out := []choice{all}
	if g.thrifty {
		c.thrifty = low
		out = append(out, c.fill(0, nil), choice{pictures: make([]int, len(n.left))})
		c.thrifty = nil
	}
	if sack, ok := s.sack(c, m); ok {
		out = append(out, sack)
	}
	if g.width > 1 {
		for first := 1; first < len(n.left); first++ {
			out = append(out, c.fill(first, nil))
		}
		if !g.thrifty {
			out = append(out, choice{pictures: make([]int, len(n.left))})
		}
		c.thrifty = low
		out = append(out, c.fill(0, nil))
	}
	return out, false
}

// room is how many pictures can begin between a moment and the next.
func (s *searcher) room(n *node, at, next token.Instant) int {
	if s.millis == 0 || next == 0 {
		return MaxPictures
	}
	free := max(at, n.busy)
	if free >= next {
		return 0
	}
	return int(min((next-1-free)/s.millis+1, MaxPictures))
}

func (s *scene) finishes(c choice) bool { return slices.Equal(c.pictures, s.left) }

// sack is the choice that makes the most of the balance, where all wishes that are open
// now compete for it. Days that look alike share the answer.
func (s *searcher) sack(c *scene, m *moment) (choice, bool) {
	if len(c.left) < 2 || c.budget > knapsackLimit || c.cap < MaxPictures {
		return choice{}, false
	}
	upTo := make([]int, len(c.left))
	none := make([]int, len(c.left))
	key := binary.AppendVarint(binary.AppendVarint(nil, int64(m.prices.id)), c.budget)
	for i := range c.left {
		if c.open(i, none) {
			upTo[i] = m.prices.of[i].most(c.budget, c.left[i])
		}
		key = binary.AppendVarint(key, int64(upTo[i]))
	}
	made, ok := s.sacks[string(key)]
	if !ok {
		made, _ = knapsack(m.prices, s.worth, upTo, c.budget)
		s.sacks[string(key)] = made
	}
	// What opens by this, and what small change is left, is filled in turn.
	return c.fill(0, made), true
}
