//go:build static || !((linux && (amd64 || arm64)) || darwin)

package ort

import "errors"

// Supported tells whether this build can call the library at all.
const Supported = false

var errNone = errors.New("this build of Florin can't load ONNX Runtime: it needs Linux on amd64 or arm64, or macOS, and a build without the tag static")

// Library is an opened library; there is none in this build.
type Library struct{}

// Open says that this build has no way to call the library.
func Open(string) (*Library, error) { return nil, errNone }

// Version is empty.
func (*Library) Version() string { return "" }

// Session is a loaded network; there is none in this build.
type Session struct{}

// LoadFile says that this build has no way to call the library.
func (*Library) LoadFile(string, string, string, Options) (*Session, error) { return nil, errNone }

// LoadBytes says that this build has no way to call the library.
func (*Library) LoadBytes([]byte, string, string, Options) (*Session, error) { return nil, errNone }

// Close does nothing.
func (*Session) Close() {}

// Run says that this build has no way to call the library.
func (*Session) Run(Tensor) (Tensor, error) { return Tensor{}, errNone }
