//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// lockFolder keeps a second server off the same data folder until unlock or the
// process's end, whatever that end is.
func lockFolder(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, plainCause(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.New("another server uses it")
		}
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
