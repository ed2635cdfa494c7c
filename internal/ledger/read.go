package ledger

import (
	"context"

	"github.com/florin-studio/florin/token"
)

// page is how many rows long readings fetch at once.
const page = 500

// Account gives an account as it is at an instant (T31): now or later by rolling the
// present forward, as if nobody spent anything; earlier by folding the journal up to
// there. Nothing is written. Rolling uses the present rules.
func (l *Ledger) Account(ctx context.Context, id string, at token.Instant) (token.Account, error) {
	a, err := l.present(ctx, l.store, id)
	if err == nil && at < a.At {
		err = l.store.Read(ctx, func(ctx context.Context, r Reader) (err error) {
			a, err = past(ctx, r, id, at)
			return err
		})
	}
	if err != nil {
		return token.Account{}, err
	}
	return l.rules().Roll(a, at), nil
}

// accounts gives the rows of accounts: a Store or a Reader.
type accounts interface {
	Accounts(ctx context.Context, ids []string) ([]Row, error)
}

// present gives the stored state; the cache spares decoding what has not changed.
func (l *Ledger) present(ctx context.Context, r accounts, id string) (token.Account, error) {
	rows, err := r.Accounts(ctx, []string{id})
	if err != nil {
		return token.Account{}, err
	}
	if len(rows) == 0 {
		return token.Account{}, unknown("account", id)
	}
	seq, hash := rows[0].last()
	if k, ok := l.cache.get(id); ok && k.account.Seq == seq && k.account.Hash == hash {
		return k.account, nil
	}
	return decodeState(rows[0])
}

// past folds the journal up to the last entry at or before an instant.
func past(ctx context.Context, r Reader, id string, at token.Instant) (token.Account, error) {
	var a token.Account
	for {
		recs, err := r.Records(ctx, id, a.Seq, page)
		if err != nil {
			return a, err
		}
		for _, rec := range recs {
			if rec.At > at {
				return opened(a, id)
			}
			e, err := parse(id, rec, a.Hash)
			if err != nil {
				return a, err
			}
			if a, err = token.Fold(a, &e); err != nil {
				return a, err
			}
		}
		if len(recs) < page {
			return opened(a, id)
		}
	}
}

// opened refuses an account at an instant before it was opened.
func opened(a token.Account, id string) (token.Account, error) {
	if a.Seq == 0 {
		return a, unknown("account", id)
	}
	return a, nil
}

// Journal gives up to limit entries of an account with numbers greater than after, in order.
func (l *Ledger) Journal(ctx context.Context, account string, after int64, limit int) ([]token.Entry, error) {
	var entries []token.Entry
	err := l.store.Read(ctx, func(ctx context.Context, r Reader) error {
		entries = entries[:0]
		// One more entry in front, for the hash that the first one is chained to.
		front := after - 1
		recs, err := r.Records(ctx, account, front, limit+1)
		if err != nil {
			return err
		}
		prev := ""
		for _, rec := range recs {
			if rec.Seq > after && len(entries) < limit {
				e, err := parse(account, rec, prev)
				if err != nil {
					return err
				}
				entries = append(entries, e)
			}
			prev = rec.Hash
		}
		return nil
	})
	return entries, err
}
