package queue

// class is a kind of job and its two lanes.
type class struct {
	name  string
	lines [lanes]*line
	// flows counts those of both lanes; index is its place in the queue's list.
	flows, index int
	// passed is how many tokens' worth of preferred jobs started before its oldest right.
	passed [lanes]int64
}

// line is one lane of one class. Tags are compared with its clock only, by difference,
// so that virtual time may run over the end of an int64.
type line struct {
	class *class
	lane  Lane
	// clock is the virtual time; top is the furthest end of a job that has started.
	clock, top int64
	// moved is the turn in which the clock last moved.
	moved uint64
	root  *item
	// blind lines don't count what is ahead of a job.
	blind bool
	// ready are the flows that may run; debts those that wait for nothing but were served
	// beyond the clock.
	ready, debts heap
}

func (q *Queue) class(name string) *class {
	c := q.named[name]
	if c == nil {
		c = &class{name: name, index: len(q.classes)}
		for l := range c.lines {
			c.lines[l] = &line{class: c, lane: Lane(l), blind: q.blind}
		}
		q.named[name] = c
		q.classes = append(q.classes, c)
	}
	return c
}

func (l *line) heapOf(f *flow) *heap {
	if f.debt {
		return &l.debts
	}
	return &l.ready
}

// advance moves the clock on, and forgets debts that it has reached.
func (q *Queue) advance(l *line, by int64) {
	if by > 0 {
		l.clock += by
		l.moved = q.turn
	}
	for len(l.debts) > 0 && l.debts[0].lag() <= 0 {
		f := l.debts[0]
		l.debts.remove(f)
		q.forget(f)
	}
}

// idle is what an engine that finds nothing says: nobody waits because of a debt, so
// all are forgiven.
func (q *Queue) idle(l *line) {
	if by := l.top - l.clock; by > 0 {
		q.advance(l, by)
	}
}

// heap has the flow with the lowest start first; of equal ones the oldest job.
type heap []*flow

func (f *flow) before(g *flow) bool {
	if d := f.start() - g.start(); d != 0 {
		return d < 0
	}
	if len(f.items) > 0 && len(g.items) > 0 {
		return f.items[0].seq < g.items[0].seq
	}
	return false
}

func (h *heap) push(f *flow) {
	f.index = len(*h)
	*h = append(*h, f)
	h.up(f.index)
}

func (h *heap) remove(f *flow) {
	at, last := f.index, len(*h)-1
	h.swap(at, last)
	(*h)[last] = nil
	*h = (*h)[:last]
	f.index = -1
	if at < last {
		h.down(at)
		h.up(at)
	}
	if cap(*h) > 64 && len(*h) < cap(*h)/4 {
		*h = append(make(heap, 0, cap(*h)/2), *h...) // gives memory back after a rush
	}
}

func (h heap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h heap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h heap) down(i int) {
	for {
		best := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].before(h[best]) {
				best = child
			}
		}
		if best == i {
			return
		}
		h.swap(i, best)
		i = best
	}
}
