package ledger

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"

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
}

// shut is more places than there ever are.
const shut = 1 << 40

func (q *queue) open(limit int) {
	q.limit, q.wake = int64(limit), make(chan struct{}, 1)
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
	q.signal()
	return int(n), nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
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

// patience is how many times in a row the committer steps aside without seeing the
// queue grow. Stepping aside costs a fraction of a microsecond; a commit costs hundreds.
const patience = 100

// gather lets those who were just answered queue their next command, so that it shares
// the coming commit with those who queued meanwhile: it steps aside while the queue
// grows, up to as many commands as both are. It never waits for a clock.
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
	q.signal()
}

// withdraw takes an item back, if no batch has it yet.
func (it *item) withdraw(ctx context.Context) bool {
	if !it.state.CompareAndSwap(waiting, withdrawn) {
		return false
	}
	it.err = ctx.Err()
	return true
}
