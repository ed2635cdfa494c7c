package ledger_test

import (
	"context"
	"fmt"
	"math"
	"os"
	osexec "os/exec"
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

// BenchmarkPair has ledger and floor take turns, since the disk is not the same from one second to the next.
// The ledger's part is a durable hold and its settlement, each caller with an account of its own: pairs/s, the
// latency of one command and how many commands a commit had. The floor's part writes the same rows in a bare
// loop, in group commits of that many commands: floor-pairs/s. wide-pairs/s is that in commits of as many as there
// are callers, or as the ledger takes at most, which the callers of a ledger can't be in: while some are answered,
// the next commit is written for others. joined-pairs/s is the floor with its commit in the round trip that brings the
// rows, as the ledger has it on PostgreSQL.
func BenchmarkPair(b *testing.B) {
	for _, e := range engines {
		for _, n := range callers {
			b.Run(fmt.Sprintf("%s/callers=%d", e.name, n), func(b *testing.B) { benchPair(b, e.url, n) })
		}
	}
}

// bareLoops are the loops beside the ledger.
var bareLoops = []string{"floor", "wide", "joined"}

// turns is how often ledger and floor take turns.
const turns = 5

func benchPair(b *testing.B, url func(testing.TB) string, n int) {
	s := &counting{Store: sqlstore.New(storetest.Open(b, url(b)))}
	l := newLedger(b, s, ledger.Options{})
	openMany(b, l, n)
	rows := recordPairs(b, url(b))
	loops := make([]*floor, len(bareLoops))
	for i, what := range bareLoops {
		loops[i] = newFloor(b, storetest.Open(b, url(b)), rows, n)
		loops[i].joined = what == "joined"
	}
	s.writes.Store(0)
	var r races
	bare, written := make([]time.Duration, len(loops)), make([]int, len(loops))
	size := 1.0
	b.ResetTimer()
	for turn := range turns {
		pairs := b.N*(turn+1)/turns - b.N*turn/turns
		r.run(n, pairs, func(account string, i int) {
			hold := rising(i)
			at := noon + token.Instant(i)
			submit(b, l, ask(account, "", at, token.TakeHold{ID: hold, Tokens: 3, Feature: "default"}))
			submit(b, l, ask(account, "", at, token.Settle{ID: hold}))
		})
		size = float64(2*r.rounds) / float64(max(1, s.writes.Load()))
		for i, f := range loops {
			most := max(1, int(math.Round(size)))
			if bareLoops[i] == "wide" {
				most = min(n, ledger.MostAtOnce)
			}
			start := time.Now()
			for range (2*pairs + most - 1) / most {
				f.commit(b, most)
				written[i] += most
			}
			bare[i] += time.Since(start)
		}
	}
	r.report(b, "pairs/s")
	b.ReportMetric(size, "commands/commit")
	for i, name := range bareLoops {
		b.ReportMetric(float64(written[i])/2/bare[i].Seconds(), name+"-pairs/s")
	}
}

// counting counts transactions.
type counting struct {
	ledger.Store
	writes atomic.Int64
}

func (c *counting) Write(ctx context.Context, fn func(ctx context.Context, w ledger.Writer) error, written func()) error {
	c.writes.Add(1)
	return c.Store.Write(ctx, fn, written)
}

// BenchmarkLonely has one lonely durable hold and a bare transaction that writes one row take turns, since the
// disk is not the same from one second to the next.
func BenchmarkLonely(b *testing.B) {
	for _, e := range engines {
		b.Run(e.name, func(b *testing.B) {
			body := recordPairs(b, e.url(b))[0].body
			db := storetest.Open(b, e.url(b))
			h := newHouse(b, e.url(b))
			openMany(b, h.Ledger, 1)
			i := 0
			hold := func() {
				submit(b, h.Ledger, ask("a0", "", noon+token.Instant(i), token.TakeHold{ID: rising(i), Tokens: 3}))
			}
			row := func() {
				err := db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					_, err := tx.Exec(ctx, "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", "a0", i, i, "hold", body, "hash")
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			var took [2]time.Duration
			for b.Loop() {
				for j := range 2 {
					begin := time.Now()
					if j == i%2 {
						hold()
						took[0] += time.Since(begin)
					} else {
						row()
						took[1] += time.Since(begin)
					}
				}
				// The hold is ended, so that the account stays small.
				submit(b, h.Ledger, ask("a0", "", noon+token.Instant(i), token.Settle{ID: rising(i)}))
				i++
			}
			b.ReportMetric(float64(took[0].Nanoseconds())/float64(i), "hold-ns")
			b.ReportMetric(float64(took[1].Nanoseconds())/float64(i), "row-ns")
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
					var r races
					r.run(64, b.N, func(_ string, i int) {
						account := id("a", int(uint64(i+1)*0x9E3779B97F4A7C15>>33%uint64(n)))
						hold := rising(round*1e9 + i)
						submit(b, h.Ledger, ask(account, "", noon, token.TakeHold{ID: hold, Tokens: 3}))
						submit(b, h.Ledger, ask(account, "", noon, token.Settle{ID: hold}))
					})
					r.report(b, "pairs/s")
				})
			}
		})
	}
}

