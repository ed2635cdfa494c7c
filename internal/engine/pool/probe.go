package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// probePatience bounds how long an engine may think about its health.
const probePatience = 10 * time.Second

// attend probes one engine: at the start, when it is out, and now and then while idle.
func (m *Member) attend(ctx context.Context) {
	for ctx.Err() == nil {
		m.probe(ctx)
		if !m.rest(ctx) {
			return
		}
	}
}

// rest waits until the engine is to be probed; it tells whether there is a reason to.
func (m *Member) rest(ctx context.Context) bool {
	for {
		m.mu.Lock()
		wait := m.pool.options.Check
		if m.state == Out {
			wait = m.delay
		}
		m.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-m.poke: // it went out: its delay counts from now
			timer.Stop()
		case <-timer.C:
			return true
		}
	}
}

// probe asks the engine for its health and draws the conclusion.
func (m *Member) probe(ctx context.Context) {
	m.mu.Lock()
	busy := m.state == Ready && m.seats > 0
	m.mu.Unlock()
	if busy {
		return // it is being tried in earnest
	}
	err := m.health(ctx)
	if ctx.Err() != nil {
		return
	}
	m.mu.Lock()
	changed := false
	switch {
	case err != nil:
		changed = m.state != Out
		m.takeOut(reasonOf(err, "It does not answer."))
	case m.state != Ready:
		// Back on probation: until it makes a picture, one failure puts it out again.
		changed = true
		if m.state == Out {
			m.strikes = m.pool.options.Strikes - 1
		}
		m.state, m.reason, m.since = Ready, "", m.pool.options.Now()
	}
	m.mu.Unlock()
	if changed {
		m.pool.options.Changed()
	}
}

// errNoAnswer is a probe that took too long.
var errNoAnswer = errors.New("it did not answer in " + probePatience.String())

// health asks the engine, but not for ever and not into a panic.
func (m *Member) health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	m.mu.Lock()
	asking := m.asking
	m.asking = true
	m.mu.Unlock()
	if asking {
		return errNoAnswer // to the question before
	}
	said := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic while being asked for its health: %v", p)
			}
			m.mu.Lock()
			m.asking = false
			m.mu.Unlock()
			said <- err
		}()
		err = m.engine.Health(ctx)
	}()
	select {
	case err := <-said:
		return err
	case <-ctx.Done():
		return errNoAnswer
	}
}

// reasonOf is the sentence of an engine's error, or a general one.
func reasonOf(err error, general string) string {
	var e *engine.Error
	switch {
	case errors.As(err, &e) && e.Reason != "":
		return e.Reason
	case errors.Is(err, errNoAnswer):
		return "It did not answer in " + probePatience.String() + "."
	}
	return general
}
