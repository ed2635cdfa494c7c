package ledger

import (
	"context"
	"sync"
)

// mostInFlight is how many accounts are read at once: as many as the store has a statement for.
const mostInFlight = 64

// flights are readings of accounts that several callers share. There is one at a time: who comes meanwhile shares the next.
type flights struct {
	mu sync.Mutex
	// next is the one that has not begun; nil for none.
	next *flight
	// room is full while a reading is under way.
	room chan struct{}
}

// flight is one reading; done is closed when it has ended.
type flight struct {
	ids  []string
	done chan struct{}
}

func newFlights() flights { return flights{room: make(chan struct{}, 1)} }

// warm brings an account into memory before its command is queued, if a commit is under
// way that the command has to wait for anyway: callers read together, and beside the commit, what the
// committer would read one batch after the other. It is a help and no more. What it brings may
// be old by the time it is used, like all that the cache holds, and what it can't read
// the committer reads.
func (l *Ledger) warm(ctx context.Context, id string) {
	if l.under.Load() == 0 || l.cache.has(id) {
		return
	}
	f, first := l.flights.board(id)
	if first {
		l.fly(ctx, f)
		return
	}
	select {
	case <-f.done:
	case <-ctx.Done():
	}
}

// board adds an account to the next reading, and tells whether it is its first, who reads for all.
func (s *flights) board(id string) (f *flight, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, first = s.next, s.next == nil; first {
		f = &flight{done: make(chan struct{})}
		s.next = f
	}
	f.ids = append(f.ids, id)
	if len(f.ids) == mostInFlight {
		s.next = nil
	}
	return f, first
}

// shut lets nobody else into a reading.
func (s *flights) shut(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == f {
		s.next = nil
	}
}

// fly reads, as soon as there is room, the accounts of all who came until then. Where the one that reads gives up, the
// others go on without.
func (l *Ledger) fly(ctx context.Context, f *flight) {
	defer close(f.done)
	select {
	case l.flights.room <- struct{}{}:
	default: // only who has to wait asks the context, from which the simulator takes that a command is queued
		select {
		case l.flights.room <- struct{}{}:
		case <-ctx.Done():
			l.flights.shut(f)
			return
		}
	}
	defer func() { <-l.flights.room }()
	l.flights.shut(f)
	rows, err := l.store.Accounts(ctx, f.ids)
	if err != nil {
		return
	}
	for _, row := range rows {
		if a, err := decodeState(row); err == nil {
			l.cache.put(a, row.Aside)
		}
	}
}
