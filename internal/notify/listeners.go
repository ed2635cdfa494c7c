package notify

import (
	"context"
	"errors"
	"slices"

	"github.com/florin-studio/florin/internal/store"
)

// listeners are the endpoints that asked for what the journal tells.
type listeners struct {
	everywhere []*Endpoint
	accounts   map[string][]*Endpoint
}

// of lists who hears of an account. The installation's come first.
func (l *listeners) of(account string) []*Endpoint {
	own := l.accounts[account]
	switch {
	case len(own) == 0:
		return l.everywhere
	case len(l.everywhere) == 0:
		return own
	}
	return slices.Concat(l.everywhere, own)
}

// settingVersion changes with every change of an endpoint, so that other processes notice.
const settingVersion = "webhooks_version"

// change changes endpoints, and has every process read them anew: this one at once, the
// others within a beat.
func (s *Service) change(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return newVersion(ctx, tx)
	})
	if err != nil {
		return err
	}
	return s.Load(ctx)
}

// newVersion makes other processes read the endpoints anew.
func newVersion(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingVersion, newID())
	return err
}

// Load reads who wants to hear of tokens. It belongs before the first command.
func (s *Service) Load(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.load(ctx)
}

// refresh is Load where anything has changed since.
func (s *Service) refresh(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	var version string
	err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		version, err = versionIn(ctx, tx)
		return err
	})
	if err != nil || version == s.version {
		return err
	}
	return s.load(ctx)
}

func versionIn(ctx context.Context, tx *store.Tx) (version string, err error) {
	err = tx.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, settingVersion).Scan(&version)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return version, err
}

func (s *Service) load(ctx context.Context) error {
	var all []Endpoint
	var version string
	err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if version, err = versionIn(ctx, tx); err != nil {
			return err
		}
		all, err = queryEndpoints(ctx, tx, ownEndpoints+` WHERE disabled = 0`)
		return err
	})
	if err != nil {
		return err
	}
	var l *listeners
	for i := range all {
		e := &all[i]
		if !slices.ContainsFunc(e.Events, ofTokens) {
			continue
		}
		if l == nil {
			l = &listeners{accounts: map[string][]*Endpoint{}}
		}
		if e.Account == "" {
			l.everywhere = append(l.everywhere, e)
		} else {
			l.accounts[e.Account] = append(l.accounts[e.Account], e)
		}
	}
	s.listeners.Store(l)
	s.version = version
	return nil
}
