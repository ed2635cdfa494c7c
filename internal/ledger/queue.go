package ledger

import (
	"context"
	"runtime"
	"sync"
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
// a commit was on its way is the next batch.
type queue struct {
	mu     sync.Mutex
	items  []*item
	spare  []*item
	limit  int
	closed bool
	// wake has a token in it while there may be something to take.
	wake chan struct{}
}

// put queues items as far as there is room and tells how many.
func (q *queue) put(items []*item) (int, error) {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return 0, ErrClosed
	}
	n := min(len(items), q.limit-len(q.items))
	q.items = append(q.items, items[:n]...)
	q.mu.Unlock()
	if n > 0 {
		q.signal()
	}
	return n, nil
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
		q.mu.Lock()
		n, closed := len(q.items), q.closed
		q.mu.Unlock()
		switch {
		case n > 0:
			return true
		case closed:
			return false
		}
		<-q.wake
	}
}

// idle tells that the queue is open and nothing is in it.
func (q *queue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) == 0 && !q.closed
}

// take gives up to most items in the order they came. The slice is the caller's until
// the next take.
func (q *queue) take(most int) []*item {
	q.mu.Lock()
	n := min(len(q.items), most)
	batch := q.items[:n:n]
	rest := q.items[n:]
	q.items = append(q.spare[:0], rest...)
	q.spare = batch
	q.mu.Unlock()
	return claim(batch)
}

// patience is how many times in a row the committer steps aside without seeing the
// queue grow. Stepping aside costs a fraction of a microsecond; a commit costs hundreds.
const patience = 100

// gather lets those who were just answered queue their next command, so that it shares
// the coming commit with those who queued meanwhile: it steps aside while the queue
// grows, up to as many commands as both are. It never waits for a clock.
func (q *queue) gather(all int) {
	for still, before := 0, -1; still < patience; still++ {
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

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
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

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
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
