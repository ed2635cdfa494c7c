package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// document is the OpenAPI document as the tests read it.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   *schema
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
	Security []map[string][]string
}

func (s *shop) document(t *testing.T) document {
	t.Helper()
	var doc document
	if err := json.Unmarshal(s.ask(t, "", "GET", "/api/v1/openapi.json", "").Raw, &doc); err != nil || len(doc.Paths) < 20 {
		t.Fatalf("%d paths, %v", len(doc.Paths), err)
	}
	return doc
}

// whose tells for each route how it keeps people apart. A route that is missing here
// fails the test: think about it, and add it.
//
//	public   nobody needs to be signed in, and it knows nobody's things
//	own      it names nobody: it works on the caller's own things
//	thing    it names a thing by id; another's answers as one that is not there
//	account  it names an account, which only its owner and service keys may read
//	service  only service keys
//	admin    only administrators
var whose = map[string]string{
	"info": "public", "setup": "public", "sign-up": "public", "sign-in": "public", "sign-out": "public",
	"me": "own", "balance": "own", "catalog": "own", "quote": "own", "usage": "own", "statement": "own", "plan-project": "own",
	"list-keys": "own", "create-key": "own", "delete-key": "thing",
	"create-job": "own", "list-jobs": "own", "get-job": "thing", "cancel-job": "thing", "delete-job": "thing",
	"retry-job": "thing", "list-engines": "own",
	"list-pictures": "own", "get-picture": "thing", "delete-picture": "thing",
	"installation-usage": "admin", "reload-catalog": "admin",
	"list-service-keys": "admin", "create-service-key": "admin", "delete-service-key": "admin",
	"get-account": "account", "account-balance": "account", "account-journal": "account", "account-usage": "account",
	"open-account": "service", "list-accounts": "service", "grant": "service", "refund": "service", "adjust": "service", "change-plan": "service",
	"hold": "service", "settle-hold": "service", "release-hold": "service", "charge": "service", "charge-batch": "service",
	"upload": "own", "create-upload": "own", "list-uploads": "own", "get-upload": "thing", "delete-upload": "thing",
	"improve-prompt": "own", "random-prompt": "own", "help-prompt": "own", "prompt-help": "own",
}

// No account, person or key reads or spends anything of another's, route by route.
func TestNobodyReachesAnothersThings(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	ctx := context.Background()
	person := func(email string) (identity.Person, string) {
		p, err := s.people.Create(ctx, identity.NewPerson{Name: email, Email: email + "@example.org", Password: "difference"})
		if err != nil {
			t.Fatal(err)
		}
		_, key, err := s.people.CreateKey(ctx, p, identity.NewKey{Name: email, Scopes: []identity.Scope{identity.Read, identity.Generate, identity.Admin}})
		if err != nil {
			t.Fatal(err)
		}
		return p, key
	}
	ada, adasKey := person("lovelace")
	_, evesKey := person("eve")
	adas := s.ask(t, adasKey, "GET", "/api/v1/keys", "")
	var keys struct{ Keys []struct{ ID string } }
	_ = json.Unmarshal(adas.Raw, &keys)
	s.want(t, 201, "POST", "/api/v1/accounts/"+ada.Account+"/holds", `{"tokens":10}`, "Idempotency-Key", "k")
	before := s.want(t, 200, "GET", "/api/v1/accounts/"+ada.Account+"/journal", "").Raw

	doc := s.document(t)
	for path, methods := range doc.Paths {
		for method, op := range methods {
			kind, known := whose[op.OperationID]
			if !known {
				t.Errorf("%s %s (%s) has no entry in whose: say how it keeps people apart", method, path, op.OperationID)
				continue
			}
			address := strings.NewReplacer("{account}", ada.Account, "{hold}", "k-k", "{id}", keys.Keys[0].ID).Replace(path)
			body := ""
			if op.RequestBody != nil {
				body = example(doc, op.RequestBody.Content["application/json"].Schema)
			}
			verb := strings.ToUpper(method)
			if only := len(op.Security) == 1; only != (kind == "service") {
				t.Errorf("%s %s is %s, and the document says %v", verb, path, kind, op.Security)
			}
			if kind != "public" {
				if got := s.ask(t, "", verb, address, body); got.Status != http.StatusUnauthorized {
					t.Errorf("%s %s for nobody: %d", verb, path, got.Status)
				}
				if got := s.ask(t, "b7d0a5c2-63a4-4c3c-9b43-d1b0a1b0c0de", verb, address, body); got.Status != http.StatusUnauthorized {
					t.Errorf("%s %s with an unknown key: %d", verb, path, got.Status)
				}
			}
			got := s.ask(t, evesKey, verb, address, body)
			switch kind {
			case "thing", "account":
				if got.Status != http.StatusNotFound {
					t.Errorf("%s %s of another: %d, want 404: %s", verb, path, got.Status, got.Raw)
				}
			case "service", "admin":
				if got.Status != http.StatusForbidden {
					t.Errorf("%s %s as a person: %d, want 403: %s", verb, path, got.Status, got.Raw)
				}
			}
			if strings.Contains(string(got.Raw), ada.Account) || strings.Contains(string(got.Raw), "lovelace@example.org") {
				t.Errorf("%s %s tells eve of ada: %s", verb, path, got.Raw)
			}
			if kind == "own" || kind == "thing" {
				if got := s.ask(t, s.service, verb, address, body); op.OperationID != "catalog" && got.Status < 400 {
					t.Errorf("%s %s with a service key: %d, though it is nobody's", verb, path, got.Status)
				}
			}
		}
	}
	after := s.want(t, 200, "GET", "/api/v1/accounts/"+ada.Account+"/journal", "").Raw
	if string(before) != string(after) {
		t.Errorf("ada's journal changed from %s to %s", before, after)
	}
	if got := s.ask(t, adasKey, "GET", "/api/v1/accounts/"+ada.Account+"/balance", ""); got.Status != 200 || got.Balance != 140 {
		t.Errorf("ada's own: %s", got.Raw)
	}
}

// What is not in the document, by what it answers to strangers and to others.
func TestFilesAndEventsAreNobodyElses(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	for _, path := range []string{"/api/v1/events", "/api/v1/uploads/x/file", "/api/v1/uploads/x/thumb.jpg"} {
		if got := s.ask(t, "", "GET", path, ""); got.Status != 401 {
			t.Errorf("%s: %d", path, got.Status)
		}
		if got := s.ask(t, s.service, "GET", path, ""); got.Status != 403 {
			t.Errorf("%s with a service key: %d", path, got.Status)
		}
	}
	for _, path := range []string{"/pictures/x.png", "/pictures/x/thumb.jpg"} {
		if got := s.ask(t, "", "GET", path, ""); got.Status < 400 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}
