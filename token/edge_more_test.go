package token_test

import (
	"errors"
	"testing"

	"github.com/florin-studio/florin/token"
)

// T10: what holds have of the bank counts against its cap.
func TestT10BankCountsHeldTokens(t *testing.T) {
	t.Parallel()
	s := tell(t, "pro")
	s.do("2026-06-10 12:00", token.Charge{ID: "month", Tokens: 3000})
	s.do("2026-06-10 12:00", token.TakeHold{ID: "h", Tokens: 2000}) // of the 3000 in the bank
	s.sees("2026-07-10 12:00", 1000+3000, 0, 0)
	s.sees("2026-08-10 12:00", 2000+3000, 0, 0) // 4000 less 2000 held
	s.do("2026-08-10 12:01", token.Release{ID: "h"})
	s.sees("2026-08-10 12:01", 4000+3000, 0, 0)
}

// T18: refunds go back over the parts of a charge, last taken first, each part once.
func TestT18RefundsInParts(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "a", Kind: token.Bonus, Tokens: 10, Expires: when("2026-05-12 00:00")})
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "b", Kind: token.Topup, Tokens: 30})
	s.do("2026-05-10 12:00", token.Charge{ID: "x", Tokens: 1030}) // 10 of a, 1000 of the plan, 20 of b
	s.do("2026-05-10 12:01", token.Refund{ID: "x", Tokens: 15})
	s.do("2026-05-10 12:02", token.Refund{ID: "x", Tokens: 15})
	a := s.sees("2026-05-10 12:02", 40, 0, 0)
	if grants := s.rules.Spendable(&a); len(grants) != 2 || grants[0].Remaining != 10 || grants[1].Remaining != 30 {
		t.Fatalf("grants %+v", grants)
	}
	s.refused("2026-05-10 12:03", token.Refund{ID: "x", Tokens: 1001}, token.ExceedsCharge)
	s.do("2026-05-13 12:00", token.Refund{ID: "x", Tokens: 1000}) // 990 to the plan's, 10 of a that has ended; 110 are the floor's
	if a, _ := s.book.Account(me); s.rules.Balance(&a) != 1150 || a.Grants[len(a.Grants)-1].Kind != token.RefundKind {
		t.Fatalf("%+v", a.Grants)
	}
}

// T21: of a relaxed job that was made in part, the price of that part goes on counting.
func TestT21RelaxedInParts(t *testing.T) {
	t.Parallel()
	s := tell(t, "pro")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 3000})
	s.do("2026-05-10 12:00", token.TakeHold{ID: "a", Tokens: 40})
	s.do("2026-05-10 12:00", token.TakeHold{ID: "b", Tokens: 10})
	s.do("2026-05-10 12:01", token.Settle{ID: "a", Tokens: amount(30)})
	shown := func(want int64) {
		t.Helper()
		if a, _ := s.book.Account(me); s.rules.Displayed(&a) != want {
			t.Fatalf("displayed %d, want %d", s.rules.Displayed(&a), want)
		}
	}
	shown(-40)
	s.do("2026-05-10 12:02", token.Release{ID: "b"})
	shown(-30)
	s.refused("2026-05-10 12:02", token.Refund{ID: "a", Tokens: 1}, token.ExceedsCharge)
	s.do("2026-05-11 00:00", token.Touch{})
	shown(150)
}

// T3, T10: years away fill the bank to its cap, and not beyond.
func TestT10BankOverYears(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, 1, 2999, 3000, 3001, 9000, 100000, token.Max} {
		s := tell(t, "pro")
		s.rules.Plans[2].RolloverCap = limit
		s.do("2026-05-11 12:00", token.Charge{ID: "x", Tokens: 100})
		for _, at := range []string{"2026-08-10 12:00", "2026-09-10 11:59", "2026-12-01 00:00", "2030-05-10 12:00"} {
			banked := min(limit, 2900+3000*int64(months(at)-1))
			s.sees(at, 3000+banked, 0, 0)
		}
	}
}

// months is how many cycles have ended since 10 May 2026, 12:00.
func months(at string) int {
	n := 0
	for start := when("2026-05-10 12:00").Time(); !start.AddDate(0, n+1, 0).After(when(at).Time()); {
		n++
	}
	return n
}

