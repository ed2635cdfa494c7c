package token

import "slices"

// spendable tells whether a grant's remaining tokens may be spent now: it has
// started, is not over, and a top-up only while the plan allows top-ups (T12).
func (r *Rules) spendable(a *Account, g *Grant, now Instant) bool {
	if g.Starts > now || (g.Expires != 0 && g.Expires <= now) {
		return false
	}
	if g.Kind != Topup {
		return true
	}
	p, _ := r.Plan(a.Facts.Plan)
	return p.Topups
}

// Balance is what the account may still spend at its own time, in tokens, holds already
// taken off; never below 0. To ask about another time, roll the account there first (T3).
func (r *Rules) Balance(a *Account) int64 {
	return r.balanceAt(a, a.At)
}

func (r *Rules) balanceAt(a *Account, now Instant) int64 {
	var sum int64
	for i := range a.Grants {
		if r.spendable(a, &a.Grants[i], now) {
			sum += a.Grants[i].Remaining
		}
	}
	return sum
}

// Held is the sum of all open holds' tokens. Relaxed holds hold none (T20).
func (a *Account) Held() int64 {
	var sum int64
	for i := range a.Holds {
		for _, p := range a.Holds[i].Parts {
			sum += p.Tokens
		}
	}
	return sum
}

// Frozen is what the account owns but can't spend: top-ups on a plan that does not
// allow them (T12), and what disputes hold back (T29).
func (r *Rules) Frozen(a *Account) int64 {
	p, _ := r.Plan(a.Facts.Plan)
	var sum int64
	for _, g := range a.Grants {
		sum += g.Frozen
		if g.Kind == Topup && !p.Topups {
			sum += g.Remaining
		}
	}
	return sum
}

// Displayed is the balance that people are shown: less the relaxed jobs since the
// last reset, so that it may be negative. It is no debt (T21).
func (r *Rules) Displayed(a *Account) int64 {
	return r.Balance(a) - a.Facts.RelaxedUsed
}

// Spendable lists the grants that would pay now, in the order in which they would (T8).
func (r *Rules) Spendable(a *Account) []Grant {
	var out []Grant
	for i := range a.Grants {
		if g := &a.Grants[i]; g.Remaining > 0 && r.spendable(a, g, a.At) {
			out = append(out, *g)
		}
	}
	slices.SortFunc(out, r.compare)
	return out
}

// compare orders grants for spending: soonest expiry, then kind, then oldest, then id (T8).
func (r *Rules) compare(x, y Grant) int {
	switch {
	case x.Expires != y.Expires && x.Expires == 0:
		return 1
	case x.Expires != y.Expires && y.Expires == 0:
		return -1
	case x.Expires != y.Expires:
		return sign(int64(x.Expires) - int64(y.Expires))
	}
	if d := r.kindRank(x.Kind) - r.kindRank(y.Kind); d != 0 {
		return d
	}
	if x.Starts != y.Starts {
		return sign(int64(x.Starts) - int64(y.Starts))
	}
	switch {
	case x.ID < y.ID:
		return -1
	case x.ID > y.ID:
		return 1
	}
	return 0
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// owned is every token the account has in any form, for the bound of T1.
func (a *Account) owned() int64 {
	sum := a.Held()
	for i := range a.Grants {
		sum += a.Grants[i].Remaining + a.Grants[i].Frozen
	}
	return sum
}

// heldFrom is what open holds have taken from a grant.
func (a *Account) heldFrom(grant string) int64 {
	var sum int64
	for i := range a.Holds {
		for _, p := range a.Holds[i].Parts {
			if p.Grant == grant {
				sum += p.Tokens
			}
		}
	}
	return sum
}
