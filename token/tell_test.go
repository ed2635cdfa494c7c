package token

import (
	"reflect"
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

func TestFell(t *testing.T) {
	t.Parallel()
	r := &Rules{Zone: "UTC", Default: "free", Plans: []Plan{{ID: "free", Allowance: 150, Every: Day}}}
	at := calendar.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	const day = 24 * 3600 * 1000
	var a Account
	do := func(c Command, later Instant, mark, balance int64, fell bool) {
		t.Helper()
		after, entries, err := r.Apply(a, Request{Key: string(rune('a' + a.Seq)), At: at + later, Command: c})
		if err != nil {
			t.Fatal(err)
		}
		got, is := r.Fell(&a, entries, mark)
		if is != fell || fell && got != balance {
			t.Errorf("%s: %d %t, want %d %t", c.Name(), got, is, balance, fell)
		}
		a = after
	}
	do(Open{}, 0, 200, 0, false) // it never had 200
	do(Charge{ID: "1", Tokens: 49}, 0, 101, 101, false)
	do(TakeHold{ID: "2", Tokens: 1}, 0, 101, 100, true)
	do(Charge{ID: "3", Tokens: 1}, 0, 101, 99, false)    // it was below already
	do(Charge{ID: "4", Tokens: 140}, day, 101, 10, true) // the reset between raised it to 150
	do(Adjust{Tokens: 100, Reason: "x", By: "y"}, day, 101, 0, false)
	do(Adjust{Tokens: -10, Reason: "x", By: "y"}, day, 110, 100, true)
	do(Touch{}, 2*day, 101, 0, false) // rises by the next reset
	if _, fell := r.Fell(&a, nil, 1000); fell {
		t.Error("nothing happened, and it fell")
	}
}

func TestExpiring(t *testing.T) {
	t.Parallel()
	r := &Rules{Zone: "UTC", Default: "pro", Plans: []Plan{{ID: "pro", Allowance: 1000, Every: Month, RolloverCap: 400, DailyFloor: 150}}}
	at := calendar.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	const day = 24 * 3600 * 1000
	var b Book
	for i, c := range []Command{
		Open{}, MakeGrant{ID: "soon", Kind: Bonus, Tokens: 50, Expires: at + 2*day}, MakeGrant{ID: "late", Kind: Bonus, Tokens: 60, Expires: at + 40*day},
		MakeGrant{ID: "ever", Kind: Bonus, Tokens: 70}, MakeGrant{ID: "tomorrow", Kind: Gift, Tokens: 5, Starts: at + day, Expires: at + 3*day},
	} {
		if _, err := b.Submit(r, "a", Request{Key: string(rune('a' + i)), At: at, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := b.Account("a")
	if got, want := r.Expiring(a, at+3*day), []Expiry{{"soon", Bonus, 50, at + 2*day}, {"tomorrow", Gift, 5, at + 3*day}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	// At the cycle's end 400 of the allowance go to the bank and 600 expire.
	all := r.Expiring(a, at+31*day)
	if len(all) != 3 || all[2].Kind != PlanKind || all[2].Tokens != 600 || all[2].At != a.Facts.CycleEnds {
		t.Errorf("%+v", all)
	}
}
