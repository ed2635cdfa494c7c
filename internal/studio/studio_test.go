package studio_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

func TestT14AJobHoldsPaintsAndSettles(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		events := h.listen()
		j := h.submit(ask(2))
		h.expect(148, 2)
		h.work()
		h.paint(2)
		j = h.until(events, j.ID, studio.Complete)
		if j.Settled != 2 || j.Progress != 100 || len(j.Pictures) != 2 || j.Engine != "easel" {
			t.Fatalf("job is %+v", j)
		}
		h.expect(148, 0)
		if j.Pictures[1].Seed != j.Spec.Seed+1 {
			t.Errorf("seeds %d, %d", j.Pictures[0].Seed, j.Pictures[1].Seed)
		}
		for _, thumb := range []bool{false, true} {
			f, _, err := h.File(context.Background(), account, j.Pictures[0].ID, thumb)
			if err != nil {
				t.Fatal(err)
			}
			if raw, _ := io.ReadAll(f); len(raw) < 50 {
				t.Errorf("a file of %d bytes", len(raw))
			}
			_ = f.Close()
		}
		if _, err := h.Job(context.Background(), "bob", j.ID); !errors.Is(err, studio.ErrUnknown) {
			t.Errorf("bob sees ada's job: %v", err)
		}
		if _, err := h.Picture(context.Background(), "bob", j.Pictures[0].ID); !errors.Is(err, studio.ErrUnknown) {
			t.Errorf("bob sees ada's picture: %v", err)
		}
	})
}

func TestT16TooExpensiveChangesNothing(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.spend(8500 - 3)
		_, err := h.Submit(context.Background(), account, ask(4))
		var refusal *token.Refusal
		if !errors.As(err, &refusal) || refusal.Reason != token.InsufficientTokens || refusal.Missing != 1 || refusal.Next == nil {
			t.Fatalf("got %v", err)
		}
		h.expect(3, 0)
	})
}

// spend takes tokens as a charge would.
func (h *house) spend(n int64) {
	h.t.Helper()
	h.spendAs("spent", n)
}

func (h *house) spendAs(id string, n int64) {
	h.t.Helper()
	_, err := h.Ledger.Submit(context.Background(), requestOf(token.Charge{ID: id, Tokens: n}, h.clock.Load()))
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestT17ARepeatIsTheFirstJob(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		sub := ask(1)
		sub.Key = "once"
		first := h.submit(sub)
		if again := h.submit(sub); again.ID != first.ID {
			t.Fatalf("two jobs: %s, %s", first.ID, again.ID)
		}
		h.expect(8499, 1)
		sub.Prompt = "another lake"
		_, err := h.Submit(context.Background(), account, sub)
		var refusal *token.Refusal
		if !errors.As(err, &refusal) || refusal.Reason != token.IdempotencyConflict || refusal.Field != "prompt" {
			t.Fatalf("got %v", err)
		}
	})
}

func TestPendingLimit(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		h.submit(ask(1))
		_, err := h.Submit(context.Background(), account, ask(1))
		var refusal *token.Refusal
		if !errors.As(err, &refusal) || refusal.Reason != token.PendingLimit || refusal.Limit != 1 {
			t.Fatalf("got %v", err)
		}
		h.expect(149, 1)
	})
}

func TestP8PremiumNeedsAPlan(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		sub := ask(1)
		sub.Request.Pipeline = "alchemy"
		_, err := h.Submit(context.Background(), account, sub)
		var refusal *token.Refusal
		if !errors.As(err, &refusal) || refusal.Reason != token.PlanRequired {
			t.Fatalf("got %v", err)
		}
		h.expect(150, 0)
	})
}

func TestT19FailuresCostNothing(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		events := h.listen()
		j := h.submit(ask(4))
		h.work()
		<-h.easel.asked
		h.easel.say <- &engine.Error{Class: engine.Refused, Reason: "This can't be painted."}
		j = h.until(events, j.ID, studio.Failed)
		if j.Settled != 0 || j.Reason != "This can't be painted." {
			t.Fatalf("job is %+v", j)
		}
		h.expect(150, 0)
	})
}

func TestT19OnlyWhatWasMadeIsCharged(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		events := h.listen()
		sub := ask(4)
		sub.Request.Pipeline = "alchemy" // 8, 12, 15, 18
		j := h.submit(sub)
		h.expect(8482, 18)
		h.work()
		h.paint(2)
		<-h.easel.asked
		h.easel.say <- &engine.Error{Class: engine.Refused, Reason: "The paint ran out."}
		j = h.until(events, j.ID, studio.Failed)
		if j.Settled != 12 || len(j.Pictures) != 2 {
			t.Fatalf("job is %+v", j)
		}
		h.expect(8488, 0)
	})
}

