package main

import (
	"errors"
	"fmt"

	"github.com/florin-studio/florin/internal/identity"
)

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key; it is printed once."`
}

type keyCreateCmd struct {
	User string `required:"" help:"E-mail of the person whose key it is." placeholder:"EMAIL"`
	Name string `help:"What the key is for." default:"command line"`
}

// Run prints a new key, alone on standard output.
func (c *keyCreateCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		p, err := s.person(b, c.User)
		if err != nil {
			return err
		}
		k, secret, err := b.people.CreateKey(s.ctx, p, identity.NewKey{Name: c.Name})
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

// person finds somebody by e-mail.
func (s *streams) person(b *base, email string) (identity.Person, error) {
	p, err := b.people.ByEmail(s.ctx, email)
	if errors.Is(err, identity.ErrUnknown) {
		return p, fmt.Errorf("--user: nobody has the e-mail %q; florin user list shows everybody", email)
	}
	return p, err
}
