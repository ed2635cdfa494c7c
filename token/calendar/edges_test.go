package calendar_test

import (
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

// TestT5Edges writes out known odd days: what the law of the land did to the
// clock, and which instant a local time is on such a day.
func TestT5Edges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ about, zone, date, clock, want string }{
		{"no change", "UTC", "2026-03-29", "00:00", "2026-03-29T00:00:00Z"},
		{"before a gap", "Europe/Rome", "2026-03-29", "01:59:59", "2026-03-29T01:59:59+01:00"},
		{"a gap begins", "Europe/Rome", "2026-03-29", "02:00", "2026-03-29T03:00:00+02:00"},
		{"inside a gap", "Europe/Rome", "2026-03-29", "02:30", "2026-03-29T03:00:00+02:00"},
		{"a gap ends", "Europe/Rome", "2026-03-29", "03:00", "2026-03-29T03:00:00+02:00"},
		{"before a repeat", "Europe/Rome", "2026-10-25", "01:59:59", "2026-10-25T01:59:59+02:00"},
		{"a repeat begins", "Europe/Rome", "2026-10-25", "02:00", "2026-10-25T02:00:00+02:00"},
		{"inside a repeat", "Europe/Rome", "2026-10-25", "02:59:59", "2026-10-25T02:59:59+02:00"},
		{"a repeat ends", "Europe/Rome", "2026-10-25", "03:00", "2026-10-25T03:00:00+01:00"},

		{"no midnight", "Asia/Beirut", "2022-03-27", "00:00", "2022-03-27T01:00:00+03:00"},
		{"no midnight", "America/Havana", "2024-03-10", "00:00", "2024-03-10T01:00:00-04:00"},
		{"no midnight", "Africa/Cairo", "2024-04-26", "00:00", "2024-04-26T01:00:00+03:00"},
		{"no midnight", "America/Asuncion", "2023-10-01", "00:00", "2023-10-01T01:00:00-03:00"},
		{"no midnight", "America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T01:00:00-02:00"},
		{"midnight twice", "America/Havana", "2024-11-03", "00:00", "2024-11-03T00:00:00-04:00"},
		{"midnight once, its hour before twice", "America/Asuncion", "2024-03-24", "00:00", "2024-03-24T00:00:00-04:00"},
		{"back over midnight", "Asia/Beirut", "2022-10-30", "00:00", "2022-10-30T00:00:00+02:00"},
		{"midnight twice", "Atlantic/Azores", "2024-10-27", "00:00", "2024-10-27T00:00:00Z"},
		{"back over midnight by a minute", "America/St_Johns", "2006-10-29", "00:00", "2006-10-29T00:00:00-02:30"},
		{"half an hour forward", "Australia/Lord_Howe", "2024-10-06", "02:15", "2024-10-06T02:30:00+11:00"},
		{"half an hour back", "Australia/Lord_Howe", "2024-04-07", "01:45", "2024-04-07T01:45:00+11:00"},
		{"two hours", "Antarctica/Troll", "2024-03-31", "02:00", "2024-03-31T03:00:00+02:00"},

		{"a day left out", "Pacific/Apia", "2011-12-30", "00:00", "2011-12-31T00:00:00+14:00"},
		{"a day left out", "Pacific/Apia", "2011-12-30", "23:59:59", "2011-12-31T00:00:00+14:00"},
		{"a day left out", "Pacific/Kwajalein", "1993-08-21", "12:00", "1993-08-22T00:00:00+12:00"},
		{"most of a day twice", "Pacific/Kwajalein", "1969-09-30", "00:30", "1969-09-30T00:30:00+11:00"},
		{"most of a day twice", "Pacific/Kwajalein", "1969-09-30", "12:00", "1969-09-30T12:00:00+11:00"},
		{"local mean time, 49:56 ahead", "Europe/Rome", "1850-01-01", "00:49:56", "1850-01-01T00:00:00Z"},
		{"peace time without a change of wall", "America/New_York", "1945-08-14", "19:00", "1945-08-14T19:00:00-04:00"},
	} {
		z := load(t, test.zone)
		c := clock(t, test.clock)
		if got, want := z.At(date(t, test.date), c), instant(t, test.want); got != want {
			t.Errorf("%s: %s %s %s is %v, want %v", test.about, test.zone, test.date, test.clock, got, want)
		}
	}
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.NewDate(day.Date())
}

// TestT5SkippedDate follows Samoa over its missing day: one instant, one reset,
// named by the later date.
func TestT5SkippedDate(t *testing.T) {
	t.Parallel()
	z := load(t, "Pacific/Apia")
	last, first := instant(t, "2011-12-29T00:00:00-10:00"), instant(t, "2011-12-31T00:00:00+14:00")
	if first-last != 86_400_000 {
		t.Fatal("the wrong instants")
	}
	checkResets(t, z, 0, []reset{
		{date(t, "2011-12-28"), last - 86_400_000},
		{date(t, "2011-12-29"), last},
		{date(t, "2011-12-31"), first},
		{date(t, "2012-01-01"), first + 86_400_000},
	})
	// At noon the skipped date's reset is at midnight, twelve hours before that
	// of the date after it.
	checkResets(t, z, 43_200, []reset{
		{date(t, "2011-12-28"), last - 43_200_000},
		{date(t, "2011-12-29"), last + 43_200_000},
		{date(t, "2011-12-30"), first},
		{date(t, "2011-12-31"), first + 43_200_000},
		{date(t, "2012-01-01"), first + 43_200_000 + 86_400_000},
	})
}

// TestT5RepeatedDate follows Kwajalein through the day it had almost twice:
// the wall shows 30 September again, the resets do not.
func TestT5RepeatedDate(t *testing.T) {
	t.Parallel()
	z := load(t, "Pacific/Kwajalein")
	once, again := instant(t, "1969-09-30T12:00:00+11:00"), instant(t, "1969-09-30T12:00:00-12:00")
	for _, i := range []calendar.Instant{once, again} {
		if got := z.DateAt(i); got != date(t, "1969-09-30") {
			t.Errorf("DateAt(%v) = %v", i, got)
		}
	}
	noon := date(t, "1969-09-30")
	checkAround(t, z, 43_200, once, reset{noon, once}, reset{noon + 1, again + 86_400_000})
	checkAround(t, z, 43_200, again, reset{noon, once}, reset{noon + 1, again + 86_400_000})
}

// TestT5BackOverMidnight shows the wall go back to yesterday and the reset stay.
func TestT5BackOverMidnight(t *testing.T) {
	t.Parallel()
	z := load(t, "America/St_Johns") // at 00:01 the clock went back to 23:01
	midnight := instant(t, "2006-10-29T00:00:00-02:30")
	changed := midnight.Add(time.Minute)
	if z.DateAt(midnight) != date(t, "2006-10-29") || z.DateAt(changed) != date(t, "2006-10-28") {
		t.Fatal("this is not the night of the change")
	}
	today := reset{date(t, "2006-10-29"), midnight}
	tomorrow := reset{today.date + 1, instant(t, "2006-10-30T00:00:00-03:30")}
	for _, i := range []calendar.Instant{midnight, changed - 1, changed, changed.Add(59*time.Minute - 1), changed.Add(time.Hour)} {
		checkAround(t, z, 0, i, today, tomorrow)
	}
}
