package studio

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/queue"
	"github.com/florin-studio/florin/token"
)

// changed is the built-in price list with some words replaced.
func changed(t *testing.T, pairs ...string) *catalog.Catalog {
	t.Helper()
	text := string(catalog.DefaultYAML())
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the price list has no %q any more", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	c, err := catalog.Load("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The relaxed lane's share, its slowing by plan, weights and limits are those of the
// price list, and a new list changes the share while the server runs (T25).
func TestLanesFollowThePriceList(t *testing.T) {
	t.Parallel()
	book := changed(t, "relaxed: {share: 10}", "relaxed: {share: 40}", "    weight: 4", "    weight: 4\n    relaxed_slowdown: 3")
	s := New(Config{Catalog: func() *catalog.Catalog { return book }, Now: time.Now})
	number := 0
	relaxedOf := func(jobs int) (relaxed int) {
		for range jobs {
			for _, lane := range []token.Lane{token.Fast, token.Relaxed} {
				number++
				s.put(&waiter{ref: ref{fmt.Sprint("person ", number), fmt.Sprint(number)}, lane: lane, plan: "maestro", price: 5, fresh: true})
			}
		}
		for range jobs {
			j, _ := s.queue.Next()
			if j.Lane == queue.Relaxed {
				relaxed++
				if j.Slowdown != 3 {
					t.Fatalf("slowed down %d times", j.Slowdown)
				}
			} else if j.Slowdown > 1 {
				t.Fatalf("a fast job is slowed down %d times", j.Slowdown)
			}
			s.queue.Done(j.ID)
		}
		return relaxed
	}
	if n := relaxedOf(100); n < 38 || n > 42 {
		t.Errorf("%d of 100 were relaxed, the price list says 40", n)
	}
	book = changed(t, "relaxed: {share: 10}", "relaxed: {share: 20}", "    weight: 4", "    weight: 4\n    relaxed_slowdown: 3")
	s.reshare()
	if n := relaxedOf(100); n < 18 || n > 22 {
		t.Errorf("%d of 100 were relaxed, the new price list says 20", n)
	}
}

// Beyond the bound of the whole installation the answer is busy, with a time to come
// back, before anything is read or held.
func TestTheWholeInstallationIsBounded(t *testing.T) {
	t.Parallel()
	book := catalog.Default()
	s := New(Config{Catalog: func() *catalog.Catalog { return book }, Now: time.Now, MaxQueue: 2})
	for n := range 2 {
		s.put(&waiter{ref: ref{"ada", fmt.Sprint(n)}, lane: token.Fast, plan: "maestro", price: 5})
	}
	_, err := s.Submit(t.Context(), "bob", Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Width: 64, Height: 64}})
	var busy *ledger.Busy
	if !errors.As(err, &busy) || busy.RetryAfter != busyRetry {
		t.Errorf("got %v", err)
	}
}

// What the line tells is when jobs begin, from speeds measured here, and experience is
// learned from.
func TestTheLineForesees(t *testing.T) {
	t.Parallel()
	book := catalog.Default()
	s := New(Config{Catalog: func() *catalog.Catalog { return book }, Now: time.Now})
	var waiters []*waiter
	for n := range 6 {
		w := &waiter{ref: ref{"ada", fmt.Sprint(n)}, lane: token.Fast, plan: "maestro", price: 5}
		s.put(w)
		waiters = append(waiters, w)
		s.ask(w.id, s.now())
	}
	s.foresee()
	if waiters[0].told.at != 0 {
		t.Error("something was told before any speed was measured")
	}
	s.pace.others = []EngineState{{ID: "far", Slots: 1}}
	for range 50 {
		s.measure(&run{job: Job{Price: 5}, began: time.Now().Add(-10 * time.Second)})
	}
	s.foresee()
	for n, w := range waiters {
		if want, told := int64(n)*10_000, w.told; told.at == 0 || told.Mid < want-2000 || told.Mid > want+2000 {
			t.Errorf("job %d is told %+v, want %d ms", n, told, want)
		}
	}
	s.learn(waiters[3])
	if waiters[3].first.at != 0 {
		t.Error("a job that began is still told")
	}
	if told := s.pace.trust.Tell(queue.Fast, queue.Span{Low: 1000, Mid: 1000, High: 1000}); told.Low >= 1000 || told.High > 1000 {
		t.Errorf("it waited less than told, and now 1000 ms are %+v", told)
	}
}
