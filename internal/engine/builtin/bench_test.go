//go:build unix

package builtin

import (
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/style"
)

// cpuTime is the processor time this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPaint reports the processor seconds and the peak of memory of one 768×768
// picture of each family.
func BenchmarkPaint(b *testing.B) {
	for _, s := range samples {
		b.Run(s.family, func(b *testing.B) { benchmark(b, engine.Task{Prompt: s.prompt}) })
	}
}

// BenchmarkAlchemy reports the same of the slowest pipeline.
func BenchmarkAlchemy(b *testing.B) {
	for _, s := range samples {
		b.Run(s.family, func(b *testing.B) { benchmark(b, engine.Task{Prompt: s.prompt, Pipeline: "alchemy_v2"}) })
	}
}

// BenchmarkPipeline reports one landscape through each pipeline.
func BenchmarkPipeline(b *testing.B) {
	for _, p := range []string{"default", "alchemy", "alchemy_v2", "alchemy_v2_lightning"} {
		b.Run(p, func(b *testing.B) {
			benchmark(b, engine.Task{Prompt: "mountains and a lake at sunset", Pipeline: p})
		})
	}
}

// BenchmarkElement reports what each Element adds to a finished 768×768 picture.
func BenchmarkElement(b *testing.B) {
	img := mustPaint(b, engine.Task{Operation: engine.Generate, Prompt: "mountains and a lake at sunset", Width: 768, Height: 768, Seed: 1}).Image
	for _, id := range style.IDs() {
		b.Run(id, func(b *testing.B) {
			measure(b, func() {
				if _, err := style.Apply(b.Context(), img, []engine.Element{{ID: id, Weight: 1}}); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// BenchmarkReference reports one landscape after each kind of reference.
func BenchmarkReference(b *testing.B) {
	img := mustPaint(b, engine.Task{Operation: engine.Generate, Prompt: "city at night", Width: 768, Height: 768, Seed: 1}).Image
	for _, kind := range referenceKinds {
		b.Run(string(kind), func(b *testing.B) {
			benchmark(b, engine.Task{Prompt: "mountains and a lake at sunset", References: []engine.Reference{{Image: img, Kind: kind, Strength: 0.8}}})
		})
	}
}

// BenchmarkOperation reports what is done to an own picture.
func BenchmarkOperation(b *testing.B) {
	for _, prompt := range []string{"mountains and a lake at sunset", "still life with vase and apples"} {
		first := mustPaint(b, engine.Task{Operation: engine.Generate, Prompt: prompt, Width: 768, Height: 768, Seed: 1})
		for _, op := range []engine.Operation{engine.Unzoom, engine.RemoveBackground} {
			name, _, _ := strings.Cut(prompt, " ")
			b.Run(string(op)+"/"+name, func(b *testing.B) {
				benchmark(b, engine.Task{Operation: op, Source: source(first), Zoom: 1.5})
			})
		}
	}
}

// benchmark runs a task again and again, by other seeds.
func benchmark(b *testing.B, task engine.Task) {
	if task.Operation == "" {
		task.Operation, task.Width, task.Height = engine.Generate, 768, 768
	}
	if task.Pipeline == "" {
		task.Pipeline = "default"
	}
	measure(b, func() {
		task.Seed++
		if _, err := New().Run(b.Context(), task, nil); err != nil {
			b.Fatal(err)
		}
	})
}

// measure reports processor seconds and the peak of the heap, of one run each.
func measure(b *testing.B, run func()) {
	debug.FreeOSMemory()
	stop := watchHeap()
	start, runs := cpuTime(b), 0
	for b.Loop() {
		run()
		runs++
	}
	b.ReportMetric((cpuTime(b)-start).Seconds()/float64(runs), "cpu-s/picture")
	b.ReportMetric(float64(stop())/(1<<20), "peak-MiB")
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
