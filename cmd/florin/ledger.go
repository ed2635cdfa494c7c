package main

import (
	"fmt"
	"io"
	"os"

	"github.com/florin-studio/florin/internal/ledger"
)

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:"" help:"Replay journals and compare state, chain and sums."`
	Export ledgerExportCmd `cmd:"" help:"Write whole histories as JSON Lines."`
	Import ledgerImportCmd `cmd:"" help:"Read histories into an empty ledger; each is verified."`
}

type ledgerVerifyCmd struct {
	Account string `help:"One account; all by default." placeholder:"ID"`
}

// Run verifies; the exit code is 1 where anything differs.
func (c *ledgerVerifyCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		differences := 0
		summary, err := b.ledger.Verify(s.ctx, c.Account, func(d ledger.Difference) {
			differences++
			if s.JSON {
				_ = s.print(d)
				return
			}
			_, _ = fmt.Fprintln(s.out, d)
		})
		if err != nil {
			return err
		}
		if err := s.printSummary(summary); err != nil {
			return err
		}
		if differences > 0 {
			return quiet{fmt.Errorf("%d differences", differences)}
		}
		return nil
	})
}

type ledgerExportCmd struct {
	Account string `help:"One account; all by default." placeholder:"ID"`
}

// Run writes the history to standard output.
func (c *ledgerExportCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error { return b.ledger.Export(s.ctx, s.out, c.Account) })
}

type ledgerImportCmd struct {
	File string `arg:"" help:"File of an export; - for standard input."`
}

// Run reads a history.
func (c *ledgerImportCmd) Run(s *streams) error {
	var in io.Reader = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, plainCause(err))
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	return s.with(true, func(b *base) error {
		summary, err := b.ledger.Import(s.ctx, in)
		if err != nil {
			return err
		}
		return s.printSummary(summary)
	})
}

func (s *streams) printSummary(sum ledger.Summary) error {
	if s.JSON {
		return s.print(sum)
	}
	_, err := fmt.Fprintf(s.out, "%d accounts, %d entries, %d names: %d differences\n", sum.Accounts, sum.Entries, sum.Names, sum.Differences)
	return err
}
