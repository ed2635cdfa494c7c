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
