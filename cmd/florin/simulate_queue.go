package main

import (
	"fmt"
	"os"

	"github.com/florin-studio/florin/internal/sim/line"
)

type simulateQueueCmd struct {
	File    string  `arg:"" optional:"" help:"Scenario in YAML; without one it is generated from the flags." placeholder:"FILE"`
	Seed    uint64  `help:"What decides all that happens by chance." default:"1"`
	Users   int     `help:"How many people." default:"1000"`
	Engines int     `help:"How many engines." default:"10"`
	Hours   float64 `help:"How long, in hours of virtual time." default:"2"`
	Load    float64 `help:"How much is asked for, against what the engines can do." default:"0.9"`
	SVG     string  `help:"Draw the waiting times into this file." name:"svg" placeholder:"FILE"`
}

// Run simulates and prints what happened.
func (c *simulateQueueCmd) Run(s *streams) error {
	scenario := line.Generate(c.Users, c.Engines, c.Hours, c.Load)
	if c.File != "" {
		text, err := os.ReadFile(c.File)
		if err != nil {
			return err
		}
		if scenario, err = line.Read(text); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	}
	report, err := line.Run(s.ctx, scenario, c.Seed)
	if err != nil {
		return err
	}
	if c.SVG != "" {
		if err := os.WriteFile(c.SVG, report.SVG(), 0o644); err != nil {
			return err
		}
	}
	if s.JSON {
		return s.print(report)
	}
	return report.Print(s.out)
}
