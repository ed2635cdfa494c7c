package worker

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
)

// Runner runs networks, inside the worker's process.
type Runner interface {
	// Version tells which runtime it is.
	Version() string
	// Run runs a network once. An error fails the request only.
	Run(r Request) (ort.Tensor, error)
}

// Serve answers requests until the input ends, which is how the parent says goodbye and
// also what its death looks like. gone is called at that moment, even while a network runs.
func Serve(in io.Reader, out io.Writer, runner Runner, usage func() Usage, gone func()) error {
	if err := writeFrame(out, Reply{Hello: runner.Version(), Usage: usage()}, nil); err != nil {
		return err
	}
	requests := make(chan Request)
	ended := make(chan error, 1)
	go func() {
		defer gone()
		defer close(requests)
		for {
			r, err := readRequest(in)
			if err != nil {
				ended <- err
				return
			}
			requests <- r
		}
	}()
	for r := range requests {
		reply := Reply{Number: r.Number}
		result, err := runner.Run(r)
		if err != nil {
			reply.Error = clip(err.Error())
		}
		reply.Shape, reply.Usage = result.Shape, usage()
		if err := writeFrame(out, reply, result.Data); err != nil {
			return err
		}
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// clip bounds a message, which has to fit into a head.
func clip(s string) string { return s[:min(len(s), maxHead/8)] }

func readRequest(in io.Reader) (Request, error) {
	var r Request
	data, err := readFrame(in, &r)
	if err != nil {
		return r, err
	}
	r.Input = ort.Tensor{Shape: r.Shape, Data: data}
	return r, fits(r.Input)
}

// fits compares the data that came with the shape that was told.
func fits(t ort.Tensor) error {
	if t.Shape == nil && t.Data == nil || len(t.Data) == 0 && slices.Equal(t.Shape, []int64{}) {
		return nil
	}
	n, err := t.Elements()
	if err != nil || n != len(t.Data) {
		return fmt.Errorf("%w: shape %v with %d floats", errGarbage, t.Shape, len(t.Data))
	}
	return nil
}

// goMemory is what Go's own heap in the worker aims to stay below, in bytes: a few
// tensors on their way through.
const goMemory = 256 << 20
