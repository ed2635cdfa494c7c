package line

import (
	"container/heap"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/florin-studio/florin/internal/queue"
)

// event is something that happens at an instant, in milliseconds.
type event struct {
	at, seq int64
	do      func(*world)
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = event{}
	*e = (*e)[:last]
	return x
}

// task is a job with what became of it.
type task struct {
	id, user string
	plan     int
	class    *Class
	lane     queue.Lane
	came     int64
	began    int64
	tries    int
	started  bool
	switched bool
	// told is how long it was said to wait, if anything was, from toldAt on.
	told   *queue.Span
	toldAt int64
}

// machine is one engine.
type machine struct {
	kind    *Engine
	can     map[string]bool // nil is everything
	loaded  string
	free    int
	running map[string]*task
	// run counts its failures: what ends of an earlier run is nothing any more.
	run  int
	down bool
	idle bool
}

type world struct {
	s        *Scenario
	q        *queue.Queue
	dice     *rand.Rand
	now, end int64
	events   events
	seq      int64
	jobs     int64
	tasks    map[string]*task
	pending  map[string]int
	machines []*machine
	idle     [][]*machine // by kind, those with a free slot
	report   *Report
	slots    int
	meanRun  int64
	kinds    map[*Engine]int
	teller   teller
}

// Run simulates a scenario.
func Run(ctx context.Context, s Scenario, seed uint64) (*Report, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	w := &world{s: &s, q: queue.New(s.RelaxedShare), dice: rand.New(rand.NewPCG(seed, 1)), end: int64(s.Hours * 3.6e6),
		tasks: map[string]*task{}, pending: map[string]int{}, report: newReport(&s, seed), kinds: map[*Engine]int{}}
	w.build()
	w.teller.begin(w, seed)
	for i := range s.Plans {
		w.plan(i)
	}
	for n := 0; len(w.events) > 0; n++ {
		if n&4095 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e := heap.Pop(&w.events).(event)
		if e.at > w.end {
			break
		}
		w.now = e.at
		e.do(w)
		w.dispatch()
	}
	w.now = w.end
	return w.finish(), nil
}

func (w *world) after(ms float64, do func(*world)) {
	w.seq++
	heap.Push(&w.events, event{w.now + max(int64(ms), 1), w.seq, do})
}

// exponential is a random time with that mean.
func (w *world) exponential(mean float64) float64 { return w.dice.ExpFloat64() * mean }

func (w *world) chance(percent float64) bool { return w.dice.Float64()*100 < percent }

// meanSeconds is the mean time of what is asked for.
func (s *Scenario) meanSeconds() float64 {
	var parts, seconds float64
	for _, c := range s.Classes {
		parts += c.Part
		seconds += c.Part * c.Seconds
	}
	return seconds / parts
}

func (w *world) build() {
	seconds, speed := w.s.meanSeconds(), 0.0
	for k := range w.s.Engines {
		kind := &w.s.Engines[k]
		w.kinds[kind] = k
		w.idle = append(w.idle, nil)
		for range kind.Count {
			m := &machine{kind: kind, free: kind.Slots, running: map[string]*task{}, loaded: w.s.Classes[len(w.machines)%len(w.s.Classes)].Name}
			if len(kind.Classes) > 0 {
				m.can = map[string]bool{}
				for _, c := range kind.Classes {
					m.can[c] = true
				}
				m.loaded = kind.Classes[len(w.machines)%len(kind.Classes)]
			}
			w.machines = append(w.machines, m)
			w.rest(m)
			w.slots += kind.Slots
			speed += float64(kind.Slots) * kind.Speed
			w.breakLater(m)
		}
	}
	w.meanRun = int64(seconds * 1000 * float64(w.slots) / speed)
}

func (w *world) breakLater(m *machine) {
	if m.kind.DownEvery > 0 {
		w.after(w.exponential(m.kind.DownEvery*3.6e6), func(w *world) { w.fail(m) })
	}
}

