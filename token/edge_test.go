package token_test

import (
	"errors"
	"testing"
	"time"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// tale is an account in a book, told step by step.
type tale struct {
	t     *testing.T
	rules token.Rules
	book  token.Book
	now   token.Instant
	audit *audit
	read  int
}

func when(s string) token.Instant {
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return calendar.At(at)
}

// plansOf are a free plan, a monthly one with floor and top-ups, and one above it that is relaxed and banks.
func plansOf() token.Rules {
	return token.Rules{
		Version: "v1", Zone: "UTC", Default: "free", Owed: token.OwedRepay,
		Plans: []token.Plan{
			{ID: "free", Allowance: 150, Every: token.Day},
			{ID: "basic", Allowance: 1000, Every: token.Month, DailyFloor: 150, Topups: true},
			{ID: "pro", Allowance: 3000, Every: token.Month, DailyFloor: 150, Topups: true, Relaxed: true, RolloverCap: 4000},
		},
		Packs: []token.Pack{{ID: "small", Tokens: 500}, {ID: "big", Tokens: 5000}},
		Gifts: token.Gifts{Enabled: true},
	}
}

func tell(t *testing.T, plan string) *tale {
	t.Helper()
	s := &tale{t: t, rules: plansOf(), now: when("2026-05-10 12:00"), audit: newAudit()}
	s.do("2026-05-10 12:00", token.Open{Plan: plan})
	return s
}

func (s *tale) submit(at string, c token.Command) (token.Receipt, error) {
	s.t.Helper()
	s.now = when(at)
	receipt, err := s.book.Submit(&s.rules, me, token.Request{At: s.now, Command: c})
	a, _ := s.book.Account(me)
	if err := s.rules.Check(&a); err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.book.Journal(me)[s.read:] {
		if err := s.audit.add(&s.rules, e); err != nil {
			s.t.Fatal(err)
		}
		s.read++
	}
	if err := s.audit.compare(&s.rules, a); err != nil {
		s.t.Fatal(err)
	}
	return receipt, err
}

func (s *tale) do(at string, c token.Command) *token.Entry {
	s.t.Helper()
	receipt, err := s.submit(at, c)
	if err != nil {
		s.t.Fatalf("%s %s: %v", at, text(c), err)
	}
	return receipt.Entry
}

func (s *tale) refused(at string, c token.Command, reason token.Reason) *token.Refusal {
	s.t.Helper()
	_, err := s.submit(at, c)
	var refusal *token.Refusal
	if !errors.As(err, &refusal) || refusal.Reason != reason {
		s.t.Fatalf("%s %s: error %v, want %s", at, text(c), err, reason)
	}
	return refusal
}

// sees compares balance, frozen and owed at a time.
func (s *tale) sees(at string, balance, frozen, owed int64) token.Account {
	s.t.Helper()
	a, _ := s.book.Account(me)
	a = s.rules.Roll(a, when(at))
	if b, f := s.rules.Balance(&a), s.rules.Frozen(&a); b != balance || f != frozen || a.Facts.Owed != owed {
		s.t.Fatalf("at %s: balance %d frozen %d owed %d, want %d, %d and %d\n%s", at, b, f, a.Facts.Owed, balance, frozen, owed, encode(a))
	}
	return a
}

func amount(n int64) *int64 { return &n }

// T31: looking where nothing happened leaves state and journal in step.
func TestT31TouchWritesNothing(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.do("2026-05-10 13:00", token.Touch{})
	if a, _ := s.book.Account(me); a.At != when("2026-05-10 12:00") || len(s.book.Journal(me)) != 1 {
		t.Fatalf("account at %s, %d entries", a.At, len(s.book.Journal(me)))
	}
}

// T5: an operator who moves the reset from 00:00 to 06:00 gives no date two.
func TestT5ResetMovedByCatalog(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.rules.Reset = 6 * 3600
	a := s.sees("2026-05-11 05:00", 150, 0, 0)
	if a.Facts.NextReset != when("2026-05-12 06:00") {
		t.Fatalf("next reset %s", a.Facts.NextReset)
	}
}

// T25: a monthly plan made daily by the catalog keeps its cycle until the end.
func TestT25RhythmChanged(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.rules.Plans[1] = token.Plan{ID: "basic", Allowance: 10, Every: token.Day}
	s.sees("2026-06-10 11:59", 1000, 0, 0)
	s.sees("2026-06-10 12:00", 10, 0, 0)
	s.sees("2026-06-11 00:00", 10, 0, 0)
}

// T25: a plan dropped by the catalog keeps what it granted until the cycle's end.
func TestT25PlanDropped(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.rules.Plans = append(s.rules.Plans[:1:1], s.rules.Plans[2])
	s.sees("2026-06-10 11:59", 1000, 0, 0)
	if a := s.sees("2026-06-10 12:00", 150, 0, 0); a.Facts.Plan != "free" {
		t.Fatalf("plan %s", a.Facts.Plan)
	}
}

// T15, T24: a charge paid from the bank of a plan that has ended comes back for 24 hours.
func TestT15RefundIntoEndedBank(t *testing.T) {
	t.Parallel()
	s := tell(t, "pro")
	s.do("2026-06-10 12:00", token.Charge{ID: "plan", Tokens: 3000})
	s.do("2026-06-10 12:00", token.Charge{ID: "bank", Tokens: 3000})
	s.do("2026-06-10 12:01", token.CancelPlan{})
	s.do("2026-07-10 13:00", token.Refund{ID: "bank", Tokens: 100})
	s.sees("2026-07-10 13:00", 250, 0, 0)
	s.sees("2026-07-11 13:00", 150, 0, 0)
}

// T14, T18: a refund goes into the very grant, in its place in the spending order.
func TestT18RefundRevivesGrant(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	s.do("2026-05-10 12:01", token.MakeGrant{ID: "old", Kind: token.Topup, Tokens: 100})
	s.do("2026-05-10 12:02", token.Charge{ID: "x", Tokens: 100})
	s.do("2026-05-10 12:03", token.MakeGrant{ID: "new", Kind: token.Topup, Tokens: 50})
	s.do("2026-05-10 12:04", token.Refund{ID: "x", Tokens: 30})
	a := s.sees("2026-05-10 12:05", 80, 0, 0)
	if grants := s.rules.Spendable(&a); len(grants) != 2 || grants[0].ID != "old" || grants[0].Remaining != 30 {
		t.Fatalf("grants %+v", grants)
	}
	// T29: of the 100 bought, 70 are spent.
	s.do("2026-05-10 12:06", token.Dispute{Grant: "old", State: token.DisputeLost})
	s.sees("2026-05-10 12:06", 50, 0, 70)
	// What a refund gives back of a purchase without money pays the debt.
	s.do("2026-05-10 12:07", token.Refund{ID: "x", Tokens: 20})
	s.sees("2026-05-10 12:07", 50, 0, 50)
	s.refused("2026-05-10 12:08", token.Dispute{Grant: "old", State: token.DisputeOpened}, token.UnknownGrant)
}

// T29: what expired, or an operator took away, was not spent.
func TestT29OwedOnlyWhatWasSpent(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	s.do("2026-05-10 12:01", token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 100})
	s.do("2026-05-10 12:02", token.Adjust{Tokens: -60, Reason: "money went back", By: "ada"})
	s.do("2026-05-10 12:03", token.Charge{ID: "x", Tokens: 40})
	s.do("2026-05-10 12:04", token.Dispute{Grant: "a", State: token.DisputeLost})
	s.sees("2026-05-10 12:05", 0, 0, 40)
	// The next top-up pays the debt first.
	s.do("2026-05-10 12:06", token.MakeGrant{ID: "b", Kind: token.Topup, Tokens: 100})
	s.sees("2026-05-10 12:06", 60, 0, 0)
}

