package queue

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// world is a queue in which some accounts always have something waiting.
type world struct {
	*Queue
	jobs  int
	terms map[string]Terms
}

func (w *world) put(t *rapid.T, account, class string, lane Lane, highest int64) {
	w.jobs++
	w.Add(Job{ID: fmt.Sprint(w.jobs), Account: account, Lane: lane, Class: class, Cost: rapid.Int64Range(1, highest).Draw(t, "cost")}, w.terms[account])
}

func newWorld(t *rapid.T, accounts ...string) *world {
	w := &world{Queue: New(rapid.Int64Range(1, 50).Draw(t, "share")), terms: map[string]Terms{}}
	for _, a := range accounts {
		w.terms[a] = Terms{Weight: rapid.Int64Range(1, 5).Draw(t, "weight"), Parallel: 1000}
	}
	return w
}

func someEngine(t *rapid.T) Engine {
	can := rapid.SampledFrom([]string{"ab", "a", "b"}).Draw(t, "can")
	has := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "has")
	return Engine{Can: func(c string) bool { return can == "ab" || c == can }, Has: func(c string) bool { return c == has }}
}

// Theorem 1 of docs/queue.md: between two accounts that always wait in the same class,
// over any stretch of time, the service over the weight differs by at most one job of
// each and twice the patience, whatever others and engines do.
func TestFairnessBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "f", "g", "x", "y")
		const highest = 90
		bound := int64(highest)*scale/w.terms["f"].Weight + int64(highest)*scale/w.terms["g"].Weight + 2*Patience*scale
		var difference, low, high int64
		w.put(t, "f", "a", Fast, highest)
		w.put(t, "g", "a", Fast, highest)
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			if rapid.IntRange(0, 2).Draw(t, "other") == 0 {
				w.put(t, rapid.SampledFrom([]string{"x", "y"}).Draw(t, "who"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "class"), Fast, highest)
			}
			w.put(t, "f", "a", Fast, highest) // so that the line never runs dry
			w.put(t, "g", "a", Fast, highest)
			j, ok := w.NextFor(someEngine(t))
			if !ok {
				continue
			}
			switch step := j.Cost * scale / w.terms[j.Account].Weight; j.Account {
			case "f":
				difference += step
			case "g":
				difference -= step
			}
			if low, high = min(low, difference), max(high, difference); high-low > bound {
				t.Fatalf("the shares differ by %d, the bound is %d", high-low, bound)
			}
			w.Done(j.ID)
		}
	})
}

// Theorem 2: before the first job of an account that had nothing here, at most one job of
// each other account of its class starts; and once it is the first of its class, at most
// one of each other account on engines that could do it, patience aside.
func TestFirstJobIsDelayedByOneJobEach(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "new", "p", "q", "r")
		class := map[string]string{"p": "a", "q": "b", "r": "a"}
		engine := func() Engine {
			e := someEngine(t)
			e.Has = nil
			return e
		}
		for range rapid.IntRange(1, 60).Draw(t, "before") {
			who := rapid.SampledFrom([]string{"p", "q", "r"}).Draw(t, "who")
			w.put(t, who, class[who], Fast, 30)
			if rapid.Bool().Draw(t, "start") {
				w.NextFor(engine())
			}
		}
		for range 40 {
			w.put(t, "p", "a", Fast, 30)
			w.put(t, "q", "b", Fast, 30)
		}
		w.put(t, "new", "a", Fast, 30)
		started, since := map[string]int{}, map[string]int{}
		for range 200 {
			e := engine()
			first := w.Position(fmt.Sprint(w.jobs)) > 0 && w.named["a"].lines[Fast].ready[0].account.name == "new"
			j, ok := w.NextFor(e)
			if j.Account == "new" {
				return
			}
			if !ok {
				continue
			}
			if started[j.Account]++; j.Class == "a" && started[j.Account] > 1 {
				t.Fatalf("%s's second job starts before the newcomer's first", j.Account)
			}
			if first && e.Can("a") {
				if since[j.Account]++; since[j.Account] > 1 {
					t.Fatalf("%s's second job starts on an engine that could do the newcomer's", j.Account)
				}
			}
		}
	})
}

