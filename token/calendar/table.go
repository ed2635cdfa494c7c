package calendar

import "time"

// table holds the spans of time in which a zone's offset from UTC is constant.
// Span k lasts from starts[k] to just before starts[k+1]; the last has no end.
//
// A wall is a local date and time in milliseconds: the Unix time at which UTC
// shows the same. peaks[k] is the latest whole second of a wall that the zone
// showed before span k. Since peaks never decrease, "the first instant at which
// the clock has reached a wall" is one search in them: gaps, repeats and
// changes of date line need no cases of their own.
type table struct {
	name    string
	starts  []int64 // Unix seconds
	peaks   []int64 // wall seconds
	offsets []int64 // seconds east of UTC
}

const (
	// dawn stands for the beginning of time, in seconds. It is early enough for
	// everything and leaves room to multiply by 1000.
	dawn = -1 << 52

	// gregorian is the number of seconds after which dates, weekdays and hence
	// every yearly rule repeat: 400 years.
	gregorian = 146_097 * daySeconds

	// The spans of the years 2200 to 2599 stand for those of all later years.
	// The tz database lists single transitions only until 2087.
	foldFrom  = 7_258_118_400 // 2200-01-01T00:00:00Z
	foldUntil = foldFrom + gregorian
)

// newTable walks through all changes of offset from the beginning of time until
// a little after foldUntil.
func newTable(name string, location *time.Location) *table {
	t := &table{name: name}
	at, peak := int64(dawn), int64(dawn)
	for at < foldUntil+366*daySeconds {
		here := time.Unix(at, 0).In(location)
		_, seconds := here.Zone()
		offset := int64(seconds)
		if last := len(t.offsets) - 1; last < 0 || t.offsets[last] != offset {
			if last >= 0 {
				peak = max(peak, at-1+t.offsets[last])
			}
			t.starts = append(t.starts, at)
			t.peaks = append(t.peaks, peak)
			t.offsets = append(t.offsets, offset)
		}
		_, end := here.ZoneBounds()
		if end.IsZero() {
			break
		}
		// Where a yearly rule applies, package time may give an end that is
		// only the end of the year, and on the last day of a leap year even
		// one that has passed.
		if end.Unix() > at {
			at = end.Unix()
		} else {
			at = (floorDiv(at, daySeconds) + 1) * daySeconds
		}
	}
	return t
}

// fold maps seconds after foldUntil into the years that stand for them, and
// returns also what it took off, in seconds.
func fold(seconds int64) (folded, shift int64) {
	if seconds < foldUntil {
		return seconds, 0
	}
	shift = (seconds - foldFrom) / gregorian * gregorian
	return seconds - shift, shift
}

// span returns the span at a folded second.
func (t *table) span(seconds int64) int {
	return lastBelow(t.starts, seconds+1)
}

// lastBelow returns the last index whose value is less than limit, or 0.
func lastBelow(sorted []int64, limit int64) int {
	low, high := 0, len(sorted)
	for high-low > 1 {
		middle := int(uint(low+high) >> 1)
		if sorted[middle] < limit {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// wall returns what the zone's clock shows at i.
func (t *table) wall(i Instant) int64 {
	seconds, _ := fold(floorDiv(int64(i), milli))
	return int64(i) + t.offsets[t.span(seconds)]*milli
}

// reached returns the latest wall that the zone's clock has shown until i, with
// i in span k and not folded. It is more than wall(i) while the clock, moved
// back, repeats what it showed before.
func (t *table) reached(i Instant, k int) int64 {
	return max(int64(i)+t.offsets[k]*milli, t.peaks[k]*milli+milli-1)
}

// reach returns the first instant at which the clock has reached wall.
func (t *table) reach(wall int64) Instant {
	seconds, shift := fold(floorDiv(wall, milli))
	k := lastBelow(t.peaks, seconds)
	return t.reachIn(k, wall-shift*milli) + Instant(shift*milli)
}

// reachIn is reach when it is known to happen in span k.
func (t *table) reachIn(k int, wall int64) Instant {
	return Instant(max(t.starts[k]*milli, wall-t.offsets[k]*milli))
}
