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
}

// Studio runs the use-cases.
type Studio struct {
	Config
	hub  *hub
	desk desk
	// worker names this process in the leases it holds.
	worker string

	mu      sync.Mutex
	queue   *queue.Queue
	waiting map[string]ref
	running map[string]*run
	wake    chan struct{}
}

// ref finds a job: jobs are kept by account.
type ref struct{ account, id string }

// New makes a studio; Run makes it work.
func New(c Config) *Studio {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Studio{
		Config: c, hub: newHub(), worker: uuid.NewString(),
		queue:   queue.New(int64(c.Catalog().RelaxedShare())),
		waiting: map[string]ref{}, running: map[string]*run{}, wake: make(chan struct{}, 1),
	}
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
