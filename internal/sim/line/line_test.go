package line

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func run(t *testing.T, s Scenario, seed uint64) *Report {
	t.Helper()
	r, err := Run(context.Background(), s, seed)
	if err != nil {
		t.Fatal(err)
	}
	if r.Submitted != r.Done+r.Failed+r.Waiting+r.Running {
		t.Fatalf("of %d jobs %d are done, %d failed, %d wait and %d run", r.Submitted, r.Done, r.Failed, r.Waiting, r.Running)
	}
	return r
}

// always is a world in which so many people submit again as soon as they have thought.
func always(users int, thinking float64) Scenario {
	s := Generate(users, 10, 10, 0.5)
	for i := range s.Plans {
		p := &s.Plans[i]
		p.Again, p.JobsPerHour, p.Batches, p.Relaxed = thinking, 0, 0, 0
		if i > 1 {
			p.Relaxed = 20
		}
	}
	return s
}

// The same seed gives the same report to the last bit, another seed another one.
func TestSeedDecides(t *testing.T) {
	t.Parallel()
	text := func(seed uint64) string {
		b, err := json.Marshal(run(t, Generate(500, 5, 3, 0.9), seed))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if first := text(1); first != text(1) || first == text(2) {
		t.Fatal("the seed does not decide")
	}
}

// mostOff is the factor by which the median wait of those who were told about the same may
// differ from what they were told.
const mostOff = 1.7

// What people are told when they come holds at steady load, for both lanes: those who are
// told about the same wait about so long in the middle, most wait between half and twice
// of it, and eight in ten and more between the bounds. Judged are jobs that waited at
// least as long as a mean job runs, or were told so.
func TestEstimatesAreHonest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		scenario Scenario
		// within is the least part within a factor of two of the middle, between the least
		// between the bounds, and width the most that these may be apart.
		within, between, width float64
	}{
		{"200 people who always wait", always(200, 30), 0.95, 0.85, 3},
		{"500 people who think for ten minutes", always(500, 600), 0.8, 0.8, 6},
		{"batches and Poisson at 0.7", Generate(1000, 10, 40, 0.65), 0.75, 0.85, 8},
		{"batches and Poisson at 0.85", Generate(1000, 10, 40, 0.79), 0.7, 0.85, 9},
		{"batches and Poisson at 0.95", Generate(1000, 10, 30, 0.89), 0.65, 0.8, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var lanes [2]Told
			busy := 0.0
			const seeds = 2
			for seed := range uint64(seeds) {
				r := run(t, c.scenario, seed)
				busy += r.Utilisation / seeds
				for _, told := range r.Told {
					l := &lanes[0]
					if told.Lane == "relaxed" {
						l = &lanes[1]
					}
					n := float64(told.Judged)
					l.Lane = told.Lane
					l.Judged += told.Judged
					l.Within, l.Between, l.Width = l.Within+n*told.Within, l.Between+n*told.Between, l.Width+n*told.Width
					l.Off = max(l.Off, told.Off)
				}
			}
			for _, l := range lanes {
				n := float64(l.Judged)
				if n < 100 {
					continue // where hardly anybody uses the relaxed lane
				}
				l.Within, l.Between, l.Width = l.Within/n, l.Between/n, l.Width/n
				t.Logf("utilisation %.2f: %s", busy, l)
				if l.Within < c.within || l.Between < c.between || l.Width > c.width {
					t.Errorf("%s: want %.2f, %.2f and %.1f", l, c.within, c.between, c.width)
				}
				if l.Off > mostOff {
					t.Errorf("%s: those who were told about the same waited %.2f times as long or short as that, want at most %.1f", l, l.Off, mostOff)
				}
			}
			if lanes[0].Judged < 200 {
				t.Errorf("only %d jobs were judged", lanes[0].Judged)
			}
		})
	}
}

// Where everybody always waits, tokens served go by weight, and nothing idles.
func TestPeopleWhoAlwaysWaitShareByWeight(t *testing.T) {
	t.Parallel()
	s := always(200, 0.001)
	s.Hours = 4
	for i := range s.Plans {
		s.Plans[i].Relaxed = 0
	}
	r := run(t, s, 1)
	if r.Fairness < 0.98 || r.Utilisation < 0.98 {
		t.Fatalf("fairness %.3f, utilisation %.3f", r.Fairness, r.Utilisation)
	}
}

// The documented sample runs, engines fail in it, and relaxed jobs are done too.
func TestSample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/school.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, s, 1)
	var out bytes.Buffer
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	if r.EngineFailures == 0 || r.Returned == 0 || r.Retries == 0 || r.Switches == 0 || !strings.Contains(out.String(), "relaxed") {
		t.Fatalf("something never happened:\n%s", out.String())
	}
	d := xml.NewDecoder(bytes.NewReader(r.SVG()))
	for lines := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if lines != len(r.Waits) {
				t.Fatalf("%d lines are drawn for %d plans and lanes", lines, len(r.Waits))
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
}

func TestMistakesInScenariosAreNamed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/school.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"hours: 8", "hours: 0", "hours is 0, but must be from"},
		{"hours: 8", "hour: 8", "hour"},
		{"relaxed_share: 10", "relaxed_share: 100", "relaxed_share is 100"},
		{"users: 300", "users: 0", "plans[0].users is 0"},
		{"seconds: 60", "seconds: soon", "seconds"},
		{"tokens: 13", "tokens: 0", "classes[1].tokens is 0"},
		{"classes: [small]", "classes: [tiny]", `engines[1].classes[0]: "tiny" is not among the classes`},
		{"switch_seconds: 15", "switch_seconds: -1", "engines[0].switch_seconds is -1"},
		{"attempts: 3", "attempts: 0", "attempts is 0"},
	} {
		_, err := Read([]byte(strings.Replace(string(text), c[0], c[1], 1)))
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s instead of %s: %v, want %q", c[1], c[0], err, c[2])
		}
	}
}
