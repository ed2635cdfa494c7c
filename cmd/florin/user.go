package main

import (
	"fmt"

	"github.com/florin-studio/florin/internal/identity"
)

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Add a person with an account."`
	List   userListCmd   `cmd:"" help:"List everybody, oldest first."`
}

type userCreateCmd struct {
	Email    string `required:"" help:"E-mail address to sign in with."`
	Password string `required:"" help:"Password of 8 or more characters."`
	Name     string `help:"Name; the e-mail's first part by default."`
	Plan     string `help:"Plan; the catalog's default by default." placeholder:"ID"`
	Zone     string `help:"IANA time zone of the daily reset; the catalog's by default."`
	Admin    bool   `help:"Make the person an administrator."`
}

// Run adds a person.
func (c *userCreateCmd) Run(s *streams) error {
	return s.with(true, func(b *base) error {
		p, err := b.people.Create(s.ctx, identity.NewPerson{Name: c.Name, Email: c.Email, Password: c.Password, Admin: c.Admin, Plan: c.Plan, Zone: c.Zone})
		if err != nil {
			return s.refusedJSON(err)
		}
		if s.JSON {
			return s.printPerson(b, p)
		}
		_, err = fmt.Fprintf(s.out, "%s is %s\n", p.Email, p.ID)
		return err
	})
}

// personJSON is a person as --json prints them.
type personJSON struct {
	ID      string `json:"id"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	Admin   bool   `json:"admin"`
	Account string `json:"account"`
	Plan    string `json:"plan"`
	Created string `json:"created_at"`
}

func (s *streams) printPerson(b *base, p identity.Person) error {
	row, err := s.personRow(b, p)
	if err != nil {
		return err
	}
	return s.print(row)
}

func (s *streams) personRow(b *base, p identity.Person) (personJSON, error) {
	now, err := b.instant("")
	if err != nil {
		return personJSON{}, err
	}
	a, err := b.ledger.Account(s.ctx, p.Account, now)
	return personJSON{ID: p.ID, Email: p.Email, Name: p.Name, Admin: p.Admin, Account: p.Account, Plan: a.Facts.Plan, Created: p.Created.String()}, err
}

type userListCmd struct{}

// Run lists everybody; with --json, one object a line.
func (userListCmd) Run(s *streams) error {
	return s.with(false, func(b *base) error {
		people, err := b.people.List(s.ctx)
		if err != nil {
			return err
		}
		for _, p := range people {
			row, err := s.personRow(b, p)
			if err != nil {
				return err
			}
			if s.JSON {
				err = s.print(row)
			} else {
				role := ""
				if p.Admin {
					role = "administrator"
				}
				_, err = fmt.Fprintf(s.out, "%s  %-30s %-12s %s\n", p.ID, p.Email, row.Plan, role)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
