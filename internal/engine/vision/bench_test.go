package vision

import (
	"image"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/models"
)

// BenchmarkVision tells what each operation takes of the worker: seconds of the
// processor, over all cores, and its largest resident memory.
func BenchmarkVision(b *testing.B) {
	for _, k := range []struct {
		name string
		size image.Rectangle
		task engine.Task
		need []string
	}{
		{"upscale=general/scale=2/in=384x384", image.Rect(0, 0, 384, 384), engine.Task{Operation: engine.Upscale, Scale: 2}, []string{models.Runtime}},
		{"upscale=general/scale=4/in=384x384", image.Rect(0, 0, 384, 384), engine.Task{Operation: engine.Upscale, Scale: 4}, []string{models.Runtime}},
		{"upscale=animation/scale=4/in=384x384", image.Rect(0, 0, 384, 384), engine.Task{Operation: engine.Upscale, Scale: 4, Style: animationModel}, []string{models.Runtime}},
		{"alchemy_upscale/scale=2/in=384x384", image.Rect(0, 0, 384, 384), engine.Task{Operation: engine.AlchemyUpscale, Scale: 2}, []string{models.Runtime}},
		{"remove_background/in=384x384", image.Rect(0, 0, 384, 384), engine.Task{Operation: engine.RemoveBackground}, []string{models.Runtime, models.ISNet}},
	} {
		b.Run(k.name, func(b *testing.B) {
			e := real(b, k.need...)
			k.task.Source = &engine.Source{Image: part(photo(b, "astronaut.jpg"), k.size)}
			for b.Loop() {
				if _, err := e.Run(b.Context(), k.task, nil); err != nil {
					b.Fatal(err)
				}
			}
			used := e.Used()
			b.ReportMetric(float64(used.CPU)/1000/float64(b.N), "worker-cpu-s/op")
			b.ReportMetric(float64(used.Peak>>20), "worker-peak-MB")
		})
	}
}

// BenchmarkLanczos is what stands in where there is no runtime.
func BenchmarkLanczos(b *testing.B) {
	src := part(photo(b, "astronaut.jpg"), image.Rect(0, 0, 384, 384))
	for b.Loop() {
		if _, err := resize(b.Context(), src, 1536, 1536, nil); err != nil {
			b.Fatal(err)
		}
	}
}
