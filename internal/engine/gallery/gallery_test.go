package gallery

import (
	"context"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
)

// easel paints every picture in a colour of its seed and notes what it was asked for.
type easel struct {
	engine.Description
	asked []engine.Task
}

func (e *easel) Describe() engine.Description { return e.Description }

func (e *easel) Health(context.Context) error { return nil }

func (e *easel) Run(ctx context.Context, task engine.Task, _ engine.Report) (engine.Result, error) {
	if err := ctx.Err(); err != nil {
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "cancelled", Err: err}
	}
	e.asked = append(e.asked, task)
	if strings.HasPrefix(task.Prompt, "abstract") {
		return engine.Result{}, &engine.Error{Class: engine.Refused, Reason: "not today"}
	}
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.NRGBA{uint8(task.Seed * 20), 90, 120, 255})
	}
	return engine.Result{Image: img, Seed: task.Seed}, nil
}

func TestDrawShowsWhatIsOffered(t *testing.T) {
	t.Parallel()
	e := &easel{Description: engine.Description{
		ID: "easel", Operations: []engine.Operation{engine.Generate, engine.Unzoom}, Pipelines: []string{"default", "canvas"},
		Elements: []string{"oil", "ink"}, References: []engine.ReferenceKind{engine.PaletteReference},
		Missing: map[engine.Operation]string{engine.Upscale: "install it"},
	}}
	var lines []string
	sheet, err := Draw(t.Context(), e, func(line string) { lines = append(lines, line) })
	if err != nil {
		t.Fatal(err)
	}
	if size := sheet.Bounds().Size(); size.X != gap+columns*(cell+gap) || size.Y < 9*cell {
		t.Errorf("the sheet is %v", size)
	}
	seen := map[string]bool{}
	for _, task := range e.asked {
		seen[string(task.Operation)+" "+task.Pipeline] = true
		for _, el := range task.Elements {
			seen[el.ID] = true
		}
		if task.Operation == engine.Upscale || task.PromptMagic != "" {
			t.Errorf("asked for %v, which is not offered", task.Operation)
		}
	}
	for _, want := range []string{"generate default", "generate canvas", "unzoom ", "oil", "ink"} {
		if !seen[want] {
			t.Errorf("never asked for %q", want)
		}
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{"not today", "upscale is not offered: install it", "remove_background is not offered"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not told", want)
		}
	}
}

func TestDrawStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Draw(ctx, &easel{}, nil)
	if engine.ClassOf(err) != engine.Cancelled {
		t.Errorf("error %v, want class cancelled", err)
	}
}
