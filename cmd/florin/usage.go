package main

import (
	"fmt"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// span are the flags of a period.
type span struct {
	From  string `help:"Beginning (RFC 3339); 30 days ago by default." placeholder:"TIME"`
	Until string `help:"End, exclusive (RFC 3339); now by default." placeholder:"TIME"`
}

func (p span) read(now time.Time) (from, until calendar.Instant, err error) {
	until, from = calendar.At(now)+1, calendar.At(now.AddDate(0, 0, -30))
	if p.Until != "" {
		if until, err = calendar.ParseInstant(p.Until); err != nil {
			return 0, 0, fmt.Errorf("--until: %w", err)
		}
	}
	if p.From != "" {
		if from, err = calendar.ParseInstant(p.From); err != nil {
			return 0, 0, fmt.Errorf("--from: %w", err)
		}
	}
	return from, until, nil
}

// reader is a studio that only looks: it has no engines and runs nothing.
func (b *base) reader() *studio.Studio {
	return studio.New(studio.Config{DB: b.db, Ledger: b.ledger, Catalog: func() *catalog.Catalog { return b.catalog.Load() }, Now: b.now})
}

// account finds a person's account, or gives "" for everybody.
func (s *streams) account(b *base, email string) (string, error) {
	if email == "" {
		return "", nil
	}
	p, err := s.person(b, email)
	return p.Account, err
}

type usageCmd struct {
	User string `help:"E-mail of the person; the whole installation by default." placeholder:"EMAIL"`
	span
}

// Run prints usage by day, feature, model, plan, lane and outcome; with --json one object a line.
func (c *usageCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		from, until, err := c.read(b.now())
		if err != nil {
			return err
		}
		account, err := s.account(b, c.User)
		if err != nil {
			return err
		}
		uses, err := b.reader().Usage(s.ctx, account, from, until)
		if err != nil {
			return err
		}
		if !s.JSON {
			_, _ = fmt.Fprintf(s.out, "%-10s  %-22s %-12s %-8s %-10s %6s %9s %9s\n", "day", "feature", "plan", "lane", "outcome", "jobs", "pictures", "tokens")
		}
		for _, u := range uses {
			if s.JSON {
				err = s.print(u)
			} else {
				_, err = fmt.Fprintf(s.out, "%-10s  %-22s %-12s %-8s %-10s %6d %9d %9d\n", u.Day, u.Feature, u.Plan, u.Lane, u.Outcome, u.Jobs, u.Pictures, u.Tokens)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type statementCmd struct {
	User   string   `required:"" help:"E-mail of the person." placeholder:"EMAIL"`
	Format string   `help:"csv or jsonl." enum:"csv,jsonl" default:"jsonl"`
	Kinds  []string `help:"Entry kinds such as hold, settle, roll; all by default."`
	From   string   `help:"Beginning (RFC 3339)." placeholder:"TIME"`
	Until  string   `help:"End, exclusive (RFC 3339)." placeholder:"TIME"`
}

// Run prints an account's journal as CSV or JSON Lines.
func (c *statementCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		p, err := s.person(b, c.User)
		if err != nil {
			return err
		}
		filter := studio.StatementFilter{Kinds: c.Kinds}
		from, until, err := span{c.From, c.Until}.read(b.now())
		if err != nil {
			return err
		}
		if filter.Until = until; c.From != "" {
			filter.From = from
		}
		if c.Format == "csv" {
			return b.reader().StatementCSV(s.ctx, s.out, p.Account, filter)
		}
		return b.reader().StatementLines(s.ctx, s.out, p.Account, filter)
	})
}
