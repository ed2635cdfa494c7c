package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// bases are bodies beside the first that a route takes, where one can't have all members.
var bases = map[string][]string{
	"charge": {priced, pricedOperation}, "hold": {priced, pricedOperation},
	"charge-batch": {`{"charges":[{"account":"external:ada","tokens":1}]}`, `{"charges":[{"account":"external:ada","request":{"pipeline":"alchemy"}}]}`},
	"quote":        {`{"pipeline":"alchemy"}`, `{"operation":"upscale"}`}, "change-plan": {`{}`},
	"create-webhook": {lowBody}, "installation-create-webhook": {lowBody}, "update-webhook": {lowPatch}, "installation-update-webhook": {lowPatch},
	"create-key": {`{"webhook_url":"https://1.1.1.1/key"}`},
	"create-job": {
		`{"pipeline":"default","prompt":"a lake","width":64,"height":64,"references":[{"kind":"image","upload":"{upload}"}]}`,
		`{"pipeline":"default","prompt":"a lake","width":64,"height":64,"references":[{"kind":"image","picture":"{picture}"}]}`,
		`{"pipeline":"default","prompt":"a lake","width":64,"height":64,"elements":[{"id":"oil"}]}`, `{"pipeline":"alchemy","prompt":"a lake","width":64,"height":64}`,
		`{"pipeline":"canvas","source":{"upload":"{upload}"},"extend":{"left":8}}`, `{"pipeline":"canvas","source":{"picture":"{picture}"},"extend":{"left":8}}`,
		`{"operation":"upscale","source":{"picture":"{picture}"}}`, `{"operation":"unzoom","source":{"upload":"{upload}"}}`, `{"operation":"texture_preview","prompt":"bricks","mesh":"{mesh}"}`,
	},
}

const (
	priced          = `{"request":{"pipeline":"alchemy"}}`
	pricedOperation = `{"request":{"operation":"upscale"}}`
	lowBody         = `{"url":"https://1.1.1.1/hook","events":["balance.below"],"balance_below":5}`
	lowPatch        = `{"events":["balance.below"],"balance_below":5}`
)

// meant are members that mean more than a schema can tell, such as ids, with values that
// mean something. What is made from the schema alone may be refused there.
var meant = map[string][]any{
	"account": {"external:ada"}, "charge": {"k-paid"}, "picture": {"{picture}"}, "upload": {"{upload}"}, "mask": nil, "mesh": {"{mesh}"}, "quote": nil, "id": {"oil", "watercolour"},
	"pipeline": {"default"}, "operation": nil, "model": {"painter-classic"}, "style": {"general"}, "plan": {"artisan"}, "to": {"artisan"}, "zone": {"Europe/Rome"},
	"url": {"https://1.1.1.1/other"}, "webhook_url": {"https://1.1.1.1/key"}, "email": nil, "password": nil,
	"expires_at": {"2099-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"}, "starts_at": {"2098-01-01T00:00:00Z"},
	"?account": {"{own}"}, "?cursor": nil, "?at": {"2099-01-01T00:00:00+14:00"}, "?kinds": {"hold", "settle,release"}, "?name": {"a.png"}, "?kind": {"image", "mask", "dataset"},
	// These have bounds of the balance's, the catalog's, or an Element's own.
	"tokens": {1}, "width": {64}, "height": {64}, "images": {2}, "steps": {10}, "references": {1}, "elements": {1}, "weight": {0.5}, "zoom": {2.5},
}

// alternatives are what no one body of a route can have.
var alternatives = map[string][]string{
	"charge": {"every member", "request: the least"}, "hold": {"every member", "request: the least"}, "charge-batch": {"charges: [0]: every member", "charges: [0]: request: the least"},
	"change-plan": {"every member", "the base {}"}, "create-job": {"every member", "references: [0]: every member", "source: every member", "elements: the most"},
}

// variant is a value that a schema allows, with what is special about it.
type variant struct {
	what  string
	value any
	// free tells that it may be refused for what it means.
	free bool
}

// values lists values that a schema allows: the least and the most of each thing, every
// word of an enum, each optional member alone, and all of them together.
func (d document) values(name string, s *schema, depth int) (all []variant) {
	s = d.deref(s)
	if s == nil || depth > deepest {
		return nil
	}
	for _, one := range s.OneOf {
		all = append(all, d.values(name, one, depth)...)
	}
	kinds := s.types()
	if len(kinds) == 0 && s.Properties != nil {
		kinds = []string{"object"}
	}
	if len(s.Enum) > 0 {
		for _, word := range s.Enum {
			raw, _ := json.Marshal(word)
			all = append(all, variant{what: string(raw), value: word})
		}
		kinds = nil
	}
	for _, kind := range kinds {
		switch kind {
		case "null":
			all = append(all, variant{what: "null"})
		case "string":
			all = append(all, s.texts()...)
		case "integer", "number":
			all = append(all, s.numbers(kind)...)
		case "boolean":
			all = append(all, variant{what: "false", value: false}, variant{what: "true", value: true})
		case "array":
			all = append(all, d.lists(s, []any{d.sample(s.Items)}, depth)...)
		case "object":
			least, _ := d.sample(s).(map[string]any)
			all = append(append(all, variant{what: "the least", value: least}), d.members(s, least, depth)...)
		}
	}
	if with, ok := meant[name]; ok && s.Items == nil && s.Properties == nil {
		for i := range all {
			all[i].free = true
		}
		for _, v := range with {
			raw, _ := json.Marshal(v)
			all = append(all, variant{what: string(raw), value: v})
		}
	}
	return all
}

