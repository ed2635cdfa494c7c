// Package sqlstore keeps a ledger's rows in the tables accounts, entries, names and
// promos of a store.DB: the same statements on SQLite and on PostgreSQL. Statements are
// prepared once and run per row, in one round trip where the engine has any.
package sqlstore

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

// Store keeps a ledger in a database.
type Store struct {
	db *store.DB
}

// New gives the ledger's part of a database.
func New(db *store.DB) *Store { return &Store{db: db} }

// Read runs fn on one moment of the database.
func (s *Store) Read(ctx context.Context, fn func(ctx context.Context, r ledger.Reader) error) error {
	return s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return fn(ctx, &rows{tx: tx})
	})
}

// Write runs fn in a durable transaction.
func (s *Store) Write(ctx context.Context, fn func(ctx context.Context, w ledger.Writer) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return fn(ctx, &rows{tx: tx, alone: s.db.Engine() == "sqlite"})
	})
}

// rows is a ledger's view of one transaction.
type rows struct {
	tx *store.Tx
	// alone tells that a writing transaction keeps all others out, so that nothing has to be locked.
	alone bool
}

// Accounts reads the rows of accounts.
func (r *rows) Accounts(ctx context.Context, ids []string) ([]ledger.Row, error) {
	var out []ledger.Row
	for len(ids) > 0 {
		n := chunk(len(ids))
		args := make([]any, n)
		for i := range args {
			args[i] = ids[min(i, len(ids)-1)]
		}
		q, err := r.tx.Query(ctx, accountsQuery[n], args...)
		if err != nil {
			return nil, err
		}
		for q.Next() {
			var row ledger.Row
			if err := q.Scan(&row.ID, &row.Seq, &row.At, &row.Hash, &row.State); err != nil {
				q.Close()
				return nil, err
			}
			out = append(out, row)
		}
		if err := q.Close(); err != nil {
			return nil, err
		}
		ids = ids[min(n, len(ids)):]
	}
	return out, nil
}

// The sizes in which accounts are read: few texts, so that they stay prepared.
var chunks = []int{1, 8, 64, 512}

var accountsQuery = func() map[int]string {
	texts := map[int]string{}
	for _, n := range chunks {
		places := make([]string, n)
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		texts[n] = "SELECT id, seq, at, hash, state FROM accounts WHERE id IN (" + strings.Join(places, ", ") + ")"
	}
	return texts
}()

func chunk(n int) int {
	for _, size := range chunks {
		if n <= size {
			return size
		}
	}
	return chunks[len(chunks)-1]
}

// Records reads entries in order.
func (r *rows) Records(ctx context.Context, account string, after int64, limit int) ([]ledger.Record, error) {
	q, err := r.tx.Query(ctx, "SELECT seq, at, kind, body, hash FROM entries WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3", account, after, limit)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	var out []ledger.Record
	for q.Next() {
		var rec ledger.Record
		if err := q.Scan(&rec.Seq, &rec.At, &rec.Kind, &rec.Body, &rec.Hash); err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, q.Close()
}

// Named reads the entry that has a unique name, and the hash before it.
func (r *rows) Named(ctx context.Context, account, name string) (rec ledger.Record, prev string, found bool, err error) {
	err = r.tx.QueryRow(ctx, `SELECT e.seq, e.at, e.kind, e.body, e.hash, COALESCE(p.hash, '')
FROM names n
JOIN entries e ON e.account = n.account AND e.seq = n.seq
LEFT JOIN entries p ON p.account = n.account AND p.seq = n.seq - 1
WHERE n.account = $1 AND n.name = $2`, account, name).Scan(&rec.Seq, &rec.At, &rec.Kind, &rec.Body, &rec.Hash, &prev)
	if errors.Is(err, store.ErrNoRows) {
		return rec, "", false, nil
	}
	return rec, prev, err == nil, err
}

// LastName reads the greatest name with a prefix. Names are ordered by bytes, so those
// with the prefix end where its last byte grows by one.
func (r *rows) LastName(ctx context.Context, account, prefix string) (string, error) {
	end := prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1)
	var name string
	err := r.tx.QueryRow(ctx, "SELECT name FROM names WHERE account = $1 AND name >= $2 AND name < $3 ORDER BY name DESC LIMIT 1", account, prefix, end).Scan(&name)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// Names reads names in order.
func (r *rows) Names(ctx context.Context, account, after string, limit int) ([]ledger.Name, error) {
	q, err := r.tx.Query(ctx, "SELECT name, seq FROM names WHERE account = $1 AND name > $2 ORDER BY name LIMIT $3", account, after, limit)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	var out []ledger.Name
	for q.Next() {
		var n ledger.Name
		if err := q.Scan(&n.Name, &n.Seq); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, q.Close()
}

// List reads ids in order, also of rows that no account is there for.
func (r *rows) List(ctx context.Context, after string, limit int) ([]string, error) {
	q, err := r.tx.Query(ctx, `SELECT id FROM (SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2) a
UNION SELECT account FROM (SELECT DISTINCT account FROM entries WHERE account > $1 ORDER BY account LIMIT $2) e
UNION SELECT account FROM (SELECT DISTINCT account FROM names WHERE account > $1 ORDER BY account LIMIT $2) n
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
// understands; in the order of ids, so that two processes never wait in a circle.
func (r *rows) Lock(ctx context.Context, ids []string) error {
	if r.alone {
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

// Attempt runs fn in a savepoint.
func (r *rows) Attempt(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	return r.tx.Attempt(ctx, func(ctx context.Context) error { return fn(ctx, r.tx) })
}
