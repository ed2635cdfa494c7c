package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/florin-studio/florin/internal/ledger/parts"
	"github.com/florin-studio/florin/token"
)

// An account's state is written short (see package parts), since every command writes it anew:
//
//	1 artisan UTC 1772366400 1772366400 1772409600 1772366400 0 1775044800;
//	g plan-20260301T120000Z plan 1000000 999997 0 0 1772366400 1775044800 cycle%20started;
//	h 000000000000 1772366400 3 fast;p plan-20260301T120000Z 3;c WELCOME;
//
// without the line breaks. The first part is the form's version and has the facts; g is
// a grant, h a hold, p a part of the hold before it, c a redeemed code. Instants are seconds, or
// milliseconds behind a point. Id, number, time and hash are columns of the row and
// not repeated. Rows that were written before there was this form have the account's JSON.
const stateVersion = "1"

// StateText is the account as Row.State has it.
func StateText(a *token.Account) string { return string(appendState(make([]byte, 0, 512), a)) }

func appendState(b []byte, a *token.Account) []byte {
	w := parts.Writer{Text: b}
	f := &a.Facts
	w.Begin(stateVersion).String(f.Plan).String(f.Zone).Milli(int64(f.Opened)).Milli(int64(f.ResetAt)).Milli(int64(f.NextReset))
	w.Milli(int64(f.CycleAnchor)).Int(int64(f.CycleIndex)).Milli(int64(f.CycleEnds)).String(f.Scheduled)
	w.Int(f.RelaxedUsed).Int(f.Owed).Int(f.Gifted).Int(int64(f.Discount)).String(f.DiscountCode).End()
	for i := range a.Grants {
		g := &a.Grants[i]
		w.Begin("g").String(g.ID).String(string(g.Kind)).Int(g.Amount).Int(g.Remaining).Int(g.Frozen).Int(g.Gone)
		w.Milli(int64(g.Starts)).Milli(int64(g.Expires)).String(g.Source).Milli(int64(g.GiftableFrom)).String(string(g.Dispute)).End()
	}
	for i := range a.Holds {
		h := &a.Holds[i]
		w.Begin("h").String(h.ID).Milli(int64(h.At)).Int(h.Tokens).String(string(h.Lane)).Milli(int64(h.Expires)).String(h.Feature).Int(h.Counted).End()
		for j := range h.Parts {
			w.Begin("p").String(h.Parts[j].Grant).Int(h.Parts[j].Tokens).End()
		}
	}
	for _, code := range a.Codes {
		w.Begin("c").String(code).End()
	}
	return w.Text
}

// parseState reads what appendState wrote into an account that has its id, number, time and hash.
func parseState(a *token.Account, text string) error {
	r := parts.Read(text)
	instant := func() token.Instant { return token.Instant(r.Milli()) }
	if version, ok := r.Next(); !ok || version != stateVersion {
		r.Fail(version)
	}
	f := &a.Facts
	f.Plan, f.Zone, f.Opened, f.ResetAt, f.NextReset = r.String(), r.String(), instant(), instant(), instant()
	f.CycleAnchor, f.CycleIndex, f.CycleEnds, f.Scheduled = instant(), int(r.Int()), instant(), r.String()
	f.RelaxedUsed, f.Owed, f.Gifted, f.Discount, f.DiscountCode = r.Int(), r.Int(), r.Int(), int(r.Int()), r.String()
	for kind, ok := r.Next(); ok; kind, ok = r.Next() {
		switch kind {
		case "g":
			a.Grants = append(a.Grants, token.Grant{
				ID: r.String(), Kind: token.Kind(r.String()), Amount: r.Int(), Remaining: r.Int(), Frozen: r.Int(), Gone: r.Int(),
				Starts: instant(), Expires: instant(), Source: r.String(), GiftableFrom: instant(), Dispute: token.DisputeState(r.String()),
			})
		case "h":
			a.Holds = append(a.Holds, token.Hold{
				ID: r.String(), At: instant(), Tokens: r.Int(), Lane: token.Lane(r.String()), Expires: instant(), Feature: r.String(), Counted: r.Int(),
			})
		case "p":
			if len(a.Holds) == 0 {
				r.Fail(kind)
				break
			}
			h := &a.Holds[len(a.Holds)-1]
			h.Parts = append(h.Parts, token.Part{Grant: r.String(), Tokens: r.Int()})
		case "c":
			a.Codes = append(a.Codes, r.String())
		default:
			r.Fail(kind)
		}
	}
	return r.Err()
}

// RowOf is the row that an account is written to.
func RowOf(a *token.Account) Row {
	return Row{ID: a.ID, Seq: a.Seq, At: a.At, Hash: a.Hash, State: StateText(a)}
}

// decodeState reads the account of a row and brings it up to the last entry.
func decodeState(row Row) (token.Account, error) {
	a, err := decodeRow(row)
	for i := range row.Since {
		if err != nil {
			break
		}
		var e token.Entry
		rec := &row.Since[i]
		if e, err = parse(row.ID, *rec, a.Hash); err == nil {
			rec.entry = &e // the store will want its names
			a, err = token.Fold(a, &e)
		}
	}
	return a, err
}

func decodeRow(row Row) (token.Account, error) {
	if isJSON(row.State) {
		return decodeJSON(row)
	}
	a := token.Account{ID: row.ID, Seq: row.Seq, At: row.At, Hash: row.Hash}
	if err := parseState(&a, row.State); err != nil {
		return a, fmt.Errorf("ledger: the state of account %q is damaged (verify tells more): %w", row.ID, err)
	}
	return a, nil
}

// isJSON tells that a row was written before there was the short form.
func isJSON(state string) bool { return strings.HasPrefix(state, "{") }

// decodeJSON reads a row as it was written before there was the short form.
func decodeJSON(row Row) (token.Account, error) {
	var a token.Account
	if err := json.Unmarshal([]byte(row.State), &a); err != nil {
		return a, fmt.Errorf("ledger: the state of account %q is damaged (verify tells more): %w", row.ID, err)
	}
	if a.ID != row.ID || a.Seq != row.Seq || a.Hash != row.Hash {
		return a, errors.New("ledger: the state of account " + row.ID + " is not the one of its row (verify tells more)")
	}
	return a, nil
}
