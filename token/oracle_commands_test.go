package token_test

import (
	"encoding/json"
	"slices"

	"github.com/florin-studio/florin/token"
)

// verdict is what the oracle thinks of a command. The rules' text does not say which
// refusal comes first where several are due, so reasons has all of them.
type verdict struct {
	replay  bool
	reasons []token.Reason
	// For insufficient_tokens (T16).
	price, balance int
	nextAt         int64
	next           map[string]int
	plans, packs   []string
}

func (v *verdict) no(reason token.Reason) { v.reasons = append(v.reasons, reason) }

func text(c token.Command) string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return c.Name() + " " + string(b)
}

// submit decides a command at a time (T2, T17). The account changes only if it is accepted.
func (o *oracle) submit(rules *token.Rules, key string, at int64, c token.Command) (*oracle, verdict) {
	if v, done := o.repeated(key, c); done {
		return o, v
	}
	after := o.clone()
	after.rules = rules
	after.roll(at)
	var v verdict
	after.decide(key, c, &v)
	if len(v.reasons) > 0 {
		return o, v
	}
	after.tidy()
	after.remember(key, c)
	return after, v
}

// repeated looks for the same command decided before (T17).
func (o *oracle) repeated(key string, c token.Command) (v verdict, done bool) {
	was, known, conflict := "", false, token.IdempotencyConflict
	if key != "" {
		was, known = o.keys[key]
	} else {
		switch c := c.(type) {
		case token.TakeHold:
			was, known = o.begun[c.ID]
		case token.Charge:
			was, known = o.begun[c.ID]
		case token.Settle:
			was, known = o.ended[c.ID]
			conflict = token.HoldClosed
		case token.Release:
			was, known = o.ended[c.ID]
			conflict = token.HoldClosed
		case token.MakeGrant:
			was, known = o.given["g"+c.ID]
		case token.SendGift:
			was, known = o.given["s"+c.ID]
		case token.ReceiveGift:
			was, known = o.given["r"+c.ID]
		}
	}
	switch {
	case !known:
		return v, false
	case was == text(c):
		v.replay = true
	default:
		v.no(conflict)
	}
	return v, true
}

func (o *oracle) remember(key string, c token.Command) {
	if _, touch := c.(token.Touch); key != "" && !touch {
		o.keys[key] = text(c)
	}
	switch x := c.(type) {
	case token.TakeHold:
		o.begun[x.ID] = text(c)
	case token.Charge:
		o.begun[x.ID], o.ended[x.ID] = text(c), text(c)
	case token.Settle:
		o.ended[x.ID] = text(c)
	case token.Release:
		o.ended[x.ID] = text(c)
	case token.MakeGrant:
		o.given["g"+x.ID] = text(c)
	case token.SendGift:
		o.given["s"+x.ID] = text(c)
	case token.ReceiveGift:
		o.given["r"+x.ID] = text(c)
	}
}

// decide checks a command and, if nothing speaks against it, carries it out.
func (o *oracle) decide(key string, c token.Command, v *verdict) {
	switch c := c.(type) {
	case token.TakeHold:
		o.begin(c.ID, int(c.Tokens), c.FastOnly, v, func(coins []*coin, relaxed bool) {
			h := &claim{id: c.ID, price: int(c.Tokens), relaxed: relaxed, coins: coins}
			if relaxed {
				h.counted = h.price
			}
			if c.ExpiresIn > 0 {
				h.ends = o.at + c.ExpiresIn
			}
			for _, x := range coins {
				x.where = held
			}
			o.holds = append(o.holds, h)
		})
	case token.Charge:
		o.begin(c.ID, int(c.Tokens), c.FastOnly, v, func(coins []*coin, relaxed bool) {
			for _, x := range coins {
				x.where = used
			}
			o.paid[c.ID] = coins
		})
	case token.Settle:
		o.settle(c, v)
	case token.Release:
		if h := o.open(c.ID, v); h != nil {
			o.release(h)
			o.paid[c.ID] = []*coin{}
		}
	case token.Refund:
		o.refund(c, v)
	case token.MakeGrant:
		o.grant(c, v)
	case token.Adjust:
		o.adjust(key, c, v)
	case token.SetZone:
		o.setZone(c, v)
	case token.ChangePlan, token.CancelPlan, token.UndoPlanChange:
		o.planCommand(c, v)
	case token.Dispute:
		o.disputed(c, v)
	case token.Redeem:
		o.redeem(c, v)
	case token.SendGift:
		o.send(c, v)
	case token.ReceiveGift:
		o.receive(c)
	}
}

