package pool

import (
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// State is how an engine stands.
type State string

// The states of an engine. Only a Ready one takes work.
const (
	Starting State = "starting"
	Ready    State = "ready"
	Out      State = "out"
)

// Status is what is known of an engine.
type Status struct {
	engine.Description
	State State
	// Reason says in a sentence why the engine takes no work, and Since from when on.
	Reason string
	Since  time.Time
	// NextProbe is when an engine that is out is asked again.
	NextProbe time.Time
	// Running are the slots in use; Stuck those whose call was given up but has not returned.
	Running, Stuck int
	// Loaded is the model of the last picture.
	Loaded string
	// Made and Failed count since the start; Pace is what a picture takes, 0 while nothing is known.
	Made, Failed int64
	Pace         time.Duration
}

// Member is an engine in the pool. It is safe for concurrent use.
type Member struct {
	engine  engine.Engine
	pool    *Pool
	silence time.Duration
	poke    chan struct{}

	mu     sync.Mutex
	state  State
	reason string
	since  time.Time
	// next is when the engine is probed; delay grows with every probe and outage until a
	// picture is made.
	next    time.Time
	delay   time.Duration
	strikes int
	seats   int
	stuck   int
	loaded  string
	made    int64
	failed  int64
	pace    time.Duration
	// asking tells that a question about its health has not been answered yet.
	asking bool
}

// ID is the engine's.
func (m *Member) ID() string { return m.engine.Describe().ID }

// Describe tells what the engine can do now.
func (m *Member) Describe() engine.Description { return m.engine.Describe() }

// Free is how many more callers the engine can take now.
func (m *Member) Free() int {
	slots := max(m.engine.Describe().Slots, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.free(slots)
}

func (m *Member) free(slots int) int {
	if m.state != Ready {
		return 0
	}
	return max(slots-m.seats-m.stuck, 0)
}

// Usable tells whether the engine takes work, now or when one of its slots comes free.
func (m *Member) Usable() bool {
	slots := max(m.engine.Describe().Slots, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state == Ready && slots > m.stuck
}

// Loaded is the model that the engine used last.
func (m *Member) Loaded() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.loaded
}

// Status tells how the engine stands.
func (m *Member) Status() Status {
	d := m.engine.Describe()
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{
		Description: d, State: m.state, Reason: m.reason, Since: m.since, Running: m.seats, Stuck: m.stuck,
		Loaded: m.loaded, Made: m.made, Failed: m.failed, Pace: m.pace,
	}
	if m.state == Out {
		s.NextProbe = m.next
	}
	if m.state == Ready && m.stuck >= max(d.Slots, 1) {
		s.Reason = "every slot holds a call that does not return"
	}
	return s
}

// Take gives one of the engine's slots, if one is free. Leave gives it back.
func (m *Member) Take() (*Seat, bool) {
	slots := max(m.engine.Describe().Slots, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.free(slots) == 0 {
		return nil, false
	}
	m.seats++
	return &Seat{member: m}, true
}

// leave gives a slot back; with a call that still runs in it, the slot stays taken.
func (m *Member) leave(stuck int) {
	m.mu.Lock()
	m.seats--
	m.stuck += stuck
	m.mu.Unlock()
	m.pool.options.Changed()
}

// unstick tells that a call which was given up has returned.
func (m *Member) unstick() {
	m.mu.Lock()
	m.stuck--
	m.mu.Unlock()
	m.pool.options.Changed()
}

// usual is the weight of a new measurement in the pace, one in so many.
const usual = 8

// succeeded notes a picture.
func (m *Member) succeeded(model string, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	m.strikes, m.delay = 0, 0
	m.loaded = model
	if m.pace == 0 {
		m.pace = took
	}
	m.pace += (took - m.pace) / usual
}

// failedOnce notes a failure, which takes the engine out if it is one too many.
func (m *Member) failedOnce(class engine.Class, reason string) {
	m.mu.Lock()
	m.failed++
	m.strikes++
	out := m.state != Out && (class == engine.Broken || m.strikes >= m.pool.options.Strikes)
	if out {
		m.takeOut(reason)
	}
	m.mu.Unlock()
	if out {
		m.wake()
	}
}

// takeOut puts the engine out of service until a probe finds it well. The caller holds the lock.
func (m *Member) takeOut(reason string) {
	now := m.pool.options.Now()
	if m.state != Out {
		m.since = now
	}
	m.state, m.reason = Out, reason
	m.delay = min(max(2*m.delay, m.pool.options.FirstProbe), m.pool.options.LastProbe)
	m.next = now.Add(m.delay)
}

// wake lets attend look again.
func (m *Member) wake() {
	select {
	case m.poke <- struct{}{}:
	default:
	}
	m.pool.options.Changed()
}
