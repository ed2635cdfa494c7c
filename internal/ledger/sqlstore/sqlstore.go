// Package sqlstore keeps a ledger's rows in the tables accounts, entries, names, runs, places and
// promos of a store.DB, on SQLite and on PostgreSQL. What the indexes do not know yet
// of an account is its tail: on SQLite it stands in the account's row, on PostgreSQL in the entries since.
package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

// Store keeps a ledger in a database.
type Store struct {
	db    *store.DB
	names namesOf
}

// namesOf gives the unique names of an entry.
type namesOf func(rec *ledger.Record) ([]string, error)

// New gives the ledger's part of a database.
func New(db *store.DB) *Store { return &Store{db: db, names: ledger.NamesOf} }

// rows is the ledger's view of a transaction.
func (s *Store) rows(tx *store.Tx) *rows {
	return &rows{tx: tx, lite: s.db.Engine() == "sqlite", names: s.names}
}

// Read runs fn on one moment of the database.
func (s *Store) Read(ctx context.Context, fn func(ctx context.Context, r ledger.Reader) error) error {
	return s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return fn(ctx, s.rows(tx))
	})
}

// Accounts reads the rows of accounts.
func (s *Store) Accounts(ctx context.Context, ids []string) (out []ledger.Row, err error) {
	read := s.db.Read
	if len(ids) <= chunks[len(chunks)-1] {
		read = s.db.ReadOne
	}
	err = read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = s.rows(tx).Accounts(ctx, ids)
		return err
	})
	return out, err
}

// Write runs fn in a durable transaction.
func (s *Store) Write(ctx context.Context, fn func(ctx context.Context, w ledger.Writer) error, written func()) error {
	return s.db.WriteThen(ctx, func(ctx context.Context, tx *store.Tx) error {
		return fn(ctx, s.rows(tx))
	}, written)
}

// rows is a ledger's view of one transaction.
type rows struct {
	tx *store.Tx
	// lite tells that the engine is SQLite: a writing transaction keeps all others out, so
	// that nothing has to be locked, and entries are found by their places.
	lite  bool
	names namesOf
	// entry and account are where the next ones will lie, once that is known; see ends.
	entry, account int64
	// scratch is where texts are put together.
	scratch []byte
}

// Accounts reads the rows of accounts.
func (r *rows) Accounts(ctx context.Context, ids []string) ([]ledger.Row, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	texts := accountsQuery
	if r.lite {
		texts = accountsQueryLite
	}
	var out []ledger.Row
	err := inChunks(args, func(n int, args []any) error {
		q, err := r.tx.Query(ctx, texts[n], args...)
		if err != nil {
			return err
		}
		defer q.Close()
		for q.Next() {
			var row ledger.Row
			var u unread
			var since string
			if err := q.Scan(&row.ID, &row.Seq, &row.At, &row.Hash, &row.State, &u.text, &u.row, &since); err != nil {
				return err
			}
			u.size = rowSize(&row, len(u.text))
			u.written, u.since, u.names = row.Seq, parseSince(since), r.names
			row.Since, row.Aside = u.since, u
			out = append(out, row)
		}
		return q.Close()
	})
	return out, err
}

