package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store/storetest"
)

// schema is the part of JSON Schema that the document uses.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format               string
	Properties           map[string]*schema
	Required             []string
	Items                *schema
	Enum                 []any
	Minimum, Maximum     *float64
	MinLength, MaxLength *int
	MinItems, MaxItems   *int
	AdditionalProperties any
	OneOf                []*schema
}

func (d document) deref(s *schema) *schema {
	for s != nil && s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	return s
}

// types lists what a value may be.
func (s *schema) types() []string {
	switch t := s.Type.(type) {
	case string:
		return []string{t}
	case []any:
		var out []string
		for _, v := range t {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	return nil
}

// check holds a value to a schema, and to nothing that the schema does not know.
func (d document) check(place string, s *schema, v any) []string {
	s = d.deref(s)
	if s != nil && len(s.OneOf) > 0 {
		var faults []string
		for _, one := range s.OneOf {
			if faults = d.check(place, one, v); len(faults) == 0 {
				return nil
			}
		}
		return faults
	}
	if s == nil || len(s.types()) == 0 && s.Properties == nil {
		return nil
	}
	kind := kindOf(v)
	if ts := s.types(); len(ts) > 0 && !slices.Contains(ts, kind) && !(kind == "integer" && slices.Contains(ts, "number")) {
		return []string{fmt.Sprintf("%s is %s, documented as %v", place, kind, ts)}
	}
	var faults []string
	switch v := v.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if _, there := v[name]; !there {
				faults = append(faults, place+"."+name+" is missing")
			}
		}
		for name, member := range v {
			if p := s.Properties[name]; p != nil {
				faults = append(faults, d.check(place+"."+name, p, member)...)
			} else if s.AdditionalProperties == false {
				faults = append(faults, place+"."+name+" is not documented")
			}
		}
	case []any:
		for i, member := range v {
			faults = append(faults, d.check(place+"["+strconv.Itoa(i)+"]", s.Items, member)...)
		}
	case string:
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, any(v)) {
			faults = append(faults, fmt.Sprintf("%s is %q, documented as %v", place, v, s.Enum))
		}
	}
	return faults
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// example makes a valid value of a schema, as JSON: the required members with small values.
func example(d document, s *schema) string {
	raw, _ := json.Marshal(d.sample(s))
	return string(raw)
}

