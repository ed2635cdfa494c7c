package blob

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPutAndOpen(t *testing.T) {
	t.Parallel()
	d, err := OpenDisk(filepath.Join(t.TempDir(), "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	name, err := d.Put([]byte("a picture"), "png")
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Put([]byte("a picture"), "png")
	if err != nil || again != name {
		t.Fatalf("the same bytes are %q, then %q (%v)", name, again, err)
	}
	f, err := d.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if got, _ := io.ReadAll(f); string(got) != "a picture" {
		t.Fatalf("read %q", got)
	}
	files, _ := filepath.Glob(filepath.Join(d.workshop(), "*"))
	if len(files) != 0 {
		t.Fatalf("left behind: %v", files)
	}
}

func TestOpenSweepsWhatCrashesLeft(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d, _ := OpenDisk(root)
	old, fresh := filepath.Join(d.workshop(), "picture-1"), filepath.Join(d.workshop(), "picture-2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * leftover)
	if err := os.Chtimes(old, before, before); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDisk(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old file: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("a file that another process may be writing: %v", err)
	}
}

func TestPutMendsATornFile(t *testing.T) {
	t.Parallel()
	d, _ := OpenDisk(t.TempDir())
	name, _ := d.Put([]byte("whole"), "png")
	if err := os.WriteFile(d.path(name), []byte("wh"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put([]byte("whole"), "png"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(d.path(name)); string(got) != "whole" {
		t.Fatalf("read %q", got)
	}
}

func TestRefusesForeignNames(t *testing.T) {
	t.Parallel()
	d, _ := OpenDisk(t.TempDir())
	for _, name := range []string{"", "x", "../../etc/passwd", "/etc/passwd"} {
		if _, err := d.Open(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("Open(%q) = %v, want ErrUnknown", name, err)
		}
	}
	if _, err := d.Put([]byte("x"), "../sh"); err == nil {
		t.Error("an ending with a path was taken")
	}
}
