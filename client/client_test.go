package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/client"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/builtin"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/studio"
)

// server is a real one, for all tests of the package.
var server struct {
	*httptest.Server
	key string
	// ada is the key of a person.
	ada string
}

func TestMain(m *testing.M) { os.Exit(serve(m)) }

func serve(m *testing.M) int {
	folder, err := os.MkdirTemp("", "florin-client-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx := context.Background()
	db, err := store.Open(ctx, filepath.Join(folder, "florin.db"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	hooks := notify.New(notify.Config{DB: db, Now: time.Now})
	l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{Tell: hooks.Tell})
	files, err := blob.OpenDisk(filepath.Join(folder, "pictures"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	people := &identity.Service{DB: db, Ledger: l, Now: time.Now}
	st := studio.New(studio.Config{DB: db, Ledger: l, Catalog: catalog.Default, Secret: []byte("secret"), Now: time.Now, Alone: true, Files: files, Engines: []engine.Engine{builtin.New()}})
	server.Server = httptest.NewServer(api.New(api.Config{Studio: st, Identity: people, Webhooks: hooks, Now: time.Now}))
	defer server.Close()
	_, server.key, err = people.CreateServiceKey(ctx, identity.NewKey{Name: "test", Scopes: []identity.Scope{identity.Read, identity.Tokens, identity.Admin}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	person, err := people.Create(ctx, identity.NewPerson{Email: "ada@example.org", Password: "difference"})
	if err == nil {
		_, server.ada, err = people.CreateKey(ctx, person, identity.NewKey{})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	working, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- st.Run(working) }()
	code := m.Run()
	stop()
	if err := <-stopped; err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = l.Close(ctx)
	_ = db.Close()
	return code
}

func TestEveryCall(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), client.New(server.URL+"/", server.key)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.OpenAccount(ctx, client.NewAccount{ExternalID: "every/call ?", Zone: "Asia/Tokyo"})
	must(err)
	id := client.External("every/call ?")
	if got, err := c.Account(ctx, id); err != nil || got.ID != a.ID || got.Zone != "Asia/Tokyo" || got.Plan.ID != "free" {
		t.Errorf("%+v %v", got, err)
	}
	h, err := c.Hold(ctx, id, client.Spend{Tokens: 10}, client.Key("a/b"))
	must(err)
	if e, err := c.Release(ctx, id, h.Hold.ID); err != nil || e.Hold.Returned != 10 {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := c.Release(ctx, id, h.Hold.ID); !client.Is(err, client.HoldClosed) {
		t.Errorf("released twice: %v", err)
	}
	paid, err := c.Charge(ctx, id, client.Spend{Request: &client.Request{Pipeline: "default", Images: 2}})
	must(err)
	if left, err := c.Refund(ctx, id, paid.Charge.ID, 1, "dark"); err != nil || left != 149 {
		t.Errorf("%d %v", left, err)
	}
	if left, err := c.Grant(ctx, id, client.NewGrant{Tokens: 51, Expires: time.Now().AddDate(1, 0, 0)}); err != nil || left != 200 {
		t.Errorf("%d %v", left, err)
	}
	if p, err := c.PreviewAdjust(ctx, id, -100, "typo", "ops"); err != nil || p.Balance != 200 || p.After != 100 || len(p.Changes) != 1 || p.Changes[0].Tokens != -100 {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := c.PreviewAdjust(ctx, id, -201, "typo", "ops"); !client.Is(err, client.InsufficientTokens) {
		t.Errorf("below zero: %v", err)
	}
	if left, err := c.Adjust(ctx, id, -100, "typo", "ops"); err != nil || left != 100 {
		t.Errorf("%d %v", left, err)
	}
	_, err = c.ChangePlan(ctx, id, "maestro")
	must(err)
	_, err = c.CancelPlan(ctx, id)
	must(err)
	_, err = c.UndoPlanChange(ctx, id)
	must(err)
	out, err := c.ChargeBatch(ctx, []client.BatchCharge{{Account: id, Spend: client.Spend{Tokens: 5}}, {Account: "nobody", Spend: client.Spend{Tokens: 5}}})
	must(err)
	if out[0].Status != 201 || out[0].Charge.Tokens != 5 || out[1].Problem == nil || out[1].Problem.Reason != client.UnknownAccount {
		t.Errorf("%+v", out)
	}
	b, err := c.Balance(ctx, id, time.Time{})
	must(err)
	later, err := c.Balance(ctx, id, time.Now().AddDate(10, 0, 0))
	if err != nil || b.Balance != out[0].Balance || later.Plan != "maestro" {
		t.Errorf("%+v then %+v %v", b, later, err)
	}
	seen := 0
	for cursor := ""; ; {
		entries, next, err := c.Journal(ctx, id, cursor, 3)
		must(err)
		for _, e := range entries {
			if seen++; e.Seq != int64(seen) || e.Hash == "" || len(e.Raw) == 0 {
				t.Errorf("%+v", e)
			}
		}
		if cursor = next; next == "" {
			break
		}
	}
	if uses, err := c.Usage(ctx, id, time.Time{}, time.Time{}); err != nil || len(uses) != 2 || seen < 10 {
		t.Errorf("%+v %v, %d entries", uses, err, seen)
	}
}

func TestRefusalsCarryFigures(t *testing.T) {
	t.Parallel()
	c := client.New(server.URL, server.key)
	a, err := c.OpenAccount(t.Context(), client.NewAccount{ExternalID: "poor"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Charge(t.Context(), a.ID, client.Spend{Tokens: 151})
	var e *client.Error
	if !errors.As(err, &e) || e.Status != 402 || e.Missing != 1 || e.Balance != 150 || e.Next == nil || e.Next.Tokens != 150 {
		t.Errorf("%v", err)
	}
	if _, err := client.New(server.URL, "no key").Account(t.Context(), a.ID); !client.Is(err, client.Unauthorized) {
		t.Errorf("%v", err)
	}
}

// answers is a transport that gives prepared answers and remembers the keys it saw.
type answers struct {
	status []int
	keys   []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.keys = append(a.keys, r.Header.Get("Idempotency-Key"))
	w := httptest.NewRecorder()
	status := a.status[0]
	a.status = a.status[1:]
	if status == 0 {
		return nil, errors.New("the line broke")
	}
	w.Header().Set("Retry-After", "7")
	w.WriteHeader(status)
	_, _ = w.WriteString(`{"code":"busy","balance":9}`)
	return w.Result(), nil
}

func TestRepeatsWaitAndKeepTheirKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &answers{status: []int{503, 0, 429, 201}}
		c := &client.Client{URL: "http://florin", HTTP: &http.Client{Transport: a}}
		begin := time.Now()
		out, err := c.Charge(t.Context(), "x", client.Spend{Tokens: 1})
		if err != nil || out.Balance != 9 || len(a.keys) != 4 || a.keys[0] == "" || a.keys[0] != a.keys[3] {
			t.Errorf("%+v %v %q", out, err, a.keys)
		}
		if waited := time.Since(begin); waited < 14*time.Second || waited > 16*time.Second {
			t.Errorf("waited %s for two times 7 s", waited)
		}
		a.status = []int{503, 503, 503, 503, 503}
		if _, err := c.Charge(t.Context(), "x", client.Spend{Tokens: 1}); !client.Is(err, client.Busy) {
			t.Errorf("%v", err)
		}
		a.status = []int{402, 201}
		if _, err := c.Charge(t.Context(), "x", client.Spend{Tokens: 1}); err == nil || len(a.status) != 1 {
			t.Errorf("a refusal was sent again: %v", err)
		}
	})
}
