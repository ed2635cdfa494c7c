package queue

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// steady lets each token's worth take a second, and loading a class half a second.
func steady(_, _ string, cost int64, switched bool, _ uint32) int64 {
	if switched {
		return cost*1000 + 500
	}
	return cost * 1000
}

// Where all runs as measured and nothing comes, a forecast is what happens.
func TestForecastIsWhatHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, "p", "q", "r", "s")
		var wanted []string
		for range rapid.IntRange(1, 40).Draw(t, "jobs") {
			who := rapid.SampledFrom([]string{"p", "q", "r", "s"}).Draw(t, "who")
			w.put(t, who, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "class"), Lane(rapid.IntRange(0, 1).Draw(t, "lane")), 30)
			wanted = append(wanted, fmt.Sprint(w.jobs))
		}
		o := Outlook{Engines: []Machine{{Kind: "one", Slots: 1, Loaded: "a"}}, Takes: steady, Wanted: wanted, Tries: 3, Jobs: 1000}
		spans := w.Forecast(o)
		if again := w.Forecast(o); !reflect.DeepEqual(spans, again) {
			t.Fatal("a second forecast differs: the first changed the queue, or chance has a say")
		}
		loaded, now := "a", int64(0)
		for w.Len() > 0 {
			j, _ := w.NextFor(Engine{Has: func(c string) bool { return c == loaded }})
			if s := spans[j.ID]; s != (Span{now, now, max(now, 1)}) {
				t.Fatalf("job %s starts after %d ms, told %v", j.ID, now, s)
			}
			now += steady("", "", j.Cost, j.Class != loaded, 0)
			loaded = j.Class
			w.Done(j.ID)
		}
	})
}

// What runs is taken to end when its time is over, wherever it runs, and its account's
// limit binds until then.
func TestForecastKnowsWhatRuns(t *testing.T) {
	t.Parallel()
	q := New(10)
	for _, id := range []string{"1", "2", "3"} {
		q.Add(Job{ID: id, Account: "p", Class: "a", Cost: 10}, Terms{Weight: 1, Parallel: 2})
	}
	q.Next()
	q.Next()
	o := Outlook{Takes: steady, Wanted: []string{"3"}, Tries: 1, Jobs: 10,
		Engines: []Machine{{Slots: 2, Loaded: "a", Busy: []Busy{{ID: "1", Class: "a", Cost: 10, Ran: 4000}}}}}
	if s := q.Forecast(o)["3"]; s.Mid != 6000 {
		t.Errorf("told %v, but in 6 seconds the first job ends", s)
	}
	o.Engines[0].Busy[0].Ran, o.Engines[0].Slots = 0, 5
	if s := q.Forecast(o)["3"]; s.Mid != 10_000 {
		t.Errorf("told %v, but the limit binds for 10 seconds", s)
	}
}

// Who comes anew passes an account's second job, so that a forecast which knows that
// people come tells more.
func TestForecastCountsWhoComes(t *testing.T) {
	t.Parallel()
	q := New(10)
	for n := range 20 {
		q.Add(Job{ID: fmt.Sprint(n), Account: "p", Class: "a", Cost: 10}, Terms{Weight: 1, Parallel: 20})
	}
	o := Outlook{Engines: []Machine{{Slots: 1, Loaded: "a"}}, Takes: steady, Wanted: []string{"0", "19"}, Tries: 5, Jobs: 1000}
	alone := q.Forecast(o)["19"]
	var r Recent
	other := New(10)
	for n := range recentKept {
		r.Note(other, int64(n+1)*20_000, Job{ID: fmt.Sprint(n), Account: fmt.Sprint("x", n), Class: "a", Cost: 10}, Terms{Weight: 1, Parallel: 1})
	}
	o.Recent = r.Arrivals((recentKept + 1) * 20_000)
	busy := q.Forecast(o)
	// Half of the engine's time goes to who comes.
	if alone.Mid != 190_000 || busy["19"].Low < 350_000 || busy["19"].High > 400_000 || busy["0"].Mid != 0 {
		t.Errorf("alone it is told %v, with people who come %v, and the first job %v", alone, busy["19"], busy["0"])
	}
}

// All count who come, also where several do in a millisecond.
func TestForecastCountsCrowds(t *testing.T) {
	t.Parallel()
	q := New(10)
	for n := range 12_000 {
		q.Add(Job{ID: fmt.Sprint(n), Account: fmt.Sprint("p", n%60), Class: "a", Cost: 1}, Terms{Weight: 1, Parallel: 200})
	}
	var r Recent
	for n := range recentKept {
		r.Note(New(10), int64(1000+n/2), Job{ID: fmt.Sprint(n), Account: fmt.Sprint("x", n), Class: "a", Cost: 1}, Terms{Weight: 1, Parallel: 1})
	}
	o := Outlook{Engines: []Machine{{Slots: 4000, Loaded: "a"}}, Takes: steady, Recent: r.Arrivals(1000 + recentKept/2), Wanted: []string{"11999"}, Tries: 3, Jobs: 30_000}
	// Half of the engines' time goes to who comes, so that after 4,000 jobs at once 2,000 start each second.
	if s := q.Forecast(o)["11999"]; s.Low < 3900 || s.High > 4100 {
		t.Errorf("told %v, but it takes 4 seconds", s)
	}
}

