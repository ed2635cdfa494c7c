package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/api"
	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/ledger/sqlstore"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/internal/studio"
)

// visitor is somebody signed in.
type visitor struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

// openStudio makes the API with a place for files, where anybody may sign up.
func openStudio(t *testing.T, engines ...engine.Engine) *httptest.Server {
	t.Helper()
	db := storetest.Open(t, storetest.SQLite(t))
	l := ledger.New(sqlstore.New(db), catalog.Default().Rules, ledger.Options{})
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	people := &identity.Service{DB: db, Ledger: l, Now: time.Now, Cost: identity.Cost{MemoryKiB: 64, Passes: 1}}
	code, err := people.NewSetupCode(t.Context())
	if err == nil {
		_, err = people.Setup(t.Context(), code, "open", identity.NewPerson{Name: "Root", Email: "root@example.org", Password: "correct horse battery"})
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	st := studio.New(studio.Config{DB: db, Ledger: l, Catalog: catalog.Default, Files: files, Engines: engines, Secret: []byte("secret"), Now: time.Now, Alone: true})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- st.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(api.New(api.Config{Studio: st, Identity: people, Now: time.Now}))
	t.Cleanup(server.Close)
	return server
}

// visit signs somebody up.
func visit(t *testing.T, server *httptest.Server, email string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t, server, &http.Client{Jar: jar}}
	if a := v.send("POST", "/api/v1/sign-up", "application/json", []byte(`{"name":"N","email":"`+email+`","password":"correct horse battery"}`)); a.status != http.StatusCreated {
		t.Fatalf("signing up: %d %s", a.status, a.body)
	}
	return v
}

type reply struct {
	status int
	body   []byte
	header http.Header
}

// problem is the code and the first field of a problem.
func (r reply) problem() (code, field string) {
	var p struct {
		Code   string
		Errors []struct{ Location string }
	}
	_ = json.Unmarshal(r.body, &p)
	if len(p.Errors) > 0 {
		field = p.Errors[0].Location
	}
	return p.Code, field
}

func (v *visitor) send(method, path, contentType string, body []byte) reply {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.server.URL+path, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	answer, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return reply{answer.StatusCode, raw, answer.Header}
}

func small(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 20, 10))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type upload struct {
	ID, Kind, Format, URL string
	Width                 int
	Thumbnail             string `json:"thumbnail_url"`
}

func TestUploadsOverHTTP(t *testing.T) {
	t.Parallel()
	server := openStudio(t)
	ada, bob := visit(t, server, "ada@example.org"), visit(t, server, "bob@example.org")
	raw := ada.send("POST", "/api/v1/uploads?kind=image&name=lake.png", "application/octet-stream", small(t))
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("kind", "mask")
	part, err := w.CreateFormFile("file", "mask.png")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(small(t))
	_ = w.Close()
	sent := ada.send("POST", "/api/v1/uploads", w.FormDataContentType(), form.Bytes())
	for kind, r := range map[string]reply{"image": raw, "mask": sent} {
		var u upload
		if err := json.Unmarshal(r.body, &u); r.status != http.StatusCreated || err != nil || u.Kind != kind || u.Width != 20 || u.Format != "png" {
			t.Fatalf("%s: %d %s", kind, r.status, r.body)
		}
		for _, path := range []string{u.URL, u.Thumbnail, "/api/v1/uploads/" + u.ID} {
			if r := ada.send("GET", path, "", nil); r.status != http.StatusOK {
				t.Errorf("GET %s: %d %s", path, r.status, r.body)
			}
			if r := bob.send("GET", path, "", nil); r.status != http.StatusNotFound {
				t.Errorf("bob's GET %s: %d %s", path, r.status, r.body)
			}
		}
		if r := bob.send("DELETE", "/api/v1/uploads/"+u.ID, "", nil); r.status != http.StatusNotFound {
			t.Errorf("bob deletes: %d", r.status)
		}
	}
	var list struct{ Uploads []upload }
	if r := ada.send("GET", "/api/v1/uploads?kind=mask", "", nil); json.Unmarshal(r.body, &list) != nil || len(list.Uploads) != 1 || list.Uploads[0].Kind != "mask" {
		t.Errorf("the masks are %s", r.body)
	}
	if r := ada.send("DELETE", "/api/v1/uploads/"+list.Uploads[0].ID, "", nil); r.status != http.StatusNoContent {
		t.Errorf("deleting: %d %s", r.status, r.body)
	}
	if r := ada.send("GET", "/api/v1/uploads", "", nil); json.Unmarshal(r.body, &list) != nil || len(list.Uploads) != 1 {
		t.Errorf("the uploads are %s", r.body)
	}
}

