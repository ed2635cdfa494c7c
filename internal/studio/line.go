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
	// heard is what its listeners were told last; told is what it is told now, and first
	// what it was told when it came.
	heard       stance
	told, first forecast
	// fresh tells that it was submitted just now.
	fresh bool
}

func (s *Studio) queueFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.Len() >= s.MaxQueue
}

// enqueue puts a queued job in line and wakes the dispatcher.
func (s *Studio) enqueue(j *Job, plan string) {
	s.put(&waiter{ref: ref{j.Account, j.ID}, needs: j.Spec.Needs(), lane: j.Lane, plan: plan, price: j.Price, fresh: true})
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
	job := queue.Job{ID: w.id, Account: w.account, Lane: laneOf(w.lane), Class: w.class, Cost: w.price}
	if w.lane == token.Relaxed {
		job.Slowdown = int64(p.Slowdown)
	}
	terms := queue.Terms{Weight: int64(p.Weight), Parallel: p.Limits.Parallel}
	if w.fresh {
		s.pace.recent.Note(s.queue, int64(s.now()), job, terms)
		w.fresh = false
	}
	s.queue.Add(job, terms)
	s.book(w)
}

func laneOf(l token.Lane) queue.Lane {
	if l == token.Relaxed {
		return queue.Relaxed
	}
	return queue.Fast
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

// reshare takes the relaxed lane's share from the price list in force (T25).
func (s *Studio) reshare() {
	s.mu.Lock()
	s.queue.SetShare(int64(s.Catalog().RelaxedShare()))
	s.mu.Unlock()
}

// needsOf reads what an engine must be able to do for a stored job.
func needsOf(spec string) (Needs, error) {
	var s Spec
	err := json.Unmarshal([]byte(spec), &s)
	return s.Needs(), err
}
