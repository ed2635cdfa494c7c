package token_test

import (
	"strconv"
	"testing"

	"github.com/florin-studio/florin/token"
)

// T1, T29: what is owed is at most Max too, and what running jobs may add to it when they
// settle has its place from the moment that the dispute is lost.
func TestT1OwedHasABound(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "basic")
	s.rules.Owed = token.OwedIgnore
	s.do(at, token.Charge{ID: "all", Tokens: 1000})
	spent := func(id string, n int64) {
		s.do(at, token.MakeGrant{ID: id, Kind: token.Topup, Tokens: n})
		s.do(at, token.Charge{ID: "c-" + id, Tokens: n})
	}
	spent("most", token.Max-100)
	s.do(at, token.Dispute{Grant: "most", State: token.DisputeLost})
	spent("more", 101)
	s.refused(at, token.Dispute{Grant: "more", State: token.DisputeLost}, token.Overflow)
	s.sees(at, 0, 0, token.Max-100)

	s.do(at, token.MakeGrant{ID: "running", Kind: token.Topup, Tokens: 101})
	s.do(at, token.TakeHold{ID: "r", Tokens: 101})
	s.refused(at, token.Dispute{Grant: "running", State: token.DisputeLost}, token.Overflow)
	s.do(at, token.Settle{ID: "r"})

	s.do(at, token.MakeGrant{ID: "held", Kind: token.Topup, Tokens: 90})
	s.do(at, token.TakeHold{ID: "h", Tokens: 60})
	s.do(at, token.Dispute{Grant: "held", State: token.DisputeLost})
	spent("last", 50)
	s.refused(at, token.Dispute{Grant: "last", State: token.DisputeLost}, token.Overflow)
	s.do(at, token.Settle{ID: "h", Tokens: amount(55)})
	s.sees(at, 0, 0, token.Max-45)
	s.refused(at, token.Dispute{Grant: "last", State: token.DisputeLost}, token.Overflow)
	s.do(at, token.Refund{ID: "c-most", Tokens: 5})
	s.do(at, token.Dispute{Grant: "last", State: token.DisputeLost})
	s.sees(at, 0, 0, token.Max)
}

// T1, T27: without a daily limit, what is given in a day has a bound all the same.
func TestT1GiftedHasABound(t *testing.T) {
	t.Parallel()
	r := plansOf()
	var b token.Book
	now, n := when("2026-05-10 12:00"), 0
	submit := func(account string, c token.Command) error {
		n++
		_, err := b.Submit(&r, account, token.Request{Key: strconv.Itoa(n), At: now, Command: c})
		return err
	}
	for i, step := range []struct {
		account string
		command token.Command
	}{
		{me, token.Open{Plan: "basic"}}, {other, token.Open{}},
		{me, token.Charge{ID: "all", Tokens: 1000}}, {other, token.Charge{ID: "all", Tokens: 150}},
		{me, token.MakeGrant{Kind: token.Topup, Tokens: token.Max}}, {me, token.SendGift{ID: "a", To: other, Tokens: token.Max}},
		{other, token.Charge{ID: "b", Tokens: token.Max}}, {me, token.MakeGrant{Kind: token.Topup, Tokens: 1}},
	} {
		if err := submit(step.account, step.command); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if err := submit(me, token.SendGift{ID: "c", To: other, Tokens: 1}); !errorIs(err, token.Overflow) {
		t.Fatalf("error %v, want overflow", err)
	}
	now += token.Instant(day)
	if err := submit(me, token.SendGift{ID: "c", To: other, Tokens: 1}); err != nil {
		t.Fatalf("on another day: %v", err)
	}
}
