package studio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/pool"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// actor is an engine whose every picture is made by a function of the test.
type actor struct {
	id     string
	slots  int
	models []string
	ill    atomic.Bool
	run    func(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error)
}

func (a *actor) Describe() engine.Description {
	return engine.Description{ID: a.id, Name: "Engine " + a.id, Operations: []engine.Operation{engine.Generate}, Models: a.models,
		MaxWidth: 1536, MaxHeight: 1536, Slots: max(a.slots, 1), Cancels: true}
}

func (a *actor) Health(context.Context) error {
	if a.ill.Load() {
		return &engine.Error{Class: engine.Broken, Reason: "It is ill."}
	}
	return nil
}

func (a *actor) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	return a.run(ctx, task, report)
}

// drawing is a picture as a task wants it.
func drawing(task engine.Task) engine.Result {
	img := image.NewRGBA(image.Rect(0, 0, task.Width, task.Height))
	img.Set(int(task.Seed)%task.Width, 3, color.RGBA{200, 20, 20, 255})
	return engine.Result{Image: img, Seed: task.Seed}
}

func draw(_ context.Context, task engine.Task, _ engine.Report) (engine.Result, error) {
	return drawing(task), nil
}

// gate is an engine that stops at every picture until it is told to go on.
func gate(id string, slots int) (a *actor, begun chan engine.Task, proceed chan error) {
	begun, proceed = make(chan engine.Task), make(chan error)
	a = &actor{id: id, slots: slots}
	a.run = func(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
		report(10)
		select {
		case begun <- task:
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		}
		select {
		case err := <-proceed:
			return drawing(task), err
		case <-ctx.Done():
			return engine.Result{}, ctx.Err()
		}
	}
	return a, begun, proceed
}

// company is one installation with accounts, on which processes may be started.
type company struct {
	t      *testing.T
	url    string
	folder string
	plan   string
}

// process is a studio with a database connection, a ledger and engines of its own.
type process struct {
	*studio.Studio
	*company
	stop func()
}

func openCompany(t *testing.T, url, plan string) *company {
	return &company{t: t, url: url, folder: t.TempDir(), plan: plan}
}

// start starts a process; without engines it only takes jobs.
func (c *company) start(engines ...engine.Engine) *process {
	c.t.Helper()
	db := storetest.Open(c.t, c.url)
	book := catalog.Default()
	l := ledger.New(sqlstore.New(db), func() *token.Rules { return book.Rules() }, ledger.Options{})
	c.t.Cleanup(func() { _ = l.Close(context.Background()) })
	files, err := blob.OpenDisk(c.folder)
	if err != nil {
		c.t.Fatal(err)
	}
	p := &process{company: c, Studio: studio.New(studio.Config{
		DB: db, Ledger: l, Catalog: func() *catalog.Catalog { return book }, Engines: engines, Files: files, Secret: []byte("secret"), Now: time.Now,
		Alone:  db.Engine() == "sqlite",
		Timing: studio.Timing{Lease: 2 * time.Second, Renew: 300 * time.Millisecond, Beat: 100 * time.Millisecond},
		Pool:   pool.Options{Silence: 300 * time.Millisecond, Grace: 50 * time.Millisecond, FirstProbe: 50 * time.Millisecond},
	})}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
	}
	c.t.Cleanup(p.stop)
	return p
}

// account opens an account of the company's plan.
func (p *process) account(id string) string {
	p.t.Helper()
	_, err := p.Ledger.Submit(context.Background(), ledger.Request{Account: id,
		Request: token.Request{Key: "open", At: calendar.At(time.Now()), Command: token.Open{Plan: p.plan}}})
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func small(images int) studio.Submission {
	return studio.Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Images: images, Width: 64, Height: 64}}
}

func (p *process) order(account string, sub studio.Submission) studio.Job {
	p.t.Helper()
	j, err := p.Submit(context.Background(), account, sub)
	if err != nil {
		p.t.Fatal(err)
	}
	return j
}

// follow gives the events of an account until the test ends.
func (p *process) follow(account string) <-chan studio.Event {
	return p.Listen(p.t.Context(), account)
}

