package calendar

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTables holds every span of every zone's table against package time: its
// offset on both edges and in the middle, and the order of the rest.
func TestTables(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	spans := 0
	for _, name := range strings.Fields(string(data)) {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		table := newTable(name, location)
		if !slices.IsSorted(table.starts) || !slices.IsSorted(table.peaks) {
			t.Errorf("%s: starts or peaks out of order", name)
		}
		if len(table.starts) > 1500 {
			t.Errorf("%s: %d spans; has the walk lost its way?", name, len(table.starts))
		}
		spans += len(table.starts)
		for k, start := range table.starts {
			end := int64(foldUntil + 366*daySeconds)
			if k+1 < len(table.starts) {
				end = table.starts[k+1]
			}
			for _, second := range []int64{start, start/2 + end/2, end - 1} {
				if _, want := time.Unix(second, 0).In(location).Zone(); int64(want) != table.offsets[k] {
					t.Errorf("%s: the offset at %d is %d, want %d", name, second, table.offsets[k], want)
				}
			}
			if k > 0 && table.offsets[k] == table.offsets[k-1] {
				t.Errorf("%s: span %d changes nothing", name, k)
			}
		}
	}
	t.Logf("%d spans", spans)
}

func BenchmarkNewTable(b *testing.B) {
	location, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		newTable("Europe/Rome", location)
	}
}
