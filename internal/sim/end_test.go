package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// onceFailed are seeds that found something. In 19047 and 23372 a command is alone in its commit and
// refused by what is written beside it: its Write ended with the refusal, which the
// simulator took for a fault after which the ledger tries again; now it is decided again. In 100287 and
// 113705 an account is opened between a ledger's locks and its reading, so that a repeat met its own
// first time. In 3, 9 and 15 a repeat met the row that its caller had written the first time: of a hold
// that had ended, in another process, and of an opening. In 40006911 somebody
// still read through a closed ledger when the machine crashed.
var onceFailed = []uint64{19047, 23372, 100287, 113705, 3, 9, 15, 40006911}

func TestSeedsThatFailedOnce(t *testing.T) {
	t.Parallel()
	for _, seed := range onceFailed {
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