// begin takes a price, or accepts a job into the relaxed lane (T14, T16, T20).
func (o *oracle) begin(id string, price int, fastOnly bool, v *verdict, take func([]*coin, bool)) {
	if price < 1 {
		v.no(token.InvalidAmount)
		return
	}
	if o.begun[id] != "" {
		v.no(token.IdempotencyConflict)
	}
	if o.rules.Owed == token.OwedSuspend && o.owed > 0 {
		v.no(token.AccountSuspended)
	}
	plan, _ := o.planNow()
	coins := o.payable()
	relaxed := false
	if len(coins) < price {
		switch {
		case !plan.Relaxed:
			v.no(token.InsufficientTokens)
		case fastOnly:
			v.no(token.NotAllowedRelaxed)
		default:
			relaxed = true
		}
		v.price, v.balance = price, len(coins)
		v.nextAt, v.next = o.next()
		o.remedies(v, fastOnly && plan.Relaxed)
	}
	if len(v.reasons) > 0 {
		return
	}
	if relaxed {
		o.relaxedUsed += price
		take(nil, true)
		return
	}
	take(slices.Clone(coins[:price]), false)
}

// remedies tries every higher plan and every pack (T16).
func (o *oracle) remedies(v *verdict, fastOnly bool) {
	for i, p := range o.rules.Plans {
		if i <= rankOf(o.rules, o.plan) {
			continue
		}
		try := o.clone()
		try.came = nil
		try.changePlan(p)
		if try.plan == p.ID && (try.balance() >= v.price) || (p.Relaxed && !fastOnly) {
			v.plans = append(v.plans, p.ID)
		}
	}
	plan, _ := o.planNow()
	for _, pack := range o.rules.Packs {
		if !plan.Topups {
			break
		}
		try := o.clone()
		try.grant(token.MakeGrant{ID: "pack", Kind: token.Topup, Tokens: pack.Tokens}, &verdict{})
		if try.balance() >= v.price {
			v.packs = append(v.packs, pack.ID)
		}
	}
}

func (o *oracle) open(id string, v *verdict) *claim {
	for _, h := range o.holds {
		if h.id == id {
			return h
		}
	}
	if o.begun[id] != "" {
		v.no(token.HoldClosed)
	} else {
		v.no(token.UnknownHold)
	}
	return nil
}

func (o *oracle) settle(c token.Settle, v *verdict) {
	h := o.open(c.ID, v)
	if h == nil {
		return
	}
	n := h.price
	if c.Tokens != nil {
		n = int(*c.Tokens)
	}
	if n < 0 {
		v.no(token.InvalidAmount)
		return
	}
	if n > h.price {
		v.no(token.ExceedsHold)
		return
	}
	if !h.relaxed {
		o.paid[c.ID] = slices.Clone(h.coins[:n])
		for _, x := range h.coins[:n] {
			x.where = used
			if x.of.dispute == "lost" {
				o.owed++
			}
		}
		h.coins = h.coins[n:]
	} else {
		o.paid[c.ID] = []*coin{}
		h.counted = max(0, h.counted-n)
	}
	o.release(h)
}

func (o *oracle) refund(c token.Refund, v *verdict) {
	coins, known := o.paid[c.ID]
	switch {
	case c.Tokens < 1:
		v.no(token.InvalidAmount)
		return
	case !known:
		v.no(token.UnknownHold)
		return
	case int(c.Tokens) > len(coins):
		v.no(token.ExceedsCharge)
		return
	}
	rest := len(coins) - int(c.Tokens)
	late := 0
	for _, x := range slices.Backward(coins[rest:]) {
		if o.comeBack(x) {
			late++
		}
	}
	o.paid[c.ID] = coins[:rest]
	o.issue("refund-"+c.ID, "refund", late, o.at, o.at+24*hour)
}

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
				x.where = used
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
			x.where = gone
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
	if p == nil || p.dispute == "lost" {
		v.no(token.UnknownGrant)
		return
	}
	switch c.State {
	case token.DisputeOpened:
		p.dispute = "opened"
		for _, x := range p.coins {
			if x.where == free {
				x.where = frozen
			}
		}
	case token.DisputeWon:
		if p.dispute != "opened" {
			v.no(token.UnknownGrant)
			return
		}
		p.dispute = ""
		late := 0
		for _, x := range p.coins {
			if x.where == frozen && o.comeBack(x) {
				late++
			}
		}
		o.issue("refund-"+p.id, "refund", late, o.at, o.at+24*hour)
	case token.DisputeLost:
		p.dispute = "lost"
		for _, x := range p.coins {
			switch x.where {
			case free, frozen:
				x.where = gone
			case used:
				o.owed++
			}
		}
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
		x.where = used
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
