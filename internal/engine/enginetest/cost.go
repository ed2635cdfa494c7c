package enginetest

import (
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// Cost runs something as a benchmark and reports the processor seconds of one run and by
// how much the heap grew at most. More is added to that: what other processes have used in
// all runs together, and the memory they held.
func Cost(b *testing.B, run func(), more func() (processor time.Duration, memory uint64)) {
	b.Helper()
	debug.FreeOSMemory()
	stop := watchHeap()
	start, runs := processorTime(nil), 0
	for b.Loop() {
		run()
		runs++
	}
	used, peak := processorTime(nil)-start, stop()
	if more != nil {
		processor, memory := more()
		used, peak = used+processor, peak+memory
	}
	b.ReportMetric(used.Seconds()/float64(runs), "cpu-s/op")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
}

// watchHeap looks at the heap every few milliseconds until it is stopped; then it gives
// by how much it had grown at most.
func watchHeap() func() uint64 {
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, peak := heap(), uint64(0)
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, heap())
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() uint64 {
		close(end)
		<-done
		return peak - min(before, peak)
	}
}
