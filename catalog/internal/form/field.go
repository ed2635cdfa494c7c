package form

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Scalar is a type of its own that stands in a file as one value.
type Scalar interface {
	// Set reads the value as it stands in the file; false if it is not valid.
	Set(text string) bool
	// String is the value as it is written in a file.
	String() string
	// Allowed says what is valid.
	Allowed() string
	// Shape is the value's part of the JSON Schema.
	Shape() map[string]any
}

// Completer is a struct that fills in fields whose defaults depend on others.
type Completer interface {
	// Complete is called after reading; seen tells which keys were there.
	Complete(seen func(key string) bool)
}

// Field is one field of a struct as its tags describe it.
type Field struct {
	Name    string
	Doc     string
	Need    bool
	Default string
	// HasDefault tells an empty default from none.
	HasDefault bool
	Always     bool
	Min, Max   int64
	KeyMin     int64
	KeyMax     int64
	Enum       []string
	Is         string
	Index      int
	Type       reflect.Type
}

// text is a form that a text may have to have.
type text struct {
	pattern *regexp.Regexp
	allowed string
}

// texts are the forms that `is` names.
var texts = map[string]text{
	"id":   {regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`), "1 to 64 lower-case letters, digits, _ and -, beginning with a letter or digit"},
	"name": {regexp.MustCompile(`^\S(.{0,118}\S)?$`), "1 to 120 characters on one line, no space at the ends"},
	"code": {regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`), "1 to 64 letters, digits, _ and -"},
	"key":  {regexp.MustCompile(`^\S{1,200}$`), "1 to 200 characters without spaces"},
}

var fieldsOf sync.Map // reflect.Type to []Field

// Fields lists the fields of a struct type that stand in files.
func Fields(t reflect.Type) []Field {
	if known, ok := fieldsOf.Load(t); ok {
		return known.([]Field)
	}
	var fields []Field
	for i := range t.NumField() {
		sf := t.Field(i)
		name := sf.Tag.Get("yaml")
		if name == "" {
			name, _, _ = strings.Cut(sf.Tag.Get("json"), ",")
		}
		if name == "" || name == "-" || !sf.IsExported() {
			continue
		}
		f := Field{Name: name, Doc: sf.Tag.Get("doc"), Need: sf.Tag.Get("need") == "yes", Always: sf.Tag.Get("print") == "always",
			Is: sf.Tag.Get("is"), Index: i, Type: sf.Type, Enum: strings.Fields(sf.Tag.Get("enum"))}
		f.Default, f.HasDefault = sf.Tag.Lookup("default")
		f.Min, f.Max = bound(sf.Tag, "min", 0), bound(sf.Tag, "max", 1<<53-1)
		f.KeyMin, f.KeyMax = bound(sf.Tag, "keymin", 1), bound(sf.Tag, "keymax", math.MaxInt32)
		fields = append(fields, f)
	}
	known, _ := fieldsOf.LoadOrStore(t, fields)
	return known.([]Field)
}

func bound(tag reflect.StructTag, name string, missing int64) int64 {
	text, ok := tag.Lookup(name)
	if !ok {
		return missing
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("form: a tag has the bound " + text)
	}
	return n
}

func names(fields []Field) []string {
	out := make([]string, len(fields))
	for i := range fields {
		out[i] = fields[i].Name
	}
	return out
}

// asScalar gives the Scalar behind a value, if its type is one.
func asScalar(v reflect.Value) (Scalar, bool) {
	s, ok := v.Addr().Interface().(Scalar)
	return s, ok
}

func isScalar(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[Scalar]())
}

// allowedText says what a text or whole number may be.
func (f *Field) allowedText() string {
	switch {
	case len(f.Enum) > 0:
		return strings.Join(f.Enum, ", ")
	case f.Is != "":
		return texts[f.Is].allowed
	}
	return "a text"
}

func (f *Field) allowedNumber() string {
	return "a whole number, " + strconv.FormatInt(f.Min, 10) + " to " + strconv.FormatInt(f.Max, 10)
}
