package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tarball packs members as npm does.
func tarball(t *testing.T, members map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	w := tar.NewWriter(packed)
	for _, name := range []string{"package/extra", "package/b", "package/a", "package/LICENSE.md"} {
		content, ok := members[name]
		if !ok {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// world is a store with two items, and an npm that hands out their tarballs.
type world struct {
	Store
	packs map[string][]byte // by package
	bin   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{packs: map[string][]byte{}, bin: t.TempDir()}
	w.Store = Store{Dir: filepath.Join(t.TempDir(), "models"), Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	w.NPM = filepath.Join(w.bin, "npm")
	w.packs["runtime"] = tarball(t, map[string]string{"package/a": "the library", "package/extra": "not wanted"})
	// A network of two pieces, which lie in the tarball the other way round.
	first, second := strings.Repeat("x", chunkSize), "the end"
	w.packs["network"] = tarball(t, map[string]string{"package/a": first, "package/b": second, "package/LICENSE.md": "terms"})
	whole := first + second
	w.items = []Item{
		{
			ID: Runtime, Name: "Runtime", Package: "runtime", Version: "1.0.0", Licence: Licence{Name: "MIT", Permissive: true},
			Files: []File{{Name: "lib.so", Bytes: 11, SHA256: sha("the library"), members: []string{"package/a"}}},
		},
		{
			ID: ISNet, Name: "Network", Package: "network", Version: "2.0.0", Licence: Licence{Name: "unclear", Text: "mind this"},
			Files: []File{
				{Name: "net.onnx", Bytes: int64(len(whole)), SHA256: sha(whole), members: []string{"package/a", "package/b"}},
				{Name: "LICENSE.md", Bytes: 5, SHA256: sha("terms"), members: []string{"package/LICENSE.md"}},
			},
		},
	}
	for i := range w.items {
		sum := sha512.Sum512(w.packs[w.items[i].Package])
		w.items[i].Integrity = "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
		w.items[i].Download = int64(len(w.packs[w.items[i].Package]))
	}
	w.npm(t, `cp "`+w.bin+`/$name.tgz" "$to/$name-1.tgz"`)
	for name, pack := range w.packs {
		if err := os.WriteFile(filepath.Join(w.bin, name+".tgz"), pack, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// npm makes the client a shell script, which knows $name and $to.
func (w *world) npm(t *testing.T, script string) {
	t.Helper()
	text := `#!/bin/sh
echo "$@" >> "` + w.bin + `/calls"
name=${2%@*}
while [ $# -gt 0 ]; do [ "$1" = --pack-destination ] && to=$2; shift; done
` + script + "\n"
	if err := os.WriteFile(w.NPM, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// calls counts how often npm was asked.
func (w *world) calls(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.bin, "calls"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(raw), "\n")
}

var yes = Consent{Who: "ada@example.org", Licences: true}

// clean fails the test if an installation left anything half done.
func (w *world) clean(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			t.Errorf("%s was left", e.Name())
		}
	}
}

func TestInstallVerifyRemove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var steps []Step
	err := w.Install(t.Context(), "background", yes, func(p Progress) {
		if len(steps) == 0 || steps[len(steps)-1] != p.Step {
			steps = append(steps, p.Step)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.clean(t)
	if got := fmt.Sprint(steps); got != "[downloading checking unpacking done downloading checking unpacking done]" {
		t.Errorf("steps %s", got)
	}
	if !w.Installed(Runtime) || !w.Installed(ISNet) {
		t.Error("not installed")
	}
	for _, f := range w.Verify() {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
	raw, err := os.ReadFile(filepath.Join(w.bin, "calls"))
	if err != nil || !strings.Contains(string(raw), "--ignore-scripts") || !strings.Contains(string(raw), "runtime@1.0.0") {
		t.Errorf("npm was called with %s", raw)
	}
	if err := w.Install(t.Context(), "background", Consent{}, nil); err != nil || w.calls(t) != 2 {
		t.Errorf("a second time: %v, npm was asked %d times", err, w.calls(t))
	}
	if err := w.Remove("upscale"); !errors.Is(err, ErrNeeded) {
		t.Errorf("got %v", err)
	}
	if err := w.Remove("background"); err != nil || w.Installed(ISNet) || !w.Installed(Runtime) {
		t.Errorf("%v; installed: network %t, runtime %t", err, w.Installed(ISNet), w.Installed(Runtime))
	}
	if err := w.Remove("all"); err != nil || w.Installed(Runtime) {
		t.Errorf("%v", err)
	}
	w.clean(t)
}

func TestLicencesAreAcceptedByNameAndText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Install(t.Context(), "background", Consent{Who: "ada"}, nil); !errors.Is(err, ErrLicence) || w.calls(t) != 0 {
		t.Errorf("got %v after %d calls", err, w.calls(t))
	}
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); err != nil {
		t.Errorf("the permissive set: %v", err)
	}
	if err := w.Install(t.Context(), "background", yes, nil); err != nil {
		t.Fatal(err)
	}
	list, err := w.List()
	if err != nil || list[0].Accepted != nil || list[1].Accepted == nil {
		t.Fatalf("%+v %v", list, err)
	}
	if a := list[1].Accepted; a.Who != "ada@example.org" || a.Text != sha("mind this") || a.At.Unix() != 1_800_000_000 {
		t.Errorf("recorded %+v", a)
	}
	w.items[1].Licence.Text = "mind this and that"
	if list, _ = w.List(); list[1].Accepted != nil {
		t.Error("another text counts as accepted")
	}
}

// Whatever npm brings, only the pinned bytes get in.
func TestOtherContentIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		says   string
	}{
		"another tarball":  {`cp "$(dirname "$0")/network.tgz" "$to/x.tgz"`, "not the pinned content"},
		"no tarball":       {`true`, "brought 0 files"},
		"npm fails":        {`echo "npm error 404 Not Found" >&2; exit 1`, "404 Not Found"},
		"the disk is full": {`echo "npm error code ENOSPC" >&2; exit 1`, "the disk is full"},
	} {
		w := newWorld(t)
		w.npm(t, c.script)
		err := w.Install(t.Context(), "upscale", Consent{}, nil)
		if err == nil || !strings.Contains(err.Error(), c.says) || w.Installed(Runtime) {
			t.Errorf("%s: got %v", name, err)
		}
		w.clean(t)
	}
}

func TestNoNPM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NPM = "/nonexistent/npm"
	err := w.Install(t.Context(), "upscale", Consent{}, nil)
	if err == nil || !strings.Contains(err.Error(), "npm pack runtime@1.0.0") || !strings.Contains(err.Error(), "florin models import") {
		t.Errorf("got %v", err)
	}
}

func TestFullDiskIsExplained(t *testing.T) {
	t.Parallel()
	s := Store{Dir: "somewhere"}
	err := s.explain(&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "350 MB") {
		t.Errorf("got %v", err)
	}
}

// A tarball that is there in full is not fetched again, wherever the last installation stopped.
func TestGoingOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := w.Install(ctx, "upscale", Consent{}, func(p Progress) {
		if p.Step == Unpacking {
			cancel()
		}
	})
	// A tarball this small may be read before anybody looks at the context again.
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	w.clean(t)
	w.npm(t, "exit 1")
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); err != nil || !w.Installed(Runtime) {
		t.Errorf("going on: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(w.Dir, cacheFolder)); len(left) != 0 {
		t.Errorf("%v stays in the cache", left)
	}
}

func TestADamagedTarballInTheCacheIsFetchedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.ready(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Dir, cacheFolder, Runtime+"-1.0.0.tgz"), []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); err != nil || w.calls(t) != 1 {
		t.Errorf("%v after %d calls", err, w.calls(t))
	}
}

func TestCallingOffEndsNPM(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.npm(t, `mkdir -p "$to/cache"; echo some > "$to/cache/part"; exec sleep 600`)
	ctx, cancel := context.WithCancel(t.Context())
	err := w.Install(ctx, "upscale", Consent{}, func(p Progress) {
		if p.Step == Downloading && p.Bytes > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.clean(t)
}

func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NPM = "/nonexistent/npm"
	file := filepath.Join(w.bin, "network.tgz")
	if i, err := w.Import(t.Context(), file, Consent{}, nil); !errors.Is(err, ErrLicence) || i.ID != ISNet {
		t.Errorf("got %s %v", i.ID, err)
	}
	if i, err := w.Import(t.Context(), file, yes, nil); err != nil || i.ID != ISNet || !w.Installed(ISNet) {
		t.Errorf("got %s %v", i.ID, err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the person's file is gone: %v", err)
	}
	stranger := filepath.Join(w.bin, "npm")
	if err := os.WriteFile(stranger, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Import(t.Context(), stranger, yes, nil); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "network@2.0.0") {
		t.Errorf("got %v", err)
	}
}

// Code that somebody changed is found before it is loaded.
func TestChangedFilesAreFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); err != nil {
		t.Fatal(err)
	}
	path, err := w.Open(Runtime)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("the librarY"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Open(Runtime); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	if f := w.Verify(); len(f) != 1 || f[0].OK {
		t.Errorf("%+v", f)
	}
	if err := os.Truncate(path, 3); err != nil {
		t.Fatal(err)
	}
	if w.Installed(Runtime) {
		t.Error("a shorter file counts as installed")
	}
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); err != nil {
		t.Errorf("mending: %v", err)
	}
	if _, err := w.Open(Runtime); err != nil {
		t.Errorf("after mending: %v", err)
	}
}

func TestOtherMachines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.items[0].Files = nil
	if err := w.Install(t.Context(), "upscale", Consent{}, nil); !errors.Is(err, ErrUnsupported) || w.Offer() {
		t.Errorf("got %v, offer %t", err, w.Offer())
	}
}

