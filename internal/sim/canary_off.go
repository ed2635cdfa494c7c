//go:build !canary

package sim

// broken tells whether the simulated database has a deliberate fault, which only the
// build tag "canary" gives it.
func broken(string) bool { return false }
