// Package studio holds the use-cases: quote, submit, run, settle, look at pictures.
//
// It promises that a job and its hold come into being in one commit (T14), that a
// job's end and its settlement are one commit too, that what was paid for and made is
// delivered once, and that a job which makes nothing costs nothing (T19). Prices come
// from the catalog, decisions about tokens from the ledger, pictures from engines. It
// does not know HTTP.
package studio

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/pool"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// Config is what a studio is made of.
type Config struct {
	DB     *store.DB
	Ledger *ledger.Ledger
	// Catalog gives the price list in force; it may change while the server runs (T25).
	Catalog func() *catalog.Catalog
	Engines []engine.Engine
	Files   *blob.Disk
	// Secret signs quotes.
	Secret []byte
	Now    func() time.Time
	Log    *slog.Logger
	// Alone tells that no other process runs jobs of this database, so that jobs found
	// running at the start are leftovers.
	Alone bool
	// Pool tunes how engines are watched over; its Now and Changed are the studio's.
	Pool pool.Options
	// Timing tunes leases and how soon processes see one another's changes.
	Timing Timing
	// Ended writes, in the transaction that ends a job, what others are told of its end; nil for nothing.
	Ended func(ctx context.Context, tx *store.Tx, j *Job) error
	// MaxQueue bounds the waiting jobs of the whole installation, 100,000 by default.
	MaxQueue int
}

// Timing is how time is divided; zero values stand for the defaults.
type Timing struct {
	// Lease is how long a worker that is not heard of keeps its jobs, 30 seconds by default.
	Lease time.Duration
	// Renew is how often a lease is renewed, 5 seconds by default.
	Renew time.Duration
	// Beat is how often progress is written and other processes' changes are read, a second by default.
	Beat time.Duration
	// Drain is how long running jobs may go on when the server stops, not at all by default.
	Drain time.Duration
}

func (t Timing) filled() Timing {
	if t.Lease <= 0 {
		t.Lease = 30 * time.Second
	}
	if t.Renew <= 0 {
		t.Renew = t.Lease / 6
	}
	if t.Beat <= 0 {
		t.Beat = min(time.Second, t.Renew)
	}
	return t
}

// Studio runs the use-cases.
type Studio struct {
	Config
	hub  *hub
	desk desk
	// worker names this process in the leases it holds.
	worker string

	pool *pool.Pool
	// news is what was last seen of other processes; only watch uses it.
	news news
	// swept is when files were looked after last; only tidy uses it.
	swept calendar.Instant

	mu      sync.Mutex
	queue   *queue.Queue
	waiting map[string]*waiter
	// lines are the waiting jobs by account.
	lines   map[string]map[string]bool
	seq     int64
	classes map[string]*class
	// abilities are what engines could do when waiting jobs were sorted last.
	abilities string
	running   map[string]*run
	// aside are jobs that could not be claimed just now, until the next beat.
	aside []*waiter
	// elsewhere are the jobs that other processes run, with their accounts.
	elsewhere map[string]string
	// avoid are the engines that failed at a job, as far as this process saw it.
	avoid map[string]map[string]bool
	pace  pace
	wake  chan struct{}
}

// ref finds a job: jobs are kept by account.
type ref struct{ account, id string }

// New makes a studio; Run makes it work.
func New(c Config) *Studio {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxQueue <= 0 {
		c.MaxQueue = maxQueue
	}
	c.Timing = c.Timing.filled()
	s := &Studio{
		Config: c, hub: newHub(), worker: uuid.NewString(),
		queue:   queue.New(int64(c.Catalog().RelaxedShare())),
		waiting: map[string]*waiter{}, lines: map[string]map[string]bool{}, classes: map[string]*class{}, running: map[string]*run{}, wake: make(chan struct{}, 1),
		elsewhere: map[string]string{}, avoid: map[string]map[string]bool{},
	}
	c.Pool.Now, c.Pool.Changed = c.Now, s.signal
	s.pool = pool.New(c.Engines, c.Pool)
	return s
}

func (s *Studio) now() calendar.Instant { return calendar.At(s.Now()) }

// Engine finds what the studio knows of an engine.
func (s *Studio) Engine(id string) (engine.Description, bool) {
	for _, e := range s.Engines {
		if d := e.Describe(); d.ID == id {
			return d, true
		}
	}
	return engine.Description{}, false
}

// read and write shorten the calls that need no more than a transaction.
func (s *Studio) read(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	return s.DB.Read(ctx, fn)
}

func (s *Studio) write(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	return s.DB.Write(ctx, fn)
}

// note writes who works on what just now. It does not wait for the disk: a claim or a lease that a
// power cut takes away leaves a job that waits, which is what it then is. What a worker
// delivers is written on condition that the claim is still there.
func (s *Studio) note(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	return s.DB.WriteSoon(ctx, fn)
}
