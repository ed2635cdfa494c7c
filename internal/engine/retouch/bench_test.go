package retouch

import (
	"context"
	"image"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// BenchmarkRetouch reports processor seconds and peak memory of each operation.
func BenchmarkRetouch(b *testing.B) {
	photo := photo(b, "mountains.jpg")
	large := scaled(newJob(context.Background(), nil), photo, image.Pt(1536, 1536))
	source := scaled(newJob(context.Background(), nil), photo, image.Pt(768, 768))
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
			enginetest.Cost(b, func() { mustRun(b, New(plain), c.task) }, nil)
		})
	}
}