// await reads events until a job is as wanted.
func await(t *testing.T, events <-chan studio.Event, id string, want func(studio.Job) bool) studio.Job {
	t.Helper()
	late := time.After(30 * time.Second)
	var last studio.Job
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatal("the events ended")
			}
			if e.Kind != "job" || e.Changed.ID != id {
				continue
			}
			if last = *e.Changed; want(last) {
				return last
			}
		case <-late:
			t.Fatalf("the job never got there; it is %+v", last)
		}
	}
}

func is(want studio.Status) func(studio.Job) bool {
	return func(j studio.Job) bool { return j.Status == want }
}

// audit checks that holds and jobs agree and that the journal fits, with nothing open.
func (p *process) audit() {
	p.t.Helper()
	loose, err := p.Check(context.Background())
	if err != nil || len(loose) > 0 {
		p.t.Errorf("holds and jobs differ: %v %v", loose, err)
	}
	var diffs bytes.Buffer
	if _, err := p.Ledger.Verify(context.Background(), "", func(d ledger.Difference) { fmt.Fprintln(&diffs, d) }); err != nil || diffs.Len() > 0 {
		p.t.Errorf("the journal differs: %s %v", diffs.String(), err)
	}
}

func TestAnotherProcessRunsTheJob(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.Postgres(t), "maestro")
	door, idle := c.start(illEngine()), c.start(illEngine())
	e, begun, proceed := gate("far", 1)
	works := c.start(e)
	account := door.account("ada")
	events, elsewhere := door.follow(account), idle.follow(account)
	j := door.order(account, small(2))
	<-begun
	await(t, events, j.ID, is(studio.Running))
	proceed <- nil
	<-begun
	await(t, events, j.ID, func(j studio.Job) bool { return len(j.Pictures) == 1 && j.Progress >= 50 })
	proceed <- nil
	await(t, events, j.ID, is(studio.Complete))
	done := await(t, elsewhere, j.ID, is(studio.Complete))
	if len(done.Pictures) != 2 || done.Settled != 2 {
		t.Errorf("job is %+v", done)
	}
	states, err := door.AllEngines(context.Background())
	if err != nil || !slices.ContainsFunc(states, func(s studio.EngineState) bool { return s.ID == "far" && s.State == "ready" }) {
		t.Errorf("the door knows of the engines %+v, %v", states, err)
	}
	works.audit()
}

// illEngine is an engine that never takes work.
func illEngine() *actor {
	a := &actor{id: "near", run: draw}
	a.ill.Store(true)
	return a
}

func TestCancellingWhatAnotherProcessRuns(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.Postgres(t), "maestro")
	e, begun, proceed := gate("far", 1)
	door, works := c.start(illEngine()), c.start(e)
	account := door.account("ada")
	events := door.follow(account)
	running, queued := door.order(account, small(3)), door.order(account, small(1))
	<-begun
	proceed <- nil
	<-begun
	if j, err := door.Cancel(context.Background(), account, queued.ID); err != nil || j.Status != studio.Cancelled {
		t.Fatalf("%+v %v", j, err)
	}
	asked := time.Now()
	if _, err := door.Cancel(context.Background(), account, running.ID); err != nil {
		t.Fatal(err)
	}
	j := await(t, events, running.ID, is(studio.Cancelled))
	if j.Settled != 1 || len(j.Pictures) != 1 {
		t.Errorf("job is %+v", j)
	}
	t.Logf("cancelled %v after it was asked for, at a beat of 100 ms", time.Since(asked))
	works.audit()
}

func TestThePlanLimitsWhatRunsInAllProcesses(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.Postgres(t), "maestro")
	parallel := catalogPlan(t, "maestro").Limits.Parallel
	var running, most atomic.Int64
	busy := func(id string) *actor {
		return &actor{id: id, slots: parallel + 2, run: func(ctx context.Context, task engine.Task, _ engine.Report) (engine.Result, error) {
			n := running.Add(1)
			defer running.Add(-1)
			for was := most.Load(); n > was && !most.CompareAndSwap(was, n); was = most.Load() {
			}
			select { // long enough for others to try
			case <-time.After(150 * time.Millisecond):
			case <-ctx.Done():
			}
			return drawing(task), ctx.Err()
		}}
	}
	door := c.start(busy("a"))
	c.start(busy("b"))
	c.start(busy("c"))
	account := door.account("ada")
	events := door.follow(account)
	var last studio.Job
	var ids []string
	for range 2*parallel + 3 {
		last = door.order(account, small(1))
		ids = append(ids, last.ID)
	}
	open := map[string]bool{}
	for _, id := range ids {
		open[id] = true
	}
	for len(open) > 0 {
		e := <-events
		if e.Kind == "job" && e.Changed.Status == studio.Complete {
			delete(open, e.Changed.ID)
		}
	}
	if most.Load() > int64(parallel) {
		t.Errorf("%d ran at a time; the plan allows %d", most.Load(), parallel)
	}
	door.audit()
}

