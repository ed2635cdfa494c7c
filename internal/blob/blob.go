// Package blob keeps files on disk under names made of their content.
//
// It promises that a name that Put returned can be opened after a crash at any later
// point, that a file is never seen in part, and that putting the same bytes twice
// keeps one file. It does not know what the bytes are, nor who may read them.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// ErrUnknown means that there is no file of that name.
var ErrUnknown = errors.New("no such file")

// Disk keeps files below a folder, spread over 256 sub-folders.
type Disk struct {
	root string
}

// OpenDisk makes the folder if it is missing and checks that it can be written to.
func OpenDisk(root string) (*Disk, error) {
	if err := os.MkdirAll(root, 0o750); err != nil {
		return nil, fmt.Errorf("picture folder %s: %w", root, errors.Unwrap(err))
	}
	d := &Disk{root: root}
	if err := os.MkdirAll(d.workshop(), 0o750); err != nil {
		return nil, fmt.Errorf("picture folder %s can't be written to: %w", root, errors.Unwrap(err))
	}
	probe, err := os.CreateTemp(d.workshop(), "probe-*")
	if err != nil {
		return nil, fmt.Errorf("picture folder %s can't be written to: %w", root, errors.Unwrap(err))
	}
	_ = probe.Close()
	return d, errors.Join(os.Remove(probe.Name()), d.sweep())
}

// workshop is where files are written before they get their name.
func (d *Disk) workshop() string { return filepath.Join(d.root, "new") }

// leftover is the age from which an unfinished file belongs to a process that died, not
// to another one that is still writing.
const leftover = time.Hour

// sweep removes what crashes left unfinished.
func (d *Disk) sweep() error {
	entries, err := os.ReadDir(d.workshop())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftover {
			err = os.Remove(filepath.Join(d.workshop(), e.Name()))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// namePattern is what Put makes: the SHA-256 of the content and an ending.
var namePattern = regexp.MustCompile(`^[0-9a-f]{64}\.[a-z0-9]{1,5}$`)

func (d *Disk) path(name string) string { return filepath.Join(d.root, name[:2], name) }

// Put stores data durably and gives its name, which ends in the given ending ("png").
func (d *Disk) Put(data []byte, ending string) (string, error) {
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:]) + "." + ending
	if !namePattern.MatchString(name) {
		return "", fmt.Errorf("blob: ending %q is not 1 to 5 letters or digits", ending)
	}
	path := d.path(name)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		// Touched, so that Remove sees that somebody is about to name it.
		if now := time.Now(); os.Chtimes(path, now, now) == nil {
			return name, nil
		}
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", err
	}
	return name, d.writeDurably(folder, path, data)
}

// writeDurably writes in the workshop, syncs, renames, and syncs the folder, so that the
// name stands for the whole content or for nothing.
func (d *Disk) writeDurably(folder, path string, data []byte) (err error) {
	f, err := os.CreateTemp(d.workshop(), "picture-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// Open opens a file for reading.
func (d *Disk) Open(name string) (*os.File, error) {
	if !namePattern.MatchString(name) {
		return nil, ErrUnknown
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnknown
	}
	return f, err
}
