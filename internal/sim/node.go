package sim

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/florin-studio/florin/internal/ledger"
)

var (
	// errAgain is a serialization failure or a deadlock: the store runs the function again.
	errAgain = errors.New("sim: the transaction met another one")
	// errFault is a failure that a seed wanted; nothing was written.
	errFault = errors.New("sim: the connection was reset")
	// errFull is a full disk; nothing was written.
	errFull = errors.New("sim: the disk is full")
	// errTaken is a caller's row that is there already.
	errTaken = errors.New("sim: the key is taken")
	// errDead is any use of the database by a process that was killed.
	errDead = errors.New("sim: the process is gone")
)

// mostRuns is how often the store runs a function again before it gives up.
const mostRuns = 10

// point is a place where a goroutine of the ledger waits for its turn.
type point string

const (
	atLock     point = "lock"
	atRead     point = "read"
	atRedeem   point = "redeem"
	atSide     point = "side"
	atAppend   point = "append"
	atWaiting  point = "waiting"
	atCommit   point = "commit"
	atDisk     point = "disk"
	atLost     point = "lost"
	atSnapshot point = "snapshot"
)

// fiber is a goroutine of a ledger inside the store: a Write, or a reader.
type fiber struct {
	node *node
	// call is the reader's; nil for a Write.
	call *call
	// batch is what a Write is for, once the scheduler knows.
	batch *batch
	// parked tells that it waits for its turn, at point.
	parked bool
	point  point
	tx     *tx
	turn   chan verdict
	// written tells the ledger that what it wrote is visible.
	written func()
	// upto is how much of the log has to be on disk before the Write may return.
	upto int
}

// verdict is what a turn brings.
type verdict struct {
	err error
	// outcome is what becomes of a commit.
	outcome outcome
	// tell has it say that it is visible before it is durable.
	tell bool
}

// outcome is what becomes of a commit, and what its caller hears of it.
type outcome int

const (
	done        outcome = iota // durable, and said so
	undone                     // not durable, and said so: verdict.err
	lostBefore                 // not durable, no answer
	lostAfter                  // durable, no answer
	lostBetween                // the server goes on later, no answer now
)

// node is a process's way to the database. It implements ledger.Store.
type node struct {
	world   *world
	process *process
	// dead is set by the scheduler when the process is killed.
	dead atomic.Bool
	// lost tells that the disk has failed the process, so that it can't write any more.
	lost bool
	// free lets everything pass without waiting for turns, for the checks at the end.
	free bool
}

func newNode(w *world, p *process) *node {
	return &node{world: w, process: p}
}

// park waits for the fiber's turn.
func (n *node) park(f *fiber, at point) verdict {
	if n.free {
		return verdict{}
	}
	if n.world.gone(n) {
		return verdict{err: errDead}
	}
	f.point = at
	n.world.events <- event{what: parked, fiber: f, node: n}
	return <-f.turn
}

// Write runs fn in a transaction. Its commit waits for the disk before anybody sees it, or
// afterwards, where the profile says so.
func (n *node) Write(ctx context.Context, fn func(ctx context.Context, w ledger.Writer) error, written func()) error {
	f := &fiber{node: n, turn: make(chan verdict), written: written}
	n.tell(event{what: began, fiber: f, node: n})
	var err error
	for range mostRuns {
		err = n.attempt(ctx, f, fn)
		if !errors.Is(err, errAgain) {
			break
		}
	}
	n.tell(event{what: wrote, fiber: f, node: n, err: err})
	return err
}

// tell tells the scheduler, unless the process was killed.
func (n *node) tell(e event) {
	if !n.free && !n.world.gone(n) {
		n.world.events <- e
	}
}

// attempt is one run of a transaction.
func (n *node) attempt(ctx context.Context, f *fiber, fn func(ctx context.Context, w ledger.Writer) error) error {
	if n.lost {
		return n.park(f, atLost).err
	}
	t := n.world.open(f)
	err := fn(ctx, t)
	if err != nil && t.fault != nil {
		err = t.fault
	}
	if err != nil {
		n.world.abort(t)
		return err
	}
	v := n.park(f, atCommit)
	switch {
	case errors.Is(v.err, errDead):
		return errDead // the scheduler has decided about the transaction
	case t.fault != nil: // which nobody has heard of yet
		n.world.abort(t)
		return t.fault
	}
	if err := n.world.commit(t, v); err != nil || !n.world.profile.early || n.free {
		return err
	}
	if v.tell {
		f.written() // from here on the ledger's other committer goes on, too
	}
	if broken("early") {
		return nil
	}
	return n.park(f, atDisk).err
}

// Read runs fn on one moment of the database. A command that looks at its account
// before it is queued gets the present moment at once: it may be an old one by the time
// the command is decided, since others write in between.
func (n *node) Read(ctx context.Context, fn func(ctx context.Context, r ledger.Reader) error) error {
	f := &fiber{node: n, turn: make(chan verdict)}
	f.call, _ = ctx.Value(callKey{}).(*call)
	if f.call == nil {
		return fn(ctx, &snapshot{tables: n.world.moment()})
	}
	v := n.park(f, atSnapshot)
	if v.err != nil {
		return v.err
	}
	s := &snapshot{tables: n.world.moment()}
	return fn(ctx, s)
}

// Accounts reads rows on a moment of its own.
func (n *node) Accounts(ctx context.Context, ids []string) (rows []ledger.Row, err error) {
	err = n.Read(ctx, func(ctx context.Context, r ledger.Reader) error {
		rows, err = r.Accounts(ctx, ids)
		return err
	})
	return rows, err
}

// callKey finds the call in a reader's context.
type callKey struct{}
