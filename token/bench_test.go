package token_test

import (
	"fmt"
	"testing"

	"github.com/florin-studio/florin/token"
)

// benchAccount is a paying account with a handful of grants.
func benchAccount(b *testing.B, r *token.Rules) token.Account {
	b.Helper()
	a := token.Account{ID: me}
	at := when("2026-05-10 12:00")
	for _, c := range []token.Command{
		token.Open{Plan: "pro"},
		token.MakeGrant{ID: "bought", Kind: token.Topup, Tokens: 5000},
		token.MakeGrant{ID: "welcome", Kind: token.Bonus, Tokens: 200, Expires: when("2026-06-01 00:00")},
		token.TakeHold{ID: "open", Tokens: 12},
	} {
		after, _, err := r.Apply(a, token.Request{At: at, Command: c})
		if err != nil {
			b.Fatal(err)
		}
		a = after
	}
	return a
}

// One hold and its settlement of half the price: two entries, sealed and encoded.
func BenchmarkHoldAndSettle(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	at := a.At + 1
	hold, settle := token.TakeHold{ID: "job", Tokens: 40, Feature: "alchemy"}, token.Settle{ID: "job", Tokens: amount(20)}
	for b.Loop() {
		held, _, err := r.Apply(a, token.Request{Key: "k1", At: at, Command: hold})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err = r.Apply(held, token.Request{Key: "k2", At: at, Command: settle}); err != nil {
			b.Fatal(err)
		}
	}
}

// The same hold with the bytes that a ledger writes: entry and state.
func BenchmarkHoldEncoded(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	hold := token.TakeHold{ID: "job", Tokens: 40, Feature: "alchemy"}
	size := 0
	for b.Loop() {
		held, entries, err := r.Apply(a, token.Request{Key: "k1", At: a.At + 1, Command: hold})
		if err != nil {
			b.Fatal(err)
		}
		size = len(entries[0].Bytes()) + len(held.AppendJSON(nil))
	}
	b.ReportMetric(float64(size), "bytes")
}

func BenchmarkBalance(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	for b.Loop() {
		now := r.Roll(a, a.At+1000)
		if r.Balance(&now) == 0 {
			b.Fatal("no balance")
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	for b.Loop() {
		if r.Summary(r.Roll(a, a.At+1000)).Balance == 0 {
			b.Fatal("no balance")
		}
	}
}

func BenchmarkForecastMonth(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	for b.Loop() {
		r.Forecast(a, a.At+token.Instant(30*day), func(token.Event) bool { return true })
	}
}

func BenchmarkRefusal(b *testing.B) {
	r := plansOf()
	a := benchAccount(b, &r)
	a.Facts.Plan = "basic"
	for b.Loop() {
		if _, _, err := r.Apply(a, token.Request{At: a.At, Command: token.TakeHold{ID: "x", Tokens: 1e6}}); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkRoll(b *testing.B) {
	r := plansOf()
	for _, plan := range []string{"free", "pro"} {
		for _, days := range []int64{1, 365, 3650} {
			b.Run(fmt.Sprintf("%s/%d-days", plan, days), func(b *testing.B) {
				a := benchAccount(b, &r)
				a.Facts.Plan = plan
				if plan == "free" {
					a.Facts.CycleEnds, a.Facts.CycleAnchor = 0, 0
				}
				far := a.At + token.Instant(days*day)
				for b.Loop() {
					if rolled := r.Roll(a, far); rolled.At != far {
						b.Fatal(rolled.At)
					}
				}
			})
		}
	}
}

func BenchmarkFold(b *testing.B) {
	r := plansOf()
	before := benchAccount(b, &r)
	_, entries, err := r.Apply(before, token.Request{Key: "k", At: before.At, Command: token.TakeHold{ID: "job", Tokens: 40}})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("entry", func(b *testing.B) {
		for b.Loop() {
			if _, err := token.Fold(before, &entries[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parsed", func(b *testing.B) {
		raw := entries[0].Bytes()
		for b.Loop() {
			e, err := token.ParseEntry(raw)
			if err != nil {
				b.Fatal(err)
			}
			e.Prev, e.Hash = entries[0].Prev, entries[0].Hash
			if _, err := token.Fold(before, &e); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	raw := []byte(`{"id":"job","tokens":40,"feature":"alchemy","lines":[{"rule":"base","text":"4 pictures","tokens":40}]}`)
	for b.Loop() {
		if _, err := token.DecodeCommand("hold", raw); err != nil {
			b.Fatal(err)
		}
	}
}
