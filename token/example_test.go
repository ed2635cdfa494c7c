package token_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// The rules of the examples: a free plan and two paid ones.
func exampleRules() *token.Rules {
	return &token.Rules{
		Version: "2026-05", Zone: "UTC", Default: "free", Owed: token.OwedRepay,
		Plans: []token.Plan{
			{ID: "free", Allowance: 150, Every: token.Day},
			{ID: "basic", Allowance: 8500, Every: token.Month, DailyFloor: 150, Topups: true},
			{ID: "maestro", Allowance: 60000, Every: token.Month, DailyFloor: 150, Topups: true, Relaxed: true},
		},
		Packs:  []token.Pack{{ID: "small", Tokens: 3500}},
		Promos: []token.Promo{{Code: "SPRING", Tokens: 500, ExpiresAfter: 7 * 86400_000}},
		Gifts:  token.Gifts{Enabled: true, DailyLimit: 1000},
	}
}

// noon is 12:00 UTC on a day of May 2026.
func noon(date int) token.Instant {
	return calendar.At(time.Date(2026, 5, date, 12, 0, 0, 0, time.UTC))
}

// asker submits commands for one account and prints what comes of them.
type asker struct {
	rules *token.Rules
	book  token.Book
	keys  int
}

func (s *asker) ask(date int, c token.Command) {
	s.keys++
	receipt, err := s.book.Submit(s.rules, "ann", token.Request{Key: fmt.Sprint("key-", s.keys), At: noon(date), Command: c})
	var refusal *token.Refusal
	switch {
	case errors.As(err, &refusal):
		fmt.Println(c.Name(), "refused:", refusal.Reason)
	case err != nil:
		fmt.Println(err)
	default:
		a := receipt.Account
		fmt.Printf("%s: balance %d, held %d, frozen %d, plan %s\n", c.Name(), s.rules.Balance(&a), a.Held(), s.rules.Frozen(&a), a.Facts.Plan)
	}
}

func on(plan string) *asker {
	s := &asker{rules: exampleRules()}
	s.ask(1, token.Open{Plan: plan})
	return s
}

