package token

import (
	"slices"
	"strconv"
)

// refundLife is how long returned tokens live whose grant has ended (T15), in milliseconds.
const refundLife = 24 * 60 * 60 * 1000

func (c TakeHold) apply(d *draft) *Refusal {
	lane, refusal := d.admit(c.ID, c.Tokens, c.FastOnly)
	if refusal != nil {
		return refusal
	}
	h := Hold{ID: c.ID, At: d.now, Tokens: c.Tokens, Lane: lane, Feature: c.Feature}
	if c.ExpiresIn > 0 {
		h.Expires = d.now + Instant(c.ExpiresIn)
	}
	if lane == Relaxed {
		h.Counted = c.Tokens
		d.a.Facts.RelaxedUsed += c.Tokens
	}
	d.openHold(h)
	if lane == Fast {
		d.takeFrom(c.Tokens, func(g Grant, n int64) {
			d.post(Posting{Grant: g.ID, From: Available, To: Held, Tokens: n, Hold: c.ID})
		})
		d.e.Hold.Parts = slices.Clone(d.a.Holds[len(d.a.Holds)-1].Parts)
	}
	return nil
}

func (c Charge) apply(d *draft) *Refusal {
	lane, refusal := d.admit(c.ID, c.Tokens, c.FastOnly)
	if refusal != nil {
		return refusal
	}
	if lane == Relaxed {
		d.a.Facts.RelaxedUsed += c.Tokens
		return nil
	}
	d.takeFrom(c.Tokens, func(g Grant, n int64) {
		d.post(Posting{Grant: g.ID, From: Available, To: spentOn(c.Feature), Tokens: n}.of(&g))
	})
	return nil
}

// admit decides whether and in which lane a price is accepted (T14, T16, T20).
func (d *draft) admit(id string, price int64, fastOnly bool) (Lane, *Refusal) {
	if refusal := checkAmount("tokens", price); refusal != nil {
		return "", refusal
	}
	if d.a.holdIndex(id) >= 0 {
		return "", &Refusal{Reason: IdempotencyConflict, Field: "id", Value: id, Allowed: "an id that no hold of the account had before"}
	}
	if refusal := d.suspended(price); refusal != nil {
		return "", refusal
	}
	if d.r.balanceAt(&d.a, d.now) >= price {
		return Fast, nil
	}
	p, _ := d.plan()
	switch {
	case !p.Relaxed:
		return "", d.short(InsufficientTokens, price)
	case fastOnly:
		return "", d.short(NotAllowedRelaxed, price)
	}
	if _, refusal := add("relaxed_used", d.a.Facts.RelaxedUsed, price); refusal != nil {
		return "", refusal
	}
	return Relaxed, nil
}

// suspended refuses to let tokens go while the account owes some, where the catalog says so (T29).
func (d *draft) suspended(price int64) *Refusal {
	if d.r.Owed != OwedSuspend || d.a.Facts.Owed == 0 {
		return nil
	}
	return &Refusal{Reason: AccountSuspended, Price: price, Balance: d.r.balanceAt(&d.a, d.now), Limit: d.a.Facts.Owed}
}

// takeFrom walks the spendable grants in spending order until n tokens are taken (T8).
func (d *draft) takeFrom(n int64, take func(g Grant, n int64)) {
	d.a.At = d.now
	for _, g := range d.r.Spendable(&d.a) {
		if n == 0 {
			return
		}
		part := min(n, g.Remaining)
		take(g, part)
		n -= part
	}
}

func (c Settle) apply(d *draft) *Refusal {
	h, ok := d.a.Hold(c.ID)
	if !ok {
		return unknownHold(c.ID)
	}
	used := h.Tokens
	if c.Tokens != nil {
		used = *c.Tokens
	}
	switch {
	case used < 0 || used > Max:
		return &Refusal{Reason: InvalidAmount, Field: "tokens", Value: strconv.FormatInt(used, 10), Allowed: "0 to " + strconv.FormatInt(h.Tokens, 10)}
	case used > h.Tokens:
		return &Refusal{Reason: ExceedsHold, Field: "tokens", Value: strconv.FormatInt(used, 10), Allowed: "at most " + strconv.FormatInt(h.Tokens, 10), Limit: h.Tokens}
	}
	d.spend(h, used)
	d.giveBack(h, "not used")
	d.uncount(h, used)
	d.closeHold(h.ID)
	return nil
}

// spend takes the used part of a hold, first taken first.
func (d *draft) spend(h Hold, used int64) {
	for _, part := range h.Parts {
		n := min(used, part.Tokens)
		if n == 0 {
			return
		}
		used -= n
		g, _ := d.a.Grant(part.Grant)
		d.post(Posting{Grant: g.ID, From: Held, To: spentOn(h.Feature), Tokens: n, Hold: h.ID}.of(&g))
		if g.Dispute == DisputeLost {
			d.a.Facts.Owed += n
		}
	}
}

func (c Release) apply(d *draft) *Refusal {
	h, ok := d.a.Hold(c.ID)
	if !ok {
		return unknownHold(c.ID)
	}
	d.release(h, "released")
	return nil
}

func unknownHold(id string) *Refusal {
	return &Refusal{Reason: UnknownHold, Field: "id", Value: id, Allowed: "an open hold's id"}
}

// release ends a hold and returns all of it (T14).
func (d *draft) release(h Hold, why string) {
	d.giveBack(h, why)
	d.uncount(h, 0)
	d.closeHold(h.ID)
}

// uncount takes a relaxed hold's share beyond what was used out of relaxed_used (T21).
func (d *draft) uncount(h Hold, used int64) {
	if h.Counted > used {
		d.a.Facts.RelaxedUsed -= h.Counted - used
	}
}

// giveBack returns what a hold still has to the grants it came from, last taken first (T14, T15).
func (d *draft) giveBack(h Hold, why string) {
	open, _ := d.a.Hold(h.ID)
	var late int64
	for _, part := range slices.Backward(open.Parts) {
		g, _ := d.a.Grant(part.Grant)
		to := d.homeOf(g)
		d.post(Posting{Grant: g.ID, From: Held, To: to, Tokens: part.Tokens, Hold: h.ID, Why: why})
		if to == Moved {
			late += part.Tokens
		}
	}
	d.refundGrant("refund-"+h.ID, Moved, late, why)
}

// homeOf tells where tokens of a grant belong when they come back (T15, T29).
func (d *draft) homeOf(g Grant) Place {
	ended := g.Expires != 0 && g.Expires <= d.now
	switch {
	case g.Dispute == DisputeLost:
		return Removed
	case g.Dispute == DisputeOpened:
		return Frozen
	case !ended:
		return Available
	case g.recurring():
		return Expired
	}
	return Moved
}

// refundGrant gives tokens whose grant has ended a life of 24 hours (T15).
func (d *draft) refundGrant(id string, from Place, n int64, why string) {
	d.issue(from, Grant{
		ID: d.freeID(id), Kind: RefundKind, Amount: n,
		Starts: d.now, Expires: d.now + refundLife, Source: why,
	}, why)
}
