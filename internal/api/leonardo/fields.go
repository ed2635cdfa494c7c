package leonardo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// maxBody bounds a request's JSON, in bytes; the realtime canvas sends pictures in it.
const maxBody = 16 << 20

// fields reads a request's values one by one. The first wrong type is kept; null counts as missing.
type fields struct {
	raw map[string]json.RawMessage
	// call is this API's name of what is asked for, for the paths of errors.
	call string
	err  error
}

var errNoObject = &badField{"bad-request", "$", "the body is not a JSON object"}

// read takes a request's body. No body at all is an empty request: some calls have none.
func read(w http.ResponseWriter, r *http.Request, call string) (*fields, error) {
	f := &fields{call: call, raw: map[string]json.RawMessage{}}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&f.raw)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return f, nil
}

func (f *fields) has(name string) bool {
	v, ok := f.raw[name]
	return ok && string(v) != "null"
}

func (f *fields) path(name string) string {
	return "$.selectionSet." + f.call + ".args.arg1." + name
}

// wrong keeps the first mistake.
func (f *fields) wrong(name, text string) {
	if f.err == nil {
		f.err = &badField{"validation-failed", f.path(name), text}
	}
}

// read decodes a value into to, or notes that its JSON type is not the wanted one.
func (f *fields) read(name, kind, article string, to any) {
	if !f.has(name) || f.err != nil {
		return
	}
	if json.Unmarshal(f.raw[name], to) != nil {
		f.wrong(name, fmt.Sprintf("expected %s for type '%s', but found %s", article, kind, found(f.raw[name])))
	}
}

func (f *fields) text(name, missing string) string {
	v := missing
	f.read(name, "String", "a string", &v)
	if f.err == nil && strings.IndexByte(v, 0) >= 0 {
		f.wrong(name, "the string '"+name+"' has a zero byte")
	}
	return v
}

// needed is a text that must be there.
func (f *fields) needed(name string) string {
	v := f.text(name, "")
	if f.err == nil && strings.TrimSpace(v) == "" {
		f.wrong(name, `expecting a value for non-nullable variable: "`+name+`"`)
	}
	return v
}

// id is a UUID that may be missing.
func (f *fields) id(name string) string {
	v := f.text(name, "")
	if f.err == nil && v != "" && uuid.Validate(v) != nil {
		f.err = malformed(v)
	}
	return strings.ToLower(v)
}

// oneOf is a text of a closed list that may be missing.
func (f *fields) oneOf(name, missing string, allowed []string) string {
	v := f.text(name, missing)
	if f.err == nil && v != missing && !slices.Contains(allowed, v) {
		f.wrong(name, fmt.Sprintf("expected one of the values %v for '%s', but found %q", allowed, name, v))
	}
	return v
}

func (f *fields) integer(name string, missing int) int {
	v := missing
	f.read(name, "Int", "a 32-bit integer", &v)
	return v
}

// positive refuses 0 and less where a value is given: a missing one would mean something else.
func (f *fields) positive(names ...string) {
	for _, name := range names {
		if v := f.integer(name, 1); f.err == nil && v < 1 {
			text := fmt.Sprintf("%s is %d; allowed: from 1", name, v)
			if name == "width" || name == "height" {
				text = "invalid dimensions: " + text
			}
			f.err = wrong(text)
		}
	}
}

func (f *fields) number(name string, missing float64) float64 {
	v := missing
	f.read(name, "Float", "a number", &v)
	return v
}

// share is a number from least to most that may be missing.
func (f *fields) share(name string, missing, least, most float64) float64 {
	v := f.number(name, missing)
	if f.err == nil && (math.IsNaN(v) || v < least || v > most) {
		f.err = wrong(fmt.Sprintf("%s is %g; allowed: %g to %g", name, v, least, most))
	}
	return v
}

func (f *fields) flag(name string) bool {
	v := false
	f.read(name, "Boolean", "a boolean", &v)
	return v
}

// objects is a list of objects, each to be read like a request.
func (f *fields) objects(name string) []*fields {
	var raw []map[string]json.RawMessage
	f.read(name, name, "a list of objects", &raw)
	out := make([]*fields, len(raw))
	for i, r := range raw {
		out[i] = &fields{raw: r, call: fmt.Sprintf("%s.args.arg1.%s[%d]", f.call, name, i)}
	}
	return out
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

// malformed is a text that is no UUID where one is needed.
func malformed(id string) error {
	return &badField{"bad-request", "$", `invalid input syntax for type uuid: "` + id + `"`}
}

// pathID reads an id of the path.
func pathID(r *http.Request, name string) (string, error) {
	id := r.PathValue(name)
	if uuid.Validate(id) != nil {
		return "", malformed(id)
	}
	return strings.ToLower(id), nil
}
