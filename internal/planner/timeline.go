package planner

import (
	"github.com/florin-studio/florin/token"
)

// horizon is how far ahead a plan looks, in milliseconds: three years.
const horizon = 3 * 366 * 24 * 60 * 60 * 1000

// moment is an instant from which on something is different: tokens come or go, a plan
// changes, prices change. Between two moments nothing changes by itself, so whatever is
// done between them may as well be done at the first.
type moment struct {
	at token.Instant
	// prices that apply until the next moment.
	prices *table
	// idle is the account as it is if nothing is spent at all. It has every grant that
	// any plan of spending could still have.
	idle token.Account
	// comes is what the account that spends everything at once can spend here: the tokens
	// that come at this moment. reached is their sum up to and including this moment: the
	// most that any way of spending can have spent by now.
	comes, reached int64
	// alone tells that no token that may be there now lives on to the next moment.
	alone bool
}

// timeline gives the moments of an account one after another, as the engine's own forecast
// tells them.
type timeline struct {
	rules   *token.Rules
	shop    *shop
	end     token.Instant
	moments []moment
	spender token.Account
	// ahead is idle rolled to its next boundary.
	ahead token.Account
	over  bool
}

func newTimeline(rules *token.Rules, s *shop, a token.Account) *timeline {
	t := &timeline{rules: rules, shop: s, end: a.At + horizon, spender: a}
	t.add(a)
	return t
}

// get gives a moment, or false beyond the horizon.
func (t *timeline) get(i int) (*moment, bool) {
	for len(t.moments) <= i {
		if !t.grow() {
			return nil, false
		}
	}
	return &t.moments[i], true
}

// grow finds the next moment: the next boundary or the next change of prices.
func (t *timeline) grow() bool {
	if t.over {
		return false
	}
	last := &t.moments[len(t.moments)-1]
	idle := t.ahead
	if edge := t.shop.edge(last.at); edge != 0 && edge < idle.At {
		idle = t.rules.Roll(last.idle, edge)
	}
	if idle.At >= t.end {
		t.over = true
		return false
	}
	last.alone = dies(last.idle, idle.At)
	t.add(idle)
	return true
}

func (t *timeline) add(idle token.Account) {
	m := moment{at: idle.At, prices: t.shop.at(idle.At), idle: idle}
	t.spender = pass(t.rules, t.spender, idle.At)
	m.comes = t.rules.Balance(&t.spender)
	if m.comes > 0 {
		spent, _, err := t.rules.Apply(t.spender, token.Request{At: idle.At, Command: token.Charge{ID: "plan", Tokens: m.comes}})
		if err != nil {
			m.comes = 0 // a suspended account spends nothing (T29)
		} else {
			t.spender = spent
		}
	}
	m.reached = m.comes
	if n := len(t.moments); n > 0 {
		m.reached += t.moments[n-1].reached
	}
	if t.ahead.At <= idle.At {
		t.ahead = t.rules.Forecast(idle, t.end, func(token.Event) bool { return false })
	}
	t.moments = append(t.moments, m)
}

// pass rolls an account to an instant.
func pass(r *token.Rules, a token.Account, at token.Instant) token.Account {
	return r.Forecast(a, at, func(token.Event) bool { return true })
}

// dies tells whether no token of the account is left after an instant, by the terms of its grants.
func dies(a token.Account, at token.Instant) bool {
	if len(a.Holds) > 0 {
		return false
	}
	for _, g := range a.Grants {
		if g.Remaining > 0 && g.Starts <= a.At && (g.Expires == 0 || g.Expires > at) {
			return false
		}
	}
	return true
}
