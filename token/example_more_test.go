package token_test

import (
	"errors"
	"fmt"

	"github.com/florin-studio/florin/token"
)

// A gift moves between two accounts, or between none.
func ExampleSendGift() {
	s := on("basic")
	s.ask(1, token.MakeGrant{Kind: token.Topup, Tokens: 3500})
	if _, err := s.book.Submit(s.rules, "bob", token.Request{At: noon(1), Command: token.Open{Plan: "free"}}); err != nil {
		fmt.Println(err)
	}
	gift := token.SendGift{ID: "birthday", To: "bob", Tokens: 300}
	if _, err := s.book.Transfer(s.rules, "ann", gift, token.Request{At: noon(1)}); err != nil {
		fmt.Println(err)
	}
	bob, _ := s.book.Account("bob")
	fmt.Println("bob has", s.rules.Balance(&bob))
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// grant: balance 12000, held 0, frozen 0, plan basic
	// bob has 450
}

// Ledgers that move gifts themselves apply a ReceiveGift with the parts of the SendGift's entry.
func ExampleReceiveGift() {
	s := on("free")
	s.ask(1, token.ReceiveGift{ID: "birthday", From: "bob", Parts: []token.GiftPart{{Tokens: 20}, {Tokens: 5, Expires: noon(2)}}})
	s.ask(2, token.Touch{})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// receive_gift: balance 175, held 0, frozen 0, plan free
	// touch: balance 170, held 0, frozen 0, plan free
}

// A refusal carries the figures that explain it (T16).
func ExampleRefusal() {
	s := on("free")
	_, err := s.book.Submit(s.rules, "ann", token.Request{At: noon(1), Command: token.TakeHold{ID: "x", Tokens: 200}})
	var refusal *token.Refusal
	if errors.As(err, &refusal) {
		fmt.Println(refusal)
		fmt.Println("missing", refusal.Missing, "plans", refusal.Plans)
	}
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// insufficient_tokens: costs 200, balance is 150; 150 daily tokens come at 2026-05-02T00:00:00Z
	// missing 50 plans [basic maestro]
}

// What an account will look like if nobody touches it (T31).
func ExampleRules_Forecast() {
	s := on("free")
	s.ask(1, token.MakeGrant{ID: "welcome", Kind: token.Bonus, Tokens: 20, Expires: noon(2)})
	a, _ := s.book.Account("ann")
	s.rules.Forecast(a, noon(2), func(e token.Event) bool {
		switch {
		case e.Posting != nil:
			fmt.Printf("%s %d %s: %s to %s\n", e.At, e.Posting.Tokens, e.Kind, e.Posting.From, e.Posting.To)
		case e.Reset:
			fmt.Printf("%s a new day, balance %d\n", e.At, e.Balance)
		}
		return true
	})
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// grant: balance 170, held 0, frozen 0, plan free
	// 2026-05-02T00:00:00Z 150 daily: available to expired
	// 2026-05-02T00:00:00Z 150 daily: issued to available
	// 2026-05-02T00:00:00Z a new day, balance 170
	// 2026-05-02T12:00:00Z 20 bonus: available to expired
}

func ExampleRules_Next() {
	s := on("basic")
	a, _ := s.book.Account("ann")
	next := s.rules.Next(a)
	fmt.Println(next.Tokens, next.Kind, "at", next.At)
	// Output:
	// open: balance 8500, held 0, frozen 0, plan basic
	// 8500 plan at 2026-06-01T12:00:00Z
}

// A year away is one entry, and the account is as if somebody had looked every day (T3).
func ExampleRules_Roll() {
	s := on("free")
	a, _ := s.book.Account("ann")
	later := s.rules.Roll(a, noon(366))
	fmt.Println("balance", s.rules.Balance(&later), "entries", later.Seq)
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// balance 150 entries 2
}

// A state is what its journal folds to, entry by entry (T31).
func ExampleFold() {
	s := on("free")
	s.ask(1, token.Charge{ID: "job", Tokens: 40})
	var folded token.Account
	for _, e := range s.book.Journal("ann") {
		var err error
		if folded, err = token.Fold(folded, &e); err != nil {
			fmt.Println(err)
		}
	}
	a, _ := s.book.Account("ann")
	fmt.Println("balance", s.rules.Balance(&folded), "same hash", folded.Hash == a.Hash)
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// charge: balance 110, held 0, frozen 0, plan free
	// balance 110 same hash true
}

// The same key and the same command give the first receipt; another command is a conflict (T17).
func ExampleBook() {
	rules, book := exampleRules(), token.Book{}
	submit := func(key string, c token.Command) {
		receipt, err := book.Submit(rules, "ann", token.Request{Key: key, At: noon(1), Command: c})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("entry", receipt.Entry.Seq, "replayed", receipt.Replayed)
	}
	submit("k1", token.Open{})
	submit("k2", token.TakeHold{ID: "job", Tokens: 40})
	submit("k2", token.TakeHold{ID: "job", Tokens: 40})
	submit("k2", token.TakeHold{ID: "job", Tokens: 50})
	// Output:
	// entry 1 replayed false
	// entry 2 replayed false
	// entry 2 replayed true
	// idempotency_conflict: tokens "50" (allowed: 40)
}

func ExampleDecodeCommand() {
	c, err := token.DecodeCommand("hold", []byte(`{"id":"job","tokens":40}`))
	fmt.Println(c.Name(), err)
	_, err = token.DecodeCommand("hold", []byte(`{"id":"job","coins":40}`))
	fmt.Println(err)
	// Output:
	// hold <nil>
	// hold: json: unknown field "coins"
}

func ExampleRules_Check() {
	s := on("free")
	a, _ := s.book.Account("ann")
	fmt.Println(s.rules.Check(&a))
	a.Grants[0].Remaining = 200 // somebody edits the store
	fmt.Println(s.rules.Check(&a))
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// <nil>
	// account "ann" at entry 1: grant "daily-20260501T120000Z": 200 remaining, 0 frozen and 0 held of 150 (T7)
}

// An operator sees what an adjustment would do before it is written (T28): the account is
// a value, and deciding on it changes nothing.
func ExampleAdjust_preview() {
	s := on("free")
	account, _ := s.book.Account("ann")
	after, entries, err := s.rules.Apply(account, token.Request{At: noon(1), Command: token.Adjust{Tokens: -40, Reason: "booked twice", By: "ada"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("would leave", s.rules.Balance(&after))
	for _, p := range entries[0].Postings {
		fmt.Printf("%d of %s: %s to %s, %s\n", p.Tokens, p.Grant, p.From, p.To, p.Why)
	}
	account, _ = s.book.Account("ann")
	fmt.Println("still has", s.rules.Balance(&account))
	// Output:
	// open: balance 150, held 0, frozen 0, plan free
	// would leave 110
	// 40 of daily-20260501T120000Z: available to removed, booked twice (ada)
	// still has 150
}
