package token

// Fell tells whether entries took a balance below a mark: it was at least the mark
// before them or between two of them, and is less after the last. The balance given is
// the one after the last.
func (r *Rules) Fell(before *Account, entries []Entry, mark int64) (balance int64, fell bool) {
	if len(entries) == 0 || before.Seq == 0 && len(entries) == 1 {
		return 0, false // nothing was there to fall from
	}
	high := int64(0)
	if before.Seq > 0 {
		high = r.Balance(before)
	}
	for i := range entries[:len(entries)-1] {
		high = max(high, entries[i].Balance)
	}
	balance = entries[len(entries)-1].Balance
	return balance, high >= mark && balance < mark
}

// Expiry is an amount that a grant will lose because its time is over.
type Expiry struct {
	Grant  string
	Kind   Kind
	Tokens int64
	At     Instant
}

// Expiring tells which grants will end with tokens left up to an instant, in order, if
// nobody spends anything (T31). Daily grants are left out: they end every day. What
// moves to the bank (T10) does not expire. Frozen tokens (T29) are not counted.
func (r *Rules) Expiring(a Account, until Instant) []Expiry {
	var all []Expiry
	r.Forecast(a, until, func(e Event) bool {
		p := e.Posting
		if p != nil && p.From == Available && p.To == Expired && p.Tokens > 0 && e.Kind != Daily {
			all = append(all, Expiry{Grant: p.Grant, Kind: e.Kind, Tokens: p.Tokens, At: e.At})
		}
		return true
	})
	return all
}
