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
	if _, refusal := add("tokens", d.a.owned(), c.Tokens); refusal != nil {
		return refusal
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
		late += d.refundPart(c, p, n)
	}
	d.refundGrant("refund-"+c.ID+"-"+strconv.FormatInt(total, 10), Moved, late, c.Reason)
	d.e.Refunded = total
	return nil
}

// refundPart returns n tokens of what one grant was charged (T18): to the grant while it
// lives, else by T15. It gives the tokens that need a refund grant.
func (d *draft) refundPart(c Refund, p Posting, n int64) int64 {
	if n == 0 {
		return 0
	}
	g, alive := d.a.Grant(p.Grant)
	if !alive {
		g = d.recall(c.Evidence, p)
	}
	to := d.homeOf(g)
	if to == Removed {
		owed := min(d.a.Facts.Owed, n)
		d.a.Facts.Owed -= owed
		d.post(Posting{Grant: g.ID, From: p.To, To: Removed, Tokens: owed, Why: c.Reason})
		d.post(Posting{Grant: g.ID, From: p.To, To: Moved, Tokens: n - owed, Why: c.Reason}) // repaid since then
		return n - owed
	}
	if to == Available || to == Frozen {
		if room := g.Amount - g.Remaining - g.Frozen - g.Gone - d.a.heldFrom(g.ID); !alive || n > room {
			g.Amount += n - max(min(room, n), 0)
			d.putGrant(g)
		}
	}
	d.post(Posting{Grant: g.ID, From: p.To, To: to, Tokens: n, Why: c.Reason})
	if to == Moved {
		return n
	}
	return 0
}

// recall makes a grant that the state has forgotten out of what its charge tells.
func (d *draft) recall(evidence *ChargeEvidence, p Posting) Grant {
	g := Grant{ID: p.Grant, Kind: p.Kind, Starts: p.Starts, Expires: p.Expires, Source: "refund of a charge", GiftableFrom: p.GiftableFrom}
	if slices.Contains(evidence.Lost, g.ID) {
		g.Dispute = DisputeLost
	}
	d.endForgotten(&g)
	return g
}

// endForgotten ends a grant that the state has forgotten if it is of the kinds that are
// forgotten only when they have ended, wherever their end was moved to.
func (d *draft) endForgotten(g *Grant) {
	if g.recurring() || g.Kind == Rollover {
		g.Expires = d.now
	}
}
