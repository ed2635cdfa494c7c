package api_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// TestExpressAnswersAreTheSame asks on a connection that the express lane drives, and on one
// that net/http alone does: the answers are the same, whatever goes wrong.
func TestExpressAnswersAreTheSame(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	var driven atomic.Int64
	twin := *s
	twin.Server = httptest.NewServer(s.Config.Handler)
	t.Cleanup(twin.Close)
	s.Server = onExpress(t, s, &driven)
	reader := s.key(t, identity.NewKey{Name: "reader", Scopes: []identity.Scope{identity.Read}})
	account, twins := s.account(t, "ada"), s.account(t, "twin")
	s.want(t, 201, "POST", account+"/holds", `{"tokens":5}`, "Idempotency-Key", "held")
	twin.want(t, 201, "POST", twins+"/holds", `{"tokens":5}`, "Idempotency-Key", "held")
	changes := regexp.MustCompile(`"(?:expires_)?at":"[^"]*"|[0-9a-f-]{24,}`) // times, hashes, and ids that the server makes
	plain := func(a said) string {
		return changes.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(string(a.Raw), account, "…"), twins, "…"), "…")
	}
	for i, c := range []struct {
		path, body string
		status     int
		headers    []string
	}{
		{"/charges", `{"tokens":1}`, 201, []string{"Idempotency-Key", "one"}},
		{"/charges", `{"tokens":1}`, 201, []string{"Idempotency-Key", "one"}},
		{"/charges", `{"tokens":2}`, 409, []string{"Idempotency-Key", "one"}},
		{"/charges", `{"tokens":1}`, 201, nil},
		{"/charges", `{"tokens":1000}`, 402, nil},
		{"/charges", `{"tokens":0}`, 422, nil},
		{"/charges", `{"tokens":"many"}`, 422, nil},
		{"/charges", `{"token":1}`, 422, nil},
		{"/charges", `{"tokens":1}{}`, 400, nil},
		{"/charges", `{`, 400, nil},
		{"/charges", ``, 400, nil},
		{"/charges", `{"tokens":1,"feature":"` + strings.Repeat("x", 15<<10) + `"}`, 422, nil},
		{"/charges", `{"tokens":1,"feature":"` + strings.Repeat("x", 20<<10) + `"}`, 413, nil},
		{"/charges", `{"tokens":1}`, 415, []string{"Content-Type", "text/plain"}},
		{"/charges", `{"tokens":1}`, 422, []string{"Idempotency-Key", strings.Repeat("k", 200)}},
		{"/charges", `{"request":{"pipeline":"default","images":1}}`, 201, []string{"Idempotency-Key", "priced"}},
		{"/holds", `{"tokens":7,"expires_in":60}`, 201, []string{"Idempotency-Key", "h"}},
		{"/holds/k-h/settle", `{"tokens":3}`, 200, []string{"Idempotency-Key", "s"}},
		{"/holds/k-h/settle", `{"tokens":3}`, 200, []string{"Idempotency-Key", "s"}},
		{"/holds/k-held/release", ``, 200, []string{"Idempotency-Key", "r"}},
		{"/holds/k-nothing/release", ``, 404, []string{"Idempotency-Key", "r2"}},
		{"/holds/k-h", `{}`, 404, nil},
		{"/charges?a=b", `{"tokens":1}`, 201, []string{"Idempotency-Key", "query"}},
	} {
		for range 10 { // until the lane drives the connection
			s.want(t, 201, "POST", account+"/charges", `{"tokens":1}`, "Idempotency-Key", "again")
			twin.want(t, 201, "POST", twins+"/charges", `{"tokens":1}`, "Idempotency-Key", "again")
		}
		if driven.Load() == 0 {
			t.Fatal("the connection is not driven")
		}
		got, want := s.ask(t, s.service, "POST", account+c.path, c.body, c.headers...), twin.ask(t, s.service, "POST", twins+c.path, c.body, c.headers...)
		delete(got.Header, "Content-Length") // net/http sends a long answer in chunks
		delete(want.Header, "Content-Length")
		if got.Status != c.status || want.Status != c.status || plain(got) != plain(want) || !slices.Equal(slices.Sorted(maps.Keys(got.Header)), slices.Sorted(maps.Keys(want.Header))) {
			t.Errorf("%d: POST %s %.40s: want %d\n%d %s %v, without the lane\n%d %s %v", i, c.path, c.body, c.status, got.Status, short(plain(got)), got.Header, want.Status, short(plain(want)), want.Header)
		}
	}
	for key, status := range map[string]int{reader: 403, "florin_nobodys": 401, "": 401} {
		for range 10 {
			s.want(t, 201, "POST", account+"/charges", `{"tokens":1}`, "Idempotency-Key", "again")
		}
		if got := s.ask(t, key, "POST", account+"/charges", `{"tokens":1}`); got.Status != status {
			t.Errorf("with the key %q: %d %s", key, got.Status, got.Raw)
		}
	}
	s.want(t, 200, "GET", account+"/balance", "")
}

func short(text string) string { return fmt.Sprintf("%.500s", text) }

// onExpress serves the shop's API on a lane of its own, and counts what that takes over.
func onExpress(t *testing.T, s *shop, driven *atomic.Int64) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(s.Config.Handler)
	server.Config.ConnContext = s.Config.ConnContext
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateHijacked {
			driven.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// TestExpressKeepsToItsLimits has a key come to its rate, and be deleted, on a connection
// that the express lane drives.
func TestExpressKeepsToItsLimits(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	var driven atomic.Int64
	s.Server = onExpress(t, s, &driven)
	path := s.account(t, "ada") + "/charges"
	keys, err := s.people.ServiceKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slow := s.key(t, identity.NewKey{Name: "slow", Scopes: []identity.Scope{identity.Tokens}, Rate: 20})
	served := 0
	for i := range 40 {
		got := s.ask(t, slow, "POST", path, `{"tokens":1}`, "Idempotency-Key", fmt.Sprint("slow-", i))
		if got.Status == 201 {
			served++
		} else if got.Status != 429 || got.Code != "rate_limit" || got.Header.Get("Retry-After") == "" {
			t.Fatalf("%d: %d %s", i, got.Status, got.Raw)
		}
	}
	if served < 20 || served > 21 || driven.Load() == 0 { // one more where the clock went on meanwhile
		t.Errorf("%d of 40 were served, %d connections driven", served, driven.Load())
	}
	for range 20 {
		s.want(t, 201, "POST", path, `{"tokens":1}`, "Idempotency-Key", "again")
	}
	if err := s.people.DeleteServiceKey(t.Context(), keys[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := s.ask(t, s.service, "POST", path, `{"tokens":1}`); got.Status != 401 {
		t.Errorf("with a key that was deleted: %d %s", got.Status, got.Raw)
	}
}

// TestStopping asks when the context of the server's connections has ended, as it does before the server is shut down.
func TestStopping(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	account := s.account(t, "ada")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for method, path := range map[string]string{"POST": account + "/charges", "GET": account + "/journal"} {
		r := httptest.NewRequestWithContext(stopped, method, path, strings.NewReader(`{"tokens":1}`))
		r.Header.Set("Authorization", "Bearer "+s.service)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"code":"busy"`) {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
}
