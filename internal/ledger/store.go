package ledger

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// Store is where a ledger keeps its rows. The functions that it is given may run more than once for one
// call; only the last run counts.
type Store interface {
	// Read runs fn on one moment of the store.
	Read(ctx context.Context, fn func(ctx context.Context, r Reader) error) error
	// Accounts is Reader's on a moment of its own, which is cheaper.
	Accounts(ctx context.Context, ids []string) ([]Row, error)
	// Write runs fn in a transaction and returns nil when it is durable. With an error
	// nothing was written, save with ErrUnknown, after which nobody knows.
	//
	// written, where it is not nil, may be called once everybody sees what fn wrote and only
	// the disk is to be waited for: another Write may begin then, and is not durable before
	// this one. An error after that is ErrUnknown, and no Write succeeds any more.
	Write(ctx context.Context, fn func(ctx context.Context, w Writer) error, written func()) error
}

// Reader reads what was written.
type Reader interface {
	// Accounts gives the rows of those accounts that exist, in any order.
	Accounts(ctx context.Context, ids []string) ([]Row, error)
	// Records gives up to limit entries of an account with numbers greater than after, rising.
	Records(ctx context.Context, account string, after int64, limit int) ([]Record, error)
	// Named gives the entry that a unique name stands for, and the hash of the one before
	// it; false where nothing has the name.
	Named(ctx context.Context, account, name string) (rec Record, prev string, found bool, err error)
	// LastName gives the greatest name that begins with prefix, or "".
	LastName(ctx context.Context, account, prefix string) (string, error)
	// Names tells each of the names of an account, in any order.
	Names(ctx context.Context, account string, tell func(Name)) error
	// List gives up to limit ids greater than after, rising, of accounts that have any row.
	List(ctx context.Context, after string, limit int) ([]string, error)
	// Entries tells how many entries there are of all accounts.
	Entries(ctx context.Context) (int64, error)
	// Redeemed tells how often each code was redeemed (T26).
	Redeemed(ctx context.Context) (map[string]int64, error)
}

// Writer reads and writes in one transaction.
type Writer interface {
	Reader
	// Lock keeps other transactions that lock these accounts waiting until this one ends. One that changes them
	// without may still come first, which Append tells.
	Lock(ctx context.Context, ids []string) error
	// Append writes changes, or returns ErrConflict where an account is not at the number
	// it was changed from or a unique name is taken. The transaction is then lost. A store may go on writing after it has
	// returned; an error then comes from what is called next, or from Write. last tells that nothing else is asked of
	// the transaction, which a store may use to commit it in the same go.
	Append(ctx context.Context, changes []Change, last bool) error
	// Redeem counts one more use of a code, unless it was used limit times already (T26).
	Redeem(ctx context.Context, code string, limit int64) (bool, error)
	// Attempt runs fn so that its error undoes what fn wrote, and only that. Where the caller
	// gives the whole transaction up with an error, all says so and spares a savepoint.
	Attempt(ctx context.Context, all bool, fn func(ctx context.Context, tx *store.Tx) error) error
}

// Row is an account's state, a cache of its entries (T31).
type Row struct {
	ID   string
	Seq  int64
	At   token.Instant
	Hash string
	// State is the rest of the account, see StateText.
	State string
	// Since are the entries after Seq, in order: a store need not write a row with each of them. They are the
	// ledger's from then on, which notes in them what it has read.
	Since []Record
	// Aside is the store's own, which the ledger remembers beside the account and hands back with the next change.
	Aside any
}

// last is the number and the hash of the account's last entry.
func (r *Row) last() (seq int64, hash string) {
	if n := len(r.Since); n > 0 {
		return r.Since[n-1].Seq, r.Since[n-1].Hash
	}
	return r.Seq, r.Hash
}

// Record is an entry as it is stored (T30).
type Record struct {
	Seq  int64
	At   token.Instant
	Kind string
	// Body is the entry's canonical bytes, over which Hash goes.
	Body string
	Hash string
	// entry is what Body says, where it was read already.
	entry *token.Entry
}

// Name is a unique name and the number of the entry that has it.
type Name struct {
	Name string
	Seq  int64
}

// Change is what a transaction does to one account.
type Change struct {
	// From is the number of the account's last entry before the change; 0 for a new account.
	From int64
	// Aside is what the store gave with the row at From; nil where that is not remembered. Append puts there what goes with To.
	Aside any
	To    *token.Account
	// Records are without gaps; Names rise by number, and each is of one of the records.
	Records []Record
	Names   []Name
}

var (
	// ErrConflict is a transaction that another one came before.
	ErrConflict = errors.New("ledger: another process changed the account")
	// ErrUnknown is a commit whose outcome is not known, and could not be found out.
	ErrUnknown = store.ErrUnknown
	// ErrClosed is a command after Close.
	ErrClosed = errors.New("ledger: it is closed")
)
