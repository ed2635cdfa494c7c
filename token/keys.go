package token

// Primary is the unique name under which a repeat of the request would be found (T17):
// the caller's key, or what the command names that can happen only once. It is empty
// for commands without either.
func (req Request) Primary() string {
	if req.Key != "" {
		return KeyName(req.Key)
	}
	switch c := req.Command.(type) {
	case TakeHold:
		return OpenedName(c.ID)
	case Charge:
		return OpenedName(c.ID)
	case Settle:
		return EndedName(c.ID)
	case Release:
		return EndedName(c.ID)
	case MakeGrant:
		if c.ID != "" {
			return GrantName(c.ID)
		}
	case SendGift:
		return sentName(c.ID)
	case ReceiveGift:
		return receivedName(c)
	}
	return ""
}

// structuralKeys are the names of what an entry does that may be done only once.
func structuralKeys(req Request, e *Entry) []string {
	switch c := req.Command.(type) {
	case TakeHold:
		return []string{OpenedName(c.ID)}
	case Charge: // opened and ended at once: one name bars both from happening again
		return []string{OpenedName(c.ID)}
	case Settle:
		return []string{EndedName(c.ID)}
	case Release:
		return []string{EndedName(c.ID)}
	case Refund:
		return []string{refundName(c.ID, e.Refunded)}
	case Dispute:
		if c.State == DisputeLost {
			return lostNames(c.Grant, e)
		}
	case SendGift:
		return []string{sentName(c.ID)}
	case ReceiveGift:
		return []string{receivedName(c)}
	case MakeGrant, Adjust:
		if len(e.Grants) > 0 {
			return []string{GrantName(e.Grants[0].ID)}
		}
	}
	return nil
}

// lostNames are those of the grant whose money was lost, and of others that had nothing but
// its tokens: refunds of what was spent of them have to know (T18, T29).
func lostNames(grant string, e *Entry) []string {
	names := []string{lostName(grant)}
	for _, g := range e.Grants {
		if g.ID != grant && g.Dispute == DisputeLost {
			names = append(names, lostName(g.ID))
		}
	}
	return names
}

// taken explains why an entry can't be written whose unique name is there already.
func taken(name string) *Refusal {
	id := name[2:]
	switch name[:2] {
	case "e/":
		return &Refusal{Reason: HoldClosed, Field: "id", Value: id, Allowed: "a hold that has not ended"}
	case "d/":
		return &Refusal{Reason: UnknownGrant, Field: "grant", Value: id, Allowed: "a grant whose dispute is not lost yet"}
	case "k/":
		return &Refusal{Reason: IdempotencyConflict, Field: "key", Value: id, Allowed: "a key that no other command had"}
	}
	return &Refusal{Reason: IdempotencyConflict, Field: "id", Value: id, Allowed: "an id that was not used before"}
}
