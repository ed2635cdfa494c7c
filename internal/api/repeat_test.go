package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// somebody adds a person with a key for everything.
func (s *shop) somebody(t testing.TB, name string, admin bool) (identity.Person, string) {
	t.Helper()
	ctx := context.Background()
	p, err := s.people.Create(ctx, identity.NewPerson{Name: name, Email: name + "@example.org", Password: "difference", Admin: admin, Plan: "maestro"})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := s.people.CreateKey(ctx, p, identity.NewKey{Name: name, Scopes: []identity.Scope{identity.Read, identity.Generate, identity.Admin}})
	if err != nil {
		t.Fatal(err)
	}
	return p, key
}

// A write that is repeated with its key happens once, and its answer is told again: also a
// secret that is stored nowhere.
func TestEveryWriteHappensOnce(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		p, key := s.somebody(t, "ada", true)
		again := []string{"Idempotency-Key", "one"}
		first := s.ask(t, key, "POST", "/api/v1/keys", `{"name":"a"}`, again...)
		second := s.ask(t, key, "POST", "/api/v1/keys", `{"name":"a"}`, again...)
		if first.Status != 201 || second.Status != 201 || !bytes.Equal(first.Raw, second.Raw) || second.Header.Get("Idempotency-Replayed") != "true" || first.Header.Get("Idempotency-Replayed") != "" {
			t.Fatalf("%d %s, then %d %s", first.Status, first.Raw, second.Status, second.Raw)
		}
		if got := s.ask(t, key, "POST", "/api/v1/keys", `{"name":"b"}`, again...); got.Status != 409 || got.Code != "idempotency_conflict" {
			t.Errorf("another body: %d %s", got.Status, got.Raw)
		}
		if got := s.ask(t, key, "POST", "/api/v1/admin/service-keys", `{"name":"a"}`, again...); got.Status != 409 {
			t.Errorf("another route: %d %s", got.Status, got.Raw)
		}
		var made struct{ ID, Key string }
		if err := json.Unmarshal(first.Raw, &made); err != nil || made.Key == "" {
			t.Fatalf("%s %v", first.Raw, err)
		}
		if got := s.ask(t, made.Key, "POST", "/api/v1/quotes", `{"pipeline":"default"}`, again...); got.Status != 409 {
			t.Errorf("the same person with another key: %d %s", got.Status, got.Raw)
		}
		if keys, err := s.people.Keys(t.Context(), p); err != nil || len(keys) != 2 {
			t.Errorf("%d keys, %v", len(keys), err)
		}
		for range 2 {
			if got := s.ask(t, key, "DELETE", "/api/v1/keys/"+made.ID, "", "Idempotency-Key", "two"); got.Status != 204 {
				t.Errorf("deleting: %d %s", got.Status, got.Raw)
			}
		}
		for range 2 { // a refusal changes nothing, and the right request may follow
			if got := s.ask(t, key, "POST", "/api/v1/keys", `{"scopes":["tokens"]}`, "Idempotency-Key", "three"); got.Status != 422 || got.Header.Get("Idempotency-Replayed") != "" {
				t.Errorf("a refusal: %d %s", got.Status, got.Raw)
			}
		}
		if got := s.ask(t, key, "POST", "/api/v1/keys", `{"scopes":["read"]}`, "Idempotency-Key", "three"); got.Status != 201 {
			t.Errorf("after a refusal: %d %s", got.Status, got.Raw)
		}
		for _, bad := range []string{"a b", strings.Repeat("k", 129), "ä"} {
			if got := s.ask(t, key, "POST", "/api/v1/keys", `{}`, "Idempotency-Key", bad); got.Status != 422 {
				t.Errorf("key %.20q: %d %s", bad, got.Status, got.Raw)
			}
		}
		if got := s.ask(t, key, "POST", "/api/v1/keys", `"`+strings.Repeat("x", 2<<20)+`"`, "Idempotency-Key", "four"); got.Status != 413 || got.Code != "too_large" {
			t.Errorf("a large body: %d %s", got.Status, got.Raw)
		}
	})
}

// A process that died between making a key and telling of it has made nothing that the
// repeat makes twice.
func TestARepeatAfterACrashMakesNothingTwice(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		p, key := s.somebody(t, "ada", false)
		book := once.Book{DB: s.people.DB, Now: func() time.Time { return time.Now().Add(-2 * once.Lease) }}
		lost := s.ask(t, key, "POST", "/api/v1/keys", `{"name":"a"}`, "Idempotency-Key", "fingerprint")
		if lost.Status != 201 {
			t.Fatalf("%s", lost.Raw)
		}
		claim, _, err := book.Begin(t.Context(), once.Request{Account: p.Account, Key: "k", Same: s.fingerprint(t, p.Account, "fingerprint")})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.people.CreateKey(t.Context(), p, identity.NewKey{ID: claim.ID, Name: "a"}); err != nil {
			t.Fatal(err)
		}
		got := s.ask(t, key, "POST", "/api/v1/keys", `{"name":"a"}`, "Idempotency-Key", "k")
		var made struct{ ID, Key string }
		if err := json.Unmarshal(got.Raw, &made); err != nil || made.ID != claim.ID {
			t.Fatalf("%s, not the key %s", got.Raw, claim.ID)
		}
		if keys, err := s.people.Keys(t.Context(), p); err != nil || len(keys) != 3 {
			t.Errorf("%d keys, %v", len(keys), err)
		}
		if got := s.ask(t, made.Key, "GET", "/api/v1/me", ""); got.Status != 200 {
			t.Errorf("the secret that was told: %d %s", got.Status, got.Raw)
		}
	})
}

