package studio

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// nullEngine paints a small picture at once and tells when it was asked.
type nullEngine struct {
	slots int
	begun chan time.Time
}

func (e *nullEngine) Describe() engine.Description {
	return engine.Description{ID: "null", Operations: []engine.Operation{engine.Generate}, MaxWidth: 1536, MaxHeight: 1536, Slots: e.slots, Cancels: true}
}

func (e *nullEngine) Health(context.Context) error { return nil }

func (e *nullEngine) Run(_ context.Context, task engine.Task, _ engine.Report) (engine.Result, error) {
	e.begun <- time.Now()
	img := image.NewRGBA(image.Rect(0, 0, task.Width, task.Height))
	img.Set(int(task.Seed)%task.Width, 0, color.White)
	return engine.Result{Image: img, Seed: task.Seed}, nil
}

// openBench makes a studio on a new database, and starts its work where it is to run.
func openBench(b *testing.B, url string, e engine.Engine, run bool) *Studio {
	db := storetest.Open(b, url)
	book := catalog.Default()
	l := ledger.New(sqlstore.New(db), func() *token.Rules { return book.Rules() }, ledger.Options{})
	b.Cleanup(func() { _ = l.Close(context.Background()) })
	files, err := blob.OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	s := New(Config{
		DB: db, Ledger: l, Catalog: func() *catalog.Catalog { return book }, Engines: []engine.Engine{e}, Files: files, Secret: []byte("secret"),
		Now: time.Now, Alone: db.Engine() == "sqlite", MaxQueue: 10_000_000,
	})
	if !run {
		return s
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return s
}

// eachStore runs a benchmark on both stores.
func eachStore(b *testing.B, run func(b *testing.B, url func(testing.TB) string)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres) })
}

// BenchmarkStart measures how soon an idle system begins with a job: from the call of
// Submit, and from its answer, to the engine's first instruction.
func BenchmarkStart(b *testing.B) {
	eachStore(b, func(b *testing.B, url func(testing.TB) string) {
		e := &nullEngine{slots: 1, begun: make(chan time.Time, 1)}
		s := openBench(b, url(b), e, true)
		ctx := context.Background()
		for id, tokens := range map[string]int64{"ada": 1 << 40} {
			for _, c := range []token.Request{
				{Key: "open", At: s.now(), Command: token.Open{Plan: "maestro"}},
				{Key: "fill", At: s.now(), Command: token.MakeGrant{Kind: token.Topup, Tokens: tokens}},
			} {
				if _, err := s.Ledger.Submit(ctx, ledger.Request{Account: id, Request: c}); err != nil {
					b.Fatal(err)
				}
			}
		}
		events := s.Listen(b.Context(), "ada")
		sub := Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Width: 64, Height: 64}}
		var called, answered []time.Duration
		for b.Loop() {
			begin := time.Now()
			j, err := s.Submit(ctx, "ada", sub)
			if err != nil {
				b.Fatal(err)
			}
			end := time.Now()
			started := <-e.begun
			called, answered = append(called, started.Sub(begin)), append(answered, started.Sub(end))
			for event := range events {
				if event.Kind == "job" && event.Changed.ID == j.ID && event.Changed.Status == Complete {
					break
				}
			}
		}
		report(b, "call", called)
		report(b, "answer", answered)
	})
}

// report gives the middle and the slow end of what was measured, in milliseconds.
func report(b *testing.B, what string, took []time.Duration) {
	slices.Sort(took)
	at := func(percent int) float64 { return float64(took[(len(took)-1)*percent/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), what+"-p50-ms")
	b.ReportMetric(at(99), what+"-p99-ms")
}

// sizesOfQueue are the numbers of waiting jobs: FLORIN_BENCH_JOBS, or what takes seconds.
func sizesOfQueue(b *testing.B) []int {
	sizes := []int{1000, 100_000}
	if list := os.Getenv("FLORIN_BENCH_JOBS"); list != "" {
		sizes = nil
		for _, word := range strings.Split(list, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				b.Fatal(err)
			}
			sizes = append(sizes, n)
		}
	}
	return sizes
}