func TestInTheBackground(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := NewInstaller(t.Context(), w.Store)
	if in.Job() != nil {
		t.Error("a job before any")
	}
	if err := in.Start("background", Consent{}); !errors.Is(err, ErrLicence) {
		t.Errorf("got %v", err)
	}
	if err := in.Start("nothing", yes); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if err := in.Start("background", yes); err != nil {
		t.Fatal(err)
	}
	in.Wait()
	if j := in.Job(); j.Running || j.Error != "" || j.Step != Done || j.Set != "background" {
		t.Errorf("%+v", j)
	}
	if err := in.Remove("all"); err != nil {
		t.Error(err)
	}
	w.npm(t, "echo broken >&2; exit 1")
	if err := in.Start("upscale", Consent{}); err != nil {
		t.Fatal(err)
	}
	in.Wait()
	if j := in.Job(); j.Running || !strings.Contains(j.Error, "broken") {
		t.Errorf("%+v", j)
	}
}

// The table is right in itself: sums look like sums, and pieces add up.
func TestPins(t *testing.T) {
	t.Parallel()
	for machine := range runtimeFiles {
		for _, i := range pinned(machine) {
			sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(i.Integrity, "sha512-"))
			if err != nil || len(sum) != 64 || i.Download < 1<<20 || len(i.Files) == 0 || len(i.Licence.Text) < 200 {
				t.Errorf("%s on %s: %v", i.ID, machine, err)
			}
			for _, f := range i.Files {
				if len(f.SHA256) != 64 || len(f.members) == 0 || f.Bytes > int64(len(f.members))*chunkSize && len(f.members) > 1 {
					t.Errorf("%s: %+v", i.ID, f)
				}
			}
		}
	}
	if items := pinned("plan9/386"); len(items[0].Files) != 0 {
		t.Error("files for a machine that has none")
	}
}
