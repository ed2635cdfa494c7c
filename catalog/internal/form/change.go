package form

import (
	"reflect"
	"strings"
)

// Change is one difference between two structs of the same type.
type Change struct {
	// Path of the field with list entries by their key: plans[free].allowance.tokens.
	Path string
	// Old and New as they would be printed; empty for what is not there.
	Old, New string
}

// entryKeys are the fields by which entries of lists are recognised.
var entryKeys = []string{"id", "code", "name", "pixels", "steps"}

// Changes lists the differences between two structs of the same type, except in the
// fields named in leave. Lists of structs are compared entry by entry.
func Changes(before, after any, leave ...string) []Change {
	var out []Change
	changesOf("", reflect.ValueOf(before), reflect.ValueOf(after), leave, &out)
	return out
}

func changesOf(path string, a, b reflect.Value, leave []string, out *[]Change) {
	for _, f := range Fields(a.Type()) {
		if contains(leave, f.Name) {
			continue
		}
		changed(join(path, f.Name), a.Field(f.Index), b.Field(f.Index), out)
	}
}

func changed(path string, a, b reflect.Value, out *[]Change) {
	switch {
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		changed(path, a.Elem(), b.Elem(), out)
	case a.Kind() == reflect.Struct && !isScalar(a.Type()):
		changesOf(path, a, b, nil, out)
	case a.Kind() == reflect.Slice && a.Type().Elem().Kind() == reflect.Struct:
		changedList(path, a, b, out)
	default:
		if was, is := printed(a), printed(b); was != is {
			*out = append(*out, Change{Path: path, Old: was, New: is})
		}
	}
}

func printed(v reflect.Value) string {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	return flow(v)
}

// changedList compares the entries of two lists by their keys, and then their order.
func changedList(path string, a, b reflect.Value, out *[]Change) {
	before, after := byKey(a), byKey(b)
	var stayed, order []string
	for i := range a.Len() {
		key := keyOf(a.Index(i))
		at := path + "[" + key + "]"
		if other, ok := after[key]; ok {
			stayed = append(stayed, key)
			changed(at, a.Index(i), other, out)
		} else {
			*out = append(*out, Change{Path: at, Old: flow(a.Index(i))})
		}
	}
	for i := range b.Len() {
		key := keyOf(b.Index(i))
		if _, ok := before[key]; ok {
			order = append(order, key)
		} else {
			*out = append(*out, Change{Path: path + "[" + key + "]", New: flow(b.Index(i))})
		}
	}
	if was, is := strings.Join(stayed, ", "), strings.Join(order, ", "); was != is {
		*out = append(*out, Change{Path: path, Old: was, New: is})
	}
}

func byKey(list reflect.Value) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	for i := range list.Len() {
		out[keyOf(list.Index(i))] = list.Index(i)
	}
	return out
}

func keyOf(entry reflect.Value) string {
	fields := Fields(entry.Type())
	for _, name := range entryKeys {
		if f := find(fields, name); f != nil {
			return strings.Trim(flow(entry.Field(f.Index)), `"`)
		}
	}
	return flow(entry)
}
