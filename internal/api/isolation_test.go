package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// document is the OpenAPI document as the tests read it.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type parameter struct {
	Name, In string
	Required bool
	Schema   *schema
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []parameter
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
	Security []map[string][]string
}

func (s *shop) document(t testing.TB) document {
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
//	all      only administrators, and service keys with the scope admin
var whose = map[string]string{
	"info": "public", "setup": "public", "sign-up": "public", "sign-in": "public", "sign-out": "public",
	"me": "own", "balance": "own", "catalog": "own", "quote": "own", "usage": "own", "statement": "own", "plan-project": "own",
	"list-keys": "own", "create-key": "own", "delete-key": "thing",
	"create-job": "own", "list-jobs": "own", "get-job": "thing", "cancel-job": "thing", "delete-job": "thing",
	"quote-retry": "thing", "retry-job": "thing", "list-engines": "own",
	"list-pictures": "own", "get-picture": "thing", "delete-picture": "thing",
	"installation-usage": "admin", "reload-catalog": "admin",
	"list-models": "admin", "install-models": "admin", "remove-models": "admin",
	"list-service-keys": "admin", "create-service-key": "admin", "delete-service-key": "admin",
	"get-account": "account", "account-balance": "account", "account-journal": "account", "account-usage": "account",
	"open-account": "service", "list-accounts": "service", "grant": "service", "refund": "service", "adjust": "service", "change-plan": "service",
	"hold": "service", "settle-hold": "service", "release-hold": "service", "charge": "service", "charge-batch": "service",
	"upload": "own", "create-upload": "own", "list-uploads": "own", "get-upload": "thing", "delete-upload": "thing",
	"list-datasets": "own", "create-dataset": "own", "get-dataset": "thing", "delete-dataset": "thing", "list-dataset-images": "thing", "create-dataset-image": "thing",
	"copy-to-dataset": "thing", "delete-dataset-image": "thing",
	"list-webhooks": "own", "create-webhook": "own", "get-webhook": "thing", "update-webhook": "thing", "delete-webhook": "thing", "test-webhook": "thing",
	"rotate-webhook": "thing", "list-deliveries": "thing", "replay-delivery": "thing", "replay-deliveries": "thing",
	"installation-list-webhooks": "all", "installation-create-webhook": "all", "installation-get-webhook": "all", "installation-update-webhook": "all",
	"installation-delete-webhook": "all", "installation-test-webhook": "all", "installation-rotate-webhook": "all", "installation-list-deliveries": "all",
	"installation-replay-delivery": "all", "installation-replay-deliveries": "all",
	"improve-prompt": "own", "random-prompt": "own", "help-prompt": "own", "prompt-help": "own",
}

// No account, person or key reads or spends anything of another's, route by route.
func TestNobodyReachesAnothersThings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		s := openPainting(t, url)
		ada, adasKey := s.somebody(t, "lovelace", false)
		_, evesKey := s.somebody(t, "eve", false)
		things := s.furnish(t, ada, adasKey)
		s.want(t, 201, "POST", "/api/v1/accounts/"+ada.Account+"/holds", `{"tokens":10}`, "Idempotency-Key", "k")
		before := s.standing(t, ada, adasKey, things)
		doc := s.document(t)
		for path, methods := range doc.Paths {
			for method, op := range methods {
				kind, known := whose[op.OperationID]
				if !known {
					t.Errorf("%s %s (%s) has no entry in whose: say how it keeps people apart", method, path, op.OperationID)
					continue
				}
				verb := strings.ToUpper(method)
				if only := len(op.Security) == 1; only != (kind == "service") {
					t.Errorf("%s %s is %s, and the document says %v", verb, path, kind, op.Security)
				}
				body := ""
				if op.RequestBody != nil {
					body = example(doc, op.RequestBody.Content["application/json"].Schema)
				}
				s.keepsOut(t, kind, verb, things.fill(path), body, op.OperationID, evesKey, ada)
			}
		}
		for _, body := range []string{
			`{"operation":"unzoom","source":{"picture":"{picture}"}}`, `{"operation":"unzoom","source":{"upload":"{upload}"}}`,
			`{"operation":"texture_preview","prompt":"x","mesh":"{mesh}"}`, `{"pipeline":"canvas","prompt":"x","source":{"upload":"{upload}"},"extend":{"left":64}}`,
			`{"pipeline":"default","prompt":"x","references":[{"picture":"{picture}","kind":"image"}]}`, `{"pipeline":"default","prompt":"x","references":[{"upload":"{upload}","kind":"palette"}]}`,
			`{"pipeline":"default","prompt":"x","quote":"{quote}"}`,
		} {
			if got := s.ask(t, evesKey, "POST", "/api/v1/jobs", things.fill(body)); got.Status < 400 || got.Status >= 500 {
				t.Errorf("eve makes a job of ada's things, %s: %d %s", body, got.Status, got.Raw)
			}
		}
		mine := s.ask(t, evesKey, "POST", "/api/v1/datasets", `{"name":"eve's"}`)
		if got := s.ask(t, evesKey, "POST", "/api/v1/datasets/"+mine.ID+"/copies", things.fill(`{"picture":"{picture}"}`)); mine.Status != 201 || got.Status != 404 {
			t.Errorf("eve copies ada's picture: %d %d %s", mine.Status, got.Status, got.Raw)
		}
		if got := s.ask(t, evesKey, "DELETE", "/api/v1/datasets/"+mine.ID+"/images/"+things["image"], ""); got.Status != 404 {
			t.Errorf("eve removes ada's image by a dataset of her own: %d %s", got.Status, got.Raw)
		}
		s.compatibleKeepsOut(t, things, evesKey, ada)
		if after := s.standing(t, ada, adasKey, things); before != after {
			t.Errorf("ada's things changed from\n%s\nto\n%s", before, after)
		}
	})
}

