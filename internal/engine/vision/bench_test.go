package vision

import (
	"image"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/models"
)

// BenchmarkVision tells what each operation takes: seconds of the processor, over all
// cores, and memory, of the server and of the worker that runs the networks together.
func BenchmarkVision(b *testing.B) {
	network, cut := []string{models.Runtime}, []string{models.Runtime, models.ISNet}
	for _, k := range []struct {
		name string
		task engine.Task
		need []string
	}{
		{"upscale=general/scale=2", engine.Task{Operation: engine.Upscale, Scale: 2, Style: generalModel}, network},
		{"upscale=general/scale=4", engine.Task{Operation: engine.Upscale, Scale: 4, Style: generalModel}, network},
		{"upscale=animation/scale=2", engine.Task{Operation: engine.Upscale, Scale: 2, Style: animationModel}, network},
		{"upscale=animation/scale=4", engine.Task{Operation: engine.Upscale, Scale: 4, Style: animationModel}, network},
		{"alchemy_upscale=general/scale=4", engine.Task{Operation: engine.AlchemyUpscale, Scale: 4}, network},
		{"remove_background", engine.Task{Operation: engine.RemoveBackground}, cut},
		{"upscale=lanczos/scale=2", engine.Task{Operation: engine.Upscale, Scale: 2}, nil},
		{"upscale=lanczos/scale=4", engine.Task{Operation: engine.Upscale, Scale: 4}, nil},
		{"alchemy_upscale=lanczos/scale=4", engine.Task{Operation: engine.AlchemyUpscale, Scale: 4}, nil},
	} {
		b.Run(k.name+"/in=384x384", func(b *testing.B) {
			e := bare(b)
			if k.need != nil {
				e = real(b, k.need...)
			}
			k.task.Source = &engine.Source{Image: part(photo(b, "astronaut.jpg"), image.Rect(0, 0, 384, 384))}
			enginetest.Cost(b, func() {
				if _, err := e.Run(b.Context(), k.task, nil); err != nil {
					b.Fatal(err)
				}
			}, func() (time.Duration, uint64) {
				used := e.Used()
				return time.Duration(used.CPU) * time.Millisecond, uint64(used.Peak)
			})
		})
	}
}
