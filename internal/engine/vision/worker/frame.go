package worker

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/florin-studio/florin/internal/engine/vision/ort"
)

// A frame is a magic word, the length of a JSON head, the length of the data, then both:
//
//	"FLV1"  uint32 head  uint32 data  head…  data…
//
// Numbers are little-endian; data is an array of 32-bit floats.
const (
	magic   = "FLV1"
	maxHead = 64 << 10
	// maxData bounds a frame's data: the largest tensor is a tile four times as large.
	maxData = 128 << 20
)

// errGarbage means that what arrived is not a frame. Nothing after it can be trusted.
var errGarbage = errors.New("not a frame of the worker's protocol")

// Request is what the worker is asked to do: run a network once.
type Request struct {
	// Model names a network. The worker's runner knows which.
	Model string `json:"model"`
	// Path is the network's file, where it is one.
	Path string `json:"path,omitempty"`
	// Input is the tensor to run it with.
	Input ort.Tensor `json:"-"`
	// Number tells requests apart.
	Number uint64  `json:"number"`
	Shape  []int64 `json:"shape"`
}

// Reply is the worker's answer.
type Reply struct {
	Number uint64 `json:"number"`
	// Hello is the runtime's version, in the first reply, which nobody asked for.
	Hello string `json:"hello,omitempty"`
	// Error says why the request failed, while the worker lives on.
	Error string `json:"error,omitempty"`
	// Usage is what the worker's process has used so far.
	Usage  Usage      `json:"usage"`
	Shape  []int64    `json:"shape,omitempty"`
	Output ort.Tensor `json:"-"`
}

// Usage is what a process has used since it began.
type Usage struct {
	// CPU is in milliseconds, over all cores.
	CPU int64 `json:"cpu_ms"`
	// Peak is the largest resident memory, in bytes; 0 where the system does not tell.
	Peak int64 `json:"peak_bytes"`
}

// writeFrame writes a head and floats.
func writeFrame(w io.Writer, head any, data []float32) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if len(text) > maxHead || len(data) > maxData/4 {
		return fmt.Errorf("a frame of %d and %d bytes is too large", len(text), len(data)*4)
	}
	start := make([]byte, 12, 12+len(text))
	copy(start, magic)
	binary.LittleEndian.PutUint32(start[4:], uint32(len(text)))
	binary.LittleEndian.PutUint32(start[8:], uint32(len(data)*4))
	if _, err := w.Write(append(start, text...)); err != nil {
		return err
	}
	chunk := make([]byte, 64<<10)
	for len(data) > 0 {
		n := min(len(data), len(chunk)/4)
		for i, v := range data[:n] {
			binary.LittleEndian.PutUint32(chunk[4*i:], math.Float32bits(v))
		}
		if _, err := w.Write(chunk[:4*n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// readFrame reads a frame into head and gives its floats. A clean end is io.EOF.
func readFrame(r io.Reader, head any) ([]float32, error) {
	var start [12]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, err
	}
	long, wide := binary.LittleEndian.Uint32(start[4:]), binary.LittleEndian.Uint32(start[8:])
	if string(start[:4]) != magic || long > maxHead || wide > maxData || wide%4 != 0 {
		return nil, fmt.Errorf("%w: it begins with %q", errGarbage, start[:])
	}
	text := make([]byte, long)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, cutOff(err)
	}
	if err := json.Unmarshal(text, head); err != nil {
		return nil, fmt.Errorf("%w: %v", errGarbage, err)
	}
	return readFloats(r, int(wide/4))
}

// readFloats reads n floats. Memory grows with what really arrives.
func readFloats(r io.Reader, n int) ([]float32, error) {
	data := make([]float32, 0, min(n, 1<<20))
	chunk := make([]byte, 64<<10)
	for len(data) < n {
		part := chunk[:4*min(n-len(data), len(chunk)/4)]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, cutOff(err)
		}
		for i := 0; i < len(part); i += 4 {
			data = append(data, math.Float32frombits(binary.LittleEndian.Uint32(part[i:])))
		}
	}
	return data, nil
}

// cutOff makes an end in the middle of a frame different from an end between frames.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
