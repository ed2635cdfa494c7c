package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// How the event stream keeps alive, and how far back a returning listener is told
// again: clocks of several processes may differ by up to 25 seconds, a transaction
// commits a moment after the instant it carries, and an event that comes twice does no harm.
const (
	heartbeat = 15 * time.Second
	overlap   = 30 * time.Second
)

// stream writes server-sent events.
type stream struct {
	w     http.ResponseWriter
	flush http.Flusher
	last  calendar.Instant
	// said is what was sent last of each job that may change again.
	said map[string]string
}

// events is GET /api/v1/events: what changes of one's own account, as it changes. The
// id of an event is its time; a listener that comes back with Last-Event-ID is told
// the jobs that changed since.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	p, err := who(r.Context())
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	flush, ok := w.(http.Flusher)
	if !ok {
		writeProblem(w, s.problemOf(errPanic))
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events := s.Studio.Listen(ctx, p.Account)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := &stream{w: w, flush: flush, last: calendar.At(s.Now()), said: map[string]string{}}
	if since, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		out.last = calendar.Instant(since)
		s.catchUp(ctx, out, p.Account)
	}
	_, _ = fmt.Fprint(w, ": hello\n\n")
	s.sendBalance(ctx, out, p.Account)
	flush.Flush()
	s.pump(ctx, out, p.Account, events)
}

// pump sends until the listener goes away or lags too far behind.
func (s *server) pump(ctx context.Context, out *stream, account string, events <-chan studio.Event) {
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-events:
			if !ok {
				return
			}
			s.send(ctx, out, account, e)
		case <-alive.C:
			_, _ = fmt.Fprint(out.w, ": alive\n\n")
		}
		out.flush.Flush()
	}
}

// catchUp tells the jobs that changed since the last event, in whichever process.
func (s *server) catchUp(ctx context.Context, out *stream, account string) {
	since, after := out.last.Add(-overlap), ""
	for {
		jobs, err := s.Studio.Changed(ctx, account, since, after)
		if err != nil || len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			out.job(max(j.Updated, out.last), s.jobOf(j))
		}
		last := &jobs[len(jobs)-1]
		since, after = last.Updated, last.ID
	}
}

func (s *server) send(ctx context.Context, out *stream, account string, e studio.Event) {
	switch e.Kind {
	case "job":
		out.job(e.At, s.jobOf(*e.Changed))
	case "balance":
		s.sendBalance(ctx, out, account)
	}
}

func (s *server) sendBalance(ctx context.Context, out *stream, account string) {
	if b, err := s.balanceOf(ctx, account); err == nil {
		out.write("balance", calendar.At(s.Now()), b)
	}
}

// job sends a job, unless that is what was sent of it last.
func (o *stream) job(at calendar.Instant, j Job) {
	raw, err := json.Marshal(j)
	if err != nil || o.said[j.ID] == string(raw) {
		return
	}
	o.said[j.ID] = string(raw)
	if j.Finished != nil {
		delete(o.said, j.ID)
	}
	o.write("job", at, json.RawMessage(raw))
}

func (o *stream) write(kind string, at calendar.Instant, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		return
	}
	o.last = max(o.last, at)
	_, _ = fmt.Fprintf(o.w, "id: %d\nevent: %s\ndata: %s\n\n", int64(o.last), kind, raw)
}
