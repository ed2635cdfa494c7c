//go:build !race

package enginetest

// slowdown is 1 without the race detector.
const slowdown = 1
