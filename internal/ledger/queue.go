package ledger

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/florin-studio/florin/token"
)

// The states of an item: a caller may withdraw it only while it waits.
const (
	waiting int32 = iota
	taken
	withdrawn
)

// item is a command on its way through the ledger.
type item struct {
	req     *Request
	state   atomic.Int32
	receipt token.Receipt
	err     error
	// group is told when the item is answered.
	group *group
	// before is the item that was queued before it, while both wait.
	before *item
}

// group is the commands of one call; done receives once all of them are answered.
type group struct {
	left atomic.Int64
	done chan struct{}
}

func newGroup(n int) *group {
	g := &group{done: make(chan struct{}, 1)}
	g.left.Store(int64(n))
	return g
}

func (g *group) answered() {
	if g.left.Add(-1) == 0 {
		g.done <- struct{}{}
	}
}

// queue holds what waits for the next commit. There is no timer: whatever came in while
// a commit was on its way is the next batch. There is no lock either: a committer that has to
// wait for one while callers come back from its last commit loses more than it has to do.
type queue struct {
	limit int64
	// places is how many items wait or are about to, plus shut once the queue is closed.
	places atomic.Int64
	// last is the item that came last; each leads to the one that came before it.
	last atomic.Pointer[item]
	// rest came in order and was not taken yet. It is the committer's alone.
	rest []*item
	// wake has a token in it while there may be something to take.
	wake chan struct{}
	// enough is how many items the committer waits for, and there tells it that they came.
	enough atomic.Int64
	there  chan struct{}
}

// shut is more places than there ever are.
const shut = 1 << 40

func (q *queue) open(limit int) {
	q.limit = int64(limit)
	q.wake, q.there = make(chan struct{}, 1), make(chan struct{}, 1)
	q.enough.Store(shut)
}

// put queues items as far as there is room and tells how many.
func (q *queue) put(items []*item) (int, error) {
	var n int64
	for {
		taken := q.places.Load()
		if taken >= shut {
			return 0, ErrClosed
		}
		if n = min(int64(len(items)), q.limit-taken); n <= 0 {
			return 0, nil
		}
		if q.places.CompareAndSwap(taken, taken+n) {
			break
		}
	}
	for i := int64(1); i < n; i++ {
		items[i].before = items[i-1]
	}
	for {
		before := q.last.Load()
		items[0].before = before
		if q.last.CompareAndSwap(before, items[n-1]) {
			break
		}
	}
	if q.places.Load() >= q.enough.Load() {
		notify(q.there)
	}
	notify(q.wake)
	return int(n), nil
}

// notify leaves a token, where there is none.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// wait returns when there is something to take, or false when the queue is closed and empty.
func (q *queue) wait() bool {
	for {
		switch {
		case q.last.Load() != nil || len(q.rest) > 0:
			return true
		case q.places.Load() == shut:
			return false
		}
		<-q.wake
	}
}

// idle tells that the queue is open and nothing is in it.
func (q *queue) idle() bool { return q.places.Load() == 0 }

// length is how many wait.
func (q *queue) length() int { return int(q.places.Load() &^ shut) }

// take gives up to most items in the order they came, without those that were withdrawn.
func (q *queue) take(most int) []*item {
	old := len(q.rest)
	for it := q.last.Swap(nil); it != nil; {
		q.rest = append(q.rest, it)
		it, it.before = it.before, nil
	}
	slices.Reverse(q.rest[old:])
	n := min(len(q.rest), most)
	batch := claim(q.rest[:n])
	q.rest = append(q.rest[:0], q.rest[n:]...)
	q.places.Add(-int64(n))
	return batch
}

const (
	// patience is how many times in a row the committer steps aside without seeing the
	// queue grow. Stepping aside costs a fraction of a microsecond.
	patience = 100
	// delay is how long it then waits for half of them: those who are missing may be waiting
	// for another processor to wake, and a commit that leaves out everybody who is about
	// to come makes them wait as long.
	delay = time.Millisecond
)

// gather lets those who were just answered queue their next command, so that it shares
// the coming commit with those who queued meanwhile: it steps aside while the queue
// grows, up to as many commands as both are.
func (q *queue) gather(all int) {
	for still, before := 0, 0; still < patience; still++ {
		n := q.length()
		if n >= all {
			return
		}
		if n > before {
			still, before = 0, n
		}
		runtime.Gosched()
	}
	half := int64(all+1) / 2
	q.enough.Store(half)
	if q.places.Load() < half {
		timer := time.NewTimer(delay)
		select {
		case <-q.there:
		case <-timer.C:
		}
		timer.Stop()
	}
	q.enough.Store(shut)
	select {
	case <-q.there:
	default:
	}
}

// claim takes the items that nobody has withdrawn.
func claim(batch []*item) []*item {
	kept := make([]*item, 0, len(batch))
	for _, it := range batch {
		if it.state.CompareAndSwap(waiting, taken) {
			kept = append(kept, it)
		}
	}
	return kept
}

// close lets nobody in any more.
func (q *queue) close() {
	for {
		taken := q.places.Load()
		if taken >= shut || q.places.CompareAndSwap(taken, taken+shut) {
			break
		}
	}
	notify(q.wake)
	notify(q.there)
}

// withdraw takes an item back, if no batch has it yet.
func (it *item) withdraw(ctx context.Context) bool {
	if !it.state.CompareAndSwap(waiting, withdrawn) {
		return false
	}
	it.err = ctx.Err()
	return true
}
