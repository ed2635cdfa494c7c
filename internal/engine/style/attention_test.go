package style

import (
	"context"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

// filter is an engine that does nothing but apply a task's Elements to its source.
type filter struct {
	engine.Engine
	wraps bool
}

func (f filter) Run(ctx context.Context, k engine.Task, report engine.Report) (engine.Result, error) {
	last := -1
	img, err := ApplyWith(ctx, k.Source.Image, k.Elements, Options{Wraps: f.wraps, Progress: func(share float64) {
		if percent := int(100 * share); percent > last {
			last = percent
			report(percent)
		}
	}})
	return engine.Result{Image: img}, err
}

// It counts the process's work, and so is not parallel.
func TestEveryElementAttends(t *testing.T) {
	img := scenery(1024, 1024) // the largest picture is tested with the painter, by two Elements
	attends := func(name string, wraps bool, elements ...engine.Element) {
		t.Run(name, func(t *testing.T) {
			open := func() engine.Engine { return filter{wraps: wraps} }
			enginetest.Attends(t, open, engine.Task{Source: &engine.Source{Image: img}, Elements: elements})
		})
	}
	for _, id := range IDs() {
		attends(id, false, engine.Element{ID: id, Weight: 1})
	}
	attends("crisper", false, engine.Element{ID: "oil", Weight: -0.5})
	attends("richer, seamless", true, engine.Element{ID: "ink", Weight: -1})
}
