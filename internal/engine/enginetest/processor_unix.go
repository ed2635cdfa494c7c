//go:build unix

package enginetest

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what the process has used of the processor.
func processorTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil && t != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
