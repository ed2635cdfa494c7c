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
	// all is how many commands were under way or waiting when one was written last.
	all int
	// early tells that the ledger knows that commits may begin before others are durable.
	early bool
	// sent is the commit that let the next one be decided before anybody sees what it wrote. aheads is how many were, and
	// decided of how many of them the ledger has said so.
	sent            *batch
	aheads, decided int
	// ahead is what Writes told before the scheduler heard of the command that they are for.
	ahead []event
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
	// own tells that its caller may be the one that commits it, while the committers rest;
	// nobody can tell, so that such a commit never says that it is visible.
	own bool
	// told tells that it has said so, and passed that it has let the next one begin.
	told, passed bool
	// before is the commit that has to be seen before this one's Write begins, nil for none.
	before *batch
	// apart counts the commands that are still to be written, each in a Write of its own,
	// where all together met others too often; 0 where they are together.
	apart int
}

// mostConflicts is how often a ledger decides a batch again, and mostAlone a command.
const (
	mostConflicts = 6
	mostAlone     = 50
)

// again tells whether a ledger writes a batch again after a Write that ended so, as its
// settle does: any other error is the answer to all of the batch's commands.
func (b *batch) again(err error) bool {
	switch {
	case errors.Is(err, ledger.ErrConflict):
		b.conflicts++
		together := b.apart == 0 && len(b.items) > 1
		if together && b.conflicts >= mostConflicts {
			b.apart, b.conflicts, b.lost = len(b.items), 0, false
			return true
		}
		if together || b.conflicts < mostAlone {
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

// under is how many commands are in commits under way.
func (p *process) under() int {
	n := 0
	for _, b := range p.batches {
		n += len(b.items)
	}
	return n
}

// counted notes what the ledger counts once in each commit.
func (p *process) counted() { p.all = p.under() + len(p.queue) }

// share is how many places of the queue the next commit takes, as Ledger.share has it.
func (p *process) share() int {
	all := max(p.all, len(p.queue)+p.under())
	if p.early && all >= 2*p.options.Ahead {
		all = (all + 1) / 2
	}
	return min(all, p.options.Batch)
}

// enough tells whether a commit begins while another waits for the disk, as Ledger.enough has it.
func (p *process) enough() bool {
	n := len(p.queue)
	return n >= p.options.Ahead && n >= p.under()/2
}

// tells tells whether a commit says when it is visible.
func (b *batch) tells() bool { return !b.own && !b.told && b.apart == 0 }

// visible follows a commit that says that it is visible: the next one may begin.
func (w *world) visible(b *batch) {
	p := b.process
	b.told, p.early = true, true
	p.counted()
	if !b.passed && p.enough() {
		b.passed, p.turn = true, nil
		w.begin(p, false)
	}
}

// sent follows a commit that is sent to the store, if as many wait as the next one takes: that is decided meanwhile.
func (w *world) sent(b *batch) {
	p := b.process
	if b.passed || b.told || b.apart > 0 || len(b.items) < 2 || len(p.queue) < p.share() {
		return
	}
	b.passed, p.turn, p.sent = true, nil, b
	w.begin(p, false)
}

// waits tells that a commit's Write does not begin yet.
func (b *batch) waits() bool {
	return b.before != nil && !b.before.told && slices.Contains(b.process.batches, b.before)
}

// most is how many commits of a ledger may be under way.
const most = 2

// begin has the next commit take its commands, where some wait and no other decides. own tells
// that it may be its caller's.
//
// Where a commit has let go of its turn and both committers wait for the disk, the turn is nobody's
// until one of them is back.
func (w *world) begin(p *process, own bool) {
	for p.turn == nil && len(p.queue) > 0 && len(p.batches) < most {
		n := min(len(p.queue), p.share())
		b := &batch{process: p, own: own, before: p.sent}
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
		if len(p.batches) > 0 {
			w.sum.Beside++
		}
		if p.sent != nil {
			p.sent = nil
			p.aheads++
			w.sum.Ahead++
		}
		p.turn, p.batches = b, append(p.batches, b)
		told := p.ahead
		p.ahead = nil
		for _, e := range told {
			w.dispatch(e)
		}
	}
}

// meet tells whether it is known which commit a Write is for: at most one has none.
func (w *world) meet(f *fiber) bool {
	for _, b := range f.node.process.batches {
		if f.batch == nil && b.fiber == nil && !b.waits() {
			f.batch, b.fiber = b, f
		}
	}
	return f.batch != nil
}

// finish follows a commit whose commands are being answered.
func (w *world) finish(b *batch) {
	p := b.process
	if !b.told {
		p.counted()
	}
	for _, it := range b.items {
		if it.call.left--; it.call.left == 0 {
			w.owe(it.call)
		}
	}
	p.batches = slices.DeleteFunc(p.batches, func(x *batch) bool { return x == b })
	if p.turn == b {
		p.turn = nil
	}
	w.begin(p, false)
}

// rests tells that nothing of the process goes on by itself.
func (p *process) rests() bool {
	for _, b := range p.batches {
		if !b.waits() && (b.fiber == nil || !b.fiber.parked) {
			return false
		}
	}
	return p.decided == p.aheads && (len(p.batches) > 0 || !p.closing)
}

// commits tells that a commit of the process is about to be visible or durable.
func (p *process) commits() bool {
	return slices.ContainsFunc(p.batches, func(b *batch) bool {
		return b.fiber != nil && (b.fiber.point == atCommit || b.fiber.point == atDisk)
	})
}
