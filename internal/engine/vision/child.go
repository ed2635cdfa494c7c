package vision

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
	"github.com/florin-studio/florin/internal/engine/vision/weights"
	"github.com/florin-studio/florin/internal/engine/vision/worker"
)

// The networks that the worker knows by name.
const (
	generalModel   = "general"
	animationModel = "animation"
	isnetModel     = "isnet"
)

// Work is the whole life of the process "florin vision-worker": it loads the runtime's
// library from a file and answers on in and out until in ends. Memory bounds the
// process's data in bytes.
func Work(library string, threads int, memory uint64) error {
	answers, err := worker.Confine(memory)
	if err != nil {
		return err
	}
	lib, err := ort.Open(library)
	if err != nil {
		return err
	}
	run := &runner{library: lib, options: ort.Options{Threads: threads}}
	err = worker.Serve(os.Stdin, answers, run, worker.Used, func() { os.Exit(0) })
	if errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return err
}

// runner keeps one network loaded: the last one that was asked for.
type runner struct {
	library *ort.Library
	options ort.Options
	model   string
	session *ort.Session
}

// Version is the runtime's.
func (r *runner) Version() string { return r.library.Version() }

// Run runs a network once.
func (r *runner) Run(q worker.Request) (ort.Tensor, error) {
	if q.Model != r.model {
		if err := r.load(q.Model, q.Path); err != nil {
			return ort.Tensor{}, err
		}
	}
	return r.session.Run(q.Input)
}

func (r *runner) load(model, path string) (err error) {
	if r.session != nil {
		r.session.Close()
		r.session, r.model = nil, ""
	}
	switch model {
	case generalModel:
		r.session, err = r.library.LoadBytes(weights.General, weights.Input, weights.Output, r.options)
	case animationModel:
		r.session, err = r.library.LoadBytes(weights.Animation, weights.Input, weights.Output, r.options)
	case isnetModel:
		r.session, err = r.library.LoadFile(path, "input", "output", r.options)
	default:
		err = fmt.Errorf("no network is called %q", model)
	}
	if err == nil {
		r.model = model
	}
	return err
}
