package ledger

import (
	"context"

	"github.com/florin-studio/florin/token"
)

// Named finds the entry of an account that a unique name stands for (token.KeyName and
// the like); false where nothing has the name.
func (l *Ledger) Named(ctx context.Context, account, name string) (e token.Entry, found bool, err error) {
	err = l.store.Read(ctx, func(ctx context.Context, r Reader) error {
		rec, prev, ok, err := r.Named(ctx, account, name)
		if found = ok; err != nil || !ok {
			return err
		}
		e, err = parse(account, rec, prev)
		return err
	})
	return e, found, err
}