// A job that an engine has loaded passes others for at most the patience.
func TestPatienceIsBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "new", "p", "q", "r", "s")
		for range 40 {
			for _, who := range []string{"p", "q", "r", "s"} {
				w.put(t, who, "b", Fast, 30)
			}
		}
		w.put(t, "new", "a", Fast, 30)
		e := Engine{Has: func(c string) bool { return c == "b" }}
		before, earlier := int64(0), map[string]int64{}
		for {
			j, ok := w.NextFor(e)
			if !ok {
				t.Fatal("the newcomer never started")
			}
			if j.Account == "new" {
				break
			}
			if earlier[j.Account] == 0 {
				earlier[j.Account] = j.Cost // had waited for longer
			} else {
				before += j.Cost
			}
		}
		if before > Patience {
			t.Fatalf("%d tokens passed the newcomer, patience is %d", before, Patience)
		}
	})
}

// Theorem 3: while both lanes always want the engines, relaxed jobs get their share but
// for less than one job of each lane, and not more.
func TestLanesShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "p", "q", "r")
		const highest = 60
		for range 3 {
			w.put(t, "p", "a", Fast, highest)
			w.put(t, "r", "a", Relaxed, highest)
		}
		var fast, relaxed int64
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			w.put(t, rapid.SampledFrom([]string{"p", "q"}).Draw(t, "who"), "a", Fast, highest)
			w.put(t, rapid.SampledFrom([]string{"q", "r"}).Draw(t, "whom"), "a", Relaxed, highest)
			j, _ := w.Next()
			if j.Lane == Relaxed {
				relaxed += j.Cost
			} else {
				fast += j.Cost
			}
			owed := fast*w.share - relaxed*(100-w.share)
			if owed < 0 || owed > highest*100 {
				t.Fatalf("relaxed has %d of %d tokens, its share is %d %%", relaxed, fast+relaxed, w.share)
			}
		}
	})
}

// Theorem 4: every job that may run is started in the end, however much others add.
func TestNobodyStarves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "p", "q", "r")
		lane := Lane(rapid.IntRange(0, 1).Draw(t, "lane"))
		n := rapid.IntRange(1, 5).Draw(t, "jobs")
		for range n {
			w.put(t, "p", "a", lane, 30)
		}
		last := fmt.Sprint(w.jobs)
		for range 5000 {
			if !w.Has(last) {
				return
			}
			for _, who := range []string{"q", "r"} {
				for _, class := range []string{"a", "b"} {
					w.jobs++
					w.Add(Job{ID: fmt.Sprint(w.jobs), Account: who, Lane: Fast, Class: class, Cost: 30}, w.terms[who])
				}
			}
			j, _ := w.NextFor(Engine{Has: func(c string) bool { return c == "b" }})
			w.Done(j.ID)
		}
		t.Fatal("5000 others started first")
	})
}

// Neither coming and going nor several classes earn an account more than one that always
// waits gets, but for two of its jobs and one of the other.
func TestNoTrickEarnsMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "f", "g")
		const highest = 30
		bound := 2*highest*scale/w.terms["f"].Weight + highest*scale/w.terms["g"].Weight
		var ahead, low int64
		for range rapid.IntRange(100, 200).Draw(t, "steps") {
			for w.Len() < 3 {
				w.put(t, "g", "a", Fast, highest)
			}
			w.put(t, "g", "a", Fast, highest)
			for range rapid.IntRange(0, 2).Draw(t, "tricks") {
				w.put(t, "f", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "class"), Fast, highest)
			}
			j, _ := w.Next()
			step := j.Cost * scale / w.terms[j.Account].Weight
			if j.Account == "g" {
				step = -step
			}
			ahead += step
			if low = min(low, ahead); ahead-low > bound {
				t.Fatalf("f is ahead by %d, the bound is %d", ahead-low, bound)
			}
			w.Done(j.ID)
		}
	})
}