// rising is an id such as the studio gives to jobs: each is greater than those before.
func rising(i int) string { return fmt.Sprintf("%012d", i) }

// races are rounds that goroutines share.
type races struct {
	rounds int
	spent  time.Duration
	took   []time.Duration // by one command, of two in a round
}

// run has n goroutines share so many rounds more.
func (r *races) run(n, rounds int, round func(account string, i int)) {
	first := r.rounds
	r.rounds += rounds
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	start := time.Now()
	for c := range n {
		wg.Go(func() {
			var mine []time.Duration
			for {
				i := int(next.Add(1)) - 1
				if i >= rounds {
					break
				}
				begin := time.Now()
				round(id("a", c), first+i)
				mine = append(mine, time.Since(begin)/2)
			}
			mu.Lock()
			defer mu.Unlock()
			r.took = append(r.took, mine...)
		})
	}
	wg.Wait()
	r.spent += time.Since(start)
}

// report tells rounds per second and latencies.
func (r *races) report(b *testing.B, unit string) {
	b.ReportMetric(float64(r.spent.Nanoseconds())/float64(r.rounds), "ns/op")
	b.ReportMetric(float64(r.rounds)/r.spent.Seconds(), unit)
	slices.Sort(r.took)
	b.ReportMetric(float64(r.took[len(r.took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(r.took[min(len(r.took)-1, len(r.took)*99/100)].Microseconds()), "p99-µs")
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
	var state, tail, body, hash string
	err := h.db.Read(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT a.state, a.tail, e.body, e.hash FROM accounts a JOIN entries e ON e.account = a.id WHERE a.id = 'a0'").Scan(&state, &tail, &body, &hash)
	})
	if err != nil {
		b.Fatal(err)
	}
	const most = 5000
	for from := 1; from < n; from += most {
		var accounts, entries [][]any
		for i := from; i < min(n, from+most); i++ {
			account := id("a", i)
			mine := strings.TrimRight(strings.Replace(tail, "e 1 ", "e "+strconv.Itoa(i+1)+" ", 1), " ")
			mine += strings.Repeat(" ", max(0, len(tail)+len("a0")-len(account)-len(mine))) // as long a row as that one
			accounts = append(accounts, []any{account, 1, int64(noon), state, hash, mine})
			entries = append(entries, []any{account, 1, int64(noon), "open", strings.Replace(body, `"a0"`, `"`+account+`"`, 1), hash})
		}
		err := h.db.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecAll(ctx, []store.Statement{
				{SQL: "INSERT INTO accounts (id, seq, at, state, hash, tail) VALUES ($1, $2, $3, $4, $5, $6)", Args: accounts},
				{SQL: "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)", Args: entries},
			})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	storetest.Settle(b, h.url)
	_ = osexec.Command("sync").Run() // what is still on its way to the disk is not to be measured
}
