// Package house holds no program, only tests that keep the house in order: which
// package may know which, what the pure packages may not touch, how long a file
// may grow, that a dependency is written down with its reason, and that nothing
// of one developer's machine stands in the sources. CONTRIBUTING.md says the same
// rules in words.
//
// It promises that a broken rule fails `make test` with the file, the line and the
// way out. It does not judge taste, and it checks nothing that gofmt, go vet or
// staticcheck check already.
package house
