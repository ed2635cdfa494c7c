package main

import (
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// accountAt gives a person's account as it is at an instant, now for "".
func (s *streams) accountAt(b *base, email, at string) (token.Account, calendar.Instant, error) {
	when, err := b.instant(at)
	if err != nil {
		return token.Account{}, 0, err
	}
	p, err := s.person(b, email)
	if err != nil {
		return token.Account{}, 0, err
	}
	a, err := b.ledger.Account(s.ctx, p.Account, when)
	return a, when, err
}

type balanceCmd struct {
	User string `required:"" help:"E-mail of the person." placeholder:"EMAIL"`
	At   string `help:"Instant in the past or future (RFC 3339); now by default." placeholder:"TIME"`
}

// Run prints how an account stands as a JSON object; --json makes it one line.
func (c *balanceCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		a, _, err := s.accountAt(b, c.User, c.At)
		if err != nil {
			return s.refusedJSON(err)
		}
		summary := b.catalog.Load().Rules().Summary(a)
		if s.JSON {
			return s.print(summary)
		}
		return s.printIndented(summary)
	})
}
