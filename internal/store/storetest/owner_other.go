//go:build !linux

package storetest

import "syscall"

// owner leaves the server with the user who runs the tests.
func owner(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
