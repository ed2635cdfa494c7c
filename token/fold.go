package token

import (
	"fmt"
	"math"
	"slices"
)

// Fold applies a journal entry to the state before it and gives the state after it
// (T31). It decides nothing. It fails where the entry does not fit the state: a
// sequence gap, a broken chain, tokens that are not where the posting takes them from.
func Fold(a Account, e *Entry) (Account, error) {
	switch {
	case a.Seq > 0 && e.Account != a.ID:
		return a, fmt.Errorf("entry %d is of account %q, want %q", e.Seq, e.Account, a.ID)
	case e.Seq != a.Seq+1:
		return a, fmt.Errorf("entry %d follows %d, want %d", e.Seq, a.Seq, a.Seq+1)
	case e.At < a.At:
		return a, fmt.Errorf("entry %d is of %s, before the one ahead of it (%s)", e.Seq, e.At, a.At)
	case e.Prev != a.Hash:
		return a, fmt.Errorf("entry %d is chained to %q, want %q", e.Seq, e.Prev, a.Hash)
	}
	a = a.clone()
	a.ID, a.Seq, a.At, a.Hash = e.Account, e.Seq, e.At, e.Hash
	for _, g := range e.Grants {
		a.putGrant(g)
	}
	if e.Hold != nil {
		h := *e.Hold
		h.Parts = nil
		a.Holds = append(a.Holds, h)
	}
	for i := range e.Postings {
		if err := a.post(&e.Postings[i]); err != nil {
			return a, fmt.Errorf("entry %d, posting %d: %w", e.Seq, i+1, err)
		}
	}
	if err := a.finish(e); err != nil {
		return a, fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	return a, nil
}

// finish applies what follows the postings.
func (a *Account) finish(e *Entry) error {
	for _, id := range e.Closed {
		if err := a.dropHold(id); err != nil {
			return err
		}
	}
	if e.RelaxedReset {
		a.clearCounts()
	}
	if e.Code != "" {
		a.Codes = append(a.Codes, e.Code)
	}
	if e.Facts != nil {
		a.Facts = *e.Facts
	}
	a.prune()
	return nil
}

// putGrant opens a grant or changes the terms of one; amounts available stay.
func (a *Account) putGrant(g Grant) {
	if i := a.grantIndex(g.ID); i >= 0 {
		g.Remaining, g.Frozen, g.Gone = a.Grants[i].Remaining, a.Grants[i].Frozen, a.Grants[i].Gone
		a.Grants[i] = g
		return
	}
	g.Remaining, g.Frozen, g.Gone = 0, 0, 0
	a.Grants = append(a.Grants, g)
}

// post moves tokens as a posting says, or fails and tells why it can't.
func (a *Account) post(p *Posting) error {
	if p.Tokens < 1 || p.Tokens > Max {
		return fmt.Errorf("%d tokens from %s to %s", p.Tokens, p.From, p.To)
	}
	if err := a.take(p); err != nil {
		return err
	}
	return a.put(p)
}

func (a *Account) take(p *Posting) error {
	switch p.From {
	case Available, Frozen:
		i := a.grantIndex(p.Grant)
		if i < 0 {
			return fmt.Errorf("no grant %q", p.Grant)
		}
		from := &a.Grants[i].Remaining
		if p.From == Frozen {
			from = &a.Grants[i].Frozen
		}
		if *from < p.Tokens {
			return fmt.Errorf("grant %q has %d %s, not %d", p.Grant, *from, p.From, p.Tokens)
		}
		*from -= p.Tokens
		if p.To == Expired || p.To == Removed {
			a.Grants[i].Gone += p.Tokens
		}
	case Held:
		return a.takeHeld(p)
	}
	return nil
}

func (a *Account) takeHeld(p *Posting) error {
	i := a.holdIndex(p.Hold)
	if i < 0 {
		return fmt.Errorf("no hold %q", p.Hold)
	}
	parts := slices.Clone(a.Holds[i].Parts)
	j := slices.IndexFunc(parts, func(x Part) bool { return x.Grant == p.Grant })
	if j < 0 || parts[j].Tokens < p.Tokens {
		return fmt.Errorf("hold %q has not %d of grant %q", p.Hold, p.Tokens, p.Grant)
	}
	parts[j].Tokens -= p.Tokens
	a.Holds[i].Parts = slices.DeleteFunc(parts, func(x Part) bool { return x.Tokens == 0 })
	return nil
}

func (a *Account) put(p *Posting) error {
	switch p.To {
	case Available, Frozen:
		i := a.grantIndex(p.Grant)
		if i < 0 {
			return fmt.Errorf("no grant %q", p.Grant)
		}
		to := &a.Grants[i].Remaining
		if p.To == Frozen {
			to = &a.Grants[i].Frozen
		}
		if *to > math.MaxInt64-p.Tokens {
			return fmt.Errorf("grant %q has %d %s and can't take %d", p.Grant, *to, p.To, p.Tokens)
		}
		*to += p.Tokens
	case Held:
		i := a.holdIndex(p.Hold)
		if i < 0 {
			return fmt.Errorf("no hold %q", p.Hold)
		}
		a.Holds[i].Parts = append(slices.Clip(a.Holds[i].Parts), Part{Grant: p.Grant, Tokens: p.Tokens})
	}
	return nil
}

// dropHold removes an ended hold, which must be empty by then.
func (a *Account) dropHold(id string) error {
	i := a.holdIndex(id)
	if i < 0 {
		return fmt.Errorf("no hold %q to close", id)
	}
	if len(a.Holds[i].Parts) > 0 {
		return fmt.Errorf("hold %q is closed with tokens in it", id)
	}
	a.Holds = slices.Delete(a.Holds, i, i+1)
	return nil
}

// clearCounts takes every hold out of relaxed_used.
func (a *Account) clearCounts() {
	for i := range a.Holds {
		a.Holds[i].Counted = 0
	}
}

// prune forgets grants that have nothing left, nothing held, and nothing to remember.
func (a *Account) prune() {
	a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool {
		return g.Remaining == 0 && g.Frozen == 0 && !g.remembered(a.At) && a.heldFrom(g.ID) == 0
	})
}

// remembered tells whether an empty grant is still needed: while a dispute is open; of
// the kinds that end with a day, a cycle or a plan until then, because that end may be
// moved and refunds have to know it (T15, T24); and purchases of which something is
// gone, since a lost dispute must not count that as spent (T29).
func (g *Grant) remembered(now Instant) bool {
	switch {
	case g.Dispute != "":
		return g.Dispute == DisputeOpened
	case g.recurring() || g.Kind == Rollover:
		return g.Expires == 0 || g.Expires > now
	}
	return g.Kind == Topup && g.Gone > 0
}

// recurring tells whether a grant is followed by another one when it ends (T15).
func (g *Grant) recurring() bool { return g.Kind == Daily || g.Kind == PlanKind }
