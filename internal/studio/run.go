package studio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/store"
)

// The life of a lease: a worker that is not heard of for leaseLife has lost its job;
// it renews every renewEvery. After maxAttempts starts a job is given up.
const (
	leaseLife   = 30 * time.Second
	renewEvery  = 5 * time.Second
	maxAttempts = 3
)

// run is a job that runs in this process.
type run struct {
	job    Job
	engine engine.Engine
	// cancel ends the engine's work; why it ended is told by cause.
	cancel   context.CancelCauseFunc
	progress int64
}

// Why a run ends before its time.
var (
	errCancelled = errors.New("cancelled by its owner")
	errLost      = errors.New("the lease was lost")
	errStopping  = errors.New("the server is stopping")
)

// Run recovers what an earlier process left and then works until the context ends. It
// returns after every running job has been returned to the queue.
func (s *Studio) Run(ctx context.Context) error {
	if err := s.recover(ctx, s.Alone); err != nil {
		return fmt.Errorf("recovering jobs: %w", err)
	}
	finished := make(chan struct{})
	workers := 0
	for _, e := range s.Engines {
		for range max(e.Describe().Slots, 1) {
			workers++
			go func() {
				s.work(ctx, e)
				finished <- struct{}{}
			}()
		}
	}
	workers++
	go func() {
		s.watch(ctx)
		finished <- struct{}{}
	}()
	for range workers {
		<-finished
	}
	return nil
}

// work runs one job after the other on one slot of an engine.
func (s *Studio) work(ctx context.Context, e engine.Engine) {
	for {
		r, ok := s.next(ctx)
		if !ok {
			return
		}
		if err := s.runJob(ctx, e, r); err != nil {
			s.Log.Error("job", "job", r.id, "err", err)
		}
		s.done(r.id)
	}
}

// watch returns jobs of processes that died, and finds jobs that others queued.
func (s *Studio) watch(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := s.recover(ctx, false); err != nil && ctx.Err() == nil {
			s.Log.Error("looking for jobs", "err", err)
		}
	}
}

// runJob claims a job and sees it through.
func (s *Studio) runJob(ctx context.Context, e engine.Engine, r ref) error {
	j, ok, err := s.claim(ctx, r, e.Describe().ID)
	if err != nil || !ok {
		return err
	}
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(errStopping) })
	defer stop()
	own := &run{job: j, engine: e, cancel: cancel}
	s.mu.Lock()
	s.running[j.ID] = own
	s.mu.Unlock()
	s.publish(j)
	go s.keepLease(work, own)
	err = s.paint(work, own)
	return s.conclude(context.WithoutCancel(ctx), own, context.Cause(work), err)
}

// claim takes a queued job for this worker; it tells whether it was still to be had.
func (s *Studio) claim(ctx context.Context, r ref, engineID string) (j Job, ok bool, err error) {
	now := s.now()
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE jobs SET status = 'running', worker = $1, lease = $2, attempt = attempt + 1, engine = $3,
			started = CASE WHEN started = 0 THEN $4 ELSE started END, updated = $4
			WHERE account = $5 AND id = $6 AND status = 'queued'`,
			s.worker, int64(now.Add(leaseLife)), engineID, int64(now), r.account, r.id)
		if err != nil || rows == 0 {
			ok = false
			return err
		}
		ok = true
		j, err = loadJob(ctx, tx, r.account, r.id)
		return err
	})
	return j, ok, err
}

// keepLease tells the database that the job is alive, until the work ends. A lease
// that is gone, or a wish to cancel that came through another process, ends the work.
func (s *Studio) keepLease(ctx context.Context, r *run) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.mu.Lock()
		progress := r.progress
		s.mu.Unlock()
		var cancel int64
		err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := s.own(ctx, tx, &r.job, progress); err != nil {
				return err
			}
			return tx.QueryRow(ctx, `SELECT cancel FROM jobs WHERE account = $1 AND id = $2`, r.job.Account, r.job.ID).Scan(&cancel)
		})
		switch {
		case errors.Is(err, errLost):
			r.cancel(errLost)
		case err == nil && cancel != 0:
			r.cancel(errCancelled)
		}
	}
}

// own renews the lease in a transaction, or fails with errLost where it is not ours any more.
func (s *Studio) own(ctx context.Context, tx *store.Tx, j *Job, progress int64) error {
	now := s.now()
	rows, err := tx.Exec(ctx, `UPDATE jobs SET lease = $1, progress = $2, updated = $3
		WHERE account = $4 AND id = $5 AND status = 'running' AND worker = $6 AND attempt = $7`,
		int64(now.Add(leaseLife)), progress, int64(now), j.Account, j.ID, s.worker, j.Attempt)
	if err == nil && rows == 0 {
		err = errLost
	}
	return err
}
