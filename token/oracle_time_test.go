package token_test

import (
	"strings"
	"time"

	"github.com/florin-studio/florin/token"
)

// localTime gives the first instant at which a zone's clock shows a wall time or
// something later (T5). Wall is what the clock shows, as the milliseconds at which
// UTC shows the same. It walks from one change of the zone's offset to the next.
func localTime(zone *time.Location, wall int64) int64 {
	t := time.UnixMilli(wall - 30*hour).In(zone)
	for {
		_, ahead := t.Zone()
		_, end := t.ZoneBounds()
		at := max(wall-int64(ahead)*second, t.UnixMilli())
		if end.IsZero() || at < end.UnixMilli() {
			return at
		}
		t = end
	}
}

// wallTime is what the zone's clock shows.
func wallTime(zone *time.Location, at int64) time.Time {
	t := time.UnixMilli(at).In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// resetAfter is the first reset strictly after an instant: it looks at the resets of all dates around it.
func (o *oracle) resetAfter(at int64) int64 {
	zone := mustZone(o.zone)
	t := wallTime(zone, at)
	first := int64(0)
	for days := -3; days <= 3; days++ {
		midnight := time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, time.UTC).UnixMilli()
		reset := localTime(zone, midnight+int64(o.rules.Reset)*second)
		if reset > at && (first == 0 || reset < first) {
			first = reset
		}
	}
	return first
}

// isReset tells whether the zone has a daily reset at an instant.
func (o *oracle) isReset(at int64) bool { return o.resetAfter(at-1) == at }