func TestWrongUploadsAreRefused(t *testing.T) {
	t.Parallel()
	server := openStudio(t)
	ada := visit(t, server, "ada@example.org")
	for name, c := range map[string]struct {
		query, contentType string
		body               []byte
		status             int
		field              string
	}{
		"a text":              {"?name=a.png", "", []byte("hello"), 422, "body.file"},
		"nothing":             {"?name=a.png", "application/octet-stream", nil, 400, ""},
		"another ending":      {"?name=a.exe", "", small(t), 422, "body.extension"},
		"another kind":        {"?kind=film", "", small(t), 422, "query.kind"},
		"a form without file": {"", "multipart/form-data; boundary=x", []byte("--x--\r\n"), 422, "body.file"},
		"too large":           {"?kind=mesh&name=a.obj", "application/octet-stream", make([]byte, studio.MaxMeshBytes+2<<20), 413, ""},
	} {
		r := ada.send("POST", "/api/v1/uploads"+c.query, c.contentType, c.body)
		if _, field := r.problem(); r.status != c.status || field != c.field {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := ada.send("POST", "/api/v1/jobs", "application/json", bytes.Repeat([]byte(" "), 2<<20)); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body elsewhere: %d", r.status)
	}
}

// Without engines everything is not installed, and says so.
func TestNotInstalledOverHTTP(t *testing.T) {
	t.Parallel()
	server := openStudio(t)
	ada := visit(t, server, "ada@example.org")
	var u upload
	_ = json.Unmarshal(ada.send("POST", "/api/v1/uploads?name=lake.png", "", small(t)).body, &u)
	for name, c := range map[string]struct{ path, body, code, field string }{
		"an operation":        {"jobs", `{"operation":"upscale","source":{"upload":"` + u.ID + `"}}`, "not_installed", "body.operation"},
		"help with prompts":   {"prompts/improve", `{"prompt":"a lake"}`, "not_installed", "body.operation"},
		"another's picture":   {"jobs", `{"operation":"unzoom","source":{"picture":"nobody"}}`, "bad_request", "body.source"},
		"several at once":     {"quotes", `{"operation":"unzoom","images":2}`, "not_applicable", "body.images"},
		"an unknown field":    {"jobs", `{"operation":"upscale","sauce":{}}`, "bad_request", "body.sauce"},
		"a reference of mist": {"jobs", `{"pipeline":"default","prompt":"a","references":[{"upload":"x","kind":"mist"}]}`, "bad_request", "body.references[0].kind"},
	} {
		r := ada.send("POST", "/api/v1/"+c.path, "application/json", []byte(c.body))
		if code, field := r.problem(); code != c.code || field != c.field {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	var quote struct{ Tokens int64 }
	if r := ada.send("POST", "/api/v1/quotes", "application/json", []byte(`{"operation":"unzoom"}`)); json.Unmarshal(r.body, &quote) != nil || quote.Tokens != 5 {
		t.Errorf("a quote: %d %s", r.status, r.body)
	}
	var list struct {
		Operations []struct{ ID, Missing string }
	}
	if r := ada.send("GET", "/api/v1/catalog", "", nil); json.Unmarshal(r.body, &list) != nil || len(list.Operations) == 0 || !strings.Contains(list.Operations[0].Missing, "no engine") {
		t.Errorf("the catalog: %s", r.body)
	}
}
