package planner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// execute does what a schedule says in a book, job by job: each price is held, and settled
// when the last picture is made. Every balance must be the predicted one, and what comes
// and goes between must be what the schedule tells.
func execute(t fatal, list *catalog.Catalog, story []token.Request, p planner.Project, s *planner.Schedule, prepare ...token.Command) {
	t.Helper()
	rules := list.Rules()
	book := told(t, rules, story)
	for i, c := range prepare {
		if _, err := book.Submit(rules, "me", token.Request{Key: fmt.Sprint("prepare", i), At: story[0].At, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	made := make([]int, len(p.Wishes))
	var taken, expired int64
	jobs, relaxed := 0, 0
	for _, d := range s.Days {
		before := len(book.Journal("me"))
		touch(t, book, rules, d.At)
		account, _ := book.Account("me")
		if got := rules.Balance(at(rules, account, d.At)); got != d.Before {
			t.Fatalf("%s: balance before is %d, predicted %d", d.At, got, d.Before)
		}
		for _, e := range book.Journal("me")[before:] {
			for _, post := range e.Postings {
				if post.To == token.Expired {
					expired += post.Tokens
				}
			}
		}
		for _, w := range d.Work {
			wish := p.Wishes[w.Wish]
			for _, other := range p.Wishes {
				if wish.After != "" && other.What == wish.After && made[index(p, wish.After)] != other.Pictures {
					t.Fatalf("%s begins before %s is finished", wish.What, wish.After)
				}
			}
			price, err := list.Price(wish.Request(w.Images), w.At)
			if err != nil || price.Tokens != w.Price {
				t.Fatalf("%s: %d images cost %d (%v), predicted %d", w.At, w.Images, price.Tokens, err, w.Price)
			}
			for range w.Jobs {
				jobs++
				id := fmt.Sprint("job", jobs)
				account, _ = book.Account("me")
				if refusal := list.Allow(wish.Request(w.Images), at(rules, account, w.At).Facts.Plan); refusal != nil {
					t.Fatal(refusal)
				}
				got, err := book.Submit(rules, "me", token.Request{At: w.At, Command: token.TakeHold{ID: id, Tokens: price.Tokens, FastOnly: price.FastOnly}})
				if err != nil {
					t.Fatalf("%s: %v", w.At, err)
				}
				if got.Entry.Hold.Lane != w.Lane {
					t.Fatalf("%s: lane is %s, predicted %s", w.At, got.Entry.Hold.Lane, w.Lane)
				}
				for _, part := range got.Entry.Hold.Parts {
					taken += part.Tokens
				}
				if _, err := book.Submit(rules, "me", token.Request{At: w.At, Command: token.Settle{ID: id}}); err != nil {
					t.Fatal(err)
				}
			}
			made[w.Wish] += w.Jobs * w.Images
			if w.Lane == token.Relaxed {
				relaxed += w.Jobs * w.Images
			}
		}
		account, _ = book.Account("me")
		if got := rules.Balance(at(rules, account, d.At)); got != d.After {
			t.Fatalf("%s: balance after is %d, predicted %d", d.At, got, d.After)
		}
	}
	for i, w := range p.Wishes {
		if made[i] != w.Pictures {
			t.Fatalf("%d pictures of %s, want %d", made[i], w.What, w.Pictures)
		}
	}
	account, _ := book.Account("me")
	if left := rules.Balance(at(rules, account, s.Finish)); taken != s.Tokens || jobs != s.Jobs || relaxed != s.Relaxed || expired != s.Expires || left != s.Balance {
		t.Fatalf("took %d, %d jobs, %d relaxed, %d expired, %d left; predicted %d, %d, %d, %d, %d",
			taken, jobs, relaxed, expired, left, s.Tokens, s.Jobs, s.Relaxed, s.Expires, s.Balance)
	}
}

func at(r *token.Rules, a token.Account, when token.Instant) *token.Account {
	a = r.Roll(a, when)
	return &a
}

func touch(t fatal, book *token.Book, r *token.Rules, when token.Instant) {
	t.Helper()
	if _, err := book.Submit(r, "me", token.Request{At: when, Command: token.Touch{}}); err != nil {
		t.Fatal(err)
	}
}

func index(p planner.Project, what string) int {
	for i, w := range p.Wishes {
		if w.What == what {
			return i
		}
	}
	return -1
}

func TestExecutionGivesThePredictedBalances(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := smallCatalog(t, true)
		start := moment(2026, time.March, rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"))
		a, story := smallAccount(t, list, start)
		p := smallProject(t, 30)
		p.SecondsPerPicture = rapid.SampledFrom([]int{0, 0, 40, 5000}).Draw(t, "seconds")
		p.FastOnly = rapid.IntRange(0, 3).Draw(t, "fast only") == 0
		if rapid.Bool().Draw(t, "dated") {
			p.By = fmt.Sprintf("2026-04-%02d", rapid.IntRange(1, 30).Draw(t, "by"))
		}
		ans, err := planner.Plan(list, a, p, start, planner.Options{Effort: 8000})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range every(ans) {
			var prepare []token.Command
			switch o.Kind {
			case "plan":
				prepare = []token.Command{token.ChangePlan{To: o.Plan}}
			case "pack":
				prepare = []token.Command{token.MakeGrant{ID: "plan-pack", Kind: token.Topup, Tokens: list.Packs()[0].Tokens * int64(o.Quantity), Source: "pack"}}
			}
			for _, s := range schedules(o) {
				execute(t, list, story, p, s, prepare...)
			}
		}
	})
}

// Tokens expire only where no picture of later could have been made from them for as little.
func TestNothingUsefulExpires(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := smallCatalog(t, true)
		start := moment(2026, time.March, rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"))
		a, _ := smallAccount(t, list, start)
		p := smallProject(t, 25)
		p.FastOnly = true
		ans, err := planner.Plan(list, a, p, start, planner.Options{Effort: 8000})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range schedules(ans.Here) {
			inVain(t, list, p, s)
		}
	})
}

// inVain looks for a picture whose price does not depend on the others, and which could
// have been made from tokens that expired.
func inVain(t *rapid.T, list *catalog.Catalog, p planner.Project, s *planner.Schedule) {
	made := make([]int, len(p.Wishes))
	for i, d := range s.Days {
		for _, w := range d.Work {
			made[w.Wish] += w.Jobs * w.Images
		}
		if i+1 == len(s.Days) || len(d.Work) == 0 {
			continue // where nothing is done a premium feature may not be there yet
		}
		var lost int64
		for _, c := range s.Days[i+1].Changes {
			if c.What == "expired" && c.Kind == token.Daily {
				lost += c.Tokens
			}
		}
		for j, w := range p.Wishes {
			price, _ := list.Price(w.Request(1), d.At)
			usual, _ := list.Price(w.Request(1), 0)
			if w.Operation == "" || made[j] == w.Pictures || price.Tokens > lost || price.Tokens > d.After {
				continue
			}
			if w.After != "" && made[index(p, w.After)] < p.Wishes[index(p, w.After)].Pictures {
				continue
			}
			if later := cheapestLater(s, i+1, j, usual.Tokens); later >= price.Tokens {
				t.Fatalf("%d tokens expire after %s, and one %s for %d is left for later (%d)", lost, d.At, w.What, price.Tokens, later)
			}
		}
	}
}

// cheapestLater is the least that one picture of a wish costs from a day on.
func cheapestLater(s *planner.Schedule, from, wish int, least int64) int64 {
	for _, d := range s.Days[from:] {
		for _, w := range d.Work {
			if w.Wish == wish {
				least = min(least, w.Price)
			}
		}
	}
	return least
}
