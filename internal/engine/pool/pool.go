// Package pool stands between the studio and its engines: it knows which engine has a
// free slot, watches over every run, takes engines out that fail, and brings them back
// when they answer again.
//
// It promises that Run of a Seat returns although its engine never does, that a panic or
// a result that is no picture is a failure of the engine and never a result, that
// nothing an engine says after its run ended is heard, and that an engine never has more
// callers than slots: a call that was given up keeps its slot until it returns. It does
// not know jobs, people or tokens, and it does not choose: who may use which engine for
// what is the caller's decision.
package pool

import (
	"context"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// Options are what may be tuned; zero values stand for the defaults.
type Options struct {
	// Now is the clock that statuses tell, time.Now by default.
	Now func() time.Time
	// Silence is how long a run may go without new progress before its engine counts as
	// frozen, 5 minutes by default. An engine that is Patient says its own.
	Silence time.Duration
	// Grace is how long a run whose context has ended may take to return, 10 seconds by default.
	Grace time.Duration
	// Strikes is how many failures in a row take an engine out, 3 by default. One that
	// calls itself broken, or is frozen, is taken out at once.
	Strikes int
	// FirstProbe and LastProbe bound the time between the probes of an engine that is
	// out: it doubles from the one to the other, 1 second and 1 minute by default.
	FirstProbe, LastProbe time.Duration
	// Check is how often an engine that is idle is asked for its health, 30 seconds by default.
	Check time.Duration
	// Changed is called whenever a slot may have come free or an engine came or went. It
	// must return at once.
	Changed func()
}

func (o Options) filled() Options {
	fill := func(d *time.Duration, usual time.Duration) {
		if *d <= 0 {
			*d = usual
		}
	}
	fill(&o.Silence, 5*time.Minute)
	fill(&o.Grace, 10*time.Second)
	fill(&o.FirstProbe, time.Second)
	fill(&o.LastProbe, time.Minute)
	fill(&o.Check, 30*time.Second)
	if o.Strikes <= 0 {
		o.Strikes = 3
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	return o
}

// Patient is an engine that knows how long it may be silent while it works, such as one
// that reports no progress at all.
type Patient interface {
	Silence() time.Duration
}

// Pool keeps engines.
type Pool struct {
	options Options
	members []*Member
}

// New makes a pool. Its engines take work as soon as Run has found them healthy.
func New(engines []engine.Engine, options Options) *Pool {
	p := &Pool{options: options.filled()}
	for _, e := range engines {
		m := &Member{engine: e, pool: p, state: Starting, reason: "it has not been asked yet", since: p.options.Now(), poke: make(chan struct{}, 1)}
		m.silence = p.options.Silence
		if patient, ok := e.(Patient); ok && patient.Silence() > 0 {
			m.silence = patient.Silence()
		}
		p.members = append(p.members, m)
	}
	return p
}

// Members are the engines, in the order they were given.
func (p *Pool) Members() []*Member { return p.members }

// Run probes engines until the context ends.
func (p *Pool) Run(ctx context.Context) {
	var wait sync.WaitGroup
	for _, m := range p.members {
		wait.Go(func() { m.attend(ctx) })
	}
	wait.Wait()
}
