package token_test

import (
	"slices"
	"strings"
	"time"

	"github.com/florin-studio/florin/token"
)

// naive is an account as kept by somebody who looks at a clock on the wall every second
// and writes down what is due at that second. Unlike the oracle it never asks when the
// next thing will happen: a day begins when the clock shows it for the first time.
type naive struct {
	zone   *time.Location
	reset  int64
	plan   token.Plan
	now    int64 // Unix seconds
	latest int64 // the latest local time the clock has shown, as the Unix second at which UTC shows it
	day    int64 // the last date that had its reset, in days
	anchor time.Time
	cycle  int
	lots   []*lot
	holds  []*pledge
}

// lot is tokens that end together, at a second, with the cycle (withCycle), or never.
type lot struct {
	kind string
	n    int64
	ends int64
}

const (
	withCycle int64 = 1 << 40
	forever   int64 = 1 << 41
)

// kinds are those that there are here, in spending order (T8).
const kinds = "daily plan bonus refund"

// pledge is a hold: what it took from which lot, in the order taken.
type pledge struct {
	from []*lot
	n    []int64
	ends int64
}

func (n *naive) wall(u int64) int64 {
	_, ahead := time.Unix(u, 0).In(n.zone).Zone()
	return u + int64(ahead)
}

func (n *naive) dateOf(latest int64) int64 {
	return (latest - n.reset) / 86_400 // all of it after 1970
}

// due tells whether the clock has reached the end of the running cycle (T6).
func (n *naive) due(latest int64) bool {
	if n.plan.Every == token.Day {
		return false
	}
	month := time.Date(n.anchor.Year(), n.anchor.Month()+time.Month(n.cycle+1), 1, 0, 0, 0, 0, time.UTC)
	last := month.AddDate(0, 1, -1).Day()
	hour, minute, second := n.anchor.Clock()
	return latest >= time.Date(month.Year(), month.Month(), min(n.anchor.Day(), last), hour, minute, second, 0, time.UTC).Unix()
}

// wait watches the clock until found or for 26 hours, which is longer than any day here, and gives the second.
func (n *naive) wait(found func(latest int64) bool) int64 {
	latest := n.latest
	for u := n.now + 1; u < n.now+26*3600; u++ {
		if latest = max(latest, n.wall(u)); found(latest) {
			return u
		}
	}
	return withCycle
}

func (n *naive) give(kind string, tokens int64) {
	if tokens == 0 {
		return
	}
	ends := map[string]int64{"plan": withCycle, "bonus": forever, "refund": n.now + 86_400}[kind]
	if kind == "daily" {
		ends = n.wait(func(latest int64) bool { return n.dateOf(latest) > n.day })
	}
	n.lots = append(n.lots, &lot{kind, tokens, ends})
}

func (n *naive) balance() (sum int64) {
	for _, l := range n.lots {
		sum += l.n
	}
	return sum
}

func (n *naive) held() (sum int64) {
	for _, h := range n.holds {
		for _, k := range h.n {
			sum += k
		}
	}
	return sum
}

// take takes tokens, soonest end first (T8).
func (n *naive) take(tokens int64) *pledge {
	cycleEnds := n.wait(n.due)
	order := slices.Clone(n.lots)
	slices.SortStableFunc(order, func(a, b *lot) int {
		endA, endB := a.ends, b.ends
		if endA == withCycle {
			endA = cycleEnds
		}
		if endB == withCycle {
			endB = cycleEnds
		}
		if endA != endB {
			return int(min(1, max(-1, endA-endB)))
		}
		return strings.Index(kinds, a.kind) - strings.Index(kinds, b.kind)
	})
	h := &pledge{}
	for _, l := range order {
		part := min(l.n, tokens)
		if part > 0 {
			l.n -= part
			tokens -= part
			h.from, h.n = append(h.from, l), append(h.n, part)
		}
	}
	return h
}

// tick lets a second pass, in the order of T4.
func (n *naive) tick() {
	n.now++
	n.latest = max(n.latest, n.wall(n.now))
	renews := n.due(n.latest)
	over := func(l *lot) bool { return l.ends <= n.now || l.ends == withCycle && renews }
	for _, l := range n.lots {
		if over(l) {
			l.n, l.ends = 0, min(l.ends, n.now)
		}
	}
	n.lots = slices.DeleteFunc(n.lots, func(l *lot) bool { return l.ends <= n.now })
	n.holds = slices.DeleteFunc(n.holds, n.returned)
	if renews {
		n.cycle++
		n.give("plan", n.plan.Allowance)
	}
	if date := n.dateOf(n.latest); date > n.day {
		n.day = date
		if n.plan.Every == token.Day {
			n.give("daily", n.plan.Allowance)
		}
		n.give("daily", max(0, n.plan.DailyFloor-n.balance()))
	}
}

// returned gives back what a hold has whose time is over, and tells whether it is (T14, T15).
func (n *naive) returned(h *pledge) bool {
	if h.ends != n.now {
		return false
	}
	late := int64(0)
	for i, l := range h.from {
		switch {
		case l.ends > n.now:
			l.n += h.n[i]
		case l.kind != "daily" && l.kind != "plan":
			late += h.n[i]
		}
	}
	n.give("refund", late)
	return true
}

// watch begins to look at the clock at an instant, having seen it for three hours before:
// no clock here goes back further.
func watch(zone string, reset int64, plan token.Plan, at int64) *naive {
	n := &naive{zone: mustZone(zone), reset: reset, plan: plan, now: at - 3*3600}
	for ; n.now < at; n.now++ {
		n.latest = max(n.latest, n.wall(n.now))
	}
	n.latest = max(n.latest, n.wall(at))
	n.day = n.dateOf(n.latest)
	return n
}
