// Package calendar answers three questions about time for the token rules: on
// which civil day an account is, when its next daily reset is (T5), and when
// its billing cycle renews (T6). It answers them for every IANA zone, from the
// year 1 to the year 9999, with no clock of its own and no state a caller
// could see.
//
// # Instants and local time
//
// An [Instant] is a point on the one time line that everybody shares, counted
// in milliseconds of Unix time. Leap seconds do not exist in it: every day in
// UTC has 86 400 seconds. A [Date] and a [Clock] together are what a clock on
// the wall of one zone shows; they name an instant only once a zone is given.
//
// # From local time to an instant
//
// A wall clock that is moved forward never shows the times it jumps over, and
// one that is moved back shows some times twice. One sentence settles both:
//
//	The local time L of a zone is the first instant at which the zone's
//	clock has reached L, that is, shows L or something later.
//
// Three consequences, which are the rules of T5:
//
//   - A local time that exists once is that instant.
//   - A local time inside a gap is the first instant after the gap. In Rome on
//     2026-03-29 the clock goes from 01:59:59 to 03:00:00, so 02:30 is the
//     instant at which it first shows 03:00.
//   - A local time that occurs twice is its first occurrence. In Rome on
//     2026-10-25 the hour from 02:00 to 03:00 is shown twice; 02:30 is the one
//     still in summer time.
//
// A later local time is therefore never an earlier instant, however large the
// jump: not when Samoa left out 30 December 2011, nor when Kwajalein showed
// most of 30 September 1969 twice.
//
// # Resets
//
// A reset happens once per civil date, at the instant of that date and the
// reset time. The resets of a zone are the same whoever asks and whenever:
// nothing depends on when an account was opened or last seen.
//
//   - [Zone.ResetAtOrBefore] and [Zone.NextReset] enclose their instant: the
//     first is at it or before it, the second strictly after it, and no reset
//     lies between the two.
//   - Days of 23 or 25 hours happen, and days of 23½ hours too. A date that
//     the zone skips has its reset at the same instant as the date after it:
//     one instant, one reset, and the later date names it.
//   - When the clock goes back over the reset time, there is no second reset.
//     A local date shown again is not a new date. In that repeated stretch
//     [Zone.DateAt], which reads the wall, shows the earlier date again, while
//     ResetAtOrBefore goes on naming the later one.
//
// # Cycles
//
// A cycle's anchor is an instant, kept as it is: [Zone.CycleStart] of 0 is the
// anchor to the millisecond. Cycle k starts k calendar months later at the
// anchor's own local day and time of day. A month too short for the day lends
// its last day instead. Each k is counted from the anchor, never from the
// cycle before it, so the day comes back: 31 January, 28 February, 31 March.
// The result then goes through the sentence above, so a time of day inside a
// gap or a repeat is resolved the same way as a reset.
//
// # What it does not promise
//
// The zone rules are those of the tz database found by package time: the file
// named by ZONEINFO, the system's copy, or else the copy compiled into this
// program. Governments change their rules; a future instant computed today may
// differ from the one computed with next year's database. Code that must not
// see such changes has to store the instants it acted on. From the year 2200
// on, a zone's rules are taken to repeat every 400 years, which is the period
// of the Gregorian calendar.
//
// The functions do not check that dates and instants lie within the years 1 to
// 9999. Outside of those they do not panic, but what they return means nothing.
package calendar
