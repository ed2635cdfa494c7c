package ledger_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// callers are the numbers of goroutines that the benchmarks run with.
var callers = []int{1, 16, 64, 1024}

// engines are the databases that the benchmarks run on.
var engines = []struct {
	name string
	url  func(testing.TB) string
}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}}

// BenchmarkLedgerPair is a durable hold and its settlement, each caller with an account
// of its own. It reports pairs/s and the latency of one command.
func BenchmarkLedgerPair(b *testing.B) {
	for _, e := range engines {
		for _, n := range callers {
			b.Run(fmt.Sprintf("%s/callers=%d", e.name, n), func(b *testing.B) {
				h := newHouse(b, e.url(b))
				openMany(b, h.Ledger, n)
				race(b, n, func(account string, i int) {
					hold := strconv.Itoa(i)
					at := noon + token.Instant(i)
					submit(b, h.Ledger, ask(account, "", at, token.TakeHold{ID: hold, Tokens: 3, Feature: "default"}))
					submit(b, h.Ledger, ask(account, "", at, token.Settle{ID: hold}))
				})
			})
		}
	}
}

// BenchmarkFloorPair writes the same rows as BenchmarkLedgerPair in a bare loop, in
// group commits of as many commands as there are callers.
func BenchmarkFloorPair(b *testing.B) {
	for _, e := range engines {
		for _, n := range callers {
			b.Run(fmt.Sprintf("%s/callers=%d", e.name, n), func(b *testing.B) {
				rows := recordPair(b)
				db := storetest.Open(b, e.url(b))
				f := newFloor(b, db, n)
				b.ResetTimer()
				start := time.Now()
				for i := 0; i < b.N; i += n {
					for _, r := range rows {
						f.commit(b, r, n)
					}
				}
				rounds := (b.N + n - 1) / n
				b.ReportMetric(float64(rounds*n)/time.Since(start).Seconds(), "pairs/s")
			})
		}
	}
}

// BenchmarkLedgerHold is one lonely durable hold; BenchmarkFloorRow beside it is a bare
// transaction that writes one row.
func BenchmarkLedgerHold(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			h := newHouse(b, e.url(b))
			openMany(b, h.Ledger, 1)
			i := 0
			var took time.Duration
			for b.Loop() {
				// Holds are ended in between, so that the account stays small. Stopping the
				// benchmark's timer would stop the world each time, hence the own clock.
				hold := strconv.Itoa(i)
				begin := time.Now()
				submit(b, h.Ledger, ask("a0", "", noon+token.Instant(i), token.TakeHold{ID: hold, Tokens: 3}))
				took += time.Since(begin)
				submit(b, h.Ledger, ask("a0", "", noon+token.Instant(i), token.Settle{ID: hold}))
				i++
			}
			b.ReportMetric(float64(took.Nanoseconds())/float64(i), "ns/op")
		})
	}
}

// BenchmarkFloorRow is a bare durable transaction that writes one row.
func BenchmarkFloorRow(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			body := recordPair(b)[0].body
			db := storetest.Open(b, e.url(b))
			i := 0
			for b.Loop() {
				err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.Exec(ctx, "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", "a0", i, i, "hold", body, "hash")
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// BenchmarkLedgerBalance reads a balance; the account is in the cache.
func BenchmarkLedgerBalance(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			h := newHouse(b, e.url(b))
			openMany(b, h.Ledger, 1)
			r := rules()
			for b.Loop() {
				a, err := h.Account(b.Context(), "a0", noon+hour)
				if err != nil || r.Balance(&a) != 1000000 {
					b.Fatal(a, err)
				}
			}
		})
	}
}

// BenchmarkLedgerAccounts is the cost of a hold and settle on accounts drawn from many,
// with 64 callers. FLORIN_BENCH_ACCOUNTS=10000,1000000,10000000 sets how many.
func BenchmarkLedgerAccounts(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if list := os.Getenv("FLORIN_BENCH_ACCOUNTS"); list != "" {
		sizes = sizes[:0]
		for _, s := range strings.Split(list, ",") {
			n, err := strconv.Atoi(s)
			if err != nil {
				b.Fatalf("FLORIN_BENCH_ACCOUNTS: %v", err)
			}
			sizes = append(sizes, n)
		}
	}
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			for _, n := range sizes {
				h := newHouse(b, e.url(b))
				fill(b, h, n) // once, however often the rounds are run
				round := 0
				b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
					round++
					race(b, 64, func(_ string, i int) {
						account := id("a", int(uint64(i+1)*0x9E3779B97F4A7C15>>33%uint64(n)))
						hold := fmt.Sprintf("%d-%d", round, i)
						submit(b, h.Ledger, ask(account, "", noon, token.TakeHold{ID: hold, Tokens: 3}))
						submit(b, h.Ledger, ask(account, "", noon, token.Settle{ID: hold}))
					})
				})
			}
		})
	}
}

