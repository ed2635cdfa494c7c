package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// TestBigBatches: batches that are written in parts while they are decided give the
// same as commands one by one: repeats, refusals, failing sides and lost races included.
func TestBigBatches(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		const accounts = 60
		var opening, reqs []ledger.Request
		for i := range accounts {
			opening = append(opening, ask(id("a", i), "open", noon, token.Open{Plan: "artisan"}))
		}
		no := errors.New("no")
		for i := range accounts {
			account := id("a", i)
			req := ask(account, "k", noon, token.TakeHold{ID: "h", Tokens: 5})
			req.Side = note(account)
			failing := ask(account, "", noon, token.TakeHold{ID: "never", Tokens: 5})
			failing.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				if err := note("never")(ctx, tx, r); err != nil {
					return err
				}
				return no
			}
			reqs = append(reqs, req, failing, req,
				ask(account, "", noon, token.Settle{ID: "h"}),
				ask(account, "", noon, token.Settle{ID: "none"}),
				ask(account, "refund", noon, token.Refund{ID: "h", Tokens: 2, Reason: "dark"}))
		}
		if _, errs := h.SubmitAll(t.Context(), opening); errors.Join(errs...) != nil {
			t.Fatal(errors.Join(errs...))
		}
		// Another ledger changes some accounts behind this one's cache.
		other := newHouse(t, h.url)
		for i := 0; i < accounts; i += 20 {
			must(t, other.Ledger, ask(id("a", i), "", noon, token.Charge{ID: "behind", Tokens: 1}))
		}
		for round := range 2 {
			receipts, errs := h.SubmitAll(t.Context(), reqs)
			for i := range reqs {
				switch place := i % 6; place {
				case 1:
					if !errors.Is(errs[i], no) {
						t.Errorf("round %d, request %d: %v", round, i, errs[i])
					}
				case 4:
					wantReason(t, errs[i], token.UnknownHold)
				default:
					if want := round == 1 || place == 2; errs[i] != nil || receipts[i].Replayed != want {
						t.Errorf("round %d, request %d: replayed %t, %v", round, i, receipts[i].Replayed, errs[i])
					}
				}
			}
		}
		if n := notes(t, h.db); n != accounts {
			t.Errorf("%d rows of sides, want %d", n, accounts)
		}
		for i := range accounts {
			want := int64(1000000 - 5 + 2)
			if i%20 == 0 {
				want--
			}
			if got := balance(t, h.Ledger, id("a", i), noon); got != want {
				t.Errorf("balance of %d: %d, want %d", i, got, want)
			}
		}
		clean(t, h.db)
		verified(t, h.Ledger)
	})
}
