package builtin

import (
	"bytes"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/style"
	"github.com/florin-studio/florin/internal/picture"
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
	b.Run("all four", func(b *testing.B) {
		var all []engine.Reference
		for _, kind := range referenceKinds {
			all = append(all, engine.Reference{Image: img, Kind: kind, Strength: 0.5})
		}
		benchmark(b, engine.Task{Prompt: "mountains and a lake at sunset", References: all})
	})
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

// BenchmarkPrompt reports what writing prompts takes.
func BenchmarkPrompt(b *testing.B) {
	seed := int64(0)
	b.Run("improve", func(b *testing.B) {
		enginetest.Cost(b, func() {
			seed++
			if _, err := New().Improve("mountains and a lake at sunset", "make it night", seed); err != nil {
				b.Fatal(err)
			}
		}, nil)
	})
	b.Run("random", func(b *testing.B) {
		enginetest.Cost(b, func() {
			seed++
			_ = New().Random(seed)
		}, nil)
	})
}

// BenchmarkFile reports what a 768×768 picture takes on its way in and out.
func BenchmarkFile(b *testing.B) {
	img := mustPaint(b, engine.Task{Operation: engine.Generate, Prompt: "mountains and a lake at sunset", Width: 768, Height: 768, Seed: 1}).Image
	for _, format := range []picture.Format{picture.PNG, picture.JPEG, picture.WebP} {
		var file bytes.Buffer
		b.Run("write/"+string(format), func(b *testing.B) {
			enginetest.Cost(b, func() {
				file.Reset()
				if err := picture.Encode(&file, img, format, picture.Options{}); err != nil {
					b.Fatal(err)
				}
			}, nil)
		})
		b.Run("upload/"+string(format), func(b *testing.B) {
			enginetest.Cost(b, func() {
				if _, _, err := picture.ReadUpload(bytes.NewReader(file.Bytes()), picture.Limits{}); err != nil {
					b.Fatal(err)
				}
			}, nil)
		})
	}
	b.Run("thumbnail", func(b *testing.B) {
		enginetest.Cost(b, func() {
			if err := picture.EncodeThumbnail(&bytes.Buffer{}, img); err != nil {
				b.Fatal(err)
			}
		}, nil)
	})
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