// Positions are the order in which jobs really start when nothing else happens.
func TestPositionIsTheRealOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "p", "q", "r", "s")
		class := map[string]string{"p": "a", "q": "a", "r": "b", "s": "b"}
		var ids []string
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			who := rapid.SampledFrom([]string{"p", "q", "r", "s"}).Draw(t, "who")
			w.put(t, who, class[who], Fast, 30)
			ids = append(ids, fmt.Sprint(w.jobs))
			if rapid.IntRange(0, 2).Draw(t, "start") == 0 {
				j, _ := w.Next()
				w.Done(j.ID)
			}
			if rapid.IntRange(0, 9).Draw(t, "remove") == 0 {
				w.Remove(rapid.SampledFrom(ids).Draw(t, "id"))
			}
		}
		want := map[int]string{}
		for _, id := range ids {
			if n := w.Position(id); n > 0 {
				want[n] = id
			}
		}
		if len(want) != w.Len() {
			t.Fatalf("%d positions for %d jobs", len(want), w.Len())
		}
		for n := 1; w.Len() > 0; n++ {
			j, _ := w.Next()
			if j.ID != want[n] {
				t.Fatalf("number %d to start was %s, but %s had that position", n, j.ID, want[n])
			}
			w.Done(j.ID)
		}
	})
}

// Virtual time may run over the end of an int64: the order is the same from any start.
func TestVirtualTimeRunsOver(t *testing.T) {
	t.Parallel()
	q, r := New(10), New(10)
	for _, l := range r.class("a").lines {
		l.clock = math.MaxInt64 - 50*scale
		l.top = l.clock
	}
	for n := range 400 {
		j := Job{ID: fmt.Sprint(n), Account: fmt.Sprint(n % 7), Class: "a", Lane: Lane(n % 2), Cost: int64(n%13 + 1)}
		terms := Terms{Weight: int64(n%7 + 1), Parallel: 2}
		q.Add(j, terms)
		r.Add(j, terms)
		if n < 40 || n%3 == 0 {
			continue
		}
		for range 2 {
			a, _ := q.Next()
			b, _ := r.Next()
			if a != b {
				t.Fatalf("job %d: %v, and after the end of time %v", n, a, b)
			}
			q.Done(a.ID)
			r.Done(b.ID)
		}
	}
	if q.Len() == 0 || r.class("a").lines[Fast].clock > 0 {
		t.Fatal("the end of time was not reached")
	}
}

// A returned job is the next again, and what was idle leaves nothing in memory.
func TestReturnAndForget(t *testing.T) {
	t.Parallel()
	q := New(10)
	terms := Terms{Weight: 1, Parallel: 9}
	for n := range 100 {
		q.Add(Job{ID: fmt.Sprint(n), Account: fmt.Sprint(n % 9), Class: fmt.Sprint(n % 3), Cost: 5}, terms)
	}
	for q.Len() > 0 {
		j, _ := q.Next()
		if !q.Return(j.ID) || q.Return(j.ID) {
			t.Fatal("a job is returned once")
		}
		if again, _ := q.Next(); again.ID != j.ID {
			t.Fatalf("%s was returned, then %s came", j.ID, again.ID)
		}
		q.Done(j.ID)
	}
	q.Next()
	if len(q.accounts)+len(q.classes)+len(q.named)+len(q.running)+len(q.waiting) > 0 {
		t.Fatalf("%d accounts and %d classes are left", len(q.accounts), len(q.classes))
	}
}

// An account far ahead of its share is not let further ahead because its model is loaded.
func TestPatienceLooksAtTheLag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cost int64
		want string
	}{{Patience, "p"}, {Patience + 1, "q"}} {
		q := New(10)
		terms := Terms{Weight: 1, Parallel: 9}
		q.Add(Job{ID: "1", Account: "p", Class: "b", Cost: c.cost}, terms)
		q.Add(Job{ID: "2", Account: "p", Class: "b", Cost: 1}, terms)
		q.Next()
		q.Add(Job{ID: "3", Account: "q", Class: "a", Cost: 1}, terms)
		if j, _ := q.NextFor(Engine{Has: func(c string) bool { return c == "b" }}); j.Account != c.want {
			t.Errorf("after a job of %d tokens: %s's is next, want %s's", c.cost, j.Account, c.want)
		}
	}
}
