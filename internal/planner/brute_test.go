package planner_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// brute tries every sequence of single jobs at every moment, with the real engine: slow
// and plain. It shares no thought with the planner but the one that it is enough to act
// at the account's boundaries and where prices change.
type brute struct {
	list  *catalog.Catalog
	rules *token.Rules
	p     planner.Project
}

type bruteState struct {
	account token.Account
	left    []int
	spent   int64
}

func (b *brute) key(s bruteState) string {
	out := fmt.Sprint(s.left)
	for _, g := range s.account.Grants {
		out += fmt.Sprint(" ", g.ID, g.Remaining)
	}
	return out
}

// moments are the account's boundaries while nothing is spent, and the changes of price.
func (b *brute) moments(a token.Account, until token.Instant) []token.Instant {
	out := []token.Instant{a.At}
	b.rules.Forecast(a, until, func(e token.Event) bool {
		out = append(out, e.At)
		return true
	})
	for _, d := range b.list.Discounts(a.At, until+1) {
		out = append(out, d.From, d.Until)
	}
	out = slices.DeleteFunc(out, func(at token.Instant) bool { return at < a.At || at > until })
	slices.Sort(out)
	return slices.Compact(out)
}

// best is what trying everything finds: the first instant at which all can be done with
// the fewest tokens then, and the fewest tokens of all.
type best struct {
	done   bool
	finish token.Instant
	tokens int64
	least  int64
	at     token.Instant // the first instant for the fewest tokens of all
}

func (b *brute) solve(a token.Account, until token.Instant) (found best, tooLarge bool) {
	left := make([]int, len(b.p.Wishes))
	for i, w := range b.p.Wishes {
		left[i] = w.Pictures
	}
	layer := map[string]bruteState{}
	root := bruteState{account: a, left: left}
	layer[b.key(root)] = root
	work := 0
	for _, now := range b.moments(a, until) {
		var queue []bruteState
		for _, s := range layer {
			s.account = b.rules.Roll(s.account, now)
			queue = append(queue, s)
		}
		layer = map[string]bruteState{}
		for len(queue) > 0 {
			s := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			key := b.key(s)
			if known, ok := layer[key]; ok && known.spent <= s.spent {
				continue
			}
			layer[key] = s
			if !slices.ContainsFunc(s.left, func(n int) bool { return n > 0 }) {
				if !found.done {
					found = best{done: true, finish: now, tokens: s.spent, least: s.spent, at: now}
				}
				if found.finish == now {
					found.tokens = min(found.tokens, s.spent)
				}
				if s.spent < found.least {
					found.least, found.at = s.spent, now
				}
				delete(layer, key)
				continue
			}
			if work++; work > 6_000 {
				return found, true
			}
			queue = append(queue, b.jobs(s, now)...)
		}
	}
	return found, false
}

// jobs are all states that one job more leads to.
func (b *brute) jobs(s bruteState, now token.Instant) []bruteState {
	var out []bruteState
	for i, w := range b.p.Wishes {
		if w.After != "" && s.left[index(b.p, w.After)] > 0 || b.list.Allow(w.Request(1), s.account.Facts.Plan) != nil {
			continue
		}
		for n := 1; n <= s.left[i]; n++ {
			price, err := b.list.Price(w.Request(n), now)
			if err != nil || price.Tokens > b.rules.Balance(&s.account) {
				continue
			}
			after, _, err := b.rules.Apply(s.account, token.Request{At: now, Command: token.Charge{ID: "job", Tokens: price.Tokens, FastOnly: true}})
			if err != nil {
				continue
			}
			next := bruteState{account: after, left: slices.Clone(s.left), spent: s.spent + price.Tokens}
			next.left[i] -= n
			out = append(out, next)
		}
	}
	return out
}

func TestNeverWorseThanTryingEverything(t *testing.T) {
	t.Parallel()
	proven, all := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		list := smallCatalog(t, rapid.Bool().Draw(t, "floors"))
		start := moment(2026, time.March, rapid.IntRange(29, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"))
		a, _ := smallAccount(t, list, start)
		p := smallProject(t, 6)
		p.FastOnly = true
		days := rapid.IntRange(0, 2).Draw(t, "days")
		until := moment(2026, time.April, 1+days, 12)
		p.By = until.String()
		ans, err := planner.Plan(list, a, p, start, planner.Options{Effort: 4_000_000})
		if err != nil {
			t.Fatal(err)
		}
		b := &brute{list: list, rules: list.Rules(), p: p}
		found, tooLarge := b.solve(a, until)
		if tooLarge {
			t.Skip("too many states for trying everything")
		}
		o := ans.Here
		if o.Feasible != found.done {
			t.Fatalf("feasible is %v, trying everything says %v", o.Feasible, found.done)
		}
		if !found.done {
			if o.Refused == nil && o.Missing == 0 && list.Allow(planner.Wish{Pipeline: "canvas"}.Request(1), "free") == nil {
				t.Fatal("nothing is missing, and yet it can't be done")
			}
			return
		}
		cheap := o.Fastest
		if o.Cheapest != nil {
			cheap = o.Cheapest
		}
		all++
		if o.Fastest.Earliest && o.Fastest.Least && o.LeastProven {
			proven++
		}
		if o.Fastest.Finish != found.finish || o.Fastest.Tokens != found.tokens {
			t.Fatalf("finished at %s with %d tokens, trying everything %s with %d", o.Fastest.Finish, o.Fastest.Tokens, found.finish, found.tokens)
		}
		if cheap.Tokens != found.least || cheap.Finish != found.at {
			t.Fatalf("cheapest takes %d tokens until %s, trying everything %d until %s", cheap.Tokens, cheap.Finish, found.least, found.at)
		}
		if o.Missing != 0 {
			t.Fatalf("%d tokens are missing from what can be done", o.Missing)
		}
	})
	t.Logf("%d of %d proven to be the best", proven, all)
}
