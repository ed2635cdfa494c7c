package calendar_test

import (
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

const day = 24 * time.Hour

// TestT5Resets compares the days around each change of clock, in every zone from
// 1970 to 2100, with the oracle.
func TestT5Resets(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		step := 5 * day
		if exhaustive {
			step = 2 * time.Hour
		}
		o := newOracle(t, z.Name(), 1969, 2102, step)
		for n, change := range o.changes() {
			d := calendar.Date(change / 86_400)
			for _, c := range o.clocksAround(change, n, exhaustive) {
				list := o.resets(t, d-3, d+4, c)
				checkResets(t, z, c, list)
				checkChange(t, z, c, list, change)
			}
		}
		if t.Failed() {
			return
		}
		// Some months in full, change of clock or not.
		for n := range 3 {
			d := calendar.NewDate(1970, time.Month((number*37+n*397)%(131*12)+1), 1)
			c := calendar.Clock((number*7919 + n*30_011) % 86_400)
			checkResets(t, z, c, o.resets(t, d, d+40, c))
		}
	})
}

// checkChange looks at a list of resets from the instants around a change of
// clock, of which those after it may see a time of day again.
func checkChange(t *testing.T, z calendar.Zone, c calendar.Clock, list []reset, change int64) {
	t.Helper()
	for _, after := range []calendar.Instant{-3_600_000, -1, 0, 1, 60_000, 1_800_000, 3_599_999, 3_600_000, 43_200_000} {
		i := calendar.Instant(change*1000) + after
		n := 0
		for list[n+1].at <= i {
			n++
		}
		checkAround(t, z, c, i, list[n], list[n+1])
	}
}

// clocksAround chooses reset times that a change of clock can disturb: midnight,
// the edges and the inside of the gap or repeat, and one far from it.
func (o *oracle) clocksAround(change int64, n int, all bool) []calendar.Clock {
	low, high := shown(o.location, change-1)+1, shown(o.location, change)
	if low > high {
		low, high = high, low
	}
	ofDay := func(wall int64) calendar.Clock { return calendar.Clock(((wall % 86_400) + 86_400) % 86_400) }
	clocks := []calendar.Clock{
		0, ofDay(low), ofDay((low + high) / 2), ofDay(high), ofDay(high - 1), ofDay(low - 1),
		43_200, 86_399, 3600 * calendar.Clock(n%24), 1800 + 3600*calendar.Clock(n%24),
	}
	if all {
		return clocks
	}
	return append(clocks[:3:3], clocks[3+n%7])
}

// TestT5EveryDay lists all days of 1970 to 2100 in every zone.
func TestT5EveryDay(t *testing.T) {
	t.Parallel()
	if !exhaustive {
		t.Skip("not run: every day of 1970 to 2100 in every zone needs FLORIN_EXHAUSTIVE=1; TestT5Resets has a selection")
	}
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		o := newOracle(t, z.Name(), 1969, 2102, 2*time.Hour)
		from, until := calendar.NewDate(1970, 1, 1), calendar.NewDate(2101, 1, 1)
		for _, c := range []calendar.Clock{0, 9000, calendar.Clock(number * 7919 % 86_400)} {
			checkResets(t, z, c, o.resets(t, from, until, c))
		}
	})
}

// TestT5History goes back to the days of local mean time, with offsets of odd
// seconds and changes of date line, where no token was ever reset.
func TestT5History(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		o := newOracle(t, z.Name(), 1840, 1971, 6*day)
		for n, change := range o.changes() {
			if !exhaustive && (n+number)%5 > 0 && n > 1 {
				continue
			}
			d := calendar.Date(change / 86_400)
			for _, c := range o.clocksAround(change, n, exhaustive) {
				list := o.resets(t, d-3, d+4, c)
				checkResets(t, z, c, list)
				checkChange(t, z, c, list, change)
			}
		}
	})
}

// TestT5SecondBySecond watches the clock for hours around a change, one second
// at a time, and notes when each time of day is first shown.
func TestT5SecondBySecond(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		o := newOracle(t, z.Name(), 1960, 2040, 5*day)
		changes := o.changes()
		if len(changes) == 0 {
			return
		}
		chosen := []int64{changes[number%len(changes)]}
		if exhaustive {
			chosen = changes
		}
		for _, change := range chosen {
			watch(t, z, o.location, change)
		}
	})
}

func watch(t *testing.T, z calendar.Zone, location *time.Location, change int64) {
	t.Helper()
	jump := shown(location, change) - shown(location, change-1) - 1
	margin := max(jump, -jump) + 1200
	next := shown(location, change-margin) // the wall that was not shown yet
	for u := change - margin; u < change+margin; u++ {
		wall := shown(location, u)
		if got := z.DateAt(calendar.Instant(u * 1000)); got != calendar.Date((wall+400_000*86_400)/86_400-400_000) {
			t.Fatalf("%s: DateAt(%v) = %v", z.Name(), calendar.Instant(u*1000), got)
		}
		for ; next <= wall; next++ {
			d, c := calendar.Date(next/86_400), calendar.Clock(next%86_400)
			if next < 0 {
				d, c = calendar.Date((next+1)/86_400-1), calendar.Clock(86_399+(next+1)%86_400)
			}
			if got := z.At(d, c); got != calendar.Instant(u*1000) {
				t.Fatalf("%s: At(%v, %v) = %v, but the clock gets there at %v", z.Name(), d, c, got, calendar.Instant(u*1000))
			}
		}
	}
}

// TestDateAt compares dates with package time, from the year 1 to 9999.
func TestDateAt(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		location, err := time.LoadLocation(z.Name())
		if err != nil {
			t.Fatal(err)
		}
		const year = 31_556_952_000 // milliseconds
		points := 700
		if exhaustive {
			points = 100_000
		}
		first := instant(t, "0001-01-02T00:00:00Z")
		stride := calendar.Instant(9998*year/points) - 40_000*calendar.Instant(number)
		for n := range points {
			i := first + calendar.Instant(n)*stride
			year, month, day := i.Time().In(location).Date()
			if got := z.DateAt(i); got != calendar.NewDate(year, month, day) {
				t.Fatalf("%s: DateAt(%v) = %v, want %d-%02d-%02d", z.Name(), i, got, year, month, day)
			}
		}
	})
}

// TestT5FarFuture looks beyond the tables, where 400 years stand for all.
func TestT5FarFuture(t *testing.T) {
	t.Parallel()
	everyZone(t, func(t *testing.T, z calendar.Zone, number int) {
		for _, from := range []int{2199, 2599, 2999 + number%6900} {
			if !exhaustive && from == 2199 && number%3 != 0 {
				continue
			}
			o := newOracle(t, z.Name(), from-1, from+3, 5*day)
			c := calendar.Clock(number * 1800 % 86_400)
			checkResets(t, z, c, o.resets(t, calendar.NewDate(from, 1, 1), calendar.NewDate(from+2, 1, 1), c))
		}
	})
}
