package ledger

import (
	"context"

	"github.com/florin-studio/florin/token"
)

// plan is what one command is about to do: to its account and, for a gift, to the
// receiver's. Nothing is changed before adopt.
type plan struct {
	batch *batch
	item  *item
	moves []move
	// strict has it look for repeats first, also where the batch does not.
	strict bool
	// repeat tells that the command was applied before: by an earlier request, or by an
	// earlier run of this batch.
	repeat bool
	// failed is a failure of the store, which ends the batch.
	failed error
}

// move is a decision for one account.
type move struct {
	state    *state
	decision token.Decision
}

// decide fills in the item's receipt, or returns why there is none.
func (p *plan) decide(ctx context.Context, w Writer) error {
	req := p.item.req
	s := p.batch.states[req.Account]
	if s.damaged != nil {
		return s.damaged
	}
	if _, opens := req.Command.(token.Open); !opens && s.account.Seq == 0 {
		return unknown("account", req.Account)
	}
	send, gift := req.Command.(token.SendGift)
	if gift {
		switch to := p.batch.states[send.To]; {
		case to.damaged != nil:
			return to.damaged
		case to.account.Seq == 0:
			return unknown("to", send.To)
		}
	}
	d, err := p.ask(ctx, w, s, req.Request)
	if err != nil {
		return err
	}
	if d.Replay != nil {
		p.repeat = true
		own := p.batch.mine[d.Replay.Hash] && !p.batch.claimed[d.Replay.Hash]
		p.batch.claimed[d.Replay.Hash] = true
		p.item.receipt = token.Receipt{Entry: d.Replay, Account: s.account, Replayed: !own}
		return nil
	}
	receipt := token.Receipt{Account: d.Account}
	if n := len(d.Entries); n > 0 && d.Entries[n-1].Kind != "roll" {
		receipt.Entry = &d.Entries[n-1]
	}
	if gift {
		if err := p.receive(ctx, w, send, receipt.Entry); err != nil {
			return err
		}
	}
	p.item.receipt = receipt
	return nil
}

// receive decides the other side of a gift (T27).
func (p *plan) receive(ctx context.Context, w Writer, send token.SendGift, given *token.Entry) error {
	from := p.item.req.Account
	d, err := p.ask(ctx, w, p.batch.states[send.To], token.Request{
		Key: "gift/" + from + "/" + send.ID, At: p.item.req.At,
		Command: token.ReceiveGift{ID: send.ID, From: from, Parts: token.GiftParts(given)},
	})
	if err != nil {
		return err
	}
	if d.Replay != nil {
		return &token.Refusal{Reason: token.IdempotencyConflict, Field: "id", Value: send.ID, Allowed: "an id that was not used before"}
	}
	return nil
}

// ask has the rules decide for an account, and notes the move.
func (p *plan) ask(ctx context.Context, w Writer, s *state, req token.Request) (token.Decision, error) {
	h := &history{ctx: ctx, reader: w, state: s}
	var d token.Decision
	err := guard(func() (err error) {
		d, err = p.batch.rules.Decide(s.account, req, h, p.strict || p.batch.strict)
		return err
	})
	if h.err != nil {
		p.failed = h.err
		return d, h.err
	}
	if err != nil {
		return d, err
	}
	if err := checkNames(d.Names); err != nil {
		return d, err
	}
	if d.Replay == nil {
		p.moves = append(p.moves, move{state: s, decision: d})
	}
	return d, nil
}

// code is the promo code that the command redeems, or "".
func (p *plan) code() string {
	if len(p.moves) == 0 {
		return ""
	}
	entries := p.moves[0].decision.Entries
	if len(entries) == 0 {
		return ""
	}
	return entries[len(entries)-1].Code
}

func (p *plan) redeems() bool { return p.code() != "" }

// adopt makes the decisions part of the batch. A command that left no entry leaves the
// account as it was, so that the state stays what its journal gives (T31).
func (p *plan) adopt() {
	for _, m := range p.moves {
		s, entries := m.state, m.decision.Entries
		if len(entries) == 0 {
			continue
		}
		s.account = m.decision.Account
		for i := range entries {
			e := &entries[i]
			s.records = append(s.records, Record{Seq: e.Seq, At: e.At, Kind: e.Kind, Body: e.Canonical(), Hash: e.Hash})
		}
		last := &entries[len(entries)-1]
		if p.batch.mine != nil {
			p.batch.claimed[last.Hash] = true
		}
		for _, name := range m.decision.Names {
			s.names = append(s.names, Name{Name: name, Seq: last.Seq})
			s.pending = append(s.pending, last)
		}
	}
}
