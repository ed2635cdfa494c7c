package token

// Summary is what people and programs are told of an account at one instant. Amounts
// are in tokens.
type Summary struct {
	Account string  `json:"account"`
	At      Instant `json:"at"`
	// Balance may be spent now; Held is set aside for jobs; Frozen is owned but can't be spent.
	Balance int64 `json:"balance"`
	Held    int64 `json:"held"`
	Frozen  int64 `json:"frozen"`
	// Displayed is Balance less RelaxedUsed (T21).
	Displayed   int64  `json:"displayed"`
	RelaxedUsed int64  `json:"relaxed_used"`
	Owed        int64  `json:"owed"`
	Plan        string `json:"plan"`
	// Scheduled is the plan that follows at the cycle's end, or empty (T24).
	Scheduled string `json:"scheduled,omitempty"`
	Zone      string `json:"zone"`
	// CycleEnds is null on plans without a cycle.
	CycleEnds *Instant `json:"cycle_ends"`
	NextReset Instant  `json:"next_reset"`
	// Next is the next tokens that come by themselves, or null.
	Next *Coming `json:"next"`
	// Grants that would pay now, in spending order (T8).
	Grants []GrantSummary `json:"grants"`
}

// GrantSummary is a grant as people see it.
type GrantSummary struct {
	ID        string  `json:"id"`
	Kind      Kind    `json:"kind"`
	Amount    int64   `json:"amount"`
	Remaining int64   `json:"remaining"`
	Starts    Instant `json:"starts_at"`
	// Expires is null for grants that never do.
	Expires *Instant `json:"expires_at"`
	Source  string   `json:"source,omitempty"`
}

// Summary tells how an account stands at its own time; roll it first to ask about another.
func (r *Rules) Summary(a Account) Summary {
	s := Summary{
		Account: a.ID, At: a.At, Balance: r.Balance(&a), Held: a.Held(), Frozen: r.Frozen(&a), Displayed: r.Displayed(&a),
		RelaxedUsed: a.Facts.RelaxedUsed, Owed: a.Facts.Owed, Plan: a.Facts.Plan, Scheduled: a.Facts.Scheduled, Zone: a.Facts.Zone,
		CycleEnds: optional(a.Facts.CycleEnds), NextReset: a.Facts.NextReset, Next: r.Next(a), Grants: []GrantSummary{},
	}
	for _, g := range r.Spendable(&a) {
		s.Grants = append(s.Grants, GrantSummary{
			ID: g.ID, Kind: g.Kind, Amount: g.Amount, Remaining: g.Remaining, Starts: g.Starts, Expires: optional(g.Expires), Source: g.Source,
		})
	}
	return s
}

func optional(i Instant) *Instant {
	if i == 0 {
		return nil
	}
	return &i
}
