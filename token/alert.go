package token

// AlertKind is what an alert is about.
type AlertKind string

// The alerts: four fifths of the allowance are used, all of it is, or tokens are about to expire.
const (
	AllowanceMostlyUsed AlertKind = "allowance_80"
	AllowanceUsed       AlertKind = "allowance_100"
	Expiring            AlertKind = "expiring"
)

// Alert is something that an account's owner may want to know before it is felt.
type Alert struct {
	Kind AlertKind `json:"kind"`
	// Used and Allowance tell how much of the running allowance is gone, holds included.
	Used      int64 `json:"used,omitempty"`
	Allowance int64 `json:"allowance,omitempty"`
	// Grant, Tokens and At tell what is about to expire, and when.
	Grant  string  `json:"grant,omitempty"`
	Tokens int64   `json:"tokens,omitempty"`
	At     Instant `json:"at,omitempty"`
}

// AlertTerms say when to speak up about expiries.
type AlertTerms struct {
	// Within is how far ahead to look, in milliseconds.
	Within int64
	// More is the least amount worth a word, exclusive.
	More int64
}

// Alerts tells what an account's owner may want to know at the account's time: that the
// allowance of the running day or cycle is used by 80 % or wholly, and which grants with
// more than terms.More tokens end within terms.Within. Daily grants are left out of the
// latter: they end every day. The order is allowance first, then by expiry.
func (r *Rules) Alerts(a Account, terms AlertTerms) []Alert {
	var alerts []Alert
	amount, remaining := r.allowance(&a)
	if used := amount - remaining; amount > 0 && remaining == 0 {
		alerts = append(alerts, Alert{Kind: AllowanceUsed, Used: used, Allowance: amount})
	} else if amount > 0 && used >= amount-amount/5 {
		alerts = append(alerts, Alert{Kind: AllowanceMostlyUsed, Used: used, Allowance: amount})
	}
	for _, g := range r.Spendable(&a) {
		if g.Kind == Daily || g.Expires == 0 || g.Remaining <= terms.More || g.Expires-a.At > Instant(terms.Within) {
			continue
		}
		alerts = append(alerts, Alert{Kind: Expiring, Grant: g.ID, Tokens: g.Remaining, At: g.Expires})
	}
	return alerts
}

// allowance is what the running cycle, or on plans without one the running day, gives,
// and what is left of it. Grants that are used up are forgotten, so the plan tells the whole.
func (r *Rules) allowance(a *Account) (amount, remaining int64) {
	kind, ends := Daily, a.Facts.NextReset
	if a.Facts.CycleEnds != 0 {
		kind, ends = PlanKind, a.Facts.CycleEnds
	}
	for _, g := range a.Grants {
		if g.Kind == kind && g.Expires == ends {
			amount += g.Amount
			remaining += g.Remaining
		}
	}
	p, _ := r.Plan(a.Facts.Plan)
	return max(amount, p.Allowance), remaining
}
