package builtin

import (
	"image"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// The tests of this file count the process's work, and so are not parallel.

func alone() engine.Engine { return New() }

// sized is a task for a square picture.
func sized(side int, prompt string) engine.Task {
	return engine.Task{Operation: engine.Generate, Pipeline: "default", Prompt: prompt, Width: side, Height: side, Seed: 1}
}

func TestEveryFamilyAttends(t *testing.T) {
	for _, s := range samples {
		t.Run(s.family, func(t *testing.T) { enginetest.Attends(t, alone, sized(768, s.prompt)) })
	}
}

func TestTheLargestPictureAttends(t *testing.T) {
	k := sized(maxSide, "abstract poured marble")
	k.Pipeline = "alchemy_v2"
	k.Elements = []engine.Element{{ID: "vintage_film", Weight: 1}, {ID: "oil", Weight: 0.5}}
	enginetest.Attends(t, alone, k)
}

func TestGuidanceAttends(t *testing.T) {
	large := scaled(mustPaint(t, small("city at night", 1)).Image, image.Rect(0, 0, 96, 96), 4000, 4000)
	for _, kind := range referenceKinds {
		t.Run(string(kind), func(t *testing.T) {
			k := sized(maxSide, "bauhaus poster")
			k.References = []engine.Reference{{Image: large, Kind: kind, Strength: 0.8}}
			enginetest.Attends(t, alone, k)
		})
	}
	t.Run("together", func(t *testing.T) {
		k := sized(768, "mountains and a lake")
		for _, kind := range referenceKinds {
			k.References = append(k.References, engine.Reference{Image: large, Kind: kind, Strength: 0.6})
		}
		enginetest.Attends(t, alone, k)
	})
}

func TestOwnPicturesAttend(t *testing.T) {
	first := mustPaint(t, sized(maxSide, "still life with vase and apples"))
	for _, op := range []engine.Operation{engine.Unzoom, engine.RemoveBackground} {
		t.Run(string(op), func(t *testing.T) {
			enginetest.Attends(t, alone, engine.Task{Operation: op, Source: source(first), Zoom: 2})
		})
	}
}
