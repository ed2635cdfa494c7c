package builtin

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"github.com/florin-studio/florin/internal/engine"
)

// The sides of a picture that the painter accepts, in pixels.
const (
	minSide  = 32
	maxSide  = 1536
	sideStep = 8
)

// Engine is the built-in painter. It holds no state; its zero value is ready.
type Engine struct{}

// New gives a painter.
func New() *Engine { return &Engine{} }

// Describe tells what the painter can do.
func (*Engine) Describe() engine.Description {
	return engine.Description{
		ID:         "builtin",
		Name:       "Built-in painter",
		Honesty:    "built-in painter, no AI model",
		Operations: []engine.Operation{engine.Generate},
		Pipelines:  slices.Sorted(maps.Keys(pipelines)),
		MaxWidth:   maxSide,
		MaxHeight:  maxSide,
		Slots:      max(1, runtime.GOMAXPROCS(0)/2), // a picture uses two goroutines
		Cancels:    true,
	}
}

// Health is always nil: the painter needs nothing but the processor.
func (*Engine) Health(context.Context) error { return nil }

// Run paints one picture.
func (*Engine) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	d, err := check(task)
	if err != nil {
		return engine.Result{}, err
	}
	if report == nil {
		report = func(int) {}
	}
	j := &job{ctx: ctx, report: report, last: -1}
	result, err := paint(j, task, d)
	if err != nil {
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "the picture was cancelled", Err: err}
	}
	return result, nil
}

// paint composes, renders and finishes. Its only errors are those of the context.
func paint(j *job, task engine.Task, d develop) (engine.Result, error) {
	if err := j.ctx.Err(); err != nil {
		return engine.Result{}, err
	}
	j.progress(0)
	w := newWish(task.Prompt, task.NegativePrompt, task.Seed)
	p, err := compose(j, w, newFrame(task.Width, task.Height))
	if err != nil {
		return engine.Result{}, err
	}
	j.progress(12)
	l, err := render(j, p.scene, int(float64(task.Width)*d.scale), int(float64(task.Height)*d.scale), 12, 90)
	if err != nil {
		return engine.Result{}, err
	}
	if l, err = shrink(j, l, task.Width, task.Height, 90, 93); err != nil {
		return engine.Result{}, err
	}
	img, err := finish(j, l, p.look, d, 93, 100)
	if err != nil {
		return engine.Result{}, err
	}
	used, ignored := w.sortWords()
	return engine.Result{Image: img, Seed: task.Seed, UsedWords: used, IgnoredWords: ignored, Scene: p.title}, nil
}

// check refuses what the painter can't do.
func check(task engine.Task) (develop, error) {
	refuse := func(format string, args ...any) (develop, error) {
		return develop{}, &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
	}
	if task.Operation != engine.Generate {
		return refuse("operation %q is not offered by the built-in painter, only %q is", task.Operation, engine.Generate)
	}
	for _, side := range []struct {
		name  string
		value int
	}{{"width", task.Width}, {"height", task.Height}} {
		if side.value < minSide || side.value > maxSide || side.value%sideStep != 0 {
			return refuse("%s is %d, allowed are multiples of %d from %d to %d", side.name, side.value, sideStep, minSide, maxSide)
		}
	}
	d, ok := pipelines[task.Pipeline]
	if !ok {
		return refuse("pipeline is %q, allowed are \"default\", \"alchemy\", \"alchemy_v2\" and \"alchemy_v2_lightning\"", task.Pipeline)
	}
	return d, nil
}
