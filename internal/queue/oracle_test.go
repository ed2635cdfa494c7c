package queue

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// oracle is a second queue that keeps everything in plain lists and looks at all of it
// each time. It shares no code with the first but the constants.
type oracle struct {
	share, owed int64
	turn        int
	moved       map[string]int
	clocks      map[string]int64 // by class and lane
	tops        map[string]int64
	passed      map[string]int64
	terms       map[string]Terms
	flows       []*plain
	running     []*plainJob
}

type plain struct {
	account, class string
	lane           Lane
	from           int64
	stamp          int
	jobs           []*plainJob
}

type plainJob struct {
	Job
	seq  int
	paid bool
}

func newOracle(share int64) *oracle {
	return &oracle{share: share, clocks: map[string]int64{}, tops: map[string]int64{}, passed: map[string]int64{}, moved: map[string]int{}, terms: map[string]Terms{}}
}

func key(class string, lane Lane) string { return fmt.Sprint(class, "/", int(lane)) }

func (o *oracle) lag(f *plain) int64 { return f.from - o.clocks[key(f.class, f.lane)] }

func (o *oracle) step(j *plainJob) int64 {
	return max(j.Cost*max(j.Slowdown, 1)*scale/o.terms[j.Account].Weight, 1)
}

func (o *oracle) runs(account string) (n int) {
	for _, j := range o.running {
		if j.Account == account {
			n++
		}
	}
	return n
}

func (o *oracle) free(account string) bool { return o.runs(account) < o.terms[account].Parallel }

// settle raises what may run to its clock, and forgets what is neither waited nor owed for.
func (o *oracle) settle() {
	o.flows = slices.DeleteFunc(o.flows, func(f *plain) bool { return len(f.jobs) == 0 && o.lag(f) <= 0 })
	used := map[string]bool{}
	for _, f := range o.flows {
		used[f.class] = true
		if len(f.jobs) > 0 && o.free(f.account) && o.lag(f) < 0 {
			f.from, f.stamp = o.clocks[key(f.class, f.lane)], o.turn
		}
	}
	for _, c := range []string{"a", "b", "c"} {
		for l := range lanes {
			if !used[c] {
				delete(o.clocks, key(c, l))
				delete(o.tops, key(c, l))
				delete(o.moved, key(c, l))
				delete(o.passed, key(c, l))
			}
		}
	}
}

func (o *oracle) flow(account, class string, lane Lane) *plain {
	var lag int64
	for _, f := range o.flows {
		if f.account == account && f.lane == lane {
			if f.class == class {
				return f
			}
			lag = max(lag, o.lag(f))
		}
	}
	f := &plain{account: account, class: class, lane: lane, from: o.clocks[key(class, lane)] + lag}
	o.flows = append(o.flows, f)
	return f
}

func (o *oracle) add(j Job, t Terms) {
	o.terms[j.Account] = t
	o.turn++
	o.settle()
	f := o.flow(j.Account, j.Class, j.Lane)
	f.jobs = append(f.jobs, &plainJob{Job: j, seq: o.turn})
	o.settle()
}

func (o *oracle) find(id string) (*plain, int) {
	for _, f := range o.flows {
		for n, j := range f.jobs {
			if j.ID == id {
				return f, n
			}
		}
	}
	return nil, 0
}

func (o *oracle) stop(id string) *plainJob {
	o.turn++
	n := slices.IndexFunc(o.running, func(j *plainJob) bool { return j.ID == id })
	j := o.running[n]
	o.running = slices.Delete(o.running, n, n+1)
	return j
}

func (o *oracle) giveBack(id string) {
	n := slices.IndexFunc(o.running, func(j *plainJob) bool { return j.ID == id })
	j := o.running[n]
	f := o.flow(j.Account, j.Class, j.Lane)
	o.turn++
	f.stamp = 0
	o.running = slices.Delete(o.running, n, n+1)
	f.from = max(f.from-o.step(j), o.clocks[key(f.class, f.lane)])
	f.jobs = append(f.jobs, j)
	slices.SortFunc(f.jobs, func(a, b *plainJob) int { return cmp.Compare(a.seq, b.seq) })
	o.settle()
}

