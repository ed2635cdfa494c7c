package main

type balanceCmd struct {
	User string `required:"" help:"E-mail of the person." placeholder:"EMAIL"`
	At   string `help:"Instant in the past or future (RFC 3339); now by default." placeholder:"TIME"`
}

// Run prints how an account stands as a JSON object; --json makes it one line.
func (c *balanceCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		at, err := b.instant(c.At)
		if err != nil {
			return err
		}
		p, err := s.person(b, c.User)
		if err != nil {
			return err
		}
		a, err := b.ledger.Account(s.ctx, p.Account, at)
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
