package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// onceStuck are seeds in which a command is alone in its commit and refused by what is written
// beside it, so that its Write ends with the refusal: the simulator took that for a fault after
// which the ledger tries again, and waited for ever.
var onceStuck = []uint64{19047}

func TestSeedsThatStoodStill(t *testing.T) {
	t.Parallel()
	for _, seed := range onceStuck {
		if r := bubble(t, seed, DefaultSteps); r.Failed != "" {
			t.Error(r.String())
		}
	}
}

// A run in which something is wrong ends at once and leaves nothing behind, wherever the
// fault was seen. The bubble fails the test if any goroutine is left.
func TestFailingRunEndsAtOnce(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= 300; seed++ {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(seed, nil)
			for range 20 + seed%60 {
				w.step()
			}
			begun := time.Now()
			w.choices()[0].do()
			w.fail("a test says so")
			w.settle()
			w.close()
			if took := time.Since(begun); took >= patience*tick {
				t.Errorf("seed %d stood still for %s after it had failed", seed, took)
			}
		})
	}
}
