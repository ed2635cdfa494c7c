package api_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/engine/retouch"
	"github.com/florin-studio/florin/internal/engine/texture"
	"github.com/florin-studio/florin/internal/studio"
)

// patient is the built-in engine, but for prompts with the word "wait", which take until
// they are cancelled.
type patient struct{ *builtin.Engine }

func (p patient) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if strings.Contains(task.Prompt, "wait") {
		<-ctx.Done()
		return engine.Result{}, &engine.Error{Class: engine.Cancelled, Reason: "it waited until the end", Err: ctx.Err()}
	}
	return p.Engine.Run(ctx, task, report)
}

// openPainting makes both APIs with the built-in engine at work behind them, and perhaps
// more parts of it.
func openPainting(t testing.TB, url string, parts ...engine.Engine) *shop {
	t.Helper()
	files, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := newShop(t, url, studio.Config{
		Files: files, Engines: []engine.Engine{patient{builtin.New(append(parts, retouch.New(builtin.New().Run), texture.New())...)}},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.studio.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	c := s.config()
	c.Rates = &throttle.Rates{PerMinute: -1, Creates: -1}
	c.Compatible = leonardo.New(leonardo.Config{Studio: s.studio, Identity: s.people, Secret: []byte("secret"), Now: time.Now})
	s.Server = httptest.NewServer(api.New(c))
	t.Cleanup(s.Close)
	return s
}

// painted is a job that has ended, with its first picture.
type painted struct {
	ID, Status string
	Pictures   []struct{ ID string }
}

// paint has a job made and waits for its end.
func (s *shop) paint(t testing.TB, key, body string) (j painted) {
	t.Helper()
	got := s.ask(t, key, "POST", "/api/v1/jobs", body)
	if got.Status != 201 {
		t.Fatalf("%s: %d %s", body, got.Status, got.Raw)
	}
	return s.ended(t, key, got.ID)
}

// ended waits until a job has ended.
func (s *shop) ended(t testing.TB, key, id string) (j painted) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	me := s.ask(t, key, "GET", "/api/v1/me", "")
	for events := s.studio.Listen(ctx, me.ID); ; {
		if err := json.Unmarshal(s.ask(t, key, "GET", "/api/v1/jobs/"+id, "").Raw, &j); err != nil {
			t.Fatal(err)
		}
		if j.Status != "queued" && j.Status != "running" {
			return j
		}
		if _, open := <-events; !open {
			if ctx.Err() != nil {
				t.Fatalf("the job did not end: %+v", j)
			}
			events = s.studio.Listen(ctx, me.ID)
		}
	}
}