// fail takes an engine down; its jobs go back to where they were.
func (w *world) fail(m *machine) {
	w.report.EngineFailures++
	m.down = true
	m.run++
	for _, id := range sorted(m.running) {
		w.q.Return(id)
		w.report.Returned++
	}
	clear(m.running)
	m.free = 0
	w.after(m.kind.DownMinutes*60_000, func(w *world) {
		m.down, m.free, m.loaded = false, m.kind.Slots, ""
		w.rest(m)
		w.breakLater(m)
	})
}

// plan lets people of a plan submit: together they come as a Poisson process.
func (w *world) plan(n int) {
	p := &w.s.Plans[n]
	for i := 0; p.Again > 0 && i < p.Users; i++ {
		w.again(n, fmt.Sprint(p.Name, "-", i))
	}
	rate := p.JobsPerHour * float64(p.Users)
	if rate <= 0 {
		return
	}
	w.after(w.exponential(3.6e6/rate), func(w *world) {
		jobs := 1
		if w.chance(p.Batches) {
			jobs = max(p.BatchSize, 1)
		}
		user := fmt.Sprint(p.Name, "-", w.dice.IntN(p.Users))
		w.teller.choose(w)
		for range jobs {
			w.submit(n, user)
		}
		w.plan(n)
	})
}

// again lets somebody submit after a while.
func (w *world) again(n int, user string) {
	w.after(w.exponential(w.s.Plans[n].Again*1000), func(w *world) {
		w.teller.choose(w)
		w.submit(n, user)
	})
}

func (w *world) submit(n int, user string) {
	p := &w.s.Plans[n]
	lane := queue.Fast
	if w.chance(p.Relaxed) {
		lane = queue.Relaxed
	}
	c := w.class()
	if p.Pending > 0 && w.pending[user] >= p.Pending {
		w.report.Refused++
		return
	}
	w.pending[user]++
	w.jobs++
	t := &task{id: fmt.Sprint(w.jobs), user: user, plan: n, class: c, lane: lane, came: w.now}
	w.tasks[t.id] = t
	w.report.Submitted++
	j := queue.Job{ID: t.id, Account: user, Lane: lane, Class: c.Name, Cost: c.Tokens, Slowdown: p.Slowdown}
	terms := queue.Terms{Weight: p.Weight, Parallel: p.Parallel}
	w.teller.recent.Note(w.q, w.now, j, terms)
	w.q.Add(j, terms)
	w.teller.came(w, t)
}

// class is what somebody asks for.
func (w *world) class() *Class {
	var parts float64
	for _, c := range w.s.Classes {
		parts += c.Part
	}
	at := w.dice.Float64() * parts
	for i := range w.s.Classes {
		if at -= w.s.Classes[i].Part; at < 0 {
			return &w.s.Classes[i]
		}
	}
	return &w.s.Classes[len(w.s.Classes)-1]
}

// rest lists an engine among those with a free slot.
func (w *world) rest(m *machine) {
	if !m.idle && !m.down && m.free > 0 {
		m.idle = true
		k := w.kinds[m.kind]
		w.idle[k] = append(w.idle[k], m)
	}
}

// dispatch fills free slots. Of each kind the engine that rested last asks first; when
// it finds nothing, none of its kind does.
func (w *world) dispatch() {
	for k := range w.idle {
		for len(w.idle[k]) > 0 {
			last := len(w.idle[k]) - 1
			m := w.idle[k][last]
			if m.down || m.free == 0 {
				m.idle = false
				w.idle[k] = w.idle[k][:last]
				continue
			}
			e := queue.Engine{Has: func(c string) bool { return c == m.loaded }}
			if m.can != nil {
				e.Can = func(c string) bool { return m.can[c] }
			}
			j, ok := w.q.NextFor(e)
			if !ok {
				break
			}
			w.start(w.better(m, k, j.Class), w.tasks[j.ID])
		}
	}
}

