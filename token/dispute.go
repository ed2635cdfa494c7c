package token

func (c Dispute) apply(d *draft) *Refusal {
	g, ok := d.a.Grant(c.Grant)
	if !ok {
		if c.Evidence == nil || c.State == DisputeWon {
			return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant of this account"}
		}
		g = *c.Evidence
		g.Remaining, g.Frozen = 0, 0
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
		g.Dispute = ""
		d.putGrant(g)
		d.post(Posting{Grant: g.ID, From: Frozen, To: Available, Tokens: g.Frozen, Why: "dispute won"})
	case DisputeLost:
		d.loseDispute(g)
	}
	return nil
}

// loseDispute removes what is left of a grant and records what was spent of it as
// owed (T29). What open holds have of it is owed when they settle, and removed when
// they are released.
func (d *draft) loseDispute(g Grant) {
	spent := g.Amount - g.Remaining - g.Frozen - d.a.heldFrom(g.ID)
	g.Dispute = DisputeLost
	d.putGrant(g)
	d.post(Posting{Grant: g.ID, From: Available, To: Removed, Tokens: g.Remaining, Why: "dispute lost"})
	d.post(Posting{Grant: g.ID, From: Frozen, To: Removed, Tokens: g.Frozen, Why: "dispute lost"})
	d.a.Facts.Owed += max(spent, 0)
}
