package api_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// FuzzSpending sends arbitrary bodies and keys to the routes that are written by hand:
// each is answered with JSON, none breaks the server, and no account gains a token.
func FuzzSpending(f *testing.F) {
	for _, seed := range []string{
		`{"tokens":1}`, `{"tokens":1,"feature":"é\u0000"}`, `{"request":{"pipeline":"default","images":4}}`, `{"tokens":1}{`, `{"tokens":1e3}`, `{"tokens":-1}`, `[]`, ``, `{"tokens":9223372036854775808}`,
		`{"charges":[{"account":"external:ada","tokens":1,"key":"k"}]}`, `{"charges":[{}]}`, `{"charges":null}`, `{"tokens":0}`, `{"expires_in":-5,"tokens":2}`, "{\"feature\":\"\xff\",\"tokens\":1}",
	} {
		for route := range uint8(5) {
			f.Add(route, "key", seed)
		}
	}
	s := openShop(f, storetest.SQLite(f))
	account := s.account(f, "ada")
	routes := []string{account + "/charges", account + "/holds", account + "/holds/k-key/settle", account + "/holds/k-key/release", "/api/v1/charges:batch"}
	handler := s.Config.Handler
	f.Fuzz(func(t *testing.T, route uint8, key, body string) {
		path := routes[int(route)%len(routes)]
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.service)
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var v map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code >= 500 || w.Code < 200 {
			t.Fatalf("%s %q: %d %s %v", path, body, w.Code, w.Body, err)
		}
		if strings.Contains(w.Body.String(), `"code":"internal"`) {
			t.Fatalf("%s %q: %s", path, body, w.Body)
		}
		b := s.want(t, 200, "GET", account+"/balance", "")
		var held struct{ Held int64 }
		_ = json.Unmarshal(b.Raw, &held)
		if b.Balance < 0 || b.Balance+held.Held > 150 {
			t.Fatalf("%s %q: balance %d and held %d of 150", path, body, b.Balance, held.Held)
		}
	})
}

// FuzzBodies sends arbitrary bodies to every route of the document that takes one, as an
// administrator and as a service: each is answered with JSON, and none breaks the server.
func FuzzBodies(f *testing.F) {
	s := openShop(f, storetest.SQLite(f))
	_, key := s.somebody(f, "ada", true)
	account := s.account(f, "ada")
	doc := s.document(f)
	type target struct{ method, path, body string }
	var targets []target
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.RequestBody == nil {
				continue
			}
			t := target{strings.ToUpper(method), strings.NewReplacer("/api/v1/accounts/{account}", account, "{hold}", "k-key", "{id}", "0").Replace(path), fixtures[op.OperationID]}
			if media := op.RequestBody.Content["application/json"]; t.body == "" && media.Schema != nil {
				t.body = example(doc, media.Schema)
			}
			targets = append(targets, t)
		}
	}
	slices.SortFunc(targets, func(a, b target) int { return strings.Compare(a.method+a.path, b.method+b.path) })
	for i, t := range targets {
		f.Add(uint8(i), t.body)
		f.Add(uint8(i), strings.ReplaceAll(t.body, `"x"`, `"\u0000"`))
		f.Add(uint8(i), `{"no_such_member":[`)
	}
	handler := s.Config.Handler
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		to := targets[int(route)%len(targets)]
		for _, credential := range []string{key, s.service} {
			r := httptest.NewRequest(to.method, to.path, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+credential)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code >= 500 || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) || w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%s %s %q: %d %s", to.method, to.path, body, w.Code, w.Body)
			}
		}
	})
}
