package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// house is an installation whose clock the test turns.
type house struct {
	*Service
	db     *store.DB
	ledger *ledger.Ledger
	people *identity.Service
	clock  *clock
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// each runs a test on both databases.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) { run(t, open(t, url, Config{Private: true})) })
}

func open(t testing.TB, url string, c Config) *house {
	t.Helper()
	h := &house{db: storetest.Open(t, url), clock: &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}}
	c.DB, c.Now, c.Jitter = h.db, h.clock.now, func(d time.Duration) time.Duration { return d }
	c.Callback = func(j *studio.Job, k *identity.Key) []byte {
		return []byte(`{"job":"` + j.ID + `","key":"` + k.ID + `"}`)
	}
	h.Service = New(c)
	if err := h.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.ledger = ledger.New(sqlstore.New(h.db), catalog.Default().Rules, ledger.Options{Tell: h.Tell})
	t.Cleanup(func() { _ = h.ledger.Close(context.Background()) })
	h.people = &identity.Service{DB: h.db, Ledger: h.ledger, Now: h.clock.now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}
	return h
}

// beside is another process on the same database.
func (h *house) beside(t testing.TB) *Service {
	t.Helper()
	c := h.Config
	c.Client = nil
	s := New(c)
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// do applies a command and ends the test where that fails.
func (h *house) do(t testing.TB, account string, c token.Command) token.Receipt {
	t.Helper()
	r, err := h.ledger.Submit(t.Context(), ledger.Request{Account: account, Request: token.Request{Key: newID(), At: calendar.At(h.clock.now()), Command: c}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// endpoint makes an endpoint at a receiver.
func (h *house) endpoint(t testing.TB, account, url string, events ...Type) (Endpoint, string) {
	t.Helper()
	terms := Terms{URL: url, Events: events}
	for _, e := range events {
		if e == BalanceBelow {
			terms.Below = 100
		}
	}
	e, secret, err := h.Create(t.Context(), account, terms)
	if err != nil {
		t.Fatal(err)
	}
	return e, secret
}

// send sends what is due and ends the test where that fails.
func (h *house) send(t testing.TB) int {
	t.Helper()
	n, err := h.SendAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// log lists an endpoint's deliveries, newest first.
func (h *house) log(t testing.TB, e Endpoint) []Delivery {
	t.Helper()
	all, err := h.Deliveries(t.Context(), e.Account, e.ID, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// again reads an endpoint anew.
func (h *house) again(t testing.TB, e Endpoint) Endpoint {
	t.Helper()
	e, err := h.Endpoint(t.Context(), e.Account, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// receiver is a server that deliveries go to.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(w http.ResponseWriter, r *http.Request)
}

// received is a request that came in.
type received struct {
	header http.Header
	body   []byte
	said   struct {
		Type      string
		Timestamp time.Time
		Data      map[string]any
	}
}

func (r *received) id() string { return r.header.Get("webhook-id") }

// receive starts a receiver that answers 200 until the test says otherwise.
func receive(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	got := received{header: req.Header.Clone()}
	got.body, _ = io.ReadAll(req.Body)
	_ = json.Unmarshal(got.body, &got.said)
	r.mu.Lock()
	r.got = append(r.got, got)
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req)
	}
}

// answers lets the receiver answer with a status from now on.
func (r *receiver) answers(status int) {
	r.does(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

// does lets the receiver do something from now on.
func (r *receiver) does(answer func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// take gives what came in since the last call.
func (r *receiver) take() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// one gives the only thing that came in.
func (r *receiver) one(t testing.TB) received {
	t.Helper()
	got := r.take()
	if len(got) != 1 {
		t.Fatalf("%d requests came in, want 1", len(got))
	}
	return got[0]
}

// open opens an account.
func (h *house) open(t testing.TB, account string) {
	t.Helper()
	h.do(t, account, token.Open{})
}

func (h *house) toPlan(t testing.TB, account, plan string) {
	t.Helper()
	h.do(t, account, token.ChangePlan{To: plan})
}

// run runs the service until the function is called.
func (h *house) run(t testing.TB) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx, h.ledger, catalog.Default().Rules)
	}()
	return func() { cancel(); <-ended }
}

func failing(e Endpoint, at calendar.Instant) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		e.Failing = at
		return e.markState(ctx, tx)
	}
}

// verify checks a signature as a receiver does that has only the standard's text.
func verify(t testing.TB, secret string, r received) {
	t.Helper()
	for _, given := range strings.Fields(r.header.Get("webhook-signature")) {
		if given == expected(secret, r) {
			return
		}
	}
	t.Errorf("no signature of %q is right", r.header.Get("webhook-signature"))
}

func expected(secret string, r received) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) != 32 {
		return "a wrong secret"
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(r.id() + "." + r.header.Get("webhook-timestamp") + "." + string(r.body)))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
