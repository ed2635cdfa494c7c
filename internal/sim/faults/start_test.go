package faults

import (
	"context"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// TestStartWhileTheDatabaseIsAway starts the work of a server whose database went away
// after it was opened: the server waits for it, and then does what was left.
func TestStartWhileTheDatabaseIsAway(t *testing.T) {
	s, closed, err := open(storetest.Postgres(t), t.TempDir(), &fickle{id: "steady"})
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	_, err = s.Ledger.Submit(t.Context(), ledger.Request{Account: "ada", Request: token.Request{Key: "open", At: calendar.At(time.Now()), Command: token.Open{Plan: "maestro"}}})
	if err != nil {
		t.Fatal(err)
	}
	j, err := s.Submit(t.Context(), "ada", studio.Submission{Prompt: "a lake", Request: catalog.Request{Pipeline: "default", Images: 1, Width: 32, Height: 32}})
	if err != nil {
		t.Fatal(err)
	}
	events := s.Listen(t.Context(), "ada")
	back := make(chan struct{})
	go func() {
		defer close(back)
		storetest.Restart(t, time.Second)
	}()
	defer func() { <-back }()
	for looked := error(nil); looked == nil; { // until it is away
		looked = s.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var one int64
			return tx.QueryRow(ctx, `SELECT 1`).Scan(&one)
		})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	for complete := false; !complete; {
		select {
		case err := <-ran:
			t.Fatalf("the server ended: %v", err)
		case e := <-events:
			complete = e.Kind == "job" && e.Changed.ID == j.ID && e.Changed.Status == studio.Complete
		case <-time.After(time.Minute):
			t.Fatal("the job was not done within a minute")
		}
	}
	stop()
	if err := <-ran; err != nil {
		t.Errorf("stopped: %v", err)
	}
}
