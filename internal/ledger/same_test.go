package ledger_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// stream is a reproducible sequence of commands for a few accounts, many of which are
// repeats or will be refused.
func stream(seed uint64, n int) []ledger.Request {
	rng := rand.New(rand.NewPCG(seed, 1))
	accounts := []string{"ann", "bob", "cyd"}
	at := noon
	var reqs []ledger.Request
	for _, a := range accounts {
		reqs = append(reqs, ask(a, "open", at, token.Open{Plan: "artisan"}))
	}
	for range n {
		at += token.Instant(rng.IntN(int(4 * hour)))
		who := rng.IntN(len(accounts))
		c := draw(rng, accounts[(who+1)%len(accounts)])
		req := ask(accounts[who], id("k", rng.IntN(4*n)), at, c)
		if req.Key = ""; req.Primary() == "" || rng.IntN(2) == 0 {
			req.Key = id("k", rng.IntN(4*n))
		}
		reqs = append(reqs, req)
		if rng.IntN(10) == 0 {
			reqs = append(reqs, req)
		}
	}
	return reqs
}

func draw(rng *rand.Rand, other string) token.Command {
	hold := id("h", rng.IntN(60))
	few := int64(1 + rng.IntN(2000))
	switch rng.IntN(16) {
	case 0, 1, 2, 3:
		return token.TakeHold{ID: hold, Tokens: few, ExpiresIn: int64(rng.IntN(2)) * int64(day), Feature: "default"}
	case 4, 5:
		return token.Settle{ID: hold}
	case 6:
		return token.Settle{ID: hold, Tokens: &few}
	case 7:
		return token.Release{ID: hold}
	case 8:
		return token.Refund{ID: hold, Tokens: 1 + few/100, Reason: "spoiled"}
	case 9:
		c := token.MakeGrant{ID: id("g", rng.IntN(30)), Kind: token.Topup, Tokens: few, Source: "pack <1>"}
		if few%2 == 0 { // disputes ask the journal about these
			c.Kind, c.Expires = token.Bonus, noon+token.Instant(rng.IntN(int(1200*hour)))
		}
		return c
	case 10:
		return token.Charge{ID: hold, Tokens: few}
	case 11:
		return token.SendGift{ID: id("s", rng.IntN(20)), To: other, Tokens: 1 + few/10}
	case 12:
		return token.Redeem{Code: []string{"TEN", "ANY", "NONE"}[rng.IntN(3)]}
	case 13:
		return token.Dispute{Grant: id("g", rng.IntN(30)), State: []token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost}[rng.IntN(3)]}
	case 14:
		return token.ChangePlan{To: []string{"free", "artisan"}[rng.IntN(2)]}
	}
	return token.Adjust{Tokens: few - 1000, Reason: "because", By: "op"}
}

// TestSameCommandsSameJournal: whatever the store and the batches, the journal is that
// of the model ledger, byte for byte.
func TestSameCommandsSameJournal(t *testing.T) {
	t.Parallel()
	const seed = 7
	reqs := stream(seed, 600)
	var book token.Book
	r := rules()
	refused := make([]token.Reason, len(reqs))
	for i, req := range reqs {
		var err error
		if send, ok := req.Command.(token.SendGift); ok {
			_, err = book.Transfer(r, req.Account, send, req.Request)
		} else {
			_, err = book.Submit(r, req.Account, req.Request)
		}
		refused[i] = reason(err)
	}
	storetest.Each(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		rng := rand.New(rand.NewPCG(seed, 2))
		for from := 0; from < len(reqs); {
			n := min(1+rng.IntN(40), len(reqs)-from)
			_, errs := h.SubmitAll(context.Background(), reqs[from:from+n])
			for i, err := range errs {
				if got := reason(err); got != refused[from+i] || (got == "" && err != nil) {
					t.Fatalf("request %d (%s of %s): %v, the model says %q", from+i, reqs[from+i].Command.Name(), reqs[from+i].Account, err, refused[from+i])
				}
			}
			from += n
		}
		for _, account := range []string{"ann", "bob", "cyd"} {
			compareJournal(t, h.Ledger, account, book.Journal(account))
		}
		verified(t, h.Ledger)
	})
}

func compareJournal(t *testing.T, l *ledger.Ledger, account string, want []token.Entry) {
	t.Helper()
	got, err := l.Journal(t.Context(), account, 0, len(want)+1)
	if err != nil || len(got) != len(want) {
		t.Fatalf("journal of %s: %d entries, want %d, %v", account, len(got), len(want), err)
	}
	for i := range want {
		if string(got[i].Bytes()) != string(want[i].Bytes()) || got[i].Hash != want[i].Hash || got[i].Prev != want[i].Prev {
			t.Fatalf("entry %d of %s:\n%s\nwant\n%s", i+1, account, got[i].Bytes(), want[i].Bytes())
		}
	}
}
