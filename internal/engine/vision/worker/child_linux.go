package worker

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
)

// dieWithParent has the kernel end the worker when its parent dies.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// Confine limits the memory of the calling process, which is the worker: data above the
// limit is refused by the kernel, and Go's own part stays small. What the library prints
// goes to the error stream, because the answers have the output for themselves.
func Confine(memory uint64) (answers *os.File, err error) {
	debug.SetMemoryLimit(goMemory)
	if memory > 0 {
		limit := syscall.Rlimit{Cur: memory, Max: memory}
		if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
			return nil, fmt.Errorf("memory limit of %d bytes: %w", memory, err)
		}
	}
	fd, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Dup3(2, 1, 0); err != nil {
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
	return Usage{CPU: (r.Utime.Nano() + r.Stime.Nano()) / 1e6, Peak: r.Maxrss * 1024}
}
