package studio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// facts are what the line needs to know of an open job.
type facts struct {
	ref
	spec    string
	status  Status
	lane    token.Lane
	plan    string
	price   int64
	attempt int64
	worker  string
	lease   calendar.Instant
	cancel  bool
	created calendar.Instant
	moved   calendar.Instant
}

// factColumns leave out the spec of jobs that don't wait.
const factColumns = `account, id, CASE WHEN status = 'queued' THEN spec ELSE '' END, status, lane, plan, price, attempt, worker, lease, cancel, created, moved`

// readFacts reads the facts of the jobs that a condition chooses.
func (s *Studio) readFacts(ctx context.Context, which string, args ...any) (all []facts, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all = nil
		rows, err := tx.Query(ctx, `SELECT `+factColumns+` FROM jobs WHERE `+which, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f facts
			var lane string
			var lease, cancel, created, moved int64
			if err := rows.Scan(&f.account, &f.id, &f.spec, &f.status, &lane, &f.plan, &f.price, &f.attempt, &f.worker, &lease, &cancel, &created, &moved); err != nil {
				return err
			}
			f.lane, f.cancel = token.Lane(lane), cancel != 0
			f.lease, f.created, f.moved = calendar.Instant(lease), calendar.Instant(created), calendar.Instant(moved)
			all = append(all, f)
		}
		return rows.Err()
	})
	return all, err
}

// waiter makes a job's place in line.
func (f *facts) waiter() (*waiter, error) {
	needs, err := needsOf(f.spec)
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", f.id, err)
	}
	return &waiter{ref: f.ref, needs: needs, lane: f.lane, plan: f.plan, price: f.price}, nil
}

// What is read of the jobs: those that run, never more than there are slots; those that
// wait, in the order of the line; those that their worker has left; and what has changed.
const (
	runningJobs = `status = 'running' ORDER BY created, id`
	waitingPage = `finished = 0 AND status = 'queued' AND (created, id) > ($1, $2) ORDER BY created, id LIMIT $3`
	overPage    = `status = 'running' AND lease < $1 ORDER BY lease LIMIT $2`
	newsPage    = `(moved, account, id) > ($1, $2, $3) ORDER BY moved, account, id LIMIT $4`
)

// pageOfJobs is how many jobs are read at a time.
const pageOfJobs = 5000

// recoverFor is how long the database may be away at the start before the process gives
// up; whoever started it then hears of it.
const recoverFor = time.Minute

// recoverPatiently recovers, again and again while the database is away: at its start a
// process bears that as it does later. A context that ends is no error.
func (s *Studio) recoverPatiently(ctx context.Context) error {
	s.news.read = s.now() // what changes from the first try on is news
	late := time.Now().Add(recoverFor)
	for pause := persistPause; ; pause = min(2*pause, time.Second) {
		err := s.recover(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
			return nil
		case final(err) || time.Now().After(late):
			return fmt.Errorf("recovering jobs: %w", err)
		}
		s.Log.Error("open jobs could not be recovered; trying again", "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// recover reads every open job once, at the start: those that wait are put in line, page by
// page, those that run elsewhere are noted, and those whose lease is over (or all, where
// this process is the only one) are returned. From some that have ended it takes how fast
// engines are.
func (s *Studio) recover(ctx context.Context) error {
	running, err := s.readFacts(ctx, runningJobs)
	if err == nil { // they come back in line before those that wait
		err = s.recoverRunning(ctx, running)
	}
	var after facts
	for err == nil {
		var page []facts
		page, err = s.readFacts(ctx, waitingPage, int64(after.created), after.id, pageOfJobs)
		if err != nil || len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		err = s.lineAll(ctx, page)
	}
	if err != nil {
		return err
	}
	return s.remember(ctx)
}

func (s *Studio) lineAll(ctx context.Context, page []facts) error {
	for i := range page {
		w, err := page[i].waiter()
		if err != nil {
			s.Log.Error("a job that can't be read stays where it is", "err", err)
			continue
		}
		if err := s.line(ctx, w, page[i].attempt, true); err != nil {
			return err
		}
	}
	return nil
}

func (s *Studio) recoverRunning(ctx context.Context, running []facts) error {
	now := s.now()
	for i := range running {
		f := &running[i]
		if s.Alone || f.lease < now {
			if err := s.reclaim(ctx, f); err != nil {
				return err
			}
			continue
		}
		s.mu.Lock()
		s.elsewhere[f.id] = f.account
		s.mu.Unlock()
	}
	return nil
}

// reclaimOver returns running jobs whose lease is over.
func (s *Studio) reclaimOver(ctx context.Context) error {
	over, err := s.readFacts(ctx, overPage, int64(s.now()), pageOfJobs)
	if err != nil {
		return err
	}
	for i := range over {
		s.mu.Lock()
		mine := s.running[over[i].id] != nil
		s.mu.Unlock()
		if mine {
			continue // late with renewing, but at work
		}
		if err := s.reclaim(ctx, &over[i]); err != nil {
			return err
		}
	}
	return nil
}

// reclaim returns a running job that nobody works on any more to the queue, or ends it:
// as cancelled where somebody wished so, as failed where it was started too often.
func (s *Studio) reclaim(ctx context.Context, f *facts) error {
	back := false
	now := s.now()
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE jobs SET status = 'queued', worker = '', lease = 0, place = -1, updated = $1, moved = $1
			WHERE account = $2 AND id = $3 AND attempt = $4 AND worker = $5 AND lease = $6`,
			int64(now), f.account, f.id, f.attempt, f.worker, int64(f.lease))
		back = rows == 1
		return err
	})
	if err != nil || !back {
		return err
	}
	j, err := s.Job(ctx, f.account, f.id)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.elsewhere, f.id)
	s.mu.Unlock()
	if f.cancel {
		return ignoreLost(s.endCancelled(ctx, &j))
	}
	s.publish(j)
	w := &waiter{ref: f.ref, needs: j.Spec.Needs(), lane: j.Lane, plan: f.plan, price: j.Price}
	return s.line(ctx, w, j.Attempt, true)
}

// ignoreLost forgives that another process was faster.
func ignoreLost(err error) error {
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// Loose is a hold that no open job accounts for, or an open job that has no hold: a fault.
type Loose struct {
	Account, ID, What string
}

// Check compares open holds with open jobs, which must be the same (T14). Holds that
// were not taken for jobs are left out by ids: it looks at the accounts of jobs only.
func (s *Studio) Check(ctx context.Context) ([]Loose, error) {
	var jobs []Job
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		jobs, err = queryJobs(ctx, tx, `SELECT `+jobColumns+` FROM jobs ORDER BY account, id`)
		return err
	})
	if err != nil {
		return nil, err
	}
	var loose []Loose
	accounts := map[string]token.Account{}
	for _, j := range jobs {
		a, ok := accounts[j.Account]
		if !ok {
			if a, err = s.Ledger.Account(ctx, j.Account, s.now()); err != nil {
				return nil, err
			}
			accounts[j.Account] = a
		}
		_, held := a.Hold(j.ID)
		switch {
		case held && !j.Open():
			loose = append(loose, Loose{j.Account, j.ID, "an open hold of a job that is " + string(j.Status)})
		case !held && j.Open():
			loose = append(loose, Loose{j.Account, j.ID, "a job that is " + string(j.Status) + " without a hold"})
		}
	}
	return loose, nil
}
