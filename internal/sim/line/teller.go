package line

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/florin-studio/florin/internal/queue"
)

// teller tells people how long they will wait, as the server does, and notes what became
// of it. Telling costs more than all else here, so a sample of submissions is told of.
type teller struct {
	speeds queue.Speeds
	recent queue.Recent
	trust  queue.Calibration
	// dice choose the sample; looks at the line are at most most in a run, in even time.
	dice        *rand.Rand
	looks, most int
	chosen      bool
	wanted      []*task
	judged      [2][]verdict
}

// verdict is a wait and what was told of it.
type verdict struct {
	told   queue.Span
	waited int64
	// long tells that it was told to wait at least as long as a mean job runs.
	long bool
}

// Told compares what jobs of a lane were told when they came with how long they waited.
// Judged are those that waited at least as long as a mean job runs, or were told so.
type Told struct {
	Lane   string `json:"lane"`
	Judged int    `json:"judged"`
	// Within is the part whose wait was within a factor of two of the middle; Between the
	// part whose wait was between the bounds; Width the median of upper over lower bound.
	Within  float64 `json:"within_factor_2"`
	Between float64 `json:"between_bounds"`
	Width   float64 `json:"width"`
	// Off is how far what they were told is off on the whole: of those who were told to wait
	// at least as long as a mean job runs, in fifths by what they were told, the factor
	// between the median wait and the median of what was told, in the worst fifth.
	Off float64 `json:"fifths_off_by"`
}

func (t Told) String() string {
	return fmt.Sprintf("told, %s: %.3f within a factor of 2, %.3f between the bounds, which are %.1f apart, fifths off by %.2f, of %d\n", t.Lane, t.Within, t.Between, t.Width, t.Off, t.Judged)
}

// The part of submissions that are told of, in percent, and the most looks at the line in
// an hour; where more than a few engines work, each costs more, and fewer are made.
const (
	sampledPercent = 25
	looksPerHour   = 50
	fewEngines     = 300
)

func (t *teller) begin(w *world, seed uint64) {
	t.dice = rand.New(rand.NewPCG(seed, 2))
	t.most = max(int(w.s.Hours*looksPerHour)*fewEngines/max(w.slots, fewEngines), 20)
}

// choose decides whether the submission that comes now is in the sample.
func (t *teller) choose(w *world) {
	t.chosen = t.dice.IntN(100) < sampledPercent && int64(t.looks)*w.end <= int64(t.most)*w.now
}

// beat is how soon who waits is told, as in the server, in milliseconds.
const beat = 1000

// came notes a job that came; if it still waits at the next beat, it is told.
func (t *teller) came(w *world, k *task) {
	if !t.chosen {
		return
	}
	if len(t.wanted) == 0 {
		w.after(beat, func(w *world) { t.look(w) })
	}
	t.wanted = append(t.wanted, k)
}

// look tells those who want to know how long they will wait.
func (t *teller) look(w *world) {
	wanted := slices.DeleteFunc(t.wanted, func(k *task) bool { return k.started })
	t.wanted = nil
	if len(wanted) == 0 {
		return
	}
	t.looks++
	ids := make([]string, len(wanted))
	for n, k := range wanted {
		ids[n] = k.id
	}
	o := queue.Outlook{Engines: w.outlook(), Recent: t.recent.Arrivals(w.now), Takes: t.speeds.Draw, Wanted: ids, Seed: uint64(t.looks)}
	o.Tries, o.Jobs = queue.Bounds(w.slots)
	spans := w.q.Forecast(o)
	for _, k := range wanted {
		if s, ok := spans[k.id]; ok {
			told := t.trust.Tell(k.lane, s)
			k.told, k.toldAt = &told, w.now
		}
	}
}

// outlook is how the engines stand.
func (w *world) outlook() []queue.Machine {
	all := make([]queue.Machine, 0, len(w.machines))
	for _, m := range w.machines {
		if m.down {
			continue
		}
		o := queue.Machine{Kind: m.kind.Name, Slots: m.kind.Slots, Loaded: m.loaded}
		if m.can != nil {
			o.Can = func(c string) bool { return m.can[c] }
		}
		for _, id := range sorted(m.running) {
			k := m.running[id]
			o.Busy = append(o.Busy, queue.Busy{ID: id, Class: k.class.Name, Cost: k.class.Tokens, Ran: w.now - k.began})
		}
		all = append(all, o)
	}
	return all
}

// learn notes how long a job waited that something was told of.
func (t *teller) learn(w *world, k *task) {
	waited := w.now - k.toldAt
	if k.told == nil || k.told.High == 0 || waited < w.meanRun && k.told.Mid < w.meanRun {
		return
	}
	t.trust.Learn(k.lane, *k.told, waited)
	if k.came > w.end/5 { // averages need some time
		t.judged[k.lane] = append(t.judged[k.lane], verdict{*k.told, waited, k.told.Mid >= w.meanRun})
	}
}

// judge adds the verdicts up.
func (t *teller) judge() (all []Told) {
	for lane, name := range [2]string{"fast", "relaxed"} {
		r := Told{Lane: name, Judged: len(t.judged[lane])}
		if r.Judged == 0 {
			continue
		}
		var widths []float64
		within, between := 0, 0
		for _, v := range t.judged[lane] {
			if v.waited <= 2*v.told.Mid && v.told.Mid <= 2*v.waited {
				within++
			}
			if v.told.Low <= v.waited && v.waited <= v.told.High {
				between++
			}
			widths = append(widths, float64(v.told.High)/float64(max(v.told.Low, 1)))
		}
		slices.Sort(widths)
		r.Off = off(t.judged[lane])
		r.Within, r.Between, r.Width = float64(within)/float64(r.Judged), float64(between)/float64(r.Judged), widths[len(widths)/2]
		all = append(all, r)
	}
	return all
}

// off compares medians of what was told and of what came of it, in fifths by what was told.
func off(all []verdict) float64 {
	long := slices.DeleteFunc(slices.Clone(all), func(v verdict) bool { return !v.long })
	slices.SortFunc(long, func(a, b verdict) int { return cmp.Compare(a.told.Mid, b.told.Mid) })
	worst := 1.0
	for n := range 5 {
		fifth := long[len(long)*n/5 : len(long)*(n+1)/5]
		if len(fifth) == 0 {
			continue
		}
		waits := make([]int64, len(fifth))
		for i, v := range fifth {
			waits[i] = v.waited
		}
		slices.Sort(waits)
		told, waited := float64(max(fifth[len(fifth)/2].told.Mid, 1)), float64(max(waits[len(waits)/2], 1))
		worst = max(worst, told/waited, waited/told)
	}
	return worst
}
