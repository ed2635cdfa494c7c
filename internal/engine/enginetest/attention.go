package enginetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

const (
	// attention is how much an engine may work without looking whether it is still
	// wanted, in processor time of all its goroutines together. With it the 100 ms of the
	// contract are kept on any machine that has a processor free.
	attention = 100 * time.Millisecond
	// silence is how much it may work without telling of progress: a second, since engines
	// use two processors.
	silence = 2 * time.Second
	// tries is how often an engine is measured before it fails: other programs and other
	// machines on the same processor make pauses anywhere, but not in the same place each time.
	tries = 4
)

// With other tests beside it a processor's time says little, so that ten times as much is
// allowed, which still finds what does not look at all. make attend runs these tests alone and
// with FLORIN_ATTEND set, and then the figures above are meant.

// Attends tests that an engine looks at its context throughout a task, gives up soon once
// it has ended, and tells of its progress without long pauses.
//
// It counts the processor time that the test's process uses, which does not go on while
// other programs have the processor. So the tests that call it must not be parallel. What
// other processes do for an engine is not counted, nor is waiting.
func Attends(t *testing.T, open func() engine.Engine, k engine.Task) {
	t.Helper()
	attends(t, open, k, slowdown)
}

// AttendsBeside is Attends for an engine that listens to its context while another goroutine
// exchanges data with a child process: that goroutine's work lies between two looks, but
// nobody waits for it, so that more of it is allowed.
func AttendsBeside(t *testing.T, open func() engine.Engine, k engine.Task) {
	t.Helper()
	attends(t, open, k, 3*slowdown)
}

func attends(t *testing.T, open func() engine.Engine, k engine.Task, allowed time.Duration) {
	t.Helper()
	if os.Getenv("FLORIN_ATTEND") == "" {
		allowed *= 10
	}
	pauses := map[stretch]time.Duration{}
	var fault error
	var worst int
	slow := allowed
	for try := range tries {
		slow = max(slow, allowed*crowding(t))
		w, err := watched(t, open(), k, 0)
		if err != nil {
			t.Fatalf("%s: %v", k.Operation, err)
		}
		t.Logf("%v of work, %d looks, at most %v between two of them (%s), %v of silence (%s)",
			(w.last - w.begin).Round(time.Millisecond), w.looks, w.worst.Round(time.Millisecond), w.where, w.quiet.Round(time.Millisecond), w.quietAt)
		worst = w.worstLook
		merge(pauses, w.pauses, try == 0)
		fault = w.rises()
		if w.quiet > silence*slow {
			fault = errors.Join(fault, fmt.Errorf("no progress was told of for %v of work, %s; at most %v are allowed", w.quiet, w.quietAt, silence*slow))
		}
		maps.DeleteFunc(pauses, func(_ stretch, took time.Duration) bool { return took <= attention*slow })
		if fault == nil && len(pauses) == 0 {
			break
		}
	}
	if fault != nil {
		t.Error(fault)
	}
	for at, took := range pauses {
		t.Errorf("the context was not looked at for %v of work, %v; at most %v are allowed", took, at, attention*slow)
	}
	if !t.Failed() {
		stops(t, open, k, max(worst, 1), slow)
	}
}

// crowding is how many times longer than usual, rounded up, the processors take for what
// they do now: where others use them or their caches, the same work takes more processor
// time, too. Usual is what two processors of a small server take that have nothing else to do.
func crowding(t *testing.T) time.Duration {
	const usual = 30 * time.Millisecond
	begin := processorTime(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for buf := make([]byte, 1<<20); len(buf) > 0; buf = buf[:len(buf)-1<<16] {
				sha256.Sum256(buf)
			}
		})
	}
	wg.Wait()
	return max(1, (processorTime(t)-begin+usual-1)/usual)
}

// merge keeps the pauses that were made each time, at their shortest.
func merge(all, more map[stretch]time.Duration, first bool) {
	if first {
		maps.Copy(all, more)
	}
	for at, took := range all {
		if again, ok := more[at]; ok {
			all[at] = min(took, again)
		} else {
			delete(all, at)
		}
	}
}

