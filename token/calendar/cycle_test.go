package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

// TestT6Cycles checks all anchor days and times of day that a change of clock
// disturbs, in every zone, against months counted one by one.
func TestT6Cycles(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		o := newOracle(t, z.Name(), 1968, 2110, 5*day)
		year := 1970 + number*13%130
		cycles, months := 14, 1
		if exhaustive {
			cycles, months = 60, 12
		}
		changes := o.changes()
		for m := range months {
			for d := 1; d <= 31; d++ {
				anchor := calendar.At(time.Date(year, time.Month(1+(m+number)%12), d, d%24, 30, number%60, 0, time.UTC)) +
					calendar.Instant(number%3)
				if d%2 == 0 && len(changes) > 0 {
					// The time of day of a change of clock, to the minute.
					change := changes[(number*31+d*7+m)%len(changes)]
					anchor += calendar.Instant((change%86_400+86_400)%86_400*1000) - (anchor % 86_400_000)
				}
				checkCycles(t, z, o, anchor, cycles)
			}
		}
	})
}

// TestT6AnchorsAtChanges puts the anchor itself next to a change of clock, also
// into the second showing of a repeated hour.
func TestT6AnchorsAtChanges(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		o := newOracle(t, z.Name(), 1968, 2110, 5*day)
		for n, change := range o.changes() {
			if (n+number)%16 != 0 && !exhaustive || change > unix(2100) || change < unix(1970) {
				continue
			}
			for _, off := range []int64{-5400, -1, 0, 1, 1799, 5400} {
				checkCycles(t, z, o, calendar.Instant((change+off)*1000), 13)
			}
		}
	})
}

// checkCycles counts an anchor's cycles forward month by month.
func checkCycles(t testing.TB, z calendar.Zone, o *oracle, anchor calendar.Instant, cycles int) {
	t.Helper()
	local := anchor.Time().In(o.location)
	year, month, wanted := local.Date()
	hour, minute, second := local.Clock()
	before := anchor
	if got := z.CycleStart(anchor, 0); got != anchor {
		t.Fatalf("%s: CycleStart(%v, 0) = %v", z.Name(), anchor, got)
	}
	for k := 1; k <= cycles; k++ {
		if month++; month > time.December {
			year, month = year+1, time.January
		}
		d := wanted // the latest day up to the wanted one that is in the month
		for time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Month() != month {
			d--
		}
		wall := time.Date(year, month, d, hour, minute, second, 0, time.UTC).Unix()
		at, ok := o.resolve(wall)
		if !ok {
			t.Fatalf("%s: the oracle cannot resolve cycle %d of %v", z.Name(), k, anchor)
		}
		want := calendar.Instant(at * 1000)
		if shown(o.location, at) == wall { // not in a gap: the anchor's milliseconds count
			want += calendar.Instant(local.Nanosecond() / 1_000_000)
		}
		if got := z.CycleStart(anchor, k); got != want || got <= before {
			t.Fatalf("%s: CycleStart(%v, %d) = %v, want %v, after %v", z.Name(), anchor, k, got, want, before)
		}
		checkIndex(t, z, anchor, want-1, k-1)
		checkIndex(t, z, anchor, want, k)
		checkIndex(t, z, anchor, want+45*60_000, k)
		checkIndex(t, z, anchor, before+(want-before)/2, k-1)
		before = want
	}
}

func checkIndex(t testing.TB, z calendar.Zone, anchor, at calendar.Instant, want int) {
	t.Helper()
	if got := z.CycleIndex(anchor, at); got != want {
		t.Fatalf("%s: CycleIndex(%v, %v) = %d, want %d", z.Name(), anchor, at, got, want)
	}
}

