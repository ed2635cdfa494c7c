package notify

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// pending makes a delivery to an endpoint.
func (h *house) pending(t testing.TB, e Endpoint) Delivery {
	t.Helper()
	h.upgrade(t, newID())
	return h.log(t, e)[0]
}

// upgrade makes an event: a new account changes its plan.
func (h *house) upgrade(t testing.TB, account string) {
	t.Helper()
	h.open(t, account)
	h.toPlan(t, account, "apprentice")
}

// Ten tries over three days; then the endpoint is disabled, with a reason. What failed is
// sent again on request, under the same id.
func TestRetriesForThreeDays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		r.answers(500)
		e, secret := h.endpoint(t, "", r.URL, PlanChanged)
		began := h.clock.now()
		d := h.pending(t, e)
		var at []time.Duration
		for h.again(t, e).Disabled == 0 && len(at) < 20 {
			if h.send(t) == 0 {
				t.Fatalf("nothing was sent at %s: %+v", h.clock.now(), h.log(t, e)[0])
			}
			got := r.one(t)
			at = append(at, h.clock.now().Sub(began))
			if got.id() != d.ID {
				t.Errorf("try %d has the id %s, want %s", len(at), got.id(), d.ID)
			}
			verify(t, secret, got)
			d = h.log(t, e)[0]
			if d.State == Pending {
				h.clock.turn(d.Due.Time().Sub(h.clock.now()) - time.Millisecond)
				if h.send(t) != 0 {
					t.Errorf("try %d came before its time", len(at)+1)
				}
				h.clock.turn(time.Millisecond)
			}
		}
		if last := at[len(at)-1]; len(at) != 10 || last < 71*time.Hour || last > 73*time.Hour {
			t.Errorf("tries at %v", at)
		}
		e = h.again(t, e)
		if d.State != Failed || d.Attempts != 10 || len(d.History) != 10 || d.History[9].Status != 500 || e.Failing != d.Created || !strings.Contains(e.Reason, "in 10 tries of one event; the last time it answered 500") {
			t.Errorf("%+v\n%+v", e, d)
		}
		if gone, err := h.Disabled(t.Context(), ""); err != nil || len(gone) != 1 {
			t.Errorf("%d endpoints to tell of, %v", len(gone), err)
		}
		h.upgrade(t, "while-disabled")
		if n := len(h.log(t, e)); n != 1 {
			t.Errorf("%d deliveries to a disabled endpoint", n)
		}
		if _, err := h.Replay(t.Context(), "", e.ID, d.ID); err != ErrDisabled {
			t.Errorf("replayed to a disabled endpoint: %v", err)
		}
		r.answers(204)
		on := true
		if e, err := h.Update(t.Context(), "", e.ID, Patch{Enabled: &on}); err != nil || e.Disabled != 0 || e.Failing != 0 || e.Reason != "" {
			t.Errorf("%+v %v", e, err)
		}
		if n, err := h.ReplaySince(t.Context(), "", e.ID, d.Created, true); err != nil || n != 1 {
			t.Errorf("%d replayed, %v", n, err)
		}
		h.send(t)
		if got := r.one(t); got.id() != d.ID {
			t.Errorf("replayed as %s", got.id())
		}
		if d = h.log(t, e)[0]; d.State != Delivered || d.Attempts != 1 || len(d.History) != 11 {
			t.Errorf("%+v", d)
		}
		if n, err := h.ReplaySince(t.Context(), "", e.ID, d.Created, true); err != nil || n != 0 {
			t.Errorf("%d that had arrived were replayed as failed, %v", n, err)
		}
		if n, err := h.ReplaySince(t.Context(), "", e.ID, d.Created+1, false); err != nil || n != 0 {
			t.Errorf("%d from before were replayed, %v", n, err)
		}
	})
}

// One that arrives between the tries keeps the endpoint.
func TestOneArrivalKeepsAnEndpoint(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true})
	r := receive(t)
	r.answers(503)
	e, _ := h.endpoint(t, "", r.URL, PlanChanged)
	doomed := h.pending(t, e)
	for try := range 9 {
		if try > 0 {
			h.clock.turn(23 * time.Hour)
		}
		h.send(t)
	}
	r.does(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("webhook-id") == doomed.ID {
			w.WriteHeader(503)
		}
	})
	lucky := h.pending(t, e) // before the last try of the other
	h.send(t)
	if e = h.again(t, e); e.Failing != 0 {
		t.Errorf("failing since %s, though something arrived", e.Failing)
	}
	h.clock.turn(23 * time.Hour)
	h.send(t)
	for _, d := range h.log(t, e) {
		want := map[string]State{doomed.ID: Failed, lucky.ID: Delivered}[d.ID]
		if want != "" && d.State != want {
			t.Errorf("%+v, want %s", d, want)
		}
	}
	if e = h.again(t, e); e.Disabled != 0 {
		t.Errorf("disabled: %s", e.Reason)
	}
}

func TestGoneDisablesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		r.answers(410)
		e, _ := h.endpoint(t, "", r.URL, PlanChanged)
		h.upgrade(t, "a")
		h.upgrade(t, "b")
		h.send(t)
		e = h.again(t, e)
		if e.Disabled == 0 || !strings.Contains(e.Reason, "410 Gone") {
			t.Errorf("%+v", e)
		}
		for _, d := range h.log(t, e) {
			if d.State != Failed {
				t.Errorf("%+v", d)
			}
		}
	})
}

