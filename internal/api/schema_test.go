package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// schema is the part of JSON Schema that the document uses.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format, Pattern      string
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
	case float64:
		if s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			faults = append(faults, fmt.Sprintf("%s is %v, beyond its bounds", place, v))
		}
	case string:
		if _, err := time.Parse(time.RFC3339, v); s.Format == "date-time" && err != nil {
			faults = append(faults, fmt.Sprintf("%s is %q, documented as a date and time", place, v))
		}
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

// fault is a value that a schema forbids, with what is wrong about it.
type fault struct {
	what  string
	value any
}

// deepest bounds how deep into bodies faults are put.
const deepest = 4

// faults lists values that a schema forbids: of the wrong type, beyond its bounds, and with
// such values inside.
func (d document) faults(s *schema, depth int) (all []fault) {
	s = d.deref(s)
	if s == nil || depth > deepest || len(s.OneOf) > 0 {
		return nil
	}
	add := func(what string, v any) { all = append(all, fault{what, v}) }
	switch ts := append(s.types(), "object"); ts[0] {
	case "string":
		add("a number", 1)
		add("a list", []any{})
		if s.MaxLength != nil {
			add("too long", strings.Repeat("x", *s.MaxLength+1))
		}
		if s.MinLength != nil && *s.MinLength > 0 {
			add("too short", strings.Repeat("x", *s.MinLength-1))
		}
		if len(s.Enum) > 0 {
			add("none of the words", "none-of-these")
		}
		if s.Format == "date-time" {
			add("no time", "yesterday")
		}
	case "integer", "number":
		add("a word", "x")
		if ts[0] == "integer" {
			add("a fraction", 1.5)
		}
		if s.Minimum != nil {
			add("too small", *s.Minimum-1)
		}
		if s.Maximum != nil && *s.Maximum < 1e15 {
			add("too large", *s.Maximum+1)
		}
	case "boolean":
		add("a word", "x")
		add("a number", 1)
	case "array":
		add("a word", "x")
		add("an object", map[string]any{})
		if s.MinItems != nil && *s.MinItems > 0 {
			add("too few", make([]any, *s.MinItems-1))
		}
		if s.MaxItems != nil && *s.MaxItems <= 1000 {
			many := make([]any, *s.MaxItems+1)
			for i := range many {
				many[i] = d.sample(s.Items)
			}
			add("too many", many)
		}
		for _, f := range d.faults(s.Items, depth+1) {
			add("[0]: "+f.what, []any{f.value})
		}
	case "object":
		add("a word", "x")
		add("a list", []any{})
		all = append(all, d.membersFaults(s, depth)...)
	}
	return all
}

// membersFaults lists objects of which one member is wrong, unknown or missing.
func (d document) membersFaults(s *schema, depth int) (all []fault) {
	with := func(name string, v any) map[string]any {
		body, _ := d.sample(s).(map[string]any)
		body = maps.Clone(body)
		body[name] = v
		return body
	}
	if s.AdditionalProperties == false {
		all = append(all, fault{"an unknown member", with("no_such_member_exists", 1)})
	}
	for name, p := range s.Properties {
		for _, f := range d.faults(p, depth+1) {
			all = append(all, fault{name + ": " + f.what, with(name, f.value)})
		}
	}
	for _, name := range s.Required {
		body := with(name, nil)
		delete(body, name)
		all = append(all, fault{"without " + name, body})
	}
	return all
}

// spoiled gives bodies that a schema forbids, each with what is wrong.
func (d document) spoiled(s *schema) map[string]string {
	bodies := map[string]string{"no JSON": `{`}
	for _, f := range d.faults(s, 0) {
		raw, _ := json.Marshal(f.value)
		bodies[f.what] = string(raw)
	}
	return bodies
}
