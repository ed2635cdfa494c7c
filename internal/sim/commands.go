package sim

import (
	"fmt"

	"github.com/florin-studio/florin/token"
)

// accounts are all the accounts that there may be; a run uses the first of them.
var accounts = []string{"ann", "bob", "eve", "joe"}

// invent makes up a command, one that is about to matter more often than chance would.
func (w *world) invent() *op {
	o := &op{number: len(w.ops) + 1, account: accounts[w.rnd.IntN(w.profile.accounts)]}
	o.key = fmt.Sprintf("k%d", o.number)
	if w.db.tables.seq(o.account) == 0 && w.rnd.IntN(4) > 0 {
		o.command = token.Open{Plan: w.plan()}
		if w.rnd.IntN(3) == 0 {
			o.key = "open" // the same key from wherever somebody signs up
		}
		return o
	}
	o.command = w.command(o)
	if o.key != "" && w.rnd.IntN(25) == 0 && len(w.ops) > 0 {
		o.key = fmt.Sprintf("k%d", 1+w.rnd.IntN(len(w.ops))) // another command's
	}
	return o
}

func (w *world) command(o *op) token.Command {
	if w.profile.rush && w.rnd.IntN(3) > 0 {
		return w.rarer(o)
	}
	switch n := w.rnd.IntN(100); {
	case n < 28:
		o.key = ""
		if w.rnd.IntN(4) == 0 {
			o.key = fmt.Sprintf("k%d", o.number)
		}
		c := token.TakeHold{ID: w.newID(o), Tokens: w.price(o.account)}
		if w.rnd.IntN(3) == 0 {
			c.ExpiresIn = []int64{1, int64(minute), int64(hour), int64(day)}[w.rnd.IntN(4)]
		}
		return c
	case n < 42:
		o.key = ""
		c := token.Settle{ID: w.oldID()}
		if w.rnd.IntN(2) == 0 {
			used := int64(w.rnd.IntN(60))
			c.Tokens = &used
		}
		return c
	case n < 50:
		o.key = ""
		return token.Release{ID: w.oldID()}
	case n < 57:
		return token.Charge{ID: w.newID(o), Tokens: w.price(o.account), Feature: "alchemy"}
	}
	return w.rarer(o)
}

// rareKinds is how many cases rarer has; the others are two of them.
const (
	rareKinds = 20
	gifts     = 8
	codes     = 11
)

func (w *world) rarer(o *op) token.Command {
	kind := w.profile.favourite
	if n := w.rnd.IntN(10); n < 2 || n < 6 && !w.profile.rush {
		kind = w.rnd.IntN(rareKinds)
	}
	switch kind {
	case 0, 1, 2:
		return token.MakeGrant{Kind: token.Topup, Tokens: int64(1 + w.rnd.IntN(300)), Source: "pack"}
	case 3, 4:
		return token.MakeGrant{Kind: token.Bonus, Tokens: int64(1 + w.rnd.IntN(80)), Expires: w.now + day*token.Instant(1+w.rnd.IntN(5))}
	case 5, 6, 7:
		return token.Refund{ID: w.oldID(), Tokens: int64(1 + w.rnd.IntN(60)), Reason: "sorry"}
	case gifts, 9, 10:
		return token.SendGift{ID: fmt.Sprintf("g%d", w.rnd.IntN(40)), To: accounts[w.rnd.IntN(w.profile.accounts)], Tokens: int64(1 + w.rnd.IntN(120))}
	case codes, 12, 13:
		if w.rnd.IntN(4) > 0 { // a code that everybody hears of at the same time
			return token.Redeem{Code: newCode(len(w.ops) / 16 % newCodes)}
		}
		return token.Redeem{Code: []string{"ONE", "TWO", "ANY", "NONE"}[w.rnd.IntN(4)]}
	case 14:
		return token.ChangePlan{To: w.plan()}
	case 15:
		return token.CancelPlan{}
	case 16:
		if w.rnd.IntN(2) == 0 {
			return token.UndoPlanChange{}
		}
		return token.SetZone{To: []string{"UTC", "Europe/Rome", "Pacific/Apia", "America/New_York", "Atlantis/City"}[w.rnd.IntN(5)]}
	case 17:
		return token.Adjust{Tokens: int64(w.rnd.IntN(200) - 100), Reason: "fair is fair", By: "op"}
	case 18:
		return token.Dispute{Grant: w.oldGrant(), State: []token.DisputeState{token.DisputeOpened, token.DisputeWon, token.DisputeLost}[w.rnd.IntN(3)]}
	}
	o.key = "" // a touch is nothing to remember
	return token.Touch{}
}

func (w *world) plan() string { return w.rules.Plans[w.rnd.IntN(len(w.rules.Plans))].ID }

// newID is a hold's id, now and then one that another hold has.
func (w *world) newID(o *op) string {
	if w.rnd.IntN(8) == 0 {
		return w.oldID()
	}
	return fmt.Sprintf("h%d", o.number)
}

// oldID is the id of a hold or charge that was asked for lately, if there is one.
func (w *world) oldID() string {
	for range 6 {
		if len(w.ops) == 0 {
			break
		}
		switch c := w.ops[len(w.ops)-1-w.rnd.IntN(min(len(w.ops), 25))].command.(type) {
		case token.TakeHold:
			return c.ID
		case token.Charge:
			return c.ID
		}
	}
	return fmt.Sprintf("h%d", 1+w.rnd.IntN(len(w.ops)+1))
}

// oldGrant is the id of a grant that was asked for lately, if there is one.
func (w *world) oldGrant() string {
	for range 6 {
		if len(w.ops) == 0 {
			break
		}
		o := w.ops[len(w.ops)-1-w.rnd.IntN(min(len(w.ops), 40))]
		if g, ok := o.command.(token.MakeGrant); ok {
			return string(g.Kind) + "-" + o.key
		}
	}
	return "none"
}

// price is near what the account has, because that is where races matter.
func (w *world) price(account string) int64 {
	small := int64(1 + w.rnd.IntN(60))
	a, ok := w.stateOf(account)
	if !ok || w.rnd.IntN(2) == 0 {
		return small
	}
	a = w.rules.Roll(a, w.now)
	balance := w.rules.Balance(&a)
	return max([]int64{balance, balance + 1, balance - 1, balance / 2, balance/2 + 1, balance / 3}[w.rnd.IntN(6)], 1)
}
