package calendar

// ResetAtOrBefore returns the latest daily reset that is not after i, and the
// civil date it belongs to (T5). The reset time is c.
func (z Zone) ResetAtOrBefore(i Instant, c Clock) (Date, Instant) {
	t := z.table()
	seconds, shift := fold(floorDiv(int64(i), milli))
	at := i - Instant(shift*milli)
	k := t.span(seconds)
	d := resetDate(t.reached(at, k), c)
	return d + Date(shift/daySeconds), t.resetUntil(k, wallOf(d, c)) + Instant(shift*milli)
}

// NextReset returns the first daily reset that is strictly after i, and the
// civil date it belongs to (T5). If several dates have their reset at that
// instant, because the zone skipped one, it is the last of them. The reset time
// is c.
func (z Zone) NextReset(i Instant, c Clock) (Date, Instant) {
	t := z.table()
	seconds, shift := fold(floorDiv(int64(i), milli))
	at := i - Instant(shift*milli)
	k := t.span(seconds)
	wall := wallOf(resetDate(t.reached(at, k), c)+1, c)

	// The clock has not reached wall at i, so it does in this span or later.
	for k+1 < len(t.peaks) && t.peaks[k+1] < wall/milli {
		k++
	}
	next := t.reachIn(k, wall)
	d := resetDate(t.reached(next, k), c)
	return d + Date(shift/daySeconds), next + Instant(shift*milli)
}

// resetDate returns the latest date whose reset time is not after wall.
func resetDate(wall int64, c Clock) Date {
	return Date(floorDiv(wall-int64(c)*milli, dayMillis))
}

// resetUntil is reach for a wall that the clock has reached by the end of span
// k: mostly in k itself or the one before, so it looks backwards from k.
func (t *table) resetUntil(k int, wall int64) Instant {
	for k > 0 && t.peaks[k] >= wall/milli {
		k--
	}
	return t.reachIn(k, wall)
}
