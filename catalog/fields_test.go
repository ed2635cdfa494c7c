package catalog

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/florin-studio/florin/catalog/internal/form"
)

// full reads a catalog that has every field.
func full(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ordered reads YAML with its keys in order.
func ordered(t *testing.T, text []byte) yaml.MapSlice {
	t.Helper()
	var tree yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &tree, yaml.UseOrderedMap()); err != nil {
		t.Fatal(err)
	}
	return tree
}

// wrongValues are values that a field can't have, by its tags.
func wrongValues(f *form.Field, t reflect.Type) []any {
	if t.Kind() == reflect.Pointer {
		return wrongValues(f, t.Elem())
	}
	if _, ok := reflect.New(t).Interface().(form.Scalar); ok {
		return []any{"?", -1, true, []any{}}
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map:
		return []any{7, "?", true}
	case reflect.Bool:
		return []any{"maybe", 1, nil}
	case reflect.String:
		if f.Is != "" || len(f.Enum) > 0 {
			return []any{" ?! ", "", 7, []any{}, nil}
		}
		return []any{"No/Such Zone", 7, nil}
	}
	wrong := []any{f.Min - 1, f.Max + 1, "many", nil}
	return append(wrong, yaml.MapSlice{})
}

// breaker puts one field wrong at a time.
type breaker struct {
	t      *testing.T
	root   yaml.MapSlice
	tried  map[string]bool
	faulty int
}

// try sets a value, loads the catalog, and puts the old value back.
func (b *breaker) try(path string, set func(any), old, wrong any) {
	b.t.Helper()
	set(wrong)
	defer set(old)
	text, err := yaml.Marshal(b.root)
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = Load("broken.yaml", text)
	var faults Faults
	if !errors.As(err, &faults) {
		b.t.Errorf("%s: %v is accepted (%v)", path, wrong, err)
		return
	}
	b.faulty++
	i := slices.IndexFunc(faults, func(f Fault) bool { return f.Path == path && f.Allowed != "" })
	if i < 0 {
		b.t.Errorf("%s: %v: no fault names the field and what is allowed:\n%v", path, wrong, faults)
		return
	}
	if f := faults[i]; f.Line < 1 || f.Column < 1 || f.Excerpt == "" || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), f.Allowed) {
		b.t.Errorf("%s: %v: the fault is not complete: %+v", path, wrong, f)
	}
}

// record breaks each field of a mapping that stands for a struct.
func (b *breaker) record(path string, tree yaml.MapSlice, t reflect.Type) {
	fields := form.Fields(t)
	for i := range tree {
		item := &tree[i]
		k := slices.IndexFunc(fields, func(f form.Field) bool { return f.Name == item.Key })
		if k < 0 {
			b.t.Fatalf("%s: the file has %v, the struct has not", path, item.Key)
		}
		f := &fields[k]
		at := strings.TrimPrefix(path+"."+f.Name, ".")
		b.tried[t.Name()+"."+f.Name] = true
		old := item.Value
		set := func(v any) { item.Value = v }
		for _, wrong := range wrongValues(f, f.Type) {
			b.try(at, set, old, wrong)
		}
		name := item.Key
		item.Key = f.Name + "_"
		b.unknown(at + "_")
		item.Key = name
		b.inside(at, old, f.Type, f, set)
	}
}

// unknown expects a fault about a key that nobody knows.
func (b *breaker) unknown(path string) {
	b.t.Helper()
	text, err := yaml.Marshal(b.root)
	if err != nil {
		b.t.Fatal(err)
	}
	_, err = Load("broken.yaml", text)
	name := path[strings.LastIndex(path, ".")+1:]
	if want := path + ": is an unknown key, did you mean " + strings.TrimSuffix(name, "_") + "?"; err == nil || !strings.Contains(err.Error(), want) {
		b.t.Errorf("want %q, got %v", want, err)
	}
}

// inside goes on to what a value is made of.
func (b *breaker) inside(path string, value any, t reflect.Type, f *form.Field, set func(any)) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := value.(type) {
	case yaml.MapSlice:
		if t.Kind() == reflect.Struct {
			b.record(path, v, t)
			return
		}
		for i := range v {
			at, old := fmt.Sprintf("%s.%v", path, v[i].Key), v[i].Value
			for _, wrong := range wrongValues(f, t.Elem()) {
				b.try(at, func(x any) { v[i].Value = x }, old, wrong)
			}
		}
		key := v[0].Key
		b.try(path+".0", func(k any) { v[0].Key = k }, key, "0")
	case []any:
		for i := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			if item, ok := v[i].(yaml.MapSlice); ok {
				b.record(at, item, t.Elem())
				continue
			}
			old := v[i]
			for _, wrong := range wrongValues(f, t.Elem()) {
				b.try(at, func(x any) { v[i] = x }, old, wrong)
			}
		}
	}
}

// reachable lists the fields of a struct type and of everything in it.
func reachable(t reflect.Type, into map[string]bool) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if _, ok := reflect.New(t).Interface().(form.Scalar); ok || t.Kind() != reflect.Struct {
		return
	}
	for _, f := range form.Fields(t) {
		into[t.Name()+"."+f.Name] = true
		reachable(f.Type, into)
	}
}

func TestEachFieldWrongInTurn(t *testing.T) {
	t.Parallel()
	if _, err := Load("full.yaml", full(t)); err != nil {
		t.Fatal(err)
	}
	b := &breaker{t: t, root: ordered(t, full(t)), tried: map[string]bool{}}
	b.record("", b.root, reflect.TypeFor[sheet]())
	all := map[string]bool{}
	reachable(reflect.TypeFor[sheet](), all)
	for name := range all {
		if !b.tried[name] {
			t.Errorf("testdata/full.yaml does not have the field %s, so it was not put wrong", name)
		}
	}
	t.Logf("%d fields, %d faulty catalogs", len(all), b.faulty)
}

func TestEachNeededFieldMissingInTurn(t *testing.T) {
	t.Parallel()
	root := ordered(t, full(t))
	var missing func(path string, tree yaml.MapSlice, typ reflect.Type)
	missing = func(path string, tree yaml.MapSlice, typ reflect.Type) {
		for typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		for _, f := range form.Fields(typ) {
			i := slices.IndexFunc(tree, func(item yaml.MapItem) bool { return item.Key == f.Name })
			if i < 0 {
				continue
			}
			at := strings.TrimPrefix(path+"."+f.Name, ".")
			if f.Need {
				old := tree[i]
				tree[i] = yaml.MapItem{Key: "surplus", Value: 1}
				text, _ := yaml.Marshal(root)
				if _, err := Load("broken.yaml", text); err == nil || !strings.Contains(err.Error(), at+": is missing; allowed: ") {
					t.Errorf("without %s: %v", at, err)
				}
				tree[i] = old
			}
			if sub, ok := tree[i].Value.(yaml.MapSlice); ok && f.Type.Kind() != reflect.Map {
				missing(at, sub, f.Type)
			}
			if list, ok := tree[i].Value.([]any); ok {
				for k := range list {
					if sub, ok := list[k].(yaml.MapSlice); ok {
						missing(fmt.Sprintf("%s[%d]", at, k), sub, f.Type.Elem())
					}
				}
			}
		}
	}
	missing("", root, reflect.TypeFor[sheet]())
}