// best is the flow whose turn it is among those that an engine can do.
func (o *oracle) best(can func(string) bool, lane Lane) *plain {
	heads := map[string]*plain{}
	for _, f := range o.flows {
		if f.lane != lane || len(f.jobs) == 0 || !can(f.class) || !o.free(f.account) {
			continue
		}
		if h := heads[f.class]; h == nil || cmp.Or(cmp.Compare(o.lag(f), o.lag(h)), cmp.Compare(f.jobs[0].seq, h.jobs[0].seq)) < 0 {
			heads[f.class] = f
		}
	}
	var best *plain
	for _, h := range heads {
		if best == nil || cmp.Or(cmp.Compare(o.lag(h), o.lag(best)), o.between(h, best), cmp.Compare(h.jobs[0].seq, best.jobs[0].seq)) < 0 {
			best = h
		}
	}
	return best
}

// between compares flows of two classes at lag zero by how long they have been there.
func (o *oracle) between(f, g *plain) int {
	if f.class == g.class || o.lag(f) != 0 {
		return 0
	}
	return cmp.Compare(max(f.stamp, f.jobs[0].seq, o.moved[key(f.class, f.lane)]), max(g.stamp, g.jobs[0].seq, o.moved[key(g.class, g.lane)]))
}

func (o *oracle) oldest(of *plain, can func(string) bool) *plain {
	best := of
	for _, f := range o.flows {
		if f.account == of.account && f.lane == of.lane && len(f.jobs) > 0 && can(f.class) && f.jobs[0].seq < best.jobs[0].seq {
			best = f
		}
	}
	return best
}

func (o *oracle) choose(can, has func(string) bool, lane Lane) (turn, picked *plain) {
	turn = o.best(can, lane)
	if turn == nil {
		return nil, nil
	}
	both := func(c string) bool { return can(c) && has(c) }
	if g := o.best(both, lane); !has(turn.class) && g != nil && o.lag(g)-o.lag(turn) <= Patience*scale {
		g = o.oldest(g, both)
		patient := true
		for _, f := range o.flows {
			if f.lane == lane && len(f.jobs) > 0 && f.class != g.class && can(f.class) && o.free(f.account) {
				patient = patient && o.passed[key(f.class, lane)]+g.jobs[0].Cost <= Patience
			}
		}
		if patient {
			return turn, g
		}
	}
	return turn, o.oldest(turn, can)
}

func (o *oracle) next(can, has func(string) bool) (Job, bool) {
	var turns, picks [lanes]*plain
	for l := range lanes {
		turns[l], picks[l] = o.choose(can, has, l)
		for _, c := range []string{"a", "b", "c"} {
			if k := key(c, l); picks[l] == nil && can(c) {
				if o.tops[k] > o.clocks[k] {
					o.clocks[k], o.moved[k] = o.tops[k], o.turn
				}
			}
		}
	}
	lane := Fast
	switch fast, relaxed := picks[Fast], picks[Relaxed]; {
	case fast == nil && relaxed == nil:
		o.settle()
		return Job{}, false
	case fast == nil:
		lane = Relaxed
	case relaxed != nil:
		if c := relaxed.jobs[0].Cost * (100 - o.share); o.owed >= c {
			lane, o.owed = Relaxed, o.owed-c
		} else {
			o.owed += fast.jobs[0].Cost * o.share
		}
	}
	return o.begin(can, turns[lane], picks[lane]), true
}

