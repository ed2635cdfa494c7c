package form

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"sort"
	"strings"
)

// plainWord is a text that needs no quotes in YAML.
var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*( [A-Za-z][A-Za-z0-9_]*)*$`)

// reserved are words that YAML readers take for something else.
var reserved = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// Print writes a struct as YAML in the order of its fields, without the fields named in
// leave. Fields that are zero and stand for nothing are left out. What it writes reads
// back as the same struct, and equal structs are written the same.
func Print(v any, leave ...string) []byte {
	var b strings.Builder
	printStruct(&b, reflect.ValueOf(v), 0, leave)
	return []byte(b.String())
}

func printStruct(b *strings.Builder, v reflect.Value, depth int, leave []string) {
	for _, f := range Fields(v.Type()) {
		item := v.Field(f.Index)
		if contains(leave, f.Name) || !shown(item, &f) {
			continue
		}
		b.WriteString(strings.Repeat("  ", depth) + f.Name + ":")
		printBlock(b, item, depth)
	}
}

// shown tells whether a field has to stand in a print.
func shown(v reflect.Value, f *Field) bool {
	return f.Need || f.Always || f.HasDefault || !(v.IsZero() || (v.Kind() == reflect.Slice && v.Len() == 0))
}

// printBlock writes a value after its key, on the lines below where it is large.
func printBlock(b *strings.Builder, v reflect.Value, depth int) {
	if v.Kind() == reflect.Slice && v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct {
		b.WriteByte('\n')
		for i := range v.Len() {
			printItem(b, v.Index(i), depth+1)
		}
		return
	}
	if v.Kind() == reflect.Struct && depth == 0 && !isScalar(v.Type()) && hasLists(v) {
		b.WriteByte('\n')
		printStruct(b, v, depth+1, nil)
		return
	}
	b.WriteString(" " + flow(v) + "\n")
}

// printItem writes an entry of a list: on one line if it is short.
func printItem(b *strings.Builder, v reflect.Value, depth int) {
	const widest = 100
	indent := strings.Repeat("  ", depth)
	if line := flow(v); len(line) <= widest {
		b.WriteString(indent + "- " + line + "\n")
		return
	}
	var item strings.Builder
	printStruct(&item, v, depth+1, nil)
	b.WriteString(indent + "- " + strings.TrimPrefix(item.String(), strings.Repeat("  ", depth+1)))
}

func hasLists(v reflect.Value) bool {
	for _, f := range Fields(v.Type()) {
		if f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct {
			return true
		}
	}
	return false
}

// flow writes a value on one line.
func flow(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		return flow(v.Elem())
	}
	if isScalar(v.Type()) {
		return scalarFlow(v)
	}
	switch v.Kind() {
	case reflect.Struct:
		var parts []string
		for _, f := range Fields(v.Type()) {
			if item := v.Field(f.Index); shown(item, &f) {
				parts = append(parts, f.Name+": "+flow(item))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = flow(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		return flowMap(v)
	case reflect.String:
		return quote(v.String())
	}
	return fmt.Sprint(v.Interface())
}

func flowMap(v reflect.Value) string {
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].CanInt() {
			return keys[i].Int() < keys[j].Int()
		}
		return keys[i].String() < keys[j].String()
	})
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = flow(k) + ": " + flow(v.MapIndex(k))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// scalarFlow writes numbers bare and everything else as a text.
func scalarFlow(v reflect.Value) string {
	copied := reflect.New(v.Type())
	copied.Elem().Set(v)
	s := copied.Interface().(Scalar)
	if s.Shape()["type"] == "number" {
		return s.String()
	}
	return quote(s.String())
}

func quote(s string) string {
	if plainWord.MatchString(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("form: a text can always be quoted: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}
