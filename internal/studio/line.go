package studio

import (
	"context"
	"encoding/json"
	"time"

	"github.com/florin-studio/florin/internal/engine/pool"
	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/token"
)

// maxQueue bounds the waiting jobs of the whole installation unless the configuration
// does; busyRetry is when to come back.
const (
	maxQueue  = 100_000
	busyRetry = 30 * time.Second
)

// waiter is a job in line, with what it takes to run it.
type waiter struct {
	ref
	needs Needs
	lane  token.Lane
	plan  string
	price int64
	// class is what the queue calls those that run on the same engines; seq is the order
	// in which this process got to know of them.
	class string
	seq   int64
	// wait is what its listeners were told last.
	wait told
}

func (s *Studio) queueFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.Len() >= s.MaxQueue
}

// enqueue puts a queued job in line and wakes the dispatcher.
func (s *Studio) enqueue(j *Job, plan string) {
	s.put(&waiter{ref: ref{j.Account, j.ID}, needs: j.Spec.Needs(), lane: j.Lane, plan: plan, price: j.Price})
}

// put puts a job at the end of its account's line.
func (s *Studio) put(w *waiter) {
	s.mu.Lock()
	s.add(w)
	s.mu.Unlock()
	s.signal()
}

// add is put for callers that hold the lock.
func (s *Studio) add(w *waiter) {
	if s.queue.Has(w.id) {
		return
	}
	p := s.planOf(w.plan)
	w.class = s.classOf(w)
	job := queue.Job{ID: w.id, Account: w.account, Lane: queue.Fast, Class: w.class, Cost: w.price}
	if w.lane == token.Relaxed {
		job.Lane, job.Slowdown = queue.Relaxed, int64(p.Slowdown)
	}
	s.queue.Add(job, queue.Terms{Weight: int64(p.Weight), Parallel: p.Limits.Parallel})
	s.book(w)
	s.arrived(w)
}

// book notes a job that waits. The caller holds the lock.
func (s *Studio) book(w *waiter) {
	s.seq++
	w.seq = s.seq
	s.waiting[w.id] = w
	if s.lines[w.account] == nil {
		s.lines[w.account] = map[string]bool{}
	}
	s.lines[w.account][w.id] = true
}

// back puts a job that was taken from the line back to its old place there, or where it
// needs other engines than before, at the end.
func (s *Studio) back(w *waiter) {
	s.mu.Lock()
	delete(s.running, w.id)
	if s.classOf(w) == w.class && s.queue.Return(w.id) {
		s.book(w)
	} else {
		s.queue.Done(w.id)
		s.add(w)
	}
	s.mu.Unlock()
	s.signal()
}

// line puts a job that waits again in line, or gives it up when it has had its chances.
// dead tells that the process which ran it died.
func (s *Studio) line(ctx context.Context, w *waiter, attempt int64, dead bool) error {
	if !dead || attempt < maxAttempts {
		s.put(w)
		return nil
	}
	j, err := s.Job(ctx, w.account, w.id)
	if err == nil {
		err = s.end(ctx, &j, Failed, "The server stopped each time this was tried.")
	}
	return ignoreLost(err)
}

// setAside keeps a job that could not be claimed until the next beat.
func (s *Studio) setAside(w *waiter) {
	s.mu.Lock()
	s.aside = append(s.aside, w)
	s.mu.Unlock()
}

// putBack puts what was set aside in line again.
func (s *Studio) putBack() {
	s.mu.Lock()
	aside := s.aside
	s.aside = nil
	s.mu.Unlock()
	for _, w := range aside {
		s.back(w)
	}
}

// leaveLine takes a job out of line.
func (s *Studio) leaveLine(id string) {
	s.mu.Lock()
	s.queue.Remove(id)
	s.step(id)
	delete(s.avoid, id)
	s.mu.Unlock()
	s.signal()
}

// signal wakes the dispatcher.
func (s *Studio) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next takes the job that should run now and a slot for it, or nothing.
func (s *Studio) next() (*waiter, *pool.Seat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.pool.Members() {
		if m.Free() == 0 {
			continue
		}
		w := s.pick(m)
		if w == nil {
			continue
		}
		if seat, ok := s.better(m, w).Take(); ok {
			return w, seat
		}
		s.aside = append(s.aside, w) // the engine went out just now
	}
	return nil, nil
}

// pick takes the job that should run next on an engine. The caller holds the lock.
func (s *Studio) pick(m *pool.Member) *waiter {
	loaded := m.Loaded()
	j, ok := s.queue.NextFor(queue.Engine{
		Can: func(class string) bool { return s.can(m, class) },
		Has: func(class string) bool { return loaded != "" && s.classes[class].model == loaded },
	})
	if !ok {
		return nil
	}
	return s.step(j.ID)
}

// step takes a job off the books of the line. The caller holds the lock.
func (s *Studio) step(id string) *waiter {
	w := s.waiting[id]
	if w == nil {
		return nil
	}
	delete(s.waiting, id)
	delete(s.lines[w.account], id)
	if len(s.lines[w.account]) == 0 {
		delete(s.lines, w.account)
	}
	return w
}

// done lets the account's next job run.
func (s *Studio) done(id string) {
	s.mu.Lock()
	s.queue.Done(id)
	delete(s.running, id)
	s.mu.Unlock()
	s.signal()
}

// needsOf reads what an engine must be able to do for a stored job.
func needsOf(spec string) (Needs, error) {
	var s Spec
	err := json.Unmarshal([]byte(spec), &s)
	return s.Needs(), err
}
