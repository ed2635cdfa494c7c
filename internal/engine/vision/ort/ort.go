// Package ort calls ONNX Runtime, the library that runs neural networks, without cgo.
//
// It promises the few calls that Florin needs: open the library, load a network from a
// file or from memory, run it with one tensor of 32-bit floats in and one out. The library
// is native code: a fault in it ends the process. Only the vision worker uses this
// package, in a process of its own; nothing here limits memory or time.
//
// Where this build has no way to call the library (see Supported), every call says so.
package ort

import "fmt"

// Tensor is an array of 32-bit floats with its shape, the last dimension varying fastest.
type Tensor struct {
	Shape []int64
	Data  []float32
}

// Elements is how many values the shape stands for, or an error for a shape that
// no tensor here may have.
func (t Tensor) Elements() (int, error) {
	if len(t.Shape) == 0 || len(t.Shape) > 8 {
		return 0, fmt.Errorf("a tensor has 1 to 8 dimensions, not %d", len(t.Shape))
	}
	n := int64(1)
	for _, d := range t.Shape {
		if d < 1 || d > maxElements || n*d > maxElements {
			return 0, fmt.Errorf("shape %v: at most %d elements, each dimension at least 1", t.Shape, maxElements)
		}
		n *= d
	}
	return int(n), nil
}

// maxElements bounds a tensor: 64 Mi floats are 256 MiB.
const maxElements = 1 << 26

// check compares shape and data.
func (t Tensor) check() error {
	n, err := t.Elements()
	if err == nil && n != len(t.Data) {
		err = fmt.Errorf("shape %v has %d elements, the data has %d", t.Shape, n, len(t.Data))
	}
	return err
}

// Options are how a network is run.
type Options struct {
	// Threads compute one network; at least 1.
	Threads int
}