// T29, T31: a dispute at the instant at which nothing but forgetting an empty grant
// is due: the tale folds the journal after each step.
func TestT29DisputeWhenAGrantIsForgotten(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "a", Kind: token.PlanKind, Tokens: 10, Expires: when("2026-05-10 13:00")})
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "b", Kind: token.Bonus, Tokens: 5})
	s.do("2026-05-10 12:00", token.Charge{ID: "x", Tokens: 10})
	s.do("2026-05-10 13:00", token.Dispute{Grant: "a", State: token.DisputeOpened})
	s.sees("2026-05-10 13:00", 5, 0, 0)
}

// T29, T15: a dispute that is won after the grant's end gives held tokens back for 24 hours.
func TestT29WonAfterEnd(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	s.do("2026-05-10 12:01", token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 100, Expires: when("2026-05-10 18:00")})
	s.do("2026-05-10 12:02", token.TakeHold{ID: "h", Tokens: 80})
	s.do("2026-05-10 12:03", token.Dispute{Grant: "a", State: token.DisputeOpened})
	s.sees("2026-05-10 12:03", 0, 20, 0)
	s.do("2026-05-10 19:00", token.Release{ID: "h"})
	s.sees("2026-05-10 19:00", 0, 80, 0)
	s.do("2026-05-11 06:00", token.Dispute{Grant: "a", State: token.DisputeWon})
	s.sees("2026-05-11 06:00", 230, 0, 0)
	s.sees("2026-05-12 06:00", 70, 0, 0) // the floor added 70 to those 80 at midnight
}

