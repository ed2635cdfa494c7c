package sim

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// audit checks everything that can be known when all is quiet.
func (w *world) audit() {
	for _, id := range accounts {
		p := w.pastOf(id)
		for i := range p.states {
			if err := w.rules.Check(&p.states[i]); err != nil {
				w.fail("%v", err)
			}
		}
	}
	w.verify()
	w.replay()
	w.auditOutcomes()
	w.auditSides()
}

// verify has the ledger's own verification look at the rows.
func (w *world) verify() {
	l := w.free()
	defer l.Close(context.Background())
	sum, err := l.Verify(context.Background(), "", func(d ledger.Difference) { w.fail("verify: %s", d) })
	if err != nil {
		w.fail("verify: %v", err)
	}
	w.sum.Entries += sum.Entries
}

// replay has the model decide every command again, in the order of the commits, and
// compares each entry (T30): the same commands in the same order give the same journal.
func (w *world) replay() {
	r := &replay{world: w, at: map[string]int64{}}
	for i := range w.db.log {
		if !r.record(&w.db.log[i]) {
			return
		}
	}
	for _, id := range accounts {
		a, open := r.book.Account(id)
		stored := w.db.tables.accounts[id]
		if open != (stored != nil) || open && ledger.StateText(&a) != stored.row.State {
			w.fail("account %s is stored as\n%s\nbut the model says\n%s", id, stored.row.State, ledger.StateText(&a))
		}
	}
}

// replay is a model on its way through the log.
type replay struct {
	world *world
	book  token.Book
	// at has the number of the next entry of each account in the log.
	at map[string]int64
}

// record replays one transaction. Within it, only gifts tie accounts to each other.
func (r *replay) record(rec *record) bool {
	left := map[string]int{}
	for i := range rec.changes {
		left[rec.changes[i].To.ID] = len(rec.changes[i].Records)
	}
	for moved := true; moved; {
		moved = false
		for i := range rec.changes {
			id := rec.changes[i].To.ID
			for left[id] > 0 {
				n := r.entry(id, left)
				if n < 0 {
					return false
				}
				if n == 0 {
					break
				}
				moved = true
			}
		}
	}
	for id, n := range left {
		if n > 0 {
			r.world.fail("a gift of %s has one half only", id)
			return false
		}
	}
	return true
}

// entry replays an account's next entry: 1 when it did, 0 when it waits for the other
// half of a gift, -1 when the model disagrees.
func (r *replay) entry(id string, left map[string]int) int {
	e := r.next(id)
	switch e.Kind {
	case "receive_gift":
		return 0 // with its other half
	case "roll":
		_, err := r.book.Submit(r.world.rules, id, token.Request{At: e.At, Command: token.Touch{}})
		return r.compare(id, e, err, left)
	}
	c, err := token.DecodeCommand(e.Kind, e.Command)
	if err != nil {
		r.world.fail("entry %d of %s: %v", e.Seq, id, err)
		return -1
	}
	req := token.Request{Key: e.Key, At: e.At, Command: c}
	if e.Requested != 0 {
		req.At = e.Requested
	}
	send, gift := c.(token.SendGift)
	if !gift {
		_, err = r.book.Submit(r.world.rules, id, req)
		return r.compare(id, e, err, left)
	}
	if left[send.To] == 0 || r.next(send.To).Key != "gift/"+id+"/"+send.ID {
		return 0
	}
	_, err = r.book.Transfer(r.world.rules, id, send, req)
	if n := r.compare(id, e, err, left); n < 0 {
		return n
	}
	return r.compare(send.To, r.next(send.To), err, left)
}

func (r *replay) next(id string) *token.Entry {
	return &r.world.pastOf(id).entries[r.at[id]]
}

// compare compares an account's next entry with what the model wrote.
func (r *replay) compare(id string, e *token.Entry, err error, left map[string]int) int {
	if err != nil {
		r.world.fail("the journal of %s has entry %d, %s, which the model refuses: %v", id, e.Seq, e.Bytes(), err)
		return -1
	}
	journal := r.book.Journal(id)
	if int64(len(journal)) < e.Seq || journal[e.Seq-1].Hash != e.Hash {
		got := "nothing"
		if int64(len(journal)) >= e.Seq {
			got = string(journal[e.Seq-1].Bytes())
		}
		r.world.fail("entry %d of %s is\n%s\nbut the model says\n%s", e.Seq, id, e.Bytes(), got)
		return -1
	}
	r.at[id]++
	left[id]--
	return 1
}

