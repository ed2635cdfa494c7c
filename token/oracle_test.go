package token_test

import (
	"slices"
	"sort"
	"strings"

	"github.com/florin-studio/florin/token"
)

// The oracle is a second implementation of T1 to T29 for one account, written from the
// text of the rules to be slow and obvious: every single token is an object of its own
// that lies somewhere, every instant at which anything could happen is visited, and
// nothing is ever skipped or forgotten. It shares no code with the package; it uses
// its types only to be told plans and commands.

// coin is one token. It lies in one place at a time.
type coin struct {
	of    *pile
	where spot
}

type spot string

const (
	free   spot = "free"
	held   spot = "held"
	frozen spot = "frozen"
	used   spot = "used"  // spent, given away, or paid back
	gone   spot = "gone"  // expired or removed
	moved  spot = "moved" // another pile has a coin for it
)

// pile is a grant with all coins it ever had.
type pile struct {
	id, kind     string
	starts, ends int64 // milliseconds; ends 0 is never
	coins        []*coin
	dispute      string
	lost         bool  // its money was lost
	locked       int64 // not to be given on before
	number       int
	shares       map[int]*share // by the number of the pile whose coins they were at first
}

func (p *pile) count(where spot) int {
	n := 0
	for _, c := range p.coins {
		if c.where == where {
			n++
		}
	}
	return n
}

// claim is an open hold.
type claim struct {
	id      string
	price   int
	relaxed bool
	counted int
	coins   []*coin // in the order taken
	ends    int64
}

// oracle is the account as the rules' text sees it.
type oracle struct {
	rules                       *token.Rules
	plan, zone, scheduled       string
	at, opened, began           int64 // began: last reset or start of the plan
	nextReset, anchor, cycleEnd int64
	cycle                       int
	relaxedUsed, owed, gifted   int
	piles                       []*pile
	made                        map[string]*pile // those with a name
	holds                       []*claim
	paid                        map[string][]*coin // what of a charge is not refunded yet
	shared                      []*pile            // those with coins of other piles
	numbers                     int                // of piles so far
	carried                     map[int]int        // coins between two piles, by the pile whose they were
	codes                       map[string]bool
	keys                        map[string]string // idempotency keys and the command they had
	begun, ended, given         map[string]string // holds begun and ended, grants given, gifts sent: by id
	came                        map[string]int    // tokens issued at the last boundary, by kind
}

func (o *oracle) planNow() (token.Plan, bool) { return planOf(o.rules, o.plan) }

func planOf(r *token.Rules, id string) (token.Plan, bool) {
	for _, p := range r.Plans {
		if p.ID == id {
			return p, true
		}
	}
	return token.Plan{}, false
}

func rankOf(r *token.Rules, id string) int {
	for i, p := range r.Plans {
		if p.ID == id {
			return i
		}
	}
	return -1
}

// issue makes a pile of new coins; new tokens end the count of relaxed jobs (T22).
func (o *oracle) issue(id, kind string, n int, starts, ends int64) *pile {
	if n == 0 {
		return nil
	}
	p := o.newPile(id, kind, starts, ends)
	p.shares[p.number] = &share{left: n}
	o.carry(p)
	for range n {
		p.coins = append(p.coins, &coin{of: p, where: free})
	}
	o.piles = append(o.piles, p)
	if starts <= o.at {
		o.forgetRelaxed()
	}
	return p
}

func (o *oracle) newPile(id, kind string, starts, ends int64) *pile {
	o.numbers++
	return &pile{id: id, kind: kind, starts: starts, ends: ends, number: o.numbers, shares: map[int]*share{}}
}

func (o *oracle) forgetRelaxed() {
	o.relaxedUsed = 0
	for _, h := range o.holds {
		h.counted = 0
	}
}

// payable are the coins that may be spent now, in the order in which they would be (T8, T12).
func (o *oracle) payable() []*coin {
	plan, _ := o.planNow()
	var piles []*pile
	for _, p := range o.piles {
		if p.starts <= o.at && (p.ends == 0 || p.ends > o.at) && (p.kind != "topup" || plan.Topups) {
			piles = append(piles, p)
		}
	}
	order := o.rules.Order
	if order == nil {
		order = token.DefaultOrder
	}
	key := func(p *pile) (int64, int, int64) {
		ends := p.ends
		if ends == 0 {
			ends = 1 << 62
		}
		kind := slices.Index(order, token.Kind(p.kind))
		if kind < 0 {
			kind = 100 + slices.Index(token.DefaultOrder, token.Kind(p.kind))
		}
		return ends, kind, p.starts
	}
	sort.SliceStable(piles, func(i, j int) bool {
		e1, k1, s1 := key(piles[i])
		e2, k2, s2 := key(piles[j])
		switch {
		case e1 != e2:
			return e1 < e2
		case k1 != k2:
			return k1 < k2
		case s1 != s2:
			return s1 < s2
		}
		return piles[i].id < piles[j].id
	})
	var coins []*coin
	for _, p := range piles {
		for _, c := range p.coins {
			if c.where == free {
				coins = append(coins, c)
			}
		}
	}
	return coins
}

