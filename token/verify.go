package token

import "fmt"

// Check looks for states that the rules can't lead to: the properties that must always
// hold, as far as one state can show them. It takes no longer than reading a balance
// and changes nothing, so a server may call it before it writes. An error is a fault
// of this package or of whoever stored the state; it names the part and the figures.
func (r *Rules) Check(a *Account) error {
	if a.Seq == 0 {
		return nil
	}
	for _, check := range []func(*Account) error{checkFacts, checkGrants, checkHolds} {
		if err := check(a); err != nil {
			return fmt.Errorf("account %q at entry %d: %w", a.ID, a.Seq, err)
		}
	}
	if balance := r.Balance(a); balance < 0 {
		return fmt.Errorf("account %q at entry %d: balance %d, want at least 0", a.ID, a.Seq, balance)
	}
	return nil
}

func checkFacts(a *Account) error {
	f := &a.Facts
	switch {
	case f.Plan == "" || f.Zone == "":
		return fmt.Errorf("plan %q, zone %q, want both", f.Plan, f.Zone)
	case f.NextReset <= a.At:
		return fmt.Errorf("next reset %s, want after %s (T5)", f.NextReset, a.At)
	case f.ResetAt > a.At:
		return fmt.Errorf("last reset %s, want not after %s (T5)", f.ResetAt, a.At)
	case f.CycleEnds != 0 && (f.CycleEnds <= a.At || f.CycleAnchor > a.At || f.CycleIndex < 0):
		return fmt.Errorf("cycle %d from %s ends %s, want after %s (T6)", f.CycleIndex, f.CycleAnchor, f.CycleEnds, a.At)
	case f.CycleEnds == 0 && (f.CycleAnchor != 0 || f.CycleIndex != 0):
		return fmt.Errorf("no cycle, but anchor %s and index %d (T6)", f.CycleAnchor, f.CycleIndex)
	case f.RelaxedUsed < 0 || f.Owed < 0 || f.Gifted < 0:
		return fmt.Errorf("relaxed used %d, owed %d, gifted %d, want none below 0", f.RelaxedUsed, f.Owed, f.Gifted)
	}
	var counted int64
	for i := range a.Holds {
		counted += a.Holds[i].Counted
	}
	if counted > f.RelaxedUsed {
		return fmt.Errorf("relaxed used %d, but open holds count %d (T21)", f.RelaxedUsed, counted)
	}
	return nil
}

func checkGrants(a *Account) error {
	for i := range a.Grants {
		g := &a.Grants[i]
		held := a.heldFrom(g.ID)
		switch {
		case a.grantIndex(g.ID) != i:
			return fmt.Errorf("grant %q is there twice", g.ID)
		case !g.Kind.Known():
			return fmt.Errorf("grant %q: kind %q", g.ID, g.Kind)
		case g.Remaining < 0 || g.Frozen < 0 || g.Remaining+g.Frozen+held > g.Amount:
			return fmt.Errorf("grant %q: %d remaining, %d frozen and %d held of %d (T7)", g.ID, g.Remaining, g.Frozen, held, g.Amount)
		case g.Expires != 0 && g.Expires <= a.At && g.Remaining > 0:
			return fmt.Errorf("grant %q: %d remaining after its end %s (T7)", g.ID, g.Remaining, g.Expires)
		case g.Remaining+g.Frozen+held == 0 && !g.remembered(a.At):
			return fmt.Errorf("grant %q is empty and kept for nothing", g.ID)
		case g.Frozen > 0 && g.Dispute != DisputeOpened:
			return fmt.Errorf("grant %q: %d frozen without a dispute (T29)", g.ID, g.Frozen)
		}
	}
	return nil
}

func checkHolds(a *Account) error {
	for i := range a.Holds {
		h := &a.Holds[i]
		var sum int64
		for _, p := range h.Parts {
			if a.grantIndex(p.Grant) < 0 || p.Tokens < 1 {
				return fmt.Errorf("hold %q has %d of grant %q, which is not there (T14)", h.ID, p.Tokens, p.Grant)
			}
			sum += p.Tokens
		}
		switch {
		case a.holdIndex(h.ID) != i:
			return fmt.Errorf("hold %q is there twice (T14)", h.ID)
		case h.Lane == Fast && sum != h.Tokens:
			return fmt.Errorf("hold %q has %d of its price %d (T14)", h.ID, sum, h.Tokens)
		case h.Lane == Relaxed && sum != 0:
			return fmt.Errorf("relaxed hold %q has %d tokens (T20)", h.ID, sum)
		case h.Lane != Fast && h.Lane != Relaxed:
			return fmt.Errorf("hold %q: lane %q", h.ID, h.Lane)
		case h.Expires != 0 && h.Expires <= a.At:
			return fmt.Errorf("hold %q is open after its end %s (T14)", h.ID, h.Expires)
		case h.Counted < 0 || h.Counted > h.Tokens:
			return fmt.Errorf("hold %q counts %d of its price %d (T21)", h.ID, h.Counted, h.Tokens)
		}
	}
	return nil
}
