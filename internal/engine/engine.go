// Package engine is the contract between Florin and whatever makes pictures.
//
// It promises one neutral shape for every engine: what it can do (Describe), one
// picture's worth of work (Run), and whether it answers (Health). A task is already
// validated, priced and complete in itself. The package does not decide about money,
// people or storage, and no engine may: an engine gets a Task and returns pictures.
package engine

import (
	"context"
	"errors"
)

// Description tells what an engine is and can do. It is asked for at start and
// whenever the engine comes back after a fault, so it must be cheap.
type Description struct {
	// ID is stable across restarts, e.g. "builtin".
	ID string `json:"id"`
	// Name is shown to people, e.g. "Built-in painter".
	Name string `json:"name"`
	// Honesty says in one sentence what makes the pictures, e.g. "built-in painter, no AI model".
	Honesty string `json:"honesty"`
	// Operations are the operations Run accepts.
	Operations []Operation `json:"operations"`
	// Pipelines are the catalog's pipelines that Run paints; empty means any.
	Pipelines []string `json:"pipelines,omitempty"`
	// Elements are the catalog's Elements that Run can use.
	Elements []string `json:"elements,omitempty"`
	// References are the kinds of reference pictures that Run follows.
	References []ReferenceKind `json:"references,omitempty"`
	// Missing tells of operations that this engine would do if something were
	// installed: a sentence that says what and how, by operation. They are not in Operations.
	Missing map[Operation]string `json:"missing,omitempty"`
	// PromptMagic tells whether Run rewrites prompts when asked to.
	PromptMagic bool `json:"prompt_magic,omitempty"`
	// Models are the ids of models Run accepts; empty means that the model is ignored.
	Models []string `json:"models,omitempty"`
	// MaxWidth and MaxHeight bound a picture, in pixels.
	MaxWidth  int `json:"max_width"`
	MaxHeight int `json:"max_height"`
	// Slots is how many tasks may run at the same time.
	Slots int `json:"slots"`
	// Cancels tells whether a running task stops when its context ends.
	Cancels bool `json:"cancels"`
}

// Report receives progress while a task runs. Percent is 0 to 100 and never falls.
// It must return quickly; engines may call it from the goroutine that called Run only.
type Report func(percent int)

// Engine makes pictures. Implementations are safe for concurrent use by up to Slots callers.
type Engine interface {
	Describe() Description
	// Run makes one picture or fails with an *Error. It returns ctx.Err() wrapped in an
	// Error of class Cancelled within 100 ms after ctx ends, if the engine Cancels.
	Run(ctx context.Context, task Task, report Report) (Result, error)
	// Health returns nil if the engine can take work now.
	Health(ctx context.Context) error
}

// Class sorts failures by what should happen next.
type Class string

const (
	// Cancelled: the context ended; nothing is wrong with the engine.
	Cancelled Class = "cancelled"
	// Refused: this task can't be done here, another try gives the same answer.
	Refused Class = "refused"
	// Transient: another try, here or elsewhere, may succeed.
	Transient Class = "transient"
	// Broken: the engine itself is at fault and should be probed before more work.
	Broken Class = "broken"
)

// Error is how an engine fails. Reason is a sentence a person understands.
type Error struct {
	Class  Class
	Reason string
	Err    error
}

// Error tells the reason and, if there is one, the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Reason + ": " + e.Err.Error()
	}
	return e.Reason
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf sorts any error an engine returned: context errors are Cancelled, unknown ones Transient.
func ClassOf(err error) Class {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Class
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Cancelled
	default:
		return Transient
	}
}
