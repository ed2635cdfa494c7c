package studio

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/pool"
)

// maxAttempts is how often a job is started before it is given up.
const maxAttempts = 3

// run is a job that runs in this process.
type run struct {
	job Job
	// engine is a slot of one, watched over.
	engine engine.Engine
	// cancel ends the engine's work; why it ended is told by cause.
	cancel   context.CancelCauseFunc
	progress int64
	// written is the progress that the database knows, and renewed when it heard of the
	// job; only keep uses them.
	written int64
	renewed time.Time
	began   time.Time
	// class is the job's in the queue; switched tells that the engine had to load its model.
	class    string
	switched bool
	// ending tells that the work is over and its end is being written.
	ending bool
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
	if err := s.recoverPatiently(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	// What keeps running jobs alive ends after them.
	rest, stop := context.WithCancel(context.WithoutCancel(ctx))
	var care, work sync.WaitGroup
	care.Go(func() { s.pool.Run(ctx) })
	care.Go(func() { s.every(rest, s.Timing.Beat, s.keep) })
	care.Go(func() { s.every(ctx, s.Timing.Beat, s.watch) })
	care.Go(func() { s.every(ctx, time.Minute, s.tidy) })
	s.dispatch(ctx, &work)
	work.Wait()
	stop()
	care.Wait()
	s.signOff(context.WithoutCancel(ctx))
	return nil
}

// every does something at once and then again and again, a quarter sooner or later so that processes don't march in step.
func (s *Studio) every(ctx context.Context, pause time.Duration, do func(context.Context) error) {
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("jobs", "err", err)
		}
		timer := time.NewTimer(pause*3/4 + rand.N(pause/2))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// dispatch hands jobs to free slots until the context ends.
func (s *Studio) dispatch(ctx context.Context, work *sync.WaitGroup) {
	for ctx.Err() == nil {
		if w, seat := s.next(); seat != nil {
			work.Go(func() { s.work(ctx, w, seat) })
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		}
	}
}

// work runs one job on a slot.
func (s *Studio) work(ctx context.Context, w *waiter, seat *pool.Seat) {
	defer seat.Leave()
	again, err := s.runJob(ctx, w, seat)
	switch {
	case err != nil:
		if !errors.Is(err, errNoPlace) {
			s.Log.Error("job", "job", w.id, "err", err)
		}
		s.setAside(w) // if it does not wait any more, the next claim finds out
	case again:
		s.back(w)
	default:
		s.done(w.id)
	}
}

// runJob claims a job and sees it through. It tells whether the job waits again.
func (s *Studio) runJob(ctx context.Context, w *waiter, seat *pool.Seat) (again bool, err error) {
	j, ok, err := s.claim(ctx, w, seat.Describe().ID)
	if err != nil || !ok {
		return false, err
	}
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(s.Timing.Drain, func() { cancel(errStopping) }) })
	defer stop()
	s.learn(w)
	now := time.Now()
	own := &run{job: j, engine: seat, class: w.class, switched: w.needs.Model != "" && seat.Loaded() != w.needs.Model, cancel: cancel, progress: j.Progress, written: j.Progress, renewed: now, began: now}
	s.mu.Lock()
	s.running[j.ID] = own
	s.mu.Unlock()
	s.publish(j)
	err = s.paintSafely(work, own)
	err = s.conclude(ctx, own, context.Cause(work), err)
	s.mu.Lock()
	delete(s.running, j.ID)
	s.mu.Unlock()
	return err == nil && own.job.Status == Queued && ctx.Err() == nil, err
}

// paintSafely survives pictures that panic when they are looked at.
func (s *Studio) paintSafely(ctx context.Context, r *run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "job", r.job.ID, "panic", p, "stack", string(debug.Stack()))
			err = &engine.Error{Class: engine.Transient, Reason: "The engine gave something that could not be stored.", Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return s.paint(ctx, r)
}
