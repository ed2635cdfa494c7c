package store

import (
	"errors"
	"os"
	"syscall"
)

// datasync brings a file's content to the disk, without the time of its last change.
func datasync(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
