// Package texture covers meshes with materials made from a prompt, with no AI model.
//
// It promises, for a mesh from an OBJ or GLB file, a rendered still with a turntable and,
// in full, seamless maps and a GLB with the texture inside. The same mesh, prompt and seed
// give the same bytes on the same kind of machine, and the preview shows the same surface
// as the full texture. Texture coordinates of the mesh are used if it has usable ones;
// others get those of a box around the mesh. It uses at most two goroutines and stops soon
// after its context ends. It paints one material over the whole mesh, not its parts.
package texture

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/texture/material"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
	"github.com/florin-studio/florin/internal/engine/texture/raster"
)

const (
	stillSide   = 768
	frameSide   = 320
	frames      = 12
	previewSize = 1024
	fullSize    = 2048
	// tile is how wide one repeat of the texture is, in radii of the mesh.
	tile = 1.0
)

// views are the directions that Task.Style may name.
var views = map[string]raster.View{
	"": {Turn: 0.6, Lift: 0.32}, "three_quarter": {Turn: 0.6, Lift: 0.32}, "front": {Lift: 0.12}, "back": {Turn: math.Pi, Lift: 0.12},
	"left": {Turn: -math.Pi / 2, Lift: 0.12}, "right": {Turn: math.Pi / 2, Lift: 0.12}, "top": {Lift: 1.35}, "bottom": {Lift: -1.2},
}

type textureEngine struct{}

// New gives the engine. It holds no state.
func New() engine.Engine { return textureEngine{} }

// Describe tells what the engine can do.
func (textureEngine) Describe() engine.Description {
	return engine.Description{
		ID: "texture", Name: "Built-in texturer", Honesty: "built-in materials, no AI model",
		Operations: []engine.Operation{engine.TexturePreview, engine.Texture},
		MaxWidth:   stillSide, MaxHeight: stillSide, Slots: max(1, runtime.GOMAXPROCS(0)/2), Cancels: true,
	}
}

// Health is always nil: the engine needs nothing but the processor.
func (textureEngine) Health(context.Context) error { return nil }

// Run covers one mesh.
func (textureEngine) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if report == nil {
		report = func(int) {}
	}
	if ctx.Err() != nil {
		return engine.Result{}, cancelled(ctx.Err())
	}
	view, err := check(task)
	if err != nil {
		return engine.Result{}, err
	}
	report(0)
	m, err := mesh.ReadUntil(ctx, task.Mesh.Format, task.Mesh.Data)
	if ctx.Err() != nil {
		return engine.Result{}, cancelled(ctx.Err())
	}
	if err != nil {
		return engine.Result{}, &engine.Error{Class: engine.Refused, Reason: "the mesh can't be read", Err: err}
	}
	report(3)
	r, err := cover(ctx, task, m, view, report)
	switch {
	case err == nil:
		report(100)
		return r, nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return engine.Result{}, cancelled(err)
	}
	return engine.Result{}, &engine.Error{Class: engine.Broken, Reason: "the texture could not be written", Err: err}
}

func cancelled(err error) error {
	return &engine.Error{Class: engine.Cancelled, Reason: "the texture was cancelled", Err: err}
}

// check refuses what the engine can't do.
func check(task engine.Task) (raster.View, error) {
	refuse := func(format string, args ...any) (raster.View, error) {
		return raster.View{}, &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
	}
	if task.Operation != engine.TexturePreview && task.Operation != engine.Texture {
		return refuse("operation %q is not offered by the built-in texturer, only %q and %q are", task.Operation, engine.TexturePreview, engine.Texture)
	}
	if task.Mesh == nil {
		return refuse("mesh is missing, an OBJ or GLB file is needed")
	}
	view, known := views[task.Style]
	if !known {
		return refuse("style is %.20q, allowed are \"three_quarter\", \"front\", \"back\", \"left\", \"right\", \"top\" and \"bottom\"", task.Style)
	}
	return view, nil
}

// lay gives the mesh the texture coordinates that the texture is drawn with.
func lay(ctx context.Context, m *mesh.Mesh) error {
	_, radius := m.Frame()
	if m.UVs == nil {
		if err := m.Box(ctx, radius*tile); err != nil {
			return err
		}
	} else {
		u, v := m.Stretch()
		// Whole repeats, so that the texture still meets itself where a chart closes.
		nu := float32(max(1, min(16, int(u/(radius*tile)+0.5))))
		nv := float32(max(1, min(16, int(v/(radius*tile)+0.5))))
		for i := range m.UVs {
			m.UVs[i][0] *= nu
			m.UVs[i][1] *= nv
		}
	}
	return m.Tangle(ctx)
}

func cover(ctx context.Context, task engine.Task, m *mesh.Mesh, view raster.View, report engine.Report) (engine.Result, error) {
	size, share := previewSize, 44.0
	if task.Operation == engine.Texture {
		size, share = fullSize, 44
	}
	if err := lay(ctx, m); err != nil {
		return engine.Result{}, err
	}
	report(6)
	s := material.New(task.Prompt, task.Seed)
	last := 6
	maps, err := s.Draw(ctx, size, func(f float64) {
		if p := 6 + int(f*share); p > last {
			last = p
			report(p)
		}
	})
	if err != nil {
		return engine.Result{}, err
	}
	r := engine.Result{Seed: task.Seed, UsedWords: s.Used, IgnoredWords: s.Ignored, Scene: s.Scene}
	report(6 + int(share))
	still, err := raster.Draw(ctx, m, maps, view, stillSide)
	if err != nil {
		return r, err
	}
	r.Image = still
	if task.Operation == engine.Texture {
		report(53)
		if r.Files, err = files(ctx, m, maps, func(done float64) { report(53 + int(26*done)) }); err != nil {
			return r, err
		}
	}
	report(80)
	for i := range frames {
		turned := raster.View{Turn: view.Turn + 2*math.Pi*float64(i)/frames, Lift: view.Lift}
		img, err := raster.Draw(ctx, m, maps, turned, frameSide)
		if err != nil {
			return r, err
		}
		data, err := asJPEG(ctx, img, 85)
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, engine.File{Kind: "turntable", Type: "image/jpeg", Data: data})
		report(80 + 19*(i+1)/frames)
	}
	return r, nil
}
