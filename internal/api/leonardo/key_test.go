package leonardo_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// ended waits until a generation has ended.
func (p *person) ended(t *testing.T, id string) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for {
		events := p.h.studio.Listen(ctx, p.Account)
		for open := true; open; _, open = <-events {
			g, _ := p.want(t, "GET", "/generations/"+id, "").at("generations_by_pk").(map[string]any)
			if g["status"] == "COMPLETE" {
				return g
			}
			if g["status"] != "PENDING" {
				t.Fatalf("%v", g)
			}
		}
		if ctx.Err() != nil {
			t.Fatal("the generation did not end")
		}
	}
}

// Who may not come in, and what a key may not do.
func TestKeysAreChecked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "free")
		_, service, err := h.people.CreateServiceKey(t.Context(), identity.NewKey{})
		if err != nil {
			t.Fatal(err)
		}
		brief := p.newKey(t, identity.NewKey{Expires: calendar.At(h.now()).Add(time.Hour)})
		p.with(brief).want(t, "GET", "/me", "")
		reads := p.with(p.newKey(t, identity.NewKey{Scopes: []identity.Scope{identity.Read}}))
		makes := p.with(p.newKey(t, identity.NewKey{Scopes: []identity.Scope{identity.Generate}}))
		h.ahead.Store(int64(time.Hour))
		for name, c := range map[string]struct {
			as           *person
			method, path string
			status       int
			code, said   string
		}{
			"no key":            {p.with(""), "GET", "/me", 401, "access-denied", "Authentication hook unauthorized this request"},
			"an unknown key":    {p.with(nobody), "GET", "/me", 401, "access-denied", "Authentication hook unauthorized this request"},
			"no UUID":           {p.with("abc"), "GET", "/me", 500, "unexpected", "Invalid response from authorization hook"},
			"a service key":     {p.with(service), "GET", "/me", 401, "access-denied", "Authentication hook unauthorized this request"},
			"an expired key":    {p.with(brief), "GET", "/me", 401, "access-denied", "Authentication hook unauthorized this request"},
			"a key that reads":  {reads, "POST", "/generations", 403, "access-denied", "this needs a key with the scope generate"},
			"reads and deletes": {reads, "DELETE", "/generations/" + nobody, 403, "access-denied", "this needs a key with the scope generate"},
			"a key that makes":  {makes, "GET", "/me", 403, "access-denied", "this needs a key with the scope read"},
		} {
			a := c.as.ask(t, c.method, c.path, "")
			if said, code, path := a.refusal(); a.status != c.status || code != c.code || said != c.said || path != "$" {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
		}
		reads.want(t, "GET", "/me", "")
		makes.want(t, "POST", "/generations", `{"prompt":"x","num_images":1,"width":64,"height":64}`)
		keys, err := h.people.Keys(t.Context(), p.Person)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if used := k.LastUsed != 0; used != (k.Hint != p.key[:4]+"…"+p.key[32:]) {
				t.Errorf("the key %s was last used at %s", k.Hint, k.LastUsed)
			}
		}
	})
}

// A key's own budgets, of a day and in all, pay for what it asks for; what was not made
// comes back.
func TestBudgetsOfKeys(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		const one = `{"prompt":"x","alchemy":false,"num_images":1,"width":64,"height":64}`
		for name, n := range map[string]identity.NewKey{"day": {BudgetDay: 2}, "total": {BudgetTotal: 2}} {
			k := p.with(p.newKey(t, n))
			first := text(t, k.want(t, "POST", "/generations", one), "sdGenerationJob", "generationId")
			k.want(t, "POST", "/generations", one)
			a := k.ask(t, "POST", "/generations", one)
			if said, _, _ := a.refusal(); a.status != 400 || !strings.HasPrefix(said, "not enough api tokens userId: "+p.ID) {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
			p.want(t, "POST", "/generations", one) // the account has more
			k.want(t, "DELETE", "/generations/"+first, "")
			k.want(t, "POST", "/generations", one)
		}
		daily := p.with(p.newKey(t, identity.NewKey{BudgetDay: 1}))
		daily.want(t, "POST", "/generations", one)
		if a := daily.ask(t, "POST", "/generations", one); a.status != 400 {
			t.Errorf("a second of one: %d %s", a.status, a.raw)
		}
		h.ahead.Store(int64(24 * time.Hour))
		daily.want(t, "POST", "/generations", one)
	})
}

// Requests a minute are limited by key and by account.
func TestRates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		h := open(t, url, slow)
		p := h.person(t, "ada", "free")
		patient := p.with(p.newKey(t, identity.NewKey{Rate: 1}))
		limited := func(p *person) {
			t.Helper()
			a := p.ask(t, "GET", "/me", "")
			wait, err := strconv.Atoi(a.header.Get("Retry-After"))
			if said, code, _ := a.refusal(); a.status != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 60 || code != "unexpected" || said == "" {
				t.Errorf("%d %v %s", a.status, a.header, a.raw)
			}
		}
		patient.want(t, "GET", "/me", "")
		limited(patient)
		p.want(t, "GET", "/me", "")
		p.want(t, "GET", "/me", "")
		limited(p) // the account's three a minute are used, by two keys
		h.person(t, "eve", "free").want(t, "GET", "/me", "")
	})
}

