package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// shop is a server with a service key.
type shop struct {
	*httptest.Server
	people  *identity.Service
	ledger  *ledger.Ledger
	studio  *studio.Studio
	hooks   *notify.Service
	models  *models.Installer
	service string
}

// openShop makes the API over a database.
func openShop(t testing.TB, url string) *shop {
	t.Helper()
	s := newShop(t, url, studio.Config{})
	door := api.New(s.config())
	s.Server = httptest.NewUnstartedServer(door)
	s.Config.ConnContext = door.ConnContext
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// newShop makes what the API stands on.
func newShop(t testing.TB, url string, c studio.Config) *shop {
	t.Helper()
	db := storetest.Open(t, url)
	hooks := notify.New(notify.Config{DB: db, Now: time.Now})
	l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{Tell: hooks.Tell})
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	s := &shop{ledger: l, hooks: hooks, people: &identity.Service{DB: db, Ledger: l, Now: time.Now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}}
	c.DB, c.Ledger, c.Catalog, c.Secret, c.Now, c.Alone = db, l, catalog.Default, []byte("secret"), time.Now, true
	c.Ended = hooks.Ended
	s.models = models.NewInstaller(context.Background(), models.Store{Dir: t.TempDir(), NPM: "/nonexistent/npm"})
	t.Cleanup(s.models.Wait)
	s.studio = studio.New(c)
	s.service = s.key(t, identity.NewKey{Name: "shop", Scopes: []identity.Scope{identity.Read, identity.Tokens, identity.Admin}})
	return s
}

func (s *shop) config() api.Config {
	return api.Config{Studio: s.studio, Identity: s.people, Webhooks: s.hooks, Models: s.models, Now: time.Now, Reload: func() ([]string, error) { return nil, nil }}
}

func (s *shop) key(t testing.TB, n identity.NewKey) string {
	t.Helper()
	_, secret, err := s.people.CreateServiceKey(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// eachShop runs a test on both databases.
func eachShop(t *testing.T, run func(t *testing.T, s *shop)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) { run(t, openShop(t, url)) })
}

// said is an answer, with the members that tests look at.
type said struct {
	Status int
	Header http.Header
	Raw    []byte

	ID         string
	ExternalID string `json:"external_id"`
	Balance    int64
	Code       string
	Field      string
	Limit      int64
	Missing    int64
	Hold       struct {
		ID                        string
		Tokens, Settled, Returned int64
	}
	Charge  struct{ ID, Lane string }
	Receipt struct {
		Seq       int64
		Kind, Key string
	}
	Refunded   int64
	Plan       json.RawMessage
	Scheduled  string
	Entries    json.RawMessage
	NextCursor string `json:"next_cursor"`
	Errors     []struct{ Location, Message string }
	Results    []struct {
		Status   int
		Replayed bool
		Problem  struct{ Code string }
		Charge   struct{ ID string }
	}
	Uses []struct {
		Day, Feature              string
		Charges, Tokens, Refunded int64
	}
}

// ask sends a request. Headers come in pairs.
func (s *shop) ask(t testing.TB, key, method, path, body string, headers ...string) said {
	t.Helper()
	r, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := said{Status: answer.StatusCode, Header: answer.Header, Raw: raw}
	if strings.Contains(answer.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(raw, &out)
	}
	return out
}

// want asks with the service key and ends the test unless the status is right.
func (s *shop) want(t testing.TB, status int, method, path, body string, headers ...string) said {
	t.Helper()
	got := s.ask(t, s.service, method, path, body, headers...)
	if got.Status != status {
		t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, got.Status, status, got.Raw)
	}
	return got
}

// account opens an account of 150 tokens.
func (s *shop) account(t testing.TB, external string) string {
	t.Helper()
	return "/api/v1/accounts/" + s.want(t, 201, "POST", "/api/v1/accounts", fmt.Sprintf(`{"external_id":%q}`, external)).ID
}

