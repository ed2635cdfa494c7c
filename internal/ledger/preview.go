package ledger

import (
	"context"

	"github.com/florin-studio/florin/token"
)

// Preview is what a command would do, of which nothing was written.
type Preview struct {
	// Before is the account at the command's time, After as the command would leave it.
	Before, After token.Account
	// Balance and Left are what could be spent before and after it.
	Balance, Left int64
	// Postings are those of the command's own entry; what is due by then is in Before.
	Postings []token.Posting
	// Repeat tells that the command was applied already: again, it would change nothing (T17).
	Repeat bool
}

// Preview decides a command on a copy of the account as it is now (T28), and refuses what
// Submit would refuse; others may still come in between. Commands that open an account, or
// concern more than one, have no preview.
func (l *Ledger) Preview(ctx context.Context, account string, req token.Request) (Preview, error) {
	whole := Request{Account: account, Request: req}
	if err := whole.check(); err != nil {
		return Preview{}, err
	}
	switch req.Command.(type) {
	case token.Open, token.SendGift, token.Redeem:
		return Preview{}, &token.Invalid{Field: "command", Value: req.Command.Name(), Allowed: "a command that concerns one open account alone"}
	}
	rules := l.rules()
	var p Preview
	err := l.store.Read(ctx, func(ctx context.Context, r Reader) error {
		a, err := l.present(ctx, r, account)
		if err != nil {
			return err
		}
		h := &history{ctx: ctx, reader: r, state: &state{account: a, from: a.Seq}}
		return guard(func() (err error) {
			p, err = preview(rules, a, req, h)
			return err
		})
	})
	return p, err
}

// preview decides with all of the account's memory, and keeps nothing.
func preview(rules *token.Rules, a token.Account, req token.Request, h token.History) (Preview, error) {
	d, err := rules.Decide(a, req, h, true)
	if err != nil {
		return Preview{}, err
	}
	if err := checkNames(d.Names); err != nil {
		return Preview{}, err
	}
	p := Preview{Before: rules.Roll(a, max(req.At, a.At)), Repeat: d.Replay != nil}
	p.Balance = rules.Balance(&p.Before)
	if p.After, p.Left = p.Before, p.Balance; p.Repeat {
		return p, nil
	}
	if n := len(d.Entries); n > 0 && d.Entries[n-1].Kind != "roll" {
		p.After, p.Left, p.Postings = d.Account, d.Entries[n-1].Balance, d.Entries[n-1].Postings
	}
	return p, nil
}
