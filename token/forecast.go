package token

import "slices"

// Event is one thing that will happen to an account by itself (T31).
type Event struct {
	At Instant `json:"at"`
	// Posting tells what moves; empty where only the plan or the day changes.
	Posting *Posting `json:"posting,omitempty"`
	// Started is a grant made before that begins here and can be spent from here on (T7).
	Started *Grant `json:"started,omitempty"`
	// Kind is the moved or started grant's kind.
	Kind Kind `json:"kind,omitempty"`
	// Plan is set where a scheduled change takes place (T24).
	Plan string `json:"plan,omitempty"`
	// Reset tells of a daily reset, Renewal of a new cycle.
	Reset   bool `json:"reset,omitempty"`
	Renewal bool `json:"renewal,omitempty"`
	// Balance after everything at this instant.
	Balance int64 `json:"balance"`
}

// Forecast rolls a copy of the account forward to until and tells what expires and
// what comes, in order, as if nobody spent anything (T31). It stops early after visit
// returns false. The account it returns is the copy at the end, whose Seq and Hash mean
// nothing. Unlike Roll it visits every day.
func (r *Rules) Forecast(a Account, until Instant, visit func(Event) bool) Account {
	until = min(until, endInstant-maxCycle)
	for {
		before := a
		next, events := r.forecastStep(a, until)
		if next.At == before.At && events == nil {
			return r.Roll(a, until)
		}
		a = next
		for _, e := range events {
			if !visit(e) {
				return a
			}
		}
	}
}

// forecastStep passes one boundary and tells what happened there.
func (r *Rules) forecastStep(a Account, until Instant) (Account, []Event) {
	d := newDraft(r, a, "roll", until)
	before := a.Facts
	if !d.step(until) {
		return a, nil
	}
	after := d.a
	balance := r.balanceAt(&after, d.now)
	var events []Event
	if after.Facts.Plan != before.Plan {
		events = append(events, Event{At: d.now, Plan: after.Facts.Plan, Balance: balance})
	}
	for _, g := range after.Grants {
		if _, old := a.Grant(g.ID); old && g.Starts == d.now && g.Remaining > 0 && r.spendable(&after, &g, d.now) {
			events = append(events, Event{At: d.now, Started: &g, Kind: g.Kind, Balance: balance})
		}
	}
	for _, p := range d.e.Postings {
		events = append(events, Event{At: d.now, Posting: &p, Kind: d.kindOf(&a, p.Grant), Balance: balance})
	}
	if after.Facts.CycleEnds != before.CycleEnds && after.Facts.CycleEnds != 0 {
		events = append(events, Event{At: d.now, Renewal: true, Balance: balance})
	}
	if after.Facts.NextReset != before.NextReset {
		events = append(events, Event{At: d.now, Reset: true, Balance: balance})
	}
	if events == nil {
		events = []Event{}
	}
	return after, events
}

// kindOf is a grant's kind, whether it is new, over or both.
func (d *draft) kindOf(before *Account, grant string) Kind {
	for _, grants := range [][]Grant{before.Grants, d.a.Grants, d.e.Grants} {
		if i := slices.IndexFunc(grants, func(g Grant) bool { return g.ID == grant }); i >= 0 {
			return grants[i].Kind
		}
	}
	return ""
}

// horizon is how far ahead the next tokens are looked for, in milliseconds: two months and a bit.
const horizon = 70 * 24 * 60 * 60 * 1000

// Next tells the next tokens that come by themselves: issued, or of a grant that
// begins later (T16). It is nil where none come within 70 days.
func (r *Rules) Next(a Account) *Coming {
	if a.Seq == 0 {
		return nil
	}
	until := min(a.At+horizon, endInstant-maxCycle)
	d := newDraft(r, a, "roll", until)
	for reset := a.Facts.NextReset; d.step(until); reset = d.a.Facts.NextReset {
		if coming := d.came(); coming != nil {
			return coming
		}
		d.e.Postings, d.e.Grants = d.e.Postings[:0], d.e.Grants[:0]
		if reset == d.now {
			// What this reset did not bring, the following ones don't either, until something else happens.
			d.skipDays(until)
			d.e.Postings = d.e.Postings[:0]
		}
	}
	return nil
}

// came sums up what the boundary just passed brought; its kind is that of the first.
func (d *draft) came() *Coming {
	coming := Coming{At: d.now}
	add := func(kind Kind, tokens int64) {
		if coming.Tokens == 0 {
			coming.Kind = kind
		}
		coming.Tokens += tokens
	}
	for i := range d.a.Grants {
		g := &d.a.Grants[i]
		if g.Starts == d.now && g.Remaining > 0 && !d.opened(g.ID) && d.r.spendable(&d.a, g, d.now) {
			add(g.Kind, g.Remaining)
		}
	}
	for i := range d.e.Postings {
		if p := &d.e.Postings[i]; p.From == Issued && p.To == Available {
			g, _ := d.a.Grant(p.Grant)
			add(g.Kind, p.Tokens)
		}
	}
	if coming.Tokens == 0 {
		return nil
	}
	return &coming
}

// opened tells whether the entry being written opened a grant.
func (d *draft) opened(grant string) bool {
	return slices.ContainsFunc(d.e.Grants, func(g Grant) bool { return g.ID == grant })
}

// short builds the refusal of a price that the balance does not cover (T16).
func (d *draft) short(reason Reason, price int64) *Refusal {
	d.a.At = d.now
	balance := d.r.balanceAt(&d.a, d.now)
	refusal := &Refusal{Reason: reason, Price: price, Balance: balance, Missing: price - balance, Next: d.r.Next(d.a)}
	for _, p := range d.r.Plans {
		if d.r.rank(p.ID) > d.r.rank(d.a.Facts.Plan) && d.covers(p, price, reason == NotAllowedRelaxed) {
			refusal.Plans = append(refusal.Plans, p.ID)
		}
	}
	missing := refusal.Missing
	if d.r.repays() {
		missing += d.a.Facts.Owed // a top-up pays that first (T29)
	}
	if p, _ := d.plan(); p.Topups {
		for _, pack := range d.r.Packs {
			if pack.Tokens >= missing {
				refusal.Packs = append(refusal.Packs, pack.ID)
			}
		}
	}
	return refusal
}

// covers tells whether a change to a higher plan now would let a price be paid, or its
// job run relaxed: with what the change grants (T23) and the top-ups that it thaws (T12).
func (d *draft) covers(to Plan, price int64, fastOnly bool) bool {
	if to.Relaxed && !fastOnly {
		return true
	}
	from, known := d.plan()
	if known && to.Every == Day && d.a.Facts.CycleEnds != 0 {
		return false // such a change waits for the cycle's end
	}
	after := newDraft(d.r, d.a, "", d.now)
	return after.upgrade(from, to) == nil && d.r.balanceAt(&after.a, d.now) >= price
}
