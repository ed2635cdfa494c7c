package sim

import (
	"context"
	"flag"
	"fmt"
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

// usualTime is how long the simulator runs where no number of seeds is given.
const usualTime = 20 * time.Second

// TestSeeds runs seeds in bubbles, where a ledger's rests take no time.
func TestSeeds(t *testing.T) {
	t.Parallel()
	const workers = 2
	var mu sync.Mutex
	var sum Summary
	over := make(chan struct{})
	if *seeds == 0 {
		timer := time.AfterFunc(usualTime, func() { close(over) })
		defer timer.Stop()
	}
	begun := time.Now()
	t.Run("worker", func(t *testing.T) {
		for n := range uint64(workers) {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for i := n; *seeds == 0 || i < *seeds; i += workers {
					select {
					case <-over:
						return
					default:
					}
					r := bubble(t, *from+i, *steps)
					mu.Lock()
					sum.add(&r.Summary)
					mu.Unlock()
					if r.Failed != "" {
						synctest.Test(t, func(t *testing.T) { t.Error(r.Explain()) })
						return
					}
				}
			})
		}
	})
	t.Logf("%d seeds in %.1f s: %s", sum.Seeds, time.Since(begun).Seconds(), text(sum))
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
