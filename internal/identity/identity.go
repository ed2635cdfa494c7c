// Package identity knows people: who may sign in, with which password, session or key.
//
// It promises that secrets are stored only as hashes (passwords by argon2id, sessions
// and keys by SHA-256 of 122 or more random bits), that a person and their token
// account come into being in one transaction, that every check takes the same path
// whether or not the person exists, and that a key never takes more than its own budget.
// It does not know HTTP, and decides nothing about balances.
package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Person is somebody who may sign in.
type Person struct {
	ID      string           `json:"id"`
	Email   string           `json:"email"`
	Name    string           `json:"name"`
	Admin   bool             `json:"admin"`
	Created calendar.Instant `json:"created"`
	// Account is the token account the person spends from.
	Account string `json:"account"`
}

// Errors that callers tell apart.
var (
	// ErrSignIn is the one answer to a wrong e-mail and to a wrong password.
	ErrSignIn = errors.New("e-mail or password is wrong")
	// ErrTaken means that the e-mail belongs to somebody already.
	ErrTaken = errors.New("this e-mail has an account already")
	// ErrClosed means that only administrators may add people.
	ErrClosed = errors.New("sign-up is closed; ask the administrator for an account")
	// ErrUnknown means that there is no such person, session or key.
	ErrUnknown = errors.New("unknown")
	// ErrSetup means that the one-time link is wrong or was used.
	ErrSetup = errors.New("this set-up link is not valid any more; the server prints a new one at its next start")
)

// Service keeps people in the database.
type Service struct {
	DB     *store.DB
	Ledger *ledger.Ledger
	// Now and Random come from outside, so that tests decide them.
	Now    func() time.Time
	Random func([]byte)
	// Cost of hashing a password; the zero value is DefaultCost.
	Cost Cost
	// CheckTarget refuses addresses of webhooks that may not be called; nil takes them all.
	CheckTarget func(ctx context.Context, field, url string) error

	seen seen
}

func (s *Service) now() calendar.Instant { return calendar.At(s.Now()) }

func (s *Service) random(n int) []byte {
	b := make([]byte, n)
	if s.Random != nil {
		s.Random(b)
	} else {
		_, _ = rand.Read(b)
	}
	return b
}

// newUUID makes a random UUID (version 4).
func (s *Service) newUUID() string {
	b := s.random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	id, _ := uuid.FromBytes(b)
	return id.String()
}

// hashSecret is how sessions and keys are stored: they are long and random, so a fast hash is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// NewPerson is what somebody gives to sign up.
type NewPerson struct {
	Name, Email, Password string
	Admin                 bool
	// Plan and Zone may be empty for the catalog's defaults.
	Plan, Zone string
}

func (n *NewPerson) check() error {
	n.Email = strings.ToLower(strings.TrimSpace(n.Email))
	n.Name = strings.TrimSpace(n.Name)
	addr, err := mail.ParseAddress(n.Email)
	if err != nil || addr.Address != n.Email || len(n.Email) > 254 {
		return &token.Invalid{Field: "email", Value: n.Email, Allowed: "an e-mail address such as ada@example.org"}
	}
	if n.Name == "" {
		n.Name, _, _ = strings.Cut(n.Email, "@")
	}
	if utf8.RuneCountInString(n.Name) > 80 {
		return &token.Invalid{Field: "name", Value: n.Name, Allowed: "up to 80 characters"}
	}
	return checkPassword(n.Password)
}

func checkPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < 8 || n > 1024 {
		return &token.Invalid{Field: "password", Value: fmt.Sprintf("%d characters", n), Allowed: "8 to 1024 characters"}
	}
	return nil
}

// Create adds a person with their token account, in one transaction.
func (s *Service) Create(ctx context.Context, n NewPerson) (Person, error) {
	return s.create(ctx, n, nil)
}

// SignUp is Create for people who come by themselves; it obeys the sign-up policy.
func (s *Service) SignUp(ctx context.Context, n NewPerson) (Person, error) {
	policy, err := s.SignUpPolicy(ctx)
	if err != nil {
		return Person{}, err
	}
	if policy != SignUpOpen {
		return Person{}, ErrClosed
	}
	n.Admin = false
	return s.create(ctx, n, nil)
}

func (s *Service) create(ctx context.Context, n NewPerson, also func(context.Context, *store.Tx) error) (Person, error) {
	if err := n.check(); err != nil {
		return Person{}, err
	}
	password := hashPassword(n.Password, s.random(16), s.Cost)
	p := Person{ID: s.newUUID(), Email: n.Email, Name: n.Name, Admin: n.Admin, Created: s.now()}
	p.Account = p.ID
	_, err := s.Ledger.Submit(ctx, ledger.Request{
		Account: p.Account,
		Request: token.Request{Key: "open", At: p.Created, Command: token.Open{Plan: n.Plan, Zone: n.Zone}},
		Side: func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
			rows, err := tx.Exec(ctx, `INSERT INTO people (id, email, name, password, admin, account, created)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
				p.ID, p.Email, p.Name, password, boolToInt(p.Admin), p.Account, int64(p.Created))
			if err == nil && rows == 0 {
				err = ErrTaken
			}
			if err == nil && also != nil {
				err = also(ctx, tx)
			}
			return err
		},
	})
	return p, err
}

const personColumns = `id, email, name, admin, account, created`

func scanPerson(row interface{ Scan(...any) error }) (Person, error) {
	var p Person
	var admin, created int64
	err := row.Scan(&p.ID, &p.Email, &p.Name, &admin, &p.Account, &created)
	p.Admin, p.Created = admin != 0, calendar.Instant(created)
	if errors.Is(err, store.ErrNoRows) {
		err = ErrUnknown
	}
	return p, err
}

// ByEmail finds a person.
func (s *Service) ByEmail(ctx context.Context, email string) (p Person, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err = scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+` FROM people WHERE email = $1`, strings.ToLower(strings.TrimSpace(email))))
		return err
	})
	return p, err
}

// List gives everybody, oldest first.
func (s *Service) List(ctx context.Context) (people []Person, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		people = nil
		rows, err := tx.Query(ctx, `SELECT `+personColumns+` FROM people ORDER BY created, id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p, err := scanPerson(rows)
			if err != nil {
				return err
			}
			people = append(people, p)
		}
		return rows.Err()
	})
	return people, err
}

func boolToInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
