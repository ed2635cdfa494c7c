package main

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/notify"
)

type webhookTestCmd struct {
	webhookNamed
	Wait time.Duration `help:"How long to wait for what comes of it; a running server sends it." default:"15s" placeholder:"TIME"`
}

// testBeat is how often a command looks whether a server has sent what it wrote.
const testBeat = 100 * time.Millisecond

// Run writes a test event and waits until a server has sent it.
func (c *webhookTestCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		d, err := b.webhooks.Try(s.ctx, account, c.ID)
		if err != nil {
			return err
		}
		for until := time.Now().Add(c.Wait); d.State == notify.Pending && time.Now().Before(until); {
			select {
			case <-s.ctx.Done():
				return s.ctx.Err()
			case <-time.After(testBeat):
			}
			if d, err = b.webhooks.Delivery(s.ctx, account, c.ID, d.ID); err != nil {
				return err
			}
		}
		if err := s.printDelivery(&d); err != nil {
			return err
		}
		switch d.State {
		case notify.Failed:
			return quiet{errors.New("it did not arrive")}
		case notify.Pending:
			return fmt.Errorf("no server has sent it within %v; it is sent as soon as one runs", c.Wait)
		}
		return nil
	})
}

// printDelivery prints a delivery: one line with what came of the last try.
func (s *streams) printDelivery(d *notify.Delivery) error {
	shown := api.DeliveryOf(d)
	if s.JSON {
		return s.print(shown)
	}
	_, err := fmt.Fprintf(s.out, "%s  %s  %-20s %-9s %s\n", shown.ID, shown.Created, shown.Type, shown.State, deliveryFacts(&shown))
	return err
}

// deliveryFacts says in words what came of a delivery so far.
func deliveryFacts(d *api.Delivery) string {
	facts := fmt.Sprintf("%d tries", d.Attempts)
	if d.Attempts == 1 {
		facts = "1 try"
	}
	if n := len(d.History); n > 0 {
		last := d.History[n-1]
		facts += ", the last one: " + cmp.Or(last.Error, fmt.Sprint(last.Status))
	}
	if d.Next != nil {
		facts += ", the next at " + *d.Next
	}
	return facts
}

type webhookDeliveriesCmd struct {
	webhookNamed
	Limit  int    `help:"How many, up to 100." default:"20" placeholder:"N"`
	Cursor string `help:"A delivery's id: show those before it." placeholder:"ID"`
}

// Run lists deliveries, newest first; with --json, one object a line.
func (c *webhookDeliveriesCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		if c.Limit < 1 || c.Limit > 100 {
			return fmt.Errorf("--limit is %d; allowed: 1 to 100", c.Limit)
		}
		list, err := b.webhooks.Deliveries(s.ctx, account, c.ID, c.Cursor, c.Limit)
		if errors.Is(err, notify.ErrUnknown) {
			return fmt.Errorf("--cursor is %q; allowed: the id of a delivery of this webhook", c.Cursor)
		}
		for i := range list {
			err = errors.Join(err, s.printDelivery(&list[i]))
		}
		return err
	})
}

type webhookReplayCmd struct {
	webhookNamed
	Delivery string `arg:"" optional:"" help:"One delivery's id, as florin webhook deliveries shows it; without it, all that is kept."`
	Since    string `help:"Only what happened at or after this instant (RFC 3339)." placeholder:"TIME"`
	Failed   bool   `help:"Only what did not arrive."`
}

// Run sends again and tells how much.
func (c *webhookReplayCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		if c.Delivery == "" {
			return c.many(s, b, account)
		}
		if c.Since != "" || c.Failed {
			return errors.New("give a delivery, or --since and --failed, not both")
		}
		d, err := b.webhooks.Replay(s.ctx, account, c.ID, c.Delivery)
		if errors.Is(err, notify.ErrUnknown) {
			return fmt.Errorf("there is no delivery %q of this webhook; florin webhook deliveries shows them", c.Delivery)
		}
		if err != nil {
			return err
		}
		return s.printDelivery(&d)
	})
}

func (c *webhookReplayCmd) many(s *streams, b *base, account string) error {
	since, err := instantFlag("--since", c.Since)
	if err != nil {
		return err
	}
	n, err := b.webhooks.ReplaySince(s.ctx, account, c.ID, since, c.Failed)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.print(api.Replayed{Replayed: n})
	}
	_, err = fmt.Fprintf(s.out, "%d sent again\n", n)
	return err
}
