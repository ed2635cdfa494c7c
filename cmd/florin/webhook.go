package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

type webhookCmd struct {
	List       webhookListCmd       `cmd:"" help:"List a person's webhooks, those of their keys included, or the installation's."`
	Create     webhookCreateCmd     `cmd:"" help:"Make one; its secret is printed once."`
	Get        webhookGetCmd        `cmd:"" help:"Show one, with all its settings."`
	Update     webhookUpdateCmd     `cmd:"" help:"Change, disable or enable one; what is not given stays."`
	Delete     webhookDeleteCmd     `cmd:"" help:"Remove one, with its log and what was still to be sent."`
	Test       webhookTestCmd       `cmd:"" help:"Send a webhook.test event, once, and tell what came of it; also to a disabled one."`
	Rotate     webhookRotateCmd     `cmd:"" help:"Make a new secret, printed once; the old one also signs for 24 hours."`
	Deliveries webhookDeliveriesCmd `cmd:"" help:"Show what was and will be sent, newest first; it is kept for 14 days."`
	Replay     webhookReplayCmd     `cmd:"" help:"Send a delivery again, or all that happened since an instant, under the same ids."`
}

// webhookOwner says whose webhooks are meant: a person's, or those that hear of every account.
type webhookOwner struct {
	User         string `help:"E-mail of the person whose webhook it is." placeholder:"EMAIL" xor:"owner" required:""`
	Installation bool   `help:"Those of the installation, which hear of every account." xor:"owner" required:""`
}

// account is whose webhooks are meant, empty for the installation.
func (o *webhookOwner) account(s *streams, b *base) (string, error) {
	if o.Installation {
		return "", nil
	}
	p, err := s.person(b, o.User)
	return p.Account, err
}

// webhookNamed is one of an owner's webhooks.
type webhookNamed struct {
	webhookOwner
	ID string `arg:"" help:"The webhook's id, as florin webhook list shows it."`
}

// with opens the data for something that is done to the webhook.
func (n *webhookNamed) with(s *streams, do func(b *base, account string) error) error {
	return s.with(false, func(b *base) error {
		account, err := n.account(s, b)
		if err != nil {
			return err
		}
		// What it names is told first: a delivery that is unknown has a webhook that is not.
		if _, err := b.webhooks.Endpoint(s.ctx, account, n.ID); errors.Is(err, notify.ErrUnknown) {
			return fmt.Errorf("there is no webhook %q among these; florin webhook list shows them", n.ID)
		} else if err != nil {
			return err
		}
		return s.refusedJSON(do(b, account))
	})
}

// webhookReach is how far webhooks may go. A command can't ask the servers, so it is told
// as they are: on the command line, or by the settings that they share.
type webhookReach struct {
	WebhookPrivate bool `help:"Take private and loopback addresses, and http ones; servers call them only if they have this setting, too." name:"webhook-private"`
}

// allow has addresses checked as servers with this setting check them.
func (r *webhookReach) allow(b *base) {
	b.webhooks.Private = r.WebhookPrivate
	b.people.CheckTarget = b.webhooks.CheckTarget
}

type webhookListCmd struct{ webhookOwner }

// Run lists webhooks, oldest first; with --json, one object a line.
func (c *webhookListCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		account, err := c.account(s, b)
		if err != nil {
			return err
		}
		list, err := b.webhooks.Endpoints(s.ctx, account)
		for i := range list {
			w := api.WebhookOf(&list[i])
			if s.JSON {
				err = errors.Join(err, s.print(w))
				continue
			}
			_, failed := fmt.Fprintf(s.out, "%s  %-6s %s  %s\n", w.ID, w.Kind, w.URL, webhookStands(&w))
			err = errors.Join(err, failed)
		}
		return err
	})
}

// webhookStands says in a few words how a webhook does.
func webhookStands(w *api.Webhook) string {
	switch {
	case w.Disabled != nil:
		return "disabled since " + *w.Disabled + ": " + w.Reason
	case w.Failing != nil:
		return "nothing has arrived since " + *w.Failing
	}
	return "enabled"
}

// webhookTerms are what an owner decides of a webhook.
type webhookTerms struct {
	Name          *string  `help:"What it is for." placeholder:"TEXT"`
	Events        []string `help:"What it is told of, such as generation.complete or balance.below." placeholder:"TYPE"`
	BalanceBelow  *int64   `help:"The mark of balance.below, in tokens." placeholder:"TOKENS"`
	ExpiringHours *int64   `help:"How long before an expiry grant.expiring speaks; 72 by default." placeholder:"HOURS"`
	webhookReach
}

