package sim

import (
	"context"
	"flag"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds = flag.Uint64("sim.seeds", 0, "how many seeds the simulator runs; 0 takes what fits into the usual time")
	from  = flag.Uint64("sim.from", 1, "the first seed")
	steps = flag.Int("sim.steps", DefaultSteps, "the steps of a run")
)

// Where no number of seeds is given, the simulator runs for usualTime, but makes at least
// leastSeeds runs: a machine with other things to do would prove nothing otherwise.
const (
	usualTime  = 20 * time.Second
	leastSeeds = 2000
)

// series is many runs, made by workers side by side.
type series struct {
	mu    sync.Mutex
	begun time.Time
	next  uint64
	sum   Summary
}

// take gives the next seed. The time counts from the first one: before it, the workers
// may have waited for their turn among the tests.
func (c *series) take() (seed uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begun.IsZero() {
		c.begun = time.Now()
	}
	most := *seeds
	if most == 0 && (c.next < leastSeeds || time.Since(c.begun) < usualTime) {
		most = math.MaxUint64
	}
	if c.next >= most {
		return 0, false
	}
	c.next++
	return *from + c.next - 1, true
}

// TestSeeds runs seeds in bubbles, where a ledger's rests take no time.
func TestSeeds(t *testing.T) {
	t.Parallel()
	c := &series{}
	t.Run("worker", func(t *testing.T) {
		for n := range 2 {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for {
					seed, more := c.take()
					if !more {
						return
					}
					r := bubble(t, seed, *steps)
					c.mu.Lock()
					c.sum.add(&r.Summary)
					c.mu.Unlock()
					if r.Failed != "" {
						synctest.Test(t, func(t *testing.T) { t.Error(r.Explain()) })
						return
					}
				}
			})
		}
	})
	t.Logf("%d seeds in %.1f s: %s", c.sum.Seeds, time.Since(c.begun).Seconds(), text(c.sum))
	if s := &c.sum; *seeds == 0 && !t.Failed() && (s.Early == 0 || s.Beside == 0 || s.Ahead == 0 || s.Gone == 0) {
		t.Errorf("%d commits were visible early, %d began beside one, %d were decided ahead, %d were gone after a crash: each has to happen", s.Early, s.Beside, s.Ahead, s.Gone)
	}
	if want := int64(leastSeeds); *seeds == 0 && !t.Failed() && c.sum.Seeds < want {
		t.Errorf("%d seeds were run, want at least %d", c.sum.Seeds, want)
	}
}

// bubble makes a run in virtual time.
func bubble(t *testing.T, seed uint64, steps int) Result {
	var r Result
	synctest.Test(t, func(*testing.T) { r = RunSeed(seed, steps, nil) })
	return r
}

// TestSeedsRepeat runs seeds twice, in virtual and in real time: what happens depends on
// the seed only.
func TestSeedsRepeat(t *testing.T) {
	t.Parallel()
	var wait sync.WaitGroup
	defer wait.Wait()
	for seed := uint64(1000); seed < 1024; seed++ {
		first, second := bubble(t, seed, DefaultSteps), bubble(t, seed, DefaultSteps)
		if first.Digest != second.Digest {
			t.Errorf("seed %d gives two different runs: %s and %s", seed, text(first.Summary), text(second.Summary))
		}
		wait.Go(func() {
			if real := RunSeed(seed, DefaultSteps, nil); real.Digest != first.Digest {
				t.Errorf("seed %d gives another run in real time: %s and %s", seed, text(first.Summary), text(real.Summary))
			}
		})
	}
}

// TestRun is the way of the command line.
func TestRun(t *testing.T) {
	t.Parallel()
	sum, err := Run(context.Background(), Options{From: 5000, Seeds: 40}, func(s string) { t.Error(s) })
	if err != nil || sum.Seeds != 40 || sum.Commands == 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if sum, err := Run(ended, Options{Seeds: 1}, nil); err == nil || sum.Seeds != 0 {
		t.Errorf("with an ended context: %+v, %v", sum, err)
	}
}

func TestReplayNamesTheSeed(t *testing.T) {
	t.Parallel()
	r := Result{Seed: 7, Steps: DefaultSteps}
	if got := r.Replay(); got != "florin simulate ledger --seeds 1 --from 7" {
		t.Error(got)
	}
	if r.Steps = 9; !strings.HasSuffix(r.Replay(), " --steps 9") {
		t.Error(r.Replay())
	}
}
