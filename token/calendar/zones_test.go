package calendar_test

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/florin-studio/florin/token/calendar"
)

// exhaustive makes the tests over all zones look at every day, change of clock
// and anchor instead of a fixed selection. It takes minutes.
var exhaustive = os.Getenv("FLORIN_EXHAUSTIVE") != ""

// zoneNames returns every name of the tz database: the list in testdata, and
// what the Go installation running the test has in addition.
var zoneNames = sync.OnceValues(func() ([]string, error) {
	data, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		return nil, err
	}
	names := append(strings.Fields(string(data)), installedNames()...)
	slices.Sort(names)
	return slices.Compact(names), nil
})

// installedNames lists the database of the Go installation, if it has one.
func installedNames() []string {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return nil
	}
	defer archive.Close()
	var names []string
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") {
			names = append(names, file.Name)
		}
	}
	return names
}

// everyZone runs a check for each zone of the tz database, some at a time. The
// number given to it is the zone's place in the list: a source of selections
// that differ between zones and stay the same between runs.
func everyZone(t *testing.T, check func(t *testing.T, z calendar.Zone, number int)) {
	t.Helper()
	names, err := zoneNames()
	if err != nil {
		t.Fatal(err)
	}
	if !exhaustive {
		t.Log("a selection over all zones; the exhaustive version runs with FLORIN_EXHAUSTIVE=1")
	}
	for number, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, load(t, name), number)
		})
	}
}

func load(t testing.TB, name string) calendar.Zone {
	t.Helper()
	z, err := calendar.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t testing.TB, s string) calendar.Instant {
	t.Helper()
	i, err := calendar.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func clock(t testing.TB, s string) calendar.Clock {
	t.Helper()
	c, err := calendar.ParseClock(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "Local", "local", "utc", "europe/rome", "Europe/Atlantis", "Europe", "Europe/", "/Europe/Rome",
		"../Europe/Rome", "Europe/../UTC", "Europe//Rome", `Europe\Rome`, "Europe/Rome ", "Europe/Rome\x00",
		"/etc/localtime", "posix/Europe/Rome", "right/Europe/Rome", "posixrules", "localtime", "zone.tab",
		"tzdata.zi", "+02:00", "CEST", strings.Repeat("A", 10_000),
	} {
		z, err := calendar.Load(name)
		if err == nil {
			t.Errorf("Load(%.40q) = %v, want an error", name, z.Name())
			continue
		}
		if text := err.Error(); !strings.Contains(text, "Europe/Rome") || len(text) > 200 {
			t.Errorf("Load(%.40q): the error should show what is allowed, in short: %v", name, err)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	names, err := zoneNames()
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 590 {
		t.Fatalf("only %d zones", len(names))
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for _, name := range names {
				z, err := calendar.Load(name)
				if err != nil || z.Name() != name {
					t.Errorf("Load(%q) = %q, %v", name, z.Name(), err)
				}
				if again, err := calendar.Load(name); err != nil || again != z {
					t.Errorf("Load(%q) twice gives two zones that differ", name)
				}
			}
		})
	}
	wait.Wait()
	if zero := (calendar.Zone{}); zero != load(t, "UTC") || zero.Name() != "UTC" {
		t.Error("the zero Zone is not UTC")
	}
	if load(t, "Europe/Rome") == load(t, "Europe/Berlin") {
		t.Error("two names, one zone")
	}
}
