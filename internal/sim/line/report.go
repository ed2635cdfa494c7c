package line

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/florin-studio/florin/internal/queue"
)

// Wait is how long the jobs of a plan and lane waited, in milliseconds.
type Wait struct {
	Plan string `json:"plan"`
	Lane string `json:"lane"`
	Jobs int    `json:"jobs"`
	P50  int64  `json:"p50_ms"`
	P95  int64  `json:"p95_ms"`
	P99  int64  `json:"p99_ms"`
	Max  int64  `json:"max_ms"`

	sample []int64
}

// Report is what a simulation found.
type Report struct {
	Seed           uint64 `json:"seed"`
	Submitted      int64  `json:"submitted"`
	Refused        int64  `json:"refused"`
	Done           int64  `json:"done"`
	Failed         int64  `json:"failed"`
	Retries        int64  `json:"retries"`
	Returned       int64  `json:"returned"`
	Waiting        int64  `json:"waiting"`
	Running        int64  `json:"running"`
	EngineFailures int64  `json:"engine_failures"`
	Switches       int64  `json:"switches"`
	Waits          []Wait `json:"waits"`
	// Utilisation is the part of all slots' time that ended jobs took.
	Utilisation float64 `json:"utilisation"`
	// Fairness is Jain's index of the tokens served to each account that was served,
	// over its weight: 1 when these are equal. It says much only where all always wait.
	Fairness float64 `json:"fairness"`
	// Told tells, of a sample, how what people were told compares with how long they waited.
	Told []Told `json:"told"`

	s      *Scenario
	busy   int64
	tokens map[string]int64
	weight map[string]int64
}

func newReport(s *Scenario, seed uint64) *Report {
	r := &Report{Seed: seed, s: s, tokens: map[string]int64{}, weight: map[string]int64{}}
	for _, p := range s.Plans {
		r.Waits = append(r.Waits, Wait{Plan: p.Name, Lane: "fast"}, Wait{Plan: p.Name, Lane: "relaxed"})
	}
	return r
}

// sampled bounds the waits that are kept of a plan and lane; beyond it, random ones are.
const sampled = 200_000

func (r *Report) waited(w *world, t *task) {
	waited := w.now - t.came
	s := &r.Waits[2*t.plan+int(t.lane)]
	s.Jobs++
	s.Max = max(s.Max, waited)
	if len(s.sample) < sampled {
		s.sample = append(s.sample, waited)
	} else if n := w.dice.IntN(s.Jobs); n < sampled {
		s.sample[n] = waited
	}
}

func (r *Report) served(t *task) {
	if t.lane == queue.Fast {
		r.tokens[t.user] += t.class.Tokens
		r.weight[t.user] = r.s.Plans[t.plan].Weight
	}
}

func (w *world) finish() *Report {
	r := w.report
	r.Waiting, r.Running = int64(w.q.Len()), int64(len(w.tasks)-w.q.Len())
	r.Utilisation = float64(r.busy) / float64(w.end) / float64(w.slots)
	r.Told = w.teller.judge()
	var sum, squares float64
	for _, user := range sorted(r.tokens) {
		x := float64(r.tokens[user]) / float64(r.weight[user])
		sum += x
		squares += x * x
	}
	if squares > 0 {
		r.Fairness = sum * sum / squares / float64(len(r.tokens))
	}
	for i := range r.Waits {
		s := &r.Waits[i]
		slices.Sort(s.sample)
		s.P50, s.P95, s.P99 = s.quantile(50), s.quantile(95), s.quantile(99)
	}
	r.Waits = slices.DeleteFunc(r.Waits, func(s Wait) bool { return s.Jobs == 0 })
	return r
}

func (s *Wait) quantile(percent int) int64 {
	if len(s.sample) == 0 {
		return 0
	}
	return s.sample[min(len(s.sample)*percent/100, len(s.sample)-1)]
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Print writes the report for people.
func (r *Report) Print(out io.Writer) error {
	lines := fmt.Sprintf("%-14s %-8s %9s %9s %9s %9s %9s\n", "plan", "lane", "jobs", "p50 s", "p95 s", "p99 s", "max s")
	for _, s := range r.Waits {
		lines += fmt.Sprintf("%-14s %-8s %9d %9.1f %9.1f %9.1f %9.1f\n", s.Plan, s.Lane, s.Jobs, seconds(s.P50), seconds(s.P95), seconds(s.P99), seconds(s.Max))
	}
	lines += fmt.Sprintf("seed %d: %d jobs submitted, %d refused, %d done, %d failed, %d running, %d waiting\n", r.Seed, r.Submitted, r.Refused, r.Done, r.Failed, r.Running, r.Waiting)
	lines += fmt.Sprintf("%d tried again, %d returned by %d failures of engines, %d model switches\n", r.Retries, r.Returned, r.EngineFailures, r.Switches)
	lines += fmt.Sprintf("utilisation %.3f, fairness %.3f\n", r.Utilisation, r.Fairness)
	for _, t := range r.Told {
		lines += t.String()
	}
	_, err := io.WriteString(out, lines)
	return err
}

func seconds(ms int64) float64 { return float64(ms) / 1000 }
