package ledger

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

const (
	// mostParts is in how many parts a batch is streamed at most.
	mostParts = 4
	// leastPart is how many commands a part has at least: each part is a round trip more.
	leastPart = 64
)

// part is some accounts of a batch with all their commands.
type part struct {
	states []*state
	items  []*item
}

// parts divides a batch by account, so that one part can be written while the next is
// decided; nil where it is too small, or where commands concern more than their own
// account: gifts have two, and codes are redeemed in the order of arrival.
func (b *batch) parts() []part {
	n := min(mostParts, len(b.items)/leastPart)
	if n < 2 || b.strict {
		return nil
	}
	for _, it := range b.items {
		switch it.req.Command.(type) {
		case token.SendGift, token.Redeem:
			return nil
		}
	}
	for _, it := range b.items {
		s := b.states[it.req.Account]
		s.items = append(s.items, it)
	}
	// In the order of ids, as all rows are written.
	order := slices.Clone(b.order)
	slices.SortFunc(order, func(x, y *state) int { return strings.Compare(x.account.ID, y.account.ID) })
	parts := make([]part, 1, n)
	for _, s := range order {
		p := &parts[len(parts)-1]
		if len(p.items) >= (len(b.items)+n-1)/n {
			parts = append(parts, part{})
			p = &parts[len(parts)-1]
		}
		p.states = append(p.states, s)
		p.items = append(p.items, s.items...)
	}
	return parts
}

// stream decides the parts one after the other, while another goroutine writes those
// that are decided.
func (b *batch) stream(ctx context.Context, w Writer, parts []part) error {
	shared := &sharedWriter{Writer: w}
	decided := make(chan []Change, len(parts))
	written := make(chan error, 1)
	go func() {
		var failed error
		for changes := range decided {
			if failed == nil && len(changes) > 0 {
				failed = guard(func() error { return shared.Append(ctx, changes) })
			}
		}
		written <- failed
	}()
	var failed error
	for _, p := range parts {
		var changes []Change
		if changes, failed = b.decideAll(ctx, shared, p.items, p.states); failed != nil {
			break
		}
		decided <- changes
	}
	close(decided)
	if err := <-written; err != nil {
		return err // what failed first
	}
	return failed
}

// sharedWriter lets two goroutines use one transaction.
type sharedWriter struct {
	Writer
	mu sync.Mutex
}

func (s *sharedWriter) Append(ctx context.Context, changes []Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Writer.Append(ctx, changes)
}

func (s *sharedWriter) Named(ctx context.Context, account, name string) (Record, string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Writer.Named(ctx, account, name)
}

func (s *sharedWriter) LastName(ctx context.Context, account, prefix string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Writer.LastName(ctx, account, prefix)
}

func (s *sharedWriter) Records(ctx context.Context, account string, after int64, limit int) ([]Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Writer.Records(ctx, account, after, limit)
}

// Attempt keeps the other goroutine out as long as fn runs: what it wrote would be
// undone with fn's rows.
func (s *sharedWriter) Attempt(ctx context.Context, all bool, fn func(ctx context.Context, tx *store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Writer.Attempt(ctx, all, fn)
}
