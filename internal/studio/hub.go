package studio

import (
	"context"
	"sync"

	"github.com/florin-studio/florin/token/calendar"
)

// Event tells a listener that something of its account changed. It carries the whole
// state of what changed, so that an event that was missed or came twice does no harm.
type Event struct {
	// Kind is "job" or "balance".
	Kind string
	// Changed is the job, for "job".
	Changed *Job
	At      calendar.Instant
}

// hub hands events to the listeners of an account.
type hub struct {
	mu        sync.Mutex
	listeners map[string]map[chan Event]struct{}
	// heard is when the jobs of other processes last changed as far as listeners know.
	heard map[string]calendar.Instant
}

func newHub() *hub {
	return &hub{listeners: map[string]map[chan Event]struct{}{}, heard: map[string]calendar.Instant{}}
}

// backlog is how many events a slow listener may lag behind before it is cut off; it then comes back and reads the state.
const backlog = 256

func (h *hub) listen(account string) chan Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := make(chan Event, backlog)
	if h.listeners[account] == nil {
		h.listeners[account] = map[chan Event]struct{}{}
	}
	h.listeners[account][c] = struct{}{}
	return c
}

func (h *hub) leave(account string, c chan Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.listeners[account][c]; ok {
		h.drop(account, c)
	}
}

func (h *hub) drop(account string, c chan Event) {
	close(c)
	delete(h.listeners[account], c)
	if len(h.listeners[account]) == 0 {
		delete(h.listeners, account)
	}
}

func (h *hub) publish(account string, e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.listeners[account] {
		select {
		case c <- e:
		default:
			h.drop(account, c)
		}
	}
}

// listens tells whether anybody listens for an account.
func (h *hub) listens(account string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.listeners[account]) > 0
}

// accounts are those that somebody listens for.
func (h *hub) accounts() map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.listeners) == 0 {
		clear(h.heard)
		return nil
	}
	all := make(map[string]bool, len(h.listeners))
	for account := range h.listeners {
		all[account] = true
	}
	return all
}

// fresh tells whether listeners have not heard yet of a job's last change.
func (h *hub) fresh(id string, updated calendar.Instant) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heard[id] == updated {
		return false
	}
	h.heard[id] = updated
	return true
}

// forget drops what was heard of a job.
func (h *hub) forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.heard, id)
}

// Listen gives an account's events until the context ends or the listener lags too
// far behind; then the channel is closed.
func (s *Studio) Listen(ctx context.Context, account string) <-chan Event {
	c := s.hub.listen(account)
	context.AfterFunc(ctx, func() { s.hub.leave(account, c) })
	return c
}

// publish tells an account's listeners that a job and the balance changed.
func (s *Studio) publish(j Job) {
	s.addLive(&j)
	s.hub.publish(j.Account, Event{Kind: "job", Changed: &j, At: j.Updated})
	s.hub.publish(j.Account, Event{Kind: "balance", At: j.Updated})
}
