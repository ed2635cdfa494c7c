package notify

import (
	"context"
	"errors"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// ownEndpoints and keyEndpoints give endpoints with the same columns, wherever they are kept.
const (
	ownEndpoints = `SELECT account, id, 0 AS of_key, name, url, events, below, ahead, secret, old_secret, old_until, created, failing, disabled, reason FROM webhooks w`
	keyEndpoints = `SELECT p.account, k.id, 1 AS of_key, k.name, k.webhook_url AS url, '' AS events, 0 AS below, 0 AS ahead, k.webhook_secret AS secret,
	'' AS old_secret, 0 AS old_until, k.created, k.webhook_failing AS failing, k.webhook_disabled AS disabled, k.webhook_reason AS reason
	FROM api_keys k JOIN people p ON p.id = k.person`
)

func scanEndpoint(row interface{ Scan(...any) error }) (Endpoint, error) {
	var e Endpoint
	var events string
	var ahead, until, created, failing, disabled int64
	err := row.Scan(&e.Account, &e.ID, &e.Key, &e.Name, &e.URL, &events, &e.Below, &ahead, &e.secret, &e.oldSecret, &until, &created, &failing, &disabled, &e.Reason)
	if errors.Is(err, store.ErrNoRows) {
		return e, ErrUnknown
	}
	e.Events, e.Ahead = split(events), time.Duration(ahead)*time.Millisecond
	if e.Key {
		e.Events = ofGenerations
	}
	e.OldUntil, e.Created = calendar.Instant(until), calendar.Instant(created)
	e.Failing, e.Disabled = calendar.Instant(failing), calendar.Instant(disabled)
	return e, err
}

func queryEndpoints(ctx context.Context, tx *store.Tx, sql string, args ...any) ([]Endpoint, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Endpoint{}
	for rows.Next() {
		e, err := scanEndpoint(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// Endpoints lists an account's endpoints, those of its keys included, oldest first; for an
// empty account the installation's.
func (s *Service) Endpoints(ctx context.Context, account string) (all []Endpoint, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err = queryEndpoints(ctx, tx, ownEndpoints+` WHERE account = $1
			UNION ALL `+keyEndpoints+` WHERE p.account = $1 AND k.webhook_url <> '' ORDER BY created, id`, account)
		return err
	})
	return all, err
}

// Endpoint finds one of an account's endpoints.
func (s *Service) Endpoint(ctx context.Context, account, id string) (e Endpoint, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		e, err = endpointIn(ctx, tx, account, id)
		return err
	})
	return e, err
}

// endpointIn finds an endpoint, whatever kind it is of; ErrUnknown where it is gone.
func endpointIn(ctx context.Context, tx *store.Tx, account, id string) (Endpoint, error) {
	e, err := scanEndpoint(tx.QueryRow(ctx, ownEndpoints+` WHERE account = $1 AND id = $2`, account, id))
	if !errors.Is(err, ErrUnknown) {
		return e, err
	}
	return scanEndpoint(tx.QueryRow(ctx, keyEndpoints+` WHERE k.id = $2 AND p.account = $1 AND k.webhook_url <> ''`, account, id))
}

// Disabled lists the endpoints of an account that were given up, for a notice.
func (s *Service) Disabled(ctx context.Context, account string) (all []Endpoint, err error) {
	list, err := s.Endpoints(ctx, account)
	for _, e := range list {
		if e.Disabled != 0 && e.Failing != 0 {
			all = append(all, e)
		}
	}
	return all, err
}
