//go:build !unix

package main

// lockFolder does nothing where files can't be locked this way; SQLite's own locks
// still keep two servers from harming the data.
func lockFolder(string) (unlock func(), err error) { return func() {}, nil }
