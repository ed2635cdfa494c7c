package sim

import (
	"errors"
	"slices"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// process is a running ledger and what the scheduler knows of it. The scheduler follows
// step by step who waits in the ledger's queue and what its commits take, so that it
// knows what has to happen before everybody rests, and finds out at once what must not.
type process struct {
	name    string
	lives   int
	ledger  *ledger.Ledger
	node    *node
	options ledger.Options
	up      bool
	closing bool
	queue   []*item
	// batches are the commits under way, in the order in which they began.
	batches []*batch
	// turn is the one that decides, nil where none does.
	turn *batch
	// fresh began a Write before the scheduler heard of the command that it is for.
	fresh *fiber
	pace  pace
	// readers wait for their turn; they may outlive a ledger that was closed in order.
	readers []*fiber
	// strays wait for their turn, which they won't get since the run failed.
	strays []*fiber
	// skew is how far its clock is off, in milliseconds.
	skew token.Instant
}

// batch is the commands of one commit of a ledger, from when they are taken out of the
// queue until they are answered.
type batch struct {
	process *process
	items   []*item
	// fiber is its Write, nil before that begins and between one and the next.
	fiber *fiber
	// conflicts and lost are what the ledger remembers of the Writes before.
	conflicts int
	lost      bool
	// apart counts the commands that are still to be written, each in a Write of its own,
	// where all together met others too often; 0 where they are together.
	apart int
}

// mostConflicts is how often a ledger decides a batch again.
const mostConflicts = 6

// again tells whether a ledger writes a batch again after a Write that ended so, as its
// settle does: any other error is the answer to all of the batch's commands, also one that
// refuses its only command.
func (b *batch) again(err error) bool {
	switch {
	case errors.Is(err, ledger.ErrConflict):
		if b.conflicts++; b.conflicts < mostConflicts {
			return true
		}
		if b.apart == 0 && len(b.items) > 1 {
			b.apart, b.conflicts, b.lost = len(b.items), 0, false
			return true
		}
	case errors.Is(err, ledger.ErrUnknown):
		b.lost = true
		return true
	case err != nil && b.lost && b.process.options.Patience > 1:
		return true
	}
	if b.apart > 0 {
		b.apart--
		b.conflicts, b.lost = 0, false
	}
	return b.apart > 0
}

// pace is by what a ledger decides how many commands a commit takes.
type pace struct {
	// all is how many commands were under way or waiting when one was written last.
	all int
}

// under is how many commands are in commits under way.
func (p *process) under() int {
	n := 0
	for _, b := range p.batches {
		n += len(b.items)
	}
	return n
}

// written notes that the ledger looks around, as it does once in each commit.
func (p *process) written() { p.pace.all = p.under() + len(p.queue) }

// share is how many places of the queue the next commit takes, as Ledger.share has it.
func (p *process) share() int {
	all := max(p.pace.all, len(p.queue)+p.under())
	return min(all, p.options.Batch)
}

// most is how many commits of a ledger may be under way.
const most = 2

// begin has the next commit take its commands, where some wait and no other decides.
func (w *world) begin(p *process) {
	for p.turn == nil && len(p.queue) > 0 && len(p.batches) < most {
		n := min(len(p.queue), p.share())
		b := &batch{process: p}
		for _, it := range p.queue[:n] {
			if !it.withdrawn {
				it.taken = true
				b.items = append(b.items, it)
			}
		}
		p.queue = p.queue[n:]
		if len(b.items) == 0 {
			continue
		}
		p.turn, p.batches = b, append(p.batches, b)
		if f := p.fresh; f != nil {
			p.fresh, f.batch, b.fiber = nil, b, f
			if f.ended != nil {
				w.wrote(*f.ended)
			}
		}
	}
}

// meet finds out which commit a Write is for: at most one has none.
func (w *world) meet(f *fiber) {
	p := f.node.process
	for _, b := range p.batches {
		if b.fiber == nil {
			f.batch, b.fiber = b, f
			return
		}
	}
	if p.fresh != nil {
		w.fail("%s writes twice though nothing is queued", p.name)
	}
	p.fresh = f
}

// finish follows a commit whose commands are being answered.
func (w *world) finish(b *batch) {
	p := b.process
	p.written()
	for _, it := range b.items {
		if it.call.left--; it.call.left == 0 {
			w.owe(it.call)
		}
	}
	p.batches = slices.DeleteFunc(p.batches, func(x *batch) bool { return x == b })
	if p.turn == b {
		p.turn = nil
	}
	w.begin(p)
}

// rests tells that nothing of the process goes on by itself.
func (p *process) rests() bool {
	for _, b := range p.batches {
		if b.fiber == nil || !b.fiber.parked {
			return false
		}
	}
	return len(p.batches) > 0 || !p.closing
}

// commits tells that a commit of the process is about to be durable.
func (p *process) commits() bool {
	return slices.ContainsFunc(p.batches, func(b *batch) bool { return b.fiber.point == atCommit })
}