// T27: the limit on gifts is of a day, however long nobody looked.
func TestT27LimitOfADay(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.rules.Gifts.DailyLimit = 10
	if _, err := s.book.Submit(&s.rules, other, token.Request{At: s.now, Command: token.Open{}}); err != nil {
		t.Fatal(err)
	}
	s.do("2026-05-10 12:01", token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 100})
	for i, at := range []string{"2026-05-10 12:02", "2026-05-11 00:00", "2028-01-01 12:00", "2028-01-02 00:00"} {
		s.do(at, token.SendGift{ID: string(rune('a' + i)), To: other, Tokens: 9})
		r := s.refused(at, token.SendGift{ID: "more", To: other, Tokens: 2}, token.GiftLimit)
		if r.Limit != 10 {
			t.Fatalf("%+v", r)
		}
	}
	// What was received can be given on after 24 hours, where gifts may be given at all.
	s.rules.Gifts = token.Gifts{Enabled: true, Kinds: []token.Kind{token.Gift}}
	b, _ := s.book.Account(other)
	_, _, err := s.rules.Apply(b, token.Request{At: when("2028-01-02 12:01"), Command: token.SendGift{ID: "on", To: me, Tokens: 28}})
	var refusal *token.Refusal
	if !errors.As(err, &refusal) || refusal.Reason != token.GiftNotAllowed {
		t.Fatalf("error %v: 27 of 36 are older than 24 hours", err)
	}
	if _, _, err = s.rules.Apply(b, token.Request{At: when("2028-01-03 00:00"), Command: token.SendGift{ID: "on", To: me, Tokens: 36}}); err != nil {
		t.Fatal(err)
	}
}

// T26: a code has a window, open at its start and closed at its end, and conditions.
func TestT26Conditions(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.rules.Promos = []token.Promo{
		{Code: "window", Tokens: 5, From: when("2026-05-11 00:00"), Until: when("2026-05-12 00:00")},
		{Code: "gone", Tokens: 5, Until: when("2026-05-12 00:00")},
		{Code: "paid", Tokens: 5, Plans: []string{"basic"}},
		{Code: "new", Tokens: 5, NewWithin: 2 * day}, {Code: "newer", Tokens: 5, NewWithin: 2*day - 1},
		{Code: "one", Tokens: 5, ExpiresAfter: 1, Limit: 1}, {Code: "off", Discount: 20},
	}
	s.refused("2026-05-10 23:59", token.Redeem{Code: "window"}, token.CodeNotYet)
	s.do("2026-05-11 00:00", token.Redeem{Code: "window"})
	s.refused("2026-05-12 00:00", token.Redeem{Code: "gone"}, token.CodeOver)
	s.refused("2026-05-12 00:00", token.Redeem{Code: "window"}, token.CodeAlreadyRedeemed)
	if r := s.refused("2026-05-12 00:00", token.Redeem{Code: "paid"}, token.CodeNotForPlan); len(r.Plans) != 1 || r.Plans[0] != "basic" {
		t.Fatalf("%+v", r)
	}
	s.refused("2026-05-12 12:00", token.Redeem{Code: "newer"}, token.CodeNotForPlan)
	s.do("2026-05-12 12:00", token.Redeem{Code: "new"})
	s.do("2026-05-12 12:00", token.Redeem{Code: "one"})
	s.sees("2026-05-12 12:00", 165, 0, 0)
	s.sees("2026-05-12 12:01", 160, 0, 0)
	if _, err := s.book.Submit(&s.rules, other, token.Request{At: s.now, Command: token.Open{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.book.Submit(&s.rules, other, token.Request{At: s.now, Command: token.Redeem{Code: "one"}}); !errorIs(err, token.CodeUsedUp) {
		t.Fatalf("error %v", err)
	}
	// A discount waits for the next top-up and is used up by it.
	s.do("2026-05-12 12:02", token.Redeem{Code: "off"})
	if a, _ := s.book.Account(me); a.Facts.Discount != 20 || a.Facts.DiscountCode != "off" {
		t.Fatalf("%+v", a.Facts)
	}
	s.do("2026-05-12 12:03", token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 10})
	if a, _ := s.book.Account(me); a.Facts.Discount != 0 || a.Facts.DiscountCode != "" {
		t.Fatalf("%+v", a.Facts)
	}
}

// T22: opening the bank moves tokens and brings none, so it does not end what relaxed jobs count.
func TestT22BankIsNoNewGrant(t *testing.T) {
	t.Parallel()
	s := tell(t, "pro")
	s.do("2026-06-10 11:59", token.Charge{ID: "slow", Tokens: 5000})
	s.rules.Plans[2].Allowance = 0
	a := s.sees("2026-06-10 12:00", 3000, 0, 0)
	if s.rules.Displayed(&a) != -2000 {
		t.Fatalf("displayed %d", s.rules.Displayed(&a))
	}
}