// T18: hold ids with slashes don't get into each other's refunds.
func TestT18RefundOfHoldWithSlash(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.do("2026-05-10 12:00", token.Charge{ID: "a", Tokens: 10})
	s.do("2026-05-10 12:00", token.Charge{ID: "a/b", Tokens: 10})
	s.do("2026-05-10 12:01", token.Refund{ID: "a/b", Tokens: 5})
	s.do("2026-05-10 12:01", token.Refund{ID: "a", Tokens: 10})
	s.refused("2026-05-10 12:01", token.Refund{ID: "a", Tokens: 1}, token.ExceedsCharge)
	s.sees("2026-05-10 12:02", 145, 0, 0)
}

// T27: the same gift asked for twice under two keys is given once, and none is lost.
func TestT27GiftGivenOnce(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	if _, err := s.book.Submit(&s.rules, other, token.Request{At: s.now, Command: token.Open{}}); err != nil {
		t.Fatal(err)
	}
	s.do("2026-05-10 12:01", token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 100})
	gift := token.SendGift{ID: "g", To: other, Tokens: 10}
	for _, replayed := range []bool{false, true} {
		if r, err := s.book.Transfer(&s.rules, me, gift, token.Request{At: s.now}); err != nil || r.Replayed != replayed {
			t.Fatalf("replayed %v, error %v", r.Replayed, err)
		}
	}
	if _, err := s.book.Transfer(&s.rules, me, gift, token.Request{Key: "k2", At: s.now}); err == nil {
		t.Fatal("the same gift was given twice")
	}
	a, _ := s.book.Account(me)
	b, _ := s.book.Account(other)
	if mine, theirs := s.rules.Balance(&a), s.rules.Balance(&b); mine != 1090 || theirs != 160 {
		t.Fatalf("%d here, %d there", mine, theirs)
	}
}

// T23, T24: an upgrade takes a scheduled downgrade back; undoing twice is refused.
func TestT23UpgradeWhileDowngradeIsScheduled(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-11 12:00", token.CancelPlan{})
	s.refused("2026-05-11 12:01", token.CancelPlan{}, token.SamePlan)
	s.do("2026-05-11 12:02", token.ChangePlan{To: "pro"})
	a := s.sees("2026-05-11 12:02", 3000, 0, 0)
	if a.Facts.Scheduled != "" || a.Facts.CycleEnds != when("2026-06-10 12:00") {
		t.Fatalf("facts %+v", a.Facts)
	}
	s.refused("2026-05-11 12:03", token.UndoPlanChange{}, token.NothingScheduled)
	s.refused("2026-05-11 12:03", token.ChangePlan{To: "pro"}, token.SamePlan)
}

