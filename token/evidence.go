package token

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// withEvidence completes commands about the past with what the journal says of it.
func (r *Rules) withEvidence(a Account, req Request, h History) (Request, error) {
	var err error
	switch c := req.Command.(type) {
	case Refund:
		c.Evidence, err = chargeEvidence(c.ID, h)
		req.Command = c
	case Dispute:
		if a.Seq > 0 && req.check() == nil {
			c.Evidence, err = r.grantEvidence(a, c, req.At, h)
		}
		req.Command = c
	}
	return req, err
}

// chargeEvidence finds what a settled hold or a charge took, and what came back of it (T18).
func chargeEvidence(hold string, h History) (*ChargeEvidence, error) {
	e, err := h.ByName(EndedName(hold))
	if e == nil && err == nil {
		if e, err = h.ByName(OpenedName(hold)); e != nil && e.Kind != (Charge{}).Name() {
			return nil, err // a hold that is open, or ran out by itself
		}
	}
	if e == nil || err != nil {
		return nil, err
	}
	evidence := &ChargeEvidence{}
	for _, p := range e.Postings {
		if isSpent(p.To) {
			evidence.Parts = append(evidence.Parts, p)
		}
	}
	for _, p := range evidence.Parts {
		if lost, err := h.ByName(lostName(p.Grant)); err != nil {
			return nil, err
		} else if lost != nil && lost.loses(p.Grant) {
			evidence.Lost = append(evidence.Lost, p.Grant)
		}
	}
	prefix := RefundPrefix(hold)
	last, err := h.LastName(prefix)
	if err != nil || last == "" {
		return evidence, err
	}
	evidence.Refunded, err = strconv.ParseInt(strings.TrimPrefix(last, prefix), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("token: the journal names a refund %q: %w", last, err)
	}
	return evidence, nil
}

// loses tells whether a lost dispute left nothing of a grant, or only what was lost of a bank
// that others had moved into (T10).
func (e *Entry) loses(grant string) bool {
	return slices.ContainsFunc(e.Grants, func(g Grant) bool { return g.ID == grant && g.Dispute == DisputeLost })
}

// grantEvidence finds a grant's terms, should the state have forgotten it, and where its
// money is lost what became of its tokens: forgotten ones, and those that moved to another
// grant, are known to the journal alone (T29).
func (r *Rules) grantEvidence(a Account, c Dispute, at Instant, h History) (*GrantEvidence, error) {
	made, err := h.ByName(GrantName(c.Grant))
	if err != nil {
		return nil, err
	}
	lost, err := h.ByName(lostName(c.Grant))
	if err != nil {
		return nil, err
	}
	evidence := &GrantEvidence{}
	var after int64
	if made != nil {
		after = made.Seq - 1
		for _, g := range made.Grants {
			if g.ID == c.Grant {
				evidence.Grant = g
			}
		}
	}
	g, alive := a.Grant(c.Grant)
	if made == nil && alive {
		evidence.Grant = g
	}
	if lost != nil {
		evidence.Grant.Dispute = DisputeLost
		return evidence, nil
	}
	if evidence.told(c) {
		return evidence, nil
	}
	rolled, roll := r.roll(a, max(at, a.At))
	t, err := follow(c.Grant, made != nil, after, &rolled, roll, h)
	if err != nil || t.terms == nil {
		return nil, err
	}
	if evidence.Grant.ID == "" {
		evidence.Grant = *t.terms
	}
	evidence.Lots = t.lots()
	return evidence, nil
}

// told tells whether the journal need not be read: the state remembers a top-up as long as
// anything but spending took tokens out of it, and one that never ends never moves.
func (e *GrantEvidence) told(c Dispute) bool {
	return e.Grant.ID != "" && (c.State != DisputeLost || e.Grant.Kind == Topup && e.Grant.Expires == 0)
}