// BenchmarkClaim measures claims: the choice of the job and the transaction that takes
// it, with so many waiting, each of an account of its own. Four claim at a time.
func BenchmarkClaim(b *testing.B) {
	for _, jobs := range sizesOfQueue(b) {
		b.Run(fmt.Sprintf("jobs=%d", jobs), func(b *testing.B) {
			eachStore(b, func(b *testing.B, url func(testing.TB) string) { benchClaim(b, url(b), jobs) })
		})
	}
}

func benchClaim(b *testing.B, url string, jobs int) {
	e := &nullEngine{slots: 1 << 30}
	s := openBench(b, url, e, false)
	begin := time.Now()
	fillQueue(b, s, jobs)
	filled := time.Since(begin)
	go s.pool.Run(b.Context())
	for s.pool.Members()[0].Free() == 0 {
		<-s.wake
	}
	begin = time.Now()
	if err := s.recover(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d jobs were written in %v and read into line in %v", jobs, filled, time.Since(begin))
	settle(b, s)
	for range min(jobs/10, 2000) { // the database has in memory what it has at work
		claimOne(b, s)
	}
	turns, rest := make(chan struct{}), sync.WaitGroup{}
	for range 4 {
		rest.Go(func() {
			for range turns {
				claimOne(b, s)
			}
		})
	}
	begin = time.Now()
	n := 0
	for b.Loop() { // which fills once, and not again for each number of turns
		turns <- struct{}{}
		n++
	}
	close(turns)
	rest.Wait()
	b.ReportMetric(float64(n)/time.Since(begin).Seconds(), "claims/s")
}

// settle lets what filling has left come to its end, which is not to be measured: garbage,
// what is on its way to the disk, and statistics that PostgreSQL has not gathered yet.
func settle(b *testing.B, s *Studio) {
	if s.DB.Engine() == "postgres" {
		err := s.DB.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "ANALYZE jobs")
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	debug.FreeOSMemory()
	if err := exec.Command("sync").Run(); err != nil {
		b.Logf("the disk may still be busy: sync: %v", err)
	}
}

func claimOne(b *testing.B, s *Studio) {
	w, seat := s.next()
	if w == nil {
		b.Error("nothing waits any more: use -benchtime 500x, or more jobs")
		return
	}
	defer seat.Leave()
	if _, ok, err := s.claim(b.Context(), w, "null"); err != nil || !ok {
		b.Errorf("claim: %v %v", ok, err)
		return
	}
	s.done(w.id)
}

// fillQueue writes waiting jobs without holds, which claims don't look at. The names of
// accounts are in no order, as those of people are.
func fillQueue(b *testing.B, s *Studio, jobs int) {
	b.Helper()
	const spec = `{"pipeline":"default","prompt":"a lake","width":64,"height":64,"images":1,"seed":1,"prices":[1]}`
	now := int64(calendar.At(time.Now())) - int64(jobs)
	random := rand.New(rand.NewPCG(1, 2))
	for first := 0; first < jobs; first += 100_000 {
		var rows [][]any
		for i := first; i < min(first+100_000, jobs); i++ {
			rows = append(rows, []any{fmt.Sprintf("%016x%08d", random.Uint64(), i), fmt.Sprintf("job-%08d", i), spec, now + int64(i)})
		}
		// In the order of their keys the database takes them several times faster.
		slices.SortFunc(rows, func(x, y []any) int { return strings.Compare(x[0].(string), y[0].(string)) })
		err := s.DB.Write(b.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecMany(ctx, `INSERT INTO jobs (account, id, spec, status, lane, plan, feature, model, price, settled, attempt, reason, engine, progress, made, created, started, finished, updated, moved, worker, lease, cancel)
				VALUES ($1, $2, $3, 'queued', 'fast', 'maestro', 'default', '', 1, 0, 0, '', '', 0, 0, $4, 0, 0, $4, $4, '', 0, 0)`, rows)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
