package token

func (c Dispute) apply(d *draft) *Refusal {
	g, alive := d.a.Grant(c.Grant)
	switch {
	case c.State == DisputeWon && g.Dispute != DisputeOpened:
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant with an open dispute"}
	case !alive && c.Evidence == nil:
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant of this account"}
	case !alive:
		g = *c.Evidence
		g.Remaining, g.Frozen, g.Gone = 0, 0, 0
	case c.Evidence != nil:
		// A grant that was used up and then refunded into knows only what came back.
		g.Amount = max(g.Amount, c.Evidence.Amount)
	}
	if g.Dispute == DisputeLost {
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant whose dispute is not lost yet"}
	}
	switch c.State {
	case DisputeOpened:
		g.Dispute = DisputeOpened
		d.putGrant(g)
		d.post(Posting{Grant: g.ID, From: Available, To: Frozen, Tokens: g.Remaining, Why: "dispute opened"})
	case DisputeWon:
		d.winDispute(g)
	case DisputeLost:
		return d.loseDispute(g)
	}
	return nil
}

// winDispute thaws what a dispute froze (T29). Where the grant has ended meanwhile, what
// came back to it from holds and refunds goes where it would have gone without the dispute (T15).
func (d *draft) winDispute(g Grant) {
	g.Dispute = ""
	d.putGrant(g)
	to := d.homeOf(g)
	d.post(Posting{Grant: g.ID, From: Frozen, To: to, Tokens: g.Frozen, Why: "dispute won"})
	if to == Moved {
		d.refundGrant("refund-"+g.ID, Moved, g.Frozen, "dispute won")
	}
}

// loseDispute removes what is left of a grant and records what was spent of it as
// owed (T29). What open holds have of it is owed when they settle, and removed when
// they are released; it has to fit beside the rest already now, so that settling never
// fails for it (T1).
func (d *draft) loseDispute(g Grant) *Refusal {
	held := d.a.heldFrom(g.ID)
	spent := max(g.Amount-g.Remaining-g.Frozen-g.Gone-held, 0)
	if _, refusal := add("owed", d.a.mayOwe(), spent+held); refusal != nil {
		return refusal
	}
	g.Dispute = DisputeLost
	d.putGrant(g)
	d.post(Posting{Grant: g.ID, From: Available, To: Removed, Tokens: g.Remaining, Why: "dispute lost"})
	d.post(Posting{Grant: g.ID, From: Frozen, To: Removed, Tokens: g.Frozen, Why: "dispute lost"})
	d.a.Facts.Owed += spent
	return nil
}

// mayOwe is what the account owes, and what it will owe when its open holds settle (T29).
func (a *Account) mayOwe() int64 {
	sum := a.Facts.Owed
	for i := range a.Grants {
		if a.Grants[i].Dispute == DisputeLost {
			sum += a.heldFrom(a.Grants[i].ID)
		}
	}
	return sum
}
