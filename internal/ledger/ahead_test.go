package ledger_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// ender is a store whose transactions wait at their end, and may fail there.
type ender struct {
	ledger.Store
	ends chan error
}

func (g *ender) Write(ctx context.Context, fn func(context.Context, ledger.Writer) error, written func()) error {
	return g.Store.Write(ctx, func(ctx context.Context, w ledger.Writer) error {
		if g.ends == nil {
			return fn(ctx, w)
		}
		if err := fn(ctx, separate{w}); err != nil {
			return err
		}
		return <-g.ends
	}, written)
}

// separate has a transaction committed by itself, after all that is written in it.
type separate struct{ ledger.Writer }

func (s separate) Append(ctx context.Context, changes []ledger.Change, _ bool) error {
	return s.Writer.Append(ctx, changes, false)
}

// While a commit is on its way the next one is decided, on what the first one leaves behind; if that fails, or
// is written otherwise than it was sent, the next one is decided anew.
func TestNextCommitIsDecidedAhead(t *testing.T) {
	broken := errors.New("no more")
	for name, ends := range map[string][]error{
		"both are written":      {nil, nil},
		"the first one fails":   {broken, nil},
		"the first one repeats": {ledger.ErrConflict, nil, nil},
		"both fail":             {broken, broken},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				db := h.db
				g := &ender{Store: sqlstore.New(db)}
				decided := make(chan struct{}, 9)
				l := newLedger(t, g, ledger.Options{Batch: 2, Decided: func() { decided <- struct{}{} }})
				open(t, l, "ann")
				g.ends = make(chan error)
				reqs := make([]ledger.Request, 4)
				for i := range reqs {
					reqs[i] = ask("ann", "", noon+1, token.TakeHold{ID: id("h", i), Tokens: 1})
				}
				var receipts []token.Receipt
				var errs []error
				var wg sync.WaitGroup
				wg.Go(func() { receipts, errs = l.SubmitAll(context.Background(), reqs) })
				<-decided // while the first one waits
				for _, err := range ends {
					g.ends <- err
				}
				close(g.ends)
				wg.Wait()
				seq := int64(1)
				for i, err := range errs {
					if ends[0] == broken && i < 2 || ends[1] == broken && i >= 2 {
						if !errors.Is(err, broken) {
							t.Errorf("command %d: %v", i, err)
						}
						continue
					}
					if seq++; err != nil || receipts[i].Entry == nil || receipts[i].Entry.Seq != seq || receipts[i].Replayed {
						t.Errorf("command %d: %v, %+v, want entry %d", i, err, receipts[i].Entry, seq)
					}
				}
				if n := entriesOf(t, db, "ann"); n != seq {
					t.Errorf("%d entries, want %d", n, seq)
				}
				g.ends = nil
				verified(t, l)
			})
		})
	}
}

// What needs the store is not decided ahead, and gets its answer all the same.
func TestWhatNeedsTheStoreIsDecidedLater(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := &ender{Store: sqlstore.New(h.db)}
		decided := make(chan struct{}, 9)
		l := newLedger(t, g, ledger.Options{Batch: 2, Decided: func() { decided <- struct{}{} }})
		open(t, l, "ann")
		must(t, l, ask("ann", "", noon, token.TakeHold{ID: "old", Tokens: 1}))
		must(t, l, ask("ann", "", noon, token.Settle{ID: "old"}))
		for i, second := range []struct {
			req    ledger.Request
			reason token.Reason
		}{
			{ask("ann", "", noon, token.Settle{ID: "old"}), ""},                                 // a repeat, which its names tell
			{ask("ann", "", noon, token.Release{ID: "old"}), token.HoldClosed},                  // refused for what is past
			{ask("nobody", "", noon, token.TakeHold{ID: "x", Tokens: 1}), token.UnknownAccount}, // an account that is in no memory
			{ledger.Request{Account: "ann", Request: token.Request{At: noon, Command: token.TakeHold{ID: "side", Tokens: 1}},
				Side: func(context.Context, *store.Tx, *token.Receipt) error { return nil }}, ""},
		} {
			g.ends = make(chan error)
			reqs := []ledger.Request{
				ask("ann", "", noon, token.TakeHold{ID: id("a", i), Tokens: 1}), ask("ann", "", noon, token.TakeHold{ID: id("b", i), Tokens: 1}),
				second.req, ask("ann", "", noon, token.TakeHold{ID: id("c", i), Tokens: 1}),
			}
			var errs []error
			var wg sync.WaitGroup
			wg.Go(func() { _, errs = l.SubmitAll(context.Background(), reqs) })
			<-decided
			close(g.ends)
			wg.Wait()
			g.ends = nil
			var refusal *token.Refusal
			if second.reason == "" && errs[2] != nil || second.reason != "" && (!errors.As(errs[2], &refusal) || refusal.Reason != second.reason) {
				t.Errorf("command %d: %v, want %q", i, errs[2], second.reason)
			}
			for _, j := range []int{0, 1, 3} {
				if errs[j] != nil {
					t.Errorf("beside command %d: %v", i, errs[j])
				}
			}
		}
		verified(t, l)
	})
}
