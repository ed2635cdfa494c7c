package ledger_test

import (
	"context"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// TestRowsOfEarlierVersions turns the accounts of a busy ledger into what earlier versions
// wrote: the state and the tail as JSON, the row no longer than it has to be. They verify, are found
// damaged where they are, and are written in the short form when they are written.
func TestRowsOfEarlierVersions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, id := range []string{"ann", "bob"} {
			open(t, h.Ledger, id)
			must(t, h.Ledger, ask(id, "", noon, token.TakeHold{ID: "h", Tokens: 1}))
		}
		for _, id := range []string{"ann", "bob"} {
			a, err := h.Account(t.Context(), id, noon)
			if err != nil {
				t.Fatal(err)
			}
			tail := `{"places":[1,2],"names":[["k/open"],["h/h"]],"tops":[]}`
			if id == "bob" {
				tail = `{"places":[3,4],"names":[["k/open"],["h/h"]],"tops":[]}`
			}
			exec(t, h.db, "UPDATE accounts SET tail = $1, state = $2, seq = $3, at = $4, hash = $5 WHERE id = $6", tail, string(a.AppendJSON(nil)), a.Seq, int64(a.At), a.Hash, id)
		}
		l := newHouse(t, h.url).Ledger
		verified(t, l)
		must(t, l, ask("ann", "", noon+hour, token.Settle{ID: "h"}))
		verified(t, l)
		for i := range 20 { // PostgreSQL writes a row with each seventeenth
			must(t, l, ask("ann", "", noon+hour, token.Charge{ID: rising(i), Tokens: 1}))
		}
		verified(t, l)
		if text := stateOf(t, h.db, "ann"); text[0] != '1' {
			t.Errorf("ann was written as %s", text)
		}
		if text := stateOf(t, h.db, "bob"); text[0] != '{' {
			t.Errorf("bob was written without a command: %s", text)
		}
		exec(t, h.db, `UPDATE accounts SET state = REPLACE(state, '"remaining":', '"remaining":9') WHERE id = 'bob'`)
		sum, err := l.Verify(t.Context(), "", func(ledger.Difference) {})
		if err != nil || sum.Differences != 1 {
			t.Errorf("%+v, %v", sum, err)
		}
	})
}

func stateOf(t *testing.T, db *store.DB, id string) (text string) {
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT state FROM accounts WHERE id = $1", id).Scan(&text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}
