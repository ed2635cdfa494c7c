package ledger_test

import (
	"context"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// On PostgreSQL the row of an account that stays in memory is written with each seventeenth entry. Whoever has
// to read an account finds few entries behind its row all the same, and repeats are found in both (T17).
func TestRowOfAnAccountThatIsReadIsNotFarBehind(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	db := storetest.Open(t, url)
	s := sqlstore.New(db)
	behind := func() int {
		t.Helper()
		rows, err := s.Accounts(t.Context(), []string{"ann"})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		return len(rows[0].Since)
	}
	// charge is one with a key of its own, and its repeat, by a ledger that knows nothing yet.
	charge := func(i int) {
		t.Helper()
		l := ledger.New(s, rules, ledger.Options{})
		defer l.Close(context.Background())
		req := ask("ann", id("key-", i), noon, token.Charge{ID: id("c", i), Tokens: 1})
		if r := must(t, l, req); r.Replayed {
			t.Fatalf("charge %d is a repeat", i)
		}
		if r := must(t, l, req); !r.Replayed || r.Entry.Seq != int64(i+2) {
			t.Fatalf("charge %d again: %+v", i, r)
		}
	}
	warm := ledger.New(s, rules, ledger.Options{})
	open(t, warm, "ann")
	n := 0
	for range 15 {
		must(t, warm, ask("ann", id("key-", n), noon, token.Charge{ID: id("c", n), Tokens: 1}))
		n++
	}
	if b := behind(); b != 15 {
		t.Errorf("the row of an account that stayed in memory is %d entries behind, want 15", b)
	}
	if err := warm.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	most := 0
	for i := range 40 {
		charge(n)
		n++
		if i > 0 {
			most = max(most, behind())
		}
	}
	if most < 1 || most > 4 {
		t.Errorf("the row of an account that is read each time is up to %d entries behind, want 1 to 4", most)
	}
	l := ledger.New(s, rules, ledger.Options{})
	defer l.Close(context.Background())
	for i := range n {
		if r := must(t, l, ask("ann", id("key-", i), noon, token.Charge{ID: id("c", i), Tokens: 1})); !r.Replayed || r.Entry.Seq != int64(i+2) {
			t.Fatalf("charge %d again, at last: %+v", i, r)
		}
	}
	verified(t, l)
}
