package token_test

import (
	"slices"
	"testing"

	"github.com/florin-studio/florin/token"
)

// The tests of this file say single clauses of the rules that a wrong implementation could
// miss while all other tests pass; each was seen to fail on one.

// T14: what a hold gives back is posted last taken first.
func TestT14LastTakenIsPostedFirst(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "basic")
	s.do(at, token.MakeGrant{ID: "a", Kind: token.Topup, Tokens: 10})
	s.do(at, token.MakeGrant{ID: "b", Kind: token.Topup, Tokens: 10})
	s.do(at, token.TakeHold{ID: "h", Tokens: 1015})
	e := s.do(at, token.Settle{ID: "h", Tokens: amount(600)})
	want := []struct {
		grant  string
		to     token.Place
		tokens int64
	}{
		{"plan-20260510T120000Z", token.Spent, 600},
		{"b", token.Available, 5}, {"a", token.Available, 10}, {"plan-20260510T120000Z", token.Available, 400},
	}
	if len(e.Postings) != len(want) {
		t.Fatalf("%d postings, want %d: %s", len(e.Postings), len(want), e.Bytes())
	}
	for i, w := range want {
		if p := e.Postings[i]; p.Grant != w.grant || p.To != w.to || p.Tokens != w.tokens {
			t.Errorf("posting %d: %d of %s to %s, want %d of %s to %s", i+1, p.Tokens, p.Grant, p.To, w.tokens, w.grant, w.to)
		}
	}
}

// T7: a grant can be spent from its start until just before its end, also in a state that
// nobody has rolled.
func TestT7StartAndEndOfAGrant(t *testing.T) {
	t.Parallel()
	r := plansOf()
	from, until := when("2026-05-10 12:00"), when("2026-05-10 13:00")
	a := token.Account{
		Facts:  token.Facts{Plan: "free", Zone: "UTC"},
		Grants: []token.Grant{{ID: "g", Kind: token.Bonus, Amount: 5, Remaining: 5, Starts: from, Expires: until}},
	}
	for at, want := range map[token.Instant]int64{from - 1: 0, from: 5, until - 1: 5, until: 0} {
		a.At = at
		if got := r.Balance(&a); got != want {
			t.Errorf("at %s: balance %d, want %d", at, got, want)
		}
	}
}

// T16, T29: a pack that would pay a debt first has to cover that too.
func TestT16PacksPayWhatIsOwedFirst(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "basic")
	s.do(at, token.Charge{ID: "all", Tokens: 1000})
	s.do(at, token.MakeGrant{ID: "bought", Kind: token.Topup, Tokens: 100})
	s.do(at, token.Charge{ID: "c", Tokens: 100})
	s.do(at, token.Dispute{Grant: "bought", State: token.DisputeLost})
	for price, want := range map[int64][]string{400: {"small", "big"}, 401: {"big"}, 4900: {"big"}, 4901: nil} {
		if r := s.refused(at, token.TakeHold{ID: "h", Tokens: price}, token.InsufficientTokens); !slices.Equal(r.Packs, want) {
			t.Errorf("for %d with 100 owed: packs %v, want %v", price, r.Packs, want)
		}
	}
	s.rules.Owed = token.OwedIgnore
	if r := s.refused(at, token.TakeHold{ID: "h", Tokens: 500}, token.InsufficientTokens); !slices.Equal(r.Packs, []string{"small", "big"}) {
		t.Errorf("where debts are ignored: packs %v", r.Packs)
	}
}

