package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

func TestManyCallers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		open(t, h.Ledger, "bob")
		var wg sync.WaitGroup
		for c := range 16 {
			wg.Go(func() {
				account := []string{"ann", "bob"}[c%2]
				for i := range 20 {
					hold := id(id("c", c)+"-", i)
					must(t, h.Ledger, ask(account, "", noon+second, token.TakeHold{ID: hold, Tokens: 3}))
					must(t, h.Ledger, ask(account, "", noon+second, token.Settle{ID: hold}))
				}
			})
		}
		wg.Wait()
		for _, account := range []string{"ann", "bob"} {
			if got := balance(t, h.Ledger, account, noon+second); got != 1000000-8*20*3 {
				t.Errorf("balance of %s: %d", account, got)
			}
		}
		verified(t, h.Ledger)
	})
}

// Two ledgers with connections of their own behave as two processes do.
func TestTwoLedgersOnOneDatabase(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := newHouse(t, h.url)
		houses := []*house{h, other}
		open(t, h.Ledger, "ann")
		var wg sync.WaitGroup
		var first atomic.Int64
		for c := range 8 {
			wg.Go(func() {
				for i := range 15 {
					// Every hold is asked for by all callers, through both ledgers.
					r, err := houses[(c+i)%2].Submit(context.Background(), ask("ann", "", noon, token.TakeHold{ID: id("h", i), Tokens: 10}))
					if err != nil {
						t.Errorf("hold %d: %v", i, err)
					} else if !r.Replayed {
						first.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if first.Load() != 15 {
			t.Errorf("%d holds were taken for the first time, want 15", first.Load())
		}
		for _, x := range houses {
			if got := balance(t, x.Ledger, "ann", noon); got != 1000000-150 {
				t.Errorf("balance %d", got)
			}
		}
		verified(t, h.Ledger)
	})
}

// What another process did counts at once, also for commands that would be refused and
// so write nothing by which a lost race would show.
func TestRefusalsAreNotOld(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := newHouse(t, h.url)
		must(t, h.Ledger, ask("ann", "open", noon, token.Open{Plan: "free"}))
		_, err := h.Submit(t.Context(), ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 200}))
		wantReason(t, err, token.InsufficientTokens)
		must(t, other.Ledger, ask("ann", "g", noon, token.MakeGrant{Kind: token.Bonus, Tokens: 100}))
		must(t, h.Ledger, ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 200}))
		must(t, other.Ledger, ask("ann", "", noon, token.Release{ID: "h"}))
		_, err = h.Submit(t.Context(), ask("ann", "", noon, token.TakeHold{ID: "i", Tokens: 251}))
		var refusal *token.Refusal
		if !errors.As(err, &refusal) || refusal.Balance != 250 {
			t.Errorf("refused with %v, want a balance of 250", err)
		}
		if r := must(t, h.Ledger, ask("ann", "", noon, token.Touch{})); r.Account.Seq != 4 {
			t.Errorf("a touch sees entry %d, want 4", r.Account.Seq)
		}
	})
}

func TestT26LimitHoldsUnderConcurrency(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := newHouse(t, h.url)
		houses := []*house{h, other}
		var reqs []ledger.Request
		for i := range 12 {
			reqs = append(reqs, ask(id("a", i), "open", noon, token.Open{}))
		}
		h.SubmitAll(t.Context(), reqs)
		var wg sync.WaitGroup
		var redeemed atomic.Int64
		for i := range 12 {
			wg.Go(func() {
				_, err := houses[i%2].Submit(context.Background(), ask(id("a", i), "r", noon, token.Redeem{Code: "TEN"}))
				switch {
				case err == nil:
					redeemed.Add(1)
				case reason(err) != token.CodeUsedUp:
					t.Errorf("account %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if redeemed.Load() != 3 {
			t.Errorf("redeemed %d times, want 3", redeemed.Load())
		}
		verified(t, h.Ledger)
	})
}

// gate is a side that tells when it runs and waits to be let on.
type gate struct{ here, on chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 1), make(chan struct{})} }

