package identity

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/florin-studio/florin/internal/store"
)

// SessionLife is how long a session lasts after signing in.
const SessionLife = 30 * 24 * time.Hour

// SignIn checks a password and starts a session; the secret goes into the browser's cookie.
func (s *Service) SignIn(ctx context.Context, email, password string) (Person, string, error) {
	p, err := s.ByEmail(ctx, email)
	stored := ""
	if err == nil {
		err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT password FROM people WHERE id = $1`, p.ID).Scan(&stored)
		})
	}
	if err != nil && !errors.Is(err, ErrUnknown) {
		return Person{}, "", err
	}
	if err != nil {
		stored = hashPassword("", s.random(16), s.Cost) // same work for unknown people
	}
	if !passwordMatches(password, stored) || err != nil {
		return Person{}, "", ErrSignIn
	}
	secret, err := s.StartSession(ctx, p)
	return p, secret, err
}

// StartSession gives a person a session without asking for the password.
func (s *Service) StartSession(ctx context.Context, p Person) (string, error) {
	secret := base64.RawURLEncoding.EncodeToString(s.random(32))
	now := s.now()
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO sessions (hash, person, created, expires) VALUES ($1, $2, $3, $4)`,
			hashSecret(secret), p.ID, int64(now), int64(now.Add(SessionLife)))
		return err
	})
	return secret, err
}

// BySession finds who a session belongs to.
func (s *Service) BySession(ctx context.Context, secret string) (p Person, err error) {
	if secret == "" {
		return p, ErrUnknown
	}
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err = scanPerson(tx.QueryRow(ctx, `SELECT p.id, p.email, p.name, p.admin, p.account, p.created
			FROM sessions s JOIN people p ON p.id = s.person WHERE s.hash = $1 AND s.expires > $2`, hashSecret(secret), int64(s.now())))
		return err
	})
	return p, err
}

// SignOut ends a session. Ending one that is over is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE hash = $1 OR expires <= $2`, hashSecret(secret), int64(s.now()))
		return err
	})
}
