package notify

import (
	"context"
	"encoding/json"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Tell is what the ledger asks of everything that it decides (ledger.Tell): the one
// place where the journal turns into events. Where nobody listens it costs one look, and
// where somebody does, nothing is written unless something happened that they asked for.
func (s *Service) Tell(rules *token.Rules, before *token.Account, d *token.Decision) ledger.Telling {
	l := s.listeners.Load()
	if l == nil {
		return nil
	}
	var due []told
	for _, e := range l.of(before.ID) {
		for _, found := range happened(rules, before, d, e) {
			due = append(due, told{e, found})
		}
	}
	if len(due) == 0 {
		return nil
	}
	account := before.ID
	return func(ctx context.Context, tx *store.Tx) error {
		whom, err := about(ctx, tx, account)
		if err != nil {
			return err
		}
		for _, t := range due {
			t.event.address(whom)
			body, err := t.event.body()
			if err != nil {
				return err
			}
			if _, err := put(ctx, tx, t.endpoint, t.event.kind, account, body, s.now()); err != nil {
				return err
			}
		}
		s.nudge()
		return nil
	}
}

// told is an event and an endpoint that asked for it.
type told struct {
	endpoint *Endpoint
	event    event
}

// address says whom an event is about.
func (e *event) address(whom About) {
	switch data := e.data.(type) {
	case *Below:
		data.About = whom
	case *Plan:
		data.About = whom
	case *Payment:
		data.About = whom
	case *Disputed:
		data.About = whom
	}
}

// happened lists what a decision brought about that an endpoint asked for. It runs for
// every command of an account that is listened for, so what is rare is looked for first
// and who asked for it after.
func happened(rules *token.Rules, before *token.Account, d *token.Decision, e *Endpoint) []event {
	var all []event
	entries := d.Entries
	last := &entries[len(entries)-1]
	if e.Below > 0 { // which it is exactly where balance.below is asked for
		if balance, fell := rules.Fell(before, entries, e.Below); fell {
			all = append(all, event{BalanceBelow, last.At, &Below{Balance: balance, Threshold: e.Below, Seq: last.Seq}})
		}
	}
	plan := before.Facts.Plan
	for i := range entries {
		n := &entries[i]
		if n.Facts == nil || n.Facts.Plan == plan {
			continue
		}
		if plan != "" && e.wants(PlanChanged) { // an account that was just opened has changed nothing
			all = append(all, event{PlanChanged, n.At, &Plan{Plan: n.Facts.Plan, Previous: plan, Balance: n.Balance, Seq: n.Seq}})
		}
		plan = n.Facts.Plan
	}
	if paid, ok := payment(last, &d.Account); ok && e.wants(paid.kind) {
		all = append(all, paid)
	}
	return all
}

// payment finds what an entry says about money: a top-up, or a dispute over one (T12, T29).
func payment(e *token.Entry, after *token.Account) (event, bool) {
	switch e.Kind {
	case "grant":
		var c token.MakeGrant
		if json.Unmarshal(e.Command, &c) != nil || c.Kind != token.Topup {
			return event{}, false
		}
		p := Payment{Grant: c.ID, Tokens: c.Tokens, Source: c.Source, Balance: e.Balance, Seq: e.Seq}
		for _, g := range e.Grants {
			if g.Kind == token.Topup {
				p.Grant = g.ID
			}
		}
		return event{PaymentReceived, e.At, &p}, true
	case "dispute":
		var c token.Dispute
		if json.Unmarshal(e.Command, &c) != nil {
			return event{}, false
		}
		kind, known := map[token.DisputeState]Type{
			token.DisputeOpened: PaymentDisputed, token.DisputeWon: PaymentDisputeWon, token.DisputeLost: PaymentDisputeLost,
		}[c.State]
		p := Disputed{Grant: c.Grant, Owed: after.Facts.Owed, Balance: e.Balance, Seq: e.Seq}
		for _, posting := range e.Postings {
			if posting.Grant == c.Grant || posting.To == token.Removed { // also of what moved to other grants
				p.Tokens += posting.Tokens
			}
		}
		return event{kind, e.At, &p}, known
	}
	return event{}, false
}