func (d document) sample(s *schema) any {
	s = d.deref(s)
	if s == nil {
		return map[string]any{}
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	ts := append(s.types(), "object")
	switch ts[0] {
	case "string":
		if s.Format == "date-time" {
			return "2030-01-01T00:00:00Z"
		}
		return "x"
	case "integer", "number":
		if s.Minimum != nil && *s.Minimum > 1 {
			return *s.Minimum
		}
		return 1
	case "boolean":
		return false
	case "array":
		if s.MinItems != nil && *s.MinItems > 0 {
			return []any{d.sample(s.Items)}
		}
		return []any{}
	}
	out := map[string]any{}
	for _, name := range s.Required {
		out[name] = d.sample(s.Properties[name])
	}
	return out
}

// spoiled gives bodies that a schema forbids, each with what is wrong.
func (d document) spoiled(s *schema) map[string]string {
	s = d.deref(s)
	bodies := map[string]string{"no object": `[]`, "no JSON": `{`, "an unknown member": `{"no_such_member_exists":1}`}
	with := func(what, name string, v any) {
		body, _ := d.sample(s).(map[string]any)
		body = maps.Clone(body)
		body[name] = v
		raw, _ := json.Marshal(body)
		bodies[name+": "+what] = string(raw)
	}
	for name, p := range s.Properties {
		p = d.deref(p)
		ts := append(p.types(), "object")
		switch ts[0] {
		case "string":
			with("a number", name, 1)
			if p.MaxLength != nil {
				with("too long", name, strings.Repeat("x", *p.MaxLength+1))
			}
			if len(p.Enum) > 0 {
				with("none of the words", name, "none-of-these")
			}
		case "integer":
			with("a word", name, "x")
			with("a fraction", name, 1.5)
			if p.Minimum != nil {
				with("too small", name, *p.Minimum-1)
			}
			if p.Maximum != nil && *p.Maximum < 1e15 {
				with("too large", name, *p.Maximum+1)
			}
		case "boolean", "array", "object":
			with("a word", name, "x")
		}
	}
	for _, name := range s.Required {
		body, _ := d.sample(s).(map[string]any)
		delete(body, name)
		raw, _ := json.Marshal(body)
		bodies["without "+name] = string(raw)
	}
	return bodies
}

// fixtures are bodies of successful calls where a value made from the schema would be
// refused for what it means; a path's fields are filled in by the test. "" is the sample.
var fixtures = map[string]string{
	"charge": `{"tokens":1,"feature":"x"}`, "hold": `{"tokens":1,"expires_in":5}`, "refund": `{"charge":"k-paid","tokens":1}`,
	"change-plan": `{"to":"maestro"}`, "settle-hold": `{"tokens":0}`, "charge-batch": `{"charges":[{"account":"external:ada","tokens":1},{"account":"nobody","tokens":1},{"account":"external:ada","tokens":9999}]}`,
	"open-account": `{"external_id":"bob"}`, "quote": `{"pipeline":"default"}`,
}

// unmet are routes whose success needs more than this test has, such as an engine or a
// password; their answers to wrong input are tested all the same.
var unmet = map[string]string{
	"setup": "the one-time code", "sign-in": "a password", "create-job": "an engine", "get-job": "a job", "cancel-job": "a job", "delete-job": "a job", "retry-job": "a job",
	"get-picture": "a picture", "delete-picture": "a picture", "upload": "a file", "create-upload": "a file", "get-upload": "an upload", "delete-upload": "an upload",
	"sign-up": "a password", "plan-project": "a project", "delete-key": "a key to lose", "delete-service-key": "a key to lose", "improve-prompt": "an engine", "random-prompt": "an engine",
}

// Every route of the document answers as documented: right input with the documented
// success, wrong input of every kind with a problem.
func TestEveryRouteAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	s := openShop(t, storetest.SQLite(t))
	ctx := context.Background()
	p, err := s.people.Create(ctx, identity.NewPerson{Name: "Ada", Email: "ada@example.org", Password: "difference", Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	_, key, err := s.people.CreateKey(ctx, p, identity.NewKey{Name: "all", Scopes: []identity.Scope{identity.Read, identity.Generate, identity.Admin}})
	if err != nil {
		t.Fatal(err)
	}
	account := s.account(t, "ada")
	s.want(t, 201, "POST", account+"/charges", `{"tokens":5}`, "Idempotency-Key", "paid")
	doc := s.document(t)
	for path, methods := range doc.Paths {
		for method, op := range methods {
			c := call{shop: s, doc: doc, op: op, key: key, method: strings.ToUpper(method), path: path}
			if slices.Contains([]string{"service", "account"}, whose[op.OperationID]) {
				c.key = s.service
			}
			hold := ""
			if strings.Contains(path, "{hold}") {
				hold = s.want(t, 201, "POST", account+"/holds", `{"tokens":3}`).Hold.ID
			}
			c.path = strings.NewReplacer("{account}", account[strings.LastIndexByte(account, '/')+1:], "{hold}", hold, "{id}", "0").Replace(path)
			c.wrong(t)
			if unmet[op.OperationID] == "" {
				c.right(t)
			}
		}
	}
	var problem any = map[string]any{}
	_ = json.Unmarshal(s.ask(t, s.service, "POST", account+"/charges", `{"tokens":99999}`).Raw, &problem)
	for _, fault := range doc.check("problem", doc.Components.Schemas["Problem"], problem) {
		t.Error(fault)
	}
}

// call is a route with whoever may call it.
type call struct {
	*shop
	doc               document
	op                operation
	key, method, path string
}

func (c call) right(t *testing.T) {
	body := fixtures[c.op.OperationID]
	if body == "" && c.op.RequestBody != nil {
		body = example(c.doc, c.op.RequestBody.Content["application/json"].Schema)
	}
	got := c.ask(t, c.key, c.method, c.path, body)
	documented, ok := c.op.Responses[strconv.Itoa(got.Status)]
	if !ok || got.Status >= 300 {
		t.Errorf("%s %s %s: %d is not a documented success: %s", c.method, c.path, body, got.Status, got.Raw)
		return
	}
	kind, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	content, ok := documented.Content[kind]
	if len(documented.Content) == 0 || !ok || kind != "application/json" {
		return
	}
	var v any
	if err := json.Unmarshal(got.Raw, &v); err != nil {
		t.Errorf("%s %s: %v", c.method, c.path, err)
	}
	for _, fault := range c.doc.check(c.op.OperationID, content.Schema, v) {
		t.Errorf("%s in %s", fault, got.Raw)
	}
}

func (c call) wrong(t *testing.T) {
	if c.op.RequestBody == nil || c.op.RequestBody.Content["application/json"].Schema == nil || c.op.OperationID == "plan-project" {
		return
	}
	for what, body := range c.doc.spoiled(c.op.RequestBody.Content["application/json"].Schema) {
		got := c.ask(t, c.key, c.method, c.path, body)
		if got.Status < 400 || got.Status >= 500 || got.Code == "" || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s with %s (%.80s): %d %s", c.method, c.path, what, body, got.Status, got.Raw)
		}
		var problem any
		_ = json.Unmarshal(got.Raw, &problem)
		for _, fault := range c.doc.check("problem", c.doc.Components.Schemas["Problem"], problem) {
			t.Errorf("%s %s with %s: %s", c.method, c.path, what, fault)
		}
	}
}
