package sqlstore

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

const (
	openAccount   = "INSERT INTO accounts (id, seq, at, state, hash, tail) VALUES ($1, $2, $3, $4, $5, $6)"
	updateAccount = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2"
	// On SQLite the row's number spares looking it up by its id.
	openAccountAt   = "INSERT INTO accounts (id, seq, at, state, hash, tail, rowid) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	updateAccountAt = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2 AND rowid = $8"
	insertEntry     = "INSERT INTO entries (account, seq, at, kind, hash, body) VALUES ($1, $2, $3, $4, $5, $6)"
	insertName      = "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)"
	insertPlace     = "INSERT INTO places (account, seq, entry) VALUES ($1, $2, $3)"
	insertRun       = "INSERT INTO runs (account, class, name, names) VALUES ($1, $2, $3, $4)"
)

// Append writes changes. Two processes that change an account meet at its row, which comes first, or at the
// number of its next entry; only one of them has it.
func (r *rows) Append(ctx context.Context, changes []ledger.Change, last bool) error {
	if err := r.ends(ctx); err != nil {
		return err
	}
	tails, err := r.tails(ctx, changes)
	if err != nil {
		return err
	}
	s := statements{entries: entriesOf(changes)}
	for i := range changes {
		if err := r.write(ctx, &s, &changes[i], tails[i]); err != nil {
			return err
		}
	}
	update, open := updateAccount, openAccount
	if r.lite {
		update, open = updateAccountAt, openAccountAt
	}
	inNames, inRuns := doubtful(changes, tails)
	updated := int64(len(s.updated))
	exec := r.tx.ExecLater
	// What only a count tells has to be known before the commit. The update's does not: who wrote the row has the
	// number of the next entry, too, and PostgreSQL says so.
	if last = last && len(inNames)+len(inRuns) == 0; last {
		exec = r.tx.ExecLast
	}
	return exec(ctx, []store.Statement{
		{SQL: update, Args: s.updated},
		{SQL: open, Args: s.opened},
		{SQL: touchName, Args: inNames},
		{SQL: touchRun, Args: inRuns},
		{SQL: insertName, Args: s.names},
		{SQL: insertRun, Args: s.runs},
		{SQL: insertPlace, Args: s.places},
		// What is sent to PostgreSQL is put together in memory that grows: the most comes last, and of that the longest column.
		{SQL: insertEntry, Columns: s.entries.columns()},
	}, func(changed []int64, err error) error {
		switch {
		case errors.Is(err, store.ErrUnique):
			return ledger.ErrConflict
		case err == nil && changed[0] != updated && last && !r.lite:
			return ledger.ErrUnknown // it is committed, and the row is not what it was: the journal tells
		case err == nil && (changed[0] != updated || changed[2]+changed[3] > 0):
			return ledger.ErrConflict
		}
		return err
	})
}

// statements are the rows that changes come to.
type statements struct {
	entries                              entries
	opened, updated, names, runs, places [][]any
}

// entries are rows of entries by column; of most changes there is nothing else.
type entries struct {
	account          []string
	seq, at          []int64
	kind, body, hash []string
}

// entriesOf has room for the entries of changes.
func entriesOf(changes []ledger.Change) entries {
	n := 0
	for i := range changes {
		n += len(changes[i].Records)
	}
	texts, numbers := make([]string, 4*n), make([]int64, 2*n)
	return entries{
		account: texts[:0:n], kind: texts[n : n : 2*n], body: texts[2*n : 2*n : 3*n], hash: texts[3*n : 3*n],
		seq: numbers[:0:n], at: numbers[n:n],
	}
}

func (e *entries) add(account string, rec *ledger.Record) {
	e.account, e.seq, e.at = append(e.account, account), append(e.seq, rec.Seq), append(e.at, int64(rec.At))
	e.kind, e.body, e.hash = append(e.kind, rec.Kind), append(e.body, rec.Body), append(e.hash, rec.Hash)
}

func (e *entries) columns() []any { return []any{e.account, e.seq, e.at, e.kind, e.hash, e.body} }

// write adds the rows of a change of an account that has the tail t.
func (r *rows) write(ctx context.Context, s *statements, c *ledger.Change, t *tail) error {
	to := c.To
	for j := range c.Records {
		s.entries.add(to.ID, &c.Records[j])
	}
	behind := t.read && c.From-t.written >= mostBehind
	t, err := t.with(c, r.entry)
	if err != nil {
		return err
	}
	c.Aside = t
	due := t.n > mostRecent
	if r.lite {
		r.entry += int64(len(c.Records))
		if c.From == 0 {
			t.row = r.account
			r.account++
		}
		r.scratch = t.append(r.scratch[:0])
		due = due || len(r.scratch) > mostText
	}
	if due {
		if t, err = r.index(ctx, s, to.ID, t, to.Seq); err != nil {
			return err
		}
		c.Aside = t
	}
	if !due && !behind && !r.lite && c.From != 0 {
		return nil
	}
	if due || !r.lite {
		r.scratch = t.append(r.scratch[:0])
	}
	r.row(s, c, t)
	return nil
}

// row adds the account's row, with the tail as it stands in r.scratch. SQLite finds entries by their
// places, which the row has, so that it is written with each change. PostgreSQL finds them by account and number: the row is written when a tail is
// due, or is behind where it was just read, and who reads it reads the entries since.
func (r *rows) row(s *statements, c *ledger.Change, t *tail) {
	to := ledger.RowOf(c.To)
	n := len(r.scratch)
	if r.lite {
		r.scratch = t.pad(&to, r.scratch)
	}
	text := string(r.scratch)
	t.text, t.inText = text[:n], t.n
	args := append(make([]any, 0, 8), to.ID)
	if c.From != 0 {
		args = append(args, t.written)
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
	t.written = to.Seq
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

// doubtful are the names that changes bring and an index may have already, in names and in runs. They are
// looked up in the same round trip in which everything is written. Names in tails are found by with;
// names that rise are known to be new without a look.
func doubtful(changes []ledger.Change, tails []*tail) (inNames, inRuns [][]any) {
	for i := range changes {
		c, t := &changes[i], tails[i]
		for _, n := range c.Names {
			if !t.mayBeIndexed(n.Name, c.From) {
				continue
			}
			inNames = append(inNames, []any{c.To.ID, n.Name})
			if t.mayBeInRun(n.Name) {
				inRuns = append(inRuns, []any{c.To.ID, class(n.Name), n.Name, inRun(n.Name)})
			}
		}
	}
	return inNames, inRuns
}
