//go:build linux

package retouch

import (
	"image"
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

// BenchmarkRetouch reports processor seconds and peak memory of each operation.
func BenchmarkRetouch(b *testing.B) {
	photo := photo(b, "mountains.jpg")
	large := scaled(photo, image.Pt(1536, 1536))
	source := scaled(photo, image.Pt(768, 768))
	task := func(src *image.NRGBA, change func(*engine.Task)) engine.Task {
		k := engine.Task{Operation: engine.Generate, Pipeline: "canvas", Source: &engine.Source{Image: src}}
		change(&k)
		return k
	}
	side := source.Rect.Dx()
	hole := ellipse(source.Rect.Size(), image.Rect(side/3, side/3, side*2/3, side*2/3))
	for _, c := range []struct {
		name string
		task engine.Task
	}{
		{"Remove/768", task(source, func(k *engine.Task) { k.Mask = hole })},
		{"Paint/768", task(source, func(k *engine.Task) { k.Mask, k.Prompt = hole, "a meadow" })},
		{"Outpaint/768+256", task(source, func(k *engine.Task) { k.Extend.Right = 256 })},
		{"Unzoom/768", task(source, func(k *engine.Task) { k.Operation = engine.Unzoom })},
		{"Unzoom/1536", task(large, func(k *engine.Task) { k.Operation = engine.Unzoom })},
	} {
		b.Run(c.name, func(b *testing.B) {
			resetPeak(b)
			start, n := cpuTime(b), 0
			for b.Loop() {
				n++
				mustRun(b, New(plain), c.task)
			}
			b.ReportMetric((cpuTime(b)-start).Seconds()/float64(n), "cpu-s/op")
			b.ReportMetric(peak(b), "peak-MiB")
		})
	}
}
