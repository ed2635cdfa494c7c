package sqlstore

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
)

const (
	openAccount   = "INSERT INTO accounts (id, seq, at, state, hash) VALUES ($1, $2, $3, $4, $5)"
	updateAccount = "UPDATE accounts SET seq = $3, at = $4, state = $5, hash = $6 WHERE id = $1 AND seq = $2"
	insertEntry   = "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, $3, $4, $5, $6)"
	insertName    = "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)"
)

// Append writes changes. Accounts come first: whoever writes an account's entries and
// names holds its row, so that two processes meet there and nowhere else.
func (r *rows) Append(ctx context.Context, changes []ledger.Change) error {
	var opened, updated, entries, names [][]any
	for i := range changes {
		c := &changes[i]
		to := &c.To
		if c.From == 0 {
			opened = append(opened, []any{to.ID, to.Seq, int64(to.At), string(to.State), to.Hash})
		} else {
			updated = append(updated, []any{to.ID, c.From, to.Seq, int64(to.At), string(to.State), to.Hash})
		}
		for j := range c.Records {
			rec := &c.Records[j]
			entries = append(entries, []any{to.ID, rec.Seq, int64(rec.At), rec.Kind, string(rec.Body), rec.Hash})
		}
		for _, n := range c.Names {
			names = append(names, []any{to.ID, n.Name, n.Seq})
		}
	}
	changed, err := r.tx.ExecAll(ctx, []store.Statement{
		{SQL: updateAccount, Args: updated},
		{SQL: openAccount, Args: opened},
		{SQL: insertEntry, Args: entries},
		{SQL: insertName, Args: names},
	})
	if errors.Is(err, store.ErrUnique) {
		return ledger.ErrConflict
	}
	if err != nil {
		return err
	}
	if changed[0] != int64(len(updated)) {
		return ledger.ErrConflict
	}
	return nil
}
