package queue

// Ahead is what stands before a waiting job.
type Ahead struct {
	// Jobs wait before it in its lane, and Work is their price in tokens.
	Jobs int
	Work int64
	// Other is the price of what waits in the other lane.
	Other int64
	// Own is how many of its account's jobs run or come before it, in both lanes, and
	// Parallel how many of them may run at a time.
	Own, Parallel int
	// Lag is how far its start lies ahead of its line's virtual time, in thousandths of a
	// token at weight 1. What is at 0 is passed by nobody who comes later.
	Lag int64
	// Lane is its lane, and Cost its own price.
	Lane Lane
	Cost int64
}

// Position is the place of a waiting job in its lane: 1 for the next, 0 for a job that
// does not wait. It counts the jobs that begin earlier if nothing else changes, no limit
// binds and engines can do everything. An account's lines of several classes are counted
// each for itself.
func (q *Queue) Position(id string) int {
	i := q.waiting[id]
	if i == nil {
		return 0
	}
	jobs, _ := q.before(i)
	return jobs + 1
}

// Ahead tells what stands before a waiting job.
func (q *Queue) Ahead(id string) (Ahead, bool) {
	i := q.waiting[id]
	if i == nil {
		return Ahead{}, false
	}
	f := i.flow
	a := Ahead{Own: f.account.running, Parallel: f.account.terms.Parallel, Lane: f.line.lane, Cost: i.cost}
	for _, g := range f.account.flows {
		switch {
		case g.line.lane == f.line.lane:
			a.Own += g.find(i)
		case g.line.lane == Fast:
			a.Own += len(g.items)
		}
	}
	a.Jobs, a.Work = q.before(i)
	a.Lag = max(i.tag-f.line.clock, 0) * 1000 / scale
	for _, c := range q.classes {
		if other := c.lines[Relaxed-f.line.lane].root; other != nil {
			a.Other += other.work
		}
	}
	return a, true
}

// Clock is the virtual time of a lane and class, in thousandths of a token at weight 1. It
// begins anew when a class has been out of use.
func (q *Queue) Clock(lane Lane, name string) int64 {
	if c := q.named[name]; c != nil {
		return c.lines[lane].clock / scale * 1000
	}
	return 0
}

// before counts what begins before a job in its lane.
func (q *Queue) before(i *item) (jobs int, work int64) {
	lag := i.tag - i.flow.line.clock
	for _, c := range q.classes {
		l := c.lines[i.flow.line.lane]
		n, w := l.ahead(l.clock+lag, i.seq)
		jobs += n
		work += w
	}
	return jobs, work
}
