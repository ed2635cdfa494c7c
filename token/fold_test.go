package token_test

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
)

// T30, T31: an entry that does not follow from the state before it is not folded, and the
// error says why.
func TestT31FoldRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	const at = "2026-05-10 12:00"
	s := tell(t, "basic")
	s.do(at, token.MakeGrant{ID: "g", Kind: token.Topup, Tokens: 10})
	s.do(at, token.TakeHold{ID: "h", Tokens: 1005})
	before, _ := s.book.Account(me)
	next := s.do(at, token.Settle{ID: "h", Tokens: amount(1)})
	if _, err := token.Fold(before, next); err != nil {
		t.Fatal(err)
	}
	for says, bend := range map[string]func(*token.Entry){
		"follows 3":                   func(e *token.Entry) { e.Seq++ },
		"follows 3, want 4":           func(e *token.Entry) { e.Seq-- },
		"is of account \"other\"":     func(e *token.Entry) { e.Account = other },
		"before the one ahead of it":  func(e *token.Entry) { e.At-- },
		"is chained to":               func(e *token.Entry) { e.Prev = strings.Repeat("0", 64) },
		"has not 6 of grant \"g\"":    func(e *token.Entry) { e.Postings[1].Tokens++ },
		"has not 1 of grant \"x\"":    func(e *token.Entry) { e.Postings[0].Grant = "x" },
		"no hold \"i\"":               func(e *token.Entry) { e.Postings[0].Hold = "i" },
		"0 tokens from held":          func(e *token.Entry) { e.Postings[0].Tokens = 0 },
		"-1 tokens from held":         func(e *token.Entry) { e.Postings[0].Tokens = -1 },
		"is closed with tokens in it": func(e *token.Entry) { e.Postings = e.Postings[1:] },
		"no hold \"i\" to close":      func(e *token.Entry) { e.Closed = []string{"i"} },
		"grant \"g\" has 5 available": func(e *token.Entry) {
			e.Postings[0].From, e.Postings[0].Grant, e.Postings[0].Tokens = token.Available, "g", 6
		},
		"grant \"g\" has 0 frozen, not 999": func(e *token.Entry) {
			e.Postings[0].From, e.Postings[0].Grant, e.Postings[0].Tokens = token.Frozen, "g", 999
		},
		"no grant \"x\"": func(e *token.Entry) { e.Postings[0].From, e.Postings[0].Grant = token.Available, "x" },
	} {
		e := *next
		e.Postings = append([]token.Posting(nil), next.Postings...)
		bend(&e)
		after, err := token.Fold(before, &e)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %q; state %s", err, says, encode(after))
		}
	}
}
