package leonardo_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// The realtime canvas answers with its picture, and keeps nothing of what it was sent:
// nobody would know of it, and it would fill the account's room.
func TestRealtimeKeepsNothing(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), nil)
	h.run(t)
	p := h.person(t, "ada", "maestro")
	data := `"data:image/png;base64,` + base64.StdEncoding.EncodeToString(photo(t, 64)) + `"`
	for path, more := range map[string]string{"/generations-lcm": "", "/lcm-instant-refine": "", "/lcm-inpainting": `,"maskDataUrl":` + data} {
		a := p.want(t, "POST", path, `{"prompt":"hills","width":512,"height":512,"requestTimestamp":"now","imageDataUrl":`+data+more+`}`)
		made, _ := a.at("lcmGenerationJob", "imageDataUrl").([]any)
		if len(made) != 1 || !strings.HasPrefix(made[0].(string), "data:image/jpeg;base64,") || text(t, a, "lcmGenerationJob", "requestTimestamp") != "now" {
			t.Errorf("%s: %.200s", path, a.raw)
		}
	}
	if left, err := h.studio.Uploads(t.Context(), p.Account, "", "", 10); err != nil || len(left) != 0 {
		t.Errorf("it left %+v, %v", left, err)
	}
}

// sketch is the body of a call of the realtime canvas.
func sketch(t *testing.T, prompt string) string {
	t.Helper()
	data := `"data:image/png;base64,` + base64.StdEncoding.EncodeToString(photo(t, 64)) + `"`
	return `{"prompt":"` + prompt + `","width":512,"height":512,"requestTimestamp":"now","imageDataUrl":` + data + `,"maskDataUrl":` + data + `}`
}

// jobs lists what the person asked for.
func (p *person) jobs(t *testing.T) []studio.Job {
	t.Helper()
	jobs, err := p.h.studio.List(t.Context(), p.Account, studio.Listing{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// A call of the realtime canvas that is repeated with its key gets the first picture, and
// costs nothing more.
func TestRealtimeHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.run(t)
		p := h.person(t, "ada", "maestro")
		for _, path := range []string{"/generations-lcm", "/lcm-inpainting"} {
			body := sketch(t, "hills")
			first := p.ask(t, "POST", path, body, "Idempotency-Key", path)
			if first.status != http.StatusOK || first.header.Get("Idempotency-Replayed") != "" || first.header.Get("Idempotency-Key") != path {
				t.Fatalf("%s: %d %v %.200s", path, first.status, first.header, first.raw)
			}
			left := p.balance(t)
			again := p.ask(t, "POST", path, body, "Idempotency-Key", path)
			if again.status != http.StatusOK || again.header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(again.raw, first.raw) {
				t.Errorf("%s again: %d %v, equal %t", path, again.status, again.header, bytes.Equal(again.raw, first.raw))
			}
			if p.balance(t) != left {
				t.Errorf("%s again cost %d", path, left-p.balance(t))
			}
			for what, other := range map[string]answer{
				"another prompt": p.ask(t, "POST", path, sketch(t, "woods"), "Idempotency-Key", path),
				"another call":   p.ask(t, "POST", "/lcm-instant-refine", body, "Idempotency-Key", path),
				"another key":    p.with(p.newKey(t, identity.NewKey{})).ask(t, "POST", path, body, "Idempotency-Key", path),
			} {
				if _, code, _ := other.refusal(); other.status != http.StatusConflict || code != "idempotency_conflict" {
					t.Errorf("%s: %d %.200s", what, other.status, other.raw)
				}
			}
		}
		if jobs := p.jobs(t); len(jobs) != 2 || p.ask(t, "DELETE", "/generations/"+jobs[1].ID, "").status != http.StatusOK {
			t.Errorf("%+v", jobs)
		}
		gone := p.ask(t, "POST", "/generations-lcm", sketch(t, "hills"), "Idempotency-Key", "/generations-lcm")
		if text, _, _ := gone.refusal(); gone.status != http.StatusBadRequest || !strings.Contains(text, "couldn't access image") || gone.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("a picture that was deleted: %d %s", gone.status, gone.raw)
		}
		if got := p.ask(t, "POST", "/generations-lcm", sketch(t, "gore"), "Idempotency-Key", "blocked"); got.status != http.StatusForbidden {
			t.Errorf("a refusal: %d %s", got.status, got.raw)
		}
		if got := p.ask(t, "POST", "/generations-lcm", sketch(t, "hills"), "Idempotency-Key", "blocked"); got.status != http.StatusOK {
			t.Errorf("after a refusal: %d %s", got.status, got.raw)
		}
		for _, key := range []string{"a b", strings.Repeat("k", 129)} {
			if got := p.ask(t, "POST", "/generations-lcm", sketch(t, "hills"), "Idempotency-Key", key); got.status != http.StatusBadRequest {
				t.Errorf("key %.20q: %d %s", key, got.status, got.raw)
			}
		}
	})
}

