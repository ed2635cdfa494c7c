package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// Access is who a request with a key acts as.
type Access struct {
	// Person is whose key it is; the zero Person for a service key.
	Person Person
	Key    Key
}

// ErrExpired is a key whose time is over. It is also ErrUnknown.
var ErrExpired = fmt.Errorf("the key has expired (%w)", ErrUnknown)

// memory is how long a key is known without asking the database: a key revoked by
// another process works that much longer.
const memory = 500 * time.Millisecond

// seen remembers the keys used last, so that a request costs no reading of the database.
type seen struct {
	mu   sync.Mutex
	keys map[[sha256.Size]byte]*known
}

// known is a key as it was read at some time. Its lock is held while it is read, so that
// many requests at once read it once.
type known struct {
	mu     sync.Mutex
	access Access
	err    error
	at     time.Time
}

// mostKnown bounds how many secrets are remembered, wrong ones included.
const mostKnown = 10_000

func (c *seen) of(hash [sha256.Size]byte) *known {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.keys[hash]
	if k == nil {
		if c.keys == nil || len(c.keys) >= mostKnown {
			c.keys = map[[sha256.Size]byte]*known{}
		}
		k = &known{}
		c.keys[hash] = k
	}
	return k
}

func (c *seen) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = nil
}

// ByKey finds the person a key belongs to and notes its use. A service key is nobody's.
func (s *Service) ByKey(ctx context.Context, secret string) (Person, error) {
	a, err := s.Authenticate(ctx, secret)
	if err == nil && a.Key.Service {
		err = ErrUnknown
	}
	return a.Person, err
}

// Authenticate finds what a key may do and for whom, and notes its use. A revoked key
// stops working at once in this process, and within a second in others. The error is
// ErrUnknown, ErrExpired, or a failure of the store.
func (s *Service) Authenticate(ctx context.Context, secret string) (Access, error) {
	hash := sha256.Sum256([]byte(secret))
	k := s.seen.of(hash)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := s.Now()
	if age := now.Sub(k.at); k.at.IsZero() || age < 0 || age >= memory {
		k.access, k.err = s.readKey(ctx, hex.EncodeToString(hash[:]))
		k.at = now
		if k.err != nil {
			k.at = time.Time{} // a failure, or a key that may be made any moment, is not remembered
			return Access{}, k.err
		}
	}
	if e := k.access.Key.Expires; e != 0 && calendar.At(now) >= e {
		return Access{}, ErrExpired
	}
	return k.access, s.used(ctx, k, calendar.At(now))
}

func (s *Service) readKey(ctx context.Context, hash string) (a Access, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		a = Access{}
		var scopes string
		if err := tx.QueryRow(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE k.hash = $1`, hash).Scan(a.Key.into(&scopes)...); err != nil {
			return noRows(err)
		}
		a.Key.Scopes = split(scopes)
		if a.Key.Service {
			return nil
		}
		a.Person, err = scanPerson(tx.QueryRow(ctx, `SELECT `+personColumns+` FROM people WHERE id = $1`, a.Key.Person))
		return err
	})
	return a, err
}

// lastUsedGrain is how exactly the last use of a key is remembered, in milliseconds:
// a write for each request would cost more than the request.
const lastUsedGrain = 60_000

// used notes the use of a key.
func (s *Service) used(ctx context.Context, k *known, now calendar.Instant) error {
	key := &k.access.Key
	if int64(now-key.LastUsed) < lastUsedGrain && now >= key.LastUsed {
		return nil
	}
	key.LastUsed = now
	return s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE api_keys SET last_used = $1 WHERE id = $2`, int64(now), key.ID)
		return err
	})
}
