package token_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// T3, T5, T6: at every second of a day, also one with a change of clock, an account is
// what somebody makes of it who looks every second; and rolling there in one step is
// rolling second by second.
func TestEverySecond(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWatched(t)
		begin := w.naive.now
		end := begin + rapid.Int64Range(3600, 30*3600).Draw(t, "seconds")
		acts := rapid.SliceOfN(rapid.Int64Range(begin, end), 0, 6).Draw(t, "acts")
		many, _ := w.book.Account(me)
		for ; w.naive.now < end; w.naive.tick() {
			for _, at := range acts {
				if at == w.naive.now {
					w.act(t)
					many, _ = w.book.Account(me)
				}
			}
			many = w.rules.Roll(many, token.Instant(w.naive.now*second))
			if balance, held := w.rules.Balance(&many), many.Held(); balance != w.naive.balance() || held != w.naive.held() {
				t.Fatalf("at %s balance %d, held %d; who looks every second has %d and %d", many.At, balance, held, w.naive.balance(), w.naive.held())
			}
		}
		stored, _ := w.book.Account(me)
		if once := w.rules.Roll(stored, many.At); encodeState(once) != encodeState(many) {
			t.Fatalf("in one step\n%s\nsecond by second\n%s", encodeState(once), encodeState(many))
		}
	})
}

// watched is an account in a book, and in the eyes of somebody who looks every second.
type watched struct {
	rules *token.Rules
	book  token.Book
	naive *naive
	n     int
}

// drawWatched draws a daily account that opens when the watch begins, or a monthly one
// whose cycle ends about then.
func drawWatched(t *rapid.T) *watched {
	plan := token.Plan{ID: "p", Allowance: rapid.Int64Range(1, 40).Draw(t, "allowance"), Every: token.Day}
	if rapid.Bool().Draw(t, "monthly") {
		plan.Every = token.Month
		plan.DailyFloor = rapid.Int64Range(0, 30).Draw(t, "floor")
	}
	r := &token.Rules{Version: "v", Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Reset: drawReset(t), Plans: []token.Plan{plan}, Default: "p"}
	begin := drawStart(t) / second
	w := &watched{rules: r, naive: watch(r.Zone, int64(r.Reset), plan, begin)}
	if plan.Every == token.Day {
		w.submit(t, begin, token.Open{})
		w.naive.give("daily", plan.Allowance)
		return w
	}
	local := time.Unix(begin, 0).In(w.naive.zone).AddDate(0, 0, -rapid.IntRange(27, 31).Draw(t, "days ago"))
	opened := local.Unix() + rapid.Int64Range(0, 86_400).Draw(t, "later")
	w.submit(t, opened, token.Open{})
	w.naive.anchor = wallTime(w.naive.zone, opened*second)
	for w.naive.due(w.naive.latest) {
		w.naive.cycle++
	}
	w.naive.give("plan", plan.Allowance)
	if plan.Allowance < plan.DailyFloor { // given by the reset before, unless the cycle began after it
		a, _ := w.book.Account(me)
		a = w.rules.Roll(a, token.Instant(begin*second))
		w.naive.give("daily", w.rules.Balance(&a)-plan.Allowance)
	}
	return w
}

// act makes the account spend or get something, in both eyes.
func (w *watched) act(t *rapid.T) {
	at := w.naive.now
	balance := w.naive.balance()
	if balance == 0 || rapid.IntRange(0, 2).Draw(t, "act") == 0 {
		w.submit(t, at, token.MakeGrant{Kind: token.Bonus, Tokens: 7})
		w.naive.give("bonus", 7)
		return
	}
	price := rapid.Int64Range(1, balance).Draw(t, "price")
	life := rapid.Int64Range(1, 20*3600).Draw(t, "life")
	w.submit(t, at, token.TakeHold{ID: strconv.Itoa(w.n), Tokens: price, ExpiresIn: life * second})
	h := w.naive.take(price)
	h.ends = at + life
	w.naive.holds = append(w.naive.holds, h)
}

func (w *watched) submit(t *rapid.T, at int64, c token.Command) {
	w.n++
	if _, err := w.book.Submit(w.rules, me, token.Request{Key: strconv.Itoa(w.n), At: token.Instant(at * second), Command: c}); err != nil {
		t.Fatal(err)
	}
}
