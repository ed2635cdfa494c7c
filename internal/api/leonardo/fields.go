package leonardo

import (
	"encoding/json"
	"fmt"
)

// fields reads a request's values one by one. The first wrong type is kept; null counts as missing.
type fields struct {
	raw map[string]json.RawMessage
	err error
}

func (f *fields) has(name string) bool {
	v, ok := f.raw[name]
	return ok && string(v) != "null"
}

// read decodes a value into to, or notes that its JSON type is not the wanted one.
func (f *fields) read(name, kind, article string, to any) {
	if !f.has(name) || f.err != nil {
		return
	}
	if json.Unmarshal(f.raw[name], to) != nil {
		f.err = &badField{"validation-failed", "$.selectionSet.sdGenerationJob.args.arg1." + name,
			fmt.Sprintf("expected %s for type '%s', but found %s", article, kind, found(f.raw[name]))}
	}
}

func (f *fields) text(name, missing string) string {
	v := missing
	f.read(name, "String", "a string", &v)
	return v
}

func (f *fields) integer(name string, missing int) int {
	v := missing
	f.read(name, "Int", "a 32-bit integer", &v)
	return v
}

func (f *fields) flag(name string) bool {
	v := false
	f.read(name, "Boolean", "a boolean", &v)
	return v
}

// found names the JSON type of a value.
func found(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
