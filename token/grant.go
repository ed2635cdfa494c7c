package token

import "github.com/florin-studio/florin/token/calendar"

func (c MakeGrant) apply(d *draft) *Refusal {
	if refusal := checkAmount("tokens", c.Tokens); refusal != nil {
		return refusal
	}
	if _, refusal := add("tokens", d.a.owned(), c.Tokens); refusal != nil {
		return refusal
	}
	g := Grant{ID: c.ID, Kind: c.Kind, Amount: c.Tokens, Starts: c.Starts, Expires: c.Expires, Source: c.Source}
	switch {
	case g.ID == "" && d.key != "":
		g.ID = string(c.Kind) + "-" + d.key
	case g.ID == "":
		g.ID = d.freeID(string(c.Kind) + "-" + stamp(d.now))
	}
	if d.a.grantIndex(g.ID) >= 0 {
		return &Refusal{Reason: IdempotencyConflict, Field: "id", Value: g.ID, Allowed: "an id that no grant of the account has"}
	}
	g.Starts = max(g.Starts, d.now)
	if g.Expires == 0 {
		g.Expires = d.ownEnd(c.Kind, g.Starts)
	}
	if g.Expires != 0 && g.Expires <= g.Starts {
		return &Refusal{Reason: InvalidAmount, Field: "expires", Value: g.Expires.String(), Allowed: "an instant after " + g.Starts.String()}
	}
	d.issue(Issued, g, c.Source)
	if c.Kind == Topup {
		d.a.Facts.Discount, d.a.Facts.DiscountCode = 0, ""
		d.repay(g)
	}
	return nil
}

// ownEnd is when a kind ends by itself: the day, the cycle, 24 hours, or never.
func (d *draft) ownEnd(k Kind, starts Instant) Instant {
	switch k {
	case Daily:
		return d.a.Facts.NextReset
	case PlanKind:
		if d.a.Facts.CycleEnds == 0 {
			return d.a.Facts.NextReset // without a cycle, the plan's rhythm is the day
		}
		return d.a.Facts.CycleEnds
	case RefundKind:
		return starts + refundLife
	}
	return 0
}

// repay takes what the account owes from a top-up (T29).
func (d *draft) repay(g Grant) {
	if !d.r.repays() {
		return
	}
	n := min(d.a.Facts.Owed, g.Amount)
	d.post(Posting{Grant: g.ID, From: Available, To: Repaid, Tokens: n, Why: "owed"})
	d.a.Facts.Owed -= n
}

func (c Adjust) apply(d *draft) *Refusal {
	why := c.Reason + " (" + c.By + ")"
	if c.Tokens >= 0 {
		return MakeGrant{Kind: Adjustment, Tokens: c.Tokens, Source: why}.apply(d)
	}
	if c.Tokens < -Max {
		return checkAmount("tokens", c.Tokens)
	}
	n := -c.Tokens
	if balance := d.r.balanceAt(&d.a, d.now); n > balance {
		return d.short(InsufficientTokens, n)
	}
	d.takeFrom(n, func(g Grant, part int64) {
		d.post(Posting{Grant: g.ID, From: Available, To: Removed, Tokens: part, Why: why})
	})
	return nil
}

func (c SetZone) apply(d *draft) *Refusal {
	zone, err := calendar.Load(c.To)
	if err != nil {
		return unknownZone(c.To)
	}
	f := &d.a.Facts
	if f.Zone == c.To {
		return nil
	}
	old := f.NextReset
	f.Zone = c.To
	f.NextReset = d.resetAfterMove(zone)
	for _, g := range d.a.Grants {
		if g.Kind == Daily && g.Expires == old {
			g.Expires = f.NextReset
			d.putGrant(g)
		}
	}
	return nil
}

// resetGap is the least time between two allowances around a change of zone (T5), in milliseconds.
const resetGap = 20 * 60 * 60 * 1000

// resetAfterMove is the first reset in the new zone that is not too close to the last one (T5).
func (d *draft) resetAfterMove(zone calendar.Zone) Instant {
	_, next := zone.NextReset(max(d.now, d.a.Facts.ResetAt+resetGap-1), d.r.Reset)
	return next
}
