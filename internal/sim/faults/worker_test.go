package faults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"sync"
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
)

// The environment by which the test binary becomes a server: its database, and its
// folder of pictures.
const (
	urlVariable    = "FLORIN_FAULTS_URL"
	folderVariable = "FLORIN_FAULTS_FOLDER"
)

func TestMain(m *testing.M) {
	url := os.Getenv(urlVariable)
	if url == "" {
		os.Exit(storetest.Run(m))
	}
	if err := serve(url, os.Getenv(folderVariable)); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// lease is short, so that taking jobs over is tried often.
const lease = 1500 * time.Millisecond

// accounts share the servers.
var accounts = []string{"ada", "bob", "cyd", "dee", "eve", "fay"}

// open makes a studio on a database; it does not run yet.
func open(url, folder string, engines ...engine.Engine) (*studio.Studio, func(), error) {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		return nil, nil, err
	}
	book := catalog.Default()
	l := ledger.New(sqlstore.New(db), func() *token.Rules { return book.Rules() }, ledger.Options{})
	files, err := blob.OpenDisk(folder)
	if err != nil {
		return nil, nil, err
	}
	s := studio.New(studio.Config{
		DB: db, Ledger: l, Catalog: func() *catalog.Catalog { return book }, Engines: engines, Files: files, Secret: []byte("secret"), Now: time.Now,
		Alone:  db.Engine() == "sqlite",
		Timing: studio.Timing{Lease: lease, Renew: 250 * time.Millisecond, Beat: 100 * time.Millisecond},
		Pool:   pool.Options{Silence: 400 * time.Millisecond, Grace: 100 * time.Millisecond, FirstProbe: 50 * time.Millisecond, LastProbe: 400 * time.Millisecond},
	})
	return s, func() { _ = l.Close(context.Background()); _ = db.Close() }, nil
}

// draw makes a picture that depends on the task alone, as engines promise.
func draw(task engine.Task) engine.Result {
	img := image.NewRGBA(image.Rect(0, 0, task.Width, task.Height))
	dice := rand.New(rand.NewPCG(uint64(task.Seed), 1))
	for range 50 {
		img.Set(dice.IntN(task.Width), dice.IntN(task.Height), color.RGBA{uint8(dice.Uint32()), uint8(dice.Uint32()), 90, 255})
	}
	return engine.Result{Image: img, Seed: task.Seed}
}

// fickle is an engine whose failures are ordered from outside.
type fickle struct {
	id string
	// garbage is how many of the next pictures go wrong.
	garbage atomic.Int64

	mu     sync.Mutex
	frozen chan struct{}
}

func (e *fickle) Describe() engine.Description {
	return engine.Description{ID: e.id, Name: e.id, Operations: []engine.Operation{engine.Generate}, MaxWidth: 512, MaxHeight: 512, Slots: 2, Cancels: true}
}

func (e *fickle) Health(context.Context) error { return nil }

// freeze makes every call hang that comes until thaw.
func (e *fickle) freeze() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.frozen == nil {
		e.frozen = make(chan struct{})
	}
}

func (e *fickle) thaw() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.frozen != nil {
		close(e.frozen)
		e.frozen = nil
	}
}

func (e *fickle) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	report(1)
	e.mu.Lock()
	frozen := e.frozen
	e.mu.Unlock()
	if frozen != nil {
		<-frozen // whatever the context says; then it answers late
	}
	select {
	case <-time.After(time.Duration(2+rand.IntN(25)) * time.Millisecond):
	case <-ctx.Done():
		return engine.Result{}, ctx.Err()
	}
	report(50)
	if e.garbage.Add(-1) >= 0 {
		return nonsense(task)
	}
	return draw(task), nil
}

// nonsense is one of the ways to go wrong.
func nonsense(task engine.Task) (engine.Result, error) {
	switch rand.IntN(6) {
	case 0:
		return engine.Result{}, nil
	case 1:
		return engine.Result{Image: image.NewRGBA(image.Rect(0, 0, 1, 2))}, nil
	case 2:
		return engine.Result{Image: image.NewRGBA(image.Rect(0, 0, task.Width, task.Height))}, nil
	case 3:
		panic("nonsense")
	case 4:
		return engine.Result{}, &engine.Error{Class: engine.Broken, Reason: "Out of memory."}
	}
	return engine.Result{}, errors.New("EOF")
}

// server is the process under test.
type server struct {
	*studio.Studio
	engine *fickle
	out    sync.Mutex
	quiet  chan struct{}
}

// serve runs jobs, submits and cancels some itself, and prints each that was accepted.
// It obeys its input: freeze, thaw, garbage, quiet; at the end of the input it stops.
func serve(url, folder string) error {
	e := &fickle{id: "fickle"}
	st, closed, err := open(url, folder, e, &fickle{id: "steady"})
	if err != nil {
		return err
	}
	defer closed()
	s := &server{Studio: st, engine: e, quiet: make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	var clients sync.WaitGroup
	for i, account := range accounts {
		clients.Go(func() { s.client(ctx, account, i) })
	}
	s.say("ready")
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		s.obey(ctx, orders.Text())
	}
	stop()
	clients.Wait()
	return <-ran
}

func (s *server) say(words ...any) {
	s.out.Lock()
	defer s.out.Unlock()
	fmt.Println(words...)
}

func (s *server) obey(ctx context.Context, order string) {
	switch order {
	case "freeze":
		s.engine.freeze()
	case "thaw":
		s.engine.thaw()
	case "garbage":
		s.engine.garbage.Store(4)
	case "quiet":
		s.engine.thaw()
		s.engine.garbage.Store(0)
		close(s.quiet)
		go s.untilIdle(ctx)
	}
}

// client keeps an account's line short but never empty, and cancels now and then.
func (s *server) client(ctx context.Context, account string, seed int) {
	tick := time.NewTicker(time.Duration(40+3*seed) * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		j, err := s.Submit(ctx, account, studio.Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Images: 1 + n%3, Width: 32, Height: 32}})
		if err == nil {
			s.say("job", account, j.ID)
			if n%9 == 8 {
				_, _ = s.Cancel(ctx, account, j.ID)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.quiet:
			return
		case <-tick.C:
		}
	}
}

// untilIdle says so when no job is open any more.
func (s *server) untilIdle(ctx context.Context) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		open := int64(-1)
		err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')`).Scan(&open)
		})
		if err == nil && open == 0 {
			s.say("idle")
			return
		}
	}
}