// A form is the same form however its parts are divided.
func TestAnUploadHappensOnce(t *testing.T) {
	t.Parallel()
	server := openStudio(t)
	v := visit(t, server, "ada@example.org")
	send := func(name string) (status int, body string) {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		part, err := w.CreateFormFile("file", name)
		if err == nil {
			_, err = part.Write(small(t))
		}
		if err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/api/v1/uploads", &form)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", w.FormDataContentType())
		r.Header.Set("Idempotency-Key", "photo")
		answer, err := v.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		var raw bytes.Buffer
		_, _ = raw.ReadFrom(answer.Body)
		return answer.StatusCode, raw.String()
	}
	status, first := send("a.png")
	if _, second := send("a.png"); status != 201 || first != second {
		t.Errorf("%d %s, then %s", status, first, second)
	}
	if status, body := send("b.png"); status != 409 {
		t.Errorf("another file: %d %s", status, body)
	}
}

// A key's budget pays for what it asks of the studio, and for help with prompts.
func TestAKeysBudgetPaysForJobs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		s := openPainting(t, url)
		p, _ := s.somebody(t, "ada", false)
		_, key, err := s.people.CreateKey(t.Context(), p, identity.NewKey{BudgetTotal: 2})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{201, 201, 402} {
			got := s.ask(t, key, "POST", "/api/v1/jobs", `{"pipeline":"default","prompt":"a lake","width":256,"height":256}`, "Idempotency-Key", fmt.Sprint(i))
			if got.Status != want || want == 402 && got.Code != "key_budget" {
				t.Errorf("job %d: %d %s", i, got.Status, got.Raw)
			}
		}
	})
}

// A service key prices and plans for the account that it names, and people for their own.
func TestQuotesForAccounts(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		s.account(t, "ada")
		p, key := s.somebody(t, "eve", false)
		for path, body := range map[string]string{
			"/api/v1/quotes":        `{"pipeline":"default","images":4}`,
			"/api/v1/projects/plan": `{"name":"x","by":"2099-01-01","wishes":[{"what":"a","pipeline":"default","pictures":4}]}`,
		} {
			s.want(t, 200, "POST", path+"?account=external:ada", body)
			s.want(t, 422, "POST", path, body)
			s.want(t, 404, "POST", path+"?account=nobody", body)
			if got := s.ask(t, key, "POST", path, body); got.Status != 200 {
				t.Errorf("%s of one's own: %d %s", path, got.Status, got.Raw)
			}
			if got := s.ask(t, key, "POST", path+"?account="+p.Account, body); got.Status != 200 {
				t.Errorf("%s of one's own by name: %d %s", path, got.Status, got.Raw)
			}
			if got := s.ask(t, key, "POST", path+"?account=external:ada", body); got.Status != 404 {
				t.Errorf("%s of another: %d %s", path, got.Status, got.Raw)
			}
		}
	})
}

// fingerprint reads what makes the request with a key the same as another.
func (s *shop) fingerprint(t *testing.T, account, key string) (same string) {
	t.Helper()
	err := s.people.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT request FROM answers WHERE account = $1 AND name = $2`, account, key).Scan(&same)
	})
	if err != nil {
		t.Fatal(err)
	}
	return same
}

// Who has an answer already is not sent it again.
func TestWhatIsAskedForAgainHasATag(t *testing.T) {
	t.Parallel()
	s := openPainting(t, storetest.SQLite(t))
	p, key := s.somebody(t, "ada", false)
	things := s.furnish(t, p, key)
	for _, path := range []string{"/api/v1/catalog", "/api/v1/jobs/{job}", "/api/v1/pictures/{picture}", "/api/v1/uploads/{upload}", "/api/v1/datasets/{dataset}", "/api/v1/openapi.json"} {
		first := s.ask(t, key, "GET", things.fill(path), "")
		tag := first.Header.Get("ETag")
		if again := s.ask(t, key, "GET", things.fill(path), "", "If-None-Match", tag); tag == "" || again.Status != 304 || len(again.Raw) != 0 {
			t.Errorf("%s with the tag %q: %d", path, tag, again.Status)
		}
		if other := s.ask(t, key, "GET", things.fill(path), "", "If-None-Match", `"other"`); other.Status != 200 {
			t.Errorf("%s with another tag: %d", path, other.Status)
		}
	}
}
