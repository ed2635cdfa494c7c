package models

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// integrity reads a file and gives its SHA-512 as npm writes it.
func integrity(ctx context.Context, path string, read func(int64)) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	sum := sha512.New()
	if _, err := io.Copy(sum, &counted{r: f, ctx: ctx, tell: read}); err != nil {
		return "", err
	}
	return "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}

// counted is a reader that tells how far it is, and ends with its context.
type counted struct {
	r    io.Reader
	ctx  context.Context
	tell func(int64)
	n    int64
}

// Read reads, and counts.
func (c *counted) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.n += int64(n)
	if c.tell != nil {
		c.tell(c.n)
	}
	return n, err
}

// part is where a member of the tarball goes.
type part struct {
	file   *os.File
	offset int64
	length int64 // -1 where the member is the whole file
}

// unpack takes an item's files out of a verified tarball and puts them in their place,
// all at once.
func (s Store) unpack(ctx context.Context, i Item, tarball string, read func(int64)) (err error) {
	if len(i.Files) == 0 {
		return fmt.Errorf("%s is %w (%s)", i.Name, ErrUnsupported, machine())
	}
	work, err := os.MkdirTemp(s.Dir, tempPrefix)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	fresh := filepath.Join(work, "new")
	if err := os.Mkdir(fresh, 0o750); err != nil {
		return err
	}
	if err := s.extract(ctx, i, tarball, fresh, read); err != nil {
		return err
	}
	for _, f := range i.Files {
		if err := verify(filepath.Join(fresh, f.Name), f); err != nil {
			return err
		}
	}
	if err := syncFolder(fresh); err != nil {
		return err
	}
	// What was there before, perhaps damaged, makes room; a crash right here leaves the
	// item uninstalled, and the tarball at hand.
	if err := s.discard(i); err != nil {
		return err
	}
	if err := os.Rename(fresh, s.folder(i)); err != nil {
		return err
	}
	return syncFolder(s.Dir)
}

// extract writes the listed members of the tarball into files.
func (s Store) extract(ctx context.Context, i Item, tarball, folder string, read func(int64)) (err error) {
	parts := map[string]part{}
	for _, f := range i.Files {
		out, err := os.OpenFile(filepath.Join(folder, f.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
		for n, member := range f.members {
			length := int64(-1)
			if len(f.members) > 1 {
				length = min(chunkSize, f.Bytes-int64(n)*chunkSize)
			}
			parts[member] = part{out, int64(n) * chunkSize, length}
		}
	}
	if err := walk(ctx, tarball, parts, read); err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.file.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// walk reads the tarball once and takes what is wanted.
func walk(ctx context.Context, tarball string, parts map[string]part, read func(int64)) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	packed, err := gzip.NewReader(bufio.NewReaderSize(&counted{r: f, ctx: ctx, tell: read}, 1<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(tarball), err)
	}
	members := tar.NewReader(packed)
	taken := 0
	for taken < len(parts) {
		head, err := members.Next()
		if err != nil {
			return fmt.Errorf("%s: %d of %d files found: %w", filepath.Base(tarball), taken, len(parts), err)
		}
		p, ok := parts[head.Name]
		if !ok || head.Typeflag != tar.TypeReg {
			continue
		}
		if p.length >= 0 && head.Size != p.length {
			return fmt.Errorf("%s: %w: %d bytes, not %d", head.Name, ErrDamaged, head.Size, p.length)
		}
		if _, err := io.Copy(io.NewOffsetWriter(p.file, p.offset), members); err != nil {
			return err
		}
		taken++
	}
	return nil
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}
