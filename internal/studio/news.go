package studio

import (
	"context"
	"errors"
	"time"

	"github.com/florin-studio/florin/token/calendar"
)

// How far back changes are read again: a transaction commits a moment after the instant
// it carries, and clocks of several machines differ. Every far look covers what the near
// ones may have missed. Clocks that differ by more than farLook, or by more than the
// lease less its renewal, are a fault of the installation.
const (
	nearLook = 3 * time.Second
	farLook  = 60 * time.Second
	farEvery = 10 * time.Second
)

// news is what this process has seen of the others.
type news struct {
	// read is from when on changes have not been looked for; far is when they were last
	// looked for far back.
	read, far calendar.Instant
	// seen are the changes of the last farLook, so that each is acted on once.
	seen map[string]change
	// signed is what was last written of this process's engines, and when.
	signed   string
	signedAt calendar.Instant
}

// change tells one change of a job from the next.
type change struct {
	status  Status
	attempt int64
	cancel  bool
	moved   calendar.Instant
}

// watch does what comes up every beat: it reads what other processes changed, returns
// the jobs of those that died, and tells listeners what no change of a job tells.
func (s *Studio) watch(ctx context.Context) error {
	var err error
	if !s.Alone {
		err = s.readNews(ctx)
	}
	err = errors.Join(err, s.reclaimOver(ctx))
	s.sortAgain()
	s.putBack()
	s.reshare()
	if !s.Alone {
		err = errors.Join(err, s.tellElsewhere(ctx))
	}
	s.foresee()
	return errors.Join(err, s.tellLine(ctx), s.signOn(ctx))
}

// readNews reads the jobs that changed since the last time, and no others: its cost
// follows the changes and not the number of jobs that wait.
func (s *Studio) readNews(ctx context.Context) error {
	n := &s.news
	now := s.now()
	since := n.read.Add(-nearLook)
	far := now.Sub(n.far) >= farEvery
	if far {
		since = n.read.Add(-farLook)
	}
	after := facts{moved: since - 1}
	for {
		page, err := s.readFacts(ctx, newsPage, int64(after.moved), after.account, after.id, pageOfJobs)
		if err != nil {
			return err
		}
		for i := range page {
			if err := s.noteNews(ctx, &page[i]); err != nil {
				return err
			}
		}
		if len(page) < pageOfJobs {
			break
		}
		after = page[len(page)-1]
	}
	n.read = now
	if far {
		n.far = now
		for id, c := range n.seen {
			if c.moved < now.Add(-2*farLook) {
				delete(n.seen, id)
			}
		}
	}
	return nil
}

// noteNews acts on a change, unless that was seen before.
func (s *Studio) noteNews(ctx context.Context, f *facts) error {
	c := change{f.status, f.attempt, f.cancel, f.moved}
	if s.news.seen[f.id] == c {
		return nil
	}
	if s.news.seen == nil {
		s.news.seen = map[string]change{}
	}
	s.mu.Lock()
	r, w := s.running[f.id], s.waiting[f.id]
	known := s.queue.Has(f.id)
	if f.status == Running && f.worker != s.worker {
		s.elsewhere[f.id] = f.account
	} else {
		delete(s.elsewhere, f.id)
	}
	s.mu.Unlock()
	if f.status != Running {
		s.hub.forget(f.id)
	}
	switch {
	case f.status == Queued && !known:
		w, err := f.waiter()
		if err != nil {
			s.Log.Error("a job that can't be read stays where it is", "err", err)
			break
		}
		w.fresh = f.attempt == 0
		if err := s.line(ctx, w, f.attempt, false); err != nil {
			return err
		}
	case f.status != Queued && w != nil:
		if f.status == Running {
			s.learn(w)
		}
		s.leaveLine(f.id)
	case f.status == Running && f.cancel && r != nil && f.worker == s.worker:
		r.cancel(errCancelled)
	}
	s.news.seen[f.id] = c
	if r == nil && s.hub.listens(f.account) {
		j, err := s.Job(ctx, f.account, f.id)
		if err != nil {
			return ignoreUnknown(err)
		}
		s.publish(j)
	}
	return nil
}

// ignoreUnknown forgives that a job was deleted.
func ignoreUnknown(err error) error {
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	return err
}
