package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// problemOf checks that an answer is an RFC 9457 problem with the status, the code and
// an error at the location; an empty code or location is any.
func problemOf(t *testing.T, what string, r reply, status int, code, location string) map[string]any {
	t.Helper()
	var p struct {
		Type, Title, Detail, Code string
		Status                    int
		Errors                    []struct{ Location, Message string }
	}
	var all map[string]any
	if kind := r.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("%s: the content is %q: %s", what, kind, r.body)
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Errorf("%s: %v in %s", what, err, r.body)
		return nil
	}
	_ = json.Unmarshal(r.body, &all)
	if r.status != status || p.Status != status || code != "" && p.Code != code || p.Code == "" || p.Type == "" || p.Title == "" || p.Detail == "" {
		t.Errorf("%s: %d %s, want %d with type, title, detail and the code %q", what, r.status, r.body, status, code)
	}
	found := location == ""
	for _, e := range p.Errors {
		found = found || e.Location == location && e.Message != ""
	}
	if !found {
		t.Errorf("%s: no message at %s in %s", what, location, r.body)
	}
	return all
}

// wrong is a request with what it must be answered with.
type wrong struct {
	what, method, path, body string
	status                   int
	code, location           string
}

// TestWrongInput sends bad input to every route that takes any: 4xx, a problem, and
// nothing changes.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	p := s.newPerson(t, "wrong@example.org", "free")
	before := p.everything(t)
	job := func(change string) string {
		return fmt.Sprintf(`{"pipeline": "default", "prompt": "a lake", %s}`, change)
	}
	long := strings.Repeat("x", 1501)
	table := []wrong{
		{"no prompt", "POST", "/api/v1/jobs", `{"pipeline": "default"}`, 422, "bad_request", "body.prompt"},
		{"empty prompt", "POST", "/api/v1/jobs", `{"pipeline": "default", "prompt": " "}`, 422, "bad_request", "body.prompt"},
		{"long prompt", "POST", "/api/v1/jobs", `{"pipeline": "default", "prompt": "` + long + `"}`, 422, "bad_request", "body.prompt"},
		{"long negative prompt", "POST", "/api/v1/jobs", job(`"negative_prompt": "` + long + `"`), 422, "bad_request", "body.negative_prompt"},
		{"prompt of another type", "POST", "/api/v1/jobs", `{"pipeline": "default", "prompt": 7}`, 422, "bad_request", "body.prompt"},
		{"width", "POST", "/api/v1/jobs", job(`"width": 700`), 422, "bad_request", "body.width"},
		{"height", "POST", "/api/v1/jobs", job(`"height": 1544`), 422, "bad_request", "body.height"},
		{"negative width", "POST", "/api/v1/jobs", job(`"width": -8`), 422, "bad_request", "body.width"},
		{"nine images", "POST", "/api/v1/jobs", job(`"images": 9`), 422, "bad_request", "body.images"},
		{"minus one image", "POST", "/api/v1/jobs", job(`"images": -1`), 422, "bad_request", "body.images"},
		{"half an image", "POST", "/api/v1/jobs", job(`"images": 1.5`), 422, "bad_request", "body.images"},
		{"large seed", "POST", "/api/v1/jobs", job(`"seed": 9999999999`), 422, "bad_request", "body.seed"},
		{"negative seed", "POST", "/api/v1/jobs", job(`"seed": -1`), 422, "bad_request", "body.seed"},
		{"unknown pipeline", "POST", "/api/v1/jobs", `{"pipeline": "dream", "prompt": "x"}`, 422, "", "body.pipeline"},
		{"premium pipeline", "POST", "/api/v1/jobs", `{"pipeline": "alchemy", "prompt": "x"}`, 403, "plan_required", ""},
		{"unknown field", "POST", "/api/v1/jobs", job(`"imagess": 4`), 422, "bad_request", "body.imagess"},
		{"forged quote", "POST", "/api/v1/jobs", job(`"quote": "e30.AAAA"`), 409, "quote_mismatch", "body.quote"},
		{"no JSON", "POST", "/api/v1/jobs", `prompt=x`, 400, "bad_request", ""},
		{"a list", "POST", "/api/v1/jobs", `[]`, 422, "bad_request", ""},
		{"price of an unknown pipeline", "POST", "/api/v1/quotes", `{"pipeline": "dream"}`, 422, "", "body.pipeline"},
		{"price of no size", "POST", "/api/v1/quotes", `{"pipeline": "default", "width": 7}`, 422, "", "body.width"},
		{"price of nothing", "POST", "/api/v1/quotes", `{}`, 422, "", "body.pipeline"},
		{"limit", "GET", "/api/v1/jobs?limit=0", "", 422, "bad_request", "query.limit"},
		{"large limit", "GET", "/api/v1/pictures?limit=101", "", 422, "bad_request", "query.limit"},
		{"text for a limit", "GET", "/api/v1/jobs?limit=many", "", 422, "bad_request", "query.limit"},
		{"cursor", "GET", "/api/v1/jobs?cursor=nonsense", "", 422, "bad_request", "query.cursor"},
		{"cursor of pictures", "GET", "/api/v1/pictures?cursor=nonsense", "", 422, "bad_request", "query.cursor"},
		{"unknown job", "GET", "/api/v1/jobs/0", "", 404, "not_found", ""},
		{"cancelling an unknown job", "POST", "/api/v1/jobs/0/cancel", "", 404, "not_found", ""},
		{"unknown picture", "GET", "/api/v1/pictures/0", "", 404, "not_found", ""},
		{"unknown file", "GET", "/pictures/0.png", "", 404, "not_found", ""},
		{"unknown thumbnail", "GET", "/pictures/0/thumb.jpg", "", 404, "not_found", ""},
		{"unknown ending", "GET", "/pictures/0.gif", "", 404, "not_found", ""},
		{"long name of a key", "POST", "/api/v1/keys", `{"name": "` + long + `"}`, 422, "bad_request", "body.name"},
		{"unknown key", "DELETE", "/api/v1/keys/0", "", 404, "not_found", ""},
		{"unknown route", "GET", "/api/v1/nothing", "", 404, "not_found", ""},
		{"no e-mail", "POST", "/api/v1/sign-up", `{"email": "nobody", "password": "correct horse"}`, 422, "bad_request", "body.email"},
		{"short password", "POST", "/api/v1/sign-up", `{"email": "new@example.org", "password": "short"}`, 422, "bad_request", "body.password"},
		{"unknown zone", "POST", "/api/v1/sign-up", `{"email": "new@example.org", "password": "correct horse", "zone": "Mars/Olympus"}`, 422, "", "body.zone"},
		{"e-mail that is taken", "POST", "/api/v1/sign-up", `{"email": "WRONG@example.org", "password": "correct horse"}`, 409, "conflict", "body.email"},
		{"wrong password", "POST", "/api/v1/sign-in", `{"email": "wrong@example.org", "password": "wrong horse"}`, 401, "unauthorized", ""},
		{"nobody's e-mail", "POST", "/api/v1/sign-in", `{"email": "nobody@example.org", "password": "wrong horse"}`, 401, "unauthorized", ""},
		{"used link", "POST", "/api/v1/setup", `{"code": "used", "name": "x", "email": "x@example.org", "password": "correct horse", "sign_up": "open"}`, 403, "forbidden", ""},
		{"unknown policy", "POST", "/api/v1/setup", `{"code": "used", "name": "x", "email": "x@example.org", "password": "correct horse", "sign_up": "maybe"}`, 422, "bad_request", "body.sign_up"},
	}
	for _, c := range table {
		problemOf(t, c.what, p.do(t, c.method, c.path, c.body), c.status, c.code, c.location)
	}
	if after := p.everything(t); after != before {
		t.Errorf("refused requests changed\n%s\nto\n%s", before, after)
	}
	if people := must(t, "user", "list", "--data", s.Data, "--json"); strings.Count(people, `"email"`) != 1 {
		t.Errorf("refused requests made people: %s", people)
	}
}

