package token

// skip moves the account over resets and renewals that leave no trace: those that are
// followed by another one before anything else happens (T3).
func (d *draft) skip(at Instant) {
	d.skipCycles(at)
	d.skipDays(at)
}

// skipDays jumps to the last daily reset before the next event of another kind.
func (d *draft) skipDays(at Instant) {
	f := &d.a.Facts
	p, known := d.plan()
	if !known || f.NextReset > at || (f.CycleEnds == 0 && (f.Scheduled != "" || p.Every == Month)) {
		return
	}
	limit := irregular(&d.a, func(g Grant) bool { return d.isDays(g) })
	if f.CycleEnds != 0 {
		limit = min(limit, f.CycleEnds)
	}
	if f.NextReset >= limit {
		return
	}
	zone := d.zone()
	_, last := zone.ResetAtOrBefore(min(at, limit-1), d.r.Reset)
	if last <= f.NextReset || !d.regular(zone, f.NextReset) {
		return
	}
	// The days' own grants end at the reset that is next now; the ones between are never seen.
	d.now, d.a.At = f.NextReset, f.NextReset
	d.expireGrants()
	d.resetRelaxed()
	f.Gifted = 0
	f.NextReset = last
}

// isDays tells whether a grant is one of the running day's, replaced at the next reset.
func (d *draft) isDays(g Grant) bool {
	return g.Kind == Daily && g.Expires == d.a.Facts.NextReset
}

// isCycles tells whether a grant is one of the running cycle's, replaced at its end.
func (d *draft) isCycles(g Grant) bool {
	return g.Kind == PlanKind && g.Expires == d.a.Facts.CycleEnds
}

// skipCycles jumps to the cycle before the last renewal, where nothing else happens
// meanwhile. Rolling over is the one thing that adds up: each skipped cycle moves its
// whole allowance to the bank until the bank is full (T10).
func (d *draft) skipCycles(at Instant) {
	f := &d.a.Facts
	p, known := d.plan()
	if !known || p.Every != Month || f.CycleEnds == 0 || f.CycleEnds > at || f.Scheduled != "" || !d.atCycleStart() {
		return
	}
	limit := min(at, irregular(&d.a, func(g Grant) bool { return d.isDays(g) || d.isCycles(g) })-1)
	zone := d.zone()
	last := zone.CycleIndex(f.CycleAnchor, limit)
	if last < f.CycleIndex+3 {
		return
	}
	unseen := last - f.CycleIndex - 2 // cycles that begin and end without a trace
	d.now, d.a.At = f.NextReset, f.NextReset
	d.expireGrants()
	d.now, d.a.At = f.CycleEnds, f.CycleEnds
	d.expireGrants()
	d.bankSkipped(p, unseen)
	d.a.prune()
	f.CycleIndex = last - 1
	f.CycleEnds = zone.CycleStart(f.CycleAnchor, last)
	d.now = zone.CycleStart(f.CycleAnchor, f.CycleIndex)
	d.a.At = d.now
	d.issuePlan(p.Allowance, "cycle renewed")
	d.resetRelaxed()
	f.Gifted = 0
	_, f.ResetAt = zone.ResetAtOrBefore(d.now, d.r.Reset)
	_, f.NextReset = zone.NextReset(d.now, d.r.Reset)
}

// atCycleStart tells whether the running cycle has just begun, with dates that the account's zone would give it.
func (d *draft) atCycleStart() bool {
	f := &d.a.Facts
	zone := d.zone()
	return d.now == zone.CycleStart(f.CycleAnchor, f.CycleIndex) && f.CycleEnds == zone.CycleStart(f.CycleAnchor, f.CycleIndex+1)
}
