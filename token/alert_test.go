package token

import (
	"reflect"
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

func TestAlerts(t *testing.T) {
	t.Parallel()
	r := &Rules{Zone: "UTC", Default: "free", Plans: []Plan{{ID: "free", Allowance: 150, Every: Day}}}
	at := calendar.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	terms := AlertTerms{Within: 72 * 3600 * 1000, More: 50}
	var b Book
	do := func(c Command, key string) {
		t.Helper()
		if _, err := b.Submit(r, "a", Request{Key: key, At: at, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want ...Alert) {
		t.Helper()
		a, _ := b.Account("a")
		if got := r.Alerts(a, terms); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	do(Open{}, "")
	do(Charge{ID: "1", Tokens: 119}, "")
	expect()
	do(TakeHold{ID: "2", Tokens: 1}, "")
	expect(Alert{Kind: AllowanceMostlyUsed, Used: 120, Allowance: 150})
	do(Charge{ID: "3", Tokens: 30}, "")
	expect(Alert{Kind: AllowanceUsed, Used: 150, Allowance: 150})
	end := at + 3600*1000
	do(MakeGrant{ID: "b", Kind: Bonus, Tokens: 51, Expires: end}, "")
	do(MakeGrant{ID: "c", Kind: Bonus, Tokens: 50, Expires: end}, "")
	do(MakeGrant{ID: "d", Kind: Bonus, Tokens: 500, Expires: at + 73*3600*1000}, "")
	expect(Alert{Kind: AllowanceUsed, Used: 150, Allowance: 150}, Alert{Kind: Expiring, Grant: "b", Tokens: 51, At: end})
}
