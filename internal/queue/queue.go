// Package queue decides whose job runs next. It is pure: no clock, no I/O, no
// randomness, and the same calls give the same order everywhere.
//
// It promises start-time fair queueing by price: each account gets engine time in
// proportion to its weight whatever it queues. A job's start tag is the later of the
// lane's virtual time and the end of the account's job before it; its length in
// virtual time is its cost divided by the account's weight; the lowest start tag runs
// first. So one account's long batch delays another's first job by at most the job
// that is running in each slot. The two lanes share in the same way: relaxed jobs get
// their guaranteed share while fast ones wait, and everything when none do.
//
// An account never runs more jobs at a time than its terms allow. The package does not
// know engines, storage or tokens. Every call costs at most the logarithm of the
// number of accounts with waiting jobs, except Position, which looks at the lane.
package queue

import "container/heap"

// Lane is how a job runs.
type Lane int

// The lanes: paid jobs, and those of people out of tokens.
const (
	Fast Lane = iota
	Relaxed
	lanes
)

// Job is what waits.
type Job struct {
	ID      string
	Account string
	Lane    Lane
	// Cost is the job's price in tokens, at least 1.
	Cost int64
}

// Terms are what an account's plan gives it here.
type Terms struct {
	// Weight is the account's share against others, at least 1.
	Weight int64
	// Parallel is how many of its jobs may run at a time, at least 1.
	Parallel int
}

// scale is the resolution of virtual time: one token at weight 1 lasts this long.
const scale = 1 << 20

// maxCost keeps virtual time within an int64 for more than a million jobs a lane.
const maxCost = 1 << 20

// waiting is a job with its start tag.
type waiting struct {
	job   Job
	start int64
}

// flow is one account's jobs in one lane, in the order they came.
type flow struct {
	account *account
	lane    Lane
	jobs    []waiting
	// end is the virtual end of the last job that was added.
	end int64
	// index is the flow's place in the heap, or -1 while it may not run.
	index int
}

type account struct {
	name    string
	terms   Terms
	running int
	flows   [lanes]*flow
}

// lane is a heap of the flows that may run, lowest start tag first.
type lane struct {
	heap []*flow
	// now is the lane's virtual time: the start tag of the last job that began.
	now int64
	// served is how much cost began here, over the lane's share of the engines.
	served int64
	share  int64
}

// Queue holds waiting jobs. It is not safe for concurrent use.
type Queue struct {
	lanes    [lanes]lane
	accounts map[string]*account
	jobs     map[string]*flow
	running  map[string]*account
}

// New makes an empty queue. relaxedShare is the part of all work, in percent from 1 to
// 99, that relaxed jobs get at least while fast ones wait.
func New(relaxedShare int64) *Queue {
	relaxedShare = min(max(relaxedShare, 1), 99)
	q := &Queue{accounts: map[string]*account{}, jobs: map[string]*flow{}, running: map[string]*account{}}
	q.lanes[Fast].share, q.lanes[Relaxed].share = 100-relaxedShare, relaxedShare
	return q
}

// Add puts a job at the end of its account's line. A job that waits or runs already stays as it is.
func (q *Queue) Add(j Job, terms Terms) {
	if q.Has(j.ID) {
		return
	}
	j.Cost = min(max(j.Cost, 1), maxCost)
	a := q.account(j.Account)
	a.terms = Terms{Weight: max(terms.Weight, 1), Parallel: max(terms.Parallel, 1)}
	f := a.flows[j.Lane]
	if f == nil {
		f = &flow{account: a, lane: j.Lane, index: -1}
		a.flows[j.Lane] = f
	}
	l := &q.lanes[j.Lane]
	if len(l.heap) == 0 && len(f.jobs) == 0 {
		q.catchUp(j.Lane)
	}
	start := max(l.now, f.end)
	f.end = start + j.Cost*scale/a.terms.Weight
	f.jobs = append(f.jobs, waiting{job: j, start: start})
	q.jobs[j.ID] = f
	q.place(f)
}

// Has tells whether a job waits or runs.
func (q *Queue) Has(id string) bool {
	return q.jobs[id] != nil || q.running[id] != nil
}

// Len is the number of waiting jobs.
func (q *Queue) Len() int { return len(q.jobs) }

