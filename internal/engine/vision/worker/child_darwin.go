package worker

import (
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
)

// dieWithParent does nothing here: the end of its input tells the worker.
func dieWithParent(*exec.Cmd) {}

// Confine keeps Go's part of the memory small; macOS does not limit a process's data.
// What the library prints goes to the error stream, because the answers have the output
// for themselves.
func Confine(uint64) (answers *os.File, err error) {
	debug.SetMemoryLimit(goMemory)
	fd, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Dup2(2, 1); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "answers"), nil
}

// Used tells what the calling process has used.
func Used() Usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return Usage{}
	}
	return Usage{CPU: (r.Utime.Nano() + r.Stime.Nano()) / 1e6, Peak: r.Maxrss}
}
