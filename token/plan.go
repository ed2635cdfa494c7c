package token

func (c ChangePlan) apply(d *draft) *Refusal {
	to, ok := d.r.Plan(c.To)
	if !ok {
		return d.r.unknownPlan(c.To)
	}
	f := &d.a.Facts
	if to.ID == f.Plan {
		return &Refusal{Reason: SamePlan, Field: "plan", Value: c.To, Allowed: "another plan than the running one"}
	}
	from, known := d.plan()
	if known && (d.r.rank(to.ID) < d.r.rank(from.ID) || (to.Every == Day && f.CycleEnds != 0)) {
		f.Scheduled = to.ID
		return nil
	}
	return d.upgrade(from, to)
}

// upgrade moves to a higher plan at once (T23). The cycle's dates stay; without a
// cycle, one begins now. What is left of the day's grant stays until the reset.
func (d *draft) upgrade(from, to Plan) *Refusal {
	f := &d.a.Facts
	starts := to.Every == Month && f.CycleEnds == 0
	gain := max(to.Allowance-from.Allowance, 0)
	if d.r.UpgradeFull || starts {
		gain = to.Allowance
	}
	if _, refusal := add("tokens", d.a.owned(), gain); refusal != nil {
		return refusal
	}
	f.Plan, f.Scheduled = to.ID, ""
	switch {
	case starts:
		d.startCycle(to)
	case to.Every == Month:
		d.issuePlan(gain, "upgraded to "+to.ID)
	default:
		d.issueDaily(gain, "upgraded to "+to.ID)
	}
	return nil
}

func (c CancelPlan) apply(d *draft) *Refusal {
	f := &d.a.Facts
	if f.Plan == d.r.Default || f.Scheduled == d.r.Default {
		return &Refusal{Reason: SamePlan, Field: "plan", Value: d.r.Default, Allowed: "a plan that is not the default one, and is not cancelled yet"}
	}
	f.Scheduled = d.r.Default
	return nil
}

func (c UndoPlanChange) apply(d *draft) *Refusal {
	if d.a.Facts.Scheduled == "" {
		return &Refusal{Reason: NothingScheduled, Field: "plan", Value: d.a.Facts.Plan, Allowed: "an account with a scheduled plan change"}
	}
	d.a.Facts.Scheduled = ""
	return nil
}