// Next takes the job that should run now. It counts as running until Done.
func (q *Queue) Next() (Job, bool) {
	l := q.lane()
	if l == nil {
		return Job{}, false
	}
	f := l.heap[0]
	w := f.jobs[0]
	f.jobs = f.jobs[1:]
	l.now = max(l.now, w.start)
	l.served += w.job.Cost * scale / l.share
	delete(q.jobs, w.job.ID)
	q.running[w.job.ID] = f.account
	f.account.running++
	q.placeAll(f.account)
	return w.job, true
}

// Done tells that a job does not run any more.
func (q *Queue) Done(id string) {
	a := q.running[id]
	if a == nil {
		return
	}
	delete(q.running, id)
	a.running--
	q.placeAll(a)
	q.forget(a)
}

// Remove takes a waiting job out; it tells whether there was one.
func (q *Queue) Remove(id string) bool {
	f := q.jobs[id]
	if f == nil {
		return false
	}
	delete(q.jobs, id)
	for i, w := range f.jobs {
		if w.job.ID == id {
			f.jobs = append(f.jobs[:i:i], f.jobs[i+1:]...)
			break
		}
	}
	q.place(f)
	q.forget(f.account)
	return true
}

// Position is how many waiting jobs of the same lane begin no later than this one, by
// their start tags: 1 for the next. It is 0 for a job that does not wait.
func (q *Queue) Position(id string) int {
	f := q.jobs[id]
	if f == nil {
		return 0
	}
	var start int64
	for _, w := range f.jobs {
		if w.job.ID == id {
			start = w.start
		}
	}
	position := 1
	for _, a := range q.accounts {
		other := a.flows[f.lane]
		if other == nil {
			continue
		}
		for _, w := range other.jobs {
			if w.start < start || (w.start == start && a.name < f.account.name) {
				position++
			}
		}
	}
	return position
}

// lane chooses between the lanes: the one that was served less for its share.
func (q *Queue) lane() *lane {
	var best *lane
	for i := range q.lanes {
		l := &q.lanes[i]
		if len(l.heap) > 0 && (best == nil || l.served < best.served) {
			best = l
		}
	}
	return best
}

// catchUp lets a lane that was empty start level with the other, so that idleness earns no arrears.
func (q *Queue) catchUp(lane Lane) {
	for i := range q.lanes {
		if other := &q.lanes[i]; Lane(i) != lane && len(other.heap) > 0 {
			q.lanes[lane].served = max(q.lanes[lane].served, other.served)
		}
	}
}

func (q *Queue) account(name string) *account {
	a := q.accounts[name]
	if a == nil {
		a = &account{name: name}
		q.accounts[name] = a
	}
	return a
}

// forget drops an account that has nothing waiting or running and no virtual time ahead of its lanes.
func (q *Queue) forget(a *account) {
	if a.running > 0 {
		return
	}
	for _, f := range a.flows {
		if f != nil && (len(f.jobs) > 0 || f.end > q.lanes[f.lane].now) {
			return
		}
	}
	delete(q.accounts, a.name)
}

func (q *Queue) placeAll(a *account) {
	for _, f := range a.flows {
		if f != nil {
			q.place(f)
		}
	}
}

// place puts a flow where it belongs in its lane's heap, or takes it out while it may not run.
func (q *Queue) place(f *flow) {
	l := &q.lanes[f.lane]
	runnable := len(f.jobs) > 0 && f.account.running < f.account.terms.Parallel
	switch {
	case runnable && f.index < 0:
		heap.Push(l, f)
	case runnable:
		heap.Fix(l, f.index)
	case f.index >= 0:
		heap.Remove(l, f.index)
	}
}

// Len, Less, Swap, Push and Pop make a lane a heap.
func (l *lane) Len() int { return len(l.heap) }

// Less orders by start tag, then by account name so that ties are the same everywhere.
func (l *lane) Less(i, j int) bool {
	x, y := l.heap[i], l.heap[j]
	if x.jobs[0].start != y.jobs[0].start {
		return x.jobs[0].start < y.jobs[0].start
	}
	return x.account.name < y.account.name
}

// Swap exchanges two flows.
func (l *lane) Swap(i, j int) {
	l.heap[i], l.heap[j] = l.heap[j], l.heap[i]
	l.heap[i].index, l.heap[j].index = i, j
}

// Push adds a flow.
func (l *lane) Push(x any) {
	f := x.(*flow)
	f.index = len(l.heap)
	l.heap = append(l.heap, f)
}

// Pop takes the last flow off.
func (l *lane) Pop() any {
	f := l.heap[len(l.heap)-1]
	l.heap[len(l.heap)-1] = nil
	l.heap = l.heap[:len(l.heap)-1]
	f.index = -1
	return f
}
