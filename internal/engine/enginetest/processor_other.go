//go:build !unix

package enginetest

import (
	"testing"
	"time"
)

var start = time.Now()

// processorTime is the time since the start where the process's own is not known.
func processorTime(*testing.T) time.Duration { return time.Since(start) }
