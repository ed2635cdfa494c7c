package sim

import (
	"strconv"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Spans in milliseconds.
const (
	second token.Instant = 1000
	minute               = 60 * second
	hour                 = 60 * minute
	day                  = 24 * hour
	// start is 2026-03-27T22:00:00Z, two days before clocks change in Europe.
	start token.Instant = 1774648800000
)

// rules are terms with something of everything, and little of it.
func rules() *token.Rules {
	r := &token.Rules{
		Version: "sim-1", Zone: "Europe/Rome", Default: "free", Reset: calendar.Clock(0),
		Plans: []token.Plan{
			{ID: "free", Name: "Free", Allowance: 150, Every: token.Day},
			{ID: "apprentice", Name: "Apprentice", Allowance: 850, Every: token.Month, DailyFloor: 150, Topups: true, RolloverCap: 1000},
			{ID: "maestro", Name: "Maestro", Allowance: 2500, Every: token.Month, DailyFloor: 150, Topups: true, Relaxed: true},
		},
		Packs: []token.Pack{{ID: "small", Tokens: 500}},
		Promos: []token.Promo{
			{Code: "ONE", Tokens: 40, Limit: 1}, {Code: "TWO", Tokens: 25, Limit: 2, ExpiresAfter: int64(3 * day)}, {Code: "ANY", Tokens: 5},
		},
		Gifts: token.Gifts{Enabled: true, Kinds: []token.Kind{token.Topup, token.Gift, token.Bonus}, DailyLimit: 400},
		Owed:  token.OwedRepay,
	}
	for i := range newCodes {
		r.Promos = append(r.Promos, token.Promo{Code: newCode(i), Tokens: int64(1 + i), Limit: int64(1 + i%3)})
	}
	return r
}

// newCodes is how many codes come out one after the other.
const newCodes = 12

func newCode(n int) string { return "NEW" + strconv.Itoa(n) }
