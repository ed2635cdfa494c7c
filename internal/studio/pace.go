package studio

import (
	"time"

	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// pace is how fast engines have been and how fast jobs come, each a moving mean.
type pace struct {
	// perToken is what a token's worth of work took on a slot, and perJob a whole job, in
	// microseconds; 0 while nothing is known.
	perToken, perJob int64
	// arrived are the tokens' worth of jobs that came to each lane since since, and
	// arriving the mean in 1000 seconds.
	arrived, arriving [2]int64
	since             calendar.Instant
	// others is how many slots other processes have.
	others int
}

// recent is the weight of a new measurement, one in so many.
const recent = 8

func mean(was, is int64) int64 {
	if was == 0 {
		return is
	}
	return was + (is-was)/recent
}

// measure notes how long a job took that ran from its beginning to its end here.
func (s *Studio) measure(r *run) {
	took := max(time.Since(r.began).Microseconds(), 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.perToken = mean(s.pace.perToken, max(took/max(r.job.Price, 1), 1))
	s.pace.perJob = mean(s.pace.perJob, took)
}

// arriveEvery is how long arrivals are counted before they go into the mean.
const arriveEvery = 10 * time.Second

// arrive takes what came since the last time into the mean.
func (s *Studio) arrive() {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.pace
	span := now.Sub(p.since)
	if span < arriveEvery {
		return
	}
	for lane, tokens := range p.arrived {
		if p.since != 0 {
			p.arriving[lane] += (tokens*1_000_000/max(span.Milliseconds(), 1) - p.arriving[lane]) / recent
		}
		p.arrived[lane] = 0
	}
	p.since = now
}

// load is how busy the engines are. The caller holds the lock.
func (s *Studio) load() queue.Load {
	l := queue.Load{JobTime: s.pace.perJob / 1000, Share: int64(s.Catalog().RelaxedShare()), Slots: s.pace.others}
	for _, m := range s.pool.Members() {
		if m.Usable() {
			l.Slots += max(m.Describe().Slots, 1)
			l.Free += m.Free()
		}
	}
	l.Speed = int64(l.Slots) * 1_000_000_000 / max(s.pace.perToken, 1)
	l.Arriving[queue.Fast], l.Arriving[queue.Relaxed] = s.pace.arriving[0], s.pace.arriving[1]
	return l
}

// estimate tells when a waiting job may begin, or 0 while nothing is known of the
// engines' speed. The caller holds the lock.
func (s *Studio) estimate(w *waiter, now calendar.Instant) calendar.Instant {
	ahead, ok := s.queue.Ahead(w.id)
	if !ok || s.pace.perToken == 0 {
		return 0
	}
	return now.Add(time.Duration(queue.Estimate(ahead, s.load())) * time.Millisecond)
}

// arrived notes a job that came to wait. The caller holds the lock.
func (s *Studio) arrived(w *waiter) {
	lane := 0
	if w.lane == token.Relaxed {
		lane = 1
	}
	s.pace.arrived[lane] += w.price
}
