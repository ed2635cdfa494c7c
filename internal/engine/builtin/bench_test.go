//go:build unix

package builtin

import (
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// cpuTime is the processor time this process has used.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPaint reports the processor seconds of one 768x768 picture of each family.
func BenchmarkPaint(b *testing.B) {
	for _, s := range samples {
		b.Run(s.family, func(b *testing.B) { benchmark(b, s.prompt, "default") })
	}
}

// BenchmarkPipeline reports the processor seconds of one 768x768 landscape.
func BenchmarkPipeline(b *testing.B) {
	for _, p := range []string{"default", "alchemy", "alchemy_v2", "alchemy_v2_lightning"} {
		b.Run(p, func(b *testing.B) { benchmark(b, "mountains and a lake at sunset", p) })
	}
}

func benchmark(b *testing.B, prompt, pipeline string) {
	start, seed := cpuTime(b), int64(0)
	for b.Loop() {
		seed++
		task := engine.Task{Operation: engine.Generate, Pipeline: pipeline, Prompt: prompt, Width: 768, Height: 768, Seed: seed}
		if _, err := New().Run(b.Context(), task, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpuTime(b)-start).Seconds()/float64(seed), "cpu-s/picture")
}
