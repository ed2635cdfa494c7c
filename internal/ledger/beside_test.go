package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// with is a request with a side that writes a row which may be there once only.
func with(req ledger.Request, name string) ledger.Request {
	req.Side = note(name)
	return req
}

// ways are how a command may come to a ledger: by itself, or with another one in its commit.
var ways = map[string]func(h *house, req ledger.Request) (token.Receipt, error){
	"alone": func(h *house, req ledger.Request) (token.Receipt, error) { return h.Submit(context.Background(), req) },
	"together": func(h *house, req ledger.Request) (token.Receipt, error) {
		receipts, errs := h.SubmitAll(context.Background(), []ledger.Request{req, ask("nobody", "", noon, token.Touch{})})
		return receipts[0], errs[0]
	},
}

func eachWay(t *testing.T, run func(t *testing.T, h *house, submit func(*house, ledger.Request) (token.Receipt, error))) {
	t.Parallel()
	for name, submit := range ways {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) { run(t, h, submit) })
		})
	}
}

func wantRepeat(t *testing.T, r token.Receipt, err error) {
	t.Helper()
	if err != nil || !r.Replayed {
		t.Errorf("want a repeat: replayed %t, %v", r.Replayed, err)
	}
}

// A ledger that is asked to repeat what another one did finds that, also where it knows the account
// from before, so that its side runs and meets the row of the first time.
func TestSideOfARepeatElsewhere(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, submit func(*house, ledger.Request) (token.Receipt, error)) {
		other := newHouse(t, h.url)
		open(t, h.Ledger, "ann")
		must(t, other.Ledger, ask("ann", "", noon, token.TakeHold{ID: "before", Tokens: 1}))
		hold := with(ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 10}), "job")
		if r := must(t, h.Ledger, hold); r.Replayed {
			t.Error("the first time is a repeat")
		}
		r, err := submit(other, hold)
		wantRepeat(t, r, err)
		clean(t, h.db)
		verified(t, h.Ledger)
	})
}

// A hold that has ended is not in the account any more, but it was there.
func TestSideOfARepeatAfterTheEnd(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, submit func(*house, ledger.Request) (token.Receipt, error)) {
		open(t, h.Ledger, "ann")
		hold := with(ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 10}), "job")
		must(t, h.Ledger, hold)
		must(t, h.Ledger, ask("ann", "", noon, token.Settle{ID: "h"}))
		r, err := submit(h, hold)
		wantRepeat(t, r, err)
		if _, err := submit(h, with(ask("ann", "", noon, token.TakeHold{ID: "i", Tokens: 10}), "job")); !errors.Is(err, store.ErrUnique) {
			t.Errorf("another hold with the same row: %v", err)
		}
		clean(t, h.db)
		verified(t, h.Ledger)
	})
}

// The same command comes to two ledgers at the same time: one of them waits for what the other one writes beside it.
func TestSidesOfTheSameCommandAtOnce(t *testing.T) {
	eachWay(t, func(t *testing.T, h *house, submit func(*house, ledger.Request) (token.Receipt, error)) {
		other := newHouse(t, h.url)
		open(t, h.Ledger, "ann")
		for name, req := range map[string]ledger.Request{
			"hold": ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 10}),
			"open": ask("bob", "open", noon, token.Open{Plan: "free"}),
		} {
			first, second := req, req
			g := newGate()
			first.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				if err := note(name)(ctx, tx, r); err != nil {
					return err
				}
				return g.side(ctx, tx, r)
			}
			began := make(chan struct{}, 10)
			second.Side = func(ctx context.Context, tx *store.Tx, r *token.Receipt) error {
				began <- struct{}{}
				return note(name)(ctx, tx, r)
			}
			answers := make(chan error, 1)
			go func() { _, err := h.Submit(context.Background(), first); answers <- err }()
			<-g.here
			go func() {
				if h.db.Engine() == "postgres" {
					<-began // SQLite lets nobody in meanwhile
				}
				close(g.on)
			}()
			r, err := submit(other, second)
			wantRepeat(t, r, err)
			if err := <-answers; err != nil {
				t.Errorf("%s: the first one: %v", name, err)
			}
		}
		clean(t, h.db)
		verified(t, h.Ledger)
	})
}
