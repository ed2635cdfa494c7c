package api_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

// open makes the API on an empty database, without engines.
func open(t *testing.T) *httptest.Server {
	t.Helper()
	db := storetest.Open(t, storetest.SQLite(t))
	l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{})
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	people := &identity.Service{DB: db, Ledger: l, Now: time.Now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}
	st := studio.New(studio.Config{DB: db, Ledger: l, Catalog: catalog.Default, Secret: []byte("secret"), Now: time.Now, Alone: true})
	server := httptest.NewServer(api.New(api.Config{Studio: st, Identity: people, Now: time.Now}))
	t.Cleanup(server.Close)
	return server
}

// The document must name every refusal's fields once, and every route a person needs.
func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	server := open(t)
	answer, err := server.Client().Get(server.URL + "/api/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var doc struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	for path, method := range map[string]string{
		"/api/v1/quotes": "post", "/api/v1/jobs": "post", "/api/v1/balance": "get", "/api/v1/projects/plan": "post", "/api/v1/usage": "get", "/api/v1/statement": "get",
	} {
		if doc.Paths[path][method] == nil {
			t.Errorf("%s %s is not documented", method, path)
		}
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			if !strings.HasPrefix(path, "/api/v1/") {
				t.Errorf("%s %s is outside of /api/v1", method, path)
			}
		}
	}
}

// Every refusal has a status that fits, and every route but the public ones wants somebody signed in.
func TestRoutesWantSomebody(t *testing.T) {
	t.Parallel()
	server := open(t)
	for _, route := range []string{"me", "balance", "jobs", "jobs/x", "pictures", "pictures/x", "keys", "usage", "admin/usage", "statement", "events"} {
		answer, err := server.Client().Get(server.URL + "/api/v1/" + route)
		if err != nil {
			t.Fatal(err)
		}
		var problem struct{ Code, Type string }
		_ = json.NewDecoder(answer.Body).Decode(&problem)
		_ = answer.Body.Close()
		if answer.StatusCode != 401 || problem.Code != "unauthorized" || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s without anybody: %d %+v", route, answer.StatusCode, problem)
		}
	}
}

func TestEveryRefusalHasAStatus(t *testing.T) {
	t.Parallel()
	for _, reason := range token.Reasons {
		if s := api.StatusOf(reason); s < 400 || s >= 500 {
			t.Errorf("%s: %d", reason, s)
		}
	}
}