func TestSlowReceiversAndRetryAfter(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true, Timeout: 50 * time.Millisecond})
	r := receive(t)
	r.does(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
	e, _ := h.endpoint(t, "", r.URL, PlanChanged)
	d := h.pending(t, e)
	h.send(t)
	if d = h.log(t, e)[0]; d.State != Pending || d.History[0].Error != "it did not answer in time" || d.Due.Time().Sub(h.clock.now()) != pauses[0] {
		t.Errorf("%+v", d)
	}
	r.does(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	h.clock.turn(pauses[0])
	h.send(t)
	if d = h.log(t, e)[0]; d.Due.Time().Sub(h.clock.now()) != time.Hour || d.History[1].Error != "it answered 429 Too Many Requests" {
		t.Errorf("%+v", d)
	}
	r.Close()
	h.clock.turn(time.Hour)
	h.send(t)
	if d = h.log(t, e)[0]; !strings.Contains(d.History[2].Error, "connection refused") {
		t.Errorf("%+v", d)
	}
}

// A process that dies after it sent and before it wrote so: the receiver hears the same
// message again, from whichever process comes next.
func TestDeathBetweenSendingAndWriting(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		e, _ := h.endpoint(t, "", r.URL, PlanChanged)
		h.pending(t, e)
		taken, err := h.take(t.Context())
		if err != nil || len(taken) != 1 {
			t.Fatalf("%d taken, %v", len(taken), err)
		}
		if o := h.post(t.Context(), &taken[0]); !o.arrived() {
			t.Fatalf("%+v", o)
		}
		first := r.one(t) // and here it dies
		other := h.beside(t)
		if n, err := other.SendAll(t.Context()); err != nil || n != 0 {
			t.Errorf("%d sent while the lease lasts, %v", n, err)
		}
		h.clock.turn(lease)
		if n, err := other.SendAll(t.Context()); err != nil || n != 1 {
			t.Errorf("%d sent after the lease, %v", n, err)
		}
		if second := r.one(t); second.id() != first.id() || string(second.body) != string(first.body) {
			t.Errorf("%s, then %s", first.id(), second.id())
		}
		// The dead one turns out to be only slow: what it has to say comes too late.
		if err := h.note(t.Context(), &taken[0], outcome{attempt: Attempt{At: h.now(), Error: "late"}}); err != nil {
			t.Error(err)
		}
		if d := h.log(t, e)[0]; d.State != Delivered || d.Attempts != 2 || len(d.History) != 1 {
			t.Errorf("%+v", d)
		}
	})
}

// Two processes share the work, and no message goes out twice.
func TestTwoProcessesSendOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		e, _ := h.endpoint(t, "", r.URL, PlanChanged)
		const many = 60
		for range many {
			h.upgrade(t, newID())
		}
		var wg sync.WaitGroup
		for _, s := range []*Service{h.Service, h.beside(t)} {
			wg.Go(func() {
				if _, err := s.SendAll(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		h.send(t)
		times := map[string]int{}
		for _, got := range r.take() {
			times[got.id()]++
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%s came %d times", id, n)
			}
		}
		if len(times) != many {
			t.Errorf("%d messages came, want %d", len(times), many)
		}
		for _, d := range h.log(t, e) {
			if d.State != Delivered {
				t.Errorf("%+v", d)
			}
		}
		if len(h.busy) != 0 {
			t.Errorf("slots are still taken: %v", h.busy)
		}
	})
}

// A receiver that hangs takes its own slots and nobody else's.
func TestAHangingReceiverHoldsUpNobody(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true})
	r := receive(t)
	e, _ := h.endpoint(t, "", r.URL, PlanChanged)
	for range 10 {
		h.upgrade(t, newID())
	}
	first, err := h.take(t.Context())
	if err != nil || len(first) != slotsEndpoint {
		t.Fatalf("%d taken, %v", len(first), err)
	}
	if more, err := h.take(t.Context()); err != nil || len(more) != 0 {
		t.Errorf("%d more taken, %v", len(more), err)
	}
	other, _ := h.endpoint(t, "", r.URL, PlanChanged)
	h.upgrade(t, newID())
	if more, err := h.take(t.Context()); err != nil || len(more) != 1 || more[0].Webhook != other.ID {
		t.Errorf("%d taken for the other, %v", len(more), err)
	}
	h.free(first...)
	h.Failing(t, e)
	if more, err := h.take(t.Context()); err != nil || len(more) != slotsFailing {
		t.Errorf("%d taken for one that fails, %v", len(more), err)
	}
}

// Failing marks an endpoint as failing.
func (h *house) Failing(t testing.TB, e Endpoint) {
	t.Helper()
	if err := h.db.Write(t.Context(), failing(e, h.now())); err != nil {
		t.Fatal(err)
	}
}

// Run sends what is written without being asked, and ends with its context.
func TestRunSends(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true})
	r := receive(t)
	came := make(chan struct{}, 1)
	r.does(func(http.ResponseWriter, *http.Request) { came <- struct{}{} })
	h.endpoint(t, "", r.URL, PlanChanged)
	stop := h.run(t)
	h.upgrade(t, "ada")
	select {
	case <-came:
	case <-t.Context().Done():
	}
	stop()
	if got := r.one(t); got.said.Type != "plan.changed" {
		t.Errorf("%s", got.body)
	}
}