func (g gate) side(context.Context, *store.Tx, *token.Receipt) error {
	g.here <- struct{}{}
	<-g.on
	return nil
}

func TestCancelledBeforeItIsTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t))
	open(t, h.Ledger, "ann")
	g := newGate()
	held := ask("ann", "", noon, token.TakeHold{ID: "held", Tokens: 1})
	held.Side = g.side
	taken, cancelTaken := context.WithCancel(t.Context())
	answers := make(chan error, 2)
	go func() { _, err := h.Submit(taken, held); answers <- err }()
	<-g.here
	cancelTaken() // too late: the command is in a batch
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := h.Submit(ctx, ask("ann", "", noon, token.TakeHold{ID: "waiting", Tokens: 1}))
		answers <- err
	}()
	cancel()
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
	close(g.on)
	if err := <-answers; err != nil {
		t.Errorf("cancelled after it was taken: %v", err)
	}
	a, err := h.Account(t.Context(), "ann", noon)
	if _, ok := a.Hold("held"); !ok || len(a.Holds) != 1 || err != nil {
		t.Errorf("holds %+v, %v", a.Holds, err)
	}
}

func TestBusyWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t))
	l := newLedger(t, sqlstore.New(h.db), ledger.Options{Queue: 2, RetryAfter: 3 * time.Second})
	open(t, l, "ann")
	g := newGate()
	held := ask("ann", "", noon, token.TakeHold{ID: "held", Tokens: 1})
	held.Side = g.side
	done := make(chan error, 1)
	go func() { _, err := l.Submit(context.Background(), held); done <- err }()
	<-g.here
	var reqs []ledger.Request
	for i := range 5 {
		reqs = append(reqs, ask("ann", "", noon, token.TakeHold{ID: id("h", i), Tokens: 1}))
	}
	all := make(chan []error, 1)
	go func() { _, errs := l.SubmitAll(context.Background(), reqs); all <- errs }()
	var busy *ledger.Busy
	for { // until the two places are taken
		_, err := l.Submit(cancelled(), ask("ann", "", noon, token.TakeHold{ID: "x", Tokens: 1}))
		if errors.As(err, &busy) {
			break
		}
	}
	if busy.RetryAfter != 3*time.Second {
		t.Errorf("retry after %s", busy.RetryAfter)
	}
	close(g.on)
	if err := <-done; err != nil {
		t.Error(err)
	}
	took := 0
	for i, err := range <-all {
		switch {
		case err == nil:
			took++
		case !errors.As(err, &busy):
			t.Errorf("request %d: %v", i, err)
		}
	}
	if took > 2 {
		t.Errorf("%d commands were taken by a queue of 2", took)
	}
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestCloseAnswersWhatWasTaken(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	l := ledger.New(sqlstore.New(db), rules, ledger.Options{})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := l.Submit(context.Background(), ask(id("a", i), "open", noon, token.Open{}))
			if err != nil && !errors.Is(err, ledger.ErrClosed) {
				t.Errorf("account %d: %v", i, err)
			}
		})
	}
	if err := l.Close(context.Background()); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if _, err := l.Submit(context.Background(), ask("b", "open", noon, token.Open{})); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// Three processes that all want the same account get their turns: nobody is told of a conflict.
func TestManyProcessesWantOneAccount(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	first := newHouse(t, url)
	open(t, first.Ledger, "ann")
	var wg sync.WaitGroup
	for p := range 3 {
		l := newHouse(t, url).Ledger
		for c := range 8 {
			wg.Go(func() {
				for i := range 40 {
					name := fmt.Sprint(p, "-", c, "-", i)
					if _, err := l.Submit(t.Context(), ask("ann", "", noon, token.Charge{ID: name, Tokens: 1})); err != nil {
						t.Errorf("%s: %v", name, err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
	a, err := first.Account(t.Context(), "ann", noon)
	if err != nil || rules().Balance(&a) != 1000000-3*8*40 {
		t.Errorf("a balance of %d, %v", rules().Balance(&a), err)
	}
	verified(t, first.Ledger)
}
