package queue

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Outlook is what a forecast needs to know besides the queue, all of it measured outside.
type Outlook struct {
	Engines []Machine
	// Recent are the last submissions, oldest first. What comes is taken to come like them.
	Recent []Arrival
	// Takes is how long a job runs on a kind of engine, in milliseconds; switched tells
	// that the engine must load what the class needs. The dice make runs differ.
	Takes func(kind, class string, cost int64, switched bool, dice uint32) int64
	// Needs is what an engine has loaded after a job of the class; nil is the class itself.
	Needs func(class string) string
	// Wanted are the jobs that a forecast is wanted for. A future ends with the last of them.
	Wanted []string
	// Tries is how many futures are tried, and Jobs how many jobs each of them starts at
	// most: together they bound the cost.
	Tries, Jobs int
	Seed        uint64
}

// Bounds are how many futures of how many jobs suffice for so many slots: where many
// engines work, chance evens out sooner, but more jobs start before one that waits.
func Bounds(slots int) (tries, jobs int) {
	jobs = max(4000, 8*slots)
	return max(64_000/jobs, 6), jobs
}

// Machine is an engine in a forecast.
type Machine struct {
	// Kind names engines that can do the same and are equally fast.
	Kind   string
	Can    func(class string) bool
	Slots  int
	Loaded string
	Busy   []Busy
}

// Busy is a job that runs, for so many milliseconds already.
type Busy struct {
	ID, Class string
	Cost, Ran int64
}

// Arrival is a submission, so many milliseconds after the one before.
type Arrival struct {
	After int64
	Job   Job
	Terms Terms
	// Fresh tells that nothing of its account was here.
	Fresh bool
}

// Span is how long a job is expected to wait, in milliseconds: between Low and High, and
// about Mid. Mid and High are 0 where only the least can be told.
type Span struct{ Low, Mid, High int64 }

// Forecast tells how long jobs will wait: it lets a copy of the queue run ahead, with
// measured times, in several futures that differ by how long jobs run and by what comes,
// of what came lately. Of jobs so far behind that the futures end before them, and did
// not fit into the copy, it tells the least or nothing. The queue stays as it is. The
// outlook bounds the cost, whatever waits.
func (q *Queue) Forecast(o Outlook) map[string]Span {
	base := q.Part(o.Jobs)
	waits := make(map[string][]int64, len(o.Wanted))
	for _, id := range o.Wanted {
		if base.waiting[id] != nil {
			waits[id] = make([]int64, 0, o.Tries)
		}
	}
	loose, people := base.loose(o.Engines), o.crowd()
	least := int64(unreached)
	for try := range o.Tries {
		f := &future{Outlook: &o, crowd: people, q: base.Part(math.MaxInt32), waits: waits, left: len(waits), names: map[string]string{}, seed: o.Seed<<20 + uint64(try)<<40}
		f.run(loose)
		if f.left > 0 {
			least = min(least, f.now)
		}
	}
	spans := make(map[string]Span, len(waits))
	for id, w := range waits {
		for len(w) < o.Tries {
			w = append(w, unreached)
		}
		slices.Sort(w)
		edge := o.Tries / 10
		s := Span{Low: min(w[edge], least)}
		if high := w[o.Tries-1-edge]; high < unreached {
			s = Span{Low: w[edge], Mid: middle(w[:o.Tries-edge]), High: max(high, 1)}
		}
		spans[id] = s
	}
	return spans
}

// unreached is how long a job waits that does not start in a future.
const unreached = math.MaxInt64 / 8

