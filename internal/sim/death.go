package sim

import (
	"context"
	"slices"
)

// kill ends a process at once: nobody hears from it again.
func (w *world) kill(p *process) {
	w.note("kill %s", p.name)
	p.node.dead.Store(true)
	for _, b := range p.batches {
		switch {
		case w.failed != "": // something may still go on
		case b.fiber == nil: // it waits for the one before
		case b.fiber.tx == nil || b.fiber.tx.ended:
		case b.fiber.point == atCommit && b.fiber.tx.fault == nil:
			w.orphan(b.fiber.tx)
		default:
			w.db.end(b.fiber.tx)
		}
	}
	w.bury(p)
	p.up, p.closing, p.queue, p.batches, p.turn, p.ahead, p.readers, p.strays = false, false, nil, nil, nil, nil, nil, nil
}

// bury lets everything of a dead process run out, and nobody hear of it.
func (w *world) bury(p *process) {
	for _, c := range w.clients {
		if c.call != nil && c.call.process == p {
			c.call.lost = true
		}
	}
	held := append(p.strays, p.readers...)
	for _, b := range p.batches {
		if b.fiber != nil && b.fiber.parked {
			held = append(held, b.fiber)
		}
	}
	for _, e := range p.ahead {
		if e.what == parked {
			held = append(held, e.fiber)
		}
	}
	for _, f := range held {
		f.turn <- verdict{err: errDead}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	n, l := p.node, p.ledger
	go func() {
		l.Close(ended)
		w.events <- event{what: buried, node: n}
	}()
	for open := true; open || w.asking(p); {
		e, ok := w.next()
		switch {
		case !ok:
			return
		case e.what == returned:
			w.silence(e.call)
		case e.what == parked && w.gone(e.node):
			e.fiber.turn <- verdict{err: errDead}
		case e.what == parked: // of a process that comes next, in a run that failed
			e.node.process.strays = append(e.node.process.strays, e.fiber)
		case e.what == buried && e.node == n:
			open = false
		}
	}
}

// asking tells whether any client still waits for a process.
func (w *world) asking(p *process) bool {
	return slices.ContainsFunc(w.clients, func(c *client) bool { return c.call != nil && c.call.process == p })
}

// orphan decides about a commit whose process is gone.
func (w *world) orphan(t *tx) {
	switch w.rnd.IntN(3) {
	case 0:
		w.note("its commit is lost")
		w.db.end(t)
	case 1:
		w.note("its commit is there")
		w.land(t)
	default:
		if w.profile.alone {
			w.db.end(t)
			return
		}
		w.note("its commit comes later")
		w.late = append(w.late, t)
	}
}

// crash ends the machine: all processes, and what the disk did not have yet.
func (w *world) crash() {
	w.note("crash")
	w.sum.Crashes++
	for _, id := range accounts {
		w.pastOf(id)
	}
	pending := w.late
	w.late = nil
	for _, p := range w.procs {
		for _, b := range p.batches {
			if b.fiber != nil && b.fiber.point == atCommit && !b.fiber.tx.ended && b.fiber.tx.fault == nil {
				pending = append(pending, b.fiber.tx)
			}
		}
	}
	if w.profile.early {
		w.keepSome(pending)
	} else {
		w.keepAny(pending)
	}
	for _, p := range w.procs {
		if p.up || len(p.readers) > 0 { // these may outlive a ledger, but not the machine
			w.kill(p)
		}
	}
	w.late, w.db.bad = nil, false
	w.db.recover()
	w.forget()
}

// keepAny decides which commits under way the disk has: any of them, since none was there before.
func (w *world) keepAny(pending []*tx) {
	w.rnd.Shuffle(len(pending), func(i, j int) { pending[i], pending[j] = pending[j], pending[i] })
	for i, t := range pending {
		size := len(t.changes)
		switch choice := w.rnd.IntN(4); {
		case choice == 0:
			w.db.write(t)
		case choice > 1 && i == len(pending)-1 && size > 0:
			w.note("the last record is torn")
			w.sum.Torn++
			w.db.tear(t, w.rnd.IntN(size+1))
			w.db.end(t)
		default:
			w.db.end(t)
		}
	}
}

// keepSome decides how much of the log the disk has beyond what was waited for: it is written in
// order, so that the rest is missing from the end.
func (w *world) keepSome(pending []*tx) {
	for _, t := range pending {
		if w.rnd.IntN(2) == 0 {
			w.land(t)
		} else {
			w.db.end(t)
		}
	}
	all := len(w.db.log)
	keep := w.db.synced + w.rnd.IntN(all-w.db.synced+1)
	w.sum.Gone += int64(all - keep)
	w.note("%d of %d commits are on disk, %d had to be", keep, all, w.db.synced)
	if keep < all && w.rnd.IntN(2) == 0 {
		w.note("the last record is torn")
		w.sum.Torn++
		w.db.cut(keep+1, w.rnd.IntN(len(w.db.log[keep].changes)+1))
		return
	}
	w.db.log, w.db.synced = w.db.log[:keep], keep
}
