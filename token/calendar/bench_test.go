package calendar_test

import (
	"testing"

	"github.com/florin-studio/florin/token/calendar"
)

// year is a number of instants spread over 2026, so that a benchmark does not
// ask the same thing all the time.
func year(t testing.TB) (instants [256]calendar.Instant) {
	first := instant(t, "2026-01-01T00:00:00Z")
	for n := range instants {
		instants[n] = first + calendar.Instant(n*97%256)*123_187_500
	}
	return instants
}

var benchmarked = []string{"UTC", "Europe/Rome", "America/Havana", "Africa/Casablanca"}

func BenchmarkNextReset(b *testing.B) {
	for _, name := range benchmarked {
		z, at := load(b, name), year(b)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				z.NextReset(at[n%256], 0)
			}
		})
	}
}

func BenchmarkResetAtOrBefore(b *testing.B) {
	z, at := load(b, "Europe/Rome"), year(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		z.ResetAtOrBefore(at[n%256], 0)
	}
}

func BenchmarkDateAt(b *testing.B) {
	z, at := load(b, "Europe/Rome"), year(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		z.DateAt(at[n%256])
	}
}

func BenchmarkZoneAt(b *testing.B) {
	z, first := load(b, "Europe/Rome"), calendar.NewDate(2026, 1, 1)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		z.At(first+calendar.Date(n*97%365), 9000)
	}
}

func BenchmarkCycleStart(b *testing.B) {
	z, at := load(b, "Europe/Rome"), year(b)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		z.CycleStart(at[n%256], 1+n%48)
	}
}

func BenchmarkCycleIndex(b *testing.B) {
	z, at := load(b, "Europe/Rome"), year(b)
	anchor := instant(b, "1996-01-31T02:30:00Z")
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		z.CycleIndex(anchor, at[n%256])
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		load(b, "Europe/Rome")
	}
}

func BenchmarkAppendText(b *testing.B) {
	at, buf := year(b), make([]byte, 0, 24)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := at[n%256].AppendText(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseInstant(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := calendar.ParseInstant("2026-03-29T03:00:00.250+02:00"); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoAllocation keeps the roads that every command takes free of garbage. It
// is not parallel, because allocations of other tests would be counted.
func TestNoAllocation(t *testing.T) {
	z, at := load(t, "Europe/Rome"), year(t)
	buf, n := make([]byte, 0, 24), 0
	allocations := testing.AllocsPerRun(1000, func() {
		n++
		i := at[n%256]
		d, before := z.ResetAtOrBefore(i, 9000)
		z.NextReset(i, 9000)
		z.At(d, 0)
		z.DateAt(i)
		z.CycleIndex(before-1e12, i)
		z.CycleStart(before, n%100)
		if _, err := i.AppendText(buf); err != nil {
			t.Fatal(err)
		}
		if _, err := calendar.ParseInstant("2026-03-29T03:00:00.250+02:00"); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
