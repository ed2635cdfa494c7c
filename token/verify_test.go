package token_test

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
)

// TestCheckFindsEachFault bends a good state in one way at a time.
func TestCheckFindsEachFault(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "pro")
	s.do(at, token.MakeGrant{ID: "g", Kind: token.Topup, Tokens: 10})
	s.do(at, token.TakeHold{ID: "h", Tokens: 3005, ExpiresIn: hour})
	s.do(at, token.TakeHold{ID: "slow", Tokens: 6})
	good, _ := s.book.Account(me)
	if err := s.rules.Check(&good); err != nil {
		t.Fatal(err)
	}
	other := token.Grant{ID: "x", Kind: token.Bonus, Amount: 1, Remaining: 1, Starts: good.At}
	for says, bend := range map[string]func(a *token.Account){
		"want both":                   func(a *token.Account) { a.Facts.Zone = "" },
		"next reset":                  func(a *token.Account) { a.Facts.NextReset = a.At },
		"last reset":                  func(a *token.Account) { a.Facts.ResetAt = a.At + 1 },
		"ends 2026-05-10T12:00:00Z":   func(a *token.Account) { a.Facts.CycleEnds = a.At },
		"cycle -1":                    func(a *token.Account) { a.Facts.CycleIndex = -1 },
		"no cycle, but anchor":        func(a *token.Account) { a.Facts.CycleEnds = 0 },
		"owed -1":                     func(a *token.Account) { a.Facts.Owed = -1 },
		"gifted -1":                   func(a *token.Account) { a.Facts.Gifted = -1 },
		"open holds count 6":          func(a *token.Account) { a.Facts.RelaxedUsed = 5 },
		`grant "g" is there twice`:    func(a *token.Account) { a.Grants = append(a.Grants, a.Grants[1]) },
		`kind "gold"`:                 func(a *token.Account) { a.Grants[1].Kind = "gold" },
		"-1 remaining":                func(a *token.Account) { a.Grants[1].Remaining = -1 },
		"5 remaining, 0 frozen and 5": func(a *token.Account) { a.Grants[1].Amount = 9 },
		"remaining after its end":     func(a *token.Account) { a.Grants[1].Expires = a.At },
		"empty and kept for nothing":  func(a *token.Account) { other.Remaining = 0; a.Grants = append(a.Grants, other) },
		"frozen without a dispute":    func(a *token.Account) { a.Grants[1].Remaining, a.Grants[1].Frozen = 4, 1 },
		`grant "y", which is not`:     func(a *token.Account) { a.Holds[0].Parts = []token.Part{{Grant: "y", Tokens: 3005}} },
		`hold "h" has 3000 of its`:    func(a *token.Account) { a.Holds[0].Parts = a.Holds[0].Parts[:1] },
		`hold "slow" has 1 tokens`: func(a *token.Account) {
			a.Grants[1].Remaining--
			a.Holds[1].Parts = []token.Part{{Grant: "g", Tokens: 1}}
		},
		`lane "express"`:                   func(a *token.Account) { a.Holds[1].Lane = "express" },
		`hold "h" is open after its end`:   func(a *token.Account) { a.Holds[0].Expires = a.At },
		`hold "slow" counts 6 of its`:      func(a *token.Account) { a.Holds[1].Tokens = 5 },
		`hold "slow" is there twice (T14)`: func(a *token.Account) { a.Facts.RelaxedUsed = 12; a.Holds = append(a.Holds, a.Holds[1]) },
	} {
		bad := good
		bad.Grants = append([]token.Grant(nil), good.Grants...)
		bad.Holds = append([]token.Hold(nil), good.Holds...)
		bend(&bad)
		if err := s.rules.Check(&bad); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), `account "me" at entry`) {
			t.Errorf("error %v, want one that says %q", err, says)
		}
	}
}
