package token_test

import "slices"

// share is what a pile has of the coins that another pile, or it itself, had at first (T29).
// Coins that were put together can't be told apart. Those of a purchase are
// spent last, and are the first to end, to be taken away and to come back.
type share struct{ left, used int }

func inside(where spot) bool { return where == free || where == held || where == frozen }

func (p *pile) inside() int { return p.count(free) + p.count(held) + p.count(frozen) }

// move lets a coin lie elsewhere.
func (o *oracle) move(c *coin, where spot) {
	had := c.of.inside()
	was := c.where
	c.where = where
	for root, s := range c.of.shares {
		left := false
		switch {
		case inside(was) && !inside(where):
			if left = where == gone && s.left > 0 || s.left == had; left {
				s.left--
			}
		case was == used && s.used > 0:
			left = true
			s.used--
		}
		switch {
		case left && inside(where):
			s.left++
		case left && where == used:
			s.used++
		case left && where == moved:
			o.carried[root]++
		}
	}
}

// carry lets a pile have what was carried to it.
func (o *oracle) carry(to *pile) {
	for root, n := range o.carried {
		if to.shares[root] == nil {
			to.shares[root] = &share{}
		}
		to.shares[root].left += n
	}
	if len(o.carried) > 0 && !slices.Contains(o.shared, to) {
		o.shared = append(o.shared, to)
	}
	o.carried = map[int]int{}
}

// lose takes a purchase back: what was spent is owed, what is left is gone, wherever it lies.
func (o *oracle) lose(p *pile) {
	piles := []*pile{p}
	for _, q := range o.shared {
		if q != p && q.shares[p.number] != nil {
			piles = append(piles, q)
		}
	}
	p.lost = true
	for _, q := range piles {
		s := q.shares[p.number]
		o.owed += s.used
		left, all := s.left, s.left == q.inside()
		if all && (q == p || left > 0) {
			q.dispute = "lost"
		}
		for _, where := range []spot{frozen, free} {
			for _, c := range q.coins {
				if c.where == where && left > 0 {
					left--
					o.move(c, gone)
				}
			}
		}
		if q == p && !all {
			o.thaw(p)
		}
	}
}

// thaw ends a dispute.
func (o *oracle) thaw(p *pile) {
	p.dispute = ""
	late := 0
	for _, x := range p.coins {
		if x.where == frozen && o.comeBack(x) {
			late++
		}
	}
	o.issue("refund-"+p.id, "refund", late, o.at, o.at+24*hour)
}