func TestT19Cancelling(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		events := h.listen()
		queued := h.submit(ask(1))
		j, err := h.Cancel(context.Background(), account, queued.ID)
		if err != nil || j.Status != studio.Cancelled {
			t.Fatalf("%+v %v", j, err)
		}
		h.expect(8500, 0)
		running := h.submit(ask(3))
		h.work()
		h.paint(1)
		<-h.easel.asked
		if _, err := h.Cancel(context.Background(), account, running.ID); err != nil {
			t.Fatal(err)
		}
		j = h.until(events, running.ID, studio.Cancelled)
		if j.Settled != 1 || len(j.Pictures) != 1 {
			t.Fatalf("job is %+v", j)
		}
		h.expect(8499, 0)
		if again, err := h.Cancel(context.Background(), account, running.ID); err != nil || again.Status != studio.Cancelled {
			t.Fatalf("cancelling twice: %+v %v", again, err)
		}
	})
}

func TestT20RelaxedJobsCostNothing(t *testing.T) {
	each(t, "artisan", func(t *testing.T, h *house) {
		events := h.listen()
		h.spend(25000)
		j := h.submit(ask(2))
		if j.Lane != token.Relaxed {
			t.Fatalf("lane %s", j.Lane)
		}
		a := h.state()
		if got := h.catalog.Load().Rules().Displayed(&a); got != -2 {
			t.Errorf("displayed %d, want -2", got)
		}
		h.work()
		h.paint(2)
		if j = h.until(events, j.ID, studio.Complete); j.Settled != 0 {
			t.Fatalf("job is %+v", j)
		}
		h.expect(0, 0)
	})
}

func TestP6AQuoteBinds(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		sub := ask(4)
		q, err := h.Quote(context.Background(), account, sub.Request)
		if err != nil || q.Tokens != 4 || !q.Covered || len(q.Pays) != 1 || q.Pays[0].Kind != token.Daily {
			t.Fatalf("%+v %v", q, err)
		}
		dear, err := catalog.Load("dear.yaml", dearer(h.catalog.Load()))
		if err != nil {
			t.Fatal(err)
		}
		h.catalog.Store(dear)
		other := sub
		other.Quote, other.Request.Images = q.ID, 5
		wantRefusal(t, h, other, token.QuoteMismatch)
		forged := sub
		forged.Quote = "x" + q.ID
		wantRefusal(t, h, forged, token.QuoteMismatch)
		sub.Quote = q.ID
		if j := h.submit(sub); j.Price != 4 {
			t.Fatalf("price %d, want the quoted 4", j.Price)
		}
		h.clock.Add(11 * 60 * 1000)
		wantRefusal(t, h, sub, token.QuoteExpired)
		h.expect(146, 4)
	})
}

func wantRefusal(t *testing.T, h *house, sub studio.Submission, want token.Reason) {
	t.Helper()
	_, err := h.Submit(context.Background(), account, sub)
	var refusal *token.Refusal
	if !errors.As(err, &refusal) || refusal.Reason != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestStoppingReturnsTheJob(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		j := h.submit(ask(3))
		stop := h.work()
		h.paint(1)
		<-h.easel.asked
		stop()
		j, err := h.Job(context.Background(), account, j.ID)
		if err != nil || j.Status != studio.Queued || j.Attempt != 0 || len(j.Pictures) != 1 {
			t.Fatalf("%+v %v", j, err)
		}
		h.expect(147, 3)
		h.open() // the next process
		events := h.listen()
		h.work()
		h.paint(2)
		j = h.until(events, j.ID, studio.Complete)
		if j.Settled != 3 || len(j.Pictures) != 3 {
			t.Fatalf("job is %+v", j)
		}
		h.expect(147, 0)
	})
}

func TestAJobIsStartedThreeTimesAtMost(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		j := h.submit(ask(2))
		for attempt := range int64(2) {
			events := h.listen()
			stop := h.work()
			<-h.easel.asked
			h.easel.say <- errors.New("the line is bad")
			h.untilBack(events, j.ID, attempt+1)
			stop() // the next start may have begun; ended so, it does not count
			h.open()
		}
		events := h.listen()
		h.work()
		<-h.easel.asked
		h.easel.say <- errors.New("the line is bad")
		j = h.until(events, j.ID, studio.Failed)
		if j.Status != studio.Failed || j.Settled != 0 {
			t.Fatalf("job is %+v", j)
		}
		h.expect(150, 0)
	})
}