// auditOutcomes compares what clients were told with what is there (T32).
func (w *world) auditOutcomes() {
	for _, o := range w.ops {
		name := o.name()
		if name == "" {
			continue
		}
		p, known := w.pastOf(o.account), w.outcomesOf(o)
		seq := p.names[name]
		switch {
		case seq == 0 && known.acknowledged != "":
			w.fail("%s was acknowledged and is not in the journal", o)
		case seq > 0 && known.acknowledged != "" && p.entries[seq-1].Hash != known.acknowledged:
			w.fail("%s was acknowledged with another entry than %d", o, seq)
		case seq > 0 && known.acknowledged == "" && !known.maybe && byName(&p.entries[seq-1], name):
			w.fail("%s is in the journal as entry %d, but everybody was told that it failed", o, seq)
		}
	}
}

// byName tells whether an entry was asked for under this name, and not under a key that
// it has besides.
func byName(e *token.Entry, name string) bool {
	return strings.HasPrefix(name, "k/") || e.Key == ""
}

// auditSides compares the callers' rows with the commands they belong to (T14): each is
// there exactly when the other is.
func (w *world) auditSides() {
	want := map[string]string{}
	for _, id := range accounts {
		p := w.pastOf(id)
		for i := range p.entries {
			e := &p.entries[i]
			if e.Kind == "roll" || e.Kind == "receive_gift" {
				continue
			}
			c, err := token.DecodeCommand(e.Kind, e.Command)
			if err != nil {
				w.fail("entry %d of %s: %v", e.Seq, id, err)
				continue
			}
			if name := (token.Request{Key: e.Key, Command: c}).Primary(); sided(id, name) {
				want[sideRow(id, name)] = e.Hash
			}
		}
	}
	got := w.db.tables.sides
	for _, row := range slices.Sorted(maps.Keys(want)) {
		if got[row] != want[row] {
			w.fail("the row %s is %q, but its command's entry is %q", row, got[row], want[row])
		}
	}
	for _, row := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[row]; !ok {
			w.fail("the row %s is there without its command", row)
		}
	}
}

// finishAll makes the faults stop, starts what is down, and has a client repeat every
// command whose outcome nobody knows.
func (w *world) finishAll() {
	cache := w.profile.options
	w.profile = profile{processes: w.profile.processes, clients: w.profile.clients, accounts: w.profile.accounts, alone: w.profile.alone, early: w.profile.early, options: cache}
	if w.db.bad {
		w.crash()
	}
	for _, t := range slices.Clone(w.late) {
		w.arrive(t)
	}
	for _, p := range w.procs {
		if !p.up {
			w.boot(p)
		}
	}
	w.drain()
	for _, o := range w.ops {
		if w.failed != "" {
			return
		}
		if o.settled {
			continue
		}
		p := w.procs[w.rnd.IntN(len(w.procs))]
		if p.closing || !p.up {
			continue
		}
		w.calls++
		k := &call{number: w.calls, client: &client{name: "last"}, process: p, state: starting, since: map[string]int64{}}
		for _, id := range accounts {
			k.since[id] = w.db.tables.seq(id)
		}
		k.items = []*item{{op: o, call: k, at: w.now, side: w.side(o)}}
		w.note("%s at %s: %s", k, p.name, o)
		w.submit(k)
		w.settle()
		w.drain()
		if !o.settled && w.failed == "" {
			w.fail("%s has no answer though nothing fails any more: %v", o, k.errs)
		}
	}
}

// drain lets everybody go on until nobody waits.
func (w *world) drain() {
	for w.failed == "" {
		turns := w.turns()
		if len(turns) == 0 {
			for _, p := range w.procs {
				if p.up && len(p.batches) > 0 {
					w.fail("%s waits for a row that nobody has", p.name)
				}
			}
			return
		}
		turns[w.rnd.IntN(len(turns))].do()
		w.settle()
	}
}

// close ends everybody.
func (w *world) close() {
	w.late = nil
	for _, p := range w.procs {
		if p.up || len(p.readers) > 0 {
			w.kill(p)
		}
	}
}

// String names a run's end for people.
func (r *Result) String() string {
	if r.Failed == "" {
		return fmt.Sprintf("seed %d: ok", r.Seed)
	}
	return fmt.Sprintf("seed %d: %s", r.Seed, r.Failed)
}