func TestOpeningAnAccount(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.want(t, 201, "POST", "/api/v1/accounts", `{"external_id":"user 7/ä","plan":"free","zone":"Europe/Rome"}`)
		again := s.want(t, 200, "POST", "/api/v1/accounts", `{"external_id":"user 7/ä"}`)
		if a.ID != again.ID || again.Header.Get("Idempotency-Replayed") != "true" || a.ExternalID != "user 7/ä" {
			t.Errorf("%s, again %s", a.Raw, again.Raw)
		}
		for field, body := range map[string]string{"plan": `{"external_id":"user 7/ä","plan":"maestro"}`, "zone": `{"external_id":"user 7/ä","zone":"UTC"}`} {
			if p := s.want(t, 409, "POST", "/api/v1/accounts", body); p.Code != "idempotency_conflict" || p.Field != field {
				t.Errorf("%s: %s", field, p.Raw)
			}
		}
		s.want(t, 422, "POST", "/api/v1/accounts", `{"external_id":"x","plan":"golden"}`)
		got := s.want(t, 200, "GET", "/api/v1/accounts/"+a.ID, "")
		byName := s.want(t, 200, "GET", "/api/v1/accounts/external:user%207%2F%C3%A4", "")
		if !bytes.Equal(got.Raw, byName.Raw) || got.ExternalID != "user 7/ä" {
			t.Errorf("by id %s, by name %s", got.Raw, byName.Raw)
		}
		tag := got.Header.Get("ETag")
		if s.ask(t, s.service, "GET", "/api/v1/accounts/"+a.ID, "", "If-None-Match", tag).Status != 304 {
			t.Error("the same account again was sent again")
		}
		s.account(t, "b")
		first := s.want(t, 200, "GET", "/api/v1/accounts?limit=1", "")
		second := s.want(t, 200, "GET", "/api/v1/accounts?limit=1&cursor="+first.NextCursor, "")
		if first.NextCursor != "b" || !strings.Contains(string(second.Raw), "user 7") {
			t.Errorf("%s then %s", first.Raw, second.Raw)
		}
	})
}

func TestHoldsAndCharges(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		h := s.want(t, 201, "POST", a+"/holds", `{"tokens":40,"expires_in":60,"feature":"render"}`, "Idempotency-Key", "k1")
		if h.Balance != 110 || h.Hold.ID != "k-k1" || h.Hold.Tokens != 40 || h.Receipt.Key != "k1" {
			t.Fatalf("%s", h.Raw)
		}
		again := s.want(t, 201, "POST", a+"/holds", `{"tokens":40,"expires_in":60,"feature":"render"}`, "Idempotency-Key", "k1")
		if !bytes.Equal(h.Raw, again.Raw) || again.Header.Get("Idempotency-Replayed") != "true" || h.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("first %s, again %s", h.Raw, again.Raw)
		}
		if p := s.want(t, 409, "POST", a+"/holds", `{"tokens":41,"expires_in":60,"feature":"render"}`, "Idempotency-Key", "k1"); p.Field != "tokens" {
			t.Errorf("%s", p.Raw)
		}
		if p := s.want(t, 409, "POST", a+"/charges", `{"tokens":40}`, "Idempotency-Key", "k1"); p.Code != "idempotency_conflict" {
			t.Errorf("%s", p.Raw)
		}
		e := s.want(t, 200, "POST", a+"/holds/k-k1/settle", `{"tokens":15}`)
		if e.Balance != 135 || e.Hold.Settled != 15 || e.Hold.Returned != 25 || e.Header.Get("Idempotency-Key") == "" {
			t.Errorf("%s", e.Raw)
		}
		if p := s.want(t, 409, "POST", a+"/holds/k-k1/release", ""); p.Code != "hold_closed" {
			t.Errorf("%s", p.Raw)
		}
		s.want(t, 404, "POST", a+"/holds/k-none/settle", "")
		s.want(t, 404, "POST", a+"/holds/a-job/release", "")
		h2 := s.want(t, 201, "POST", a+"/holds", `{"tokens":5}`)
		if r := s.want(t, 200, "POST", a+"/holds/"+h2.Hold.ID+"/release", ""); r.Balance != 135 || r.Hold.Returned != 5 {
			t.Errorf("%s", r.Raw)
		}
		c := s.want(t, 201, "POST", a+"/charges", `{"tokens":35}`, "Idempotency-Key", "k2")
		if c.Balance != 100 || c.Charge.ID != "k-k2" || c.Charge.Lane != "fast" {
			t.Errorf("%s", c.Raw)
		}
		if p := s.want(t, 402, "POST", a+"/charges", `{"tokens":101}`); p.Code != "insufficient_tokens" || p.Missing != 1 {
			t.Errorf("%s", p.Raw)
		}
		r := s.want(t, 201, "POST", a+"/refunds", `{"charge":"k-k2","tokens":10,"reason":"late"}`)
		if r.Refunded != 10 || r.Balance != 110 {
			t.Errorf("%s", r.Raw)
		}
		if p := s.want(t, 422, "POST", a+"/refunds", `{"charge":"k-k2","tokens":26}`); p.Code != "exceeds_charge" {
			t.Errorf("%s", p.Raw)
		}
		u := s.want(t, 200, "GET", a+"/usage", "")
		var tokens, back, charges int64
		for _, use := range u.Uses {
			tokens, back, charges = tokens+use.Tokens, back+use.Refunded, charges+use.Charges
		}
		if tokens != 50 || back != 10 || charges != 2 {
			t.Errorf("%s", u.Raw)
		}
		sum, err := s.ledger.Verify(t.Context(), "", nil)
		if err != nil || sum.Differences != 0 {
			t.Errorf("%+v %v", sum, err)
		}
	})
}

