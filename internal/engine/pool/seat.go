package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// Seat is one slot of an engine, in the use of one caller. It is an engine itself: its
// Run is the engine's, watched over.
type Seat struct {
	member *Member
	mu     sync.Mutex
	// stuck counts calls that were given up and have not returned.
	stuck int
	left  bool
}

// Describe tells what the engine can do now.
func (s *Seat) Describe() engine.Description { return s.member.Describe() }

// Loaded is the model that the engine used last.
func (s *Seat) Loaded() string { return s.member.Loaded() }

// Health asks the engine.
func (s *Seat) Health(ctx context.Context) error { return s.member.engine.Health(ctx) }

// Leave gives the slot back.
func (s *Seat) Leave() {
	s.mu.Lock()
	left, stuck := s.left, s.stuck
	s.left = true
	s.mu.Unlock()
	if !left {
		s.member.leave(stuck)
	}
}

// Panicked is an engine's panic, with where it happened.
type Panicked struct {
	Value any
	Stack []byte
}

// Error tells what was panicked with.
func (p *Panicked) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// outcome is what an engine's Run gave.
type outcome struct {
	result engine.Result
	err    error
}

// Run makes one picture, or fails with an *engine.Error whose class tells the truth: an
// engine that is silent too long is Broken, a result that is no picture of the task is
// Transient, and Cancelled means that the context ended.
func (s *Seat) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if err := ctx.Err(); err != nil {
		return engine.Result{}, cancelled(err)
	}
	if s.given() {
		return engine.Result{}, &engine.Error{Class: engine.Broken, Reason: "The engine still works on what it was asked before."}
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &call{seat: s, report: report, last: -1, sign: make(chan struct{}, 1), done: make(chan outcome, 1)}
	began := time.Now()
	go c.run(work, task)
	o, frozen := c.watch(ctx, cancel)
	return s.member.judge(ctx, task, o, frozen, time.Since(began))
}

// given tells whether a call that was given up is still in this slot.
func (s *Seat) given() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuck > 0
}

// abandon gives a call up.
func (s *Seat) abandon() {
	s.mu.Lock()
	s.stuck++
	s.mu.Unlock()
}

// returned tells that a call which was given up came back.
func (s *Seat) returned() {
	s.mu.Lock()
	left := s.left
	if !left {
		s.stuck--
	}
	s.mu.Unlock()
	if left {
		s.member.unstick()
	}
}

// call is one Run of an engine.
type call struct {
	seat   *Seat
	report engine.Report
	// sign tells of progress, done of the end.
	sign chan struct{}
	done chan outcome

	mu   sync.Mutex
	over bool
	last int
}

// run calls the engine and survives it.
func (c *call) run(ctx context.Context, task engine.Task) {
	var o outcome
	defer func() {
		if p := recover(); p != nil {
			o = outcome{err: &engine.Error{Class: engine.Transient, Reason: "The engine failed in the middle of its work.", Err: &Panicked{p, debug.Stack()}}}
		}
		c.mu.Lock()
		late := c.over
		c.over = true
		if !late {
			c.done <- o
		}
		c.mu.Unlock()
		if late {
			c.seat.returned()
		}
	}()
	o.result, o.err = c.seat.member.engine.Run(ctx, task, c.progress)
}

// progress passes on what makes sense of what the engine reports: rising percents.
func (c *call) progress(percent int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || percent <= c.last || percent < 0 || percent > 100 {
		return
	}
	c.last = percent
	select {
	case c.sign <- struct{}{}:
	default:
	}
	if c.report != nil {
		c.report(percent)
	}
}

// watch waits for the end of the call, or gives it up: after silence, or when it does
// not return although its context ended. It tells whether the engine is frozen.
func (c *call) watch(ctx context.Context, cancel context.CancelFunc) (o outcome, frozen bool) {
	m := c.seat.member
	silence := time.NewTimer(m.silence)
	defer silence.Stop()
	for frozen = false; ; {
		select {
		case o = <-c.done:
			return o, false
		case <-c.sign:
			silence.Reset(m.silence)
			continue
		case <-silence.C:
			frozen = true
		case <-ctx.Done():
		}
		break
	}
	cancel()
	grace := time.NewTimer(m.pool.options.Grace)
	defer grace.Stop()
	select {
	case o = <-c.done:
		return o, frozen
	case <-grace.C:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over { // it returned just now
		return <-c.done, frozen
	}
	c.over = true
	c.seat.abandon()
	// An engine that says it can't cancel is not at fault for going on.
	return outcome{err: errAbandoned}, frozen || m.engine.Describe().Cancels
}

var errAbandoned = errors.New("the call was given up")

// judge decides what an outcome means for the caller and for the engine.
func (m *Member) judge(ctx context.Context, task engine.Task, o outcome, frozen bool, took time.Duration) (engine.Result, error) {
	if frozen {
		e := &engine.Error{Class: engine.Broken, Reason: fmt.Sprintf("The engine showed no progress for %v.", m.silence), Err: o.err}
		if ctx.Err() != nil {
			e.Reason = fmt.Sprintf("The engine did not stop within %v.", m.pool.options.Grace)
		}
		m.failedOnce(engine.Broken, e.Reason)
		if ctx.Err() != nil {
			return engine.Result{}, cancelled(ctx.Err())
		}
		return engine.Result{}, e
	}
	if err := ctx.Err(); err != nil {
		return engine.Result{}, cancelled(err) // even a result: half pictures look like success
	}
	if o.err == nil {
		o.err = faulty(o.result, task)
	}
	if o.err == nil {
		m.succeeded(task.Model, took)
		return o.result, nil
	}
	e := &engine.Error{Class: engine.ClassOf(o.err), Reason: reasonOf(o.err, "The engine failed."), Err: o.err}
	switch e.Class {
	case engine.Refused:
		return engine.Result{}, e
	case engine.Broken:
	default: // nobody cancelled it, whatever it says
		e.Class = engine.Transient
	}
	m.failedOnce(e.Class, e.Reason)
	return engine.Result{}, e
}

func cancelled(err error) error {
	return &engine.Error{Class: engine.Cancelled, Reason: "The work was cancelled.", Err: err}
}
