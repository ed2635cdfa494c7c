package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// generation is what the compatible API tells of one.
type generation struct {
	Status string `json:"status"`
	Images []struct {
		ID  string `json:"id"`
		URL string `json:"url"`
	} `json:"generated_images"`
}

// TestScript makes the first call of a script: a key, a generation, a picture.
func TestScript(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	p := s.newPerson(t, "script@example.org", "free")
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(p.key) {
		t.Errorf("florin key create printed %q, which is no UUID alone", p.key)
	}
	var made struct {
		Job struct {
			ID     string `json:"generationId"`
			Credit int64  `json:"apiCreditCost"`
		} `json:"sdGenerationJob"`
	}
	p.do(t, "POST", "/api/rest/v1/generations", `{"prompt": "snow-covered peaks", "width": 256, "height": 256, "num_images": 2}`).want(t, http.StatusOK, &made)
	if made.Job.ID == "" || made.Job.Credit != 2 {
		t.Fatalf("the answer was %+v, want an id and 2 tokens", made.Job)
	}
	g := p.await(t, made.Job.ID)
	if len(g.Images) != 2 {
		t.Fatalf("%d pictures, want 2", len(g.Images))
	}
	for _, image := range g.Images {
		if !strings.HasPrefix(image.URL, s.URL+"/") {
			t.Errorf("the picture's URL %q is not absolute, want one below %s", image.URL, s.URL)
		}
		p.picture(t, image.URL)
		stranger := client{base: s.URL}
		if r := stranger.do(t, "GET", image.URL, ""); r.status != http.StatusOK {
			t.Errorf("a picture's signed address has status %d without a key, want 200", r.status)
		}
		if r := stranger.do(t, "GET", image.URL+"0", ""); r.status != http.StatusForbidden {
			t.Errorf("a changed address has status %d, want 403", r.status)
		}
	}
	if b := s.purse(t, p); b != (purse{Balance: 148}) {
		t.Errorf("florin balance tells %+v, want 148 and nothing held", b)
	}
	other := s.newPerson(t, "other@example.org", "free")
	if r := other.do(t, "GET", "/api/rest/v1/generations/"+made.Job.ID, ""); r.status != http.StatusOK || strings.TrimSpace(string(r.body)) != `{"generations_by_pk":null}` {
		t.Errorf("somebody else's generation: %d %s", r.status, r.body)
	}
	scriptErrors(t, s, p)
}

// await asks again and again, as scripts do, until the generation is final.
func (p *person) await(t *testing.T, id string) generation {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		var answer struct {
			G generation `json:"generations_by_pk"`
		}
		p.do(t, "GET", "/api/rest/v1/generations/"+id, "").want(t, http.StatusOK, &answer)
		switch answer.G.Status {
		case "COMPLETE":
			return answer.G
		case "PENDING":
		default:
			t.Fatalf("the generation is %+v", answer.G)
		}
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("still %s after %v", answer.G.Status, patience)
		}
	}
}

// scriptErrors checks the errors of the compatible API, none of which changes anything.
func scriptErrors(t *testing.T, s *server, p *person) {
	t.Helper()
	before := s.purse(t, p)
	long := strings.Repeat("x", 1501)
	for _, c := range []struct {
		name, key, body string
		status          int
		text, code      string
	}{
		{"no key", "", `{"prompt": "x"}`, 401, "Authentication hook unauthorized this request", "access-denied"},
		{"unknown key", "6a19c183-d2bf-40da-91c5-665c709efbdf", `{"prompt": "x"}`, 401, "Authentication hook unauthorized this request", "access-denied"},
		{"key that is no UUID", "secret", `{"prompt": "x"}`, 500, "Invalid response from authorization hook", "unexpected"},
		{"no prompt", p.key, `{"num_images": 1}`, 400, `expecting a value for non-nullable variable: "prompt"`, "validation-failed"},
		{"null prompt", p.key, `{"prompt": null}`, 400, `expecting a value for non-nullable variable: "prompt"`, "validation-failed"},
		{"text for a flag", p.key, `{"prompt": "x", "alchemy": "yes"}`, 400, "expected a boolean for type 'Boolean', but found a string", "validation-failed"},
		{"text for a number", p.key, `{"prompt": "x", "num_images": "4"}`, 400, "but found a string", "validation-failed"},
		{"too many images", p.key, `{"prompt": "x", "num_images": 9, "width": 512, "height": 512}`, 400, "too many images", ""},
		{"wrong size", p.key, `{"prompt": "x", "width": 700, "height": 700, "num_images": 1}`, 400, "invalid dimensions", ""},
		{"long prompt", p.key, `{"prompt": "` + long + `"}`, 400, "Invalid prompt, maximum length of 1500 characters exceeded.", ""},
		{"no JSON", p.key, `prompt=x`, 400, "", "bad-request"},
	} {
		r := client{base: s.URL, key: c.key}.do(t, "POST", "/api/rest/v1/generations", c.body)
		var e struct{ Error, Path, Code string }
		if err := json.Unmarshal(r.body, &e); err != nil || e.Error == "" || !strings.HasPrefix(e.Path, "$") {
			t.Errorf("%s: no error, path and code in %s", c.name, r.body)
		}
		if r.status != c.status || !strings.Contains(e.Error, c.text) || c.code != "" && e.Code != c.code {
			t.Errorf("%s: %d %s, want %d %q %q", c.name, r.status, r.body, c.status, c.text, c.code)
		}
	}
	if after := s.purse(t, p); after != before {
		t.Errorf("refused calls moved the balance from %+v to %+v", before, after)
	}
}

// TestScriptTooPoor asks for more than there is: this API answers with 400, not 402.
func TestScriptTooPoor(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--catalog", dearCatalog(t))
	p := s.newPerson(t, "poor@example.org", "free")
	r := p.do(t, "POST", "/api/rest/v1/generations", `{"prompt": "a lake", "width": 32, "height": 32, "num_images": 4}`)
	var e struct{ Error string }
	r.want(t, http.StatusBadRequest, &e)
	if !strings.HasPrefix(e.Error, "not enough api tokens userId: ") {
		t.Errorf("a call beyond the balance was refused with %q", e.Error)
	}
	if b := s.purse(t, p); b != (purse{Balance: 150}) {
		t.Errorf("florin balance tells %+v, want 150 and nothing held", b)
	}
}
