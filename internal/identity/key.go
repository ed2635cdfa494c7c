package identity

import (
	"context"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Key is a credential for programs. The secret itself is shown once and not kept.
type Key struct {
	ID      string           `json:"id"`
	Name    string           `json:"name"`
	Hint    string           `json:"hint"`
	Created calendar.Instant `json:"created_at"`
	// LastUsed is zero for a key that was never used.
	LastUsed calendar.Instant `json:"last_used_at,omitempty"`
}

// CreateKey makes a key for a person; the secret is a UUID.
func (s *Service) CreateKey(ctx context.Context, p Person, name string) (Key, string, error) {
	if name == "" {
		name = "key"
	}
	if len(name) > 80 {
		return Key{}, "", &token.Invalid{Field: "name", Value: name, Allowed: "1 to 80 bytes"}
	}
	secret := s.newUUID()
	k := Key{ID: s.newUUID(), Name: name, Hint: secret[:4] + "…" + secret[32:], Created: s.now()}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO api_keys (id, person, hash, hint, name, created, last_used) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			k.ID, p.ID, hashSecret(secret), k.Hint, k.Name, int64(k.Created))
		return err
	})
	return k, secret, err
}

// Keys lists a person's keys, oldest first.
func (s *Service) Keys(ctx context.Context, p Person) (keys []Key, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		keys = []Key{}
		rows, err := tx.Query(ctx, `SELECT id, name, hint, created, last_used FROM api_keys WHERE person = $1 ORDER BY created, id`, p.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Key
			var created, used int64
			if err := rows.Scan(&k.ID, &k.Name, &k.Hint, &created, &used); err != nil {
				return err
			}
			k.Created, k.LastUsed = calendar.Instant(created), calendar.Instant(used)
			keys = append(keys, k)
		}
		return rows.Err()
	})
	return keys, err
}

// DeleteKey revokes a key at once. A key that is not the person's is ErrUnknown.
func (s *Service) DeleteKey(ctx context.Context, p Person, id string) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `DELETE FROM api_keys WHERE id = $1 AND person = $2`, id, p.ID)
		if err == nil && rows == 0 {
			err = ErrUnknown
		}
		return err
	})
}

// lastUsedGrain is how exactly the last use of a key is remembered, in milliseconds:
// a write for each request would cost more than the request.
const lastUsedGrain = 60_000

// ByKey finds who a key belongs to and notes its use.
func (s *Service) ByKey(ctx context.Context, secret string) (p Person, err error) {
	now := s.now()
	var id string
	var used int64
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var admin, created int64
		err := tx.QueryRow(ctx, `SELECT p.id, p.email, p.name, p.admin, p.account, p.created, k.id, k.last_used
			FROM api_keys k JOIN people p ON p.id = k.person WHERE k.hash = $1`, hashSecret(secret)).
			Scan(&p.ID, &p.Email, &p.Name, &admin, &p.Account, &created, &id, &used)
		p.Admin, p.Created = admin != 0, calendar.Instant(created)
		return noRows(err)
	})
	if err != nil || int64(now)-used < lastUsedGrain {
		return p, err
	}
	return p, s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE api_keys SET last_used = $1 WHERE id = $2`, int64(now), id)
		return err
	})
}