// While the first call runs the second is told so.
func TestRealtimeRunsOnceAtATime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		body, told := sketch(t, "hills"), make(chan answer)
		go func() { told <- p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k") }()
		p.queued(t)
		got := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		if _, code, _ := got.refusal(); got.status != http.StatusConflict || code != "in_progress" || got.header.Get("Retry-After") == "" {
			t.Errorf("while it runs: %d %v %s", got.status, got.header, got.raw)
		}
		h.run(t)
		first := <-told
		again := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		if first.status != http.StatusOK || again.header.Get("Idempotency-Replayed") != "true" || !bytes.Equal(again.raw, first.raw) {
			t.Errorf("%d %.200s, then %d %v", first.status, first.raw, again.status, again.header)
		}
		if jobs := p.jobs(t); len(jobs) != 1 {
			t.Errorf("%d jobs", len(jobs))
		}
	})
}

// queued waits until something of the person's is in the queue.
func (p *person) queued(t *testing.T) {
	t.Helper()
	ctx, done := context.WithTimeout(t.Context(), time.Minute)
	defer done()
	for events := p.h.studio.Listen(ctx, p.Account); len(p.jobs(t)) == 0; {
		if _, open := <-events; !open {
			t.Fatal("nothing came")
		}
	}
}

// A caller who leaves pays nothing, and may ask again with the same key.
func TestRealtimeIsCancelledByLeaving(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		had, body := p.balance(t), sketch(t, "hills")
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan struct{})
		go func() {
			defer close(left)
			r, err := http.NewRequestWithContext(ctx, "POST", h.URL+base+"/generations-lcm", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+p.key)
			r.Header.Set("Idempotency-Key", "k")
			if got, err := h.Client().Do(r); err == nil {
				t.Errorf("it was answered: %d", got.StatusCode)
				_ = got.Body.Close()
			}
		}()
		p.queued(t)
		leave()
		<-left
		h.run(t)
		patience, done := context.WithTimeout(t.Context(), 2*time.Minute)
		defer done()
		got := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		for got.status == http.StatusConflict && patience.Err() == nil { // the server has still to notice
			got = p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		}
		jobs := p.jobs(t)
		if got.status != http.StatusOK || len(jobs) != 2 || jobs[1].Status != studio.Cancelled || had-p.balance(t) != jobs[0].Price {
			t.Errorf("%d %.200s; %d tokens for %+v", got.status, got.raw, had-p.balance(t), jobs)
		}
	})
}

// A caller may leave at any moment, also while the server looks at the job.
func TestRealtimeIsCancelledWheneverTheCallerLeaves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		had, body := p.balance(t), sketch(t, "hills")
		for range 4 {
			var callers sync.WaitGroup
			ctx, leave := context.WithCancel(t.Context())
			for range 5 {
				callers.Go(func() {
					r, err := http.NewRequestWithContext(ctx, "POST", h.URL+base+"/generations-lcm", strings.NewReader(body))
					if err != nil {
						t.Error(err)
						return
					}
					r.Header.Set("Authorization", "Bearer "+p.key)
					if got, err := h.Client().Do(r); err == nil {
						t.Errorf("it was answered: %d", got.StatusCode)
						_ = got.Body.Close()
					}
				})
			}
			p.queued(t)
			leave()
			callers.Wait()
		}
		h.Close() // which waits for what the server still does
		for _, j := range p.jobs(t) {
			if j.Status != studio.Cancelled {
				t.Errorf("%s, though its caller has left: %+v", j.Status, j)
			}
		}
		if left := p.balance(t); left != had {
			t.Errorf("%d of %d tokens are left, nothing was made", left, had)
		}
	})
}

// A process that died before it remembered its answer has made nothing that the repeat
// makes twice.
func TestRealtimeAfterACrash(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.run(t)
		p := h.person(t, "ada", "maestro")
		body := sketch(t, "hills")
		first := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		left := p.balance(t)
		err := h.people.DB.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			n, err := tx.Exec(ctx, `UPDATE answers SET status = 0, sealed = '' WHERE account = $1 AND name = 'k'`, p.Account)
			if err == nil && n != 1 {
				t.Errorf("%d answers", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k"); got.status != http.StatusConflict {
			t.Errorf("within the lease: %d %.200s", got.status, got.raw)
		}
		h.ahead.Add(int64(2 * once.Lease))
		again := p.ask(t, "POST", "/generations-lcm", body, "Idempotency-Key", "k")
		if again.status != http.StatusOK || !bytes.Equal(again.raw, first.raw) || p.balance(t) != left || len(p.jobs(t)) != 1 {
			t.Errorf("%d %.200s; %d tokens more", again.status, again.raw, left-p.balance(t))
		}
		if left, err := h.studio.Uploads(t.Context(), p.Account, "", "", 10); err != nil || len(left) != 0 {
			t.Errorf("it left %+v, %v", left, err)
		}
	})
}

// The other calls say in the same way that a key was used for something else.
func TestAGenerationHappensOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		first := p.ask(t, "POST", "/generations", `{"prompt":"a lake"}`, "Idempotency-Key", "k")
		left := p.balance(t)
		if again := p.ask(t, "POST", "/generations", `{"prompt":"a lake"}`, "Idempotency-Key", "k"); first.status != http.StatusOK || !bytes.Equal(again.raw, first.raw) || p.balance(t) != left {
			t.Errorf("%s, then %s", first.raw, again.raw)
		}
		other := p.ask(t, "POST", "/generations", `{"prompt":"a sea"}`, "Idempotency-Key", "k")
		if _, code, _ := other.refusal(); other.status != http.StatusConflict || code != string(token.IdempotencyConflict) {
			t.Errorf("%d %s", other.status, other.raw)
		}
	})
}
