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

// What is told of commands is written with them or not at all, once, and not of repeats.
func TestTellingSharesTheTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		broken := errors.New("can't be told")
		tell := func(rules *token.Rules, before *token.Account, d *token.Decision) ledger.Telling {
			e := &d.Entries[len(d.Entries)-1]
			if e.Kind != "hold" {
				return nil
			}
			if rules == nil || before.Seq+int64(len(d.Entries)) != e.Seq || d.Account.Seq != e.Seq {
				t.Errorf("told of entry %d after %d", e.Seq, before.Seq)
			}
			return func(ctx context.Context, tx *store.Tx) error {
				if err := note(e.Hold.ID)(ctx, tx, nil); err != nil || e.Hold.Tokens != 13 {
					return err
				}
				return broken
			}
		}
		l := newLedger(t, sqlstore.New(db), ledger.Options{Tell: tell})
		open(t, l, "ann")
		hold := func(id string, tokens int64) ledger.Request {
			return ask("ann", "", noon, token.TakeHold{ID: id, Tokens: tokens})
		}
		failing := hold("c", 10)
		failing.Side = func(context.Context, *store.Tx, *token.Receipt) error { return broken }
		_, errs := l.SubmitAll(t.Context(), []ledger.Request{hold("a", 10), hold("b", 13), failing, hold("a", 10), hold("d", 10)})
		for i, want := range []error{nil, broken, broken, nil, nil} {
			if !errors.Is(errs[i], want) {
				t.Errorf("command %d: %v, want %v", i, errs[i], want)
			}
		}
		if n := notes(t, db); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
		a, err := l.Account(t.Context(), "ann", noon)
		if err != nil || a.Held() != 20 {
			t.Errorf("%d held, %v", a.Held(), err)
		}
	})
}
