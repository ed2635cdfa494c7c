package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/florin-studio/florin/internal/engine/vision"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// fixtures are bodies of successful calls where a value made from the schema would be
// refused for what it means.
var fixtures = map[string]string{
	"charge": `{"tokens":1,"feature":"x"}`, "hold": `{"tokens":1,"expires_in":5}`, "refund": `{"charge":"k-paid","tokens":1}`,
	"change-plan": `{"to":"artisan"}`, "settle-hold": `{"tokens":0}`, "charge-batch": `{"charges":[{"account":"external:ada","tokens":1},{"account":"nobody","tokens":1},{"account":"external:ada","tokens":9999}]}`,
	"open-account": `{"external_id":"bob-{n}"}`, "quote": `{"pipeline":"default"}`, "create-job": `{"pipeline":"default","prompt":"a lake","width":64,"height":64}`,
	"plan-project": `{"name":"x","by":"2099-01-01","wishes":[{"what":"a","pipeline":"default","pictures":4}]}`,
	"sign-in":      `{"email":"root@example.org","password":"correct horse battery"}`, "sign-up": `{"email":"new-{n}@example.org","password":"correct horse battery"}`,
	"improve-prompt": `{"prompt":"a lake"}`, "create-webhook": webhookBody, "installation-create-webhook": webhookBody,
	"copy-to-dataset": `{"picture":"{picture}"}`, "update-webhook": `{"enabled":true}`, "installation-update-webhook": `{"enabled":true}`,
}

// TestEveryRouteAnswersAsDocumented sends every route of the document right input, and
// wrong input of every kind that its schema forbids.
func TestEveryRouteAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		tools := vision.New(models.Store{Dir: t.TempDir()}, "")
		t.Cleanup(tools.Close)
		s := openPainting(t, url, tools)
		doc := s.document(t)
		code, err := s.people.NewSetupCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		setup := call{shop: s, doc: doc, op: doc.Paths["/api/v1/setup"]["post"], method: "POST", path: "/api/v1/setup"}
		setup.body = `{"code":"` + code + `","name":"Root","email":"root@example.org","password":"correct horse battery","sign_up":"open"}`
		setup.wrong(t)
		setup.right(t)
		p, key := s.somebody(t, "ada", true)
		mine := s.furnish(t, p, key)
		account := s.account(t, "ada")
		mine["own"], mine["account"] = p.Account, account[strings.LastIndexByte(account, '/')+1:]
		s.want(t, 200, "POST", account+"/plan", `{"to":"artisan"}`)
		s.want(t, 201, "POST", account+"/grants", `{"tokens":1000000,"kind":"topup"}`)
		s.want(t, 201, "POST", account+"/charges", `{"tokens":500}`, "Idempotency-Key", "paid")
		var made atomic.Int64
		last := []func(){}
		for path, methods := range doc.Paths {
			for method, op := range methods {
				if op.OperationID == "setup" {
					continue
				}
				c := call{shop: s, doc: doc, op: op, key: key, method: strings.ToUpper(method), template: fixtures[op.OperationID], made: &made}
				if slices.Contains([]string{"service", "account"}, whose[op.OperationID]) {
					c.key = s.service
				}
				c.fresh = func() { c.path, c.body = c.prepared(t, path, account, mine) }
				c.fresh()
				run := func() { c.wrong(t); c.right(t); c.valid(t) }
				switch {
				case op.OperationID == "install-models" && !s.fetches(t):
					c.wrong(t) // none of the files is for this machine
				case op.OperationID == "remove-models":
					last = append(last, func() { s.models.Wait(); run() })
				case op.OperationID == "retry-job":
					last = append(last, run) // it never ends, and keeps the engine
				case c.method == http.MethodDelete:
					last = append([]func(){run}, last...) // others still read it
				default:
					run()
				}
			}
		}
		for _, run := range last {
			run()
		}
	})
}

// fetches tells whether there are model files for this machine.
func (s *shop) fetches(t *testing.T) bool {
	t.Helper()
	all, err := s.models.Store.Needed("upscale")
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all[0].Supported
}

// call is a route with whoever may call it.
type call struct {
	*shop
	doc                     document
	op                      operation
	key, method, path, body string
	// template is the body with names for what is in things.
	template string
	things   things
	made     *atomic.Int64
	// fresh makes what a success uses up, and sets the path and the body with it.
	fresh func()
}