func (o *oracle) balance() int { return len(o.payable()) }

func (o *oracle) heldNow() int {
	n := 0
	for _, h := range o.holds {
		n += len(h.coins)
	}
	return n
}

func (o *oracle) frozenNow() int {
	plan, _ := o.planNow()
	n := 0
	for _, p := range o.piles {
		n += p.count(frozen)
		if p.kind == "topup" && !plan.Topups {
			n += p.count(free)
		}
	}
	return n
}

// comeBack returns a coin to the pile it came from, or tells that it needs a refund grant (T14, T15, T29).
func (o *oracle) comeBack(c *coin) (late bool) {
	p := c.of
	over := p.ends != 0 && p.ends <= o.at
	switch {
	case p.dispute == "lost":
		if c.where == used && o.owed == 0 { // it was repaid
			o.move(c, moved)
			return true
		}
		if c.where == used {
			o.owed--
		}
		o.move(c, gone)
	case p.dispute == "opened":
		o.move(c, frozen)
	case !over:
		o.move(c, free)
	case p.kind == "daily" || p.kind == "plan":
		o.move(c, gone)
	default:
		o.move(c, moved)
		return true
	}
	if !slices.Contains(o.piles, p) {
		o.piles = append(o.piles, p)
	}
	return false
}

// release ends a hold; used coins have been taken out of it before.
func (o *oracle) release(h *claim) {
	late := 0
	for _, c := range slices.Backward(h.coins) {
		if o.comeBack(c) {
			late++
		}
	}
	o.relaxedUsed -= h.counted
	o.holds = slices.DeleteFunc(o.holds, func(x *claim) bool { return x == h })
	o.issue("refund-"+h.id, "refund", late, o.at, o.at+24*hour)
}

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// clone copies everything a command or a boundary may change.
func (o *oracle) clone() *oracle {
	c := *o
	piles, coins := map[*pile]*pile{}, map[*coin]*coin{}
	copyPile := func(p *pile) *pile {
		if q := piles[p]; q != nil {
			return q
		}
		q := *p
		q.shares = map[int]*share{}
		for root, s := range p.shares {
			q.shares[root] = &share{s.left, s.used}
		}
		q.coins = make([]*coin, len(p.coins))
		for i, x := range p.coins {
			q.coins[i] = &coin{of: &q, where: x.where}
			coins[x] = q.coins[i]
		}
		piles[p] = &q
		return &q
	}
	copyCoins := func(list []*coin) []*coin {
		out := make([]*coin, len(list))
		for i, x := range list {
			copyPile(x.of)
			out[i] = coins[x]
		}
		return out
	}
	c.piles = nil
	for _, p := range o.piles {
		c.piles = append(c.piles, copyPile(p))
	}
	c.shared, c.carried = nil, map[int]int{}
	for _, p := range o.shared {
		c.shared = append(c.shared, copyPile(p))
	}
	c.made = map[string]*pile{}
	for id, p := range o.made {
		c.made[id] = copyPile(p)
	}
	c.holds = nil
	for _, h := range o.holds {
		x := *h
		x.coins = copyCoins(h.coins)
		c.holds = append(c.holds, &x)
	}
	c.paid = map[string][]*coin{}
	for id, list := range o.paid {
		c.paid[id] = copyCoins(list)
	}
	c.codes = map[string]bool{}
	for code := range o.codes {
		c.codes[code] = true
	}
	return &c
}

// tidy drops piles that can't be seen any more; coins that were paid still know theirs.
func (o *oracle) tidy() {
	o.piles = slices.DeleteFunc(o.piles, func(p *pile) bool {
		runs := p.ends == 0 || p.ends > o.at // and its end may still be moved
		return p.count(free) == 0 && p.count(held) == 0 && p.count(frozen) == 0 && !(runs && p.kind != "topup")
	})
}

func isBank(p *pile) bool { return p.kind == "rollover" && p.ends == 0 && p.dispute != "lost" }

// visible is one line for what somebody sees of an account's spendable tokens: grants
// that nobody could tell apart but by an id that the package chose are one.
func visible(kind string, starts, ends int64) string {
	return strings.Join([]string{kind, token.Instant(starts).String(), token.Instant(ends).String()}, " ")
}
