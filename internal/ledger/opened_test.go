package ledger_test

import (
	"context"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// meanwhile is a store in which others write between the statements of a transaction: before
// its accounts are read, and before it looks for its second name.
type meanwhile struct {
	ledger.Store
	tried       bool
	open, apply func()
	names       int
}

// Write has the first try be too late, so that the accounts are locked from then on.
func (m *meanwhile) Write(ctx context.Context, fn func(context.Context, ledger.Writer) error, written func()) error {
	if !m.tried {
		m.tried = true
		return ledger.ErrConflict
	}
	return m.Store.Write(ctx, func(ctx context.Context, w ledger.Writer) error { return fn(ctx, &between{w, m}) }, written)
}

type between struct {
	ledger.Writer
	m *meanwhile
}

func (b *between) Accounts(ctx context.Context, ids []string) ([]ledger.Row, error) {
	if b.m.open != nil {
		b.m.open()
		b.m.open = nil
	}
	return b.Writer.Accounts(ctx, ids)
}

func (b *between) Named(ctx context.Context, account, name string) (ledger.Record, string, bool, error) {
	if b.m.names++; b.m.names == 2 {
		b.m.apply()
	}
	return b.Writer.Named(ctx, account, name)
}

// An account that is opened after the locks were taken is not locked. Another process that applies
// the same command then must not make of it one that its own first time contradicts.
func TestRepeatOnAnAccountOpenedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.Postgres(t)) // SQLite lets nobody else write meanwhile
	hold := ask("ann", "", noon, token.TakeHold{ID: "h", Tokens: 10})
	var first token.Receipt
	m := &meanwhile{Store: sqlstore.New(h.db)}
	m.open = func() { open(t, h.Ledger, "ann") }
	m.apply = func() { first = must(t, h.Ledger, hold) }
	l := newLedger(t, m, ledger.Options{})
	r := must(t, l, hold)
	if first.Entry == nil || !r.Replayed || r.Entry.Hash != first.Entry.Hash {
		t.Errorf("got %+v, want a repeat of %+v", r, first)
	}
	verified(t, h.Ledger)
}
