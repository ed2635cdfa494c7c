package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// TestMain collects garbage as seldom as the server does, for the benchmarks: the floor beside the ledger, too.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(storetest.Run(m))
}

// noon is 2026-03-01T12:00:00Z, when most tests begin.
const noon token.Instant = 1772366400000

const (
	second token.Instant = 1000
	hour                 = 3600 * second
	day                  = 24 * hour
)

// rules are terms with a little of everything.
func rules() *token.Rules {
	return &token.Rules{
		Version: "test-1", Zone: "UTC", Default: "free",
		Plans: []token.Plan{
			{ID: "free", Name: "Free", Allowance: 150, Every: token.Day},
			{ID: "artisan", Name: "Artisan", Allowance: 1000000, Every: token.Month, DailyFloor: 150, Topups: true},
		},
		Promos: []token.Promo{{Code: "TEN", Tokens: 10, Limit: 3}, {Code: "ANY", Tokens: 1}},
		Gifts:  token.Gifts{Enabled: true},
	}
}

// house is a ledger on a database of its own.
type house struct {
	*ledger.Ledger
	db  *store.DB
	url string
}

// each runs a test with a ledger on both engines.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) { run(t, newHouse(t, url)) })
}

func newHouse(t testing.TB, url string) *house {
	db := storetest.Open(t, url)
	return &house{Ledger: newLedger(t, sqlstore.New(db), ledger.Options{}), db: db, url: url}
}

func newLedger(t testing.TB, s ledger.Store, o ledger.Options) *ledger.Ledger {
	l := ledger.New(s, rules, o)
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Errorf("closing the ledger: %v", err)
		}
	})
	return l
}

// ask makes a request.
func ask(account, key string, at token.Instant, c token.Command) ledger.Request {
	return ledger.Request{Account: account, Request: token.Request{Key: key, At: at, Command: c}}
}

// must submits and fails the test on a refusal.
func must(t testing.TB, l *ledger.Ledger, req ledger.Request) token.Receipt {
	t.Helper()
	receipt, err := l.Submit(context.Background(), req)
	if err != nil {
		t.Fatalf("%s of %s: %v", req.Command.Name(), req.Account, err)
	}
	return receipt
}

func open(t testing.TB, l *ledger.Ledger, account string) {
	t.Helper()
	must(t, l, ask(account, "open", noon, token.Open{Plan: "artisan"}))
}

// reason is why a command was refused, or "" for other errors and none.
func reason(err error) token.Reason {
	var r *token.Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

func wantReason(t testing.TB, err error, want token.Reason) {
	t.Helper()
	if got := reason(err); got != want {
		t.Errorf("refused with %q (%v), want %q", got, err, want)
	}
}

func balance(t testing.TB, l *ledger.Ledger, account string, at token.Instant) int64 {
	t.Helper()
	a, err := l.Account(context.Background(), account, at)
	if err != nil {
		t.Fatalf("reading %s: %v", account, err)
	}
	return rules().Balance(&a)
}

func TestT14HoldAndSettle(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		r := must(t, h.Ledger, ask("ann", "", noon+second, token.TakeHold{ID: "j1", Tokens: 100}))
		if r.Entry == nil || r.Entry.Seq != 2 || r.Replayed {
			t.Errorf("receipt of the hold: %+v", r)
		}
		used := int64(40)
		must(t, h.Ledger, ask("ann", "", noon+2*second, token.Settle{ID: "j1", Tokens: &used}))
		if got := balance(t, h.Ledger, "ann", noon+3*second); got != 1000000-40 {
			t.Errorf("balance %d", got)
		}
		entries, err := h.Journal(t.Context(), "ann", 0, 10)
		if err != nil || len(entries) != 3 {
			t.Fatalf("journal: %d entries, %v", len(entries), err)
		}
		for i := range entries {
			if entries[i].Hash != token.ChainHash(entries[i].Prev, entries[i].Bytes()) {
				t.Errorf("entry %d is not chained", i+1)
			}
		}
		tail, err := h.Journal(t.Context(), "ann", 2, 10)
		if err != nil || len(tail) != 1 || tail[0].Prev != entries[1].Hash {
			t.Errorf("journal after 2: %+v, %v", tail, err)
		}
	})
}

func TestUnknownAccountAndMissingKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, err := h.Submit(t.Context(), ask("nobody", "k", noon, token.CancelPlan{}))
		wantReason(t, err, token.UnknownAccount)
		_, err = h.Account(t.Context(), "nobody", noon)
		wantReason(t, err, token.UnknownAccount)
		var invalid *token.Invalid
		if _, err := h.Submit(t.Context(), ask("nobody", "", noon, token.CancelPlan{})); !errors.As(err, &invalid) || invalid.Field != "key" {
			t.Errorf("without a key: %v", err)
		}
		for _, bad := range []string{"", "a\x00b", "\xff"} {
			if _, err := h.Submit(t.Context(), ask(bad, "k", noon, token.CancelPlan{})); !errors.As(err, &invalid) || invalid.Field != "account" {
				t.Errorf("account %q: %v", bad, err)
			}
		}
		open(t, h.Ledger, "ann")
		if _, err := h.Submit(t.Context(), ask("ann", "", noon, token.TakeHold{ID: "a\x00b", Tokens: 1})); !errors.As(err, &invalid) || invalid.Field != "id" {
			t.Errorf("a hold's id with NUL: %v", err)
		}
		if r := must(t, h.Ledger, ask("ann", "", noon, token.Touch{})); r.Entry != nil {
			t.Errorf("a touch that changed nothing has entry %+v", r.Entry)
		}
	})
}

func TestT17RepeatsGetTheFirstReceipt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		again := must(t, h.Ledger, ask("ann", "open", noon+day, token.Open{Plan: "artisan"}))
		if !again.Replayed || again.Entry.Seq != 1 {
			t.Errorf("opening again: %+v", again)
		}
		first := must(t, h.Ledger, ask("ann", "k1", noon, token.TakeHold{ID: "j1", Tokens: 100}))
		must(t, h.Ledger, ask("ann", "", noon+second, token.Release{ID: "j1"}))
		second := must(t, h.Ledger, ask("ann", "k1", noon+day, token.TakeHold{ID: "j1", Tokens: 100}))
		if !second.Replayed || second.Entry.Hash != first.Entry.Hash || second.Entry.Prev != first.Entry.Prev {
			t.Errorf("repeat: %+v, first %+v", second.Entry, first.Entry)
		}
		_, err := h.Submit(t.Context(), ask("ann", "k1", noon, token.TakeHold{ID: "j1", Tokens: 101}))
		wantReason(t, err, token.IdempotencyConflict)
		_, err = h.Submit(t.Context(), ask("ann", "", noon, token.Settle{ID: "j1"}))
		wantReason(t, err, token.HoldClosed)
	})
}

func TestRepeatsInsideOneBatch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var reqs []ledger.Request
		for range 3 {
			reqs = append(reqs,
				ask("ann", "open", noon, token.Open{Plan: "artisan"}),
				ask("ann", "k", noon, token.MakeGrant{Kind: token.Bonus, Tokens: 5}),
				ask("ann", "", noon, token.TakeHold{ID: "j", Tokens: 7}))
		}
		receipts, errs := h.SubmitAll(t.Context(), reqs)
		for i, err := range errs {
			if err != nil {
				t.Fatalf("request %d: %v", i, err)
			}
			if want := i >= 3; receipts[i].Replayed != want {
				t.Errorf("request %d: replayed %t, want %t", i, receipts[i].Replayed, want)
			}
			if receipts[i].Entry.Hash != receipts[i%3].Entry.Hash {
				t.Errorf("request %d has another entry than its first", i)
			}
		}
		if got := balance(t, h.Ledger, "ann", noon); got != 1000000+5-7 {
			t.Errorf("balance %d", got)
		}
		verified(t, h.Ledger)
	})
}

// verified fails the test on any difference.
func verified(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	s, err := l.Verify(context.Background(), "", func(d ledger.Difference) { t.Errorf("verify: %s", d) })
	if err != nil || s.Differences != 0 {
		t.Errorf("verify: %+v, %v", s, err)
	}
}

func id(prefix string, n int) string { return fmt.Sprintf("%s%d", prefix, n) }
