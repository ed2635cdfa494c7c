package calendar_test

import (
	"testing"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

func FuzzParseInstant(f *testing.F) {
	for _, s := range []string{
		"2026-03-29T01:00:00Z", "2026-03-29t03:00:00.25+02:00", "0001-01-01T00:00:00-00:01",
		"9999-12-31T23:59:59.999Z", "2026-02-29T00:00:00Z", "2026-12-31T23:59:60Z", "2026-03-29 01:00:00Z", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := calendar.ParseInstant(s)
		if err != nil {
			return
		}
		if again, err := calendar.ParseInstant(i.String()); err != nil || again != i {
			t.Errorf("%q is %v, which is %v, %v", s, i, again, err)
		}
		upper := []byte(s) // package time knows no small t and z
		for k := range upper {
			if upper[k] == 't' || upper[k] == 'z' {
				upper[k] -= 'a' - 'A'
			}
		}
		if other, err := time.Parse(time.RFC3339, string(upper)); err != nil || calendar.At(other) != i {
			t.Errorf("%q is %v, package time says %v, %v", s, i, other, err)
		}
	})
}

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"00:00", "23:59:30", "24:00", "7:00", "12:00:", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := calendar.ParseClock(s)
		if err != nil {
			return
		}
		if c < 0 || c > 86_399 {
			t.Errorf("%q is %d", s, int32(c))
		}
		if text := c.String(); text != s && text+":00" != s {
			t.Errorf("%q is %q", s, text)
		}
	})
}

// FuzzResets checks that the functions agree with one another, whatever the
// zone, instant and reset time.
func FuzzResets(f *testing.F) {
	names, err := zoneNames()
	if err != nil {
		f.Fatal(err)
	}
	for n := range names { // a selection of zones and instants, and the odd ones
		if n%20 == 0 {
			f.Add(uint16(n), int64(n)*7_000_000_000, int32(n*131))
		}
	}
	for n, name := range names {
		if name == "Pacific/Apia" || name == "America/Havana" || name == "Australia/Lord_Howe" {
			f.Add(uint16(n), int64(1_325_239_200_000), int32(0)) // Samoa's change
			f.Add(uint16(n), int64(1_710_046_800_000), int32(0)) // Havana's, forward
			f.Add(uint16(n), int64(253_000_000_000_000), int32(9000))
			f.Add(uint16(n), int64(-61_000_000_000_000), int32(86_399))
		}
	}
	f.Fuzz(func(t *testing.T, zone uint16, ms int64, seconds int32) {
		const first, last = -62_135_000_000_000, 253_402_000_000_000
		z := load(t, names[int(zone)%len(names)])
		i := calendar.Instant(first + (ms%(last-first)+(last-first))%(last-first))
		c := calendar.Clock((seconds%86_400 + 86_400) % 86_400)
		d, before := z.ResetAtOrBefore(i, c)
		next, after := z.NextReset(i, c)
		if before > i || after <= i || next <= d {
			t.Fatalf("%s %v %v: between %v %v and %v %v", z.Name(), i, c, d, before, next, after)
		}
		if z.At(d, c) != before || z.At(next, c) != after || z.At(d+1, c) != after || z.At(next+1, c) <= after {
			t.Fatalf("%s %v %v: At disagrees", z.Name(), i, c)
		}
		if back, at := z.ResetAtOrBefore(after, c); back != next || at != after {
			t.Fatalf("%s %v %v: from %v back to %v", z.Name(), i, c, after, at)
		}
		if back, at := z.ResetAtOrBefore(after-1, c); back != d || at != before {
			t.Fatalf("%s %v %v: just before %v it is %v", z.Name(), i, c, after, at)
		}
		if again, at := z.NextReset(before, c); again != next || at != after {
			t.Fatalf("%s %v %v: from %v on to %v", z.Name(), i, c, before, at)
		}
		if k := z.CycleIndex(before, i); z.CycleStart(before, k) > i || z.CycleStart(before, k+1) <= i {
			t.Fatalf("%s: %v is not in cycle %d of %v", z.Name(), i, k, before)
		}
		if k := z.CycleIndex(i, after); k != 0 && after-i < 27*86_400_000 {
			t.Fatalf("%s: %v is in cycle %d of %v", z.Name(), after, k, i)
		}
	})
}

// FuzzAnything calls everything with anything: nothing may panic or hang.
func FuzzAnything(f *testing.F) {
	f.Add(int64(-1<<63), int64(1<<63-1), int32(-1<<31), 1<<62)
	f.Add(int64(1<<63-1), int64(-1<<63), int32(1<<31-1), -1<<62)
	f.Add(int64(0), int64(0), int32(0), 0)
	f.Fuzz(func(t *testing.T, i, j int64, n int32, k int) {
		for _, name := range []string{"UTC", "Europe/Rome", "Asia/Tokyo"} {
			z, a, b, d, c := load(t, name), calendar.Instant(i), calendar.Instant(j), calendar.Date(n), calendar.Clock(n)
			z.DateAt(a)
			z.At(d, c)
			z.ResetAtOrBefore(a, c)
			z.NextReset(a, c)
			z.CycleStart(a, k)
			z.CycleIndex(a, b)
			_ = a.String() + d.String() + c.String()
			_, _ = a.Sub(b), calendar.NewDate(k, 1, k)
			calendar.DaysIn(k, time.Month(k))
		}
	})
}
