package token

func (c Dispute) apply(d *draft) *Refusal {
	g, alive := d.a.Grant(c.Grant)
	switch {
	case c.State == DisputeWon && g.Dispute != DisputeOpened:
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant with an open dispute"}
	case !alive && c.Evidence == nil:
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: c.Grant, Allowed: "a grant of this account"}
	case !alive:
		g = c.Evidence.Grant
		g.Remaining, g.Frozen, g.Gone = 0, 0, 0
		d.endForgotten(&g)
	case c.Evidence != nil:
		// A grant that was used up and then refunded into knows only what came back.
		g.Amount = max(g.Amount, c.Evidence.Grant.Amount)
	}
	if g.Dispute == DisputeLost || c.Evidence != nil && c.Evidence.Grant.Dispute == DisputeLost {
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
		return d.loseDispute(g, c.Evidence)
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

// loseDispute removes what is left of a grant, also of what moved from it to others (T10,
// T15), and records what was spent of it as owed (T29). What open holds have of it is owed
// when they settle, and removed when they are released; it has to fit beside the rest
// already now, so that settling never fails for it (T1).
func (d *draft) loseDispute(g Grant, evidence *GrantEvidence) *Refusal {
	held := d.a.heldFrom(g.ID)
	lots := []Lot{{Grant: g.ID, Left: g.Remaining + g.Frozen + held, Spent: max(g.Amount-g.Remaining-g.Frozen-g.Gone-held, 0)}}
	if evidence != nil && len(evidence.Lots) > 0 {
		lots = evidence.Lots
	}
	var spent, waits int64
	for _, lot := range lots {
		spent += lot.Spent
		if lot.Left == d.a.owns(lot.Grant) {
			waits += d.a.heldFrom(lot.Grant)
		}
	}
	if _, refusal := add("owed", d.a.mayOwe(), spent+waits); refusal != nil {
		return refusal
	}
	g.Dispute = DisputeLost
	d.putGrant(g)
	for _, lot := range lots {
		d.takeLot(lot)
	}
	d.a.Facts.Owed += spent
	return nil
}

// takeLot removes what is left of a lost purchase in one grant. If nothing else is in it,
// the grant is lost with what open holds have of it. Others' tokens in it stay, and those
// that holds have are taken for theirs: it is not known which will be spent.
func (d *draft) takeLot(lot Lot) {
	g, alive := d.a.Grant(lot.Grant)
	if !alive || g.Dispute != DisputeLost && lot.Left == 0 {
		return
	}
	const why = "dispute lost"
	if lot.Left == d.a.owns(g.ID) {
		if g.Dispute != DisputeLost {
			g.Dispute = DisputeLost
			d.putGrant(g)
		}
		d.post(Posting{Grant: g.ID, From: Available, To: Removed, Tokens: g.Remaining, Why: why})
		d.post(Posting{Grant: g.ID, From: Frozen, To: Removed, Tokens: g.Frozen, Why: why})
		return
	}
	frozen := min(lot.Left, g.Frozen)
	d.post(Posting{Grant: g.ID, From: Frozen, To: Removed, Tokens: frozen, Why: why})
	d.post(Posting{Grant: g.ID, From: Available, To: Removed, Tokens: min(lot.Left-frozen, g.Remaining), Why: why})
	if g.Dispute == DisputeLost { // the bank itself, with what other grants moved into it
		g, _ = d.a.Grant(g.ID)
		d.winDispute(g)
	}
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
