//go:build !static && ((linux && (amd64 || arm64)) || darwin)

package ort

import (
	"errors"
	"fmt"
	"unsafe"
)

// Supported tells whether this build can call the library at all.
const Supported = true

// Library is an opened library. It can't be closed: native libraries with threads of
// their own don't survive that.
type Library struct {
	table   *table
	env     uintptr
	memory  uintptr
	version string
}

// Open loads the library from a file.
func Open(path string) (*Library, error) {
	t, version, err := openTable(path)
	if err != nil {
		return nil, err
	}
	var p pins
	defer p.Unpin()
	l := &Library{table: t, version: version}
	if err := t.call(createEnv, logErrors, p.text("florin"), p.at(unsafe.Pointer(&l.env))); err != nil {
		return nil, fmt.Errorf("ONNX Runtime can't start: %w", err)
	}
	if err := t.call(disableTelemetryEvents, l.env); err != nil {
		return nil, fmt.Errorf("ONNX Runtime can't start: %w", err)
	}
	if err := t.call(createCPUMemoryInfo, allocatorArena, memoryDefault, p.at(unsafe.Pointer(&l.memory))); err != nil {
		return nil, fmt.Errorf("ONNX Runtime can't start: %w", err)
	}
	return l, nil
}

// Version is the library's version, such as "1.30.0".
func (l *Library) Version() string { return l.version }

// Session is a loaded network. It is used by one goroutine at a time.
type Session struct {
	library       *Library
	handle        uintptr
	input, output string
}

// LoadFile loads a network from a file. Input and output are the names of the tensors
// that Run feeds and asks for.
func (l *Library) LoadFile(path, input, output string, o Options) (*Session, error) {
	return l.load(input, output, o, func(p *pins, options, out uintptr) error {
		return l.table.call(createSession, l.env, p.text(path), options, out)
	})
}

// LoadBytes loads a network from memory, which it copies.
func (l *Library) LoadBytes(network []byte, input, output string, o Options) (*Session, error) {
	if len(network) == 0 {
		return nil, errors.New("the network is empty")
	}
	return l.load(input, output, o, func(p *pins, options, out uintptr) error {
		return l.table.call(createSessionFromArray, l.env, p.at(unsafe.Pointer(&network[0])), uintptr(len(network)), options, out)
	})
}

func (l *Library) load(input, output string, o Options, create func(p *pins, options, out uintptr) error) (*Session, error) {
	var p pins
	defer p.Unpin()
	var options uintptr
	if err := l.table.call(createSessionOptions, p.at(unsafe.Pointer(&options))); err != nil {
		return nil, err
	}
	defer func() { l.table.release(releaseSessionOptions, options) }()
	// Arena and memory pattern keep what one run needed for the next one: half as much
	// memory again for a sixth of the time.
	for _, set := range []func() error{
		func() error { return l.table.call(disableMemPattern, options) },
		func() error { return l.table.call(disableCPUMemArena, options) },
		func() error { return l.table.call(setGraphOptimizationLevel, options, optimizeAll) },
		func() error { return l.table.call(setIntraOpThreads, options, uintptr(max(o.Threads, 1))) },
		func() error { return l.table.call(setInterOpThreads, options, 1) },
	} {
		if err := set(); err != nil {
			return nil, err
		}
	}
	s := &Session{library: l, input: input, output: output}
	if err := create(&p, options, p.at(unsafe.Pointer(&s.handle))); err != nil {
		return nil, fmt.Errorf("the network can't be loaded: %w", err)
	}
	return s, nil
}

// Close frees the network.
func (s *Session) Close() {
	s.library.table.release(releaseSession, s.handle)
	s.handle = 0
}

// Run computes the network's output for one input.
func (s *Session) Run(in Tensor) (Tensor, error) {
	if err := in.check(); err != nil {
		return Tensor{}, err
	}
	var p pins
	defer p.Unpin()
	t := s.library.table
	var feed, result uintptr
	err := t.call(createTensorWithData, s.library.memory, p.at(unsafe.Pointer(&in.Data[0])), uintptr(len(in.Data)*4),
		p.at(unsafe.Pointer(&in.Shape[0])), uintptr(len(in.Shape)), elementFloat32, p.at(unsafe.Pointer(&feed)))
	if err != nil {
		return Tensor{}, err
	}
	defer func() { t.release(releaseValue, feed) }()
	inputs, outputs := [1]uintptr{p.text(s.input)}, [1]uintptr{p.text(s.output)}
	err = t.call(runSession, s.handle, 0, p.at(unsafe.Pointer(&inputs)), p.at(unsafe.Pointer(&feed)), 1,
		p.at(unsafe.Pointer(&outputs)), 1, p.at(unsafe.Pointer(&result)))
	if err != nil {
		return Tensor{}, err
	}
	defer func() { t.release(releaseValue, result) }()
	return s.read(&p, result)
}

// read copies a tensor that the library made.
func (s *Session) read(p *pins, value uintptr) (Tensor, error) {
	t := s.library.table
	var info, dimensions, data uintptr
	if err := t.call(getTensorTypeAndShape, value, p.at(unsafe.Pointer(&info))); err != nil {
		return Tensor{}, err
	}
	defer func() { t.release(releaseTensorTypeAndShape, info) }()
	var kind int32
	if err := t.call(getTensorElementType, info, p.at(unsafe.Pointer(&kind))); err != nil {
		return Tensor{}, err
	}
	if kind != elementFloat32 {
		return Tensor{}, fmt.Errorf("the output %q has elements of kind %d, not 32-bit floats", s.output, kind)
	}
	if err := t.call(getDimensionsCount, info, p.at(unsafe.Pointer(&dimensions))); err != nil {
		return Tensor{}, err
	}
	if dimensions < 1 || dimensions > 8 {
		return Tensor{}, fmt.Errorf("the output %q has %d dimensions", s.output, dimensions)
	}
	out := Tensor{Shape: make([]int64, dimensions)}
	if err := t.call(getDimensions, info, p.at(unsafe.Pointer(&out.Shape[0])), dimensions); err != nil {
		return Tensor{}, err
	}
	n, err := out.Elements()
	if err != nil {
		return Tensor{}, fmt.Errorf("the output %q: %w", s.output, err)
	}
	if err := t.call(getTensorMutableData, value, p.at(unsafe.Pointer(&data))); err != nil {
		return Tensor{}, err
	}
	out.Data = append([]float32(nil), unsafe.Slice((*float32)(pointer(data)), n)...)
	return out, nil
}
