package studio

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
)

// recover returns running jobs whose lease is over to the queue (all of them where
// this process is the only one), gives up those that were started too often, ends those
// that somebody wants cancelled, and puts queued jobs in line that are not there.
func (s *Studio) recover(ctx context.Context, all bool) error {
	var jobs []Job
	plans := map[string]string{}
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		jobs, err = queryJobs(ctx, tx, `SELECT `+jobColumns+` FROM jobs WHERE status IN ('queued', 'running') ORDER BY created, id`)
		return err
	})
	if err != nil {
		return err
	}
	for i := range jobs {
		j := &jobs[i]
		if j.Status == Running {
			if back, err := s.reclaim(ctx, j, all); err != nil || !back {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := s.line(ctx, j, plans); err != nil {
			return err
		}
	}
	return nil
}

// line puts a queued job in line, unless it is there or has had its chances.
func (s *Studio) line(ctx context.Context, j *Job, plans map[string]string) error {
	s.mu.Lock()
	known := s.queue.Has(j.ID)
	s.mu.Unlock()
	if known {
		return nil
	}
	if j.Attempt >= maxAttempts {
		full, err := s.Job(ctx, j.Account, j.ID)
		if err != nil {
			return err
		}
		err = s.end(ctx, &full, Failed, "The server stopped each time this was tried.")
		if errors.Is(err, errLost) {
			return nil
		}
		return err
	}
	plan, ok := plans[j.Account]
	if !ok {
		a, err := s.Ledger.Account(ctx, j.Account, s.now())
		if err != nil {
			return err
		}
		plan = a.Facts.Plan
		plans[j.Account] = plan
	}
	s.enqueue(j, plan)
	return nil
}

// reclaim returns a running job to the queue if nobody works on it any more.
func (s *Studio) reclaim(ctx context.Context, j *Job, all bool) (back bool, err error) {
	s.mu.Lock()
	mine := s.running[j.ID] != nil
	s.mu.Unlock()
	if mine {
		return false, nil
	}
	over := int64(s.now())
	if all {
		over = 1 << 62
	}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE jobs SET status = 'queued', worker = '', lease = 0, updated = $1
			WHERE account = $2 AND id = $3 AND status = 'running' AND attempt = $4 AND lease < $5`,
			int64(s.now()), j.Account, j.ID, j.Attempt, over)
		back = rows == 1
		return err
	})
	if back {
		j.Status = Queued
	}
	return back, err
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