func Example() {
	rules := exampleRules()
	account := token.Account{ID: "ann"}
	account, _, err := rules.Apply(account, token.Request{At: noon(1), Command: token.Open{Zone: "Europe/Rome"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	account, entries, err := rules.Apply(account, token.Request{Key: "job-1", At: noon(1), Command: token.TakeHold{ID: "job-1", Tokens: 40}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("balance", rules.Balance(&account), "held", account.Held())
	for _, p := range entries[0].Postings {
		fmt.Printf("%d of %s: %s to %s\n", p.Tokens, p.Grant, p.From, p.To)
	}
	// Output:
	// balance 110 held 40
	// 40 of daily-20260501T120000Z: available to held
}

func ExampleOpen() {
	s := on("basic")
	s.ask(2, token.Touch{})
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// touch: balance 8500, held 0, frozen 0, plan basic
}

func ExampleTakeHold() {
	s := on("free")
	s.ask(1, token.TakeHold{ID: "a", Tokens: 100})
	s.ask(1, token.TakeHold{ID: "b", Tokens: 100}) // 50 are left
	s.ask(2, token.TakeHold{ID: "b", Tokens: 100}) // the next day's
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// hold: balance 50, held 100, frozen 0, plan free
	// hold refused: insufficient_tokens
	// hold: balance 50, held 200, frozen 0, plan free
}

// With a relaxed plan, jobs go on when tokens run out (T20, T21).
func ExampleTakeHold_relaxed() {
	s := on("maestro")
	s.ask(1, token.Charge{ID: "much", Tokens: 60000})
	s.ask(1, token.TakeHold{ID: "slow", Tokens: 40})
	a, _ := s.book.Account("ann")
	hold, _ := a.Hold("slow")
	fmt.Println("lane", hold.Lane, "displayed", s.rules.Displayed(&a))
	// Output:
	// open: balance 60000, held 0, frozen 0, plan maestro
	// charge: balance 0, held 0, frozen 0, plan maestro
	// hold: balance 0, held 0, frozen 0, plan maestro
	// lane relaxed displayed -40
}

func ExampleCharge() {
	s := on("free")
	s.ask(1, token.Charge{ID: "upscale-7", Tokens: 10, Feature: "upscale"})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// charge: balance 140, held 0, frozen 0, plan free
}

// Three of four pictures were made: their price is settled, the rest comes back (T19).
func ExampleSettle() {
	s := on("free")
	s.ask(1, token.TakeHold{ID: "job", Tokens: 40})
	made := int64(30)
	s.ask(1, token.Settle{ID: "job", Tokens: &made})
	s.ask(1, token.Settle{ID: "job"}) // a hold ends once
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// hold: balance 110, held 40, frozen 0, plan free
	// settle: balance 120, held 0, frozen 0, plan free
	// settle refused: hold_closed
}

func ExampleRelease() {
	s := on("free")
	s.ask(1, token.TakeHold{ID: "job", Tokens: 40})
	s.ask(1, token.Release{ID: "job"})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// hold: balance 110, held 40, frozen 0, plan free
	// release: balance 150, held 0, frozen 0, plan free
}

func ExampleRefund() {
	s := on("basic")
	s.ask(1, token.Charge{ID: "job", Tokens: 40})
	s.ask(3, token.Refund{ID: "job", Tokens: 30, Reason: "blurred"})
	s.ask(3, token.Refund{ID: "job", Tokens: 30, Reason: "blurred"}) // 10 are left of the charge
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// charge: balance 8460, held 0, frozen 0, plan basic
	// refund: balance 8490, held 0, frozen 0, plan basic
	// refund refused: exceeds_charge
}

func ExampleMakeGrant() {
	s := on("free")
	s.ask(1, token.MakeGrant{Kind: token.Bonus, Tokens: 20, Expires: noon(3)})
	s.ask(1, token.MakeGrant{Kind: token.Topup, Tokens: 3500}) // frozen on the free plan (T12)
	s.ask(3, token.Touch{})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// grant: balance 170, held 0, frozen 0, plan free
	// grant: balance 170, held 0, frozen 3500, plan free
	// touch: balance 150, held 0, frozen 3500, plan free
}

func ExampleChangePlan() {
	s := on("free")
	s.ask(1, token.ChangePlan{To: "basic"})   // a cycle starts; the day's 150 stay until the reset
	s.ask(2, token.ChangePlan{To: "maestro"}) // the difference, at once
	s.ask(3, token.ChangePlan{To: "basic"})   // at the end of the cycle
	s.ask(32, token.Touch{})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// change_plan: balance 8650, held 0, frozen 0, plan basic
	// change_plan: balance 60000, held 0, frozen 0, plan maestro
	// change_plan: balance 60000, held 0, frozen 0, plan maestro
	// touch: balance 8500, held 0, frozen 0, plan basic
}

func ExampleCancelPlan() {
	s := on("basic")
	s.ask(2, token.CancelPlan{})
	s.ask(31, token.Touch{})
	s.ask(32, token.Touch{})
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// cancel_plan: balance 8500, held 0, frozen 0, plan basic
	// touch: balance 8500, held 0, frozen 0, plan basic
	// touch: balance 150, held 0, frozen 0, plan free
}

func ExampleUndoPlanChange() {
	s := on("basic")
	s.ask(2, token.CancelPlan{})
	s.ask(3, token.UndoPlanChange{})
	s.ask(3, token.UndoPlanChange{})
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// cancel_plan: balance 8500, held 0, frozen 0, plan basic
	// undo_plan_change: balance 8500, held 0, frozen 0, plan basic
	// undo_plan_change refused: nothing_scheduled
}

func ExampleAdjust() {
	s := on("free")
	s.ask(1, token.Adjust{Tokens: 50, Reason: "slow day", By: "ada"})
	s.ask(1, token.Adjust{Tokens: -500, Reason: "mistake", By: "ada"}) // never below zero
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// adjust: balance 200, held 0, frozen 0, plan free
	// adjust refused: insufficient_tokens
}

func ExampleSetZone() {
	s := on("free")
	s.ask(1, token.SetZone{To: "Asia/Tokyo"})
	a, _ := s.book.Account("ann")
	fmt.Println("next reset", a.Facts.NextReset) // not the one 3 hours from now (T5)
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// zone: balance 150, held 0, frozen 0, plan free
	// next reset 2026-05-02T15:00:00Z
}

func ExampleDispute() {
	s := on("basic")
	s.ask(1, token.Charge{ID: "month", Tokens: 8500})
	s.ask(1, token.MakeGrant{ID: "order-1", Kind: token.Topup, Tokens: 3500})
	s.ask(1, token.Charge{ID: "job", Tokens: 500})
	s.ask(1, token.Dispute{Grant: "order-1", State: token.DisputeOpened})
	s.ask(1, token.Dispute{Grant: "order-1", State: token.DisputeLost})
	a, _ := s.book.Account("ann")
	fmt.Println("owed", a.Facts.Owed)
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// charge: balance 0, held 0, frozen 0, plan basic
	// grant: balance 3500, held 0, frozen 0, plan basic
	// charge: balance 3000, held 0, frozen 0, plan basic
	// dispute: balance 0, held 0, frozen 3000, plan basic
	// dispute: balance 0, held 0, frozen 0, plan basic
	// owed 500
}

func ExampleRedeem() {
	s := on("free")
	s.ask(1, token.Redeem{Code: "SPRING"})
	s.ask(1, token.Redeem{Code: "SPRING"})
	s.ask(1, token.Redeem{Code: "AUTUMN"})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// redeem: balance 650, held 0, frozen 0, plan free
	// redeem refused: code_already_redeemed
	// redeem refused: code_unknown
}

func ExampleTouch() {
	s := on("free")
	s.ask(1, token.Charge{ID: "job", Tokens: 150})
	s.ask(2, token.Touch{})
	fmt.Println(len(s.book.Journal("ann")), "entries")
	s.ask(2, token.Touch{}) // nothing has happened since
	fmt.Println(len(s.book.Journal("ann")), "entries")
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// charge: balance 0, held 0, frozen 0, plan free
	// touch: balance 150, held 0, frozen 0, plan free
	// 3 entries
	// touch: balance 150, held 0, frozen 0, plan free
	// 3 entries
}