// race has n goroutines share b.N rounds, and reports rounds per second and latencies.
func race(b *testing.B, n int, round func(account string, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	b.ResetTimer()
	start := time.Now()
	for c := range n {
		wg.Go(func() {
			var mine []time.Duration
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					break
				}
				begin := time.Now()
				round(id("a", c), i)
				mine = append(mine, time.Since(begin)/2)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "pairs/s")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[min(len(took)-1, len(took)*99/100)].Microseconds()), "p99-µs")
}

func submit(b *testing.B, l *ledger.Ledger, req ledger.Request) {
	if _, err := l.Submit(context.Background(), req); err != nil {
		b.Error(err)
	}
}

// openMany opens accounts a0, a1, … without a cycle's end in sight.
func openMany(b testing.TB, l *ledger.Ledger, n int) {
	for from := 0; from < n; from += 1000 {
		var reqs []ledger.Request
		for i := from; i < min(n, from+1000); i++ {
			reqs = append(reqs, ask(id("a", i), "open", noon, token.Open{Plan: "artisan"}))
		}
		_, errs := l.SubmitAll(context.Background(), reqs)
		for _, err := range errs {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// fill writes accounts as opening them would, without deciding anything.
func fill(b *testing.B, h *house, n int) {
	openMany(b, h.Ledger, 1)
	var state, body, hash string
	err := h.db.Read(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT a.state, e.body, e.hash FROM accounts a JOIN entries e ON e.account = a.id WHERE a.id = 'a0'").Scan(&state, &body, &hash)
	})
	if err != nil {
		b.Fatal(err)
	}
	const most = 5000
	for from := 1; from < n; from += most {
		var accounts, entries, names [][]any
		for i := from; i < min(n, from+most); i++ {
			account := id("a", i)
			accounts = append(accounts, []any{account, 1, int64(noon), strings.Replace(state, `"a0"`, `"`+account+`"`, 1), hash})
			entries = append(entries, []any{account, 1, int64(noon), "open", strings.Replace(body, `"a0"`, `"`+account+`"`, 1), hash})
			names = append(names, []any{account, "k/open", 1})
		}
		err := h.db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecAll(ctx, []store.Statement{
				{SQL: "INSERT INTO accounts (id, seq, at, state, hash) VALUES ($1, $2, $3, $4, $5)", Args: accounts},
				{SQL: "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", Args: entries},
				{SQL: "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)", Args: names},
			})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// pairRow is what one command of a pair writes.
type pairRow struct {
	kind, name, body, hash, state string
}

// recordPair lets a real ledger write a pair and takes its rows.
func recordPair(b *testing.B) []pairRow {
	h := newHouse(b, storetest.SQLite(b))
	openMany(b, h.Ledger, 1)
	var rows []pairRow
	for i, c := range []token.Command{token.TakeHold{ID: "1234", Tokens: 3, Feature: "default"}, token.Settle{ID: "1234"}} {
		must(b, h.Ledger, ask("a0", "", noon, c))
		err := sqlstore.New(h.db).Read(b.Context(), func(ctx context.Context, r ledger.Reader) error {
			recs, err := r.Records(ctx, "a0", int64(i+1), 1)
			if err != nil {
				return err
			}
			accounts, err := r.Accounts(ctx, []string{"a0"})
			if err != nil {
				return err
			}
			rows = append(rows, pairRow{
				kind: recs[0].Kind, name: []string{"h/", "e/"}[i],
				body: string(recs[0].Body), hash: recs[0].Hash, state: string(accounts[0].State),
			})
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return rows
}

// floor is the bare loop: it knows nothing and decides nothing.
type floor struct {
	db  *store.DB
	seq int
}

func newFloor(b *testing.B, db *store.DB, n int) *floor {
	f := &floor{db: db, seq: 1}
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

// commit writes one command for each of n accounts in one transaction.
func (f *floor) commit(b *testing.B, r pairRow, n int) {
	f.seq++
	var accounts, entries, names [][]any
	for i := range n {
		account := id("a", i)
		accounts = append(accounts, []any{account, f.seq - 1, f.seq, 0, r.state, r.hash})
		entries = append(entries, []any{account, f.seq, 0, r.kind, r.body, r.hash})
		names = append(names, []any{account, r.name + strconv.Itoa(f.seq), f.seq})
	}
	err := f.db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecAll(ctx, []store.Statement{
			{SQL: "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6 WHERE id = $1 AND seq = $2", Args: accounts},
			{SQL: "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", Args: entries},
			{SQL: "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)", Args: names},
		})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
