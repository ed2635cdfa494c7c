package identity

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Names of settings that live in the database.
const (
	settingSetup  = "setup_code"
	settingSignUp = "sign_up"
	settingSecret = "secret"
)

// The sign-up policies: anybody, or only people whom an administrator adds.
const (
	SignUpOpen   = "open"
	SignUpClosed = "closed"
)

// SetupNeeded tells whether nobody exists yet.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	var n int64
	err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM people`).Scan(&n)
	})
	return n == 0, err
}

// NewSetupCode makes the code of the one-time link that lets the first administrator
// in; codes given out before stop working.
func (s *Service) NewSetupCode(ctx context.Context) (string, error) {
	code := base64.RawURLEncoding.EncodeToString(s.random(24))
	return code, s.setSetting(ctx, settingSetup, hashSecret(code))
}

// Setup makes the first administrator and uses the code up, in one transaction.
func (s *Service) Setup(ctx context.Context, code, signUp string, n NewPerson) (Person, error) {
	if signUp != SignUpOpen && signUp != SignUpClosed {
		return Person{}, &token.Invalid{Field: "sign_up", Value: signUp, Allowed: "open, closed"}
	}
	n.Admin = true
	return s.create(ctx, n, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `DELETE FROM settings WHERE name = $1 AND value = $2`, settingSetup, hashSecret(code))
		if err == nil && rows == 0 {
			err = ErrSetup
		}
		if err != nil {
			return err
		}
		return putSetting(ctx, tx, settingSignUp, signUp)
	})
}

// SignUpPolicy tells who may sign up: open before an administrator decided otherwise.
func (s *Service) SignUpPolicy(ctx context.Context) (string, error) {
	v, err := s.setting(ctx, settingSignUp)
	if errors.Is(err, ErrUnknown) {
		return SignUpOpen, nil
	}
	return v, err
}

// Secret is the installation's own random key, made at the first call: it signs quotes.
func (s *Service) Secret(ctx context.Context) ([]byte, error) {
	v, err := s.setting(ctx, settingSecret)
	if errors.Is(err, ErrUnknown) {
		fresh := base64.RawStdEncoding.EncodeToString(s.random(32))
		err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, settingSecret, fresh)
			return err
		})
		if err == nil {
			v, err = s.setting(ctx, settingSecret) // another process may have been first
		}
	}
	if err != nil {
		return nil, err
	}
	return base64.RawStdEncoding.DecodeString(v)
}

func (s *Service) setting(ctx context.Context, name string) (v string, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return noRows(tx.QueryRow(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&v))
	})
	return v, err
}

func (s *Service) setSetting(ctx context.Context, name, value string) error {
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return putSetting(ctx, tx, name, value)
	})
}

func putSetting(ctx context.Context, tx *store.Tx, name, value string) error {
	_, err := tx.Exec(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

func noRows(err error) error {
	if errors.Is(err, store.ErrNoRows) {
		return ErrUnknown
	}
	return err
}

// settingClock is how far the server's clock was set off the real one, in milliseconds.
const settingClock = "clock_offset"

// ClockOffset is how far the clock was set off the real one, so that commands beside a
// server with a virtual clock see the same time.
func (s *Service) ClockOffset(ctx context.Context) (time.Duration, error) {
	v, err := s.setting(ctx, settingClock)
	if errors.Is(err, ErrUnknown) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	return time.Duration(ms) * time.Millisecond, err
}

// SetClockOffset remembers how far the clock is set off; zero is the real clock.
func (s *Service) SetClockOffset(ctx context.Context, d time.Duration) error {
	if d != 0 {
		return s.setSetting(ctx, settingClock, strconv.FormatInt(d.Milliseconds(), 10))
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM settings WHERE name = $1`, settingClock)
		return err
	})
}
