//go:build canary

package sim

import "os"

// canary is the deliberate fault of this build.
var canary = os.Getenv("FLORIN_CANARY")

// broken tells whether the simulated database has this deliberate fault.
func broken(fault string) bool { return fault == canary }
