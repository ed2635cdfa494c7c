package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/token"
)

// byHand describes a route that is written by hand.
type byHand struct {
	id, path, summary string
	body, answer      any
	// optional tells that the body may be missing.
	optional bool
	status   int
}

// spendRoutes puts the routes that are written by hand into the document.
func (s *server) spendRoutes(api huma.API) {
	for _, h := range []byHand{
		{"hold", "/api/v1/accounts/{account}/holds", "Set tokens aside; nobody else can spend them until the hold ends", HoldSpending{}, Held{}, false, http.StatusCreated},
		{"settle-hold", "/api/v1/accounts/{account}/holds/{hold}/settle", "Charge what was used of a hold and give the rest back", Settling{}, Ended{}, true, http.StatusOK},
		{"release-hold", "/api/v1/accounts/{account}/holds/{hold}/release", "Give all of a hold back", struct{}{}, Ended{}, true, http.StatusOK},
		{"charge", "/api/v1/accounts/{account}/charges", "Hold and settle in one", Spending{}, Charged{}, false, http.StatusCreated},
		{"charge-batch", "/api/v1/charges:batch", "Up to 1,000 charges, each with its own key and outcome", Batch{}, BatchDone{}, false, http.StatusOK},
	} {
		describe(api, h)
	}
}

func describe(api huma.API, h byHand) {
	doc := api.OpenAPI()
	schema := func(v any) *huma.Schema { return doc.Components.Schemas.Schema(reflect.TypeOf(v), true, h.id) }
	json := func(v any) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: schema(v)}}
	}
	op := &huma.Operation{
		OperationID: h.id, Method: http.MethodPost, Path: h.path, Summary: h.summary,
		Responses: map[string]*huma.Response{strconv.Itoa(h.status): {Description: http.StatusText(h.status), Content: json(h.answer), Headers: map[string]*huma.Param{
			"Idempotency-Key":      {Schema: &huma.Schema{Type: "string"}},
			"Idempotency-Replayed": {Schema: &huma.Schema{Type: "string"}},
		}}},
	}
	if h.body != (struct{}{}) {
		op.RequestBody = &huma.RequestBody{Required: !h.optional, Content: json(h.body)}
	}
	text := func(most int) *huma.Schema {
		least := 1
		return &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most}
	}
	for name, doc := range map[string]string{"account": "The account's id, or external: and its external id.", "hold": "The hold's id."} {
		if slices.Contains(pathFields(h.path), name) {
			op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Description: doc, Schema: text(400)})
		}
	}
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Idempotency-Key", In: "header", Schema: text(once.MaxKey),
		Description: "1 to 128 visible ASCII characters, unique in the account. The same key and the same request again get the first answer. One is made where it is missing.",
	})
	slices.SortFunc(op.Parameters, func(a, b *huma.Param) int {
		if a.In == b.In && a.Name < b.Name || a.In > b.In {
			return -1
		}
		return 1
	})
	doc.AddOperation(op)
}

// pathFields lists the names in braces.
func pathFields(path string) []string {
	var names []string
	for i := 0; i < len(path); i++ {
		if path[i] == '{' {
			j := i
			for path[j] != '}' {
				j++
			}
			names = append(names, path[i+1:j])
			i = j
		}
	}
	return names
}

// documented completes the document: who may call each route, and the problems that any
// of them may answer with.
func (s *server) documented(api huma.API) {
	doc := api.OpenAPI()
	if doc.Components.SecuritySchemes == nil {
		doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{}
	}
	doc.Components.SecuritySchemes["key"] = &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: "A key of its owner's, or a service key. The scope in brackets is what it needs."}
	doc.Components.SecuritySchemes["session"] = &huma.SecurityScheme{Type: "apiKey", In: "cookie", Name: cookieName, Description: "The pages' session; it may do whatever the person may."}
	doc.Components.Schemas.Schema(reflect.TypeOf(Problem{}), true, "Problem")
	codes := []any{"bad_request", "unauthorized", "key_expired", "scope_required", "key_budget", "rate_limit", "forbidden", "not_found", "conflict", "in_progress", "busy", "internal",
		"method_not_allowed", "not_acceptable", "too_large", "unsupported_media_type", "not_installed", "licence_required", "disk_full"}
	for _, r := range token.Reasons {
		codes = append(codes, string(r))
	}
	if p := doc.Components.Schemas.Map()["Problem"]; p != nil && p.Properties["code"] != nil {
		p.Properties["code"].Examples = codes
	}
	refused := &huma.Response{Description: "A problem (RFC 9457): type and code are stable, the other members are the figures that explain it. 429 and 503 come with Retry-After.",
		Content: map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}}}
	nullable(doc.Components.Schemas)
	bounded(doc.Components.Schemas)
	for path, item := range doc.Paths {
		for method, op := range operations(item) {
			if method != http.MethodGet && !public[path] {
				keyable(op, path)
			}
			if !public[path] {
				op.Security = []map[string][]string{{"key": {string(scopeOf(method, path))}}}
				if !serviceOnly(method, path) {
					op.Security = append(op.Security, map[string][]string{"session": {}})
				}
			}
			if op.Responses["default"] != nil {
				op.Responses["default"] = refused
			} else {
				op.Responses["4XX"] = refused
				op.Responses["5XX"] = refused
			}
		}
	}
}

// keyable says of a write that it may carry an idempotency key.
func keyable(op *huma.Operation, path string) {
	if path == "/api/v1/accounts" {
		return // the external id is its key
	}
	at := slices.IndexFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "header" && p.Name == "Idempotency-Key" })
	if at < 0 {
		least, most := 1, once.MaxKey
		at = len(op.Parameters)
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most}})
	}
	p := op.Parameters[at]
	switch {
	case p.Description != "":
	case keyedElsewhere(path):
		p.Description = "1 to 200 bytes. The same key and the same request again get the first job as it is by now; another request with it is refused."
	default:
		p.Description = "1 to 128 visible ASCII characters. The same key and the same request again get the first answer, for a day; another request with it is refused."
	}
}

// serviceOnly tells of routes that no session may call.
func serviceOnly(method, path string) bool {
	return path == "/api/v1/accounts" || path == "/api/v1/charges:batch" || strings.HasPrefix(path, accountsPath) && method != http.MethodGet
}

// operations lists a path's operations by method.
func operations(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for method, op := range map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	} {
		if op != nil {
			all[method] = op
		}
	}
	return all
}

// nullable says in the schemas what the types say: a member that points at an object, and
// is not left out, may be null.
func nullable(schemas huma.Registry) {
	for name, schema := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		for i := range t.NumField() {
			f := t.Field(i)
			member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			p := schema.Properties[member]
			if p == nil || p.Ref == "" || f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omitempty") {
				continue
			}
			schema.Properties[member] = &huma.Schema{OneOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}, Description: p.Description}
		}
	}
}

// bounded says in the schemas of the catalog's types what the catalog's own marks say.
func bounded(schemas huma.Registry) {
	for name, schema := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct || !strings.HasSuffix(t.PkgPath(), "/catalog") {
			continue
		}
		for f := range t.Fields() {
			member, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			p := schema.Properties[member]
			if p == nil {
				continue
			}
			if most, err := strconv.ParseFloat(f.Tag.Get("max"), 64); err == nil {
				least := 0.0
				p.Minimum, p.Maximum = &least, &most
			}
			if words := f.Tag.Get("enum"); words != "" {
				p.Enum = nil
				for _, word := range strings.Fields(words) {
					p.Enum = append(p.Enum, word)
				}
			}
		}
	}
}
