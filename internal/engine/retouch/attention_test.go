package retouch

import (
	"context"
	"image"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// It counts the process's work, and so is not parallel.
func TestEveryOperationAttends(t *testing.T) {
	photo := photo(t, "mountains.jpg")
	small, large := scaled(newJob(context.Background(), nil), photo, image.Pt(768, 768)), scaled(newJob(context.Background(), nil), photo, image.Pt(maxSide, maxSide))
	middle := func(img *image.NRGBA) *image.Gray {
		side := img.Rect.Dx()
		return ellipse(img.Rect.Size(), image.Rect(side/4, side/4, side*3/4, side*3/4))
	}
	open := func() engine.Engine { return New(builtin.New().Run) }
	for name, k := range map[string]engine.Task{
		"remove":   {Source: &engine.Source{Image: large}, Mask: middle(large)},
		"paint":    {Source: &engine.Source{Image: large}, Mask: middle(large), Prompt: "bauhaus poster", Elements: []engine.Element{{ID: "oil", Weight: 1}}},
		"outpaint": {Source: &engine.Source{Image: small}, Extend: engine.Sides{Right: 256}, Mask: middle(small), Prompt: "a meadow"},
		"whole":    {Source: &engine.Source{Image: large}, Prompt: "bauhaus poster", Style: "img2img"},
		"unzoom":   {Operation: engine.Unzoom, Source: &engine.Source{Image: large}, Zoom: 3},
	} {
		if k.Operation == "" {
			k.Operation, k.Pipeline = engine.Generate, "canvas"
		}
		t.Run(name, func(t *testing.T) { enginetest.Attends(t, open, k) })
	}
}