// everything is what the API tells of a person, less the time of asking.
func (p *person) everything(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{"/api/v1/me", "/api/v1/balance", "/api/v1/jobs", "/api/v1/pictures", "/api/v1/keys"} {
		var body map[string]any
		p.do(t, "GET", path, "").want(t, http.StatusOK, &body)
		delete(body, "now")
		raw, _ := json.Marshal(body)
		all.Write(append(raw, '\n'))
	}
	return all.String()
}

// TestStrangers lets somebody without a session, and somebody with another account,
// try what is not theirs.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	p := s.newPerson(t, "owner@example.org", "free")
	j := p.end(t, p.submit(t, `{"pipeline": "default", "prompt": "a lake", "width": 64, "height": 64}`).ID)
	if len(j.Pictures) != 1 {
		t.Fatalf("the job is %+v", j)
	}
	before := p.everything(t)
	stranger := client{base: s.URL}
	other := s.newPerson(t, "other@example.org", "free")
	body := `{"pipeline": "default", "prompt": "x"}`
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/api/v1/me", ""}, {"GET", "/api/v1/balance", ""}, {"GET", "/api/v1/events", ""}, {"POST", "/api/v1/quotes", `{"pipeline": "default"}`},
		{"POST", "/api/v1/jobs", body}, {"GET", "/api/v1/jobs", ""}, {"GET", "/api/v1/pictures", ""}, {"GET", "/api/v1/keys", ""}, {"POST", "/api/v1/keys", `{"name": "x"}`},
	} {
		problemOf(t, "without a session: "+c.method+" "+c.path, stranger.do(t, c.method, c.path, c.body), 401, "unauthorized", "")
		problemOf(t, "with a wrong key: "+c.method+" "+c.path, client{s.URL, "wrong"}.do(t, c.method, c.path, c.body), 401, "unauthorized", "")
	}
	for _, c := range []struct{ method, path string }{
		{"GET", "/api/v1/jobs/" + j.ID}, {"POST", "/api/v1/jobs/" + j.ID + "/cancel"}, {"GET", "/api/v1/pictures/" + j.Pictures[0].ID},
		{"GET", j.Pictures[0].URL}, {"GET", "/pictures/" + j.Pictures[0].ID + "/thumb.jpg"},
	} {
		problemOf(t, "without a session: "+c.method+" "+c.path, stranger.do(t, c.method, c.path, ""), 401, "unauthorized", "")
		problemOf(t, "from another account: "+c.method+" "+c.path, other.do(t, c.method, c.path, ""), 404, "not_found", "")
	}
	if after := p.everything(t); after != before {
		t.Errorf("strangers changed\n%s\nto\n%s", before, after)
	}
}

