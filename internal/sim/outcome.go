package sim

import (
	"errors"
	"fmt"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

// errLost is a disk that did not keep what was written.
var errLost = fmt.Errorf("%w (simulated)", store.ErrLost)

// gone tells whether a process was killed.
func (w *world) gone(n *node) bool { return n.dead.Load() }

// open starts a transaction.
func (w *world) open(f *fiber) *tx {
	t := &tx{node: f.node, fiber: f}
	f.tx = t
	if !w.gone(f.node) {
		w.db.open = append(w.db.open, t)
	} else {
		t.fault, t.ended = errDead, true
	}
	return t
}

// abort ends a transaction without writing. What a dead process left is the scheduler's.
func (w *world) abort(t *tx) {
	if !errors.Is(t.fault, errDead) {
		w.db.end(t)
	}
}

// commit ends a transaction as the verdict says.
func (w *world) commit(t *tx, v verdict) error {
	if len(t.changes) > 0 {
		w.sum.Commits++
	}
	switch v.outcome {
	case undone:
		w.db.end(t)
		return v.err
	case lostBefore:
		w.db.end(t)
	case lostAfter:
		w.db.write(t)
	case lostBetween:
		w.late = append(w.late, t)
	default:
		w.land(t)
		t.fiber.upto = len(w.db.log)
		return nil
	}
	return fmt.Errorf("%w (simulated)", ledger.ErrUnknown)
}

// land makes a transaction visible: durable, too, or durable later.
func (w *world) land(t *tx) {
	if !w.profile.early {
		w.db.write(t)
		return
	}
	if len(t.changes) > 0 {
		w.sum.Early++
	}
	w.db.append(t)
}

// onDisk lets the disk have what a commit waits for, and often more of what others wrote, or fail.
// Once it has failed nobody knows what it has, and asking again would not tell.
func (w *world) onDisk(f *fiber) verdict {
	if w.chance(w.profile.lose) {
		w.sum.Faults++
		w.db.bad = true
	}
	if w.db.bad || f.node.lost {
		f.node.lost = true
		w.sum.Unknown++
		return verdict{err: fmt.Errorf("%w: %w", ledger.ErrUnknown, errLost)}
	}
	w.db.sync(f.upto + w.rnd.IntN(len(w.db.log)-f.upto+1))
	return verdict{}
}

// moment is what a reader sees.
func (w *world) moment() tables { return w.db.tables.moment() }
