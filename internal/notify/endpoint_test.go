package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// A new secret signs at once, the old one beside it for a day.
func TestRotation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		e, old := h.endpoint(t, "ada", r.URL, PlanChanged)
		_, fresh, err := h.Rotate(t.Context(), "ada", e.ID)
		if err != nil || fresh == old || !strings.HasPrefix(fresh, "whsec_") {
			t.Fatalf("%q after %q, %v", fresh, old, err)
		}
		h.upgrade(t, "ada")
		h.send(t)
		got := r.one(t)
		verify(t, old, got)
		verify(t, fresh, got)
		if got.header.Get("webhook-timestamp") != fmt.Sprint(h.clock.now().Unix()) || got.header.Get("Content-Type") != "application/json" || got.header.Get("Authorization") != "" {
			t.Errorf("%v", got.header)
		}
		name := "renamed" // which brings the old secret back if anything does
		if _, err := h.Update(t.Context(), "ada", e.ID, Patch{Name: &name}); err != nil {
			t.Error(err)
		}
		h.clock.turn(OldSecretLife)
		if _, err := h.Try(t.Context(), "ada", e.ID); err != nil {
			t.Fatal(err)
		}
		h.send(t)
		got = r.one(t)
		verify(t, fresh, got)
		if n := len(strings.Fields(got.header.Get("webhook-signature"))); n != 1 {
			t.Errorf("%d signatures a day later", n)
		}
	})
}

