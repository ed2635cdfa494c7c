package studio

import (
	"context"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// stance is how a waiting job stands: its place, what keeps it from beginning, and when
// it may begin, at the earliest, about and at the latest.
type stance struct {
	position             int
	waitingFor           string
	earliest, at, latest calendar.Instant
}

// differs tells whether listeners should hear of it: of every other place or obstacle,
// but of another time only where it moved by much.
func (t stance) differs(was stance, now calendar.Instant) bool {
	much := func(is, was calendar.Instant) bool {
		return (is == 0) != (was == 0) || is.Sub(was).Abs() > max(10*time.Second, is.Sub(now)/5)
	}
	return t.position != was.position || t.waitingFor != was.waitingFor || much(t.at, was.at) || much(t.latest, was.latest)
}

// tellLine tells the listeners of waiting jobs that have a new place in line, another
// obstacle or another estimate.
func (s *Studio) tellLine(ctx context.Context) error {
	accounts := s.hub.accounts()
	if len(accounts) == 0 {
		return nil
	}
	for _, r := range s.lineNews(accounts) {
		j, err := s.Job(ctx, r.account, r.id)
		if err != nil {
			if err = ignoreUnknown(err); err != nil {
				return err
			}
			continue
		}
		if j.Status == Queued {
			s.hub.publish(j.Account, Event{Kind: "job", Changed: &j, At: s.now()})
		}
	}
	return nil
}

// lineNews lists the waiting jobs of accounts whose state in line has changed.
func (s *Studio) lineNews(accounts map[string]bool) []ref {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var changed []ref
	for account := range accounts {
		for id := range s.lines[account] {
			w := s.waiting[id]
			if is := s.stand(w); is.differs(w.heard, now) {
				w.heard = is
				changed = append(changed, w.ref)
			}
		}
	}
	return changed
}

// tellElsewhere tells listeners how far the jobs are that other processes run.
func (s *Studio) tellElsewhere(ctx context.Context) error {
	accounts := s.hub.accounts()
	if len(accounts) == 0 {
		return nil
	}
	s.mu.Lock()
	var ids []ref
	for id, account := range s.elsewhere {
		if accounts[account] {
			ids = append(ids, ref{account, id})
		}
	}
	s.mu.Unlock()
	for _, r := range ids {
		var j Job
		err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			j, err = loadJob(ctx, tx, r.account, r.id)
			return err
		})
		if err != nil {
			if err = ignoreUnknown(err); err != nil {
				return err
			}
			continue
		}
		if s.hub.fresh(r.id, j.Updated) {
			s.hub.publish(j.Account, Event{Kind: "job", Changed: &j, At: j.Updated})
		}
	}
	return nil
}

// stand is how a waiting job stands. The caller holds the lock.
func (s *Studio) stand(w *waiter) stance {
	t := stance{position: s.queue.Position(w.id), waitingFor: s.obstacle(w)}
	if t.waitingFor == "" {
		t.waitingFor = s.overLimit(w)
		t.earliest, t.at, t.latest = w.told.after(w.told.Low), w.told.after(w.told.Mid), w.told.after(w.told.High)
		if w.told.High == 0 {
			t.at, t.latest = 0, 0
		}
	}
	return t
}

// addLive adds what only the running process knows: progress, the place in line, what
// the job waits for and when it may begin.
func (s *Studio) addLive(j *Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.running[j.ID]; r != nil && j.Status == Running {
		j.Progress = max(j.Progress, r.progress)
	}
	if w := s.waiting[j.ID]; w != nil && j.Status == Queued {
		is := s.stand(w)
		j.Position, j.WaitingFor, j.Earliest, j.MayStart, j.Latest = is.position, is.waitingFor, is.earliest, is.at, is.latest
		s.ask(w.id, s.now())
	}
}