// better is an engine at rest that has the class loaded, if one of the last few has.
func (w *world) better(m *machine, k int, class string) *machine {
	list := w.idle[k]
	for n := len(list) - 1; n >= max(len(list)-16, 0); n-- {
		if o := list[n]; o.loaded == class && o.free > 0 && !o.down {
			return o
		}
	}
	return m
}

func (w *world) start(m *machine, t *task) {
	m.free--
	t.began, t.switched = w.now, m.loaded != t.class.Name
	m.running[t.id] = t
	t.tries++
	ms := t.class.Seconds * 1000 / m.kind.Speed * (0.75 + w.dice.Float64()/2)
	if t.switched {
		m.loaded = t.class.Name
		ms += m.kind.SwitchSeconds * 1000
		w.report.Switches++
	}
	if !t.started {
		t.started = true
		w.report.waited(w, t)
		w.teller.learn(w, t)
	}
	run := m.run
	w.after(ms, func(w *world) {
		if m.run == run {
			w.stop(m, t)
		}
	})
}

func (w *world) stop(m *machine, t *task) {
	delete(m.running, t.id)
	m.free++
	w.report.busy += w.now - t.began
	w.teller.speeds.Observe(m.kind.Name, t.class.Name, t.class.Tokens, w.now-t.began, t.switched)
	w.rest(m)
	if w.chance(w.s.JobFailures) {
		w.report.Retries++
		if t.tries < w.s.Attempts {
			w.q.Return(t.id)
			return
		}
		w.report.Failed++
	} else {
		w.report.Done++
		w.report.served(t)
	}
	w.q.Done(t.id)
	delete(w.tasks, t.id)
	if w.pending[t.user]--; w.pending[t.user] == 0 {
		delete(w.pending, t.user)
		if w.s.Plans[t.plan].Again > 0 {
			w.again(t.plan, t.user)
		}
	}
}

// Generate makes a scenario of usual plans for so many people and engines that the
// engines are busy for load of the time, such as 0.9.
func Generate(users, engines int, hours, load float64) Scenario {
	s := Scenario{Hours: hours, RelaxedShare: 10, JobFailures: 1, Attempts: 3,
		Classes: []Class{{Name: "small", Tokens: 4, Seconds: 8, Part: 6}, {Name: "large", Tokens: 13, Seconds: 25, Part: 3}, {Name: "upscale", Tokens: 5, Seconds: 10, Part: 1}},
		Plans: []Plan{
			{Name: "free", Users: users * 80 / 100, Weight: 1, Parallel: 1, Pending: 1, JobsPerHour: 1},
			{Name: "apprentice", Users: users * 12 / 100, Weight: 2, Parallel: 2, Pending: 5, JobsPerHour: 4},
			{Name: "artisan", Users: users * 6 / 100, Weight: 3, Parallel: 3, Pending: 10, JobsPerHour: 8, Relaxed: 30, Batches: 5, BatchSize: 8},
			{Name: "maestro", Users: users * 2 / 100, Weight: 4, Parallel: 6, Pending: 20, JobsPerHour: 16, Relaxed: 30, Batches: 5, BatchSize: 16}},
		Engines: []Engine{{Name: "gpu", Count: engines, Slots: 1, Speed: 1, SwitchSeconds: 4, DownEvery: 100, DownMinutes: 5}}}
	for i := range s.Plans {
		s.Plans[i].Users = max(s.Plans[i].Users, 1)
	}
	seconds := s.meanSeconds()
	var perHour float64
	for _, p := range s.Plans {
		perHour += float64(p.Users) * p.JobsPerHour * (1 + p.Batches/100*float64(max(p.BatchSize-1, 0)))
	}
	factor := float64(engines) * 3600 / seconds * load / perHour
	for i := range s.Plans {
		s.Plans[i].JobsPerHour = math.Max(s.Plans[i].JobsPerHour*factor, 1e-9)
	}
	return s
}
