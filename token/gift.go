package token

import (
	"slices"
	"strconv"
)

// giftLock is how long received tokens can't be given on (T27), in milliseconds.
const giftLock = 24 * 60 * 60 * 1000

func (c SendGift) apply(d *draft) *Refusal {
	if refusal := checkAmount("tokens", c.Tokens); refusal != nil {
		return refusal
	}
	gifts := d.r.Gifts
	if !gifts.Enabled || c.To == d.a.ID {
		return &Refusal{Reason: GiftNotAllowed, Field: "to", Value: c.To, Allowed: "another account, where the catalog allows gifts"}
	}
	if refusal := d.suspended(c.Tokens); refusal != nil {
		return refusal
	}
	if gifts.DailyLimit > 0 && c.Tokens > gifts.DailyLimit-d.a.Facts.Gifted {
		return &Refusal{Reason: GiftLimit, Field: "tokens", Value: strconv.FormatInt(c.Tokens, 10), Limit: gifts.DailyLimit,
			Allowed: "at most " + strconv.FormatInt(max(gifts.DailyLimit-d.a.Facts.Gifted, 0), 10) + " until " + d.a.Facts.NextReset.String()}
	}
	gifted, refusal := add("tokens", d.a.Facts.Gifted, c.Tokens)
	if refusal != nil {
		return refusal
	}
	var free, locked int64
	d.eachGiftable(func(g Grant, open bool) {
		if open {
			free += g.Remaining
		} else {
			locked += g.Remaining
		}
	})
	switch {
	case c.Tokens > free+locked:
		return &Refusal{Reason: InsufficientTokens, Price: c.Tokens, Balance: free, Missing: c.Tokens - free}
	case c.Tokens > free:
		return &Refusal{Reason: GiftNotAllowed, Field: "tokens", Value: strconv.FormatInt(c.Tokens, 10), Allowed: "at most " + strconv.FormatInt(free, 10) + ": the rest was received less than 24 hours ago"}
	}
	left := c.Tokens
	d.eachGiftable(func(g Grant, open bool) {
		if !open || left == 0 {
			return
		}
		n := min(left, g.Remaining)
		left -= n
		d.post(Posting{Grant: g.ID, From: Available, To: Gifted, Tokens: n, Why: "gift to " + c.To}.of(&g))
	})
	d.a.Facts.Gifted = gifted
	return nil
}

// eachGiftable walks the grants of giftable kinds in spending order; open tells whether the lock on received gifts is over (T27).
func (d *draft) eachGiftable(visit func(g Grant, open bool)) {
	kinds := d.r.Gifts.Kinds
	if len(kinds) == 0 {
		kinds = []Kind{Topup}
	}
	d.a.At = d.now
	for _, g := range d.r.Spendable(&d.a) {
		if slices.Contains(kinds, g.Kind) {
			visit(g, g.GiftableFrom <= d.now)
		}
	}
}

// GiftParts is what a SendGift's entry gave, for the ReceiveGift that follows it (T27).
func GiftParts(e *Entry) []GiftPart {
	var parts []GiftPart
	for _, p := range e.Postings {
		if p.To == Gifted {
			parts = append(parts, GiftPart{Tokens: p.Tokens, Expires: p.Expires})
		}
	}
	return parts
}

func (c ReceiveGift) apply(d *draft) *Refusal {
	owned := d.a.owned()
	for _, p := range c.Parts {
		sum, refusal := add("tokens", owned, p.Tokens)
		if refusal != nil {
			return refusal
		}
		owned = sum
	}
	for _, p := range c.Parts {
		id := d.freeID("gift-" + c.ID)
		if p.Expires != 0 && p.Expires <= d.now {
			// The receiver's time may be ahead of the sender's (T2).
			d.post(Posting{Grant: id, From: Gifted, To: Expired, Tokens: p.Tokens, Why: "gift came too late"})
			continue
		}
		d.issue(Gifted, Grant{
			ID: id, Kind: Gift, Amount: p.Tokens, Starts: d.now, Expires: p.Expires,
			Source: "gift from " + c.From, GiftableFrom: d.now + giftLock,
		}, "gift from "+c.From)
	}
	return nil
}

func (c Open) apply(*draft) *Refusal  { return nil }
func (c Touch) apply(*draft) *Refusal { return nil }