// A rush of the two who wait already is not taken to go on for ever.
func TestARushEnds(t *testing.T) {
	t.Parallel()
	q := New(10)
	var r Recent
	for n := range 40 {
		j, terms := Job{ID: fmt.Sprint(n), Account: fmt.Sprint(n % 2), Class: "a", Cost: 50}, Terms{Weight: 1, Parallel: 1}
		r.Note(q, int64(n+1)*100, j, terms)
		q.Add(j, terms)
	}
	spans := q.Forecast(Outlook{Engines: []Machine{{Slots: 1, Loaded: "a"}}, Takes: steady, Recent: r.Arrivals(5000), Wanted: []string{"1", "39"}, Tries: 16, Jobs: 4000})
	if first, last := spans["1"], spans["39"]; first.High > 100_000 || last.Low < 39*50_000 || last.High > 3*39*50_000 {
		t.Errorf("of 40 jobs of 50 seconds the second is told %v and the last %v", first, last)
	}
}

// Of what is too far behind only the least is told, and the cost stays bounded.
func TestForecastIsBounded(t *testing.T) {
	t.Parallel()
	q := New(10)
	for n := range 5000 {
		q.Add(Job{ID: fmt.Sprint(n), Account: fmt.Sprint(n), Class: "a", Cost: 1}, Terms{Weight: 1, Parallel: 1})
	}
	spans := q.Forecast(Outlook{Engines: []Machine{{Slots: 1, Loaded: "a"}}, Takes: steady, Wanted: []string{"50", "150", "4000"}, Tries: 2, Jobs: 100})
	if s := spans["50"]; s.Mid != 50_000 {
		t.Errorf("told %v", s)
	}
	if s, ok := spans["150"]; ok && s != (Span{Low: 99_000}) {
		t.Errorf("told %v of a job that lies behind the end of the forecast", s)
	}
	if s, ok := spans["4000"]; ok {
		t.Errorf("told %v of a job that was not copied", s)
	}
}

func TestCalibrationLearns(t *testing.T) {
	t.Parallel()
	var c Calibration
	raw := Span{Low: 1000, Mid: 2000, High: 4000}
	between := 0
	for n := range 4000 {
		told := c.Tell(Fast, raw)
		waited := int64(6000 + (n*7919)%6000) // what is told is far too little at first
		if n >= 2000 && told.Low <= waited && waited <= told.High {
			between++
		}
		c.Learn(Fast, told, waited)
	}
	if told := c.Tell(Fast, raw); told.Mid < 8000 || told.Mid > 10_000 || between < 1600 {
		t.Errorf("after 4000 waits of 6 to 12 seconds it tells %v; %d of 2000 were between the bounds", told, between)
	}
	if told := c.Tell(Relaxed, raw); told != raw {
		t.Errorf("the other lane is told %v", told)
	}
}

func TestSpeedsAreMeasured(t *testing.T) {
	t.Parallel()
	var s Speeds
	for n := range 400 {
		cost := int64(n%9 + 1)
		s.Observe("old", "a", cost, cost*2000, false)
		s.Observe("new", "a", cost, cost*500, false)
		if n%5 == 1 {
			s.Observe("new", "b", cost, cost*500+3000, true)
		} else {
			s.Observe("new", "b", cost, cost*500, false)
		}
	}
	old, fast, load := s.Expect("old", "a", 10, false), s.Expect("new", "a", 10, false), s.Expect("new", "b", 10, true)-s.Expect("new", "b", 10, false)
	if old < 19_900 || old > 20_100 || fast < 4_900 || fast > 5_100 || load < 2_900 || load > 3_100 {
		t.Errorf("10 tokens take %d ms on the old one, %d ms on the new one, and %d ms to load", old, fast, load)
	}
}

// A forecast's cost goes with what it is allowed to look at, not with what waits.
func BenchmarkForecast(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q := New(10)
			for i := range n {
				q.Add(Job{ID: fmt.Sprint(i), Account: fmt.Sprint(i / 3), Class: "a", Cost: int64(i%30 + 1)}, Terms{Weight: 1, Parallel: 2})
			}
			o := Outlook{Engines: []Machine{{Slots: 10, Loaded: "a"}}, Takes: steady, Wanted: []string{"900"}, Tries: 16, Jobs: 4000}
			for b.Loop() {
				q.Forecast(o)
			}
		})
	}
}
