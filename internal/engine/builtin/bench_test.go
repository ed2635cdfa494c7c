package builtin

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/style"
)

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
			enginetest.Cost(b, func() {
				if _, err := style.Apply(b.Context(), img, []engine.Element{{ID: id, Weight: 1}}); err != nil {
					b.Fatal(err)
				}
			}, nil)
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
	enginetest.Cost(b, func() {
		task.Seed++
		if _, err := New().Run(b.Context(), task, nil); err != nil {
			b.Fatal(err)
		}
	}, nil)
}
