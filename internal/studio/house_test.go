package studio_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// easel is an engine that does what the test says: each picture waits for a word.
type easel struct {
	slots int
	// asked tells of each picture begun; the test answers on say.
	asked chan engine.Task
	say   chan error
	// can adds to the description, give to each result.
	can  engine.Description
	give engine.Result
}

func (e *easel) Describe() engine.Description {
	d := e.can
	d.ID, d.Name, d.Honesty, d.MaxWidth, d.MaxHeight, d.Slots, d.Cancels = "easel", "Easel", "a test", 1536, 1536, e.slots, true
	d.Operations = append([]engine.Operation{engine.Generate}, d.Operations...)
	return d
}

// Improve and Random make it a prompter of few words.
func (e *easel) Improve(prompt, instructions string, seed int64) (string, error) {
	if prompt == "fail" {
		return "", &engine.Error{Class: engine.Refused, Reason: "no words"}
	}
	return fmt.Sprint(prompt, ", ", instructions, " ", seed), nil
}

func (e *easel) Random(seed int64) string { return fmt.Sprint("a lake ", seed) }

func (e *easel) Health(context.Context) error { return nil }

func (e *easel) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	report(10)
	select {
	case e.asked <- task:
	case <-ctx.Done():
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "cancelled", Err: ctx.Err()}
	}
	select {
	case err := <-e.say:
		if err != nil {
			return engine.Result{}, err
		}
	case <-ctx.Done():
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "cancelled", Err: ctx.Err()}
	}
	width, height := task.Width, task.Height
	switch {
	case task.Source != nil && task.Operation != engine.Generate:
		size, scale := task.Source.Image.Bounds(), max(task.Scale, 1)
		width, height = size.Dx()*scale, size.Dy()*scale
	case task.Mesh != nil:
		width, height = 64, 64
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	img.Set(int(task.Seed)%16, 3, color.RGBA{200, 20, 20, 255})
	out := e.give
	out.Image, out.Seed = img, task.Seed
	return out, nil
}

// house is a studio on a database of its own, with one account on a plan.
type house struct {
	*studio.Studio
	t       *testing.T
	url     string
	easel   *easel
	catalog atomic.Pointer[catalog.Catalog]
	clock   atomic.Int64
	folder  string
}

const account = "ada"

// start is 2026-03-01T12:00:00Z.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// each runs a test on both databases.
func each(t *testing.T, plan string, run func(t *testing.T, h *house)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		h := &house{t: t, url: url, folder: t.TempDir()}
		h.catalog.Store(catalog.Default())
		h.clock.Store(start.UnixMilli())
		h.open()
		_, err := h.Ledger.Submit(context.Background(), ledger.Request{Account: account,
			Request: token.Request{Key: "open", At: calendar.At(start), Command: token.Open{Plan: plan}}})
		if err != nil {
			t.Fatal(err)
		}
		run(t, h)
	})
}

// open makes a studio on the house's data, as a process would at its start.
func (h *house) open() {
	db := storetest.Open(h.t, h.url)
	rules := func() *token.Rules { return h.catalog.Load().Rules() }
	l := ledger.New(sqlstore.New(db), rules, ledger.Options{})
	h.t.Cleanup(func() { _ = l.Close(context.Background()) })
	files, err := blob.OpenDisk(h.folder)
	if err != nil {
		h.t.Fatal(err)
	}
	h.easel = &easel{slots: 1, asked: make(chan engine.Task), say: make(chan error)}
	h.Studio = studio.New(studio.Config{
		DB: db, Ledger: l, Catalog: h.catalog.Load, Engines: []engine.Engine{h.easel}, Files: files,
		Secret: []byte("secret"), Alone: true, Now: func() time.Time { return time.UnixMilli(h.clock.Load()) },
	})
}

// work runs the studio until the returned function is called.
func (h *house) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	}
	h.t.Cleanup(stop)
	return stop
}

func ask(images int) studio.Submission {
	return studio.Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Images: images}}
}

func (h *house) submit(sub studio.Submission) studio.Job {
	h.t.Helper()
	j, err := h.Submit(context.Background(), account, sub)
	if err != nil {
		h.t.Fatal(err)
	}
	return j
}

// paint lets the engine finish n pictures.
func (h *house) paint(n int) {
	for range n {
		<-h.easel.asked
		h.easel.say <- nil
	}
}

// untilBack waits until a job was returned to the queue after so many starts. It goes by
// the event alone: the job may run again before anybody can look.
func (h *house) untilBack(events <-chan studio.Event, id string, attempt int64) {
	h.t.Helper()
	for e := range events {
		if e.Kind == "job" && e.Changed.ID == id && e.Changed.Status == studio.Queued && e.Changed.Attempt == attempt {
			return
		}
	}
	h.t.Fatal("the events ended")
}

// until waits for a job to reach a status that it keeps, by its events.
func (h *house) until(events <-chan studio.Event, id string, want studio.Status) studio.Job {
	h.t.Helper()
	for e := range events {
		if e.Kind == "job" && e.Changed.ID == id && e.Changed.Status == want {
			j, err := h.Job(context.Background(), account, id)
			if err != nil {
				h.t.Fatal(err)
			}
			if j.Status == want {
				return j
			}
		}
	}
	h.t.Fatal("the events ended")
	return studio.Job{}
}

func (h *house) listen() <-chan studio.Event {
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	return h.Listen(ctx, account)
}

func (h *house) state() token.Account {
	h.t.Helper()
	a, err := h.Ledger.Account(context.Background(), account, calendar.Instant(h.clock.Load()))
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// expect checks balance and holds, and that holds and jobs agree.
func (h *house) expect(balance, held int64) {
	h.t.Helper()
	a := h.state()
	if got := h.catalog.Load().Rules().Balance(&a); got != balance || a.Held() != held {
		h.t.Errorf("balance %d, held %d; want %d, %d", got, a.Held(), balance, held)
	}
	loose, err := h.Check(context.Background())
	if err != nil || len(loose) > 0 {
		h.t.Errorf("holds and jobs differ: %v %v", loose, err)
	}
	var diffs bytes.Buffer
	if _, err := h.Ledger.Verify(context.Background(), account, func(d ledger.Difference) { fmt.Fprintln(&diffs, d) }); err != nil || diffs.Len() > 0 {
		h.t.Errorf("the journal differs: %s %v", diffs.String(), err)
	}
}
