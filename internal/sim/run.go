package sim

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// Options say which runs are made.
type Options struct {
	// From is the first seed, Seeds how many there are.
	From, Seeds uint64
	// Steps is how many things happen in a run before everything is brought to an end,
	// default 100. A seed gives the same run again only with the same steps.
	Steps int
	// Workers is how many runs go on at once, default 16 for each processor: a ledger
	// that lost an answer rests for some milliseconds, in which others can go on.
	Workers int
}

// DefaultSteps is how long a run is where nobody says.
const DefaultSteps = 100

// Summary is what was run. Its JSON is for programs.
type Summary struct {
	Seeds    int64 `json:"seeds"`
	Failures int64 `json:"failures"`
	// Commands is how often a command was handed to a ledger, repeats included.
	Commands int64 `json:"commands"`
	Accepted int64 `json:"accepted"`
	Replayed int64 `json:"replayed"`
	Refused  int64 `json:"refused"`
	// Failed counts answers that were no answer: no room, faults, lost commits.
	Failed  int64 `json:"failed"`
	Reads   int64 `json:"reads"`
	Commits int64 `json:"commits"`
	// Early counts commits that were visible before they were durable, Beside those that
	// began meanwhile in the same ledger, Ahead those that were decided before that, Gone those that a crash took away.
	Early   int64 `json:"early"`
	Beside  int64 `json:"beside"`
	Ahead   int64 `json:"ahead"`
	Gone    int64 `json:"gone"`
	Entries int64 `json:"entries"`
	// Conflicts counts transactions that met another one by version or unique name;
	// Retries those that the database wanted to be run again.
	Conflicts int64 `json:"conflicts"`
	Retries   int64 `json:"retries"`
	Faults    int64 `json:"faults"`
	// Unknown counts commits without an answer.
	Unknown   int64 `json:"unknown"`
	Kills     int64 `json:"kills"`
	Crashes   int64 `json:"crashes"`
	Torn      int64 `json:"torn"`
	Cancelled int64 `json:"cancelled"`
}

func (s *Summary) add(o *Summary) {
	into := []*int64{&s.Seeds, &s.Failures, &s.Commands, &s.Accepted, &s.Replayed, &s.Refused, &s.Failed, &s.Reads, &s.Commits, &s.Early, &s.Beside, &s.Ahead, &s.Gone, &s.Entries,
		&s.Conflicts, &s.Retries, &s.Faults, &s.Unknown, &s.Kills, &s.Crashes, &s.Torn, &s.Cancelled}
	from := []int64{o.Seeds, o.Failures, o.Commands, o.Accepted, o.Replayed, o.Refused, o.Failed, o.Reads, o.Commits, o.Early, o.Beside, o.Ahead, o.Gone, o.Entries,
		o.Conflicts, o.Retries, o.Faults, o.Unknown, o.Kills, o.Crashes, o.Torn, o.Cancelled}
	for i := range into {
		*into[i] += from[i]
	}
}

// Result is one run.
type Result struct {
	Seed  uint64
	Steps int
	// Failed is the first thing that was wrong, or "".
	Failed string
	// Digest is a hash over everything that happened, in order: the same for the same seed.
	Digest  uint64
	Summary Summary
}

// Replay is the command that runs the seed again.
func (r *Result) Replay() string {
	s := fmt.Sprintf("florin simulate ledger --seeds 1 --from %d", r.Seed)
	if r.Steps != DefaultSteps {
		s += fmt.Sprintf(" --steps %d", r.Steps)
	}
	return s
}

// RunSeed makes one run. trace, where it is not nil, gets every step in a line.
func RunSeed(seed uint64, steps int, trace func(string)) Result {
	w := newWorld(seed, trace)
	for range steps {
		if w.step(); w.failed != "" {
			break
		}
	}
	if w.failed == "" {
		w.finishAll()
	}
	if w.failed == "" {
		w.audit()
	}
	w.close()
	w.sum.Seeds = 1
	if w.failed != "" {
		w.sum.Failures = 1
	}
	return Result{Seed: seed, Steps: steps, Failed: w.failed, Digest: w.digest, Summary: w.sum}
}

// mostTrace is how many steps before a failure are shown.
const mostTrace = 60

// Explain runs a failing seed again and tells what was wrong, the last steps before
// it, and how to see it again.
func (r *Result) Explain() string {
	var lines []string
	again := RunSeed(r.Seed, r.Steps, func(line string) {
		if lines = append(lines, line); len(lines) > mostTrace {
			lines = lines[1:]
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d fails: %s\n", r.Seed, r.Failed)
	if again.Failed != r.Failed {
		fmt.Fprintf(&b, "the second run of the seed ends differently: %q\n", again.Failed)
	}
	fmt.Fprintf(&b, "the last steps:\n  %s\nrun it again: %s", strings.Join(lines, "\n  "), r.Replay())
	return b.String()
}

// Run makes runs until all are made, the context ends, or ten seeds have failed. report
// gets an explanation of each failure, one at a time. The error is the context's.
func Run(ctx context.Context, o Options, report func(string)) (Summary, error) {
	if o.Steps <= 0 {
		o.Steps = DefaultSteps
	}
	if o.Workers <= 0 {
		o.Workers = 16 * runtime.GOMAXPROCS(0)
	}
	var next atomic.Uint64
	var mu sync.Mutex
	var sum Summary
	var wait sync.WaitGroup
	for range o.Workers {
		wait.Go(func() {
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= o.Seeds {
					return
				}
				r := RunSeed(o.From+n, o.Steps, nil)
				said := ""
				if r.Failed != "" {
					said = r.Explain()
				}
				mu.Lock()
				sum.add(&r.Summary)
				if said != "" {
					report(said)
				}
				enough := sum.Failures >= 10
				mu.Unlock()
				if enough {
					return
				}
			}
		})
	}
	wait.Wait()
	return sum, ctx.Err()
}
