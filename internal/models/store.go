package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Store is the folder of models.
type Store struct {
	// Dir is the folder; it is made when something is installed.
	Dir string
	// NPM is the client that fetches packages, "npm" when empty.
	NPM string
	// Now tells the time that acceptances are recorded with; time.Now when nil.
	Now func() time.Time

	items []Item // instead of the pinned ones, in tests
}

// Status is how an item stands.
type Status struct {
	Item
	// Supported tells whether the item has files for this machine.
	Supported bool `json:"supported"`
	// Installed tells whether all files are there, in their size. Verify reads them too.
	Installed bool `json:"installed"`
	// Accepted is who accepted the present text of the licence, or nil.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

var (
	// ErrUnknown means that there is no item or set of that name.
	ErrUnknown = errors.New("unknown")
	// ErrUnsupported means that there are no files for this machine.
	ErrUnsupported = errors.New("not available for this machine")
	// ErrLicence means that a licence has to be accepted first.
	ErrLicence = errors.New("the licence has to be accepted")
	// ErrNeeded means that something else that is installed needs it.
	ErrNeeded = errors.New("still needed")
	// ErrDamaged means that a file has other bytes than the pinned ones.
	ErrDamaged = errors.New("not the pinned content")
)

func (s Store) known() []Item {
	if s.items != nil {
		return s.items
	}
	return pinned(machine())
}

func (s Store) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// item finds an item.
func (s Store) item(id string) (Item, error) {
	for _, i := range s.known() {
		if i.ID == id {
			return i, nil
		}
	}
	return Item{}, fmt.Errorf("model %q: %w", id, ErrUnknown)
}

// set finds a set.
func set(id string) (Set, error) {
	var ids []string
	for _, s := range Sets() {
		if s.ID == id {
			return s, nil
		}
		ids = append(ids, s.ID)
	}
	return Set{}, fmt.Errorf("set %q: %w; there are %s", id, ErrUnknown, strings.Join(ids, ", "))
}

// Needed lists the items of a set, with how they stand.
func (s Store) Needed(setID string) ([]Status, error) {
	wanted, err := set(setID)
	if err != nil {
		return nil, err
	}
	all, err := s.List()
	return slices.DeleteFunc(all, func(i Status) bool { return !slices.Contains(wanted.Items, i.ID) }), err
}

// List tells how every item stands.
func (s Store) List() ([]Status, error) {
	accepted, err := s.acceptances()
	if err != nil {
		return nil, err
	}
	var out []Status
	for _, i := range s.known() {
		st := Status{Item: i, Supported: len(i.Files) > 0, Installed: s.has(i)}
		for _, a := range accepted {
			if a.Item == i.ID && a.Text == i.Licence.Sum() {
				st.Accepted = &a
			}
		}
		out = append(out, st)
	}
	return out, nil
}

// folder is where an item's files lie. It names version and machine, so that a data
// folder can move and an update never mixes files.
func (s Store) folder(i Item) string {
	name := i.ID + "-" + i.Version
	if i.ID == Runtime {
		name += "-" + strings.ReplaceAll(machine(), "/", "-")
	}
	return filepath.Join(s.Dir, name)
}

// has tells whether all files of an item are there, in their size.
func (s Store) has(i Item) bool {
	for _, f := range i.Files {
		info, err := os.Stat(filepath.Join(s.folder(i), f.Name))
		if err != nil || !info.Mode().IsRegular() || info.Size() != f.Bytes {
			return false
		}
	}
	return len(i.Files) > 0
}

// Installed tells whether an item is there; it looks at the files' sizes only.
func (s Store) Installed(id string) bool {
	i, err := s.item(id)
	return err == nil && s.has(i)
}

// Supported tells whether an item has files for this machine.
func (s Store) Supported(id string) bool {
	i, err := s.item(id)
	return err == nil && len(i.Files) > 0
}

// Open gives the path of an item's first file after reading it and comparing it with its
// pinned sum. A path that it returned holds code or weights that can be trusted.
func (s Store) Open(id string) (string, error) {
	i, err := s.item(id)
	if err != nil {
		return "", err
	}
	if !s.has(i) {
		return "", fmt.Errorf("%s: %w", i.Name, fs.ErrNotExist)
	}
	path := filepath.Join(s.folder(i), i.Files[0].Name)
	return path, verify(path, i.Files[0])
}

// Finding is what Verify found of one file.
type Finding struct {
	Item string `json:"item"`
	File string `json:"file"`
	Path string `json:"path"`
	OK   bool   `json:"ok"`
	// Problem says in words what is wrong.
	Problem string `json:"problem,omitempty"`
}

// Verify reads all files of the items that are there, even if only in part, and compares
// them with their pinned sums.
func (s Store) Verify() []Finding {
	out := []Finding{}
	for _, i := range s.known() {
		if _, err := os.Stat(s.folder(i)); err != nil {
			continue
		}
		for _, f := range i.Files {
			found := Finding{Item: i.ID, File: f.Name, Path: filepath.Join(s.folder(i), f.Name), OK: true}
			if err := verify(found.Path, f); err != nil {
				found.OK, found.Problem = false, cause(err).Error()
			}
			out = append(out, found)
		}
	}
	return out
}

// cause takes the path off a file error.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func verify(path string, want File) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); n != want.Bytes || got != want.SHA256 {
		return fmt.Errorf("%s: %w: %d bytes with the SHA-256 %s, not %d with %s", want.Name, ErrDamaged, n, got, want.Bytes, want.SHA256)
	}
	return nil
}

// Remove takes a set's files away, but for those that something else still needs: the
// runtime goes only when nothing is left that runs on it.
func (s Store) Remove(setID string) error {
	wanted, err := set(setID)
	if err != nil {
		return err
	}
	if setID == "background" {
		wanted.Items = []string{ISNet} // upscaling keeps its runtime
	}
	if !slices.Contains(wanted.Items, ISNet) && s.Installed(ISNet) {
		return fmt.Errorf("%s is %w by background removal: remove background first, or all", Runtime, ErrNeeded)
	}
	for _, id := range wanted.Items {
		i, err := s.item(id)
		if err != nil {
			return err
		}
		if err := s.discard(i); err != nil {
			return err
		}
	}
	return nil
}

// discard moves the folder away and then deletes it, so that no part of it is ever taken for the whole.
func (s Store) discard(i Item) error {
	away, err := os.MkdirTemp(s.Dir, tempPrefix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = os.Rename(s.folder(i), filepath.Join(away, "old"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(away))
}

// Offer tells whether to offer the permissive set: something that helps at once, fits
// this machine, asks for no more than a notice, and is not there.
func (s Store) Offer() bool { return s.Supported(Runtime) && !s.Installed(Runtime) }