// TestSessions signs up, in, and out, and lets another site try with the cookie.
func TestSessions(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir())
	c := client{base: s.URL}
	code := s.SetupURL[strings.Index(s.SetupURL, "code=")+5:]
	admin := func(email string) string {
		return fmt.Sprintf(`{"code": %q, "name": "Ada", "email": %q, "password": "correct horse", "sign_up": "open"}`, code, email)
	}
	var me struct {
		Admin bool
		Plan  struct{ ID string }
	}
	c.do(t, "POST", "/api/v1/setup", admin("ada@example.org")).want(t, http.StatusOK, &me)
	if !me.Admin {
		t.Error("the first person is no administrator")
	}
	problemOf(t, "the link once more", c.do(t, "POST", "/api/v1/setup", admin("eve@example.org")), 403, "forbidden", "")
	r := c.do(t, "POST", "/api/v1/sign-up", `{"name": "Ben", "email": "ben@example.org", "password": "correct horse"}`)
	r.want(t, http.StatusCreated, &me)
	if me.Admin || me.Plan.ID != "free" {
		t.Errorf("who signs up is %+v, want no administrator, on the Free plan", me)
	}
	cookie := r.header.Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "florin_session=") || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("the session's cookie is %q", cookie)
	}
	session, _, _ := strings.Cut(cookie, ";")
	body := `{"pipeline": "default", "prompt": "x", "width": 32, "height": 32}`
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		for _, path := range []string{"/api/v1/jobs", "/api/v1/keys", "/api/v1/sign-out"} {
			r := c.do(t, "POST", path, body, append(headers, "Cookie", session)...)
			problemOf(t, fmt.Sprint("from another site: ", path, headers), r, 403, "forbidden", "")
		}
	}
	var jobs struct{ Jobs []job }
	c.do(t, "GET", "/api/v1/jobs", "", "Cookie", session).want(t, http.StatusOK, &jobs)
	if len(jobs.Jobs) != 0 {
		t.Error("another site made a job")
	}
	c.do(t, "POST", "/api/v1/jobs", body, "Cookie", session, "Origin", s.URL, "Sec-Fetch-Site", "same-origin").want(t, http.StatusCreated, nil)
	c.do(t, "POST", "/api/v1/sign-out", "", "Cookie", session).want(t, http.StatusNoContent, nil)
	problemOf(t, "a session that ended", c.do(t, "GET", "/api/v1/me", "", "Cookie", session), 401, "unauthorized", "")
}

// TestTooExpensive asks for more than the balance: the problem tells what is missing,
// when tokens come and which plans would do.
func TestTooExpensive(t *testing.T) {
	t.Parallel()
	s := serve(t, t.TempDir(), "--catalog", dearCatalog(t))
	p := s.newPerson(t, "poor@example.org", "free")
	all := problemOf(t, "too expensive", p.do(t, "POST", "/api/v1/jobs", `{"pipeline": "default", "prompt": "x", "images": 4}`), 402, "insufficient_tokens", "")
	if all["price"] != 240.0 || all["balance"] != 150.0 || all["missing"] != 90.0 {
		t.Errorf("the problem tells %v, want a price of 240, a balance of 150 and 90 missing", all)
	}
	if plans, _ := all["plans"].([]any); len(plans) == 0 {
		t.Errorf("the problem names no plan: %v", all)
	}
	// A balance that nothing was taken from has no tokens to come, so spend some first.
	p.end(t, p.submit(t, `{"pipeline": "default", "prompt": "x", "width": 32, "height": 32}`).ID)
	all = problemOf(t, "still too expensive", p.do(t, "POST", "/api/v1/jobs", `{"pipeline": "default", "prompt": "x", "images": 4}`), 402, "insufficient_tokens", "")
	if next, _ := all["next"].(map[string]any); next["at"] == nil || next["tokens"] == nil {
		t.Errorf("the problem does not tell when tokens come: %v", all)
	}
	if b := s.purse(t, p); b != (purse{Balance: 90}) {
		t.Errorf("florin balance tells %+v, want 90 and nothing held", b)
	}
}
