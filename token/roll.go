package token

import (
	"math"
	"slices"
	"strconv"

	"github.com/florin-studio/florin/token/calendar"
)

// never is later than every boundary.
const never Instant = math.MaxInt64

// roll moves an account through every boundary up to and including at (T3). The entry
// is nil where nothing changed. Long absences are skipped over: between two events
// that are not daily resets or renewals, only the last reset and the last renewal can
// be seen afterwards, so the work does not grow with the absence.
func (r *Rules) roll(a Account, at Instant) (Account, *Entry) {
	if next := boundary(&a); next > at {
		a.At = max(a.At, at)
		return a, nil
	}
	d := newDraft(r, a, "roll", at)
	for d.step(at) {
		d.skip(at)
	}
	if !d.changed() {
		d.a.At = at
		return d.a, nil // at most, empty grants that are over were forgotten
	}
	after, entry := d.seal(at)
	return after, &entry
}

// boundary is the next instant at which something happens by itself.
func boundary(a *Account) Instant {
	next := a.Facts.NextReset
	if a.Facts.CycleEnds != 0 {
		next = min(next, a.Facts.CycleEnds)
	}
	return min(next, irregular(a, func(Grant) bool { return false }))
}

// irregular is the next start or end of a grant or end of a hold, leaving out grants that regular says are renewed in a rhythm.
func irregular(a *Account, regular func(Grant) bool) Instant {
	next := never
	for _, g := range a.Grants {
		if g.Starts > a.At && g.Starts < next {
			next = g.Starts
		}
		if g.Expires > a.At && g.Expires < next && !regular(g) {
			next = g.Expires
		}
	}
	for _, h := range a.Holds {
		if h.Expires > a.At && h.Expires < next {
			next = h.Expires
		}
	}
	return next
}

// step passes the next boundary, if it is not after at (T4).
func (d *draft) step(at Instant) bool {
	now := boundary(&d.a)
	if now > at {
		return false
	}
	d.now, d.a.At = now, now
	d.startGrants()
	d.expireGrants()
	d.expireHolds()
	d.changeScheduled()
	d.renew()
	d.reset()
	d.a.prune()
	return true
}

// expireGrants ends the grants whose time is over; unspent plan tokens may move to the bank (T10).
func (d *draft) expireGrants() {
	for _, g := range slices.Clone(d.a.Grants) {
		if g.Expires != d.now {
			continue // what a dispute still freezes of an ended grant waits for its end (T29)
		}
		if g.Kind == PlanKind && g.Expires == d.a.Facts.CycleEnds {
			g.Remaining -= d.bank(g)
		}
		d.end(g, "expired")
	}
}

// end takes what is left of a grant out of the account.
func (d *draft) end(g Grant, why string) {
	d.post(Posting{Grant: g.ID, From: Available, To: Expired, Tokens: g.Remaining, Why: why})
	d.post(Posting{Grant: g.ID, From: Frozen, To: Expired, Tokens: g.Frozen, Why: why})
}

// expireHolds releases the holds whose time is over (T14).
func (d *draft) expireHolds() {
	for _, h := range slices.Clone(d.a.Holds) {
		if h.Expires != 0 && h.Expires <= d.now {
			d.release(h, "hold expired")
		}
	}
}

// startGrants lets grants that begin now count as new tokens (T22). It comes before a
// bank may be opened (T10), which only moves tokens.
func (d *draft) startGrants() {
	for _, g := range d.a.Grants {
		if g.Starts == d.now && g.Remaining > 0 {
			d.resetRelaxed()
			return
		}
	}
}

// changeScheduled carries out a downgrade at the cycle's end, or at the daily reset
// on plans without a cycle (T24). A plan that the catalog dropped gives way to the
// default plan there.
func (d *draft) changeScheduled() {
	f := &d.a.Facts
	end := f.CycleEnds
	if end == 0 {
		end = f.NextReset
	}
	if end != d.now {
		return
	}
	to := f.Scheduled
	if _, known := d.plan(); !known && to == "" {
		to = d.r.Default
	}
	if to == "" {
		return
	}
	target, ok := d.r.Plan(to)
	if !ok {
		target, _ = d.r.Plan(d.r.Default)
	}
	d.endPlan()
	f.Plan, f.Scheduled = target.ID, ""
	if target.Every == Day {
		f.CycleAnchor, f.CycleIndex, f.CycleEnds = 0, 0, 0
		d.startDay(target)
	} else if f.CycleEnds == 0 {
		d.startCycle(target)
	}
}

