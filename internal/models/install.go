package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Step is what an installation is doing.
type Step string

// The steps, in order.
const (
	Downloading Step = "downloading"
	Checking    Step = "checking"
	Unpacking   Step = "unpacking"
	Done        Step = "done"
)

// Progress is how far an installation is with one item.
type Progress struct {
	Item  string `json:"item"`
	Step  Step   `json:"step"`
	Bytes int64  `json:"bytes"`
	Total int64  `json:"total"`
}

// Install brings a set's items that are not there yet. Interrupted at any point it leaves
// what is finished, and a second call goes on from there. Tell may be nil.
func (s Store) Install(ctx context.Context, setID string, c Consent, tell func(Progress)) error {
	items, err := s.Needed(setID)
	if err != nil {
		return err
	}
	for _, i := range items {
		if !i.Supported {
			return fmt.Errorf("%s is %w (%s)", i.Name, ErrUnsupported, machine())
		}
	}
	if err := s.ready(); err != nil {
		return s.explain(err)
	}
	if err := s.consent(items, c); err != nil {
		return s.explain(err)
	}
	for _, i := range items {
		report := reporter(i.Item, tell)
		if !i.Installed {
			if err := s.bring(ctx, i.Item, report); err != nil {
				return fmt.Errorf("%s: %w", i.Name, s.explain(err))
			}
		}
		report(Done, i.Download)
	}
	return nil
}

// reporter tells of one item's progress.
func reporter(i Item, tell func(Progress)) func(Step, int64) {
	return func(step Step, n int64) {
		if tell != nil {
			tell(Progress{Item: i.ID, Step: step, Bytes: n, Total: i.Download})
		}
	}
}

// bring fetches an item unless its tarball is at hand, and unpacks it.
func (s Store) bring(ctx context.Context, i Item, report func(Step, int64)) error {
	tarball := filepath.Join(s.Dir, cacheFolder, i.ID+"-"+i.Version+".tgz")
	if s.checked(ctx, i, tarball, report) != nil {
		if err := s.download(ctx, i, tarball, report); err != nil {
			return err
		}
	}
	if err := s.unpack(ctx, i, tarball, func(n int64) { report(Unpacking, n) }); err != nil {
		return err
	}
	return os.Remove(tarball)
}

// checked compares a tarball with its pinned sum.
func (s Store) checked(ctx context.Context, i Item, tarball string, report func(Step, int64)) error {
	got, err := integrity(ctx, tarball, func(n int64) { report(Checking, n) })
	if err == nil && got != i.Integrity {
		err = fmt.Errorf("%s@%s: %w: its sum is %s, not %s", i.Package, i.Version, ErrDamaged, got, i.Integrity)
	}
	return err
}

// download has npm bring a tarball, checks it and keeps it until it is unpacked.
func (s Store) download(ctx context.Context, i Item, tarball string, report func(Step, int64)) (err error) {
	work, err := os.MkdirTemp(s.Dir, tempPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	report(Downloading, 0)
	path, err := s.fetch(ctx, i, work, func(n int64) { report(Downloading, n) })
	if err != nil {
		return err
	}
	if err := s.checked(ctx, i, path, report); err != nil {
		return err
	}
	return os.Rename(path, tarball)
}

// Import installs the item whose tarball the file is, without the network.
func (s Store) Import(ctx context.Context, file string, c Consent, tell func(Progress)) (Item, error) {
	got, err := integrity(ctx, file, nil)
	if err != nil {
		return Item{}, fmt.Errorf("%s: %w", file, cause(err))
	}
	var known []string
	for _, i := range s.known() {
		known = append(known, i.Package+"@"+i.Version)
		if i.Integrity != got {
			continue
		}
		if err := s.ready(); err != nil {
			return i, s.explain(err)
		}
		list, err := s.List()
		if err != nil {
			return i, err
		}
		for _, st := range list {
			if st.ID == i.ID {
				err = s.consent([]Status{st}, c)
			}
		}
		if err != nil {
			return i, s.explain(err)
		}
		report := reporter(i, tell)
		if err := s.unpack(ctx, i, file, func(n int64) { report(Unpacking, n) }); err != nil {
			return i, fmt.Errorf("%s: %w", i.Name, s.explain(err))
		}
		report(Done, i.Download)
		return i, nil
	}
	return Item{}, fmt.Errorf("%s: %w: its sum is %s; known are the npm tarballs of %s", file, ErrUnknown, got, strings.Join(known, ", "))
}

// ErrFull means that the disk is full. Nothing that was there before is lost.
var ErrFull = errors.New("the disk is full")

// explain says in words what a full disk is.
func (s Store) explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: an installation in %s needs up to %d MB there while it runs; what was installed before is unharmed (%w)", ErrFull, s.Dir, roomMB, err)
	}
	return err
}

// roomMB is what installing the largest item takes for a moment: npm's cache, the tarball
// and the files.
const roomMB = 350
