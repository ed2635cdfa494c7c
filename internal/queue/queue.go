// Package queue decides whose job runs next. It is pure: no clock, no I/O, no
// randomness, and the same calls give the same order everywhere.
//
// It promises start-time fair queueing by price: each account gets engine time in
// proportion to its weight whatever it queues, and one account's long batch lets at
// most one of its jobs start before another's first. Fast jobs come before relaxed
// ones, which have a guaranteed share while fast ones wait, and everything when none
// do. An engine asks for what it can do, and may prefer what it has loaded within a
// stated bound. No account ever runs more jobs at a time than its terms allow. The
// bounds and their proofs are in docs/queue.md.
//
// A call costs the logarithm of what waits, times the number of classes, and the
// length of the one account's own line where its jobs move together; never the number
// of jobs or accounts. The package does not know engines, storage or tokens.
package queue

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
	// Class says what it takes to run the job, such as an operation and a model. Jobs of
	// one class run on the same engines.
	Class string
	// Cost is the job's price in tokens, at least 1. More than MaxCost counts as MaxCost.
	Cost int64
	// Slowdown lets the job count so many times against its account; 0 and 1 not. The
	// share between the lanes goes by Cost alone.
	Slowdown int64
}

// Terms are what an account's plan gives it here.
type Terms struct {
	// Weight is the account's share against others, from 1 to MaxWeight.
	Weight int64
	// Parallel is how many of its jobs may run at a time, at least 1.
	Parallel int
}

// Engine is who asks for a job.
type Engine struct {
	// Can tells whether it can do a class; nil is everything.
	Can func(class string) bool
	// Has tells whether it has loaded what a class needs; nil is no preference.
	Has func(class string) bool
}

const (
	// scale is the resolution of virtual time: one token at weight 1 lasts this long.
	scale = 1 << 20
	// MaxCost is the most that a job counts, slowdown included.
	MaxCost = 1 << 24
	// MaxWeight is the highest weight.
	MaxWeight = 1 << 16
	// Patience is how many tokens' worth of jobs may start before an older right because
	// an engine has them loaded.
	Patience = 32
)

// item is a job that waits or runs. While it waits it is a node of its line's tree.
type item struct {
	id   string
	flow *flow
	// seq is its age: lower came earlier.
	seq uint64
	// tag is its start in virtual time, step its length.
	tag, step  int64
	cost, slow int64
	// paid tells that the account's other flows were charged when it first started.
	paid bool

	left, right *item
	dice        uint32
	count       int32
}

func (i *item) job() Job {
	return Job{ID: i.id, Account: i.flow.account.name, Lane: i.flow.line.lane, Class: i.flow.line.class.name, Cost: i.cost, Slowdown: i.slow}
}

// Queue holds waiting jobs. It is not safe for concurrent use.
type Queue struct {
	classes  []*class
	named    map[string]*class
	accounts map[string]*account
	waiting  map[string]*item
	running  map[string]*item
	// turn counts what happens: jobs are numbered by it, and it tells who has waited at a
	// lag of zero for longer.
	turn uint64
	// share is the relaxed lane's part in percent; owed is what it has earned while both
	// lanes wanted the same engine, in hundredths of a token.
	share, owed int64
	// blind queues don't know positions.
	blind bool
}

// New makes an empty queue. relaxedShare is the part of all work, in percent from 1 to
// 99, that relaxed jobs get at least while fast ones wait.
func New(relaxedShare int64) *Queue {
	return &Queue{share: relaxedPart(relaxedShare), named: map[string]*class{}, accounts: map[string]*account{}, waiting: map[string]*item{}, running: map[string]*item{}}
}

func relaxedPart(percent int64) int64 { return min(max(percent, 1), 99) }

// SetShare changes the relaxed lane's part from now on.
func (q *Queue) SetShare(relaxedShare int64) { q.share = relaxedPart(relaxedShare) }

// Add puts a job at the end of its account's line. A job that waits or runs already
// stays as it is. The terms are the account's from now on.
func (q *Queue) Add(j Job, terms Terms) {
	if q.Has(j.ID) {
		return
	}
	q.turn++
	a := q.account(j.Account)
	q.setTerms(a, terms)
	f := q.flow(a, q.class(j.Class).lines[min(max(j.Lane, Fast), Relaxed)])
	i := &item{id: j.ID, flow: f, seq: q.turn, cost: min(max(j.Cost, 1), MaxCost), slow: max(j.Slowdown, 1), dice: dice(q.turn)}
	i.step = a.step(i)
	q.waiting[i.id] = i
	f.append(i)
	q.place(f)
}

// SetTerms changes an account's terms; an account with nothing here needs none.
func (q *Queue) SetTerms(name string, terms Terms) {
	if a := q.accounts[name]; a != nil {
		q.setTerms(a, terms)
	}
}

// Has tells whether a job waits or runs.
func (q *Queue) Has(id string) bool {
	return q.waiting[id] != nil || q.running[id] != nil
}

// Len is the number of waiting jobs.
func (q *Queue) Len() int { return len(q.waiting) }

// Remove takes a waiting job out; it tells whether there was one. What the account has
// behind it moves up.
func (q *Queue) Remove(id string) bool {
	i := q.waiting[id]
	if i == nil {
		return false
	}
	delete(q.waiting, id)
	f := i.flow
	at := f.find(i)
	first := i.tag
	f.take(at)
	if at < len(f.items) {
		f.retag(at, first)
	} else {
		f.end = first
	}
	q.place(f)
	return true
}

// Next takes the job that should run now, whatever it needs. It counts as running until
// Done or Return.
func (q *Queue) Next() (Job, bool) { return q.NextFor(Engine{}) }

// Done tells that a job does not run any more.
func (q *Queue) Done(id string) {
	if i := q.running[id]; i != nil {
		delete(q.running, id)
		q.leave(i)
	}
}

// Return puts a running job back to where it was in line, as if it had not started; it
// tells whether there was one.
func (q *Queue) Return(id string) bool {
	i := q.running[id]
	if i == nil {
		return false
	}
	delete(q.running, id)
	f := q.flow(i.flow.account, q.class(i.flow.line.class.name).lines[i.flow.line.lane])
	i.flow, i.step = f, f.account.step(i)
	q.waiting[id] = i
	f.stamp = 0
	f.restore(i)
	q.leave(i)
	return true
}

// leave frees the place that a job had among its account's running ones.
func (q *Queue) leave(i *item) {
	q.turn++
	a := i.flow.account
	a.running--
	q.placeAll(a)
	q.drop(a)
}
