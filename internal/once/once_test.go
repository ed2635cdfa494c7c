package once_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func each(t *testing.T, run func(t *testing.T, b *once.Book, forward func(time.Duration))) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		run(t, &once.Book{DB: storetest.Open(t, url), Now: func() time.Time { return now }}, func(d time.Duration) { now = now.Add(d) })
	})
}

var request = once.Request{Account: "ada", Key: "k", Same: "make a key", Credential: "secret"}

func claim(t *testing.T, b *once.Book, r once.Request) *once.Claim {
	t.Helper()
	c, a, err := b.Begin(t.Context(), r)
	if err != nil || a != nil || c == nil || c.ID == "" {
		t.Fatalf("claim %+v, answer %+v, %v", c, a, err)
	}
	return c
}

func TestARepeatIsToldTheFirstAnswer(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, forward func(time.Duration)) {
		ctx := t.Context()
		c := claim(t, b, request)
		if _, _, err := b.Begin(ctx, request); !errors.Is(err, once.ErrRunning) {
			t.Errorf("while it runs: %v", err)
		}
		told := once.Answer{Status: 201, Header: map[string]string{"Content-Type": "application/json"}, Body: []byte(`{"key":"very secret"}`)}
		if err := b.Finish(ctx, c, told); err != nil {
			t.Fatal(err)
		}
		if _, first, err := b.Begin(ctx, request); err != nil || !reflect.DeepEqual(*first, told) {
			t.Errorf("%+v %v", first, err)
		}
		other := request
		other.Same = "make another key"
		if _, _, err := b.Begin(ctx, other); !errors.Is(err, once.ErrOther) {
			t.Errorf("another request: %v", err)
		}
		session := request
		session.Credential = "a session"
		if _, _, err := b.Begin(ctx, session); !errors.Is(err, once.ErrSealed) {
			t.Errorf("another credential: %v", err)
		}
		eve := request
		eve.Account = "eve"
		if claim(t, b, eve).ID == c.ID {
			t.Error("two accounts share an id")
		}
		forward(once.Life + time.Second)
		if claim(t, b, request).ID == c.ID {
			t.Error("after its day the key still means what it did")
		}
	})
}

func TestWhatChangedNothingIsNotRemembered(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, _ func(time.Duration)) {
		if err := b.Drop(t.Context(), claim(t, b, request)); err != nil {
			t.Fatal(err)
		}
		other := request
		other.Same = "the right request"
		claim(t, b, other)
	})
}

// After a crash the request runs again with the same id, and whoever took that long to
// answer speaks for it no more.
func TestACrashKeepsTheID(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, forward func(time.Duration)) {
		died := claim(t, b, request)
		forward(once.Lease + time.Millisecond)
		c := claim(t, b, request)
		if c.ID != died.ID {
			t.Errorf("id %s, then %s", died.ID, c.ID)
		}
		if err := errors.Join(b.Finish(t.Context(), died, once.Answer{Status: 500}), b.Drop(t.Context(), died)); err != nil {
			t.Fatal(err)
		}
		if err := b.Finish(t.Context(), c, once.Answer{Status: 204}); err != nil {
			t.Fatal(err)
		}
		if _, first, err := b.Begin(t.Context(), request); err != nil || first.Status != 204 {
			t.Errorf("%+v %v", first, err)
		}
	})
}

func TestOneOfManyRuns(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, _ func(time.Duration)) {
		var ran atomic.Int64
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				c, a, err := b.Begin(context.WithoutCancel(t.Context()), request)
				switch {
				case c != nil:
					ran.Add(1)
				case a != nil || !errors.Is(err, once.ErrRunning):
					t.Errorf("%+v %v", a, err)
				}
			})
		}
		all.Wait()
		if ran.Load() != 1 {
			t.Errorf("%d ran", ran.Load())
		}
	})
}

// Nobody who reads the database reads an answer.
func TestAnswersAreSealed(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, _ func(time.Duration)) {
		if err := b.Finish(t.Context(), claim(t, b, request), once.Answer{Status: 201, Body: []byte("very secret")}); err != nil {
			t.Fatal(err)
		}
		var kept string
		err := b.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT sealed FROM answers WHERE account = $1`, "ada").Scan(&kept)
		})
		if err != nil || kept == "" || strings.Contains(kept, "very secret") || strings.Contains(kept, "dmVyeSBzZWNyZXQ") {
			t.Errorf("kept %q, %v", kept, err)
		}
	})
}

// A claim that is renewed lasts, and one that ran out is not taken back.
func TestAClaimIsRenewed(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, forward func(time.Duration)) {
		ctx := t.Context()
		c := claim(t, b, request)
		for range 3 {
			forward(once.Lease * 2 / 3)
			if err := b.Renew(ctx, c); err != nil {
				t.Fatal(err)
			}
			if _, _, err := b.Begin(ctx, request); !errors.Is(err, once.ErrRunning) {
				t.Errorf("renewed: %v", err)
			}
		}
		forward(2 * once.Lease)
		other := claim(t, b, request)
		if err := b.Renew(ctx, c); other.ID != c.ID || !errors.Is(err, once.ErrRunning) {
			t.Errorf("a claim that another has: %v", err)
		}
		stop := b.Hold(ctx, other)
		stop()
		if err := b.Finish(ctx, other, once.Answer{Status: 201}); err != nil {
			t.Fatal(err)
		}
		if _, first, err := b.Begin(ctx, request); err != nil || first == nil || first.Status != 201 {
			t.Errorf("%+v %v", first, err)
		}
	})
}

func TestKeysAreChecked(t *testing.T) {
	for key, ok := range map[string]bool{"a": true, "~!": true, strings.Repeat("k", once.MaxKey): true, "": false, strings.Repeat("k", once.MaxKey+1): false, "a b": false, "ä": false, "a\n": false} {
		if err := once.CheckKey(key); (err == nil) != ok {
			t.Errorf("%.20q: %v", key, err)
		}
	}
}

// TestARepeatWhileTheFirstIsDropped asks with one key again and again while others drop it: each time it
// is either carried out or told that another one runs.
func TestARepeatWhileTheFirstIsDropped(t *testing.T) {
	each(t, func(t *testing.T, b *once.Book, _ func(time.Duration)) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 60 {
					c, first, err := b.Begin(t.Context(), request)
					switch {
					case errors.Is(err, once.ErrRunning):
						continue
					case err == nil && first == nil:
						err = b.Drop(t.Context(), c)
					}
					if err != nil {
						t.Errorf("%+v, %v", first, err)
						return
					}
				}
			})
		}
		all.Wait()
	})
}
