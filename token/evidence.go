package token

import (
	"fmt"
	"strconv"
	"strings"
)

// withEvidence completes commands about the past with what the journal says of it.
func withEvidence(req Request, h History) (Request, error) {
	var err error
	switch c := req.Command.(type) {
	case Refund:
		c.Evidence, err = chargeEvidence(c.ID, h)
		req.Command = c
	case Dispute:
		c.Evidence, err = grantEvidence(c.Grant, h)
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
		} else if lost != nil {
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

// grantEvidence finds a grant as it was made, for disputes over grants that are used up (T29).
func grantEvidence(id string, h History) (*Grant, error) {
	e, err := h.ByName(GrantName(id))
	if e == nil || err != nil {
		return nil, err
	}
	lost, err := h.ByName(lostName(id))
	if err != nil {
		return nil, err
	}
	for _, g := range e.Grants {
		if g.ID == id {
			if lost != nil {
				g.Dispute = DisputeLost
			}
			return &g, nil
		}
	}
	return nil, nil
}
