package leonardo_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// FuzzRequests sends arbitrary bodies to every call that takes one. Each is answered with
// JSON in this API's shape, none breaks the server, and nobody gets tokens by it. Nothing
// is painted, so that jobs only wait.
func FuzzRequests(f *testing.F) {
	var posts []string
	for _, r := range leonardo.Routes() {
		if r.Method == "POST" && !strings.Contains(r.Path, "lcm") { // those wait for their picture
			posts = append(posts, strings.ReplaceAll(r.Path, "{id}", nobody))
		}
	}
	for i, path := range posts {
		f.Add(uint8(i), `{}`)
		f.Add(uint8(i), "{\"id\":\"\xff\",\"prompt\":\"\\u0000\",\"name\":\"x\",\"extension\":\"png\"}")
		for _, c := range faults {
			if base+c.path == path {
				f.Add(uint8(i), c.body)
			}
		}
	}
	h := open(f, storetest.SQLite(f), nil)
	p := h.person(f, "ada", "maestro")
	before := p.balance(f)
	handler := h.Config.Handler
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		path := posts[int(route)%len(posts)]
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+p.key)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var said map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%s %q: %d %s %v", path, body, w.Code, w.Body, err)
		}
		switch {
		case w.Code == 200 && len(said) == 1:
		case w.Code >= 400 && w.Code < 500 && said["error"] != "" && said["path"] != "" && said["code"] != "":
		default:
			t.Fatalf("%s %q: %d %s", path, body, w.Code, w.Body)
		}
		if now := p.balance(t); now > before {
			t.Fatalf("%s %q: %d tokens, and %d before", path, body, now, before)
		}
	})
}

// FuzzForms sends arbitrary forms: without a signature, nothing is taken.
func FuzzForms(f *testing.F) {
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--x--\r\n")
	f.Add("multipart/form-data", "")
	f.Add("application/json", "{}")
	h := open(f, storetest.SQLite(f), nil)
	handler := h.Config.Handler
	f.Fuzz(func(t *testing.T, kind, body string) {
		r := httptest.NewRequest("POST", "/api/rest/uploads", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != 400 && w.Code != 403 || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%q %q: %d %s", kind, body, w.Code, w.Body)
		}
	})
}
