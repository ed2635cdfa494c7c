package blob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Remove removes a file that nobody has put for as long as age, and tells whether it did.
// It is safe against a Put of the same bytes at the same time, by this process or another:
// either the file stays, or Put writes it anew.
func (d *Disk) Remove(name string, age time.Duration) (bool, error) {
	if !namePattern.MatchString(name) {
		return false, ErrUnknown
	}
	path := d.path(name)
	if young, err := touched(path, age); err != nil || young {
		return false, err
	}
	// Moved aside first: a Put from now on finds no file, and one that found it before has
	// left its touch on what was moved.
	aside, err := os.CreateTemp(d.workshop(), "removed-*")
	if err != nil {
		return false, err
	}
	_ = aside.Close()
	if err := os.Rename(path, aside.Name()); err != nil {
		return false, errors.Join(known(err), os.Remove(aside.Name()))
	}
	if young, err := touched(aside.Name(), age); err != nil || young {
		return false, errors.Join(err, os.Rename(aside.Name(), path))
	}
	return true, os.Remove(aside.Name())
}

// touched tells whether a file was written or put again within age; with age 0 never.
func touched(path string, age time.Duration) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, known(err)
	}
	return age > 0 && time.Since(info.ModTime()) < age, nil
}

func known(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrUnknown
	}
	return err
}

// Walk visits the names of all files, in no particular order.
func (d *Disk) Walk(visit func(name string) error) error {
	folders, err := os.ReadDir(d.root)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !folder.IsDir() || len(folder.Name()) != 2 {
			continue
		}
		files, err := os.ReadDir(filepath.Join(d.root, folder.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			if !namePattern.MatchString(f.Name()) {
				continue
			}
			if err := visit(f.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}
