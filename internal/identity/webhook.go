package identity

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/store"
)

// KeyIn reads a key in a transaction; ErrUnknown where it was revoked. What it has spent
// is left out.
func KeyIn(ctx context.Context, tx *store.Tx, id string) (k Key, err error) {
	var scopes string
	err = noRows(tx.QueryRow(ctx, `SELECT `+keyColumns+` FROM api_keys k WHERE k.id = $1`, id).Scan(k.into(&scopes)...))
	k.Scopes = split(scopes)
	return k, err
}

// ExternalName reads in a transaction what other software calls an account; empty where
// none does.
func ExternalName(ctx context.Context, tx *store.Tx, account string) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT external_id FROM external_accounts WHERE account = $1`, account).Scan(&id)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	return id, err
}