// T9, T23: from free to paid, the day's grant stays until the reset; cancelling on free is refused.
func TestT23FreeToPaid(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.refused("2026-05-10 12:00", token.CancelPlan{}, token.SamePlan)
	s.do("2026-05-10 13:00", token.ChangePlan{To: "basic"})
	s.sees("2026-05-10 23:59", 1150, 0, 0)
	s.sees("2026-05-11 00:00", 1000, 0, 0)
}

// T24, T4: a downgrade at the instant of the daily reset gives one day's grant.
func TestT24AtTheReset(t *testing.T) {
	t.Parallel()
	s := &tale{t: t, rules: plansOf(), audit: newAudit()}
	s.do("2026-05-10 00:00", token.Open{Plan: "basic"})
	s.do("2026-05-10 00:00", token.CancelPlan{})
	a := s.sees("2026-06-10 00:00", 150, 0, 0)
	if len(a.Grants) != 1 || a.Grants[0].Expires != when("2026-06-11 00:00") {
		t.Fatalf("grants %+v", a.Grants)
	}
}

// T4, T11: the floor looks at the balance after the renewal of the same instant.
func TestT11FloorAfterRenewal(t *testing.T) {
	t.Parallel()
	s := &tale{t: t, rules: plansOf(), audit: newAudit()}
	s.do("2026-05-10 00:00", token.Open{Plan: "basic"})
	s.do("2026-05-10 00:00", token.Charge{ID: "x", Tokens: 1000})
	s.sees("2026-05-11 00:00", 150, 0, 0)
	s.sees("2026-06-10 00:00", 1000, 0, 0)
}

// T14: settling nothing gives all back, and leaves nothing to refund.
func TestT14SettleNothing(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.do("2026-05-10 12:00", token.TakeHold{ID: "h", Tokens: 100})
	s.do("2026-05-10 12:00", token.Settle{ID: "h", Tokens: amount(0)})
	s.sees("2026-05-10 12:00", 150, 0, 0)
	s.refused("2026-05-10 12:00", token.Refund{ID: "h", Tokens: 1}, token.ExceedsCharge)
	s.refused("2026-05-10 12:00", token.Release{ID: "h"}, token.HoldClosed)
}

// T15: what comes back at the instant at which its grant ends, by kind.
func TestT15HoldEndsWithItsGrant(t *testing.T) {
	t.Parallel()
	ends := when("2026-05-10 18:00")
	for kind, back := range map[token.Kind]int64{
		token.Daily: 0, token.PlanKind: 0, token.Bonus: 10, token.Gift: 10, token.RefundKind: 10,
		token.Rollover: 10, token.Adjustment: 10, token.Topup: 10,
	} {
		s := tell(t, "basic")
		s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
		s.do("2026-05-10 12:00", token.MakeGrant{ID: "g", Kind: kind, Tokens: 10, Expires: ends})
		s.do("2026-05-10 12:00", token.TakeHold{ID: "h", Tokens: 10, ExpiresIn: 6 * hour})
		a := s.sees("2026-05-10 18:00", back, 0, 0)
		if back > 0 && (a.Grants[len(a.Grants)-1].Kind != token.RefundKind || a.Grants[len(a.Grants)-1].Expires != when("2026-05-11 18:00")) {
			t.Fatalf("%s: %+v", kind, a.Grants)
		}
	}
}

// T1: amounts near the bound are refused, never wrapped.
func TestT1Overflow(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "a", Kind: token.Bonus, Tokens: token.Max - 150})
	s.refused("2026-05-10 12:00", token.MakeGrant{ID: "b", Kind: token.Bonus, Tokens: 1}, token.Overflow)
	s.refused("2026-05-10 12:00", token.Adjust{Tokens: token.Max, Reason: "x", By: "y"}, token.Overflow)
	s.refused("2026-05-10 12:00", token.ChangePlan{To: "basic"}, token.Overflow)
	s.refused("2026-05-10 12:00", token.MakeGrant{ID: "c", Kind: token.Bonus, Tokens: token.Max + 1}, token.InvalidAmount)
	s.do("2026-05-10 12:00", token.Charge{ID: "x", Tokens: token.Max})
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "d", Kind: token.Bonus, Tokens: token.Max})
	s.refused("2026-05-10 12:00", token.Refund{ID: "x", Tokens: 1}, token.Overflow)
}