// texts are the shortest and the longest, of letters with one byte and with two.
func (s *schema) texts() (all []variant) {
	if s.Format == "date-time" {
		for _, at := range []string{"0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "2030-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"} {
			all = append(all, variant{what: at, value: at})
		}
		return all
	}
	least := 0
	if s.MinLength != nil {
		least = *s.MinLength
	}
	lengths := map[string]int{"the shortest": least, "short": max(least, 1)}
	if s.MaxLength != nil {
		lengths["the longest"] = *s.MaxLength
	}
	for _, what := range slices.Sorted(maps.Keys(lengths)) {
		for _, letter := range []string{"x", "ä"} {
			if text := strings.Repeat(letter, lengths[what]); s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(text) {
				all = append(all, variant{what: what + " of " + letter, value: text})
			}
		}
	}
	return all
}

// numbers are the least, the most, and one between.
func (s *schema) numbers(kind string) []variant {
	least, most := float64(math.MinInt64), math.Nextafter(math.MaxInt64, 0)
	if s.Minimum != nil {
		least = *s.Minimum
	}
	if s.Maximum != nil {
		most = *s.Maximum
	}
	whole := func(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', -1, 64)) }
	all := []variant{{what: "the least", value: whole(least)}, {what: "the most", value: whole(most)}}
	switch {
	case kind == "number":
		all = append(all, variant{what: "a fraction", value: least + (most-least)/3})
	case least <= 1 && most >= 1:
		all = append(all, variant{what: "1", value: 1})
	}
	return all
}

// lists are the shortest and the longest list, and one of each thing that may be in it.
func (d document) lists(s *schema, with []any, depth int) (all []variant) {
	item := d.deref(s.Items)
	if s.MinItems == nil || *s.MinItems == 0 {
		all = append(all, variant{what: "none", value: []any{}})
	}
	var inside []variant
	if object, ok := with[0].(map[string]any); ok {
		inside = append(d.members(item, object, depth+1), variant{what: "given", value: object})
	} else {
		inside = d.values("", item, depth+1)
	}
	for _, one := range inside {
		all = append(all, variant{what: "[0]: " + one.what, value: []any{one.value}, free: one.free})
	}
	if len(item.Enum) > 0 {
		return append(all, variant{what: "the most", value: item.Enum})
	}
	if s.MaxItems != nil {
		all = append(all, variant{what: "the most", value: slices.Repeat(with[:1], *s.MaxItems)})
	}
	return all
}

// members varies an object by each of its members, and adds one with all of them.
func (d document) members(s *schema, least map[string]any, depth int) (all []variant) {
	full := maps.Clone(least)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		member := d.deref(s.Properties[name])
		var some []variant
		switch there := least[name].(type) {
		case map[string]any:
			some = d.members(member, there, depth+1)
		case []any:
			some = d.lists(member, there, depth+1)
		default:
			some = d.values(name, member, depth+1)
		}
		for _, v := range some {
			body := maps.Clone(least)
			body[name] = v.value
			all = append(all, variant{name + ": " + v.what, body, v.free})
			if _, there := least[name]; !there && !v.free {
				full[name] = v.value
			}
		}
	}
	return append(all, variant{what: "every member", value: full})
}

