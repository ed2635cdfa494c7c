package sim

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// outcomes is what clients were told of everything that has one unique name.
type outcomes struct {
	// acknowledged is the entry's hash, once anybody was told.
	acknowledged string
	// fresh counts the answers that claimed to be the first.
	fresh int
	// silenced tells that one of these had to look for its outcome after a lost answer.
	// The same command twice in that batch then finds one entry as its own twice.
	silenced bool
	// maybe tells that some attempt ended without a definite answer.
	maybe bool
}

func (w *world) outcomesOf(o *op) *outcomes {
	key := o.account + " " + o.name()
	if w.outcomes[key] == nil {
		w.outcomes[key] = &outcomes{}
	}
	return w.outcomes[key]
}

// silence notes what a killed process did not answer.
func (w *world) silence(c *call) {
	c.client.call = nil
	for _, it := range c.items {
		w.outcomesOf(it.op).maybe = true
	}
}

// answered checks an answer against the journals.
func (w *world) answered(c *call) {
	if c.account != "" {
		w.answeredRead(c)
		return
	}
	for i, it := range c.items {
		receipt, err := c.receipts[i], c.errs[i]
		var refusal *token.Refusal
		switch {
		case err == nil:
			w.note("%s: #%d accepted, replayed %t", c, it.op.number, receipt.Replayed)
			it.op.settled = true
			w.sum.Accepted++
			w.accepted(it, &receipt)
		case errors.As(err, &refusal):
			w.note("%s: #%d refused: %v", c, it.op.number, err)
			it.op.settled = true
			w.sum.Refused++
			if !w.legal(it, refusal) {
				w.fail("%s: %s was refused with %s, which the rules say at no moment between call and answer; entries %d to %d",
					c, it.op, text(refusal), c.since[it.op.account], w.db.tables.seq(it.op.account))
			}
		default:
			w.note("%s: #%d failed: %v", c, it.op.number, err)
			w.sum.Failed++
			w.failure(it, err)
		}
	}
}

// failure notes an error that is no answer, and finds those that nothing explains.
func (w *world) failure(it *item, err error) {
	var busy *ledger.Busy
	var panicked *ledger.Panicked
	switch {
	case errors.Is(err, ledger.ErrUnknown):
		w.outcomesOf(it.op).maybe = true
	case errors.As(err, &busy), errors.As(err, &panicked) && it.side == panics, errors.Is(err, ledger.ErrClosed):
	case errors.Is(err, errSide) && it.side == fails:
	case errors.Is(err, context.Canceled) && it.withdrawn:
	case errors.Is(err, errFault), errors.Is(err, errFull), errors.Is(err, errAgain):
	case errors.Is(err, errLost) && it.call.process.node.lost:
	default:
		w.fail("%s failed with an error that nobody made: %v", it.op, err)
	}
}

// accepted checks a receipt: its entry is in the journal, asked for by this command, and
// the account is as it was then.
func (w *world) accepted(it *item, r *token.Receipt) {
	o := it.op
	since, now := it.call.since[o.account], w.db.tables.seq(o.account)
	p := w.pastOf(o.account)
	if r.Entry == nil {
		if _, touch := o.command.(token.Touch); !touch {
			w.fail("%s has a receipt without entry", o)
			return
		}
		w.within(o, &r.Account, since, now)
		return
	}
	e := r.Entry
	if e.Seq < 1 || e.Seq > now || p.entries[e.Seq-1].Hash != e.Hash {
		w.fail("%s was acknowledged with entry %d, hash %s, which is not in the journal", o, e.Seq, e.Hash)
		return
	}
	stored := &p.entries[e.Seq-1]
	if string(stored.Bytes()) != string(e.Bytes()) || stored.Prev != e.Prev {
		w.fail("the receipt of %s is not what the journal has:\n%s\n%s", o, e.Bytes(), stored.Bytes())
	}
	if e.Kind != o.command.Name() || string(e.Command) != string(token.EncodeCommand(o.command)) || o.key != "" && e.Key != o.key {
		w.fail("%s got the receipt of another command: %s", o, e.Bytes())
	}
	w.first(it, r, since, now)
}

// first checks that a command was done once, and that who is told so first is right.
func (w *world) first(it *item, r *token.Receipt, since, now int64) {
	o, e := it.op, r.Entry
	known := w.outcomesOf(o)
	if known.acknowledged != "" && known.acknowledged != e.Hash {
		w.fail("%s got two different receipts", o)
	}
	known.acknowledged = e.Hash
	known.silenced = known.silenced || it.call.silenced
	if r.Replayed {
		w.sum.Replayed++
		w.within(o, &r.Account, since, now)
		return
	}
	if known.fresh++; known.fresh > 1 && !(known.silenced || it.call.silenced) {
		w.fail("%s was acknowledged %d times as something new", o, known.fresh)
	}
	if e.Seq <= since {
		w.fail("%s was acknowledged as something new with entry %d, which was there before", o, e.Seq)
	}
	if it.call.silenced {
		// What was found after a lost answer has the account as it is by then.
		w.within(o, &r.Account, e.Seq, now)
		return
	}
	if was, is := text(w.pastOf(o.account).states[e.Seq]), text(r.Account); was != is {
		w.fail("the receipt of %s has the account\n%s\nbut after entry %d it is\n%s", o, is, e.Seq, was)
	}
}

// within checks that an account is as it was at some moment of the call.
func (w *world) within(o *op, a *token.Account, since, now int64) {
	p := w.pastOf(o.account)
	if a.Seq < since || a.Seq > now {
		w.fail("%s got the account at entry %d, but it went from %d to %d meanwhile: what was acknowledged before must be in it", o, a.Seq, since, now)
		return
	}
	if was, is := text(p.states[a.Seq]), text(a); was != is {
		w.fail("%s got the account\n%s\nbut after entry %d it is\n%s", o, is, a.Seq, was)
	}
}

// answeredRead checks a reading: some state between call and answer, rolled or folded.
func (w *world) answeredRead(c *call) {
	w.note("%s: %s is at entry %d, %v", c, c.account, c.state0.Seq, c.err)
	p := w.pastOf(c.account)
	since, now := c.since[c.account], w.db.tables.seq(c.account)
	var refusal *token.Refusal
	switch {
	case errors.As(c.err, &refusal) && refusal.Reason == token.UnknownAccount:
		if since > 0 && p.entries[0].At <= c.at {
			w.fail("%s: %s is unknown, but it was open at %s", c, c.account, c.at)
		}
		return
	case c.err != nil:
		w.fail("%s: reading %s: %v", c, c.account, c.err)
		return
	}
	for seq := since; seq <= now; seq++ {
		a := p.states[seq]
		for a.Seq > 0 && a.At > c.at {
			a = p.states[a.Seq-1]
		}
		if a.Seq > 0 && text(w.rules.Roll(a, c.at)) == text(c.state0) {
			return
		}
	}
	w.fail("%s: %s at %s is read as\n%s\nwhich it was at no moment between entries %d and %d", c, c.account, c.at, text(c.state0), since, now)
}