// cycleStart is anchor + k months in the account's zone, clamped to the month's last day (T6).
func (o *oracle) cycleStart(k int) int64 {
	zone := mustZone(o.zone)
	t := wallTime(zone, o.anchor)
	if k == 0 {
		return o.anchor
	}
	month := time.Date(t.Year(), t.Month()+time.Month(k), 1, 0, 0, 0, 0, time.UTC)
	last := month.AddDate(0, 1, -1).Day()
	wall := time.Date(month.Year(), month.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return localTime(zone, wall.UnixMilli())
}

// nextEvent is the next instant at which anything might happen; 0 if there is none.
func (o *oracle) nextEvent() int64 {
	next := int64(0)
	look := func(at int64) {
		if at > o.at && (next == 0 || at < next) {
			next = at
		}
	}
	for _, p := range o.piles {
		look(p.starts)
		look(p.ends)
	}
	for _, h := range o.holds {
		look(h.ends)
	}
	look(o.cycleEnd)
	look(o.nextReset)
	return next
}

// roll visits every instant until at (T3).
func (o *oracle) roll(at int64) {
	for next := o.nextEvent(); next != 0 && next <= at; next = o.nextEvent() {
		o.pass(next)
	}
	o.at = max(o.at, at)
}

// pass does what happens at one instant, in the order of T4.
func (o *oracle) pass(now int64) {
	o.at = now
	o.came = map[string]int{}
	for _, p := range o.piles {
		if p.starts == now && p.count(free) > 0 {
			defer o.begins(p)
		}
	}
	o.expire()
	for _, h := range append([]*claim(nil), o.holds...) {
		if h.ends == now {
			o.release(h)
		}
	}
	if o.cycleEnd == now || (o.cycleEnd == 0 && o.nextReset == now) {
		o.changePlanNow()
	}
	if o.cycleEnd == now {
		o.renew()
	}
	if o.nextReset == now {
		o.reset()
	}
	o.tidy()
}

// begins lets a grant made earlier count as new (T22).
func (o *oracle) begins(p *pile) {
	o.forgetRelaxed()
	if plan, _ := o.planNow(); p.kind != "topup" || plan.Topups {
		o.note(p.kind, p.count(free))
	}
}

// leaving tells whether the plan ends at the coming end of its cycle, or of its day.
func (o *oracle) leaving() (string, bool) {
	if o.scheduled != "" {
		return o.scheduled, true
	}
	if _, known := o.planNow(); !known {
		return o.rules.Default, true
	}
	return "", false
}

// expire ends grants, banking unspent plan tokens at the cycle's end (T10).
func (o *oracle) expire() {
	for _, p := range append([]*pile(nil), o.piles...) {
		if p.ends != o.at {
			continue
		}
		_, leaves := o.leaving()
		for _, c := range p.coins {
			if c.where == free && p.kind == "plan" && o.cycleEnd == o.at && !leaves {
				o.bank(c)
			}
			if c.where == free || c.where == frozen {
				o.move(c, gone)
			}
		}
	}
}

// bank moves one coin to the rollover grant, if that has room.
func (o *oracle) bank(c *coin) {
	plan, _ := o.planNow()
	inBank := 0
	var bank *pile
	for _, p := range o.piles {
		if isBank(p) {
			inBank += p.count(free) + p.count(held) + p.count(frozen)
			if bank == nil {
				bank = p
			}
		}
	}
	if inBank >= int(plan.RolloverCap) {
		return
	}
	o.move(c, moved)
	if bank == nil {
		bank = o.newPile("rollover-"+stamp(o.at), "rollover", o.at, 0)
		o.piles = append(o.piles, bank)
	}
	bank.coins = append(bank.coins, &coin{of: bank, where: free})
	o.carry(bank)
}

// changePlanNow carries out what was scheduled (T24).
func (o *oracle) changePlanNow() {
	to, leaves := o.leaving()
	if !leaves {
		return
	}
	target, known := planOf(o.rules, to)
	if !known {
		target, _ = planOf(o.rules, o.rules.Default)
	}
	for _, p := range o.piles {
		if p.kind == "plan" || p.kind == "rollover" || p.kind == "daily" {
			p.ends = o.at
			for _, c := range p.coins {
				if c.where == free || c.where == frozen {
					o.move(c, gone)
				}
			}
		}
	}
	o.plan, o.scheduled = target.ID, ""
	switch {
	case target.Every == token.Day:
		o.cycleEnd, o.anchor, o.cycle = 0, 0, 0
		o.startDays(target)
	case o.cycleEnd == 0:
		o.startCycle(target)
	}
}

// startDays begins a daily plan between resets, or leaves it to the reset of this instant.
func (o *oracle) startDays(p token.Plan) {
	o.began = o.at
	if o.nextReset != o.at {
		o.giveDay(int(p.Allowance))
	}
}

func (o *oracle) giveDay(n int) {
	o.issue("daily", "daily", n, o.at, o.nextReset)
	o.note("daily", n)
}

func (o *oracle) giveCycle(n int) {
	p := o.issue("plan", "plan", n, o.at, o.cycleEnd)
	if id := "plan-" + stamp(o.at); p != nil && o.made[id] == nil {
		o.made[id] = p
	}
	o.note("plan", n)
}

func (o *oracle) note(kind string, n int) {
	if o.came != nil && n > 0 {
		o.came[kind] += n
	}
}

func (o *oracle) startCycle(p token.Plan) {
	o.anchor, o.cycle = o.at, 0
	o.cycleEnd = o.cycleStart(1)
	o.giveCycle(int(p.Allowance))
}

// stamp is an instant as ids have it.
func stamp(at int64) string {
	return strings.TrimSuffix(time.UnixMilli(at).UTC().Format("20060102T150405.000"), ".000") + "Z"
}

// renew begins the next cycle (T6, T10).
func (o *oracle) renew() {
	plan, _ := o.planNow()
	if plan.Every == token.Day { // the catalog made a monthly plan daily
		o.cycleEnd, o.anchor, o.cycle = 0, 0, 0
		o.startDays(plan)
		return
	}
	o.cycle++
	o.cycleEnd = o.cycleStart(o.cycle + 1)
	o.giveCycle(int(plan.Allowance))
}

// reset is the daily reset (T5, T9, T11, T22).
func (o *oracle) reset() {
	regular := o.isReset(o.at)
	o.began = o.at
	o.nextReset = o.resetAfter(o.at)
	if !regular { // the operator moved the time of the reset
		o.nextReset = o.resetAfter(o.at + 20*hour - 1)
	}
	o.gifted = 0
	o.forgetRelaxed()
	plan, _ := o.planNow()
	switch {
	case plan.Every == token.Day && o.cycleEnd == 0:
		o.giveDay(int(plan.Allowance))
	case plan.Every == token.Month && o.cycleEnd == 0: // the catalog made a daily plan monthly
		o.startCycle(plan)
	}
	if balance := o.balance(); balance < int(plan.DailyFloor) {
		o.giveDay(int(plan.DailyFloor) - balance)
	}
}

// next is what comes by itself within the next 70 days (T16).
func (o *oracle) next() (at int64, came map[string]int) {
	o = o.clone()
	for end := o.at + 70*day; ; {
		next := o.nextEvent()
		if next == 0 || next > end {
			return 0, nil
		}
		o.pass(next)
		if len(o.came) > 0 {
			sum := 0
			for _, n := range o.came {
				sum += n
			}
			if sum > 0 {
				return next, o.came
			}
		}
	}
}
