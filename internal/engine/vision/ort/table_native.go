//go:build !static && ((linux && (amd64 || arm64)) || darwin)

package ort

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// apiVersion is the version of the library's function table that is asked for. Tables
// only ever grow, so any library from 1.17 on has it.
const apiVersion = 17

// The places of the functions in the table.
const (
	getErrorMessage            = 2
	createEnv                  = 3
	disableTelemetryEvents     = 6
	createSession              = 7
	createSessionFromArray     = 8
	runSession                 = 9
	createSessionOptions       = 10
	disableMemPattern          = 17
	disableCPUMemArena         = 19
	setGraphOptimizationLevel  = 23
	setIntraOpThreads          = 24
	setInterOpThreads          = 25
	createTensorWithData       = 49
	getTensorMutableData       = 51
	getTensorElementType       = 60
	getDimensionsCount         = 61
	getDimensions              = 62
	getTensorTypeAndShape      = 65
	createCPUMemoryInfo        = 69
	releaseStatus              = 93
	releaseMemoryInfo          = 94
	releaseSession             = 95
	releaseValue               = 96
	releaseTensorTypeAndShape  = 99
	releaseSessionOptions      = 100
	tableSize                  = 101
	baseGetAPI, baseGetVersion = 0, 1
)

// Values of the library's enumerations.
const (
	logErrors       = 3
	optimizeAll     = 99
	allocatorArena  = 1
	memoryDefault   = 0
	elementFloat32  = 1
	maxErrorMessage = 4096
)

// table is the library's function table.
type table [tableSize]uintptr

// pins keeps Go memory in place, and alive, while the library looks at it.
type pins struct{ runtime.Pinner }

// at gives the address of a value.
func (p *pins) at(v unsafe.Pointer) uintptr {
	p.Pin(v)
	return uintptr(v)
}

// text gives the address of a copy of s that ends with a zero byte.
func (p *pins) text(s string) uintptr {
	b := append([]byte(s), 0)
	return p.at(unsafe.Pointer(&b[0]))
}

// call calls a function that returns a status, and turns the status into an error.
func (t *table) call(place int, args ...uintptr) error {
	status, _, _ := purego.SyscallN(t[place], args...)
	if status == 0 {
		return nil
	}
	message, _, _ := purego.SyscallN(t[getErrorMessage], status)
	err := errors.New(goString(message))
	t.release(releaseStatus, status)
	return err
}

// release frees what the library made; zero is nothing.
func (t *table) release(place int, made uintptr) {
	if made != 0 {
		_, _, _ = purego.SyscallN(t[place], made)
	}
}

// pointer makes a pointer of an address that the library gave. Going through memory is
// how vet lets an address that Go's allocator does not know become a pointer.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// goString copies a text that ends with a zero byte.
func goString(address uintptr) string {
	if address == 0 {
		return ""
	}
	text := unsafe.Slice((*byte)(pointer(address)), maxErrorMessage)
	for i := range maxErrorMessage {
		if text[i] == 0 {
			return string(text[:i])
		}
	}
	return string(text)
}

// openTable loads the library and asks for its function table.
func openTable(path string) (*table, string, error) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, "", fmt.Errorf("ONNX Runtime can't be loaded: %w", err)
	}
	entry, err := purego.Dlsym(library, "OrtGetApiBase")
	if err != nil {
		return nil, "", fmt.Errorf("%s is not ONNX Runtime: %w", path, err)
	}
	base, _, _ := purego.SyscallN(entry)
	if base == 0 {
		return nil, "", fmt.Errorf("%s gives no interface", path)
	}
	functions := (*[2]uintptr)(pointer(base))
	version, _, _ := purego.SyscallN(functions[baseGetVersion])
	found, _, _ := purego.SyscallN(functions[baseGetAPI], apiVersion)
	if found == 0 {
		return nil, "", fmt.Errorf("ONNX Runtime %s is too old: 1.17 or later is needed", goString(version))
	}
	return (*table)(pointer(found)), goString(version), nil
}
