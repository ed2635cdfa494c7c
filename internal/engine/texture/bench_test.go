//go:build linux

package texture

import (
	"os"
	"strconv"
	"strings"
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

// resetPeak lets the kernel count the peak of memory from here on.
func resetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Logf("the peak of memory includes what came before: %v", err)
	}
}

// peak is the most memory the process held, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}

// BenchmarkTexture reports the processor seconds and the peak of memory of one operation.
func BenchmarkTexture(b *testing.B) {
	for _, op := range []engine.Operation{engine.TexturePreview, engine.Texture} {
		b.Run(string(op), func(b *testing.B) {
			m := vase(b)
			resetPeak(b)
			start, n := cpuTime(b), 0
			for b.Loop() {
				n++
				if _, err := New().Run(b.Context(), engine.Task{Operation: op, Prompt: "mossy stone", Seed: int64(n), Mesh: m}, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpuTime(b)-start).Seconds()/float64(n), "cpu-s/picture")
			b.ReportMetric(peak(b), "peak-MiB")
		})
	}
}
