package sim

import (
	"context"
	"sync/atomic"
)

// hook is a context that tells the scheduler when its call has queued its commands:
// the ledger asks for Done only after that.
type hook struct {
	context.Context
	once atomic.Bool
	tell func()
	done chan struct{}
}

// Done tells once, and gives the channel that cancel closes.
func (h *hook) Done() <-chan struct{} {
	if !h.once.Swap(true) {
		h.tell()
	}
	return h.done
}

// Err is context.Canceled after cancel.
func (h *hook) Err() error {
	select {
	case <-h.done:
		return context.Canceled
	default:
		return nil
	}
}
