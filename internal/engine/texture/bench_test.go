//go:build unix

package texture

import (
	"syscall"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// BenchmarkTexture reports the processor seconds of one operation.
func BenchmarkTexture(b *testing.B) {
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for _, op := range []engine.Operation{engine.TexturePreview, engine.Texture} {
		b.Run(string(op), func(b *testing.B) {
			m, start, n := vase(b), cpu(), 0
			for b.Loop() {
				n++
				if _, err := New().Run(b.Context(), engine.Task{Operation: op, Prompt: "mossy stone", Seed: int64(n), Mesh: m}, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpu()-start).Seconds()/float64(n), "cpu-s/picture")
		})
	}
}
