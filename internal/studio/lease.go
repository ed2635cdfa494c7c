package studio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/store"
)

// errNoPlace is a claim that did not succeed although the job still waits.
var errNoPlace = errors.New("the account runs as many jobs as its plan allows")

// claim takes a queued job for this worker; it tells whether it was still to be had. The
// job gets one of the places that its plan gives to running jobs. No two jobs of an
// account can have the same place, so that the plan's limit holds whatever the number
// of processes.
func (s *Studio) claim(ctx context.Context, w *waiter, engineID string) (j Job, ok bool, err error) {
	parallel := max(s.planOf(w.plan).Limits.Parallel, 1)
	for range 5 {
		j, ok, err = s.claimOnce(ctx, w, engineID, parallel)
		if !errors.Is(err, store.ErrUnique) {
			return j, ok, err
		}
	}
	return j, false, errNoPlace // others were faster each time
}

// claiming takes a job and gives it the lowest place that no running job of the account
// has, in one statement, so that a claim is one round trip and its commit. A job that
// finds all places taken, or does not wait, stays as it is.
const claiming = `UPDATE jobs SET status = 'running', worker = $1, lease = $2, attempt = attempt + 1, engine = $3, updated = $4, moved = $4,
	started = CASE WHEN started = 0 THEN $4 ELSE started END,
	place = (SELECT MIN(free.n) FROM (SELECT 0 AS n UNION ALL SELECT place + 1 FROM jobs WHERE account = $5 AND place >= 0) AS free
		WHERE NOT EXISTS (SELECT 1 FROM jobs AS taken WHERE taken.account = $5 AND taken.place >= 0 AND taken.place = free.n))
	WHERE account = $5 AND id = $6 AND status = 'queued' AND cancel = 0
	AND (SELECT COUNT(*) FROM jobs AS taken WHERE taken.account = $5 AND taken.place >= 0) < $7
	RETURNING ` + jobColumns

func (s *Studio) claimOnce(ctx context.Context, w *waiter, engineID string, parallel int) (j Job, ok bool, err error) {
	now, cancel := s.now(), false
	err = s.note(ctx, func(ctx context.Context, tx *store.Tx) error {
		ok = false
		taken, err := queryJobs(ctx, tx, claiming, s.worker, int64(now.Add(s.Timing.Lease)), engineID, int64(now), w.account, w.id, parallel)
		switch {
		case err != nil:
			return err
		case len(taken) == 0: // its state says why
			if j, err = loadJob(ctx, tx, w.account, w.id); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT cancel FROM jobs WHERE account = $1 AND id = $2`, w.account, w.id).Scan(&cancel)
		}
		j, ok = taken[0], true
		if j.Pictures = []Picture{}; j.Attempt == 1 && j.Started == now && j.Progress == 0 {
			return nil // nothing was made before the first start
		}
		j.Pictures, err = picturesOf(ctx, tx, w.account, w.id)
		return err
	})
	if err != nil || ok || j.Status != Queued {
		return j, ok && err == nil, err
	}
	if !cancel {
		return j, false, errNoPlace
	}
	// Only a wish to cancel, left by a worker that lost the job, keeps it from being claimed.
	return j, false, s.endCancelled(ctx, &j)
}

// keep tells the database that this process's jobs are alive and how far they are, in
// one transaction for all. A lease that is gone ends its work.
func (s *Studio) keep(ctx context.Context) error {
	due := s.due(time.Now())
	if len(due) == 0 {
		return nil
	}
	var rows []int64
	err := s.note(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		statements := make([]store.Statement, len(due))
		for i, d := range due {
			statements[i] = store.Statement{SQL: renewal, Args: [][]any{s.renewal(&d.job, d.progress)}}
		}
		rows, err = tx.ExecAll(ctx, statements)
		return err
	})
	if err != nil {
		return fmt.Errorf("renewing leases: %w", err)
	}
	now := time.Now()
	for i, d := range due {
		if rows[i] == 0 {
			s.lost(d.run)
			continue
		}
		s.mu.Lock()
		d.run.written, d.run.renewed = d.progress, now
		s.mu.Unlock()
	}
	return nil
}

// renewing is a run that the database is to be told of, as it was a moment ago.
type renewing struct {
	run      *run
	job      Job
	progress int64
}

// due lists the runs whose lease is to be renewed or, where other processes look on,
// that have made progress.
func (s *Studio) due(now time.Time) []renewing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []renewing
	for _, r := range s.running {
		if now.Sub(r.renewed) >= s.Timing.Renew-s.Timing.Beat/2 || !s.Alone && r.progress > r.written {
			due = append(due, renewing{r, r.job, r.progress})
		}
	}
	return due
}

// lost ends a run whose job is not this worker's any more, unless it has just ended by itself.
func (s *Studio) lost(r *run) {
	s.mu.Lock()
	still := s.running[r.job.ID] == r && !r.ending
	s.mu.Unlock()
	if still {
		r.cancel(errLost)
	}
}

// renewal names no status, since only a running job has a worker; and PostgreSQL would look
// for it among all that run.
const renewal = `UPDATE jobs SET lease = $1, progress = $2, updated = $3
	WHERE account = $4 AND id = $5 AND worker = $6 AND attempt = $7`

// own renews the lease in a transaction, or fails with errLost where it is not ours any more.
func (s *Studio) own(ctx context.Context, tx *store.Tx, j *Job, progress int64) error {
	rows, err := tx.Exec(ctx, renewal, s.renewal(j, progress)...)
	if err == nil && rows == 0 {
		err = errLost
	}
	return err
}

func (s *Studio) renewal(j *Job, progress int64) []any {
	now := s.now()
	return []any{int64(now.Add(s.Timing.Lease)), progress, int64(now), j.Account, j.ID, s.worker, j.Attempt}
}
