package sim

import (
	"context"
	"slices"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// choice is something that may happen next.
type choice struct {
	weight int
	do     func()
}

// mostOps is after how many commands clients ask for nothing more, so that runs with
// large batches take no longer than others.
const mostOps = 120

// step lets one thing happen and waits until everybody waits again.
func (w *world) step() {
	choices := w.choices()
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	if sum == 0 {
		w.fail("nothing can go on: every transaction waits for another one")
		return
	}
	n := w.rnd.IntN(sum)
	for _, c := range choices {
		if n -= c.weight; n < 0 {
			c.do()
			break
		}
	}
	w.settle()
}

func (w *world) choices() []choice {
	list := w.turns()
	for _, c := range w.clients {
		if c.call == nil && len(w.ops) < mostOps {
			list = append(list, choice{60, func() { w.ask(c) }})
		} else if c.call != nil && c.call.cancellable() && w.profile.cancel > 0 {
			list = append(list, choice{w.profile.cancel / 6, func() { w.cancel(c.call) }})
		}
	}
	up, committing := 0, 1
	for _, p := range w.procs {
		if !p.up {
			list = append(list, choice{80, func() { w.note("start %s", p.name); w.boot(p) }})
			continue
		}
		up++
		kill := w.profile.kill
		if p.commits() {
			kill *= 4 // where it hurts most
			committing = 4
		}
		list = append(list, choice{kill, func() { w.sum.Kills++; w.kill(p) }})
		if !p.closing {
			list = append(list, choice{w.profile.shut, func() { w.shut(p) }})
		}
	}
	if up > 0 {
		list = append(list, choice{w.profile.crash * committing, w.crash})
	}
	if w.db.bad {
		list = append(list, choice{40, w.crash}) // somebody sees to the disk
	}
	list = append(list, choice{25, w.pass})
	if w.profile.jumps > 0 {
		list = append(list, choice{w.profile.jumps / 5, w.jump})
	}
	return list
}

// turns are the fibers that may go on, and commits that come late.
func (w *world) turns() []choice {
	var list []choice
	for _, p := range w.procs {
		for _, b := range p.batches {
			if !b.waits() && !b.fiber.blocked() {
				weight := 150
				if b.fiber.point == atDisk {
					weight = 40 // so that others get on meanwhile
				}
				list = append(list, choice{weight, func() { w.resume(b) }})
			}
		}
		for _, f := range p.readers {
			list = append(list, choice{60, func() { w.look(p, f) }})
		}
	}
	for _, t := range w.late {
		list = append(list, choice{25, func() { w.arrive(t) }})
	}
	return list
}

func (f *fiber) blocked() bool {
	return f.point == atWaiting && f.tx.waits != nil && !f.tx.waits.ended
}

// resume lets a commit go on, or fails what it is about to do.
func (w *world) resume(b *batch) {
	f := b.fiber
	v := w.verdict(f)
	w.note("%s: %s %v %d", b.process.name, f.point, v.err, v.outcome)
	f.parked = false
	if v.tell {
		w.visible(b)
	}
	f.turn <- v
}

func (w *world) verdict(f *fiber) verdict {
	switch f.point {
	case atCommit:
		if f.tx.fault != nil {
			return verdict{}
		}
		v := w.outcome(f.tx)
		v.tell = w.profile.early && v.outcome == done && f.batch.tells()
		return v
	case atDisk:
		return w.onDisk(f)
	case atLost:
		return verdict{err: errLost}
	}
	switch {
	case w.chance(w.profile.again):
		w.sum.Retries++
		return verdict{err: errAgain}
	case w.chance(w.profile.fault):
		w.sum.Faults++
		return verdict{err: errFault}
	}
	return verdict{}
}

// outcome decides about a commit.
func (w *world) outcome(t *tx) verdict {
	switch {
	case w.chance(w.profile.again):
		w.sum.Retries++
		return verdict{err: errAgain, outcome: undone}
	case w.chance(w.profile.refuse):
		w.sum.Faults++
		return verdict{err: errFault, outcome: undone}
	case len(t.changes) > 0 && w.chance(w.profile.full):
		w.sum.Faults++
		return verdict{err: errFull, outcome: undone}
	case w.chance(w.profile.silent):
		w.sum.Unknown++
		if w.chance(w.profile.later) {
			return verdict{outcome: lostBetween}
		}
		if w.rnd.IntN(2) == 0 {
			return verdict{outcome: lostBefore}
		}
		return verdict{outcome: lostAfter}
	}
	return verdict{}
}

// look lets a reader see its moment.
func (w *world) look(p *process, f *fiber) {
	p.readers = slices.DeleteFunc(p.readers, func(x *fiber) bool { return x == f })
	w.note("%s: reads for %s", p.name, f.call)
	w.reading++
	f.turn <- verdict{}
}

// arrive ends a transaction whose process got no answer.
func (w *world) arrive(t *tx) {
	w.late = slices.DeleteFunc(w.late, func(x *tx) bool { return x == t })
	if w.rnd.IntN(3) == 0 {
		w.note("a late commit is lost")
		w.db.end(t)
		return
	}
	w.note("a late commit arrives")
	w.db.write(t)
}

// cancel ends a call's context, which withdraws its command if no batch has it.
func (w *world) cancel(c *call) {
	w.note("cancel %s", c)
	w.sum.Cancelled++
	it := c.items[0]
	close(c.hook.done)
	c.cancelled = true
	if !it.taken {
		it.withdrawn = true
		c.left--
		w.owe(c)
	}
}

// shut closes a process in order: what it has taken is answered.
func (w *world) shut(p *process) {
	w.note("close %s", p.name)
	p.closing = true
	begun := make(chan struct{})
	h := &hook{Context: context.Background(), tell: func() { close(begun) }, done: make(chan struct{})}
	n, l := p.node, p.ledger
	go func() {
		l.Close(h)
		w.events <- event{what: closed, node: n}
	}()
	<-begun
}

// pass lets time go by, often to the edges of days and cycles.
func (w *world) pass() {
	steps := []token.Instant{1, second, minute, hour, 20 * hour, day - 1, day, 24 * hour * 31}
	d := steps[w.rnd.IntN(len(steps))]
	if w.rnd.IntN(2) == 0 {
		if a, ok := w.anyState(); ok {
			edge := a.Facts.NextReset
			if a.Facts.CycleEnds != 0 && w.rnd.IntN(2) == 0 {
				edge = a.Facts.CycleEnds
			}
			if d = edge - w.now + token.Instant(w.rnd.IntN(3)-1); d < 0 {
				d = 1
			}
		}
	}
	w.now += d
	w.note("time %s", w.now)
}

// jump sets a process's clock wrong, or right again.
func (w *world) jump() {
	p := w.procs[w.rnd.IntN(len(w.procs))]
	jumps := []token.Instant{0, 0, -1, 1, -minute, minute, -hour, hour, -day, day, -40 * day}
	p.skew = jumps[w.rnd.IntN(len(jumps))]
	w.note("the clock of %s is off by %d ms", p.name, p.skew)
}

// free is a way to the database that waits for no turns, for the checks at the end.
func (w *world) free() *ledger.Ledger {
	n := newNode(w, &process{})
	n.free = true
	return ledger.New(n, func() *token.Rules { return w.rules }, ledger.Options{})
}
