package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
	"github.com/florin-studio/florin/internal/engine/vision"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// on adds a person with a plan and a key.
func (s *shop) on(t *testing.T, plan string) (account, key string) {
	t.Helper()
	p, err := s.people.Create(t.Context(), identity.NewPerson{Name: plan, Email: plan + "@example.org", Password: "difference", Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	if _, key, err = s.people.CreateKey(t.Context(), p, identity.NewKey{Name: plan, Scopes: []identity.Scope{identity.Read, identity.Generate}}); err != nil {
		t.Fatal(err)
	}
	return p.Account, key
}

// listed is what the price list asks for an operation.
func listed(t *testing.T, operation string) int64 {
	t.Helper()
	for _, o := range catalog.Default().Operations() {
		if o.ID == operation {
			return o.Tokens
		}
	}
	t.Fatalf("the price list has no %s", operation)
	return 0
}

// What only paying plans have is made, told in advance what it costs, and charged just that;
// a plan without it is refused and charged nothing.
func TestPremiumOperationsOverHTTP(t *testing.T) {
	t.Parallel()
	tools := vision.New(models.Store{Dir: t.TempDir()}, "")
	t.Cleanup(tools.Close)
	s := openPainting(t, storetest.SQLite(t), tools)
	for _, c := range []struct {
		operation, body string
		check           func(t *testing.T, key string, p shown)
	}{
		{"texture", `{"operation":"texture","prompt":"mossy rock","mesh":"{mesh}"}`, s.checkTexture},
		{"alchemy_upscale", `{"operation":"alchemy_upscale","source":{"upload":"{image}"},"scale":4}`, s.checkUpscaled},
	} {
		t.Run(c.operation, func(t *testing.T) {
			_, key := s.on(t, map[string]string{"texture": "apprentice", "alchemy_upscale": "artisan"}[c.operation])
			body := s.given(t, key, c.body)
			var quote struct {
				ID      string
				Tokens  int64
				Covered bool
			}
			if got := s.ask(t, key, "POST", "/api/v1/quotes", `{"operation":"`+c.operation+`"}`); json.Unmarshal(got.Raw, &quote) != nil || quote.Tokens != listed(t, c.operation) || !quote.Covered {
				t.Fatalf("the price is %s, want %d tokens", got.Raw, listed(t, c.operation))
			}
			before := s.ask(t, key, "GET", "/api/v1/balance", "").Balance
			j := s.paint(t, key, strings.TrimSuffix(body, "}")+`,"quote":"`+quote.ID+`"}`)
			if j.Status != "complete" || len(j.Pictures) != 1 {
				t.Fatalf("%+v", j)
			}
			if after := s.ask(t, key, "GET", "/api/v1/balance", "").Balance; before-after != quote.Tokens {
				t.Errorf("%d tokens were taken, the price was %d", before-after, quote.Tokens)
			}
			var p shown
			if got := s.ask(t, key, "GET", "/api/v1/pictures/"+j.Pictures[0].ID, ""); json.Unmarshal(got.Raw, &p) != nil {
				t.Fatalf("%s", got.Raw)
			}
			c.check(t, key, p)
		})
	}
	t.Run("a plan without", func(t *testing.T) {
		_, key := s.on(t, "free")
		for _, body := range []string{`{"operation":"texture","prompt":"mossy rock","mesh":"{mesh}"}`, `{"operation":"alchemy_upscale","source":{"upload":"{image}"}}`} {
			before := s.ask(t, key, "GET", "/api/v1/balance", "").Balance
			got := s.ask(t, key, "POST", "/api/v1/jobs", s.given(t, key, body))
			if got.Status != 403 || got.Code != "plan_required" {
				t.Errorf("%s: %d %s", body, got.Status, got.Raw)
			}
			if after := s.ask(t, key, "GET", "/api/v1/balance", "").Balance; after != before {
				t.Errorf("%s: the balance went from %d to %d", body, before, after)
			}
		}
	})
}

// shown is a picture as the API tells of it.
type shown struct {
	URL, Note     string
	Width, Height int
	Files         []struct {
		Kind, Type, URL string
		Bytes           int
	}
}

// given uploads what a body names and writes the ids into it.
func (s *shop) given(t *testing.T, key, body string) string {
	t.Helper()
	for kind, data := range map[string]string{"mesh": tile, "image": string(small(t))} {
		if !strings.Contains(body, "{"+kind+"}") {
			continue
		}
		name := map[string]string{"mesh": "a.obj", "image": "a.png"}[kind]
		got := s.ask(t, key, "POST", "/api/v1/uploads?kind="+kind+"&name="+name, data, "Content-Type", "application/octet-stream")
		if got.Status != 201 {
			t.Fatalf("%s: %s", kind, got.Raw)
		}
		body = strings.ReplaceAll(body, "{"+kind+"}", got.ID)
	}
	return body
}

// download gets a file and checks its type.
func (s *shop) download(t *testing.T, key, url, kind string) []byte {
	t.Helper()
	got := s.ask(t, key, "GET", url, "")
	if got.Status != 200 || got.Header.Get("Content-Type") != kind {
		t.Fatalf("GET %s: %d %s", url, got.Status, got.Header)
	}
	return got.Raw
}

// checkTexture opens the mesh and the maps.
func (s *shop) checkTexture(t *testing.T, key string, p shown) {
	seen := map[string]int{}
	for _, f := range p.Files {
		data := s.download(t, key, f.URL, f.Type)
		seen[f.Kind]++
		switch f.Kind {
		case "mesh":
			m, err := mesh.ReadGLB(data)
			if err != nil || len(m.Triangles) != 2 || len(m.UVs) != 4 || bytes.Count(data, []byte(`"mimeType"`)) < 3 {
				t.Errorf("mesh: %v", err)
			}
		case "albedo", "normal", "roughness", "displacement":
			format, size, err := picture.Measure(data)
			if err != nil || format != picture.PNG || size.Width != 2048 || size.Height != 2048 {
				t.Errorf("%s: %s %dx%d, %v", f.Kind, format, size.Width, size.Height, err)
			}
		case "turntable":
			if _, _, err := picture.Measure(data); err != nil {
				t.Errorf("turntable: %v", err)
			}
		}
		if len(data) != f.Bytes {
			t.Errorf("%s has %d bytes, %d were told", f.Kind, len(data), f.Bytes)
		}
	}
	if want := "map[albedo:1 displacement:1 mesh:1 normal:1 roughness:1 turntable:12]"; fmt.Sprint(seen) != want {
		t.Errorf("files %v, want %s", seen, want)
	}
}

// checkUpscaled opens the picture, which is four times as wide as what was sent.
func (s *shop) checkUpscaled(t *testing.T, key string, p shown) {
	img, _, err := picture.Decode(s.download(t, key, p.URL, "image/png"))
	if err != nil || img.Bounds().Size() != image.Pt(80, 40) || p.Width != 80 || p.Height != 40 {
		t.Errorf("%dx%d, %v", p.Width, p.Height, err)
	}
	if !strings.Contains(p.Note, "Lanczos") { // no runtime is installed for this test, and that is said
		t.Errorf("note %q", p.Note)
	}
}