// json is the schema of the body, or nil.
func (c *call) json() *schema {
	if c.op.RequestBody == nil {
		return nil
	}
	return c.op.RequestBody.Content["application/json"].Schema
}

func (c *call) right(t *testing.T) {
	t.Helper()
	body := c.body
	if body == "" && c.json() != nil {
		body = example(c.doc, c.json())
	}
	if got, ok := c.answered(t, "right input", c.path, body); !ok {
		t.Errorf("%s %s %.200s: %d is not a success: %s", c.method, c.path, body, got.Status, got.Raw)
	}
}

// answered sends what is allowed and holds the answer to the document. It tells whether it
// is a success.
func (c *call) answered(t *testing.T, what, path, body string) (said, bool) {
	t.Helper()
	var headers []string
	if slices.Contains([]string{"create-upload", "create-dataset-image"}, c.op.OperationID) {
		body, headers = string(small(t)), []string{"Content-Type", "application/octet-stream"}
	}
	got := c.ask(t, c.key, c.method, path, body, headers...)
	if got.Status >= 400 {
		c.problem(t, what, path, body, got)
		return got, false
	}
	documented, ok := c.op.Responses[strconv.Itoa(got.Status)]
	if !ok || got.Status >= 300 {
		t.Errorf("%s %s with %s (%.200s): %d is not documented: %s", c.method, path, what, body, got.Status, got.Raw)
		return got, false
	}
	kind, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	content, ok := documented.Content[kind]
	if len(documented.Content) > 0 && !ok {
		t.Errorf("%s %s answers with %s, which is not documented", c.method, path, kind)
	}
	if !ok || kind != "application/json" {
		return got, true
	}
	var v any
	if err := json.Unmarshal(got.Raw, &v); err != nil {
		t.Errorf("%s %s: %v", c.method, path, err)
	}
	for _, fault := range c.doc.check(c.op.OperationID, content.Schema, v) {
		t.Errorf("%s with %s: %s in %s", c.op.OperationID, what, fault, got.Raw)
	}
	return got, true
}

// wrong sends what the document forbids, and what names nothing.
func (c *call) wrong(t *testing.T) {
	t.Helper()
	body := c.body
	if c.json() != nil {
		for what, body := range c.doc.spoiled(c.json()) {
			c.refused(t, what, c.path, body)
		}
		if body == "" {
			body = example(c.doc, c.json())
		}
		if c.op.OperationID != "plan-project" { // a project may be YAML as well
			c.refused(t, "a body of another kind", c.path, body, "Content-Type", "text/plain")
		}
		c.refused(t, "a body too large", c.path, `{"x":"`+strings.Repeat("x", 2<<20)+`"}`)
	}
	for _, p := range c.op.Parameters {
		for _, value := range p.forbidden(c.doc) {
			switch p.In {
			case "query":
				c.refused(t, p.Name+"="+value, c.path+"?"+p.Name+"="+url.QueryEscape(value), body)
			case "header":
				if p.Name != "Content-Type" && c.op.Security != nil {
					c.refused(t, p.Name+": "+value, c.path, body, p.Name, value)
				}
			}
		}
		if p.In == "path" {
			for _, value := range []string{"%00", "%FF", "no-such-thing", strings.Repeat("x", 401)} {
				parts := strings.Split(c.path, "/")
				at := slices.Index(strings.Split(c.documentedPath(), "/"), "{"+p.Name+"}")
				if at < 0 {
					t.Fatalf("%s has no {%s}", c.path, p.Name)
				}
				parts[at] = value
				c.refused(t, p.Name+" "+value, strings.Join(parts, "/"), body)
			}
		}
	}
}

// documentedPath is the path with its names in braces.
func (c *call) documentedPath() string {
	for path, methods := range c.doc.Paths {
		if op, ok := methods[strings.ToLower(c.method)]; ok && op.OperationID == c.op.OperationID {
			return path
		}
	}
	return ""
}

