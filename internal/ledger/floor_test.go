package ledger_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

func benchFloor(b *testing.B, url func(testing.TB) string, n int) {
	rows := recordPairs(b, url(b))
	db := storetest.Open(b, url(b))
	n = min(n, ledger.MostAtOnce)
	f := newFloor(b, db, n)
	b.ResetTimer()
	start := time.Now()
	rounds := (b.N + n - 1) / n
	for i := range 2 * rounds {
		f.commit(b, &rows[i%recorded], n)
	}
	b.ReportMetric(float64(rounds*n)/time.Since(start).Seconds(), "pairs/s")
}

// pairRow is what one command of a pair writes: always its entry and its account's row, and
// now and then what the indexes need of the entries before.
type pairRow struct {
	kind, body, hash, state, tail string
	// names go into the index, and with each the place of its entry.
	names []string
}

// recorded is how many commands are recorded: twice what a tail takes, and whole pairs.
const recorded = 34

// recordPairs lets a real ledger write pairs and takes their rows.
func recordPairs(b *testing.B, url string) []pairRow {
	h := newHouse(b, url)
	openMany(b, h.Ledger, 1)
	var rows []pairRow
	for i := range 2 * recorded {
		hold := strconv.Itoa(100000 + i/2)
		if i%2 == 0 {
			must(b, h.Ledger, ask("a0", "", noon, token.TakeHold{ID: hold, Tokens: 3, Feature: "default"}))
		} else {
			must(b, h.Ledger, ask("a0", "", noon, token.Settle{ID: hold}))
		}
		if i >= recorded { // by then the indexes have some rows, and tails come and go
			rows = append(rows, lastRow(b, h.db))
		}
	}
	return rows
}

// lastRow reads what the last command wrote: of the indexes, whatever stands there of
// entries for which the row has no place any more.
func lastRow(b *testing.B, db *store.DB) pairRow {
	var r pairRow
	err := db.Read(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		err := tx.QueryRow(ctx, "SELECT e.kind, e.body, e.hash, a.state, a.tail FROM accounts a JOIN entries e ON e.account = a.id AND e.seq = a.seq WHERE a.id = 'a0'").
			Scan(&r.kind, &r.body, &r.hash, &r.state, &r.tail)
		if err != nil || strings.Contains(r.tail, ";e ") {
			return err
		}
		q, err := tx.Query(ctx, "SELECT name FROM names WHERE account = 'a0' ORDER BY seq DESC LIMIT $1", recorded/2)
		if err != nil {
			return err
		}
		for q.Next() {
			var name string
			if err := q.Scan(&name); err != nil {
				return err
			}
			r.names = append(r.names, name)
		}
		return q.Close()
	})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// floor is the bare loop: it knows nothing and decides nothing.
type floor struct {
	db     *store.DB
	seq    int
	lite   bool
	update string
}

func newFloor(b *testing.B, db *store.DB, n int) *floor {
	f := &floor{db: db, seq: 1, lite: db.Engine() == "sqlite"}
	f.update = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2"
	if f.lite {
		f.update += " AND rowid = $8"
	}
	err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			if _, err := tx.Exec(ctx, "INSERT INTO accounts (id, seq, at, state, hash) VALUES ($1, 1, 0, '', '')", id("a", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return f
}

// account is the arguments that bring the i-th account's row up to date.
func (f *floor) account(id string, i int, r *pairRow) []any {
	args := []any{id, f.seq - 1, f.seq, 0, r.state, r.hash, r.tail}
	if f.lite {
		args = append(args, i+1)
	}
	return args
}

// commit writes one command for each of n accounts in one transaction.
func (f *floor) commit(b *testing.B, r *pairRow, n int) {
	f.seq++
	var accounts, entries, names, places [][]any
	for i := range n {
		account := id("a", i)
		accounts = append(accounts, f.account(account, i, r))
		entries = append(entries, []any{account, f.seq, 0, r.kind, r.body, r.hash})
		var run []string
		for j, name := range r.names {
			names = append(names, []any{account, name + "/" + strconv.Itoa(f.seq), f.seq - j})
			run = append(run, strconv.Itoa(f.seq-j))
		}
		if f.lite && len(run) > 0 {
			places = append(places, []any{account, f.seq, strings.Join(run, " ")})
		}
	}
	err := f.db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecAll(ctx, []store.Statement{
			{SQL: f.update, Args: accounts},
			{SQL: "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", Args: entries},
			{SQL: "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)", Args: names},
			{SQL: "INSERT INTO places (account, seq, entry) VALUES ($1, $2, $3)", Args: places},
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