func TestTermsAreChecked(t *testing.T) {
	t.Parallel()
	h := open(t, storetest.SQLite(t), Config{Private: true})
	for field, terms := range map[string]Terms{
		"name":           {Name: strings.Repeat("x", 81), URL: "http://h/", Events: Types[:1]},
		"url":            {URL: "h", Events: Types[:1]},
		"events":         {URL: "http://h/"},
		"events ":        {URL: "http://h/", Events: []Type{"generation.started"}},
		"events  ":       {URL: "http://h/", Events: []Type{PlanChanged, PlanChanged}},
		"events   ":      {URL: "http://h/", Events: []Type{Test}},
		"balance_below":  {URL: "http://h/", Events: []Type{BalanceBelow}},
		"balance_below ": {URL: "http://h/", Events: []Type{PlanChanged}, Below: 1},
		"expiring_hours": {URL: "http://h/", Events: []Type{GrantExpiring}, Ahead: 721 * time.Hour},
	} {
		var invalid *token.Invalid
		if _, _, err := h.Create(t.Context(), "ada", terms); !errors.As(err, &invalid) || invalid.Field != strings.TrimSpace(field) || invalid.Allowed == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	// What is not changed is not looked at again: an address may have become forbidden since.
	e, _, err := h.Create(t.Context(), "bob", Terms{URL: "http://h/", Events: Types[:1]})
	if err != nil {
		t.Fatal(err)
	}
	h.Private = false
	name, url, off := "renamed", "http://h/", false
	if e, err := h.Update(t.Context(), "bob", e.ID, Patch{Name: &name, Enabled: &off}); err != nil || e.Name != name || e.Disabled == 0 {
		t.Errorf("%+v %v", e, err)
	}
	var invalid *token.Invalid
	if _, err := h.Update(t.Context(), "bob", e.ID, Patch{URL: &url}); !errors.As(err, &invalid) || invalid.Field != "url" {
		t.Errorf("%v", err)
	}
	h.Private = true
	for i := range MaxEndpoints + 1 {
		_, _, err := h.Create(t.Context(), "ada", Terms{URL: "http://h/", Events: Types[:1]})
		if (err != nil) != (i == MaxEndpoints) {
			t.Errorf("endpoint %d: %v", i+1, err)
		}
	}
	for _, err := range []error{
		second(h.Endpoint(t.Context(), "eve", "x")), second(h.Update(t.Context(), "eve", "x", Patch{})), h.Delete(t.Context(), "eve", "x"),
		second(h.Try(t.Context(), "eve", "x")), second(h.Replay(t.Context(), "eve", "x", "y")), second(h.ReplaySince(t.Context(), "eve", "x", 0, false)),
		second(h.Deliveries(t.Context(), "eve", "x", "", 1)),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("of nobody: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A key's endpoint gets the compatible callback, with the secret as a bearer; it is given
// up like others, and can be enabled again, but goes with the key.
func TestKeysAreCalledBack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r, own := receive(t), receive(t)
		ctx := t.Context()
		p, err := h.people.Create(ctx, identity.NewPerson{Name: "Ada", Email: "ada@example.org", Password: "difference"})
		if err != nil {
			t.Fatal(err)
		}
		k, _, err := h.people.CreateKey(ctx, p, identity.NewKey{Name: "shop", WebhookURL: r.URL, WebhookSecret: "s3cret"})
		if err != nil {
			t.Fatal(err)
		}
		h.clock.turn(time.Millisecond) // lists are by age
		h.endpoint(t, p.Account, own.URL, GenerationFailed, GenerationComplete)
		end := func(id string, status studio.Status) {
			t.Helper()
			j := studio.Job{Account: p.Account, ID: id, Status: status, APIKey: k.ID, Lane: token.Fast, Price: 4, Settled: 4, Created: h.now(), Finished: h.now(), Pictures: []studio.Picture{{ID: "p1"}}}
			j.Spec.Images = 1
			if err := h.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return h.Ended(ctx, tx, &j) }); err != nil {
				t.Fatal(err)
			}
		}
		end("j1", studio.Complete)
		h.send(t)
		got := r.one(t)
		if string(got.body) != `{"job":"j1","key":"`+k.ID+`"}` || got.header.Get("Authorization") != "Bearer s3cret" || got.header.Get("webhook-signature") != "" || got.id() == "" {
			t.Errorf("%v %s", got.header, got.body)
		}
		event := own.one(t)
		if d := event.said.Data; event.said.Type != "generation.complete" || d["job"] != "j1" || d["status"] != "complete" || d["settled"] != 4.0 || fmt.Sprint(d["pictures"]) != "[p1]" {
			t.Errorf("%s", event.body)
		}
		end("j2", studio.Cancelled) // which the other did not ask for
		h.send(t)
		r.one(t)
		if n := len(own.take()); n != 0 {
			t.Errorf("%d events that nobody asked for", n)
		}
		r.answers(410)
		end("j3", studio.Failed)
		h.send(t)
		list, err := h.Endpoints(ctx, p.Account)
		if err != nil || len(list) != 2 || !list[0].Key || list[0].ID != k.ID || list[0].Disabled == 0 {
			t.Fatalf("%+v %v", list, err)
		}
		keys, err := h.people.Keys(ctx, p)
		if err != nil || keys[0].WebhookDisabled == 0 || keys[0].WebhookReason == "" {
			t.Errorf("%+v %v", keys, err)
		}
		before := h.rows(t)
		end("j4", studio.Complete)
		if n := h.rows(t) - before; n != 1 {
			t.Errorf("%d deliveries beside a disabled endpoint, want the other's", n)
		}
		other := "http://elsewhere/"
		if _, err := h.Update(ctx, p.Account, k.ID, Patch{URL: &other}); !errors.Is(err, ErrOfKey) {
			t.Errorf("changed: %v", err)
		}
		if err := h.Delete(ctx, p.Account, k.ID); !errors.Is(err, ErrOfKey) {
			t.Errorf("deleted: %v", err)
		}
		on := true
		if e, err := h.Update(ctx, p.Account, k.ID, Patch{Enabled: &on}); err != nil || e.Disabled != 0 {
			t.Errorf("%+v %v", e, err)
		}
		r.take()
		end("j5", studio.Complete)
		if err := h.people.DeleteKey(ctx, p, k.ID); err != nil {
			t.Fatal(err)
		}
		end("j6", studio.Complete)
		h.send(t)
		if n := len(r.take()); n != 0 {
			t.Errorf("%d callbacks of a revoked key", n)
		}
	})
}

// What is over goes after two weeks; an endpoint for which too much waits is given up.
func TestTidy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := receive(t)
		e, _ := h.endpoint(t, "", r.URL, PlanChanged)
		h.upgrade(t, "a")
		h.send(t)
		h.clock.turn(Keep)
		h.upgrade(t, "b")
		for i, want := range []int64{2, 1} {
			if err := h.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := h.rows(t); n != want {
				t.Errorf("look %d: %d rows, want %d", i+1, n, want)
			}
			h.clock.turn(time.Millisecond)
		}
		h.Failing(t, e)
		err := h.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var rows [][]any
			for i := range mostWaiting {
				rows = append(rows, []any{fmt.Sprint(i), e.ID})
			}
			_, err := tx.ExecMany(ctx, `INSERT INTO webhook_deliveries (account, id, webhook, type, subject, body, state, attempts, due, created, finished, history)
				VALUES ('', $1, $2, 'plan.changed', '', '{}', 'pending', 0, 0, 0, 0, '[]')`, rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e = h.again(t, e); e.Disabled == 0 || !strings.HasPrefix(e.Reason, "More than 10000 events waited") || h.listeners.Load() != nil {
			t.Errorf("%+v", e)
		}
	})
}
