package calendar_test

import (
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

// The oracle knows only what package time shows on a zone's wall clock at an
// instant. It finds the stretches of constant offset by looking at the clock
// every few days and halving, and it resolves local times by T5's own three
// cases: once, never, twice. It shares no code and no idea with the package.

// stretch is a stretch of Unix seconds [from, to) in which the wall clock runs
// evenly, ahead seconds ahead of UTC.
type stretch struct{ from, to, ahead int64 }

type oracle struct {
	location  *time.Location
	stretches []stretch
}

// shown returns the wall clock at Unix second u, as the Unix second at which
// UTC shows the same.
func shown(location *time.Location, u int64) int64 {
	t := time.Unix(u, 0).In(location)
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC).Unix()
}

func unix(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix() }

// newOracle looks at the clock from one year until another, every step.
func newOracle(t testing.TB, name string, from, until int, step time.Duration) *oracle {
	t.Helper()
	location, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{location: location}
	ahead := func(u int64) int64 { return shown(location, u) - u }
	end, stride := unix(until), int64(step/time.Second)
	current := stretch{from: unix(from), ahead: ahead(unix(from))}
	for u := current.from; u < end; {
		next := min(u+stride, end)
		if ahead(next) == current.ahead {
			u = next
			continue
		}
		// The first second in (u, next] with another offset.
		after := sort.Search(int(next-u), func(n int) bool { return ahead(u+1+int64(n)) != current.ahead })
		u += 1 + int64(after)
		current.to = u
		o.stretches = append(o.stretches, current)
		current = stretch{from: u, ahead: ahead(u)}
	}
	current.to = end
	o.stretches = append(o.stretches, current)
	return o
}

// changes returns the instants, in Unix seconds, at which the offset changes.
func (o *oracle) changes() []int64 {
	var all []int64
	for _, s := range o.stretches[1:] {
		all = append(all, s.from)
	}
	return all
}

// resolve returns the Unix second of a wall second by the three cases of T5,
// and false if the oracle does not reach so far.
func (o *oracle) resolve(wall int64) (int64, bool) {
	near := o.near(wall)
	for _, s := range near { // shown once or twice: the first
		if wall >= s.from+s.ahead && wall < s.to+s.ahead {
			return wall - s.ahead, true
		}
	}
	for n := range near[1:] { // never: the first instant after the gap
		before, after := near[n], near[n+1]
		if before.to+before.ahead <= wall && wall < after.from+after.ahead {
			return after.from, true
		}
	}
	return 0, false
}

// near returns the stretches that touch the three days around a wall second.
func (o *oracle) near(wall int64) []stretch {
	const reach = 36 * 3600
	first := sort.Search(len(o.stretches), func(n int) bool { return o.stretches[n].to > wall-reach })
	last := first
	for last < len(o.stretches) && o.stretches[last].from < wall+reach {
		last++
	}
	if first == last { // beyond the oracle's end
		return o.stretches[len(o.stretches)-1:]
	}
	return o.stretches[first:last]
}

// reset is one line of a calendar of resets.
type reset struct {
	date calendar.Date
	at   calendar.Instant
}

// resets lists the resets of the given dates, in order. Of dates that share an
// instant only the last remains.
func (o *oracle) resets(t testing.TB, from, until calendar.Date, c calendar.Clock) []reset {
	t.Helper()
	list := make([]reset, 0, until-from+1)
	for d := from; d <= until; d++ {
		second, ok := o.resolve(int64(d)*86_400 + int64(c))
		if !ok {
			t.Fatalf("%v: the oracle cannot resolve %v %v", o.location, d, c)
		}
		at := calendar.Instant(second * 1000)
		if n := len(list); n > 0 && list[n-1].at == at {
			list = list[:n-1]
		}
		list = append(list, reset{d, at})
	}
	if !slices.IsSortedFunc(list, func(a, b reset) int { return int(min(1, max(-1, a.at-b.at))) }) {
		t.Fatalf("%v: the resets at %v from %v to %v are not in order", o.location, c, from, until)
	}
	return list
}

// checkResets compares a list of resets with what the package says at each of
// them, a millisecond before, and in the middle of the day after.
func checkResets(t testing.TB, z calendar.Zone, c calendar.Clock, list []reset) {
	t.Helper()
	for n := 1; n < len(list)-1; n++ {
		before, this, next := list[n-1], list[n], list[n+1]
		if got := z.At(this.date, c); got != this.at {
			t.Errorf("%s: At(%v, %v) = %v, want %v", z.Name(), this.date, c, got, this.at)
		}
		middle := this.at + (next.at-this.at)/2
		checkAround(t, z, c, this.at-1, before, this)
		checkAround(t, z, c, this.at, this, next)
		checkAround(t, z, c, middle, this, next)
	}
}

func checkAround(t testing.TB, z calendar.Zone, c calendar.Clock, i calendar.Instant, before, after reset) {
	t.Helper()
	if d, at := z.ResetAtOrBefore(i, c); d != before.date || at != before.at {
		t.Errorf("%s: ResetAtOrBefore(%v, %v) = %v %v, want %v %v", z.Name(), i, c, d, at, before.date, before.at)
	}
	if d, at := z.NextReset(i, c); d != after.date || at != after.at {
		t.Errorf("%s: NextReset(%v, %v) = %v %v, want %v %v", z.Name(), i, c, d, at, after.date, after.at)
	}
}