// endPlan ends plan, rollover and daily grants (T24).
func (d *draft) endPlan() {
	for _, g := range slices.Clone(d.a.Grants) {
		if g.Kind == PlanKind || g.Kind == Rollover || g.Kind == Daily {
			g.Expires = d.now
			d.putGrant(g)
			d.end(g, "plan ended")
		}
	}
}

// startPlan begins a plan now: its cycle and allowance, or its first day.
func (d *draft) startPlan(p Plan, why string) {
	if p.Every == Month {
		d.startCycle(p)
		return
	}
	d.issueDaily(p.Allowance, why)
}

// startDay begins a daily plan in the middle of a roll. Where the daily reset falls
// on the same instant it gives the day's tokens itself.
func (d *draft) startDay(p Plan) {
	d.a.Facts.ResetAt = d.now
	if d.a.Facts.NextReset != d.now {
		d.issueDaily(p.Allowance, "plan started")
	}
}

// startCycle begins a billing cycle now with the full allowance (T6, T10).
func (d *draft) startCycle(p Plan) {
	f := &d.a.Facts
	f.CycleAnchor, f.CycleIndex = d.now, 0
	f.CycleEnds = d.zone().CycleStart(d.now, 1)
	d.issuePlan(p.Allowance, "cycle started")
}

// renew begins the next cycle at the running one's end (T6, T10).
func (d *draft) renew() {
	f := &d.a.Facts
	if f.CycleEnds == 0 || f.CycleEnds != d.now {
		return
	}
	p, _ := d.plan()
	if p.Every == Day {
		f.CycleAnchor, f.CycleIndex, f.CycleEnds = 0, 0, 0
		d.startDay(p)
		return
	}
	f.CycleIndex++
	f.CycleEnds = d.zone().CycleStart(f.CycleAnchor, f.CycleIndex+1)
	d.issuePlan(p.Allowance, "cycle renewed")
}

// reset is the daily reset (T5, T9, T11, T22).
func (d *draft) reset() {
	f := &d.a.Facts
	if f.NextReset != d.now {
		return
	}
	f.ResetAt = d.now
	f.NextReset = d.followingReset()
	f.Gifted = 0
	d.resetRelaxed()
	p, _ := d.plan()
	switch {
	case f.CycleEnds != 0: // a running cycle keeps its rhythm, should the catalog change it (T25)
	case p.Every == Month:
		d.startCycle(p)
	case p.Every == Day:
		d.issueDaily(p.Allowance, "daily allowance")
	}
	if balance := d.r.balanceAt(&d.a, d.now); balance < p.DailyFloor {
		d.issueDaily(p.DailyFloor-balance, "raised to the daily floor")
	}
}

// followingReset is the reset after the one that is now. Where the catalog has moved
// the time of the reset since this one was set, the next keeps the distance that a
// change of zone does, so that no civil date has two (T5).
func (d *draft) followingReset() Instant {
	zone := d.zone()
	if !d.regular(zone, d.now) {
		return d.resetAfterMove(zone)
	}
	_, next := zone.NextReset(d.now, d.r.Reset)
	return next
}

// regular tells whether a zone has a daily reset at an instant.
func (d *draft) regular(zone calendar.Zone, at Instant) bool {
	_, reset := zone.ResetAtOrBefore(at, d.r.Reset)
	return reset == at
}

// issueDaily gives the day's tokens, which end with the day (T9, T11).
func (d *draft) issueDaily(tokens int64, why string) {
	d.issue(Issued, Grant{
		ID: d.freeID("daily-" + stamp(d.now)), Kind: Daily, Amount: tokens,
		Starts: d.now, Expires: d.a.Facts.NextReset, Source: why,
	}, why)
}

// issuePlan gives the cycle's tokens, which end with the cycle (T10).
func (d *draft) issuePlan(tokens int64, why string) {
	d.issue(Issued, Grant{
		ID: d.freeID("plan-" + stamp(d.now)), Kind: PlanKind, Amount: tokens,
		Starts: d.now, Expires: d.a.Facts.CycleEnds, Source: why,
	}, why)
}

// freeID makes an id that no grant of the account has: "x", "x-2", "x-3".
func (d *draft) freeID(id string) string {
	if d.a.grantIndex(id) < 0 {
		return id
	}
	for n := int64(2); ; n++ {
		if next := id + "-" + strconv.FormatInt(n, 10); d.a.grantIndex(next) < 0 {
			return next
		}
	}
}

// stamp is an instant as it stands in ids: 20260329T000000Z, with milliseconds only where there are any.
func stamp(at Instant) string {
	t := at.Time()
	if t.Nanosecond() == 0 {
		return t.Format("20060102T150405Z")
	}
	return t.Format("20060102T150405.000Z")
}
