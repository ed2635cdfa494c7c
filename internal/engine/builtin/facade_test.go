package builtin

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/style"
)

// part is an engine that offers what it is told to and remembers what it got.
type part struct {
	engine.Description
	sick error
	got  []engine.Operation
}

func (p *part) Describe() engine.Description { return p.Description }

func (p *part) Health(context.Context) error { return p.sick }

func (p *part) Run(_ context.Context, task engine.Task, _ engine.Report) (engine.Result, error) {
	if !slices.Contains(p.Operations, task.Operation) {
		return engine.Result{}, &engine.Error{Class: engine.Refused, Reason: "not mine"}
	}
	p.got = append(p.got, task.Operation)
	return engine.Result{Image: image.NewRGBA(image.Rect(0, 0, 1, 1)), Scene: p.Name}, nil
}

func parts() (canvas, vision *part) {
	canvas = &part{Description: engine.Description{
		ID: "retouch", Name: "Retouch", Operations: []engine.Operation{engine.Generate, engine.Unzoom}, Pipelines: []string{"canvas"}, Slots: 9, Cancels: true,
	}}
	vision = &part{Description: engine.Description{
		ID: "vision", Name: "Vision", Operations: []engine.Operation{engine.Upscale}, Slots: 9, Cancels: true,
		Missing: map[engine.Operation]string{engine.RemoveBackground: "run florin models install background", engine.AlchemyUpscale: "run florin models install upscale"},
	}}
	return canvas, vision
}

func TestFacadeConforms(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func() engine.Engine {
		canvas, vision := parts()
		return New(canvas, vision)
	})
}

func TestFacadeMergesDescriptions(t *testing.T) {
	t.Parallel()
	canvas, vision := parts()
	d := New(canvas, vision).Describe()
	for _, op := range []engine.Operation{engine.Generate, engine.Unzoom, engine.RemoveBackground, engine.Upscale} {
		if !slices.Contains(d.Operations, op) {
			t.Errorf("operations %v lack %s", d.Operations, op)
		}
	}
	if !slices.Contains(d.Pipelines, "canvas") || !slices.Contains(d.Pipelines, "alchemy_v2") {
		t.Errorf("pipelines %v", d.Pipelines)
	}
	if d.Slots != New().Describe().Slots || d.ID != "builtin" {
		t.Errorf("id %s, %d slots", d.ID, d.Slots)
	}
	if len(d.Missing) != 1 || d.Missing[engine.AlchemyUpscale] == "" {
		t.Errorf("missing %v, want the alchemy upscaler alone: the painter cuts out its own pictures", d.Missing)
	}
	vision.Operations = append(vision.Operations, engine.AlchemyUpscale) // installed meanwhile
	if again := New(canvas, vision).Describe(); again.Missing != nil || !slices.Contains(again.Operations, engine.AlchemyUpscale) {
		t.Errorf("operations %v, missing %v", again.Operations, again.Missing)
	}
}

func TestFacadeDispatches(t *testing.T) {
	t.Parallel()
	canvas, vision := parts()
	e := New(canvas, vision)
	photo := &engine.Source{Image: image.NewRGBA(image.Rect(0, 0, 96, 96))}
	painted := mustPaint(t, small("still life with a vase", 1))
	own := &engine.Source{Image: painted.Image, Recipe: painted.Recipe, Engine: "builtin"}
	marble := mustPaint(t, small("abstract marble", 1))
	for _, c := range []struct {
		name  string
		task  engine.Task
		scene string // of the part, or what the painter says
		fails string
	}{
		{"paint", small("sea", 1), "sea", ""},
		{"canvas", engine.Task{Operation: engine.Generate, Pipeline: "canvas", Source: photo}, "Retouch", ""},
		{"unzoom a photo", engine.Task{Operation: engine.Unzoom, Source: photo}, "Retouch", ""},
		{"unzoom an own picture", engine.Task{Operation: engine.Unzoom, Source: own, Zoom: 1.5}, "still life", ""},
		{"unzoom too far", engine.Task{Operation: engine.Unzoom, Source: own, Zoom: 9}, "Retouch", ""},
		{"cut out an own picture", engine.Task{Operation: engine.RemoveBackground, Source: own}, "still life", ""},
		{"cut out a photo", engine.Task{Operation: engine.RemoveBackground, Source: photo}, "", "remove_background is not installed: run florin models install background"},
		{"cut out without a subject", engine.Task{Operation: engine.RemoveBackground, Source: &engine.Source{Image: marble.Image, Recipe: marble.Recipe, Engine: "builtin"}}, "", "nothing stands before a background"},
		{"upscale", engine.Task{Operation: engine.Upscale, Source: photo, Scale: 2}, "Vision", ""},
		{"missing", engine.Task{Operation: engine.AlchemyUpscale, Source: photo}, "", "run florin models install upscale"},
		{"unknown", engine.Task{Operation: engine.Texture}, "", `operation is "texture"`},
		{"unknown pipeline", engine.Task{Operation: engine.Generate, Pipeline: "sorcery", Width: 96, Height: 96}, "", `pipeline is "sorcery", allowed are "alchemy", "alchemy_v2", "alchemy_v2_lightning", "default" and "canvas"`},
	} {
		r, err := e.Run(t.Context(), c.task, nil)
		switch {
		case c.fails != "" && (engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%s: error %v, want %q", c.name, err, c.fails)
		case c.fails == "" && (err != nil || !strings.Contains(r.Scene, c.scene)):
			t.Errorf("%s: %q, error %v, want %q", c.name, r.Scene, err, c.scene)
		}
	}
}

func TestIllPartsAreLeftOut(t *testing.T) {
	t.Parallel()
	canvas, vision := parts()
	e := New(canvas, vision)
	vision.sick = errors.New("the worker is gone")
	if err := e.Health(t.Context()); err != nil {
		t.Fatalf("health %v although the painter can work", err)
	}
	if d := e.Describe(); slices.Contains(d.Operations, engine.Upscale) || !strings.Contains(d.Missing[engine.Upscale], "the worker is gone") {
		t.Errorf("operations %v, missing %v", d.Operations, d.Missing)
	}
	vision.sick = nil
	if err := e.Health(t.Context()); err != nil || !slices.Contains(e.Describe().Operations, engine.Upscale) {
		t.Errorf("health %v, operations %v after it came back", err, e.Describe().Operations)
	}
}

// TestCatalogHasEveryElement keeps the shipped price list and the painter together.
func TestCatalogHasEveryElement(t *testing.T) {
	t.Parallel()
	elements := catalog.Default().Elements()
	var ids []string
	for _, e := range elements {
		ids = append(ids, e.ID)
		if e.WeightMin < style.MinWeight || e.WeightMax > style.MaxWeight || e.Weight != style.DefaultWeight {
			t.Errorf("%s has weights %d to %d, usually %d", e.ID, e.WeightMin, e.WeightMax, e.Weight)
		}
	}
	if have := New().Describe().Elements; !slices.Equal(ids, have) {
		t.Errorf("the catalog has %v, the painter %v", ids, have)
	}
}
