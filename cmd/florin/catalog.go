package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/catalog/scenario"
)

type catalogCmd struct {
	Print  catalogPrintCmd  `cmd:"" help:"Print the catalog in force as a file to start from."`
	Check  catalogCheckCmd  `cmd:"" help:"Check a catalog file; every fault is told at once."`
	Diff   catalogDiffCmd   `cmd:"" help:"Tell in words what a new catalog changes."`
	Test   catalogTestCmd   `cmd:"" help:"Run scenario files against the catalog."`
	Schema catalogSchemaCmd `cmd:"" help:"Print the JSON Schema that editors complete and check with."`
}

type catalogPrintCmd struct{}

// Run prints the catalog: the built-in one with its comments, or the given one.
func (catalogPrintCmd) Run(s *streams) error {
	c, err := s.loadCatalog()
	if err != nil {
		return err
	}
	text := c.Print()
	if s.Catalog == "" {
		text = catalog.DefaultYAML()
	}
	if s.JSON {
		return s.print(map[string]string{"version": c.Version(), "catalog": string(text)})
	}
	_, err = s.out.Write(text)
	return err
}

type catalogCheckCmd struct {
	File string `arg:"" help:"Catalog file."`
}

// Run checks a file.
func (c *catalogCheckCmd) Run(s *streams) error {
	list, err := readCatalog(c.File)
	var faults catalog.Faults
	if s.JSON && errors.As(err, &faults) {
		for _, f := range faults {
			if err := s.print(f); err != nil {
				return err
			}
		}
		return quiet{err}
	}
	if err != nil {
		return err
	}
	if s.JSON {
		return s.print(map[string]any{"ok": true, "file": c.File, "version": list.Version()})
	}
	_, err = fmt.Fprintf(s.out, "%s is right; its version is %s\n", c.File, list.Version())
	return err
}

type catalogDiffCmd struct {
	Old string `arg:"" help:"Old catalog file."`
	New string `arg:"" help:"New catalog file."`
}

// Run tells what changes, one line each.
func (c *catalogDiffCmd) Run(s *streams) error {
	before, err := readCatalog(c.Old)
	if err != nil {
		return err
	}
	after, err := readCatalog(c.New)
	if err != nil {
		return err
	}
	lines := catalog.Diff(before, after)
	if s.JSON {
		return s.print(map[string]any{"old": before.Version(), "new": after.Version(), "changes": append([]string{}, lines...)})
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(s.out, l); err != nil {
			return err
		}
	}
	return nil
}

type catalogTestCmd struct {
	Files []string `arg:"" help:"Scenario files."`
}

// Run runs scenarios, one line each, and the whole story of those that fail.
func (c *catalogTestCmd) Run(s *streams) error {
	list, err := s.loadCatalog()
	if err != nil {
		return err
	}
	failed := 0
	for _, path := range c.Files {
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("scenario %s: %w", path, plainCause(err))
		}
		scenarios, err := scenario.Parse(path, raw)
		if err != nil {
			return err
		}
		for _, sc := range scenarios {
			result := scenario.Run(list, sc)
			if !result.OK() {
				failed++
			}
			if s.JSON {
				err = s.print(result)
			} else {
				err = result.Write(s.out)
			}
			if err != nil {
				return err
			}
		}
	}
	if failed > 0 {
		return quiet{fmt.Errorf("%d scenarios failed", failed)}
	}
	return nil
}

type catalogSchemaCmd struct{}

// Run prints the JSON Schema.
func (catalogSchemaCmd) Run(s *streams) error {
	_, err := s.out.Write(catalog.Schema())
	return err
}