func (t *webhookTerms) types() (all []notify.Type) {
	for _, e := range t.Events {
		all = append(all, notify.Type(e))
	}
	return all
}

// ahead is how long before an expiry grant.expiring speaks; nil where nothing is said.
func (t *webhookTerms) ahead() (*time.Duration, error) {
	if t.ExpiringHours == nil {
		return nil, nil
	}
	hours, most := *t.ExpiringHours, int64(notify.MostAhead/time.Hour)
	if hours < 1 || hours > most {
		return nil, &token.Invalid{Field: "expiring_hours", Value: fmt.Sprint(hours), Allowed: fmt.Sprintf("1 to %d hours", most)}
	}
	ahead := time.Duration(hours) * time.Hour
	return &ahead, nil
}

type webhookCreateCmd struct {
	webhookOwner
	URL string `help:"Address that is told: https, at a public address." name:"url" required:"" placeholder:"URL"`
	webhookTerms
}

// Run prints the secret of a new webhook, alone on standard output.
func (c *webhookCreateCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		account, err := c.account(s, b)
		if err != nil {
			return err
		}
		c.allow(b)
		ahead, err := c.ahead()
		if err != nil {
			return s.refusedJSON(err)
		}
		terms := notify.Terms{URL: c.URL, Events: c.types()}
		if c.Name != nil {
			terms.Name = *c.Name
		}
		if c.BalanceBelow != nil {
			terms.Below = *c.BalanceBelow
		}
		if ahead != nil {
			terms.Ahead = *ahead
		}
		e, secret, err := b.webhooks.Create(s.ctx, account, terms)
		if err != nil {
			return s.refusedJSON(err)
		}
		return s.printSecret(&e, secret)
	})
}

// printSecret prints a secret that is not shown again.
func (s *streams) printSecret(e *notify.Endpoint, secret string) error {
	if s.JSON {
		return s.print(api.NewWebhook{Webhook: api.WebhookOf(e), Secret: secret})
	}
	_, err := fmt.Fprintln(s.out, secret)
	return err
}

type webhookGetCmd struct{ webhookNamed }

// Run shows a webhook.
func (c *webhookGetCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		e, err := b.webhooks.Endpoint(s.ctx, account, c.ID)
		if err != nil {
			return err
		}
		return s.printWebhook(&e)
	})
}

func (s *streams) printWebhook(e *notify.Endpoint) error {
	w := api.WebhookOf(e)
	if s.JSON {
		return s.print(w)
	}
	return s.printIndented(w)
}

type webhookUpdateCmd struct {
	webhookNamed
	URL     *string `help:"Another address." name:"url" placeholder:"URL"`
	Enabled *bool   `help:"--enabled lets a disabled webhook try again, --enabled=false disables it."`
	webhookTerms
}

// Run changes a webhook and shows it.
func (c *webhookUpdateCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		c.allow(b)
		ahead, err := c.ahead()
		if err != nil {
			return err
		}
		patch := notify.Patch{Name: c.Name, URL: c.URL, Events: c.types(), Below: c.BalanceBelow, Ahead: ahead, Enabled: c.Enabled}
		if patch.Empty() {
			return errors.New("nothing to change; give --url, --events, --name, --balance-below, --expiring-hours or --enabled")
		}
		e, err := b.webhooks.Update(s.ctx, account, c.ID, patch)
		if err != nil {
			return err
		}
		return s.printWebhook(&e)
	})
}

type webhookDeleteCmd struct{ webhookNamed }

// Run removes a webhook.
func (c *webhookDeleteCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error { return b.webhooks.Delete(s.ctx, account, c.ID) })
}

type webhookRotateCmd struct{ webhookNamed }

// Run prints the new secret, alone on standard output.
func (c *webhookRotateCmd) Run(s *streams) error {
	return c.with(s, func(b *base, account string) error {
		e, secret, err := b.webhooks.Rotate(s.ctx, account, c.ID)
		if err != nil {
			return err
		}
		return s.printSecret(&e, secret)
	})
}

// instantFlag reads a time of a flag; none is zero.
func instantFlag(name, text string) (calendar.Instant, error) {
	if text == "" {
		return 0, nil
	}
	at, err := calendar.ParseInstant(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return at, nil
}
