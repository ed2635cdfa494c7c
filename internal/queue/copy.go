package queue

// Part copies what matters for the next jobs: every account with jobs that run, and the
// accounts whose turn comes first in each line, with so many jobs in all, more or less.
// The copy knows no positions. The number of jobs and accounts that are not copied costs
// nothing.
func (q *Queue) Part(jobs int) *Queue {
	size := min(jobs, len(q.waiting))
	n := &Queue{blind: true, share: q.share, owed: q.owed, turn: q.turn, named: make(map[string]*class, len(q.named)), accounts: make(map[string]*account, min(size, len(q.accounts))), waiting: make(map[string]*item, size), running: make(map[string]*item, len(q.running))}
	for _, c := range q.classes {
		d := n.class(c.name)
		d.passed = c.passed
		for l, from := range c.lines {
			to := d.lines[l]
			to.clock, to.top, to.moved = from.clock, from.top, from.moved
		}
	}
	for id, i := range q.running {
		a := n.take(i.flow.account)
		n.running[id] = &item{id: id, flow: &flow{account: a, index: -1}, seq: i.seq, step: i.step, cost: i.cost, slow: i.slow, paid: i.paid}
	}
	for _, c := range q.classes {
		for _, l := range c.lines {
			room := max(jobs*l.len()/max(len(q.waiting), 1), 16)
			l.ready.first(func(f *flow) bool {
				n.take(f.account)
				room -= min(len(f.items), lineCopied)
				return room > 0
			})
		}
	}
	return n
}

// lineCopied is how many jobs of one flow are copied at most.
const lineCopied = 256

// len is how many jobs the flows have that may run; a copy need not know more exactly.
func (l *line) len() int {
	if l.root != nil {
		return int(l.root.count)
	}
	return len(l.ready)
}

// take copies an account of another queue, unless it is there.
func (q *Queue) take(from *account) *account {
	if a := q.accounts[from.name]; a != nil {
		return a
	}
	a := &account{name: from.name, terms: from.terms, running: from.running}
	q.accounts[a.name] = a
	for _, f := range from.flows {
		g := &flow{account: a, line: q.class(f.line.class.name).lines[f.line.lane], end: f.end, index: -1, stamp: f.stamp}
		a.flows = append(a.flows, g)
		g.line.class.flows++
		items := make([]item, min(len(f.items), lineCopied))
		g.items = make([]*item, 0, len(items))
		for n := range items {
			i := f.items[n]
			items[n] = item{id: i.id, flow: g, seq: i.seq, tag: i.tag, step: i.step, cost: i.cost, slow: i.slow, paid: i.paid}
			g.items = append(g.items, &items[n])
			q.waiting[i.id] = &items[n]
			g.end = i.tag + i.step
		}
	}
	q.placeAll(a)
	return a
}

// first goes through the flows of a heap in their order until it is told to stop.
func (h heap) first(more func(*flow) bool) {
	next := make([]int, 0, 16) // the places in h that may come next, a heap itself
	push := func(at int) {
		if at >= len(h) {
			return
		}
		next = append(next, at)
		for i := len(next) - 1; i > 0 && h[next[i]].before(h[next[(i-1)/2]]); i = (i - 1) / 2 {
			next[i], next[(i-1)/2] = next[(i-1)/2], next[i]
		}
	}
	for push(0); len(next) > 0; {
		at, last := next[0], len(next)-1
		next[0] = next[last]
		next = next[:last]
		for i := 0; 2*i+1 < last; {
			child := 2*i + 1
			if child+1 < last && h[next[child+1]].before(h[next[child]]) {
				child++
			}
			if !h[next[child]].before(h[next[i]]) {
				break
			}
			next[i], next[child] = next[child], next[i]
			i = child
		}
		if !more(h[at]) {
			return
		}
		push(2*at + 1)
		push(2*at + 2)
	}
}
