package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// committers is how many commits may be under way: while one waits for the disk, the next
// is decided and written.
const committers = 2

// commits has the committers work until the queue is closed and everything is answered.
func (l *Ledger) commits() {
	defer close(l.drained)
	l.baton <- false
	var working sync.WaitGroup
	for range committers {
		working.Go(l.work)
	}
	working.Wait()
	l.turn <- struct{}{} // waits for the last who commits for itself
}

// work is a committer. The one that has the baton decides and writes for all who wait; as
// long as somebody waits it keeps its turn.
func (l *Ledger) work() {
	for turn := range l.baton {
		for mine := true; mine; {
			if !turn {
				if !l.queue.wait() {
					l.baton <- false // the other one ends, too
					return
				}
				l.turn <- struct{}{}
			}
			turn, mine = l.round()
		}
	}
}

// round is one commit. It tells whether this committer still has the turn, and the baton.
func (l *Ledger) round() (turn, mine bool) {
	items := l.queue.take(l.share())
	if len(items) == 0 {
		<-l.turn
		return false, true
	}
	mine = true
	l.commit(items, func() {
		mine = false
		l.baton <- true
	})
	for _, it := range items {
		it.group.answered()
	}
	if mine {
		l.queue.gather(l.share())
	}
	return mine, mine
}

// enough tells whether as many wait as make it worth while to begin a commit while another
// one waits for the disk.
func (l *Ledger) enough() bool {
	n := l.queue.length()
	return n >= l.options.Ahead && n >= int(l.under.Load())/2
}

// share is how many commands the next commit takes. Of many it takes half, so that there
// is somebody to decide for while it waits for the disk.
func (l *Ledger) share() int {
	all := max(int(l.all.Load()), l.queue.length()+int(l.under.Load()))
	if l.early.Load() && all >= 2*l.options.Ahead {
		all = (all + 1) / 2
	}
	return min(all, l.options.Batch)
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
	l.commit([]*item{it}, nil)
	return true
}

// commit takes items through one transaction. Afterwards every item has its receipt or
// error. Its caller has the turn; pass, where it is not nil, is called at most once when the next
// commit may begin although this one is not durable yet: where enough wait already, as soon as it is
// sent to the store, so that the next is decided meanwhile; else once everybody sees it.
func (l *Ledger) commit(items []*item, pass func()) {
	n := int64(len(items))
	l.under.Add(n)
	defer l.under.Add(-n)
	b := newBatch(l, items)
	if first := l.before; first != nil {
		l.before = nil
		b.decideAhead(first)
	}
	b.sent = func() {
		if pass != nil && len(items) > 1 && l.queue.length() >= l.share() {
			l.before = &before{b, b.states}
			pass()
			pass = nil
		}
	}
	seen := sync.OnceFunc(func() {
		b.steady = !b.again
		close(b.seen)
		l.all.Store(l.under.Load() + int64(l.queue.length()))
	})
	l.settle(b, func() {
		b.keep()
		l.early.Store(true)
		seen()
		if pass != nil && l.enough() {
			pass()
			pass = nil
		}
	})
	seen()
}

// settle runs a batch until it is durable or has failed, and again where it met other
// writers.
func (l *Ledger) settle(b *batch, written func()) {
	var lost time.Time
	for conflicts := 0; ; {
		err := l.store.Write(l.life, b.run, written)
		switch {
		case err == nil:
			b.keep()
			return
		case errors.Is(err, ErrConflict):
			// Somebody was faster, or a command is a repeat: look before deciding.
			b.anew(nil)
			conflicts++
			if len(b.items) > 1 && conflicts >= mostConflicts {
				l.apart(b)
				return
			}
			if conflicts >= mostAlone {
				b.fail(fmt.Errorf("%w, or its journal does not fit its state (verify tells more): account %q", ErrConflict, b.items[0].req.Account))
				return
			}
		case errors.Is(err, ErrUnknown):
			// Unique names tell: what was written is found as a repeat, the rest is
			// decided now. Nothing is guessed.
			if lost.IsZero() {
				lost = time.Now()
			}
			b.anew(b.written())
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

const (
	// mostConflicts is how often commands are decided together again, before each is alone.
	mostConflicts = 6
	// mostAlone is how often a command is decided alone: where several processes want one account without
	// pause, most need fewer than ten tries. An account whose rows contradict each other is given up after that.
	mostAlone = 50
)

// apart settles items one by one, so that a damaged account holds up nobody else.
func (l *Ledger) apart(b *batch) {
	for _, it := range b.items {
		l.settle(newBatch(l, []*item{it}), nil)
	}
}

// rest waits, or less when the ledger closes.
func (l *Ledger) rest(d time.Duration) {
	ctx, cancel := context.WithTimeout(l.life, d)
	defer cancel()
	<-ctx.Done()
}