// TestT6AnchorDays writes out what clamping means.
func TestT6AnchorDays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		zone, anchor string
		starts       map[int]string
	}{
		{"UTC", "2027-01-31T10:20:30.456Z", map[int]string{
			0: "2027-01-31T10:20:30.456Z", 1: "2027-02-28T10:20:30.456Z", 2: "2027-03-31T10:20:30.456Z",
			3: "2027-04-30T10:20:30.456Z", 13: "2028-02-29T10:20:30.456Z", 14: "2028-03-31T10:20:30.456Z",
			-1: "2026-12-31T10:20:30.456Z", -2: "2026-11-30T10:20:30.456Z",
		}},
		{"UTC", "2028-02-29T00:00:00Z", map[int]string{
			1: "2028-03-29T00:00:00Z", 12: "2029-02-28T00:00:00Z", 48: "2032-02-29T00:00:00Z", 864: "2100-02-28T00:00:00Z",
		}},
		{"UTC", "2027-01-30T23:59:59.999Z", map[int]string{
			1: "2027-02-28T23:59:59.999Z", 2: "2027-03-30T23:59:59.999Z",
		}},
		// The day is the local one: 31 January in Auckland, 30 January in UTC.
		{"Pacific/Auckland", "2027-01-30T12:00:00Z", map[int]string{
			1: "2027-02-27T12:00:00Z", 2: "2027-03-30T12:00:00Z", 3: "2027-04-29T13:00:00Z",
		}},
		// 02:30 is in the gap of 28 March 2027; the milliseconds go with it.
		{"Europe/Rome", "2027-01-28T02:30:00.5+01:00", map[int]string{
			1: "2027-02-28T02:30:00.5+01:00", 2: "2027-03-28T03:00:00+02:00", 3: "2027-04-28T02:30:00.5+02:00",
		}},
		// 02:30 on 31 October 2027 occurs twice; an anchor in the second stays.
		{"Europe/Rome", "2027-10-31T02:30:00+01:00", map[int]string{
			0: "2027-10-31T02:30:00+01:00", 1: "2027-11-30T02:30:00+01:00", -12: "2026-10-31T02:30:00+01:00",
		}},
		{"Europe/Rome", "2027-08-31T02:30:00+02:00", map[int]string{2: "2027-10-31T02:30:00+02:00"}},
		// A second later the clock goes back, behind a cycle that has begun.
		{"Europe/Rome", "2027-08-31T02:59:59.5+02:00", map[int]string{2: "2027-10-31T02:59:59.5+02:00"}},
		// Samoa had no 30 December 2011.
		{"Pacific/Apia", "2011-11-30T08:00:00-10:00", map[int]string{
			1: "2011-12-31T00:00:00+14:00", 2: "2012-01-30T08:00:00+14:00",
		}},
	} {
		t.Run(fmt.Sprint(test.zone, test.anchor), func(t *testing.T) {
			t.Parallel()
			z, anchor := load(t, test.zone), instant(t, test.anchor)
			for k, want := range test.starts {
				if got := z.CycleStart(anchor, k); got != instant(t, want) {
					t.Errorf("CycleStart(%d) = %v, want %v", k, got, want)
				}
				if k > 0 {
					checkIndex(t, z, anchor, instant(t, want), k)
					checkIndex(t, z, anchor, instant(t, want)-1, k-1)
					checkIndex(t, z, anchor, instant(t, want)+1000, k)
				}
			}
			checkIndex(t, z, anchor, anchor, 0)
			checkIndex(t, z, anchor, anchor-1, 0)
			checkIndex(t, z, anchor, anchor-400*86_400_000, 0)
		})
	}
}

// TestT6LongLives follows single accounts to the end of the years.
func TestT6LongLives(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Rome", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia"} {
		z, anchor := load(t, name), instant(t, "1999-12-31T05:06:07.089Z")
		before := anchor
		for k := 1; before.Time().Year() < 9999; k++ {
			start := z.CycleStart(anchor, k)
			if length := start.Sub(before); length < 27*day || length > 32*day {
				t.Fatalf("%s: cycle %d lasts %v", name, k-1, length)
			}
			checkIndex(t, z, anchor, start, k)
			checkIndex(t, z, anchor, start-1, k-1)
			before = start
		}
	}
}
