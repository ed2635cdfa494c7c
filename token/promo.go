package token

import "slices"

func (c Redeem) apply(d *draft) *Refusal {
	p, ok := d.r.promo(c.Code)
	refuse := func(reason Reason, allowed string) *Refusal {
		return &Refusal{Reason: reason, Field: "code", Value: c.Code, Allowed: allowed}
	}
	f := &d.a.Facts
	switch {
	case !ok:
		return refuse(CodeUnknown, "a code of this catalog")
	case slices.Contains(d.a.Codes, c.Code):
		return refuse(CodeAlreadyRedeemed, "once per account")
	case p.From != 0 && d.now < p.From:
		return refuse(CodeNotYet, "from "+p.From.String())
	case p.Until != 0 && d.now >= p.Until:
		return refuse(CodeOver, "until "+p.Until.String())
	case len(p.Plans) > 0 && !slices.Contains(p.Plans, f.Plan):
		refusal := refuse(CodeNotForPlan, "")
		refusal.Plans = slices.Clone(p.Plans)
		return refusal
	case p.NewWithin > 0 && d.now-f.Opened > Instant(p.NewWithin):
		return refuse(CodeNotForPlan, "new accounts")
	}
	if _, refusal := add("tokens", d.a.owned(), p.Tokens); refusal != nil {
		return refusal
	}
	d.e.Code = c.Code
	d.a.Codes = append(d.a.Codes, c.Code)
	if p.Discount > f.Discount { // a better discount that waits is not lost to a smaller one
		f.Discount, f.DiscountCode = p.Discount, c.Code
	}
	g := Grant{ID: d.freeID("bonus-" + c.Code), Kind: Bonus, Amount: p.Tokens, Starts: d.now, Source: "code " + c.Code}
	if p.ExpiresAfter > 0 {
		g.Expires = d.now + min(Instant(p.ExpiresAfter), endInstant-d.now)
	}
	d.issue(Issued, g, "code "+c.Code)
	return nil
}