// Records reads entries in order.
func (r *rows) Records(ctx context.Context, account string, after int64, limit int) ([]ledger.Record, error) {
	if !r.lite {
		return r.records(ctx, nil, "SELECT seq, at, kind, body, hash FROM entries WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3", account, after, limit)
	}
	var out []ledger.Record
	fetch := func(places []int64) (err error) {
		for _, place := range places {
			if out, err = r.records(ctx, out, "SELECT seq, at, kind, body, hash FROM entries WHERE id = $1 AND account = $2", place, account); err != nil {
				return err
			}
		}
		return nil
	}
	for len(out) < limit { // an entry that is missing makes no page shorter
		places, last, err := r.places(ctx, account, after, limit-len(out))
		if err != nil {
			return nil, err
		}
		if len(places) == 0 {
			break
		}
		if err := fetch(places); err != nil {
			return nil, err
		}
		after = last
	}
	if len(out) == limit {
		return out, nil
	}
	t, seq, err := r.tailOf(ctx, account)
	if err != nil {
		return nil, err
	}
	if t == nil { // the row is lost or damaged: the entries tell by themselves whose they are
		return r.records(ctx, out, "SELECT seq, at, kind, body, hash FROM entries WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3", account, after, limit-len(out))
	}
	for _, e := range t.from(int(max(0, after+1-t.first(seq)))) {
		if len(out) == limit {
			break
		}
		if err := fetch([]int64{e.place}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// places gives where up to limit entries after a number lie on SQLite, as far as the index knows, and
// the number of the last of them.
func (r *rows) places(ctx context.Context, account string, after int64, limit int) ([]int64, int64, error) {
	q, err := r.tx.Query(ctx, "SELECT seq, entry FROM places WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3", account, after, limit)
	if err != nil {
		return nil, 0, err
	}
	defer q.Close()
	var all []int64
	for len(all) < limit && q.Next() {
		var last int64
		var text any
		if err := q.Scan(&last, &text); err != nil {
			return nil, 0, err
		}
		run, err := parseRun(text)
		if err != nil {
			return nil, 0, fmt.Errorf("sqlstore: where entry %d of account %q lies is damaged: %w", last, account, err)
		}
		first := last + 1 - int64(len(run))
		run = run[max(0, after+1-first):]
		run = run[:min(len(run), limit-len(all))]
		all, after = append(all, run...), max(after, first-1)+int64(len(run))
	}
	return all, after, errors.Join(q.Err(), q.Close())
}

// parseRun reads a row of places: a number where it tells of one entry.
func parseRun(v any) ([]int64, error) {
	if n, ok := v.(int64); ok {
		return []int64{n}, nil
	}
	text, _ := v.(string)
	fields := strings.Fields(text)
	run := make([]int64, len(fields))
	for i, field := range fields {
		var err error
		if run[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return nil, err
		}
	}
	return run, nil
}

// records adds the entries that a query gives.
func (r *rows) records(ctx context.Context, out []ledger.Record, query string, args ...any) ([]ledger.Record, error) {
	q, err := r.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	for q.Next() {
		var rec ledger.Record
		if err := q.Scan(&rec.Seq, &rec.At, &rec.Kind, &rec.Body, &rec.Hash); err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, q.Close()
}

// tailOf reads an account's tail and the number of its last entry; nil where there is no
// such account, or its tail can't be read.
func (r *rows) tailOf(ctx context.Context, account string) (*tail, int64, error) {
	all, err := r.Accounts(ctx, []string{account})
	if err != nil || len(all) == 0 {
		return nil, 0, err
	}
	u := all[0].Aside.(unread)
	seq := u.written + int64(len(u.since))
	t, damaged := u.parse()
	if damaged != nil {
		return nil, seq, nil
	}
	return t, seq, nil
}

// Named reads the entry that has a unique name, and the hash before it.
func (r *rows) Named(ctx context.Context, account, name string) (rec ledger.Record, prev string, found bool, err error) {
	t, last, err := r.tailOf(ctx, account)
	if err != nil {
		return rec, "", false, err
	}
	var seq int64
	if t != nil {
		seq = t.find(name, last)
	}
	if seq == 0 {
		if seq, err = r.indexed(ctx, account, name); err != nil || seq == 0 {
			return rec, "", false, err
		}
	}
	recs, err := r.Records(ctx, account, seq-2, 2)
	for _, rec := range recs {
		switch rec.Seq {
		case seq - 1:
			prev = rec.Hash
		case seq:
			return rec, prev, true, nil
		}
	}
	return rec, "", false, err
}

// LastName reads the greatest name with a prefix.
func (r *rows) LastName(ctx context.Context, account, prefix string) (string, error) {
	last, err := r.lastIndexed(ctx, account, prefix)
	if err != nil {
		return "", err
	}
	t, _, err := r.tailOf(ctx, account)
	if t == nil {
		return last, err
	}
	for e := t.last; e != nil; e = e.before {
		for _, name := range e.names {
			if strings.HasPrefix(name, prefix) {
				last = max(last, name)
			}
		}
	}
	return last, nil
}

// Names tells all names: those of the tail and those in the index.
func (r *rows) Names(ctx context.Context, account string, tell func(ledger.Name)) error {
	t, seq, err := r.tailOf(ctx, account)
	if err != nil {
		return err
	}
	if t != nil {
		for e := t.last; e != nil; e = e.before {
			for _, name := range e.names {
				tell(ledger.Name{Name: name, Seq: seq})
			}
			seq--
		}
	}
	return r.indexedNames(ctx, account, tell)
}

// List reads ids in order, also of indexed rows that no account is there for.
func (r *rows) List(ctx context.Context, after string, limit int) ([]string, error) {
	q, err := r.tx.Query(ctx, `SELECT id FROM (SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2) a
UNION SELECT account FROM (SELECT DISTINCT account FROM places WHERE account > $1 ORDER BY account LIMIT $2) e
UNION SELECT account FROM (SELECT DISTINCT account FROM names WHERE account > $1 ORDER BY account LIMIT $2) n
UNION SELECT account FROM (SELECT DISTINCT account FROM runs WHERE account > $1 ORDER BY account LIMIT $2) m
ORDER BY 1 LIMIT $2`, after, limit)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	var out []string
	for q.Next() {
		var id string
		if err := q.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, q.Close()
}

// Entries counts entries.
func (r *rows) Entries(ctx context.Context) (int64, error) {
	var n int64
	err := r.tx.QueryRow(ctx, "SELECT COUNT(*) FROM entries").Scan(&n)
	return n, err
}

// Redeemed reads how often codes were redeemed.
func (r *rows) Redeemed(ctx context.Context) (map[string]int64, error) {
	q, err := r.tx.Query(ctx, "SELECT code, used FROM promos")
	if err != nil {
		return nil, err
	}
	defer q.Close()
	out := map[string]int64{}
	for q.Next() {
		var code string
		var used int64
		if err := q.Scan(&code, &used); err != nil {
			return nil, err
		}
		out[code] = used
	}
	return out, q.Close()
}

// Lock takes the accounts' rows by an update that changes nothing, which every engine
// understands; as a rule in the order of ids, so that two processes do not wait in a circle. Where they
// do, the engine breaks it, and the one that was refused runs again. It keeps out others who lock, and
// those who write the rows; who only appends entries is met at their numbers.
func (r *rows) Lock(ctx context.Context, ids []string) error {
	if r.lite {
		return nil
	}
	args := make([][]any, len(ids))
	for i, id := range ids {
		args[i] = []any{id}
	}
	_, err := r.tx.ExecMany(ctx, "UPDATE accounts SET seq = seq WHERE id = $1", args)
	return err
}

// Redeem counts a use of a code, where the limit leaves room: one statement, so that
// the limit holds under any concurrency (T26).
func (r *rows) Redeem(ctx context.Context, code string, limit int64) (bool, error) {
	if limit <= 0 {
		limit = math.MaxInt64
	}
	n, err := r.tx.Exec(ctx, `INSERT INTO promos (code, used) VALUES ($1, 1)
ON CONFLICT (code) DO UPDATE SET used = promos.used + 1 WHERE promos.used < $2`, code, limit)
	return n == 1, err
}

// Attempt runs fn in a savepoint, where one is needed.
func (r *rows) Attempt(ctx context.Context, all bool, fn func(ctx context.Context, tx *store.Tx) error) error {
	if all {
		return fn(ctx, r.tx)
	}
	return r.tx.Attempt(ctx, func(ctx context.Context) error { return fn(ctx, r.tx) })
}
