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
				o.move(x, held)
			}
			o.holds = append(o.holds, h)
		})
	case token.Charge:
		o.begin(c.ID, int(c.Tokens), c.FastOnly, v, func(coins []*coin, relaxed bool) {
			for _, x := range coins {
				o.move(x, used)
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
			o.move(x, used)
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
