package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Acceptance is the record of somebody accepting a licence.
type Acceptance struct {
	Item    string `json:"item"`
	Version string `json:"version"`
	Licence string `json:"licence"`
	// Text is the SHA-256 of the text that was shown.
	Text string    `json:"text_sha256"`
	Who  string    `json:"who"`
	At   time.Time `json:"at"`
}

// Consent is what a person says to the licences of an installation.
type Consent struct {
	// Who is the person: a name or an address.
	Who string
	// Licences tells that the licences have been read and are accepted.
	Licences bool
}

func (s Store) acceptanceFile() string { return filepath.Join(s.Dir, "accepted.json") }

func (s Store) acceptances() ([]Acceptance, error) {
	raw, err := os.ReadFile(s.acceptanceFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Acceptance
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s is not readable, and nobody's acceptance should be guessed: %w", s.acceptanceFile(), err)
	}
	return list, nil
}

// consent makes sure that the licences of these items are accepted, and records it.
func (s Store) consent(items []Status, c Consent) error {
	var missing []string
	list, err := s.acceptances()
	if err != nil {
		return err
	}
	before := len(list)
	for _, i := range items {
		if i.Licence.Permissive || i.Accepted != nil {
			continue
		}
		if !c.Licences {
			missing = append(missing, fmt.Sprintf("%s (%s)", i.Name, i.Licence.Name))
			continue
		}
		list = append(list, Acceptance{i.ID, i.Version, i.Licence.Name, i.Licence.Sum(), c.Who, s.now().UTC()})
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: %s", ErrLicence, strings.Join(missing, ", "))
	}
	if len(list) == before {
		return nil
	}
	raw, err := json.MarshalIndent(slices.Clip(list), "", "  ")
	if err != nil {
		return err
	}
	return s.write("accepted.json", append(raw, '\n'))
}

// write replaces a file of the folder at once.
func (s Store) write(name string, content []byte) (err error) {
	f, err := os.CreateTemp(s.Dir, tempPrefix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.Dir, name)); err != nil {
		return err
	}
	return syncFolder(s.Dir)
}