// valid sends bodies and parameters that the schema allows, one by one. What stands for
// itself has to be taken, with one of the bases at least; the rest may be refused for what
// it means, as documented.
func (c *call) valid(t *testing.T) {
	t.Helper()
	took, why := map[string]bool{}, map[string]string{}
	try := func(v variant, path, body func() string) {
		if took[v.what] {
			return // with another base
		}
		c.fresh()
		sent := body()
		got, ok := c.answered(t, v.what, path(), sent)
		if ok && c.op.OperationID == "charge-batch" && got.Results[0].Status != 201 {
			got = got.first(t)
			c.problem(t, v.what, c.path, sent, got)
			ok = false
		}
		if ok {
			c.undo(t, got)
		}
		if took[v.what] = took[v.what] || ok || v.free; !took[v.what] {
			why[v.what] = fmt.Sprintf("%.200s: %d %.300s", sent, got.Status, got.Raw)
		}
	}
	own := func() string { return c.path }
	if s := c.doc.deref(c.json()); s != nil {
		first := c.template
		if first == "" {
			first = example(c.doc, s)
		}
		for _, base := range append([]string{first}, bases[c.op.OperationID]...) {
			least := map[string]any{}
			if err := json.Unmarshal([]byte(base), &least); err != nil {
				t.Fatal(base, err)
			}
			for _, v := range append(c.doc.members(s, least, 0), variant{what: "the base " + base, value: least}) {
				raw, _ := json.Marshal(v.value)
				try(v, own, func() string { return c.things.fill(string(raw)) })
			}
		}
	}
	for _, p := range c.op.Parameters {
		if p.In != "query" {
			continue
		}
		for _, v := range c.doc.values("?"+p.Name, p.Schema, 0) {
			value, ok := v.value.(string)
			if !ok {
				value = fmt.Sprint(v.value)
			}
			v.what = p.Name + "=" + v.what
			try(v, func() string { return c.path + "?" + p.Name + "=" + url.QueryEscape(c.things.fill(value)) }, func() string { return c.body })
		}
	}
	for what, ok := range took {
		if !ok && !slices.Contains(alternatives[c.op.OperationID], what) {
			t.Errorf("%s takes no %s, which the schema allows: %s", c.op.OperationID, what, why[what])
		}
	}
}

// undo removes what a success made, so that there is room for more.
func (c *call) undo(t *testing.T, got said) {
	t.Helper()
	switch path := c.documentedPath(); {
	case c.method != http.MethodPost || got.ID == "":
	case path == "/api/v1/jobs" || path == "/api/v1/jobs/{id}/retry":
		c.ask(t, c.key, http.MethodPost, "/api/v1/jobs/"+got.ID+"/cancel", "")
	case c.doc.Paths[path+"/{id}"]["delete"].OperationID != "":
		if gone := c.ask(t, c.key, http.MethodDelete, path+"/"+got.ID, ""); gone.Status != http.StatusNoContent {
			t.Errorf("deleting: %d %s", gone.Status, gone.Raw)
		}
	}
}

// prepared makes what a route uses up, and gives its path and its body.
func (c *call) prepared(t *testing.T, path, account string, mine things) (string, string) {
	t.Helper()
	th, s, key := maps.Clone(mine), c.shop, c.key
	c.things = th
	switch th["n"] = strconv.FormatInt(c.made.Add(1), 10); c.op.OperationID {
	case "settle-hold", "release-hold":
		th["hold"] = s.want(t, 201, "POST", account+"/holds", `{"tokens":3}`).Hold.ID
	case "cancel-job", "quote-retry", "retry-job":
		th["job"] = s.ask(t, key, "POST", "/api/v1/jobs", `{"pipeline":"default","prompt":"wait","width":64,"height":64}`).ID
		if c.op.OperationID != "cancel-job" {
			s.ask(t, key, "POST", "/api/v1/jobs/"+th["job"]+"/cancel", "")
			s.ended(t, key, th["job"])
		}
	case "delete-job", "delete-picture":
		j := s.paint(t, key, fixtures["create-job"])
		th["job"], th["picture"] = j.ID, j.Pictures[0].ID
	case "delete-dataset":
		th["dataset"] = s.ask(t, key, "POST", "/api/v1/datasets", `{"name":"gone"}`).ID
	case "delete-key":
		th["key"] = s.ask(t, key, "POST", "/api/v1/keys", `{}`).ID
	case "delete-webhook":
		th["webhook"], _ = s.webhook(t, key, "/api/v1/webhooks")
	case "installation-get-webhook", "installation-update-webhook", "installation-delete-webhook", "installation-test-webhook", "installation-rotate-webhook",
		"installation-list-deliveries", "installation-replay-delivery", "installation-replay-deliveries":
		if mine["installation"] == "" {
			mine["installation"], mine["told"] = s.webhook(t, key, "/api/v1/admin/webhooks")
		}
		th["webhook"], th["delivery"] = mine["installation"], mine["told"]
		if c.method == http.MethodDelete {
			delete(mine, "installation")
		}
	case "delete-service-key":
		th["service key"] = s.ask(t, key, "POST", "/api/v1/admin/service-keys", `{}`).ID
	case "install-models":
		s.models.Wait()
	case "change-plan":
		th["account"] = s.want(t, 201, "POST", "/api/v1/accounts", th.fill(`{"external_id":"planned-{n}","plan":"maestro"}`)).ID
		s.want(t, 200, "POST", "/api/v1/accounts/"+th["account"]+"/plan", `{"to":"apprentice"}`)
	}
	return th.fill(path), th.fill(c.template)
}
