package ledger_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// slowDisk is a store whose commits wait for the disk until they may go on.
type slowDisk struct {
	ledger.Store
	slow    atomic.Bool
	written chan int // how many commits are written and wait
	goOn    chan struct{}
	waiting atomic.Int64
}

func (s *slowDisk) Write(ctx context.Context, fn func(context.Context, ledger.Writer) error, written func()) error {
	return s.Store.Write(ctx, fn, func() {
		if written != nil {
			written()
		}
		if s.slow.Load() {
			s.written <- int(s.waiting.Add(1))
			<-s.goOn
			s.waiting.Add(-1)
		}
	})
}

// While a commit waits for the disk the next one is decided and written, on what the
// first one wrote, and nobody has an answer before the disk has it (T32).
func TestNextCommitIsWrittenWhileOneWaitsForTheDisk(t *testing.T) {
	db := storetest.Open(t, storetest.SQLite(t))
	disk := &slowDisk{Store: sqlstore.New(db), written: make(chan int, 8), goOn: make(chan struct{})}
	l := ledger.New(disk, rules, ledger.Options{Ahead: 1})
	defer l.Close(context.Background())
	open(t, l, "ann")
	must(t, l, ask("ann", "", noon, token.TakeHold{ID: "warm", Tokens: 1})) // by now the ledger knows such a store
	disk.slow.Store(true)

	var answered atomic.Int64
	var wg sync.WaitGroup
	reqs := make([]ledger.Request, 8)
	for i := range reqs {
		reqs[i] = ask("ann", "", noon+1, token.TakeHold{ID: id("h", i), Tokens: 1})
	}
	wg.Go(func() {
		_, errs := l.SubmitAll(context.Background(), reqs)
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		answered.Add(1)
	})
	<-disk.written
	if n := <-disk.written; n != 2 {
		t.Errorf("%d commits wait for the disk, want 2", n)
	}
	if answered.Load() != 0 {
		t.Error("answers came before the disk had the commands")
	}
	if n := entriesOf(t, db, "ann"); n <= 2+4 {
		t.Errorf("%d entries are written: the second commit is not", n)
	}
	disk.slow.Store(false)
	close(disk.goOn)
	wg.Wait()
	if n := entriesOf(t, db, "ann"); n != 2+8 {
		t.Errorf("%d entries, want 10", n)
	}
	verified(t, l)
}

func entriesOf(t *testing.T, db *store.DB, account string) (n int64) {
	t.Helper()
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM entries WHERE account = $1", account).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
