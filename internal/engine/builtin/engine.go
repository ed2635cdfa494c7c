package builtin

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/florin-studio/florin/internal/engine"
)

// Engine is the one engine that people see as the built-in one: the painter, and parts
// that do what it does not, such as engines for the canvas or for upscaling.
//
// The painter takes what it paints and its own pictures; everything else goes to the
// first part that offers it. All share one number of slots.
type Engine struct {
	painter painter
	parts   []engine.Engine

	mu sync.Mutex
	// ill holds what each part said when its health was asked for last.
	ill []error
}

// New joins the painter with parts, which are asked in the given order. Without parts it
// is the painter alone.
func New(parts ...engine.Engine) *Engine {
	return &Engine{parts: slices.Clone(parts), ill: make([]error, len(parts))}
}

// Close ends what parts keep running, such as a worker. A later task starts it anew.
func (e *Engine) Close() {
	for _, part := range e.parts {
		if c, ok := part.(interface{ Close() }); ok {
			c.Close()
		}
	}
}

// Describe tells what painter and parts can do now. A part that did not answer when its
// health was asked for last is told of as missing.
func (e *Engine) Describe() engine.Description {
	d := e.painter.Describe()
	missing := map[engine.Operation]string{}
	for i, part := range e.parts {
		p := part.Describe()
		if err := e.illness(i); err != nil {
			for _, op := range p.Operations {
				missing[op] = cmp.Or(missing[op], p.Name+" does not answer: "+err.Error())
			}
			continue
		}
		for op, why := range p.Missing {
			missing[op] = cmp.Or(missing[op], why)
		}
		d.Operations = union(d.Operations, p.Operations)
		if slices.Contains(p.Operations, engine.Generate) {
			d.Pipelines = union(d.Pipelines, p.Pipelines)
			d.Elements = union(d.Elements, p.Elements)
			d.References = union(d.References, p.References)
		}
		d.Cancels = d.Cancels && p.Cancels
	}
	maps.DeleteFunc(missing, func(op engine.Operation, _ string) bool { return slices.Contains(d.Operations, op) })
	if len(missing) > 0 {
		d.Missing = missing
	}
	return d
}

// quoted lists words as a sentence does.
func quoted(words []string) string {
	text := ""
	for i, word := range words {
		switch {
		case i > 0 && i == len(words)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += strconv.Quote(word)
	}
	return text
}

// union adds to list what it lacks, in order, without touching either.
func union[T comparable](list, more []T) []T {
	out := slices.Clone(list)
	for _, v := range more {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// Health asks the parts. The painter can always work, so an ill part takes away only its
// operations, and the answer is nil.
func (e *Engine) Health(ctx context.Context) error {
	for i, part := range e.parts {
		err := part.Health(ctx)
		if ctx.Err() != nil {
			return &engine.Error{Class: engine.Cancelled, Reason: "asking for health was cancelled", Err: ctx.Err()}
		}
		e.mu.Lock()
		e.ill[i] = err
		e.mu.Unlock()
	}
	return nil
}

func (e *Engine) illness(part int) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ill[part]
}

// Run gives the task to the painter or to the part that can.
func (e *Engine) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if report == nil {
		report = func(int) {}
	}
	part, missing := e.partFor(task)
	if task.Operation == engine.Generate {
		switch {
		case e.painter.paints(task.Pipeline):
			return e.painter.Run(ctx, task, report)
		case part == nil:
			return engine.Result{}, refused("pipeline is %q, allowed are %s", task.Pipeline, quoted(e.Describe().Pipelines))
		}
		return part.Run(ctx, task, report)
	}
	own := e.painter.knows(task)
	if own == nil {
		result, err := e.painter.Run(ctx, task, report)
		if part == nil || engine.ClassOf(err) != engine.Refused || err == nil {
			return result, err
		}
		return part.Run(ctx, task, report) // such as a picture without a subject of its own
	}
	if part != nil {
		return part.Run(ctx, task, report)
	}
	if missing != "" {
		return engine.Result{}, refused("%s is not installed: %s", task.Operation, missing)
	}
	return engine.Result{}, own
}

// partFor finds the part for a task, or what is missing for it.
func (e *Engine) partFor(task engine.Task) (found engine.Engine, missing string) {
	for _, part := range e.parts {
		d := part.Describe()
		missing = cmp.Or(missing, d.Missing[task.Operation])
		if !slices.Contains(d.Operations, task.Operation) {
			continue
		}
		if task.Operation == engine.Generate && !slices.Contains(d.Pipelines, task.Pipeline) {
			continue
		}
		return part, ""
	}
	return nil, missing
}

// Improve gives a richer prompt that keeps what was asked for.
func (e *Engine) Improve(prompt, instructions string, seed int64) (string, error) {
	return improve(prompt, instructions, seed)
}

// Random gives a prompt that the painter draws well.
func (e *Engine) Random(seed int64) string { return randomPrompt(seed) }