// forbidden gives values that a parameter may not have.
func (p parameter) forbidden(d document) []string {
	s := d.deref(p.Schema)
	var out []string
	switch s.types()[0] {
	case "integer":
		out = append(out, "x", "1.5")
		if s.Minimum != nil {
			out = append(out, strconv.Itoa(int(*s.Minimum)-1))
		}
		if s.Maximum != nil {
			out = append(out, strconv.Itoa(int(*s.Maximum)+1))
		}
	case "string":
		if s.Format == "date-time" {
			out = append(out, "yesterday")
		}
		if s.MaxLength != nil {
			out = append(out, strings.Repeat("x", *s.MaxLength+1))
		}
		if len(s.Enum) > 0 {
			out = append(out, "none-of-these")
		}
	}
	return out
}

// first is what became of the first charge of a batch.
func (a said) first(t *testing.T) said {
	t.Helper()
	var body struct {
		Results []struct {
			Status  int
			Problem json.RawMessage
		}
	}
	if err := json.Unmarshal(a.Raw, &body); err != nil || len(body.Results) == 0 {
		t.Fatalf("%v in %s", err, a.Raw)
	}
	one := said{Status: body.Results[0].Status, Header: http.Header{"Content-Type": {"application/problem+json"}}, Raw: body.Results[0].Problem}
	_ = json.Unmarshal(one.Raw, &one)
	return one
}

// refused wants a documented problem.
func (c *call) refused(t *testing.T, what, path, body string, headers ...string) {
	t.Helper()
	got := c.ask(t, c.key, c.method, path, body, headers...)
	if c.op.OperationID == "charge-batch" && got.Status == http.StatusOK && strings.HasPrefix(what, "charges: [0]: ") {
		got = got.first(t) // each charge has an outcome of its own
	}
	c.problem(t, what, path, body, got)
}

// problem holds a refusal to the document.
func (c *call) problem(t *testing.T, what, path, body string, got said) {
	t.Helper()
	documented := c.op.Responses["4XX"].Content
	if documented == nil {
		documented = c.op.Responses["default"].Content
	}
	if got.Status < 400 || got.Status >= 500 || got.Code == "" || documented[got.Header.Get("Content-Type")].Schema == nil {
		t.Errorf("%s %.200s with %s (%.80s): %d %s %s", c.method, path, what, body, got.Status, got.Header.Get("Content-Type"), got.Raw)
	}
	var problem any
	_ = json.Unmarshal(got.Raw, &problem)
	for _, fault := range c.doc.check("problem", c.doc.Components.Schemas["Problem"], problem) {
		t.Errorf("%s %s with %s: %s", c.method, path, what, fault)
	}
}

// Each kind of refusal has its documented status, and says when to come back where that helps.
func TestEachKindOfRefusal(t *testing.T) {
	eachShop(t, func(t *testing.T, s *shop) {
		a := s.account(t, "ada")
		s.want(t, 201, "POST", a+"/charges", `{"tokens":1}`, "Idempotency-Key", "k")
		for _, c := range []struct {
			status                int
			code, path, body, key string
		}{
			{402, "insufficient_tokens", a + "/charges", `{"tokens":99999}`, ""},
			{403, "plan_required", a + "/charges", `{"request":{"pipeline":"alchemy","images":1}}`, ""},
			{404, "unknown_account", "/api/v1/accounts/nobody/charges", `{"tokens":1}`, ""},
			{404, "unknown_hold", a + "/holds/k-x/settle", `{}`, ""},
			{409, "idempotency_conflict", a + "/charges", `{"tokens":2}`, "k"},
			{409, "same_plan", a + "/plan", `{"to":"free"}`, ""},
			{422, "bad_request", a + "/charges", `{"tokens":0}`, ""},
			{422, "not_applicable", a + "/charges", `{"request":{"pipeline":"default","prompt_magic":"v3"}}`, ""},
		} {
			var headers []string
			if c.key != "" {
				headers = []string{"Idempotency-Key", c.key}
			}
			got := s.ask(t, s.service, "POST", c.path, c.body, headers...)
			var p struct{ Type string }
			_ = json.Unmarshal(got.Raw, &p)
			if got.Status != c.status || got.Code != c.code || p.Type != "urn:florin:problem:"+c.code {
				t.Errorf("%s %s: %d %s", c.path, c.body, got.Status, got.Raw)
			}
		}
	})
}
