package token

import (
	"errors"

	"github.com/florin-studio/florin/token/calendar"
)

// Request is a command with its time and key.
type Request struct {
	// Key makes a repeat harmless (T17). It may be empty for commands that name something
	// that can happen only once (a hold's id); grants without an id take theirs from it.
	Key string
	// At is the time of the command. One older than the account's time is applied at the
	// account's time, and the entry says so (T2).
	At      Instant
	Command Command
}

// ErrNotOpen is returned for commands on an account that Open has not started.
var ErrNotOpen = errors.New("token: the account has not been opened")

// Apply decides a request: the account after it and the entries that record it, at most
// two: one for rolling forward, if that changed anything, and one for the command.
//
// The error is a *Refusal where the account's state says no, an *Invalid where the
// command is malformed, or ErrNotOpen. With any error the account is as before and
// there are no entries.
func (r *Rules) Apply(a Account, req Request) (Account, []Entry, error) {
	if err := req.check(); err != nil {
		return a, nil, err
	}
	if open, ok := req.Command.(Open); ok {
		return r.open(a, open, req)
	}
	if a.Seq == 0 {
		return a, nil, ErrNotOpen
	}
	before := a
	at := max(req.At, a.At)
	rolled, roll := r.roll(a, at)
	var entries []Entry
	if roll != nil {
		entries = append(entries, *roll)
	}
	if _, ok := req.Command.(Touch); ok {
		if roll == nil {
			return before, nil, nil // what no entry tells did not happen (T31)
		}
		return rolled, entries, nil
	}
	if roll == nil { // nor was a grant forgotten: the command may be about it
		rolled = a
		rolled.At = at
	}
	d := newDraft(r, rolled, req.Command.Name(), at)
	d.name(req)
	if refusal := req.Command.apply(d); refusal != nil {
		return before, nil, refusal
	}
	after, entry := d.seal(at)
	return after, append(entries, entry), nil
}

// name writes who asked for what, and when, into the entry.
func (d *draft) name(req Request) {
	d.key = req.Key
	d.e.Key = req.Key
	d.e.Command = EncodeCommand(req.Command)
	if req.At < d.e.At {
		d.e.Requested = req.At
	}
}

// Roll gives the account as it is at an instant: every boundary up to it has been
// passed (T3). An instant before the account's time gives the account as it is; none
// after the year 9999 is reached.
func (r *Rules) Roll(a Account, at Instant) Account {
	at = min(at, endInstant-maxCycle)
	if a.Seq == 0 || at <= a.At {
		return a
	}
	rolled, _ := r.roll(a, at)
	return rolled
}

// open starts an account.
func (r *Rules) open(a Account, c Open, req Request) (Account, []Entry, error) {
	if a.Seq > 0 {
		return a, nil, &Refusal{Reason: IdempotencyConflict, Field: "account", Value: a.ID, Allowed: "an account that is not open yet"}
	}
	if c.Plan == "" {
		c.Plan = r.Default
	}
	plan, ok := r.Plan(c.Plan)
	if !ok {
		return a, nil, r.unknownPlan(c.Plan)
	}
	if c.Zone == "" {
		c.Zone = r.Zone
	}
	zone, err := calendar.Load(c.Zone)
	if err != nil {
		return a, nil, unknownZone(c.Zone)
	}
	d := newDraft(r, a, c.Name(), req.At)
	d.name(req)
	d.a.Facts = Facts{Plan: plan.ID, Zone: c.Zone, Opened: req.At, ResetAt: req.At}
	_, d.a.Facts.NextReset = zone.NextReset(req.At, r.Reset)
	d.startPlan(plan, "account opened")
	after, entry := d.seal(req.At)
	return after, []Entry{entry}, nil
}

func (r *Rules) unknownPlan(id string) *Refusal {
	allowed := ""
	for i, p := range r.Plans {
		if i > 0 {
			allowed += ", "
		}
		allowed += p.ID
	}
	return &Refusal{Reason: UnknownPlan, Field: "plan", Value: id, Allowed: allowed}
}

func unknownZone(name string) *Refusal {
	return &Refusal{Reason: UnknownZone, Field: "zone", Value: name, Allowed: "an IANA name such as Europe/Rome"}
}

// zone is the account's zone. Zones are checked when they are set; should the zone
// database have dropped one since, days are counted in UTC.
func (d *draft) zone() calendar.Zone {
	z, err := calendar.Load(d.a.Facts.Zone)
	if err != nil {
		z, _ = calendar.Load("UTC")
	}
	return z
}
