// Package once makes a write that is repeated with its idempotency key happen once.
//
// It promises that of all requests with one key of an account at most one runs at a time,
// that a repeat of one that succeeded is told the first answer for a day, that the same
// key with another request is refused, and that a repeat after a crash runs with the same
// id, from which whatever it makes takes its own. Answers are sealed with the credential
// they were given to, since some tell secrets that are stored nowhere else. A refusal
// changed nothing and is not remembered. Commands of the ledger need none of this: their
// keys stand in the journal for ever.
package once

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// How long an answer is remembered, and how long one request may take before another
// process believes that the one which took it has died.
const (
	Life  = 24 * time.Hour
	Lease = time.Minute
)

// MaxKey bounds idempotency keys, in bytes.
const MaxKey = 128

// CheckKey refuses what is no idempotency key.
func CheckKey(key string) error {
	const allowed = "1 to 128 visible ASCII characters"
	if key == "" || len(key) > MaxKey {
		return &token.Invalid{Field: "Idempotency-Key", Value: fmt.Sprintf("%.20s…", key), Allowed: allowed}
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return &token.Invalid{Field: "Idempotency-Key", Value: key, Allowed: allowed}
		}
	}
	return nil
}

// Errors of Begin.
var (
	// ErrOther is a key that another request has used.
	ErrOther = errors.New("the idempotency key was used for another request")
	// ErrRunning is a request that has not been answered yet.
	ErrRunning = errors.New("the first request with this idempotency key is still being worked on")
	// ErrSealed is an answer that was given to another key or session.
	ErrSealed = errors.New("the answer was given to another key or session of yours, and only that one can have it again")
)

// Book remembers answers in the database.
type Book struct {
	DB  *store.DB
	Now func() time.Time
}

// Request is what is to happen once.
type Request struct {
	Account, Key string
	// Same is equal for equal requests.
	Same string
	// Credential is what the caller proved to be somebody with; answers are sealed with it.
	Credential string
}

// Answer is what a request was told.
type Answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
}

// Claim is the right to carry a request out.
type Claim struct {
	// ID is the same each time the request runs: of what the request makes.
	ID  string
	req Request
	// until is when the claim runs out, which tells it from a later one.
	until calendar.Instant
}

// Begin gives the first answer of a request that was answered, or else the claim to carry
// it out: end that with Finish or Drop.
func (b *Book) Begin(ctx context.Context, req Request) (c *Claim, first *Answer, err error) {
	now := calendar.At(b.Now())
	fresh := Claim{ID: uuid.NewString(), req: req, until: now.Add(Lease)}
	var sealed string
	err = b.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, sealed = nil, ""
		if _, err := tx.Exec(ctx, `DELETE FROM answers WHERE account = $1 AND created < $2`, req.Account, int64(now.Add(-Life))); err != nil {
			return err
		}
		for {
			n, err := tx.Exec(ctx, `INSERT INTO answers (account, name, request, id, created, until, status, sealed) VALUES ($1, $2, $3, $4, $5, $6, 0, '')
				ON CONFLICT (account, name) DO NOTHING`, req.Account, req.Key, req.Same, fresh.ID, int64(now), int64(fresh.until))
			if err == nil && n == 1 {
				c = &fresh
				return nil
			}
			if err != nil {
				return err
			}
			// Where the first one is dropped between the two statements, it is as if it had never come.
			if c, sealed, err = b.again(ctx, tx, req, now); !errors.Is(err, store.ErrNoRows) {
				return err
			}
		}
	})
	if err != nil || c != nil {
		return c, nil, err
	}
	first, err = req.open(sealed)
	return nil, first, err
}

// again finds what became of a request that came before.
func (b *Book) again(ctx context.Context, tx *store.Tx, req Request, now calendar.Instant) (*Claim, string, error) {
	c := Claim{req: req, until: now.Add(Lease)}
	var same, sealed string
	var until, status int64
	err := tx.QueryRow(ctx, `SELECT request, id, until, status, sealed FROM answers WHERE account = $1 AND name = $2`, req.Account, req.Key).
		Scan(&same, &c.ID, &until, &status, &sealed)
	switch {
	case err != nil:
		return nil, "", err
	case same != req.Same:
		return nil, "", ErrOther
	case status != 0:
		return nil, sealed, nil
	case calendar.Instant(until) > now:
		return nil, "", ErrRunning
	}
	n, err := tx.Exec(ctx, `UPDATE answers SET until = $1 WHERE account = $2 AND name = $3 AND status = 0 AND until = $4`, int64(c.until), req.Account, req.Key, until)
	if err == nil && n == 0 {
		err = ErrRunning
	}
	return &c, "", err
}

// Hold keeps a claim from running out until stop is called: for requests that take longer
// than the lease. Finish and Drop come after it.
func (b *Book) Hold(ctx context.Context, c *Claim) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var held sync.WaitGroup
	held.Go(func() {
		again := time.NewTicker(Lease / 3)
		defer again.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-again.C:
				_ = b.Renew(ctx, c) // if it fails, the next may not, and after that the lease is over
			}
		}
	})
	return func() {
		cancel()
		held.Wait()
	}
}

// Renew gives a claim a whole lease again, unless it ran out and another has it.
func (b *Book) Renew(ctx context.Context, c *Claim) error {
	until := calendar.At(b.Now()).Add(Lease)
	var n int64
	err := b.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		n, err = tx.Exec(ctx, `UPDATE answers SET until = $1 WHERE account = $2 AND name = $3 AND status = 0 AND until = $4`, int64(until), c.req.Account, c.req.Key, int64(c.until))
		return err
	})
	if err == nil && n == 0 {
		return ErrRunning
	}
	if err == nil {
		c.until = until
	}
	return err
}

// Finish remembers a claim's answer.
func (b *Book) Finish(ctx context.Context, c *Claim, a Answer) error {
	sealed, err := c.req.seal(a)
	if err != nil {
		return err
	}
	return b.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE answers SET status = $1, sealed = $2 WHERE account = $3 AND name = $4 AND until = $5`,
			a.Status, sealed, c.req.Account, c.req.Key, int64(c.until))
		return err
	})
}

// Drop gives a claim back whose request changed nothing.
func (b *Book) Drop(ctx context.Context, c *Claim) error {
	return b.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM answers WHERE account = $1 AND name = $2 AND status = 0 AND until = $3`, c.req.Account, c.req.Key, int64(c.until))
		return err
	})
}

// box is the cipher of a request's answer.
func (r *Request) box() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(r.Credential), []byte(r.Account), "florin answer\n"+r.Key, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (r *Request) seal(a Answer) (string, error) {
	box, err := r.box()
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(a)
	return base64.StdEncoding.EncodeToString(box.Seal(nil, nil, raw, nil)), err
}

func (r *Request) open(sealed string) (*Answer, error) {
	box, err := r.box()
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	if raw, err = box.Open(nil, nil, raw, nil); err != nil {
		return nil, ErrSealed
	}
	a := &Answer{}
	return a, json.Unmarshal(raw, a)
}