func catalogPlan(t *testing.T, id string) catalog.Plan {
	p, ok := catalog.Default().Plan(id)
	if !ok {
		t.Fatalf("no plan %s", id)
	}
	return p
}

func TestALateWorkerIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		c := openCompany(t, url, "maestro")
		e, begun, proceed := gate("slow", 1)
		first := c.start(e)
		account := first.account("ada")
		events := first.follow(account)
		j := first.order(account, small(1))
		<-begun
		// The job is taken away, as if this process had been frozen for longer than its lease.
		err := first.DB.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE jobs SET status = 'queued', worker = '', lease = 0, place = -1, moved = $1, updated = $1 WHERE id = $2`, time.Now().UnixMilli(), j.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case proceed <- nil: // answers late; or the lease is missed first, and it is told to stop
		case <-time.After(time.Second):
		}
		<-begun // somebody runs it again
		proceed <- nil
		done := await(t, events, j.ID, is(studio.Complete))
		if done.Settled != 1 || len(done.Pictures) != 1 || done.Attempt != 2 {
			t.Errorf("job is %+v", done)
		}
		first.audit()
	})
}

func TestAFrozenEngineLosesItsJobToAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		c := openCompany(t, url, "maestro")
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		var froze atomic.Int64
		frozen := &actor{id: "frozen", run: func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
			froze.Add(1)
			<-release
			return engine.Result{}, nil
		}}
		good := &actor{id: "good", run: draw}
		good.ill.Store(true)
		p := c.start(frozen, good)
		account := p.account("ada")
		events := p.follow(account)
		j := p.order(account, small(2))
		waits := await(t, events, j.ID, func(j studio.Job) bool { return j.Status == studio.Queued && j.WaitingFor != "" && froze.Load() > 0 })
		if !strings.Contains(waits.WaitingFor, "It is ill.") {
			t.Errorf("waiting for %q", waits.WaitingFor)
		}
		good.ill.Store(false)
		done := await(t, events, j.ID, is(studio.Complete))
		if done.Engine != "good" || done.Settled != 2 || froze.Load() != 1 {
			t.Errorf("frozen %d times, job is %+v", froze.Load(), done)
		}
		states := p.EngineStates()
		if states[0].Stuck != 1 {
			t.Errorf("engines are %+v", states)
		}
		p.audit()
	})
}

func TestGarbageIsNeverAPicture(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		c := openCompany(t, url, "maestro")
		var tries atomic.Int64
		wild := &actor{id: "wild", run: func(_ context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
			report(-7)
			report(1 << 30)
			switch tries.Add(1) {
			case 1:
				return engine.Result{}, nil
			case 2:
				panic("paint everywhere")
			}
			return engine.Result{Image: image.NewRGBA(image.Rect(0, 0, 3, 5))}, nil
		}}
		p := c.start(wild)
		account := p.account("ada")
		events := p.follow(account)
		j := p.order(account, small(2))
		done := await(t, events, j.ID, is(studio.Failed))
		if done.Settled != 0 || len(done.Pictures) != 0 || tries.Load() != 3 || !strings.Contains(done.Reason, "3×5") {
			t.Errorf("%d tries, job is %+v", tries.Load(), done)
		}
		// A retry is a new job with a hold of its own; here the engine has recovered.
		wild.run = draw
		quote, err := p.QuoteRetry(context.Background(), account, j.ID)
		if err != nil || quote.Tokens != 2 || !quote.Covered {
			t.Fatalf("%+v %v", quote, err)
		}
		other, err := p.Quote(context.Background(), account, catalog.Request{Pipeline: "default", Width: 64, Height: 64, Images: 4})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Retry(context.Background(), account, j.ID, "", other.ID, nil); err == nil {
			t.Error("a quote for something else was taken")
		}
		again, err := p.Retry(context.Background(), account, j.ID, "", quote.ID, nil)
		if err != nil || again.ID == j.ID || again.Spec.Seed != j.Spec.Seed {
			t.Fatalf("%+v %v", again, err)
		}
		if twice, err := p.Retry(context.Background(), account, j.ID, "", "", nil); err != nil || twice.ID != again.ID {
			t.Errorf("a second retry of one job: %+v %v", twice, err)
		}
		done = await(t, events, again.ID, is(studio.Complete))
		if done.Settled != 2 {
			t.Errorf("job is %+v", done)
		}
		if _, err := p.Retry(context.Background(), account, again.ID, "", "", nil); err == nil {
			t.Error("a complete job was retried")
		}
		if _, err := p.QuoteRetry(context.Background(), account, again.ID); err == nil {
			t.Error("the retry of a complete job has a price")
		}
		p.audit()
	})
}

func TestAJobMovesAwayFromAnEngineThatFails(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.SQLite(t), "maestro")
	var failed atomic.Int64
	bad := &actor{id: "bad", run: func(context.Context, engine.Task, engine.Report) (engine.Result, error) {
		failed.Add(1)
		return engine.Result{}, errors.New("EOF")
	}}
	good := &actor{id: "good", run: draw}
	p := c.start(bad, good)
	account := p.account("ada")
	events := p.follow(account)
	for range 6 {
		j := p.order(account, small(1))
		if done := await(t, events, j.ID, func(j studio.Job) bool { return !j.Open() }); done.Status != studio.Complete || done.Attempt > 2 {
			t.Fatalf("job is %+v", done)
		}
	}
	if states := p.EngineStates(); failed.Load() > 20 || states[1].Made != 6 {
		t.Errorf("failed %d times; %+v", failed.Load(), states)
	}
	p.audit()
}

func TestWaitingJobsTellTheirPlaceAndTime(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.SQLite(t), "maestro")
	e, begun, proceed := gate("one", 1)
	p := c.start(e)
	account := p.account("ada")
	events := p.follow(account)
	first, second, third := p.order(account, small(1)), p.order(account, small(1)), p.order(account, small(1))
	<-begun
	await(t, events, third.ID, func(j studio.Job) bool { return j.Position == 2 })
	proceed <- nil
	<-begun
	await(t, events, first.ID, is(studio.Complete))
	moved := await(t, events, third.ID, func(j studio.Job) bool { return j.Position == 1 && j.MayStart != 0 })
	if wait := moved.MayStart.Sub(calendar.At(time.Now())); wait > 10*time.Second {
		t.Errorf("it may start in %v", wait)
	}
	proceed <- nil
	<-begun
	await(t, events, second.ID, is(studio.Complete))
	proceed <- nil
	await(t, events, third.ID, is(studio.Complete))
	p.audit()
}

func TestNoEngineEver(t *testing.T) {
	t.Parallel()
	c := openCompany(t, storetest.SQLite(t), "maestro")
	e := &actor{id: "one", models: []string{"phoenix"}, run: draw}
	e.ill.Store(true)
	p := c.start(e)
	account := p.account("ada")
	sub := small(1)
	sub.Request.Pipeline = "canvas"
	if _, err := p.Submit(context.Background(), account, sub); err == nil {
		t.Error("the canvas was sold without a source")
	}
	err := p.Can(studio.Needs{Operation: engine.Generate, Pipeline: "default", Model: "unheard"})
	var missing *studio.NotInstalled
	if !errors.As(err, &missing) || missing.Field != "model" {
		t.Errorf("got %v", err)
	}
	if err := p.Can(studio.Needs{Operation: engine.Generate, Pipeline: "default", Width: 9000, Height: 10}); err == nil {
		t.Error("9000 pixels wide")
	}
	events := p.follow(account)
	j := p.order(account, small(1)) // the engine is out, but could do it
	await(t, events, j.ID, func(j studio.Job) bool { return strings.Contains(j.WaitingFor, "It is ill.") })
	e.ill.Store(false)
	await(t, events, j.ID, is(studio.Complete))
	p.audit()
}
