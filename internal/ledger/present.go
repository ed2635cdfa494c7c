package ledger

import (
	"context"

	"github.com/florin-studio/florin/token"
)

// Present gives accounts as their last entries left them, not rolled to any time and in
// any order. Those that are not open, and those whose rows are damaged (verify tells
// more), are left out.
func (l *Ledger) Present(ctx context.Context, ids []string) ([]token.Account, error) {
	rows, err := l.store.Accounts(ctx, ids)
	all := make([]token.Account, 0, len(rows))
	for _, row := range rows {
		if a, err := decodeState(row); err == nil {
			all = append(all, a)
		}
	}
	return all, err
}
