package token

// bank moves what is left of a plan grant at the cycle's end to the rollover bank, up
// to the plan's cap, and gives what it moved (T10). On a plan without rollover, and on
// one that ends now (T24), nothing moves.
func (d *draft) bank(g Grant) int64 {
	p, _ := d.plan()
	if d.a.Facts.Scheduled != "" {
		return 0
	}
	n := min(g.Remaining, d.bankRoom(p))
	if n <= 0 {
		return 0
	}
	d.post(Posting{Grant: g.ID, From: Available, To: Moved, Tokens: n, Why: "rollover"})
	d.growBank(Moved, n, "rollover")
	return n
}

// bankSkipped adds the allowances of cycles that nobody saw (T3, T10).
func (d *draft) bankSkipped(p Plan, cycles int) {
	room := d.bankRoom(p)
	n := room
	if p.Allowance == 0 || int64(cycles) <= room/p.Allowance {
		n = p.Allowance * int64(cycles)
	}
	if n > 0 {
		d.growBank(Issued, n, "rollover of skipped cycles")
	}
}

// bankRoom is how much more the bank may take, counting what holds have taken from it.
func (d *draft) bankRoom(p Plan) int64 {
	room := p.RolloverCap
	for i := range d.a.Grants {
		if g := &d.a.Grants[i]; isBank(g) {
			room -= g.Remaining + g.Frozen + d.a.heldFrom(g.ID)
		}
	}
	return max(room, 0)
}

// isBank tells whether a grant is the bank: rollover tokens that live as long as the plan.
// One whose money was lost takes nothing any more (T29).
func isBank(g *Grant) bool {
	return g.Kind == Rollover && g.Expires == 0 && g.Dispute != DisputeLost
}

// growBank puts tokens into the bank, opening it where there is none.
func (d *draft) growBank(from Place, n int64, why string) {
	for _, g := range d.a.Grants {
		if isBank(&g) {
			g.Amount += n
			d.putGrant(g)
			d.post(Posting{Grant: g.ID, From: from, To: Available, Tokens: n, Why: why})
			return
		}
	}
	id := d.freeID("rollover-" + stamp(d.now))
	d.putGrant(Grant{ID: id, Kind: Rollover, Amount: n, Starts: d.now, Source: "unspent plan tokens"})
	d.post(Posting{Grant: id, From: from, To: Available, Tokens: n, Why: why})
}
