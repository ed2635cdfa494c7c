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
		case b.fiber == nil || !b.fiber.parked || b.fiber.tx.ended:
		case b.fiber.point == atCommit:
			w.orphan(b.fiber.tx)
		default:
			w.db.end(b.fiber.tx)
		}
	}
	w.bury(p)
	p.up, p.closing, p.queue, p.batches, p.turn, p.fresh, p.readers, p.strays = false, false, nil, nil, nil, nil, nil, nil
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
	if p.fresh != nil && p.fresh.parked {
		held = append(held, p.fresh)
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
		w.note("its commit is durable")
		w.db.write(t)
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
	pending := w.late
	w.late = nil
	for _, p := range w.procs {
		for _, b := range p.batches {
			if b.fiber.point == atCommit && !b.fiber.tx.ended {
				pending = append(pending, b.fiber.tx)
			}
		}
	}
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
	for _, p := range w.procs {
		if p.up {
			w.kill(p)
		}
	}
	w.late = nil
	w.db.recover()
}