// stops tests that Run returns soon after its context has ended, where it looks least.
func stops(t *testing.T, open func() engine.Engine, k engine.Task, look int, slow time.Duration) {
	t.Helper()
	var took time.Duration
	for range tries {
		w, err := watched(t, open(), k, look)
		if w.stopped == 0 {
			return // two goroutines share the work in another way each time
		}
		if err != nil { // without an error it was as good as done
			wantClass(t, err, engine.Cancelled)
		}
		if took = w.last - w.stopped; took <= attention*slow {
			return
		}
	}
	t.Errorf("Run worked on for %v after its context had ended at look %d; at most %v are allowed", took, look, attention*slow)
}

// stretch is the way from one look to the next, by who took them and who called those.
type stretch struct{ from, to [depth]uintptr }

// depth is how many callers tell two places apart.
const depth = 4

// String names both places.
func (s stretch) String() string { return "from " + place(s.from) + " to " + place(s.to) }

// watch is a context that notes how much its process works between two looks at it.
type watch struct {
	context.Context
	cancel context.CancelFunc

	mu sync.Mutex
	// begin and last are processor times: of the first and the latest look.
	begin, last time.Duration
	looks       int
	from        [depth]uintptr // who took the latest look
	// pauses are the stretches that took too long.
	pauses map[stretch]time.Duration
	// worst is the longest stretch, and worstLook the number of the look before it.
	worst     time.Duration
	worstLook int
	where     stretch
	// stopAt is the look after which the context ends, or 0; stopped is when that was.
	stopAt  int
	stopped time.Duration

	reports []int
	told    time.Duration
	quiet   time.Duration
	quietAt string
}

// watched runs a task under a watch, which ends after a number of looks if it is not 0.
func watched(t *testing.T, e engine.Engine, k engine.Task, stopAt int) (*watch, error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := &watch{Context: ctx, cancel: cancel, stopAt: stopAt, pauses: map[stretch]time.Duration{}}
	runtime.GC()
	w.begin = processorTime(t)
	w.last, w.told = w.begin, w.begin
	_, err := e.Run(w, k, func(percent int) { w.report(percent) })
	w.look()
	return w, err
}

// Err is a look.
func (w *watch) Err() error {
	err := w.Context.Err()
	w.look()
	return err
}

// Done is a look, too: who asks for the channel is about to look at it.
func (w *watch) Done() <-chan struct{} {
	w.look()
	return w.Context.Done()
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := processorTime(nil)
	at := stretch{from: w.from}
	runtime.Callers(3, at.to[:])
	gap := now - w.last
	if gap > w.worst {
		w.worst, w.worstLook, w.where = gap, w.looks, at
	}
	if gap > attention*slowdown {
		w.pauses[at] = max(w.pauses[at], gap)
	}
	w.looks, w.last, w.from = w.looks+1, now, at.to
	if w.looks == w.stopAt {
		w.stopped = now
		w.cancel()
	}
}

// place names the lines of a program, the innermost first.
func place(pcs [depth]uintptr) string {
	if pcs[0] == 0 {
		return "the beginning"
	}
	var lines []string
	frames := runtime.CallersFrames(pcs[:])
	for more := true; more && len(lines) < depth; {
		var f runtime.Frame
		if f, more = frames.Next(); f.File != "" {
			lines = append(lines, fmt.Sprintf("%s:%d", path.Base(f.File), f.Line))
		}
	}
	return strings.Join(lines, "<")
}

func (w *watch) report(percent int) {
	now := processorTime(nil)
	if gap := now - w.told; gap > w.quiet {
		from := 0
		if len(w.reports) > 0 {
			from = w.reports[len(w.reports)-1]
		}
		w.quiet, w.quietAt = gap, fmt.Sprintf("from %d %% to %d %%", from, percent)
	}
	w.told, w.reports = now, append(w.reports, percent)
}

// rises says what is wrong with the progress that was told of.
func (w *watch) rises() error {
	last := -1
	for i, p := range w.reports {
		if p <= last || p > 100 {
			return fmt.Errorf("progress %d %% follows %d %%, in %v", p, last, w.reports)
		}
		if i == len(w.reports)-1 && p != 100 {
			return fmt.Errorf("the last progress is %d %%, not 100", p)
		}
		last = p
	}
	if len(w.reports) == 0 {
		return errors.New("no progress was told of")
	}
	return nil
}
