package retouch_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/engine/retouch"
	"github.com/florin-studio/florin/internal/picture"
)

// TestPainterPaintsIntoPhotographs joins the canvas to the real painter.
func TestPainterPaintsIntoPhotographs(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("..", "testdata", "photos", "mountains.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	src, _, err := picture.ReadUpload(file, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e := builtin.New(retouch.New(builtin.New().Run))
	sky := image.NewGray(src.Rect)
	for i := range sky.Pix {
		if y := i / sky.Stride; y < 60 {
			sky.Pix[i] = 255
		}
	}
	for name, task := range map[string]engine.Task{
		"sky":      {Prompt: "starry night sky with northern lights", Mask: sky},
		"gentle":   {Prompt: "sunset sky with clouds", Mask: sky, Strength: 0.4},
		"repaint":  {Prompt: "mountains at sunset", Style: "img2img", Strength: 0.5},
		"sketch":   {Prompt: "winter mountains with snow", Style: "sketch2img", Strength: 0.5},
		"elements": {Mask: sky, Elements: []engine.Element{{ID: "oil", Weight: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			task.Operation, task.Pipeline, task.Seed, task.Source = engine.Generate, "canvas", 4, &engine.Source{Image: src}
			r, err := e.Run(t.Context(), task, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := os.Create(filepath.Join(t.ArtifactDir(), "after.png"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			if err := png.Encode(out, r.Image); err != nil {
				t.Fatal(err)
			}
			got := r.Image.(*image.NRGBA)
			changed := 0
			for i := range sky.Pix {
				same := [4]byte(got.Pix[4*i:]) == [4]byte(src.Pix[4*i:])
				if task.Mask != nil && sky.Pix[i] == 0 && !same {
					t.Fatalf("pixel %d outside the mask changed", i)
				}
				if !same {
					changed++
				}
			}
			if changed < len(sky.Pix)/10 {
				t.Errorf("%d pixels changed", changed)
			}
			if task.Prompt != "" && len(r.UsedWords) == 0 {
				t.Error("no word of the prompt was used")
			}
		})
	}
}
