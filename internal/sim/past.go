package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/florin-studio/florin/token"
)

// past is what the auditor knows of an account: every entry that was committed, and the
// state after each.
type past struct {
	// states[n] is the state after entry n; states[0] is before the account was opened.
	states  []token.Account
	entries []token.Entry
	names   map[string]int64
}

// pastOf folds what was committed since the last time. Committed entries never change.
func (w *world) pastOf(account string) *past {
	p := w.past[account]
	if p == nil {
		p = &past{states: []token.Account{{ID: account}}}
		w.past[account] = p
	}
	j := w.db.tables.accounts[account]
	if j == nil {
		if len(p.entries) > 0 {
			w.fail("account %s is gone after %d committed entries", account, len(p.entries))
		}
		return p
	}
	w.follow(p, account, j)
	for n := len(p.entries); int64(len(p.entries)) < j.row.Seq; { // so that whoever asks for what is wrong does not fail, too
		p.entries, p.states = append(p.entries, token.Entry{}), append(p.states, p.states[n])
	}
	return p
}

// follow folds the entries that came since the last time.
func (w *world) follow(p *past, account string, j *journal) {
	p.names = j.names
	known := len(p.entries)
	if len(j.records) < known || known > 0 && j.records[known-1].Hash != p.entries[known-1].Hash {
		w.fail("the journal of %s was changed behind entry %d", account, min(known, len(j.records)))
		return
	}
	for _, rec := range j.records[known:] {
		e, err := token.ParseEntry([]byte(rec.Body))
		if err != nil {
			w.fail("entry %d of %s: %v", rec.Seq, account, err)
			return
		}
		last := p.states[len(p.states)-1]
		e.Prev, e.Hash = last.Hash, rec.Hash
		next, err := token.Fold(last, &e)
		if err != nil {
			w.fail("journal of %s: %v", account, err)
			return
		}
		p.entries, p.states = append(p.entries, e), append(p.states, next)
	}
	if int64(len(p.entries)) != j.row.Seq {
		w.fail("the journal of %s has %d entries, the last one with number %d", account, len(p.entries), j.row.Seq)
	}
}

// forget drops what a crash took away, of which nobody may have been told (T32).
func (w *world) forget() {
	gone := map[string]bool{}
	for _, id := range accounts {
		p, n := w.past[id], int(w.db.tables.seq(id))
		if n >= len(p.entries) {
			continue
		}
		for i := range p.entries[n:] {
			gone[p.entries[n+i].Hash] = true
		}
		p.entries, p.states, p.names = p.entries[:n], p.states[:n+1], nil
	}
	for _, name := range slices.Sorted(maps.Keys(w.outcomes)) {
		if gone[w.outcomes[name].acknowledged] {
			w.fail("%s was acknowledged, and a crash took it away", name)
		}
	}
}

// stateOf is an account's committed state; false where it is not open.
func (w *world) stateOf(account string) (token.Account, bool) {
	p := w.pastOf(account)
	return p.states[len(p.states)-1], len(p.entries) > 0
}

// anyState is the committed state of some account.
func (w *world) anyState() (token.Account, bool) {
	return w.stateOf(accounts[w.rnd.IntN(w.profile.accounts)])
}

// memory is an account's history up to an entry, as token.Decide wants it.
type memory struct {
	past *past
	seq  int64
}

// ByName gives the entry with a unique name.
func (m memory) ByName(name string) (*token.Entry, error) {
	if n := m.past.names[name]; n > 0 && n <= m.seq {
		return &m.past.entries[n-1], nil
	}
	return nil, nil
}

// LastName gives the greatest unique name that begins with prefix.
func (m memory) LastName(prefix string) (string, error) {
	last := ""
	for name, n := range m.past.names {
		if n <= m.seq && strings.HasPrefix(name, prefix) && name > last {
			last = name
		}
	}
	return last, nil
}

// Entries visits all entries after a number.
func (m memory) Entries(after int64, _ func() []string, visit func(*token.Entry) error) error {
	for seq := after + 1; seq <= m.seq; seq++ {
		if err := visit(&m.past.entries[seq-1]); err != nil {
			return err
		}
	}
	return nil
}

// refusalAt is what the rules say to a command after an entry of its account (and, for
// gifts, after one of the receiver's); nil where they would accept it or know it.
func (w *world) refusalAt(it *item, seq, to int64) error {
	o := it.op
	p := w.pastOf(o.account)
	if _, opens := o.command.(token.Open); !opens && seq == 0 {
		return &token.Refusal{Reason: token.UnknownAccount, Field: "account", Value: o.account, Allowed: "an open account"}
	}
	send, gift := o.command.(token.SendGift)
	if gift && to == 0 {
		return &token.Refusal{Reason: token.UnknownAccount, Field: "to", Value: send.To, Allowed: "an open account"}
	}
	d, err := w.rules.Decide(p.states[seq], token.Request{Key: o.key, At: it.at, Command: o.command}, memory{p, seq}, true)
	if err != nil || d.Replay != nil || !gift || send.To == o.account {
		return err
	}
	q := w.pastOf(send.To)
	back := token.Request{Key: "gift/" + o.account + "/" + send.ID, At: it.at,
		Command: token.ReceiveGift{ID: send.ID, From: o.account, Parts: token.GiftParts(&d.Entries[len(d.Entries)-1])}}
	got, err := w.rules.Decide(q.states[to], back, memory{q, to}, true)
	if err == nil && got.Replay != nil {
		return &token.Refusal{Reason: token.IdempotencyConflict, Field: "id", Value: send.ID, Allowed: "an id that no gift between the two had"}
	}
	return err
}

// legal tells whether a command could be refused like this at some moment of its call.
func (w *world) legal(it *item, refusal *token.Refusal) bool {
	want := text(refusal)
	to, since := it.op.account, it.call.since
	if send, ok := it.op.command.(token.SendGift); ok {
		to = send.To
	}
	for seq := since[it.op.account]; seq <= w.db.tables.seq(it.op.account); seq++ {
		first, last := since[to], w.db.tables.seq(to)
		if to == it.op.account {
			first, last = seq, seq
		}
		for other := first; other <= last; other++ {
			if err := w.refusalAt(it, seq, other); err != nil && text(err) == want {
				return true
			}
		}
	}
	if refusal.Reason != token.CodeUsedUp {
		return false
	}
	for _, p := range w.rules.Promos {
		if p.Code == refusal.Value {
			return p.Limit > 0 && w.db.tables.promos[p.Code] >= p.Limit
		}
	}
	return false
}

// text is a value's JSON, by which values are compared and shown.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