// T18, T27: a gift that was used up and comes back by a refund is as locked as it was.
func TestT27RefundDoesNotUnlockAGift(t *testing.T) {
	t.Parallel()
	r := plansOf()
	r.Gifts.Kinds = []token.Kind{token.Topup, token.Gift}
	var b token.Book
	now := when("2026-05-10 12:00")
	do := func(account string, after int64, c token.Command) error {
		_, err := b.Submit(&r, account, token.Request{At: now + token.Instant(after), Command: c})
		return err
	}
	for _, err := range []error{
		do(me, 0, token.Open{Plan: "basic"}), do(other, 0, token.Open{Plan: "basic"}),
		do(other, 0, token.MakeGrant{ID: "bought", Kind: token.Topup, Tokens: 50}), do(other, 0, token.SendGift{ID: "a", To: me, Tokens: 50}),
		do(me, 0, token.Charge{ID: "all", Tokens: 1050}), do(me, hour, token.Refund{ID: "all", Tokens: 50}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := do(me, day-1, token.SendGift{ID: "b", To: other, Tokens: 1}); !errorIs(err, token.GiftNotAllowed) {
		t.Errorf("a millisecond too early: %v", err)
	}
	if err := do(me, day, token.SendGift{ID: "b", To: other, Tokens: 50}); err != nil {
		t.Errorf("after 24 hours: %v", err)
	}
}

// T25: every entry names the catalog that decided it, also what rolling wrote.
func TestT25EntriesNameTheirCatalog(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.rules.Version = "v2"
	s.do("2026-05-11 12:00", token.Charge{ID: "a", Tokens: 10})
	s.rules.Version = "v3"
	s.do("2026-05-11 13:00", token.Charge{ID: "b", Tokens: 10})
	var got []string
	for _, e := range s.book.Journal(me) {
		got = append(got, e.Kind+" "+e.Catalog)
	}
	if want := []string{"open v1", "roll v2", "charge v2", "charge v3"}; !slices.Equal(got, want) {
		t.Errorf("entries %v, want %v", got, want)
	}
}

// T3, T30: what happened while nobody looked is posted with the instant at which it did.
func TestT30RollPostingsTellWhen(t *testing.T) {
	t.Parallel()
	s := tell(t, "free")
	s.do("2026-05-12 12:00", token.Touch{})
	journal := s.book.Journal(me)
	var got []string
	for _, p := range journal[len(journal)-1].Postings {
		got = append(got, string(p.To)+" "+p.At.String())
	}
	want := []string{"expired 2026-05-11T00:00:00Z", "available 2026-05-11T00:00:00Z", "expired 2026-05-12T00:00:00Z", "available 2026-05-12T00:00:00Z"}
	if !slices.Equal(got, want) {
		t.Errorf("postings %v, want %v", got, want)
	}
	if p := s.do("2026-05-12 12:00", token.Charge{ID: "a", Tokens: 1}).Postings[0]; p.At != 0 {
		t.Errorf("a posting at its entry's own time repeats it: %s", p.At)
	}
}

// T31: a forecast tells resets, renewals and the change of plan, each once and in order.
func TestT31ForecastNamesWhatHappens(t *testing.T) {
	t.Parallel()
	s := tell(t, "basic")
	s.do("2026-05-10 12:00", token.Charge{ID: "all", Tokens: 1000})
	s.do("2026-05-10 12:00", token.MakeGrant{ID: "later", Kind: token.Bonus, Tokens: 5, Starts: when("2026-06-20 00:00")})
	look := func() (renewals, plans, started []string, resets int) {
		a, _ := s.book.Account(me)
		s.rules.Forecast(a, when("2026-07-15 12:00"), func(e token.Event) bool {
			switch {
			case e.Reset:
				resets++
			case e.Renewal:
				renewals = append(renewals, e.At.String())
			case e.Plan != "":
				plans = append(plans, e.At.String()+" "+e.Plan)
			case e.Started != nil:
				started = append(started, e.At.String()+" "+e.Started.ID)
			}
			return true
		})
		return
	}
	renewals, plans, started, resets := look()
	if !slices.Equal(renewals, []string{"2026-06-10T12:00:00Z", "2026-07-10T12:00:00Z"}) || plans != nil || !slices.Equal(started, []string{"2026-06-20T00:00:00Z later"}) || resets != 66 {
		t.Errorf("renewals %v, plans %v, started %v, %d resets", renewals, plans, started, resets)
	}
	s.do("2026-05-10 12:00", token.CancelPlan{})
	renewals, plans, started, resets = look()
	if renewals != nil || !slices.Equal(plans, []string{"2026-06-10T12:00:00Z free"}) || !slices.Equal(started, []string{"2026-06-20T00:00:00Z later"}) || resets != 66 {
		t.Errorf("cancelled: renewals %v, plans %v, started %v, %d resets", renewals, plans, started, resets)
	}
}

// T26: of two discounts the better one waits, whichever came first.
func TestT26TheBetterDiscountWaits(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	for _, codes := range [][]string{{"half", "tenth"}, {"tenth", "half"}} {
		s := tell(t, "basic")
		s.rules.Promos = []token.Promo{{Code: "half", Discount: 50}, {Code: "tenth", Discount: 10}}
		for _, code := range codes {
			s.do(at, token.Redeem{Code: code})
		}
		if a, _ := s.book.Account(me); a.Facts.Discount != 50 || a.Facts.DiscountCode != "half" {
			t.Errorf("after %v: %d %% of %q", codes, a.Facts.Discount, a.Facts.DiscountCode)
		}
	}
}

// T17: holds and charges share their ids, whichever came first.
func TestT17HoldsAndChargesShareIDs(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "free")
	s.do(at, token.Charge{ID: "c", Tokens: 1})
	s.refused(at, token.TakeHold{ID: "c", Tokens: 1}, token.IdempotencyConflict)
	s.refused(at, token.Release{ID: "c"}, token.HoldClosed)
	s.do(at, token.TakeHold{ID: "h", Tokens: 1})
	s.refused(at, token.Charge{ID: "h", Tokens: 1}, token.IdempotencyConflict)
	s.do(at, token.Release{ID: "h"})
	s.refused(at, token.Charge{ID: "h", Tokens: 1}, token.IdempotencyConflict)
	_, err := s.book.Submit(&s.rules, me, token.Request{Key: "own", At: when(at), Command: token.TakeHold{ID: "c", Tokens: 1}})
	if !errorIs(err, token.IdempotencyConflict) {
		t.Errorf("with a key of its own: %v", err)
	}
}

// T12, T21, T24, T29, T31: a summary tells every figure of an account.
func TestSummary(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "pro")
	s.do(at, token.MakeGrant{ID: "bought", Kind: token.Topup, Tokens: 40, Source: "pack"})
	s.do(at, token.MakeGrant{ID: "bad", Kind: token.Topup, Tokens: 7})
	s.do(at, token.Dispute{Grant: "bad", State: token.DisputeOpened})
	s.do(at, token.TakeHold{ID: "h", Tokens: 3010})
	s.do(at, token.Charge{ID: "slow", Tokens: 100})
	s.do(at, token.ChangePlan{To: "basic"})
	a, _ := s.book.Account(me)
	got := s.rules.Summary(a)
	if got.Account != me || got.At != when(at) || got.Balance != 30 || got.Held != 3010 || got.Frozen != 7 || got.Displayed != -70 || got.RelaxedUsed != 100 ||
		got.Owed != 0 || got.Plan != "pro" || got.Scheduled != "basic" || got.Zone != "UTC" || got.NextReset != when("2026-05-11 00:00") {
		t.Errorf("summary %+v", got)
	}
	if got.CycleEnds == nil || *got.CycleEnds != when("2026-06-10 12:00") || got.Next == nil || got.Next.Tokens != 120 || got.Next.Kind != token.Daily {
		t.Errorf("cycle ends %v, next %+v", got.CycleEnds, got.Next)
	}
	if want := (token.GrantSummary{ID: "bought", Kind: token.Topup, Amount: 40, Remaining: 30, Starts: when(at), Source: "pack"}); len(got.Grants) != 1 || got.Grants[0] != want {
		t.Errorf("grants %+v, want %+v", got.Grants, want)
	}
}