func TestRequestsArePricedByTheServer(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		body := `{"request":{"pipeline":"default","images":4}}`
		c := s.want(t, 201, "POST", a+"/charges", body, "Idempotency-Key", "k")
		again := s.want(t, 201, "POST", a+"/charges", body, "Idempotency-Key", "k")
		if c.Balance != 146 || !bytes.Equal(c.Raw, again.Raw) {
			t.Errorf("%s, again %s", c.Raw, again.Raw)
		}
		s.want(t, 409, "POST", a+"/charges", `{"request":{"pipeline":"default","images":3}}`, "Idempotency-Key", "k")
		if p := s.want(t, 403, "POST", a+"/holds", `{"request":{"pipeline":"alchemy_v2","images":1}}`); p.Code != "plan_required" {
			t.Errorf("%s", p.Raw)
		}
		s.want(t, 422, "POST", a+"/holds", `{"request":{"pipeline":"nothing"}}`)
	})
}

func TestGrantsPlansAndAdjustments(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		g := s.want(t, 201, "POST", a+"/grants", `{"tokens":500,"source":"welcome"}`, "Idempotency-Key", "g1")
		if g.Balance != 650 {
			t.Errorf("%s", g.Raw)
		}
		if p := s.want(t, 201, "POST", a+"/grants", `{"tokens":500,"source":"welcome"}`, "Idempotency-Key", "g1"); p.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s", p.Raw)
		}
		if p := s.want(t, 201, "POST", a+"/adjustments", `{"tokens":-50,"reason":"typo","operator":"ops"}`); p.Balance != 600 {
			t.Errorf("%s", p.Raw)
		}
		s.want(t, 402, "POST", a+"/adjustments", `{"tokens":-5000,"reason":"typo","operator":"ops"}`)
		up := s.want(t, 200, "POST", a+"/plan", `{"to":"maestro"}`)
		if string(up.Plan) != `"maestro"` {
			t.Errorf("%s", up.Raw)
		}
		if down := s.want(t, 200, "POST", a+"/plan", `{"to":"apprentice"}`); down.Scheduled != "apprentice" {
			t.Errorf("%s", down.Raw)
		}
		if undo := s.want(t, 200, "POST", a+"/plan", `{"undo":true}`); undo.Scheduled != "" {
			t.Errorf("%s", undo.Raw)
		}
		s.want(t, 409, "POST", a+"/plan", `{"undo":true}`)
		s.want(t, 422, "POST", a+"/plan", `{"undo":true,"to":"free"}`)
		past := s.want(t, 200, "GET", a+"/balance?at=2999-01-01T00:00:00Z", "")
		if past.Balance == 0 {
			t.Errorf("%s", past.Raw)
		}
		s.want(t, 404, "GET", a+"/balance?at=2001-01-01T00:00:00Z", "")
		j := s.want(t, 200, "GET", a+"/journal?limit=2", "")
		if j.NextCursor != "2" {
			t.Errorf("%s", j.Raw)
		}
		if rest := s.want(t, 200, "GET", a+"/journal?limit=50&cursor=2", ""); rest.NextCursor != "" || strings.Contains(string(rest.Raw), `"seq":2,`) {
			t.Errorf("%s", rest.Raw)
		}
		s.want(t, 404, "GET", "/api/v1/accounts/nobody/journal", "")
	})
}

func TestBatches(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a, b := s.account(t, "ada"), s.account(t, "bob")
		id := func(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
		body := fmt.Sprintf(`{"charges":[{"account":%q,"key":"x","tokens":100},{"account":%q,"tokens":100},{"account":%q,"tokens":100},{"account":"external:bob","tokens":1},{"account":"none","tokens":1},{"account":%q}]}`,
			id(a), id(a), id(b), id(a))
		got := s.want(t, 200, "POST", "/api/v1/charges:batch", body, "Idempotency-Key", "B")
		var statuses []int
		for _, r := range got.Results {
			statuses = append(statuses, r.Status)
		}
		if fmt.Sprint(statuses) != "[201 402 201 201 404 422]" || got.Results[2].Charge.ID != "k-B/2" {
			t.Errorf("%v: %s", statuses, got.Raw)
		}
		again := s.want(t, 200, "POST", "/api/v1/charges:batch", body, "Idempotency-Key", "B")
		if !again.Results[0].Replayed || !again.Results[3].Replayed || again.Results[1].Status != 402 {
			t.Errorf("%s", again.Raw)
		}
		if bal := s.want(t, 200, "GET", b+"/balance", ""); bal.Balance != 49 {
			t.Errorf("%s", bal.Raw)
		}
	})
}

