//go:build race

package enginetest

// slowdown is what the race detector makes of a second of work.
const slowdown = 20
