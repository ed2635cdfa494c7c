//go:build !unix

package main

import "time"

// started stands in for the processor's time, which is only asked of Unix systems.
var started = time.Now()

// cpuTime is the time since the start: more than what was taken of one processor.
func cpuTime() time.Duration { return time.Since(started) }
