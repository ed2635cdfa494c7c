package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/token"
)

// What a preview says is what then happens, and until then nothing has happened.
func TestT28PreviewTellsWhatWouldBeDone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		must(t, h.Ledger, ask("ann", "", noon, token.MakeGrant{ID: "b", Kind: token.Bonus, Tokens: 30, Expires: noon + 2*hour}))
		fresh := newLedger(t, sqlstore.New(h.db), ledger.Options{}) // which remembers nothing
		for i, c := range []token.Command{
			token.Adjust{Tokens: -40, Reason: "booked twice", By: "ada"},
			token.Adjust{Tokens: 25, Reason: "for the wait", By: "ada"},
			token.TakeHold{ID: "h", Tokens: 10},
			token.Settle{ID: "h"},
			token.SetZone{To: "Asia/Tokyo"},
			token.Touch{},
		} {
			req := token.Request{Key: id("k", i), At: noon + token.Instant(i+1)*hour, Command: c} // the bonus expires on the way
			before, err := h.Journal(t.Context(), "ann", 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			stood, _ := h.Account(t.Context(), "ann", req.At)
			p, err := h.Preview(t.Context(), "ann", req)
			cold, coldErr := fresh.Preview(t.Context(), "ann", req)
			if err != nil || coldErr != nil || told(p) != told(cold) {
				t.Fatalf("%s: %+v %v, of an empty memory %+v %v", c.Name(), p, err, cold, coldErr)
			}
			if after, _ := h.Journal(t.Context(), "ann", 0, 100); !reflect.DeepEqual(before, after) {
				t.Errorf("previewing %s changed the journal from %+v to %+v", c.Name(), before, after)
			}
			if string(p.Before.AppendJSON(nil)) != string(stood.AppendJSON(nil)) || p.Repeat {
				t.Errorf("%s: before it %+v, want %+v", c.Name(), p.Before, stood)
			}
			r := must(t, h.Ledger, ledger.Request{Account: "ann", Request: req})
			if r.Replayed || r.Entry != nil && (p.After.Hash != r.Entry.Hash || p.Left != r.Entry.Balance || !reflect.DeepEqual(p.Postings, r.Entry.Postings)) {
				t.Errorf("%s: previewed %+v, done %+v", c.Name(), p, r.Entry)
			}
			if left := balance(t, h.Ledger, "ann", req.At); left != p.Left {
				t.Errorf("%s leaves %d, previewed %d", c.Name(), left, p.Left)
			}
			if req.Command.Name() == "touch" {
				continue // it has no memory
			}
			again, err := h.Preview(t.Context(), "ann", req)
			if err != nil || !again.Repeat || again.Balance != again.Left || len(again.Postings) > 0 {
				t.Errorf("%s again: %+v %v", c.Name(), again, err)
			}
		}
		verified(t, h.Ledger)
	})
}

// told is all of a preview.
func told(p ledger.Preview) string {
	return fmt.Sprintf("%s, then %s: %d, then %d by %+v, %t", p.Before.AppendJSON(nil), p.After.AppendJSON(nil), p.Balance, p.Left, p.Postings, p.Repeat)
}

// A preview is refused for the reasons that the command would be refused for.
func TestT28PreviewRefusesAlike(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		open(t, h.Ledger, "ann")
		must(t, h.Ledger, ask("ann", "used", noon, token.Adjust{Tokens: 5, Reason: "r", By: "o"}))
		for _, c := range []ledger.Request{
			ask("ann", "k", noon, token.Adjust{Tokens: -2000000, Reason: "r", By: "o"}),
			ask("ann", "k", noon, token.Adjust{Tokens: 0, Reason: "r", By: "o"}),
			ask("ann", "k", noon, token.Adjust{Tokens: token.Max, Reason: "r", By: "o"}),
			ask("ann", "k", noon, token.Adjust{Tokens: 1, By: "o"}),
			ask("ann", "k", noon, token.Adjust{Tokens: 1, Reason: "r"}),
			ask("ann", "", noon, token.Adjust{Tokens: 1, Reason: "r", By: "o"}),
			ask("ann", "used", noon, token.Adjust{Tokens: 6, Reason: "r", By: "o"}),
			ask("ann", "used", noon, token.TakeHold{ID: "x", Tokens: 5}),
			ask("bob", "k", noon, token.Adjust{Tokens: 1, Reason: "r", By: "o"}),
			ask("", "k", noon, token.Adjust{Tokens: 1, Reason: "r", By: "o"}),
		} {
			_, said := h.Preview(t.Context(), c.Account, c.Request)
			_, want := h.Submit(t.Context(), c)
			if said == nil || want == nil || !reflect.DeepEqual(said, want) {
				t.Errorf("%s %+v: previewed %v, submitted %v", c.Account, c.Request, said, want)
			}
		}
		for _, c := range []token.Command{token.Open{}, token.Redeem{Code: "TEN"}, token.SendGift{ID: "g", To: "ann", Tokens: 1}, token.ReceiveGift{ID: "g", From: "bob"}} {
			_, err := h.Preview(t.Context(), "ann", token.Request{Key: "k", At: noon, Command: c})
			var invalid *token.Invalid
			if !errors.As(err, &invalid) || invalid.Field != "command" {
				t.Errorf("a preview of %s: %v", c.Name(), err)
			}
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if _, err := h.Preview(ended, "ann", token.Request{Key: "k", At: noon, Command: token.Adjust{Tokens: 1, Reason: "r", By: "o"}}); !errors.Is(err, context.Canceled) {
			t.Errorf("after the caller has gone: %v", err)
		}
	})
}
