package calendar

import "time"

// CycleStart returns the start of the billing cycle k of an anchor (T6). Cycle 0
// starts at the anchor itself, to the millisecond. Cycle k starts k months
// later at the anchor's local day and time of day, the day clamped to the
// month's last, a gap or repeat resolved as by At. A negative k counts months
// back in the same way.
func (z Zone) CycleStart(anchor Instant, k int) Instant {
	if k == 0 {
		return anchor
	}
	t := z.table()
	return t.reach(monthsLater(t.wall(anchor), k))
}

// CycleIndex returns the cycle that at lies in: the greatest k ≥ 0 with
// CycleStart(anchor, k) ≤ at, and 0 for an instant before the anchor. It takes
// the same time however far the two are apart.
func (z Zone) CycleIndex(anchor, at Instant) int {
	if at <= anchor {
		return 0
	}
	// Cycle k has started exactly when the clock has reached its wall.
	t := z.table()
	seconds, shift := fold(floorDiv(int64(at), milli))
	shift *= milli
	reached := t.reached(at-Instant(shift), t.span(seconds)) + shift

	first := t.wall(anchor)
	k := monthNumber(reached) - monthNumber(first)
	if monthsLater(first, k) > reached {
		k--
	}
	return k
}

// monthsLater moves a wall by k months and clamps the day to the month's last.
func monthsLater(wall int64, k int) int64 {
	year, month, day := Date(floorDiv(wall, dayMillis)).Civil()
	year, month, _ = NewDate(year, month+time.Month(k), 1).Civil()
	day = min(day, DaysIn(year, month))
	return int64(NewDate(year, month, day))*dayMillis + floorMod(wall, dayMillis)
}

// monthNumber counts the months of all years before a wall's month.
func monthNumber(wall int64) int {
	year, month, _ := Date(floorDiv(wall, dayMillis)).Civil()
	return year*12 + int(month)
}