func (o *oracle) begin(can func(string) bool, turn, f *plain) Job {
	j, lag := f.jobs[0], o.lag(turn)
	o.turn++
	for _, c := range []string{"a", "b", "c"} {
		if can(c) {
			o.clocks[key(c, f.lane)] += lag
			if lag > 0 {
				o.moved[key(c, f.lane)] = o.turn
			}
		}
	}
	for _, c := range []string{"a", "b", "c"} {
		k, waits := key(c, f.lane), false
		for _, g := range o.flows {
			waits = waits || g.class == c && g.lane == f.lane && len(g.jobs) > 0 && o.free(g.account)
		}
		switch {
		case c == f.class:
			o.passed[k] = 0
		case can(c) && waits && turn.class != f.class:
			o.passed[k] += j.Cost
		}
	}
	o.flows = slices.DeleteFunc(o.flows, func(g *plain) bool { return len(g.jobs) == 0 && o.lag(g) <= 0 })
	f.jobs = f.jobs[1:]
	f.from += o.step(j)
	f.stamp = o.turn
	o.tops[key(f.class, f.lane)] = max(o.tops[key(f.class, f.lane)], f.from)
	for _, g := range o.flows {
		if g != f && g.account == f.account && g.lane == f.lane && can(g.class) && !j.paid {
			k := key(g.class, g.lane)
			g.from = max(g.from, o.clocks[k]) + o.step(j)
			o.tops[k] = max(o.tops[k], g.from)
		}
	}
	j.paid = true
	o.running = append(o.running, j)
	o.settle()
	return j.Job
}

// The queue and the oracle give the same jobs, and the same clocks, on any sequence of
// calls.
func TestQueueIsItsOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Int64Range(1, 50).Draw(t, "share")
		q, o := New(share), newOracle(share)
		sets := []func(string) bool{
			func(string) bool { return true }, func(string) bool { return false },
			func(c string) bool { return c == "a" }, func(c string) bool { return c != "a" }, func(c string) bool { return c != "c" },
		}
		names := func(list []*plainJob) (ids []string) {
			for _, j := range list {
				ids = append(ids, j.ID)
			}
			return ids
		}
		for step := range rapid.IntRange(1, 150).Draw(t, "steps") {
			what := rapid.IntRange(0, 9).Draw(t, "what")
			switch {
			case what <= 3:
				j := Job{ID: fmt.Sprint("j", step), Account: rapid.SampledFrom([]string{"p", "q", "r", "s"}).Draw(t, "who"),
					Lane: Lane(rapid.IntRange(0, 1).Draw(t, "lane")), Class: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "class"),
					Cost: rapid.Int64Range(1, 70).Draw(t, "cost"), Slowdown: rapid.Int64Range(0, 3).Draw(t, "slowdown")}
				terms := Terms{Weight: rapid.Int64Range(1, 4).Draw(t, "weight"), Parallel: rapid.IntRange(1, 3).Draw(t, "parallel")}
				q.Add(j, terms)
				o.add(j, terms)
			case what <= 6:
				can, has := rapid.SampledFrom(sets).Draw(t, "can"), rapid.SampledFrom(sets[1:]).Draw(t, "has")
				got, ok := q.NextFor(Engine{Can: can, Has: has})
				want, wantOK := o.next(can, has)
				if got.ID != want.ID || ok != wantOK {
					t.Fatalf("step %d: next is %q, the oracle says %q", step, got.ID, want.ID)
				}
			case what <= 8 && len(o.running) > 0:
				id := rapid.SampledFrom(names(o.running)).Draw(t, "id")
				if what == 7 {
					q.Done(id)
					o.stop(id)
					o.settle()
				} else {
					q.Return(id)
					o.giveBack(id)
				}
			case what == 9:
				var ids []string
				for _, f := range o.flows {
					ids = append(ids, names(f.jobs)...)
				}
				if len(ids) == 0 {
					continue
				}
				id := rapid.SampledFrom(ids).Draw(t, "id")
				f, n := o.find(id)
				f.jobs = slices.Delete(f.jobs, n, n+1)
				o.settle()
				q.Remove(id)
			}
			if len(q.running) != len(o.running) {
				t.Fatalf("%d run, the oracle says %d", len(q.running), len(o.running))
			}
			for _, c := range q.classes {
				for _, l := range c.lines {
					if got, want := l.clock, o.clocks[key(c.name, l.lane)]; got != want {
						t.Fatalf("step %d: clock of %s/%d is %d, the oracle says %d", step, c.name, l.lane, got, want)
					}
				}
			}
		}
	})
}
