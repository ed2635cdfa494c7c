package sim

import (
	"errors"
	"fmt"

	"github.com/florin-studio/florin/internal/ledger"
)

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
		w.db.write(t)
		return nil
	}
	return fmt.Errorf("%w (simulated)", ledger.ErrUnknown)
}

// moment is what a reader sees.
func (w *world) moment() tables { return w.db.tables.moment() }
