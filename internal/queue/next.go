package queue

// NextFor takes the job that should run now on an engine: the first in fair order that
// it can do, or one of a class that it has loaded while Patience lasts. The job counts
// as running until Done or Return.
func (q *Queue) NextFor(e Engine) (Job, bool) {
	var able [16]*class
	can := able[:0]
	for _, c := range q.classes {
		if e.Can == nil || e.Can(c.name) {
			can = append(can, c)
		}
	}
	var picks [lanes]pick
	for l := range picks {
		picks[l] = choose(can, Lane(l), e.Has)
	}
	for l, p := range picks {
		if p.flow == nil {
			q.rest(can, Lane(l))
		}
	}
	lane := Fast
	switch fast, relaxed := picks[Fast].flow, picks[Relaxed].flow; {
	case fast == nil && relaxed == nil:
		return Job{}, false
	case fast == nil:
		lane = Relaxed
	case relaxed != nil:
		lane = q.contest(picks[Fast].item.cost, picks[Relaxed].item.cost)
	}
	return q.begin(can, lane, picks[lane]), true
}

// pick is a job that may start now, and the lag of the flow whose turn it is.
type pick struct {
	flow *flow
	item *item
	lag  int64
	// turn is the class whose turn it would be without preference.
	turn *class
}

// choose finds a lane's next job.
func choose(can []*class, lane Lane, has func(string) bool) pick {
	first := lowest(can, lane, nil)
	if first == nil {
		return pick{}
	}
	p := pick{flow: first, lag: first.lag(), turn: first.line.class}
	if has != nil && !has(p.turn.name) {
		if g := lowest(can, lane, has); g != nil && g.lag() <= p.lag+Patience*scale {
			loaded := g.oldest(can, has)
			if patient(can, lane, loaded) {
				p.flow, p.item = g, loaded
				return p
			}
		}
	}
	p.item = first.oldest(can, nil)
	return p
}

// patient tells whether every other class can still be passed by a job.
func patient(can []*class, lane Lane, i *item) bool {
	for _, c := range can {
		if c != i.flow.line.class && len(c.lines[lane].ready) > 0 && c.passed[lane]+i.cost > Patience {
			return false
		}
	}
	return true
}

// lowest is the flow with the least lag in some classes.
func lowest(can []*class, lane Lane, has func(string) bool) *flow {
	var best *flow
	for _, c := range can {
		ready := c.lines[lane].ready
		if len(ready) == 0 || has != nil && !has(c.name) {
			continue
		}
		f := ready[0]
		if best == nil || f.outranks(best) {
			best = f
		}
	}
	return best
}

// outranks compares flows of two classes by lag. At a lag of zero the one that has waited
// there for longer comes first: engines of one class alone must not renew a right there
// against another class. Else the oldest job does.
func (f *flow) outranks(g *flow) bool {
	if d := f.lag() - g.lag(); d != 0 {
		return d < 0
	}
	if f.lag() == 0 {
		if a, b := f.since(), g.since(); a != b {
			return a < b
		}
	}
	return f.items[0].seq < g.items[0].seq
}

// since is the turn from which on the flow's next job could start as the next of its class,
// if its lag is zero.
func (f *flow) since() uint64 { return max(f.stamp, f.line.moved, f.items[0].seq) }

// oldest is the job that the flow's account queued first, in this lane and these classes.
func (f *flow) oldest(can []*class, has func(string) bool) *item {
	best := f.items[0]
	for _, g := range f.account.flows {
		c := g.line.class
		if g.line.lane == f.line.lane && len(g.items) > 0 && g.items[0].seq < best.seq && among(can, c) && (has == nil || has(c.name)) {
			best = g.items[0]
		}
	}
	return best
}

func among(can []*class, c *class) bool {
	for _, o := range can {
		if o == c {
			return true
		}
	}
	return false
}

// contest decides between the lanes when both want the engine: relaxed runs once it has
// earned the price of its job.
func (q *Queue) contest(fast, relaxed int64) Lane {
	if q.owed >= relaxed*(100-q.share) {
		q.owed -= relaxed * (100 - q.share)
		return Relaxed
	}
	q.owed += fast * q.share
	return Fast
}

// rest forgives debts where an engine found nothing.
func (q *Queue) rest(can []*class, lane Lane) {
	for _, c := range can {
		q.idle(c.lines[lane])
	}
}

// begin starts a job: the clocks of all that the engine can do move on together, and the
// account pays in each of these classes.
func (q *Queue) begin(can []*class, lane Lane, p pick) Job {
	q.turn++
	i := p.item
	f, a := i.flow, i.flow.account
	for _, c := range can {
		l := c.lines[lane]
		q.advance(l, p.lag)
		switch {
		case c == f.line.class:
			c.passed[lane] = 0
		case p.turn != f.line.class && len(l.ready) > 0:
			c.passed[lane] += i.cost
		}
	}
	delete(q.waiting, i.id)
	q.running[i.id] = i
	f.take(0)
	f.stamp = q.turn
	f.line.reach(i.tag + i.step)
	a.running++
	for _, g := range a.flows {
		if g != f && !i.paid && g.line.lane == lane && among(can, g.line.class) {
			g.charge(i.step)
		}
	}
	i.paid = true
	job := i.job()
	q.placeAll(a)
	return job
}

// charge lets an account pay in another class for a job that an engine of both ran.
func (f *flow) charge(step int64) {
	if f.lag() < 0 {
		f.move(f.line.clock)
	}
	if f.index >= 0 {
		f.line.heapOf(f).remove(f) // the heap must not see the tag change
	}
	f.move(f.start() + step)
	f.line.reach(f.start())
}

func (l *line) reach(tag int64) {
	if tag-l.top > 0 {
		l.top = tag
	}
}