// keepsOut holds a route to what it says of itself.
func (s *shop) keepsOut(t *testing.T, kind, verb, address, body, id, evesKey string, ada identity.Person) {
	t.Helper()
	if kind != "public" {
		for name, key := range map[string]string{"nobody": "", "an unknown key": "b7d0a5c2-63a4-4c3c-9b43-d1b0a1b0c0de"} {
			if got := s.ask(t, key, verb, address, body); got.Status != http.StatusUnauthorized {
				t.Errorf("%s %s for %s: %d", verb, address, name, got.Status)
			}
		}
	}
	got := s.ask(t, evesKey, verb, address, body)
	switch kind {
	case "thing", "account":
		if got.Status != http.StatusNotFound {
			t.Errorf("%s %s of another: %d, want 404: %s", verb, address, got.Status, got.Raw)
		}
	case "service", "admin", "all":
		if got.Status != http.StatusForbidden {
			t.Errorf("%s %s as a person: %d, want 403: %s", verb, address, got.Status, got.Raw)
		}
	}
	if kind == "all" {
		if got := s.ask(t, s.key(t, identity.NewKey{Name: "reader"}), verb, address, body); got.Status != http.StatusForbidden || got.Code != "scope_required" {
			t.Errorf("%s %s with a service key without the scope: %d", verb, address, got.Status)
		}
		// The installation's are found here, a person's are not.
		if got := s.ask(t, s.service, verb, address, body); got.Status < 400 && strings.Contains(address, "/admin/webhooks/") {
			t.Errorf("%s %s reaches a person's: %d", verb, address, got.Status)
		}
	}
	if strings.Contains(string(got.Raw), ada.Account) || strings.Contains(string(got.Raw), ada.Email) {
		t.Errorf("%s %s tells eve of ada: %s", verb, address, got.Raw)
	}
	if kind == "own" || kind == "thing" {
		if got := s.ask(t, s.service, verb, address, body); id != "catalog" && got.Status < 400 {
			t.Errorf("%s %s with a service key: %d, though it is nobody's", verb, address, got.Status)
		}
	}
}

// whoseBesides tells the same of the routes that are not in the document.
//
//	public  it knows nobody's things
//	own     it works on the caller's own things
//	thing   it names a thing by id
var whoseBesides = map[string]string{
	"/": "public", "/api/": "public", "GET /healthz": "public", "GET /api/docs": "public", "GET /api/docs/{file}": "public",
	"GET /api/v1/events":   "own",
	"GET /pictures/{file}": "thing", "GET /pictures/{id}/thumb.jpg": "thing", "GET /pictures/{id}/files/{which}": "thing",
	"GET /api/v1/uploads/{id}/file": "thing", "GET /api/v1/uploads/{id}/thumb.jpg": "thing",
}

// What is not in the document, by what it answers to strangers and to others.
func TestFilesAndEventsAreNobodyElses(t *testing.T) {
	t.Parallel()
	s := openPainting(t, storetest.SQLite(t))
	ada, adasKey := s.somebody(t, "lovelace", false)
	_, evesKey := s.somebody(t, "eve", false)
	things := s.furnish(t, ada, adasKey)
	var texture struct{ Files []struct{ URL string } }
	if err := json.Unmarshal(s.ask(t, adasKey, "GET", "/api/v1/pictures/"+things["texture"], "").Raw, &texture); err != nil || len(texture.Files) == 0 {
		t.Fatalf("%+v %v", texture, err)
	}
	for _, pattern := range api.Besides() {
		kind, known := whoseBesides[pattern]
		if !known {
			t.Errorf("%s has no entry in whoseBesides: say how it keeps people apart", pattern)
		}
		path := things.fill(strings.ReplaceAll(strings.TrimPrefix(pattern, "GET "), "{file}", "{picture}.png"))
		paths := map[string][]string{
			"GET /pictures/{file}":             {path, path + "?format=webp", path + "?metadata=false"},
			"GET /pictures/{id}/files/{which}": {texture.Files[0].URL},
		}[pattern]
		if kind != "thing" {
			continue
		}
		if paths == nil {
			paths = []string{path}
		}
		for _, path := range paths {
			if got := s.ask(t, adasKey, "GET", path, ""); got.Status != 200 {
				t.Errorf("%s of one's own: %d", path, got.Status)
			}
			for name, key := range map[string]string{"nobody": "", "eve": evesKey, "a service key": s.service} {
				if got := s.ask(t, key, "GET", path, ""); got.Status < 400 || got.Status >= 500 {
					t.Errorf("%s for %s: %d", path, name, got.Status)
				}
			}
		}
	}
	for key, want := range map[string]int{"": 401, s.service: 403} {
		if got := s.ask(t, key, "GET", "/api/v1/events", ""); got.Status != want {
			t.Errorf("events: %d, want %d", got.Status, want)
		}
	}
}