// Of 64 racing charges exactly as many pass as the key's budget allows, whatever the account has.
func TestBudgetsUnderConcurrency(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		key := s.key(t, identity.NewKey{Name: "small", BudgetTotal: 10})
		var passed, refused atomic.Int64
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				got := s.ask(t, key, "POST", a+"/charges", `{"tokens":1}`, "Idempotency-Key", fmt.Sprint(i))
				switch {
				case got.Status == 201:
					passed.Add(1)
				case got.Status == 402 && got.Code == "key_budget" && got.Limit == 10:
					refused.Add(1)
				default:
					t.Errorf("%d %s", got.Status, got.Raw)
				}
			})
		}
		all.Wait()
		if passed.Load() != 10 || refused.Load() != 54 {
			t.Errorf("%d passed and %d were refused", passed.Load(), refused.Load())
		}
		if bal := s.want(t, 200, "GET", a+"/balance", ""); bal.Balance != 140 {
			t.Errorf("%s", bal.Raw)
		}
	})
}

// What a hold does not use goes back into the budget it came from.
func TestBudgetsOfHolds(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		key := s.key(t, identity.NewKey{Name: "small", BudgetDay: 10})
		h := s.ask(t, key, "POST", a+"/holds", `{"tokens":8}`, "Idempotency-Key", "1")
		if h.Status != 201 {
			t.Fatalf("%s", h.Raw)
		}
		if over := s.ask(t, key, "POST", a+"/charges", `{"tokens":3}`); over.Code != "key_budget" {
			t.Errorf("%s", over.Raw)
		}
		if e := s.ask(t, key, "POST", a+"/holds/"+h.Hold.ID+"/settle", `{"tokens":2}`); e.Status != 200 {
			t.Errorf("%s", e.Raw)
		}
		if c := s.ask(t, key, "POST", a+"/charges", `{"tokens":8}`); c.Status != 201 {
			t.Errorf("%s", c.Raw)
		}
		if over := s.ask(t, key, "POST", a+"/charges", `{"tokens":1}`); over.Code != "key_budget" {
			t.Errorf("%s", over.Raw)
		}
		keys, err := s.people.ServiceKeys(t.Context())
		if err != nil || len(keys) != 2 || keys[1].SpentDay != 10 {
			t.Errorf("%+v %v", keys, err)
		}
	})
}

func TestScopesExpiryAndRates(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		reads := s.key(t, identity.NewKey{Name: "reads", Scopes: []identity.Scope{identity.Read}})
		if got := s.ask(t, reads, "GET", a+"/balance", ""); got.Status != 200 {
			t.Errorf("%s", got.Raw)
		}
		if got := s.ask(t, reads, "POST", a+"/charges", `{"tokens":1}`); got.Status != 403 || got.Code != "scope_required" {
			t.Errorf("%s", got.Raw)
		}
		usual := s.key(t, identity.NewKey{Name: "usual"})
		if got := s.ask(t, usual, "POST", a+"/adjustments", `{"tokens":1,"reason":"r","operator":"o"}`); got.Code != "scope_required" {
			t.Errorf("%s", got.Raw)
		}
		slow := s.key(t, identity.NewKey{Name: "slow", Rate: 2})
		for range 2 {
			if got := s.ask(t, slow, "POST", a+"/charges", `{"tokens":1}`); got.Status != 201 {
				t.Errorf("%s", got.Raw)
			}
		}
		if got := s.ask(t, slow, "POST", a+"/charges", `{"tokens":1}`); got.Status != 429 || got.Header.Get("Retry-After") == "" || got.Code != "rate_limit" {
			t.Errorf("%d %s", got.Status, got.Raw)
		}
		clock := s.people.Now
		s.people.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		brief := s.key(t, identity.NewKey{Name: "brief", Expires: calendar.At(time.Now().Add(-time.Minute))})
		s.people.Now = clock
		if got := s.ask(t, brief, "GET", a+"/balance", ""); got.Status != 401 || got.Code != "key_expired" {
			t.Errorf("%s", got.Raw)
		}
	})
}

// A key that another process revokes stops working within a second.
func TestRevocationAcrossProcesses(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	one, two := openShop(t, url), openShop(t, url)
	a := one.account(t, "ada")
	if got := two.ask(t, one.service, "GET", a+"/balance", ""); got.Status != 200 {
		t.Fatalf("%s", got.Raw)
	}
	keys, err := one.people.ServiceKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if err := one.people.DeleteServiceKey(t.Context(), k.ID); err != nil {
			t.Fatal(err)
		}
	}
	revoked := time.Now()
	if got := one.ask(t, one.service, "GET", a+"/balance", ""); got.Status != 401 {
		t.Errorf("where it was revoked it works on: %s", got.Raw)
	}
	for two.ask(t, one.service, "POST", a+"/charges", `{"tokens":1}`).Status != 401 {
		if time.Since(revoked) > time.Second {
			t.Fatal("elsewhere it works after a second")
		}
	}
}
