package studio

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// conclude ends a run by what became of it: everything made, given up, cancelled,
// stopped with the server, or lost to another worker.
func (s *Studio) conclude(ctx context.Context, r *run, cause, failure error) error {
	s.mu.Lock()
	r.ending = true
	s.mu.Unlock()
	j := &r.job
	made := len(j.Pictures)
	switch {
	case errors.Is(cause, errLost) || errors.Is(failure, errLost):
		return fmt.Errorf("its lease was lost; another worker has it: %w", errLost)
	case failure == nil:
		s.measure(r)
		return s.persist(ctx, func(ctx context.Context) error { return s.end(ctx, j, Complete, "") })
	case errors.Is(cause, errCancelled):
		return s.persist(ctx, func(ctx context.Context) error { return s.end(ctx, j, Cancelled, cancelledReason(made, j.Spec.Images)) })
	case errors.Is(cause, errStopping):
		return s.persist(ctx, func(ctx context.Context) error { return s.giveBack(ctx, j, true) })
	}
	s.Log.Warn("engine failed", "job", j.ID, "engine", j.Engine, "attempt", j.Attempt, "err", failure)
	if engine.ClassOf(failure) == engine.Refused || diskFull(failure) || j.Attempt >= maxAttempts {
		return s.persist(ctx, func(ctx context.Context) error { return s.end(ctx, j, Failed, failedReason(failure)) })
	}
	s.shun(j.ID, j.Engine, failure)
	return s.persist(ctx, func(ctx context.Context) error { return s.giveBack(ctx, j, false) })
}

