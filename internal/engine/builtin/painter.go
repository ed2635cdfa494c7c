package builtin

import (
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"runtime"
	"slices"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/style"
)

// The sides of a picture that the painter accepts, in pixels.
const (
	minSide  = 32
	maxSide  = 1536
	sideStep = 8
)

// painterID is the id under which people see the painter and its parts.
const painterID = "builtin"

// painter is the part that paints scenes. It holds no state; its zero value is ready.
type painter struct{}

// Describe tells what the painter can do.
func (painter) Describe() engine.Description {
	return engine.Description{
		ID:          painterID,
		Name:        "Built-in painter",
		Honesty:     "built-in painter, no AI model",
		Operations:  []engine.Operation{engine.Generate, engine.Unzoom, engine.RemoveBackground},
		Pipelines:   slices.DeleteFunc(slices.Sorted(maps.Keys(pipelines)), func(id string) bool { return id == "" }),
		Elements:    style.IDs(),
		References:  slices.Clone(referenceKinds),
		PromptMagic: true,
		MaxWidth:    maxSide,
		MaxHeight:   maxSide,
		Slots:       max(1, runtime.GOMAXPROCS(0)/2), // a picture uses two goroutines
		Cancels:     true,
	}
}

// paints tells whether the painter has a pipeline.
func (painter) paints(pipeline string) bool {
	_, ok := pipelines[pipeline]
	return ok
}

func refused(format string, args ...any) error {
	return &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
}

// Run paints a picture, or comes back to one it painted.
func (p painter) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if report == nil {
		report = func(int) {}
	}
	j := &job{ctx: ctx, report: report, last: -1}
	result, err := p.do(j, task)
	var known *engine.Error
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "the picture was cancelled", Err: ctx.Err()}
	case errors.As(err, &known):
		return engine.Result{}, known
	}
	return engine.Result{}, &engine.Error{Class: engine.Broken, Reason: "the painter failed", Err: err}
}

func (p painter) do(j *job, task engine.Task) (engine.Result, error) {
	switch task.Operation {
	case engine.Generate:
		o, err := orderFor(task)
		if err != nil {
			return engine.Result{}, err
		}
		return paint(j, o)
	case engine.Unzoom:
		return p.unzoom(j, task)
	case engine.RemoveBackground:
		return p.cutOut(j, task)
	}
	return engine.Result{}, refused("operation is %q, the built-in painter offers %q, %q and %q", task.Operation, engine.Generate, engine.Unzoom, engine.RemoveBackground)
}

// order is a checked task: a recipe, and what a recipe can't hold.
type order struct {
	recipe
	// asked is the prompt before Prompt Magic, if it rewrote it.
	asked  string
	guides []guide
}

// orderFor refuses what the painter can't do.
func orderFor(task engine.Task) (order, error) {
	o := order{recipe: recipe{
		Painter: recipeVersion, Prompt: task.Prompt, Negative: task.NegativePrompt, Seed: task.Seed, Width: task.Width, Height: task.Height,
		Pipeline: task.Pipeline, Tiling: task.Tiling, Zoom: 1, References: len(task.References),
	}}
	for _, e := range task.Elements {
		o.Elements = append(o.Elements, recipeElement(e))
	}
	if err := o.check(); err != nil {
		return o, err
	}
	switch task.PromptMagic {
	case "":
	case "v2", "v3":
		o.asked = o.Prompt
		o.Prompt = magic(o.Prompt, o.Negative, task.PromptMagic, o.Seed)
	default:
		return o, refused("prompt_magic is %q, allowed are \"v2\" and \"v3\"", task.PromptMagic)
	}
	if err := checkReferences(task.References, task.Tiling); err != nil {
		return o, err
	}
	for _, r := range task.References {
		o.guides = append(o.guides, newGuide(r))
	}
	return o, nil
}

// check refuses what no picture can be.
func (r *recipe) check() error {
	for _, side := range []struct {
		name  string
		value int
	}{{"width", r.Width}, {"height", r.Height}} {
		if side.value < minSide || side.value > maxSide || side.value%sideStep != 0 {
			return refused("%s is %d, allowed are multiples of %d from %d to %d", side.name, side.value, sideStep, minSide, maxSide)
		}
	}
	if _, ok := pipelines[r.Pipeline]; !ok {
		return refused("pipeline is %q, allowed are %s", r.Pipeline, quoted(painter{}.Describe().Pipelines))
	}
	return style.Check(r.elements())
}

// paint composes, renders, finishes, guides and styles. Its errors are those of the
// context, but for what no Element or reference allows.
func paint(j *job, o order) (engine.Result, error) {
	if err := j.ctx.Err(); err != nil {
		return engine.Result{}, err
	}
	j.progress(0)
	w, p, err := stage(j, &o)
	if err != nil {
		return engine.Result{}, err
	}
	elements := w.elements(o.elements())
	// An Element takes about a fifth of the work of a scene, a reference an eighth.
	begin := 100 - 10*float64(len(elements))
	end := begin
	if len(o.guides) > 0 {
		end -= 2 + 4*float64(len(o.guides))
	}
	img, err := develop1(j, &o, p, end)
	if err != nil {
		return engine.Result{}, err
	}
	if img, err = guided(j, img, o.guides, o.Seed, end, begin); err != nil {
		return engine.Result{}, err
	}
	var out image.Image = img
	if len(elements) > 0 {
		out, err = style.ApplyWith(j.ctx, img, elements, style.Options{Wraps: p.look.wraps && o.Zoom == 1, Progress: func(share float64) {
			j.progress(begin + (100-begin)*share*0.99)
		}})
		if err != nil {
			return engine.Result{}, err
		}
	}
	j.progress(100)
	used, ignored := w.sortWords()
	result := engine.Result{Image: out, Seed: o.Seed, UsedWords: used, IgnoredWords: ignored, Scene: p.title, Note: w.note, Recipe: o.encoded()}
	if o.asked != "" && o.asked != o.Prompt {
		result.Prompt = o.Prompt
	}
	return result, nil
}

// stage reads the prompt and composes the scene, with the horizon where the guides want it.
func stage(j *job, o *order) (*wish, painting, error) {
	w := newWish(o.Prompt, o.Negative, o.Seed)
	w.tiling, w.guides = o.Tiling, o.guides
	f := newFrame(o.Width, o.Height)
	p, err := compose(j, w, f)
	if err != nil {
		return nil, painting{}, err
	}
	p.view.zoom *= o.Zoom
	if err := p.level(j, f, o.guides); err != nil {
		return nil, painting{}, err
	}
	j.progress(12)
	return w, p, nil
}

// develop1 renders a scene and turns its light into a picture.
func develop1(j *job, o *order, p painting, end float64) (*image.RGBA, error) {
	d := pipelines[o.Pipeline]
	l, err := render(j, p, int(math.Round(float64(o.Width)*d.scale)), int(math.Round(float64(o.Height)*d.scale)), d.scale > 1, 12, end-10)
	if err != nil {
		return nil, err
	}
	if l, err = shrink(j, l, o.Width, o.Height, end-10, end-7); err != nil {
		return nil, err
	}
	return finish(j, l, p.look, d, end-7, end)
}
