package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

type planCmd struct {
	File string `arg:"" help:"Project in YAML or JSON; - reads it from standard input." placeholder:"FILE"`
	User string `help:"Plan for this person's account; a new account without." placeholder:"EMAIL" xor:"plan,zone"`
	Plan string `help:"Plan of the new account; the catalog's default by default." placeholder:"ID" xor:"plan"`
	Zone string `help:"IANA time zone of the new account; the catalog's by default." xor:"zone"`
	At   string `help:"Instant at which the project begins (RFC 3339); now by default." placeholder:"TIME"`
}

// Run prints what a project costs, what is done when, and which plan fits.
func (c *planCmd) Run(s *streams) error {
	if c.User == "" {
		list, err := s.loadCatalog()
		if err != nil {
			return err
		}
		at, err := (&base{now: time.Now}).instant(c.At)
		if err != nil {
			return err
		}
		a, _, err := list.Rules().Apply(token.Account{ID: "new"}, token.Request{Key: "open", At: at, Command: token.Open{Plan: c.Plan, Zone: c.Zone}})
		if err != nil {
			return s.refusedJSON(err)
		}
		return c.answer(s, list, a, at)
	}
	return s.with(false, func(b *base) error {
		a, at, err := s.accountAt(b, c.User, c.At)
		if err != nil {
			return s.refusedJSON(err)
		}
		return c.answer(s, b.catalog.Load(), a, at)
	})
}

func (c *planCmd) answer(s *streams, list *catalog.Catalog, a token.Account, at calendar.Instant) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	project, err := planner.Read(c.File, text, list)
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
	answer, err := planner.Plan(list, a, project, at, planner.Options{})
	if err != nil {
		return s.refusedJSON(err)
	}
	if s.JSON {
		return s.print(answer)
	}
	_, err = io.WriteString(s.out, answer.Text())
	return err
}

func (c *planCmd) read() ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, 4<<20))
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fmt.Errorf("project %s: %w", c.File, plainCause(err))
	}
	return text, nil
}
