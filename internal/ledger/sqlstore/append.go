package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

const (
	openAccount   = "INSERT INTO accounts (id, seq, at, state, hash, tail) VALUES ($1, $2, $3, $4, $5, $6)"
	updateAccount = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2"
	// On SQLite the row's number spares looking it up by its id.
	openAccountAt   = "INSERT INTO accounts (id, seq, at, state, hash, tail, rowid) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	updateAccountAt = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2 AND rowid = $8"
	insertEntry     = "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)"
	insertName      = "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)"
	insertPlace     = "INSERT INTO places (account, seq, entry) VALUES ($1, $2, $3)"
	// touchName changes nothing, and tells by its count whether a name is there.
	touchName = "UPDATE names SET seq = seq WHERE account = $1 AND name = $2"
)

// Append writes changes. Accounts come first: whoever writes an account's entries and
// names holds its row, so that two processes meet there and nowhere else.
func (r *rows) Append(ctx context.Context, changes []ledger.Change) error {
	if err := r.ends(ctx); err != nil {
		return err
	}
	tails, err := r.tails(ctx, changes)
	if err != nil {
		return err
	}
	var s statements
	for i := range changes {
		if err := r.write(ctx, &s, &changes[i], tails[i]); err != nil {
			return err
		}
	}
	update, open := updateAccount, openAccount
	if r.lite {
		update, open = updateAccountAt, openAccountAt
	}
	changed, err := r.tx.ExecAll(ctx, []store.Statement{
		{SQL: update, Args: s.updated},
		{SQL: open, Args: s.opened},
		{SQL: touchName, Args: doubtful(changes, tails)},
		{SQL: insertEntry, Args: s.entries},
		{SQL: insertName, Args: s.names},
		{SQL: insertPlace, Args: s.places},
	})
	if errors.Is(err, store.ErrUnique) {
		return ledger.ErrConflict
	}
	if err != nil {
		return err
	}
	if changed[0] != int64(len(s.updated)) || changed[2] > 0 {
		return ledger.ErrConflict
	}
	return nil
}

// statements are the rows that changes come to.
type statements struct {
	opened, updated, entries, names, places [][]any
}

// write adds the rows of a change of an account that has the tail t.
func (r *rows) write(ctx context.Context, s *statements, c *ledger.Change, t *tail) error {
	to := c.To
	t, err := t.with(c, r.entry)
	if err != nil {
		return err
	}
	if r.lite {
		r.entry += int64(len(c.Records))
		if c.From == 0 {
			t.row = r.account
			r.account++
		}
	}
	r.scratch = t.append(r.scratch[:0])
	if t.long(len(r.scratch)) {
		s.index(to.ID, t, to.Seq)
		first := t.first(to.Seq)
		t, err = t.indexed(func(class string) (string, error) {
			if first <= 1 {
				return "", nil // every entry that there is stands in the tail
			}
			return r.lastIndexed(ctx, to.ID, class)
		})
		if err != nil {
			return err
		}
		r.scratch = t.append(r.scratch[:0])
	}
	n := len(r.scratch)
	if r.lite {
		r.scratch = t.pad(to, r.scratch)
	}
	text := string(r.scratch)
	t.text, t.inText = text[:n], len(t.recent)
	to.Aside = t
	for j := range c.Records {
		rec := &c.Records[j]
		s.entries = append(s.entries, []any{to.ID, rec.Seq, int64(rec.At), rec.Kind, rec.Body, rec.Hash})
	}
	args := append(make([]any, 0, 8), to.ID)
	if c.From != 0 {
		args = append(args, c.From)
	}
	args = append(args, to.Seq, int64(to.At), to.State, to.Hash, text)
	if r.lite {
		args = append(args, t.row)
	}
	if c.From == 0 {
		s.opened = append(s.opened, args)
	} else {
		s.updated = append(s.updated, args)
	}
	return nil
}

// index adds the rows by which all of a tail is found: its names, and on SQLite one row that
// says where its entries lie.
func (s *statements) index(account string, t *tail, seq int64) {
	first, from := t.first(seq), len(s.names)
	var places []byte
	for i := range t.recent {
		e := &t.recent[i]
		if e.place != 0 {
			places = strconv.AppendInt(append(places, ' '), e.place, 10)
		}
		for _, name := range e.names {
			s.names = append(s.names, []any{account, name, first + int64(i)})
		}
	}
	if len(places) > 0 {
		s.places = append(s.places, []any{account, seq, string(places[1:])})
	}
	slices.SortFunc(s.names[from:], func(x, y []any) int { return strings.Compare(x[1].(string), y[1].(string)) })
}

// ends finds where the next entry and the next account will lie on SQLite, where a writing
// transaction keeps all others out.
func (r *rows) ends(ctx context.Context) error {
	if !r.lite || r.entry != 0 {
		return nil
	}
	return r.tx.QueryRow(ctx, "SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM entries), (SELECT COALESCE(MAX(rowid), 0) + 1 FROM accounts)").Scan(&r.entry, &r.account)
}

// tails gives the tails of the accounts of changes, reading those that the ledger does not remember.
func (r *rows) tails(ctx context.Context, changes []ledger.Change) ([]*tail, error) {
	tails := make([]*tail, len(changes))
	for i := range changes {
		c := &changes[i]
		switch aside := c.Aside.(type) {
		case *tail:
			tails[i] = aside
			continue
		case unread:
			if t, err := aside.parse(); err == nil {
				tails[i] = t
				continue
			}
		case nil:
			if c.From == 0 {
				tails[i] = &tail{}
				continue
			}
		}
		t, seq, err := r.tailOf(ctx, c.To.ID)
		if err != nil {
			return nil, err
		}
		if t == nil || seq != c.From {
			return nil, ledger.ErrConflict
		}
		tails[i] = t
	}
	return tails, nil
}

// doubtful are the names that changes bring and an index may have already. They are looked
// up in the same round trip in which everything is written. Names in tails are found by with;
// names that rise are known to be new without a look.
func doubtful(changes []ledger.Change, tails []*tail) [][]any {
	var look [][]any
	for i := range changes {
		c := &changes[i]
		for _, n := range c.Names {
			if tails[i].mayBeIndexed(n.Name, c.From) {
				look = append(look, []any{c.To.ID, n.Name})
			}
		}
	}
	return look
}
