package queue

import (
	"slices"
	"sort"
)

// account is who queues; it is forgotten when nothing of it waits, runs or is owed.
type account struct {
	name    string
	terms   Terms
	running int
	flows   []*flow
}

func (a *account) step(i *item) int64 {
	return max(min(i.cost*min(i.slow, MaxCost), MaxCost)*scale/a.terms.Weight, 1)
}

func (a *account) free() bool { return a.running < a.terms.Parallel }

// flow is one account's jobs of one class in one lane, oldest first. Their tags follow
// each other without gaps.
type flow struct {
	account *account
	line    *line
	items   []*item
	// end is where the last one ends; of an empty flow, until when it has been served.
	end int64
	// index is its place in the heap that it is in, or -1; debt says which.
	index int
	debt  bool
	// stamp is the turn in which a job of it started last or it was raised to the clock.
	stamp uint64
}

// start is the tag of the next job, if there is one or not.
func (f *flow) start() int64 {
	if len(f.items) > 0 {
		return f.items[0].tag
	}
	return f.end
}

// lag is how far the flow is ahead of its line's clock.
func (f *flow) lag() int64 { return f.start() - f.line.clock }

// find is the place of a waiting job.
func (f *flow) find(i *item) int {
	return sort.Search(len(f.items), func(n int) bool { return f.items[n].seq >= i.seq })
}

func (f *flow) append(i *item) {
	i.tag = f.end
	f.end += i.step
	f.items = append(f.items, i)
	f.line.insert(i)
}

// take removes the job at a place; the others keep their tags.
func (f *flow) take(at int) {
	f.line.remove(f.items[at])
	if at == 0 {
		f.items[0] = nil
		f.items = f.items[1:]
	} else {
		f.items = slices.Delete(f.items, at, at+1)
	}
	if len(f.items) == 0 {
		f.items = nil
	}
}

// restore puts a job that had started back by its age, and gives back what it cost.
func (f *flow) restore(i *item) {
	first := f.start() - i.step
	if first-f.line.clock < 0 {
		first = f.line.clock
	}
	i.tag = first
	f.items = slices.Insert(f.items, f.find(i), i)
	f.line.insert(i)
	f.retag(0, first)
}

// retag gives the jobs from a place on tags that follow each other from first.
func (f *flow) retag(at int, first int64) {
	for _, i := range f.items[at:] {
		step := f.account.step(i)
		if i.tag != first || i.step != step {
			f.line.remove(i)
			i.tag, i.step = first, step
			f.line.insert(i)
		}
		first += step
	}
	f.end = first
}

// move lets the whole flow start at another tag.
func (f *flow) move(first int64) {
	if first != f.start() {
		f.retag(0, first)
	}
}

func (q *Queue) account(name string) *account {
	a := q.accounts[name]
	if a == nil {
		a = &account{name: name, terms: Terms{Weight: 1, Parallel: 1}}
		q.accounts[name] = a
	}
	return a
}

func (q *Queue) setTerms(a *account, terms Terms) {
	terms = Terms{Weight: min(max(terms.Weight, 1), MaxWeight), Parallel: max(terms.Parallel, 1)}
	before := a.terms
	a.terms = terms
	if before.Weight != terms.Weight {
		for _, f := range a.flows {
			f.retag(0, f.start())
		}
	}
	if before != terms {
		q.placeAll(a)
	}
}

// flow finds an account's flow in a line or begins one, as far ahead of the line's
// clock as the account is elsewhere in the lane: changing the class earns nothing.
func (q *Queue) flow(a *account, l *line) *flow {
	var lag int64
	for _, f := range a.flows {
		if f.line == l {
			return f
		}
		if f.line.lane == l.lane {
			lag = max(lag, f.lag())
		}
	}
	f := &flow{account: a, line: l, end: l.clock + lag, index: -1}
	a.flows = append(a.flows, f)
	l.class.flows++
	return f
}

// placeAll puts all of an account's flows where they belong.
func (q *Queue) placeAll(a *account) {
	for n := len(a.flows) - 1; n >= 0; n-- {
		q.place(a.flows[n])
	}
}

// place puts a flow among those that may run, or those that are owed for, or nowhere;
// one with neither jobs nor debt is forgotten.
func (q *Queue) place(f *flow) {
	l := f.line
	if f.index >= 0 {
		l.heapOf(f).remove(f)
	}
	switch {
	case len(f.items) > 0:
		f.debt = false
		if f.account.free() {
			if f.lag() < 0 {
				f.move(l.clock)
				f.stamp = q.turn
			}
			l.ready.push(f)
		}
	case f.lag() > 0:
		f.debt = true
		l.debts.push(f)
	default:
		q.forget(f)
	}
}

// forget drops a flow, and its account and class with the last one.
func (q *Queue) forget(f *flow) {
	a, c := f.account, f.line.class
	a.flows = slices.DeleteFunc(a.flows, func(o *flow) bool { return o == f })
	q.drop(a)
	c.flows--
	if c.flows == 0 {
		last := len(q.classes) - 1
		q.classes[c.index] = q.classes[last]
		q.classes[c.index].index = c.index
		q.classes = q.classes[:last]
		delete(q.named, c.name)
	}
}

// drop forgets an account with nothing left.
func (q *Queue) drop(a *account) {
	if a.running == 0 && len(a.flows) == 0 {
		delete(q.accounts, a.name)
	}
}
