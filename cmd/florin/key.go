package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/florin-studio/florin/internal/identity"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key; it is printed once."`
	List   keyListCmd   `cmd:"" help:"List a person's keys, or the service keys."`
	Revoke keyRevokeCmd `cmd:"" help:"Revoke a key; running servers forget it within a second."`
}

// keyOwner says whose keys are meant: a person's, or those that act for every account.
type keyOwner struct {
	User string `help:"E-mail of the person whose key it is." placeholder:"EMAIL" xor:"owner" required:""`
}

type keyCreateCmd struct {
	keyOwner
	Service     string   `help:"Make a service key of this name instead: it acts for every account, through the token API." placeholder:"NAME" xor:"owner" required:""`
	Name        string   `help:"What a person's key is for." default:"command line"`
	Scopes      []string `help:"What it may do: read, generate, admin; for a service key read, tokens, admin." placeholder:"SCOPE"`
	Expires     string   `help:"When it stops working (RFC 3339); never by default." placeholder:"TIME"`
	BudgetDay   int64    `help:"Tokens it may take in a day of UTC; 0 is no limit." placeholder:"TOKENS"`
	BudgetTotal int64    `help:"Tokens it may take in all; 0 is no limit." placeholder:"TOKENS"`
	Rate        int64    `help:"Requests a minute; 0 is the server's usual for people and no limit for service keys." placeholder:"N"`

	WebhookURL    string `help:"Address that is told what the key's jobs come to." name:"webhook-url" placeholder:"URL"`
	WebhookSecret string `help:"What goes with it as Authorization: Bearer; nothing by default." name:"webhook-secret" placeholder:"SECRET"`
	webhookReach
}

// Run prints a new key, alone on standard output.
func (c *keyCreateCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		c.allow(b)
		terms := identity.NewKey{
			Name: cmp.Or(c.Service, c.Name), BudgetDay: c.BudgetDay, BudgetTotal: c.BudgetTotal, Rate: c.Rate, WebhookURL: c.WebhookURL, WebhookSecret: c.WebhookSecret,
		}
		for _, scope := range c.Scopes {
			terms.Scopes = append(terms.Scopes, identity.Scope(scope))
		}
		var err error
		if terms.Expires, err = instantFlag("--expires", c.Expires); err != nil {
			return err
		}
		k, secret, err := c.create(s, b, terms)
		if err != nil {
			return s.refusedJSON(err)
		}
		if s.JSON {
			return s.print(map[string]string{"id": k.ID, "name": k.Name, "key": secret})
		}
		_, err = fmt.Fprintln(s.out, secret)
		return err
	})
}

func (c *keyCreateCmd) create(s *streams, b *base, terms identity.NewKey) (identity.Key, string, error) {
	if c.Service != "" {
		return b.people.CreateServiceKey(s.ctx, terms)
	}
	p, err := s.person(b, c.User)
	if err != nil {
		return identity.Key{}, "", err
	}
	return b.people.CreateKey(s.ctx, p, terms)
}

type keyListCmd struct {
	keyOwner
	Service bool `help:"List the service keys." xor:"owner" required:""`
}

// Run lists keys, oldest first; with --json, one object a line.
func (c *keyListCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		keys, err := b.people.ServiceKeys(s.ctx)
		if !c.Service {
			p, unknown := s.person(b, c.User)
			if unknown != nil {
				return unknown
			}
			keys, err = b.people.Keys(s.ctx, p)
		}
		for _, k := range keys {
			if s.JSON {
				err = errors.Join(err, s.print(k))
				continue
			}
			_, failed := fmt.Fprintf(s.out, "%s  %s  %-24s %-20s %s\n", k.ID, k.Hint, k.Name, scopeWords(k.Scopes), keyFacts(&k))
			err = errors.Join(err, failed)
		}
		return err
	})
}

func scopeWords(scopes []identity.Scope) string {
	words := make([]string, len(scopes))
	for i, scope := range scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, ",")
}

// keyFacts says in words what is special about a key.
func keyFacts(k *identity.Key) string {
	var facts []string
	if k.LastUsed == 0 {
		facts = append(facts, "never used")
	} else {
		facts = append(facts, "used "+k.LastUsed.String())
	}
	if k.Expires != 0 {
		facts = append(facts, "expires "+k.Expires.String())
	}
	if k.BudgetDay > 0 {
		facts = append(facts, fmt.Sprintf("%d of %d tokens today", k.SpentDay, k.BudgetDay))
	}
	if k.BudgetTotal > 0 {
		facts = append(facts, fmt.Sprintf("%d of %d tokens in all", k.SpentTotal, k.BudgetTotal))
	}
	switch {
	case k.WebhookDisabled != 0:
		facts = append(facts, "told nobody since "+k.WebhookDisabled.String())
	case k.WebhookURL != "":
		facts = append(facts, "tells "+k.WebhookURL)
	}
	return strings.Join(facts, ", ")
}

type keyRevokeCmd struct {
	keyOwner
	Service bool   `help:"Revoke a service key." xor:"owner" required:""`
	ID      string `arg:"" help:"The key's id, as florin key list shows it."`
}

// Run revokes a key.
func (c *keyRevokeCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		var err error
		if c.Service {
			err = b.people.DeleteServiceKey(s.ctx, c.ID)
		} else {
			p, unknown := s.person(b, c.User)
			if unknown != nil {
				return unknown
			}
			err = b.people.DeleteKey(s.ctx, p, c.ID)
		}
		if errors.Is(err, identity.ErrUnknown) {
			return fmt.Errorf("there is no key %q among these; florin key list shows them", c.ID)
		}
		return err
	})
}

// person finds somebody by e-mail.
func (s *streams) person(b *base, email string) (identity.Person, error) {
	p, err := b.people.ByEmail(s.ctx, email)
	if errors.Is(err, identity.ErrUnknown) {
		return p, fmt.Errorf("--user: nobody has the e-mail %q; florin user list shows everybody", email)
	}
	return p, err
}
