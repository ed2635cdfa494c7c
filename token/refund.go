package token

import (
	"slices"
	"strconv"
)

func (c Refund) apply(d *draft) *Refusal {
	if refusal := checkAmount("tokens", c.Tokens); refusal != nil {
		return refusal
	}
	if c.Evidence == nil {
		return unknownHold(c.ID)
	}
	var charged int64
	for _, p := range c.Evidence.Parts {
		charged += p.Tokens
	}
	if left := charged - c.Evidence.Refunded; c.Tokens > left {
		return &Refusal{Reason: ExceedsCharge, Field: "tokens", Value: strconv.FormatInt(c.Tokens, 10), Allowed: "at most " + strconv.FormatInt(left, 10), Limit: left}
	}
	total := c.Evidence.Refunded + c.Tokens
	skip, left := c.Evidence.Refunded, c.Tokens
	var late int64
	for _, p := range slices.Backward(c.Evidence.Parts) {
		n := p.Tokens
		gone := min(skip, n)
		skip -= gone
		n = min(n-gone, left)
		left -= n
		late += d.refundPart(p, n, c.Reason)
	}
	d.refundGrant("refund-"+c.ID, spentOnAny, late, c.Reason)
	d.e.Refunded = total
	return nil
}

// spentOnAny is where refunded tokens come from: what was spent, whatever it was spent on.
const spentOnAny = Spent

// refundPart returns n tokens of what one grant was charged (T18): to the grant while it
// lives, else by T15. It gives the tokens that need a refund grant.
func (d *draft) refundPart(p Posting, n int64, why string) int64 {
	if n == 0 {
		return 0
	}
	g, alive := d.a.Grant(p.Grant)
	if !alive {
		g = Grant{ID: p.Grant, Kind: p.Kind, Starts: d.now, Expires: p.Expires, Source: "refund of a charge"}
	}
	switch to := d.homeOf(g); to {
	case Moved:
		return n
	case Available, Frozen:
		if room := g.Amount - g.Remaining - g.Frozen - d.a.heldFrom(g.ID); !alive || n > room {
			g.Amount += n - max(min(room, n), 0)
			d.putGrant(g)
		}
		d.post(Posting{Grant: g.ID, From: p.To, To: to, Tokens: n, Why: why})
	default:
		d.post(Posting{Grant: p.Grant, From: p.To, To: to, Tokens: n, Why: why})
		if to == Removed {
			d.a.Facts.Owed -= min(d.a.Facts.Owed, n)
		}
	}
	return 0
}
