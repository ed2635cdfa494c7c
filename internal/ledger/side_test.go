package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// note is a side that writes a row of its own.
func note(name string) func(context.Context, *store.Tx, *token.Receipt) error {
	return func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
		_, err := tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ($1, 0)", "side-"+name)
		return err
	}
}

func notes(t *testing.T, db *store.DB) (n int64) {
	t.Helper()
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM promos WHERE code >= 'side-' AND code < 'side.'").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSideRowsShareTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		broken := errors.New("no such job")
		sides := []func(context.Context, *store.Tx, *token.Receipt) error{
			note("good"),
			func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				if err := note("bad")(ctx, tx, r); err != nil {
					return err
				}
				return broken
			},
			func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				if err := note("worse")(ctx, tx, r); err != nil {
					return err
				}
				panic("oops")
			},
			note("good"), // the same key again: refused by the database
			func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				note("good")(ctx, tx, r) // forgiven, which PostgreSQL does not do
				return nil
			},
			nil,
		}
		var reqs []ledger.Request
		for i, side := range sides {
			req := ask("ann", "", noon, token.TakeHold{ID: id("h", i), Tokens: 10})
			req.Side = side
			reqs = append(reqs, req)
		}
		_, errs := h.SubmitAll(t.Context(), reqs)
		var panicked *ledger.Panicked
		switch {
		case errs[0] != nil || errs[5] != nil:
			t.Errorf("good sides: %v, %v", errs[0], errs[5])
		case !errors.Is(errs[1], broken):
			t.Errorf("failing side: %v", errs[1])
		case !errors.As(errs[2], &panicked) || panicked.Value != "oops":
			t.Errorf("panicking side: %v", errs[2])
		case !errors.Is(errs[3], store.ErrUnique):
			t.Errorf("side against a key: %v", errs[3])
		}
		if n := notes(t, h.db); n != 1 {
			t.Errorf("%d rows of sides, want 1", n)
		}
		a, _ := h.Account(t.Context(), "ann", noon)
		for i, err := range errs {
			if _, ok := a.Hold(id("h", i)); ok != (err == nil) {
				t.Errorf("hold %d is there: %t, its error %v", i, ok, err)
			}
		}
		// A repeat does not run its side again.
		if r := must(t, h.Ledger, reqs[0]); !r.Replayed {
			t.Error("the repeat was applied")
		}
		clean(t, h.db)
		verified(t, h.Ledger)
	})
}

// clean removes the sides' rows, which stand among the codes.
func clean(t *testing.T, db *store.DB) {
	t.Helper()
	exec(t, db, "DELETE FROM promos WHERE code >= 'side-' AND code < 'side.'")
}

func exec(t *testing.T, db *store.DB, sql string, args ...any) {
	t.Helper()
	err := db.Write(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, sql, args...)
		if err == nil && n == 0 {
			t.Errorf("%s: no row changed", sql)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestT27TransferIsAtomic(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		open(t, h.Ledger, "bob")
		must(t, h.Ledger, ask("ann", "", noon, token.MakeGrant{ID: "t", Kind: token.Topup, Tokens: 100}))
		ctx := t.Context()
		give := func(giftID, to, key string) error {
			_, err := h.Transfer(ctx, "ann", token.SendGift{ID: giftID, To: to, Tokens: 30}, token.Request{Key: key, At: noon + second})
			return err
		}
		if err := give("g1", "bob", "k1"); err != nil {
			t.Fatal(err)
		}
		wantReason(t, give("g2", "nobody", "k2"), token.UnknownAccount)
		if err := give("g1", "bob", "k1"); err != nil {
			t.Errorf("the same gift again: %v", err)
		}
		wantReason(t, give("g1", "bob", "k3"), token.IdempotencyConflict)
		failing := ask("ann", "k4", noon+second, token.SendGift{ID: "g4", To: "bob", Tokens: 30})
		failing.Side = func(context.Context, *store.Tx, *token.Receipt) error { return errors.New("no") }
		if _, err := h.Submit(ctx, failing); err == nil {
			t.Error("a failing side let a gift pass")
		}
		_, err := h.Submit(ctx, ask("bob", "k5", noon, token.ReceiveGift{ID: "x", From: "ann", Parts: []token.GiftPart{{Tokens: 5}}}))
		var invalid *token.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("receiving without sending: %v", err)
		}
		if a, b := balance(t, h.Ledger, "ann", noon+second), balance(t, h.Ledger, "bob", noon+second); a != 1000070 || b != 1000030 {
			t.Errorf("balances %d and %d", a, b)
		}
		verified(t, h.Ledger)
	})
}

// lossy commits, or does not, and says that it does not know.
type lossy struct {
	ledger.Store
	lose chan bool // whether the commit reaches the disk
}

func (s *lossy) Write(ctx context.Context, fn func(context.Context, ledger.Writer) error, written func()) error {
	select {
	case done := <-s.lose:
		if !done {
			err := s.Store.Write(ctx, func(ctx context.Context, w ledger.Writer) error {
				if err := fn(ctx, w); err != nil {
					return err
				}
				return errors.New("torn")
			}, nil)
			if err.Error() != "torn" {
				return err
			}
		} else if err := s.Store.Write(ctx, fn, written); err != nil {
			return err
		}
		return ledger.ErrUnknown
	default:
		return s.Store.Write(ctx, fn, written)
	}
}

func TestT32LostCommitIsFoundOut(t *testing.T) {
	t.Parallel()
	for _, reached := range []bool{true, false} {
		t.Run(map[bool]string{true: "written", false: "not written"}[reached], func(t *testing.T) {
			t.Parallel()
			db := storetest.Open(t, storetest.SQLite(t))
			s := &lossy{Store: sqlstore.New(db), lose: make(chan bool, 1)}
			l := newLedger(t, s, ledger.Options{})
			open(t, l, "ann")
			s.lose <- reached
			req := ask("ann", "k", noon, token.TakeHold{ID: "h", Tokens: 10})
			runs := 0
			req.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				runs++
				return note("job")(ctx, tx, r)
			}
			receipt := must(t, l, req)
			if receipt.Replayed || receipt.Entry == nil || receipt.Entry.Seq != 2 {
				t.Errorf("receipt %+v", receipt)
			}
			if want := map[bool]int{true: 1, false: 2}[reached]; runs != want {
				t.Errorf("the side ran %d times, want %d", runs, want)
			}
			if n := notes(t, db); n != 1 {
				t.Errorf("%d rows of the side", n)
			}
			clean(t, db)
			verified(t, l)
		})
	}
}
