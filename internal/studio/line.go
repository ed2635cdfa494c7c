package studio

import (
	"context"
	"time"

	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/token"
)

// maxQueue bounds the waiting jobs of the whole installation; busyRetry is when to come back.
const (
	maxQueue  = 100_000
	busyRetry = 30 * time.Second
)

func (s *Studio) queueFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.Len() >= maxQueue
}

// enqueue puts a queued job in line and wakes a worker.
func (s *Studio) enqueue(j *Job, plan string) {
	p := s.planOf(plan)
	terms := queue.Terms{Weight: int64(p.Weight), Parallel: p.Limits.Parallel}
	job := queue.Job{ID: j.ID, Account: j.Account, Lane: queue.Fast, Cost: j.Price}
	if j.Lane == token.Relaxed {
		job.Lane, job.Cost = queue.Relaxed, j.Price*int64(max(p.Slowdown, 1))
	}
	s.mu.Lock()
	s.queue.Add(job, terms)
	s.waiting[j.ID] = ref{j.Account, j.ID}
	s.mu.Unlock()
	s.signal()
}

// signal wakes one idle worker; that one wakes the next while there is work.
func (s *Studio) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next waits for the job that should run now.
func (s *Studio) next(ctx context.Context) (ref, bool) {
	for {
		s.mu.Lock()
		j, ok := s.queue.Next()
		r := s.waiting[j.ID]
		delete(s.waiting, j.ID)
		more := s.queue.Len() > 0
		s.mu.Unlock()
		if ok {
			if more {
				s.signal()
			}
			return r, true
		}
		select {
		case <-ctx.Done():
			return ref{}, false
		case <-s.wake:
		}
	}
}

// done lets the account's next job run.
func (s *Studio) done(id string) {
	s.mu.Lock()
	s.queue.Done(id)
	delete(s.running, id)
	s.mu.Unlock()
	s.signal()
}