// Each call that starts a job has a limit of its own, a hundred a minute, for all keys of
// an account together. The clock stands still unless it is turned.
func TestCreateRates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		var ahead atomic.Int64
		noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
		h := open(t, url, func(c *leonardo.Config) {
			c.Rates, c.Now = &throttle.Rates{}, func() time.Time { return noon.Add(time.Duration(ahead.Load())) }
		})
		p, eve := h.person(t, "ada", "free"), h.person(t, "eve", "free")
		second := p.with(p.newKey(t, identity.NewKey{}))
		status := func(p *person, call string, want int) {
			t.Helper()
			if a := p.ask(t, "POST", call, `{}`); a.status != want {
				t.Fatalf("%s: %d %s, want %d", call, a.status, a.raw, want)
			}
		}
		calls := []string{"/generations", "/variations/upscale", "/variations/unzoom", "/variations/nobg", "/variations/universal-upscaler", "/generations-texture"}
		for _, call := range calls {
			for i := range 100 {
				status([]*person{p, second}[i%2], call, http.StatusBadRequest)
			}
		}
		for _, call := range calls {
			a := second.ask(t, "POST", call, `{}`)
			if said, code, _ := a.refusal(); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" || code != "unexpected" || !strings.Contains(said, "POST "+call) {
				t.Errorf("%s: %d %v %s", call, a.status, a.header, a.raw)
			}
			status(eve, call, http.StatusBadRequest)
		}
		status(p, "/datasets", http.StatusBadRequest) // starts no job
		ahead.Store(int64(600*time.Millisecond - 1))
		status(p, calls[0], http.StatusTooManyRequests)
		ahead.Store(int64(600 * time.Millisecond))
		status(p, calls[0], http.StatusBadRequest)
		status(p, calls[0], http.StatusTooManyRequests)
		ahead.Store(int64(2 * time.Minute))
		for range 100 {
			status(p, calls[0], http.StatusBadRequest)
		}
		status(p, calls[0], http.StatusTooManyRequests)
	})
}

// A key that is revoked stops working at once here, and within a second in other processes.
func TestRevocation(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	here, there := open(t, url, nil), open(t, url, nil)
	p := here.person(t, "ada", "free")
	far := &person{p.Person, there, p.key}
	far.want(t, "GET", "/me", "")
	keys, err := here.people.Keys(t.Context(), p.Person)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%v %v", keys, err)
	}
	if err := here.people.DeleteKey(t.Context(), p.Person, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	revoked := time.Now()
	if a := p.ask(t, "GET", "/me", ""); a.status != 401 {
		t.Errorf("where it was revoked it works on: %s", a.raw)
	}
	for far.ask(t, "GET", "/me", "").status != 401 {
		if time.Since(revoked) > time.Second {
			t.Fatal("elsewhere it works after a second")
		}
	}
}

// The balance is told as it is, with what was bought apart, and when more comes.
func TestMe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for plan, want := range map[string]struct {
			given, slots int64
			renews       time.Duration
		}{"free": {150, 1, 24 * time.Hour}, "artisan": {25000, 3, 32 * 24 * time.Hour}} {
			p := h.person(t, plan, plan)
			if plan != "free" {
				if _, err := h.studio.Ledger.Submit(t.Context(), ledger.Request{Account: p.Account, Request: token.Request{
					Key: "bought", At: calendar.At(h.now()), Command: token.MakeGrant{Kind: token.Topup, Tokens: 500},
				}}); err != nil {
					t.Fatal(err)
				}
			}
			p.spend(t, 7)
			a := p.want(t, "GET", "/me", "")
			details := a.at("user_details").([]any)
			me := answer{raw: a.raw, body: details[0].(map[string]any)}
			given, bought := number(t, me, "subscriptionTokens"), number(t, me, "paidTokens")
			if given+bought != p.balance(t) || number(t, me, "apiSubscriptionTokens") != given || number(t, me, "apiPaidTokens") != bought {
				t.Errorf("%s of %d", a.raw, p.balance(t))
			}
			if topup := int64(500); plan == "free" && (given != want.given-7 || bought != 0) || plan != "free" && (given != want.given-7 || bought != topup) {
				t.Errorf("%s: given %d, bought %d", plan, given, bought)
			}
			if len(details) != 1 || text(t, me, "user", "id") != p.ID || number(t, me, "apiConcurrencySlots") != want.slots {
				t.Errorf("%s", a.raw)
			}
			for _, name := range []string{"tokenRenewalDate", "apiPlanTokenRenewalDate"} {
				at, err := time.Parse("2006-01-02T15:04:05.000", text(t, me, name))
				if err != nil || at.Before(h.now().UTC().Add(-time.Minute)) || at.After(h.now().UTC().Add(want.renews)) {
					t.Errorf("%s of %s is %s, %v", name, plan, at, err)
				}
			}
		}
	})
}
