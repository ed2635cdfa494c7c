package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// print writes a value as one line of JSON.
func (s *streams) print(v any) error { return json.NewEncoder(s.out).Encode(v) }

// printIndented writes a value as JSON for people.
func (s *streams) printIndented(v any) error {
	enc := json.NewEncoder(s.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// base is what commands about people and tokens stand on: database, catalog, ledger.
type base struct {
	db       *store.DB
	ledger   *ledger.Ledger
	people   *identity.Service
	webhooks *notify.Service
	catalog  atomic.Pointer[catalog.Catalog]
	now      func() time.Time
	pictures string
}

// open opens the data. With create a missing folder or database is made; without, it is an error.
func (s *streams) open(create bool) (*base, error) {
	c, err := s.loadCatalog()
	if err != nil {
		return nil, err
	}
	url, err := s.databaseURL(create)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(s.ctx, url)
	if err != nil {
		return nil, err
	}
	b := &base{db: db, pictures: filepath.Join(s.Data, "pictures"), now: time.Now}
	b.catalog.Store(c)
	b.webhooks = notify.New(notify.Config{DB: db, Now: func() time.Time { return b.now() }, Version: version})
	b.ledger = ledger.New(sqlstore.New(db), func() *token.Rules { return b.catalog.Load().Rules() }, ledger.Options{Tell: b.webhooks.Tell})
	b.people = &identity.Service{DB: db, Ledger: b.ledger, Now: func() time.Time { return b.now() }}
	offset, err := b.people.ClockOffset(s.ctx)
	if err == nil {
		err = b.webhooks.Load(s.ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	if offset != 0 {
		b.now = func() time.Time { return time.Now().Add(offset) }
	}
	return b, nil
}

// close ends what open began, in the opposite order.
func (b *base) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(b.ledger.Close(ctx), b.db.Close())
}

// with opens the data for one command.
func (s *streams) with(create bool, do func(b *base) error) (err error) {
	b, err := s.open(create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	return do(b)
}

// loadCatalog reads the catalog file, or takes the built-in catalog.
func (s *streams) loadCatalog() (*catalog.Catalog, error) {
	if s.Catalog == "" {
		return catalog.Default(), nil
	}
	return readCatalog(s.Catalog)
}

func readCatalog(path string) (*catalog.Catalog, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("catalog %s: %w", path, plainCause(err))
	}
	return catalog.Load(path, raw)
}

// databaseURL finds the database and checks that the folder is there.
func (s *streams) databaseURL(create bool) (string, error) {
	url := s.Database
	if url == "" {
		url = filepath.Join(s.Data, "florin.db")
	}
	if strings.Contains(url, "://") && (s.Database != "" && create) {
		return url, s.makeFolder()
	}
	if strings.Contains(url, "://") {
		return url, nil
	}
	if create {
		return url, s.makeFolder()
	}
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:")); err != nil {
		return "", fmt.Errorf("no data at %s: start the server once, or name the folder with --data (%w)", url, plainCause(err))
	}
	return url, nil
}

// makeFolder makes the data folder itself, but not the folders above it: a mistyped path should not sprout.
func (s *streams) makeFolder() error {
	err := os.Mkdir(s.Data, 0o750)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("data folder %s: the folder above it does not exist", s.Data)
	case !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("data folder %s: %w", s.Data, plainCause(err))
	}
	if info, err := os.Stat(s.Data); err == nil && !info.IsDir() {
		return fmt.Errorf("data folder %s: it is a file", s.Data)
	}
	return nil
}

// instant reads a time that a person gave, or takes the one of now.
func (b *base) instant(text string) (calendar.Instant, error) {
	if text == "" {
		return calendar.At(b.now()), nil
	}
	at, err := calendar.ParseInstant(text)
	if err != nil {
		return 0, fmt.Errorf("--at: %w", err)
	}
	return at, nil
}

// refusedJSON prints a refusal or a malformed input as a JSON object and sets the exit code.
func (s *streams) refusedJSON(err error) error {
	var refusal *token.Refusal
	var invalid *token.Invalid
	switch {
	case !s.JSON:
		return err
	case errors.As(err, &refusal):
		return errors.Join(s.print(refusal), quiet{err})
	case errors.As(err, &invalid):
		return errors.Join(s.print(map[string]string{"error": "invalid", "field": invalid.Field, "value": invalid.Value, "allowed": invalid.Allowed}), quiet{err})
	}
	return err
}
