package ledger

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// readings is a store of which nothing is asked but accounts, each reading of which waits until it may go on.
type readings struct {
	Store
	begun chan []string
	goOn  chan struct{}
}

func (r *readings) Accounts(ctx context.Context, ids []string) ([]Row, error) {
	r.begun <- ids
	select {
	case <-r.goOn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if ids[0] == "refused" {
		return nil, errors.New("no accounts today")
	}
	rows := make([]Row, 0, len(ids))
	for _, id := range ids {
		rows = append(rows, Row{ID: id, Seq: 1, Hash: "hash", State: "1;"})
	}
	return rows, nil
}

// boarded waits until n accounts are to be read together by the next reading.
func boarded(t *testing.T, l *Ledger, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); runtime.Gosched() {
		l.flights.mu.Lock()
		f := l.flights.next
		there := f != nil && len(f.ids) == n
		l.flights.mu.Unlock()
		if there {
			return
		}
	}
	t.Fatalf("the next reading has not come to %d accounts", n)
}

// Who comes while accounts are read shares the next reading with the others who do.
func TestAccountsAreReadTogether(t *testing.T) {
	s := &readings{begun: make(chan []string, 8), goOn: make(chan struct{})}
	l := New(s, nil, Options{})
	defer l.Close(context.Background())
	var wg sync.WaitGroup
	warm := func(ctx context.Context, id string) { wg.Go(func() { l.warm(ctx, id) }) }

	l.warm(t.Context(), "idle") // no commit is under way: the committer reads it, and reads it at once
	l.under.Add(1)
	warm(t.Context(), "refused")
	if ids := <-s.begun; len(ids) != 1 {
		t.Fatalf("the first reading is of %q", ids)
	}
	const more = 10
	for i := range mostInFlight - 1 {
		warm(t.Context(), fmt.Sprint("a", i))
	}
	boarded(t, l, mostInFlight-1)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() { l.warm(ctx, "gone"); close(gone) }() // fills that reading
	for l.boarding() {
		runtime.Gosched()
	}
	for i := range more {
		warm(t.Context(), fmt.Sprint("b", i))
	}
	boarded(t, l, more)
	cancel()
	<-gone // although nothing is read yet
	close(s.goOn)
	wg.Wait()
	if first, second := len(<-s.begun), len(<-s.begun); first+second != mostInFlight+more || max(first, second) != mostInFlight {
		t.Errorf("readings of %d and %d accounts, want %d and %d", first, second, mostInFlight, more)
	}
	if l.cache.has("refused") || l.cache.has("idle") || !l.cache.has("a0") || !l.cache.has("gone") || !l.cache.has("b9") {
		t.Error("it is not these accounts that are in memory: a0, gone, b9")
	}
	l.warm(t.Context(), "a0")
	if len(s.begun) != 0 {
		t.Error("an account that is in memory was read")
	}
}

// boarding tells whether a reading waits for its turn and has room.
func (l *Ledger) boarding() bool {
	l.flights.mu.Lock()
	defer l.flights.mu.Unlock()
	return l.flights.next != nil
}

// Who would have read for others and gives up while it waits for its turn holds nobody up.
func TestReaderWhoGivesUpHoldsNobodyUp(t *testing.T) {
	s := &readings{begun: make(chan []string, 8), goOn: make(chan struct{})}
	l := New(s, nil, Options{})
	defer l.Close(context.Background())
	l.under.Add(1)
	var first, others sync.WaitGroup
	first.Go(func() { l.warm(t.Context(), "first") })
	<-s.begun
	ctx, cancel := context.WithCancel(t.Context())
	others.Go(func() { l.warm(ctx, "leads") })
	boarded(t, l, 1)
	others.Go(func() { l.warm(t.Context(), "follows") })
	boarded(t, l, 2)
	cancel()
	others.Wait()
	if l.boarding() || len(s.begun) != 0 {
		t.Error("the reading that was given up is still there")
	}
	close(s.goOn)
	first.Wait()
	l.warm(t.Context(), "follows")
	if !l.cache.has("first") || !l.cache.has("follows") {
		t.Error("accounts are not in memory")
	}
}