// shun makes a job avoid an engine that failed at it, as long as another can do it.
func (s *Studio) shun(id, engineID string, failure error) {
	var e *engine.Error
	if !errors.As(failure, &e) {
		return // the fault was not the engine's
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.avoid[id] == nil {
		s.avoid[id] = map[string]bool{}
	}
	s.avoid[id][engineID] = true
}

// How long the end of a run is tried to be written while the database is away. The
// lease is renewed all the while; after that it is left to run out.
const (
	persistPause    = 50 * time.Millisecond
	persistStopping = 3 * time.Second
)

// persist writes how a run ended, again and again while the database is away.
func (s *Studio) persist(server context.Context, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(server), s.Timing.Lease)
	defer cancel()
	defer context.AfterFunc(server, func() { time.AfterFunc(persistStopping, cancel) })()
	pause := persistPause
	for {
		err := write(context.WithoutCancel(server))
		if err == nil || final(err) {
			return err
		}
		s.Log.Error("the end of a job could not be written; trying again", "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		pause = min(2*pause, time.Second)
	}
}

// final tells of an error that trying again does not change.
func final(err error) bool {
	var refusal *token.Refusal
	var wrong *token.Invalid
	return errors.Is(err, errLost) || errors.As(err, &refusal) || errors.As(err, &wrong) ||
		errors.Is(err, ledger.ErrClosed) || errors.Is(err, store.ErrClosed)
}

func cancelledReason(made, asked int) string {
	if made == 0 {
		return "Cancelled before a picture was made; nothing was charged."
	}
	return fmt.Sprintf("Cancelled after %d of %d pictures; only those were charged.", made, asked)
}

// diskFull tells that there is no room for a picture, which another try at once does not change.
func diskFull(failure error) bool {
	return errors.Is(failure, store.ErrFull) || errors.Is(failure, syscall.ENOSPC)
}

// failedReason is what people read: the engine's own sentence, or that it was ours.
func failedReason(failure error) string {
	var e *engine.Error
	switch {
	case errors.As(failure, &e):
		return e.Reason
	case diskFull(failure):
		return "The server's disk is full."
	}
	return "The picture could not be made or stored."
}

// end makes a job final and settles its hold in one commit: what was made is charged,
// the rest comes back (T19).
func (s *Studio) end(ctx context.Context, j *Job, status Status, reason string) error {
	made := len(j.Pictures)
	settled := int64(0)
	var command token.Command = token.Release{ID: j.ID}
	if made > 0 {
		settled = min(j.Spec.Prices[min(made, len(j.Spec.Prices))-1], j.Price)
		command = token.Settle{ID: j.ID, Tokens: &settled}
	}
	if made > 0 && made < j.Spec.Images && status == Failed {
		reason = fmt.Sprintf("%d of %d pictures were made, and only those charged. %s", made, j.Spec.Images, reason)
	}
	if j.Lane == token.Relaxed {
		settled = 0
	}
	now := s.now()
	_, err := s.Ledger.Submit(ctx, ledger.Request{
		Account: j.Account,
		Request: token.Request{At: now, Command: command},
		Side: func(ctx context.Context, tx *store.Tx, _ *token.Receipt) error {
			rows, err := tx.Exec(ctx, `UPDATE jobs SET status = $1, settled = $2, reason = $3, finished = $4, updated = $4, moved = $4, lease = 0, worker = '', place = -1,
				progress = CASE WHEN $1 = 'complete' THEN 100 ELSE progress END, made = $10
				WHERE account = $5 AND id = $6 AND status = $7 AND attempt = $8 AND worker = $9`,
				string(status), settled, reason, int64(now), j.Account, j.ID, string(j.Status), j.Attempt, s.holder(j), made)
			if err == nil && rows == 0 {
				err = errLost
			}
			if err == nil {
				err = identity.GiveBack(ctx, tx, j.Account, j.ID, settled)
			}
			if err == nil && s.Ended != nil {
				ended := *j
				ended.conclude(status, settled, reason, now)
				err = s.Ended(ctx, tx, &ended)
			}
			return err
		},
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	j.conclude(status, settled, reason, now)
	delete(s.avoid, j.ID)
	s.mu.Unlock()
	s.publish(*j)
	return nil
}

// conclude notes how a job ended.
func (j *Job) conclude(status Status, settled int64, reason string, at calendar.Instant) {
	j.Status, j.Settled, j.Reason, j.Finished, j.Updated = status, settled, reason, at, at
	j.Position, j.WaitingFor, j.Earliest, j.MayStart, j.Latest = 0, "", 0, 0, 0
	if status == Complete {
		j.Progress = 100
	}
}

// holder is who must hold a job's lease for its end to count: a running job ends by
// this worker, a queued one has none.
func (s *Studio) holder(j *Job) string {
	if j.Status == Running {
		return s.worker
	}
	return ""
}

// giveBack returns a running job to the queue; its pictures stay. A start that ended
// through no fault of the job does not count.
func (s *Studio) giveBack(ctx context.Context, j *Job, uncount bool) error {
	less := int64(0)
	if uncount {
		less = 1
	}
	now := s.now()
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE jobs SET status = 'queued', worker = '', lease = 0, place = -1, attempt = attempt - $1, updated = $2, moved = $2
			WHERE account = $3 AND id = $4 AND worker = $5 AND attempt = $6`,
			less, int64(now), j.Account, j.ID, s.worker, j.Attempt)
		if err == nil && rows == 0 {
			err = errLost
		}
		return err
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	j.Status, j.Attempt, j.Updated = Queued, j.Attempt-less, now
	s.mu.Unlock()
	s.publish(*j)
	return nil
}

// Cancel ends a job that is not final: a queued one at once and for nothing, a running
// one as soon as its engine lets go (T19). A final job is given as it is.
func (s *Studio) Cancel(ctx context.Context, account, id string) (Job, error) {
	for {
		j, err := s.Job(ctx, account, id)
		if err != nil || !j.Open() {
			return j, err
		}
		if j.Status == Queued {
			err = s.endCancelled(ctx, &j)
		} else {
			err = s.wishCancelled(ctx, account, id)
		}
		switch {
		case errors.Is(err, errLost): // its state has changed since it was read
		case err != nil || j.Status == Cancelled:
			return j, err
		default:
			return s.Job(ctx, account, id)
		}
	}
}

// endCancelled ends a job that nobody works on.
func (s *Studio) endCancelled(ctx context.Context, j *Job) error {
	err := s.end(ctx, j, Cancelled, cancelledReason(len(j.Pictures), j.Spec.Images))
	if err == nil {
		s.leaveLine(j.ID)
	}
	return err
}

// wishCancelled tells the worker of a running job, whichever process it is in.
func (s *Studio) wishCancelled(ctx context.Context, account, id string) error {
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE jobs SET cancel = 1, updated = $1, moved = $1 WHERE account = $2 AND id = $3 AND status = 'running'`, int64(s.now()), account, id)
		if err == nil && rows == 0 {
			err = errLost
		}
		return err
	})
	if err == nil {
		s.stop(id, errCancelled)
	}
	return err
}

// stop ends a run of this process, if there is one.
func (s *Studio) stop(id string, cause error) {
	s.mu.Lock()
	r := s.running[id]
	s.mu.Unlock()
	if r != nil {
		r.cancel(cause)
	}
}
