package token_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/florin-studio/florin/token"
	"pgregory.net/rapid"
)

// T29: money taken back, in every order of what may become of a purchase meanwhile. It is the
// machine, kept to few ids, short lives, and plans with a bank.
func TestT29MachineOfPurchases(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		r := *m.rules
		r.Plans = slices.Clone(r.Plans)
		for i := range r.Plans {
			if r.Plans[i].Every == token.Month && rapid.IntRange(0, 3).Draw(t, "bank") > 0 {
				r.Plans[i].RolloverCap = rapid.Int64Range(5, 60).Draw(t, "cap")
			}
		}
		m.rules = &r
		t.Repeat(map[string]func(*rapid.T){
			"spend":   func(t *rapid.T) { m.ask(t, m.drawSpending(t)) },
			"spend2":  func(t *rapid.T) { m.ask(t, m.drawUse(t)) },
			"buy":     func(t *rapid.T) { m.ask(t, m.drawBuying(t)) },
			"dispute": func(t *rapid.T) { m.ask(t, m.drawDispute(t)) },
			"manage":  func(t *rapid.T) { m.ask(t, m.drawManaging(t)) },
		})
	})
}

func (m *machine) drawDispute(t *rapid.T) token.Command {
	state := rapid.SampledFrom([]token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost, token.DisputeLost}).Draw(t, "state")
	return token.Dispute{Grant: m.drawPurchase(t), State: state}
}

// drawBuying draws a grant that ends soon, or with the cycle, or never.
func (m *machine) drawBuying(t *rapid.T) token.Command {
	a, _ := m.book.Account(me)
	kind := rapid.SampledFrom([]token.Kind{token.Topup, token.Bonus, token.Bonus, token.PlanKind, token.PlanKind, token.Daily, token.Rollover, token.Gift, token.RefundKind}).Draw(t, "kind")
	c := token.MakeGrant{ID: "g" + strconv.Itoa(len(m.oracle.given)), Kind: kind, Tokens: rapid.Int64Range(1, 20).Draw(t, "tokens")}
	ends := []int64{0, 0, m.now + hour, m.now + day, int64(a.Facts.NextReset), int64(a.Facts.CycleEnds)}
	c.Expires = token.Instant(rapid.SampledFrom(ends).Draw(t, "ends"))
	return c
}

// drawUse draws holds and charges of about what there is, and refunds of what was charged.
func (m *machine) drawUse(t *rapid.T) token.Command {
	a, _ := m.book.Account(me)
	n := max(1, m.rules.Balance(&a)-rapid.Int64Range(0, 12).Draw(t, "less"))
	switch rapid.IntRange(0, 3).Draw(t, "use") {
	case 0:
		return token.TakeHold{ID: m.newHold(t), Tokens: n, ExpiresIn: rapid.SampledFrom([]int64{0, hour, 2 * day}).Draw(t, "in")}
	case 1:
		return token.Charge{ID: m.newHold(t), Tokens: n}
	case 2:
		return token.Settle{ID: m.drawHold(t)}
	}
	var ids []string
	for id, coins := range m.oracle.paid {
		if len(coins) > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	id := rapid.SampledFrom(append(ids, "h0")).Draw(t, "charge")
	return token.Refund{ID: id, Tokens: rapid.Int64Range(1, int64(max(1, len(m.oracle.paid[id])))).Draw(t, "back")}
}