// T16: plans and packs that would cover a price do so with what they really give.
func TestT16Remedies(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.rules.Plans[2].Relaxed = false
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	r := s.refused("2026-05-10 12:00", token.TakeHold{ID: "h", Tokens: 2500}, token.InsufficientTokens)
	if len(r.Plans) != 0 || len(r.Packs) != 1 || r.Packs[0] != "big" {
		t.Fatalf("plans %v, packs %v: pro would give 2000 now", r.Plans, r.Packs)
	}
	if r.Next == nil || r.Next.Tokens != 150 || r.Next.At != when("2026-05-11 00:00") || r.Next.Kind != token.Daily {
		t.Fatalf("next %+v", r.Next)
	}
}

// Input that no journal could keep is refused before it is decided.
func TestMalformed(t *testing.T) {
	t.Parallel()
	r := plansOf()
	a, _, err := r.Apply(token.Account{ID: me}, token.Request{At: 1, Command: token.Open{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, req := range []token.Request{
		{At: 5}, {At: 0, Command: token.Touch{}}, {At: 1 << 60, Command: token.Touch{}}, {At: -5, Command: token.Open{}},
		{At: 5, Command: token.Release{ID: "\xff"}}, {At: 5, Command: token.Release{ID: "a\x00"}}, {At: 5, Command: token.Release{}},
		{At: 5, Key: "\xff", Command: token.Touch{}}, {At: 5, Command: token.TakeHold{ID: "a", Tokens: 1, ExpiresIn: 1 << 62}},
		{At: 5, Command: token.TakeHold{ID: "a", Tokens: 1, Feature: "\xff"}},
		{At: 5, Command: token.MakeGrant{Kind: "gold", Tokens: 1}},
		{At: 5, Command: token.MakeGrant{Kind: token.Bonus, Tokens: 1, Expires: 1 << 60}},
		{At: 5, Command: token.Adjust{Tokens: 1}}, {At: 5, Command: token.Dispute{Grant: "a", State: "maybe"}},
	} {
		var invalid *token.Invalid
		if _, _, err := r.Apply(a, req); !errors.As(err, &invalid) {
			t.Errorf("%+v: error %v, want an Invalid", req, err)
		}
	}
	if _, _, err := r.Apply(token.Account{}, token.Request{At: 5, Command: token.Touch{}}); !errors.Is(err, token.ErrNotOpen) {
		t.Errorf("error %v", err)
	}
	far := r.Roll(a, 1<<62)
	if err := r.Check(&far); err != nil || r.Balance(&far) != 150 {
		t.Errorf("%v", err)
	}
}

func TestT29ASuspendedAccountGivesNothingAway(t *testing.T) {
	t.Parallel()
	r := &token.Rules{Zone: "UTC", Default: "pro", Owed: token.OwedSuspend, Gifts: token.Gifts{Enabled: true},
		Plans: []token.Plan{{ID: "pro", Allowance: 100, Every: token.Month, Topups: true}}}
	var b token.Book
	do := func(account string, c token.Command) error {
		_, err := b.Submit(r, account, token.Request{At: 1_700_000_000_000, Command: c})
		return err
	}
	for _, err := range []error{
		do("a", token.Open{}), do("b", token.Open{}),
		do("a", token.MakeGrant{ID: "bad", Kind: token.Topup, Tokens: 50}),
		do("a", token.Charge{ID: "c", Tokens: 150}),
		do("a", token.Dispute{Grant: "bad", State: token.DisputeLost}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	a, _ := b.Account("a")
	if a.Facts.Owed != 50 {
		t.Fatalf("owed %d, want 50", a.Facts.Owed)
	}
	var refusal *token.Refusal
	if err := do("a", token.SendGift{ID: "g", To: "b", Tokens: 1}); !errors.As(err, &refusal) || refusal.Reason != token.AccountSuspended {
		t.Errorf("got %v, want account_suspended", err)
	}
}
