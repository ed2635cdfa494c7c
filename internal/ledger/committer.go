package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// work is the committer: it decides and writes for all who wait. As long as somebody
// waits it keeps its turn.
func (l *Ledger) work() {
	defer close(l.drained)
	for l.queue.wait() {
		l.turn <- struct{}{}
		for l.round() {
		}
		<-l.turn
	}
	l.turn <- struct{}{} // waits for the last who commits for itself
}

// round is one commit, or false where nobody waits.
func (l *Ledger) round() bool {
	items := l.queue.take(l.options.Batch)
	if len(items) == 0 {
		return false
	}
	l.busy.Store(true)
	l.commit(items)
	l.busy.Store(false)
	all := min(l.queue.length()+len(items), l.options.Batch)
	for _, it := range items {
		it.group.answered()
	}
	if all > 1 {
		l.queue.gather(all)
	}
	return true
}

// lead lets a caller commit its own command where nobody else wants to: waking the
// committer and being woken by it would cost a lonely caller more than deciding does. It
// tells whether the command is answered.
func (l *Ledger) lead(ctx context.Context, it *item) bool {
	select {
	case l.turn <- struct{}{}:
	default:
		return false
	}
	defer func() { <-l.turn }()
	if !l.queue.idle() {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	default:
	}
	l.busy.Store(true)
	defer l.busy.Store(false)
	l.commit([]*item{it})
	return true
}

// commit takes items through one transaction, and again where it met other writers.
// Afterwards every item has its receipt or error.
func (l *Ledger) commit(items []*item) {
	b := newBatch(l, items)
	var lost time.Time
	for conflicts := 0; ; {
		err := l.store.Write(l.life, b.run)
		switch {
		case err == nil:
			b.keep()
			return
		case errors.Is(err, ErrConflict):
			// Somebody was faster, or a command is a repeat: look before deciding.
			b.again(nil)
			if conflicts++; conflicts >= mostConflicts {
				l.apart(b)
				return
			}
		case errors.Is(err, ErrUnknown):
			// Unique names tell: what was written is found as a repeat, the rest is
			// decided now. Nothing is guessed.
			if lost.IsZero() {
				lost = time.Now()
			}
			b.again(b.written())
			l.rest(50 * time.Millisecond)
		case !lost.IsZero() && time.Since(lost) < l.options.Patience && l.life.Err() == nil:
			l.rest(200 * time.Millisecond)
		case !lost.IsZero():
			b.fail(errors.Join(ErrUnknown, err))
			return
		default:
			if l.life.Err() != nil {
				err = ErrClosed
			}
			b.fail(err)
			return
		}
	}
}

// mostConflicts is how often a batch is decided again. With its accounts locked it has
// to succeed, unless an account's rows contradict each other.
const mostConflicts = 6

// apart commits items one by one, so that a damaged account holds up nobody else.
func (l *Ledger) apart(b *batch) {
	if len(b.items) == 1 {
		b.fail(fmt.Errorf("%w, or its journal does not fit its state (verify tells more): account %q", ErrConflict, b.items[0].req.Account))
		return
	}
	for _, it := range b.items {
		l.commit([]*item{it})
	}
}

// rest waits, or less when the ledger closes.
func (l *Ledger) rest(d time.Duration) {
	ctx, cancel := context.WithTimeout(l.life, d)
	defer cancel()
	<-ctx.Done()
}
