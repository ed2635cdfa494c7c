package sim

import (
	"flag"
	"fmt"
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

// usualTime is how long the simulator runs in go test where no number of seeds is given.
const usualTime = 12 * time.Second

// TestSeeds runs the simulator in bubbles, where a ledger's rests take no time.
func TestSeeds(t *testing.T) {
	const workers = 2
	var mu sync.Mutex
	var sum Summary
	deadline := time.Now().Add(usualTime)
	over := make(chan struct{})
	if *seeds == 0 {
		timer := time.AfterFunc(usualTime, func() { close(over) })
		defer timer.Stop()
	}
	_ = deadline
	t.Run("run", func(t *testing.T) {
		for n := range workers {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				for i := uint64(n); *seeds == 0 || i < *seeds; i += workers {
					select {
					case <-over:
						return
					default:
					}
					var r Result
					synctest.Test(t, func(*testing.T) { r = RunSeed(*from+i, *steps, nil) })
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
	t.Logf("%+v", sum)
}
