package sim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// mostTogether is how many commands one SubmitAll has at most, wideTogether in runs
// with large batches.
const (
	mostTogether = 4
	wideTogether = 60
)

// client asks for one thing at a time.
type client struct {
	name string
	call *call
}

// op is a command that clients repeat until they know what became of it.
type op struct {
	number  int
	account string
	key     string
	command token.Command
	// settled tells that a client knows the outcome.
	settled bool
}

// name is what a repeat of the command is found by.
func (o *op) name() string { return token.Request{Key: o.key, Command: o.command}.Primary() }

func (o *op) String() string {
	return fmt.Sprintf("#%d %s %s %s key %q", o.number, o.account, o.command.Name(), token.EncodeCommand(o.command), o.key)
}

// The states of a call.
const (
	starting = iota + 1
	waiting
	owed
	inRead
	over
)

// call is one attempt at commands, or a reading, at one process.
type call struct {
	number  int
	client  *client
	process *process
	items   []*item
	hook    *hook
	state   int
	// left counts the commands that wait or are being written.
	left      int
	cancelled bool
	// together tells that the commands are handed over together, even a single one, so that
	// they are never committed by the caller.
	together bool
	// lost tells that the process was killed before it answered.
	lost bool
	// silenced tells that a commit of it had no answer, so that the ledger had to look.
	silenced bool
	// since has the committed entries of each account when the call began.
	since    map[string]int64
	receipts []token.Receipt
	errs     []error
	// account and at are of a reading.
	account string
	at      token.Instant
	state0  token.Account
	err     error
}

func (c *call) String() string { return fmt.Sprintf("call %d of %s", c.number, c.client.name) }

// cancellable tells whether the call may be cancelled without a doubt about what that does.
func (c *call) cancellable() bool {
	return c.state == waiting && len(c.items) == 1 && !c.cancelled
}

// item is one command of a call.
type item struct {
	op   *op
	call *call
	at   token.Instant
	side side
	// taken and withdrawn follow what the queue does with it.
	taken, withdrawn bool
}

// side is what the caller's own part of the transaction does.
type side int

const (
	noSide side = iota
	writes
	fails
	panics
	forgives // an error of its statement, which the store must not
)

var errSide = errors.New("sim: the caller's rows are refused")

// ask has a client do something.
func (w *world) ask(c *client) {
	p := w.procs[w.rnd.IntN(len(w.procs))]
	if !p.up {
		return
	}
	w.calls++
	k := &call{number: w.calls, client: c, process: p, state: starting, since: map[string]int64{}}
	c.call = k
	for _, id := range accounts {
		k.since[id] = w.db.tables.seq(id)
	}
	if w.rnd.IntN(10) == 0 {
		w.read(k)
		return
	}
	n := 1
	switch {
	case w.profile.single():
	case w.profile.wide:
		n = 1 + w.rnd.IntN(wideTogether)
	case w.rnd.IntN(4) == 0:
		n = 1 + w.rnd.IntN(mostTogether)
	}
	for range n {
		o := w.again()
		if o == nil {
			o = w.invent()
			w.ops = append(w.ops, o)
		}
		it := &item{op: o, call: k, at: max(w.now+p.skew, 1), side: w.side(o)}
		k.items = append(k.items, it)
		w.note("%s at %s: %s at %s side %d", k, p.name, o, it.at, it.side)
	}
	w.submit(k)
}

// submit runs the call in a goroutine of its own.
func (w *world) submit(k *call) {
	w.starting++
	w.sum.Commands += int64(len(k.items))
	k.hook = &hook{Context: context.Background(), tell: func() { w.events <- event{what: queued, call: k} }, done: make(chan struct{})}
	reqs := make([]ledger.Request, len(k.items))
	for i, it := range k.items {
		reqs[i] = it.request()
	}
	l := k.process.ledger
	k.together = len(reqs) > 1 || w.profile.early && k.number%3 > 0
	go func() {
		if !k.together {
			r, err := l.Submit(k.hook, reqs[0])
			k.receipts, k.errs = []token.Receipt{r}, []error{err}
		} else {
			k.receipts, k.errs = l.SubmitAll(k.hook, reqs)
		}
		w.events <- event{what: returned, call: k}
	}()
}

// read asks for an account now, in the past or in the future.
func (w *world) read(k *call) {
	k.account = accounts[w.rnd.IntN(w.profile.accounts)]
	shifts := []token.Instant{0, 0, 0, -day, -minute, day, 40 * day}
	k.at = w.now + shifts[w.rnd.IntN(len(shifts))]
	k.state = inRead
	w.note("%s at %s: read %s at %s", k, k.process.name, k.account, k.at)
	w.sum.Reads++
	w.reading++
	l := k.process.ledger
	ctx := context.WithValue(context.Background(), callKey{}, k)
	go func() {
		k.state0, k.err = l.Account(ctx, k.account, k.at)
		w.events <- event{what: returned, call: k}
	}()
}

// request makes what the ledger gets.
func (it *item) request() ledger.Request {
	req := ledger.Request{Account: it.op.account, Request: token.Request{Key: it.op.key, At: it.at, Command: it.op.command}}
	if it.side == noSide {
		return req
	}
	row, junk := sideRow(it.op.account, it.op.name()), fmt.Sprintf("junk/%d", it.op.number)
	req.Side = func(ctx context.Context, _ *store.Tx, r *token.Receipt) error {
		t := ctx.Value(txKey{}).(*tx)
		if it.side != writes && it.side != forgives {
			if err := t.put(junk, "1"); err != nil {
				return err
			}
		}
		switch it.side {
		case fails:
			return errSide
		case panics:
			panic("sim: the caller panics")
		}
		err := t.put(row, r.Entry.Hash)
		if it.side == forgives {
			return nil
		}
		return err
	}
	return req
}

// sideRow is the key of the row that a command's caller writes beside it.
func sideRow(account, name string) string { return "side/" + account + "/" + name }

// sided tells whether a command has rows beside it: the same for all that would be
// repeats of each other.
func sided(account, name string) bool {
	h := fnv.New32a()
	h.Write([]byte(account + "/" + name))
	return name != "" && (name[0] == 'h' || name[0] == 'e' || h.Sum32()%2 == 0)
}

// side decides what the caller's part does in this attempt.
func (w *world) side(o *op) side {
	if !sided(o.account, o.name()) {
		return noSide
	}
	if !w.chance(w.profile.side) {
		return writes
	}
	return []side{fails, fails, panics, forgives}[w.rnd.IntN(4)]
}

// again picks a command that was asked for before: one whose outcome nobody knows, as a
// client does after a timeout, or any.
func (w *world) again() *op {
	if len(w.ops) == 0 {
		return nil
	}
	switch n := w.rnd.IntN(100); {
	case n < 30:
		if o := w.ops[len(w.ops)-1-w.rnd.IntN(min(len(w.ops), 8))]; !o.settled {
			return o
		}
	case n < 36:
		return w.ops[w.rnd.IntN(len(w.ops))]
	}
	return nil
}
