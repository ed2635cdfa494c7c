package sim

import "context"

// kill ends a process at once: nobody hears from it again.
func (w *world) kill(p *process) {
	w.note("kill %s", p.name)
	p.node.dead.Store(true)
	if t := p.node.committer.tx; p.state == waits && t != nil && !t.ended {
		switch {
		case p.node.committer.point != atCommit:
			w.db.end(t)
		default:
			w.orphan(t)
		}
	}
	w.bury(p)
	p.up, p.state, p.queue, p.taken, p.readers, p.undecided, p.closing = false, idle, nil, nil, nil, false, false
}

// bury lets everything of a dead process run out, and nobody hear of it.
func (w *world) bury(p *process) {
	calls := 0
	for _, c := range w.clients {
		if c.call != nil && c.call.process == p {
			c.call.lost = true
			calls++
		}
	}
	if p.state == waits {
		p.node.committer.turn <- verdict{err: errDead}
	}
	for _, f := range p.readers {
		f.turn <- verdict{err: errDead}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	over := make(chan error, 1)
	go func() { over <- p.ledger.Close(ended) }()
	for calls > 0 {
		e, ok := w.next()
		if !ok {
			return
		}
		if e.what == returned {
			calls--
			w.buried(e.call)
		}
	}
	<-over
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
		if t := p.node.committer.tx; p.up && p.state == waits && p.node.committer.point == atCommit && !t.ended {
			pending = append(pending, t)
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
