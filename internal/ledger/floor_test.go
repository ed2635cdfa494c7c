package ledger_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// pairRow is what one command of a pair writes: always its entry, on SQLite always and on PostgreSQL now and
// then its account's row, and now and then what the indexes need of the entries before.
type pairRow struct {
	kind, body, hash, state, tail string
	// row tells that the account's row was written.
	row bool
	// moved tells that the tail moved into the indexes: its names, in rows of runs, and the places of its entries.
	moved bool
	runs  [][2]string
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

// lastRow reads what the last command wrote. If the tail is empty, that is also the newest rows of the indexes.
func lastRow(b *testing.B, db *store.DB) pairRow {
	var r pairRow
	err := db.Read(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		var seq, written int64
		err := tx.QueryRow(ctx, "SELECT e.seq, e.kind, e.body, e.hash, a.seq, a.state, a.tail FROM accounts a JOIN entries e ON e.account = a.id WHERE a.id = 'a0' ORDER BY e.seq DESC LIMIT 1").
			Scan(&seq, &r.kind, &r.body, &r.hash, &written, &r.state, &r.tail)
		r.row = seq == written
		if err != nil || !r.row || strings.Contains(r.tail, ";e ") {
			return err
		}
		r.moved = true
		for _, class := range []string{"e/", "h/"} {
			var row [2]string
			err := tx.QueryRow(ctx, "SELECT name, names FROM runs WHERE account = 'a0' AND class = $1 ORDER BY name DESC LIMIT 1", class).Scan(&row[0], &row[1])
			if err != nil {
				return err
			}
			r.runs = append(r.runs, row)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// floor is the bare loop: it knows nothing and decides nothing.
type floor struct {
	db   *store.DB
	lite bool
	rows []pairRow
	// seqs are the numbers of the accounts' last entries, rowSeqs those in their rows, and next is whose turn it is.
	seqs, rowSeqs []int
	next          int
	update        string
	// joined has the commit go to the server together with the rows, as the ledger's does.
	joined bool
}

func newFloor(b *testing.B, db *store.DB, rows []pairRow, accounts int) *floor {
	f := &floor{db: db, lite: db.Engine() == "sqlite", rows: rows, seqs: make([]int, accounts), rowSeqs: make([]int, accounts)}
	f.update = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6, tail = $7 WHERE id = $1 AND seq = $2"
	if f.lite {
		f.update += " AND rowid = $8"
	}
	err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for i := range accounts {
			f.seqs[i] = 1 + i%recorded // so that not all tails move at once
			f.rowSeqs[i] = f.seqs[i]
			if _, err := tx.Exec(ctx, "INSERT INTO accounts (id, seq, at, state, hash) VALUES ($1, $2, 0, '', '')", id("a", i), f.seqs[i]); err != nil {
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

// commit writes one command for each of the next n accounts in one transaction.
func (f *floor) commit(b *testing.B, n int) {
	var accounts, entries, runs, places [][]any
	for range n {
		i := f.next
		f.next = (f.next + 1) % len(f.seqs)
		r := &f.rows[f.seqs[i]%recorded]
		f.seqs[i]++
		account, seq := id("a", i), f.seqs[i]
		if r.row {
			args := []any{account, f.rowSeqs[i], seq, 0, r.state, r.hash, r.tail}
			if f.lite {
				args = append(args, i+1)
			}
			accounts = append(accounts, args)
			f.rowSeqs[i] = seq
		}
		entries = append(entries, []any{account, seq, 0, r.kind, r.body, r.hash})
		for _, run := range r.runs {
			runs = append(runs, []any{account, run[0][:2], run[0] + "/" + strconv.Itoa(seq), run[1]})
		}
		if f.lite && r.moved {
			var lie []string
			for j := range recorded / 2 {
				lie = append(lie, strconv.Itoa(seq-j))
			}
			places = append(places, []any{account, seq, strings.Join(lie, " ")})
		}
	}
	statements := []store.Statement{
		{SQL: f.update, Args: accounts},
		{SQL: "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", Args: entries},
		{SQL: "INSERT INTO runs (account, class, name, names) VALUES ($1, $2, $3, $4)", Args: runs},
		{SQL: "INSERT INTO places (account, seq, entry) VALUES ($1, $2, $3)", Args: places},
	}
	err := f.db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		if f.joined {
			return tx.ExecLast(ctx, statements, func(_ []int64, err error) error { return err })
		}
		_, err := tx.ExecAll(ctx, statements)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
