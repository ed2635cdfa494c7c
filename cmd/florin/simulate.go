package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/florin-studio/florin/internal/sim"
)

type simulateCmd struct {
	Ledger simulateLedgerCmd `cmd:"" help:"Run the real ledger over a database that a seed makes fail."`
	Queue  simulateQueueCmd  `cmd:"" help:"Run the real queue with made-up people and engines in virtual time."`
}

type simulateLedgerCmd struct {
	Seeds uint64        `help:"How many seeds." default:"20000"`
	From  uint64        `help:"First seed." default:"1"`
	Steps int           `help:"Steps of each seed." default:"100"`
	For   time.Duration `help:"Go on with further seeds for so long, instead of a number of seeds." placeholder:"DURATION"`
}

// Run simulates; each failing seed is printed with the command that replays it.
func (c *simulateLedgerCmd) Run(s *streams) error {
	ctx := s.ctx
	if c.For > 0 {
		limited, cancel := context.WithTimeout(ctx, c.For)
		defer cancel()
		ctx, c.Seeds = limited, math.MaxInt64
	}
	summary, err := sim.Run(ctx, sim.Options{From: c.From, Seeds: c.Seeds, Steps: c.Steps}, func(failure string) { _, _ = fmt.Fprintln(s.out, failure) })
	if err != nil && !(c.For > 0 && errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	if s.JSON {
		err = s.print(summary)
	} else {
		_, err = fmt.Fprintf(s.out, "%d seeds, %d failed: %d commands, %d commits, %d conflicts, %d answers lost, %d crashes\n",
			summary.Seeds, summary.Failures, summary.Commands, summary.Commits, summary.Conflicts, summary.Unknown, summary.Crashes)
	}
	if err == nil && summary.Failures > 0 {
		err = quiet{fmt.Errorf("%d seeds failed", summary.Failures)}
	}
	return err
}