// loose are the jobs that run on no engine of the outlook.
func (q *Queue) loose(engines []Machine) (all []Busy) {
	known := map[string]bool{}
	for i := range engines {
		for _, b := range engines[i].Busy {
			known[b.ID] = true
		}
	}
	for id, i := range q.running {
		if !known[id] {
			all = append(all, Busy{ID: id, Cost: i.cost})
		}
	}
	slices.SortFunc(all, func(a, b Busy) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// middle is what most of some sorted waits are at most twice and at least half of.
func middle(w []int64) int64 {
	best, first, last := -1, 0, 0
	for i, j := 0, 0; i < len(w); i++ {
		for j < len(w) && w[j] <= 4*w[i] {
			j++
		}
		if j-i > best {
			best, first, last = j-i, i, j-1
		}
	}
	return min(max(w[(first+last)/2], w[last]/2), 2*w[first])
}

// future is one try of a forecast.
type future struct {
	*Outlook
	crowd
	q     *Queue
	waits map[string][]int64
	left  int
	now   int64
	seed  uint64
	// ends are the jobs that run, a heap by when they end.
	ends  []ending
	kinds []string
	idle  [][]*spot
	// names are those of people who are new in this future.
	names map[string]string
	jobs  int
}

// spot is a machine with what it does in this future.
type spot struct {
	*Machine
	kind   int
	free   int
	loaded string
	listed bool
}

type ending struct {
	at   int64
	id   string
	spot *spot
}

func (f *future) dice() uint32 {
	f.seed++
	return dice(f.seed)
}

func (f *future) needs(class string) string {
	if f.Needs == nil {
		return class
	}
	return f.Needs(class)
}

func (f *future) run(loose []Busy) {
	for i := range f.Engines {
		f.staff(&f.Engines[i])
	}
	for _, b := range loose {
		f.push(ending{f.rest("", b), b.ID, nil})
	}
	at, comes := 0, int64(math.MaxInt64) // in microseconds: many may come in a millisecond
	if len(f.Recent) > 0 {
		at = int(f.dice() % uint32(len(f.Recent)))
		high, low := bits.Mul64(uint64(f.gap(at)), uint64(f.dice())) // a part of the gap, the dice have 32 bits
		comes = int64(high<<32 | low>>32)
	}
	for started := f.dispatch(); f.left > 0 && started < f.Jobs; started += f.dispatch() {
		switch {
		case len(f.ends) > 0 && f.ends[0].at*1000 <= comes:
			e := f.pop()
			f.now = e.at
			f.q.Done(e.id)
			if e.spot != nil {
				e.spot.free++
				f.list(e.spot)
			}
		case comes < math.MaxInt64:
			f.now = comes / 1000
			f.come(f.Recent[at])
			at = (at + 1) % len(f.Recent)
			comes += f.gap(at)
		default:
			return // nobody works, and nothing comes
		}
	}
}

// staff lists an engine with what it does at the moment.
func (f *future) staff(m *Machine) {
	s := &spot{Machine: m, kind: slices.Index(f.kinds, m.Kind), free: m.Slots - len(m.Busy), loaded: m.Loaded}
	if s.kind < 0 {
		s.kind = len(f.kinds)
		f.kinds, f.idle = append(f.kinds, m.Kind), append(f.idle, nil)
	}
	for _, b := range m.Busy {
		f.push(ending{f.rest(m.Kind, b), b.ID, s})
	}
	f.list(s)
}

// rest is how long a job will still run: it depends on how long it ran already.
func (f *future) rest(kind string, b Busy) int64 {
	takes := int64(0)
	for range 5 {
		if takes = f.Takes(kind, b.Class, b.Cost, false, f.dice()); takes > b.Ran {
			break
		}
	}
	return max(takes-b.Ran, takes/8, 1)
}

// gap is how long it is before a submission comes again, in microseconds.
func (f *future) gap(at int) int64 {
	gap := f.Recent[at].After * f.stretch
	if at == 0 {
		gap = max(gap, 1000) // each time that all have come, some time has passed
	}
	return gap
}

// come adds a submission. Who was new when it came may be somebody new again.
func (f *future) come(a Arrival) {
	f.jobs++
	j := a.Job
	j.ID = "+" + strconv.Itoa(f.jobs)
	if a.Fresh {
		delete(f.names, j.Account)
		if int(f.dice()%1000) < f.strangers {
			f.names[j.Account] = "+" + j.ID
		}
	}
	if name, ok := f.names[j.Account]; ok {
		j.Account = name
	}
	f.q.Add(j, a.Terms)
}

func (f *future) list(s *spot) {
	if !s.listed && s.free > 0 {
		s.listed = true
		f.idle[s.kind] = append(f.idle[s.kind], s)
	}
}

// dispatch fills free slots and tells how many jobs started. Where one engine of a kind
// finds nothing, no other does.
func (f *future) dispatch() (started int) {
	for k := range f.idle {
		for len(f.idle[k]) > 0 {
			last := len(f.idle[k]) - 1
			s := f.idle[k][last]
			if s.free <= 0 {
				s.listed = false
				f.idle[k] = f.idle[k][:last]
				continue
			}
			if f.q.Len() == 0 {
				break
			}
			j, ok := f.q.NextFor(Engine{Can: s.Can, Has: func(class string) bool { return f.needs(class) == s.loaded }})
			if !ok {
				break
			}
			f.start(f.better(s, j.Class), j)
			started++
		}
	}
	return started
}

// better is an engine of the kind at rest that has the class loaded, if one of a few has.
func (f *future) better(s *spot, class string) *spot {
	list, need := f.idle[s.kind], f.needs(class)
	for n := len(list) - 1; n >= max(len(list)-16, 0); n-- {
		if list[n].loaded == need && list[n].free > 0 {
			return list[n]
		}
	}
	return s
}

func (f *future) start(s *spot, j Job) {
	if w, ok := f.waits[j.ID]; ok {
		f.waits[j.ID] = append(w, f.now)
		f.left--
	}
	s.free--
	need := f.needs(j.Class)
	f.push(ending{f.now + max(f.Takes(s.Kind, j.Class, j.Cost, need != s.loaded, f.dice()), 1), j.ID, s})
	s.loaded = need
}

func (f *future) push(e ending) {
	f.ends = append(f.ends, e)
	for i := len(f.ends) - 1; i > 0 && f.ends[i].at < f.ends[(i-1)/2].at; i = (i - 1) / 2 {
		f.ends[i], f.ends[(i-1)/2] = f.ends[(i-1)/2], f.ends[i]
	}
}

func (f *future) pop() ending {
	top, last := f.ends[0], len(f.ends)-1
	f.ends[0] = f.ends[last]
	f.ends = f.ends[:last]
	for i := 0; 2*i+1 < last; {
		child := 2*i + 1
		if child+1 < last && f.ends[child+1].at < f.ends[child].at {
			child++
		}
		if f.ends[child].at >= f.ends[i].at {
			break
		}
		f.ends[i], f.ends[child] = f.ends[child], f.ends[i]
		i = child
	}
	return top
}
