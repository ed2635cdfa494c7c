package form

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Read fills the struct that dst points to; faults are collected for Err.
func (d *Document) Read(dst any) {
	v := reflect.ValueOf(dst).Elem()
	if d.body == nil {
		d.add(place{1, 1}, "", "", "the file is empty", "keys "+strings.Join(names(Fields(v.Type())), ", "))
		return
	}
	d.places[""] = startOf(d.body)
	d.record("", d.body, v)
}

// value reads a node into a value of any kind that tags can describe.
func (d *Document) value(path string, n ast.Node, v reflect.Value, f *Field) {
	d.places[path] = startOf(n)
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.wrong(path, n, "anchors, aliases and tags can't stand here", "the value itself")
		return
	}
	if s, ok := asScalar(v); ok {
		if text, plain := scalarText(n); !plain && n.Type() != ast.NullType || !s.Set(text) {
			d.wrong(path, n, "is not valid", s.Allowed())
		}
		return
	}
	if raw, ok := v.Addr().Interface().(*Raw); ok {
		*raw = Raw{doc: d, node: n}
		return
	}
	if isBare(v.Type()) && bare(n) {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if d.overlay[""] && !v.IsNil() {
			d.overlay[path] = true
		} else {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(path, n, v.Elem(), f)
	case reflect.Struct:
		if d.overlay[""] && f != nil && f.Type == v.Type() && !d.fresh(path) {
			d.overlay[path] = true
		}
		d.record(path, n, v)
	case reflect.Slice:
		d.list(path, n, v, f)
	case reflect.Map:
		d.table(path, n, v, f)
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.wrong(path, n, "is not valid", "true, false")
	case reflect.String:
		d.text(path, n, v, f)
	default:
		if i, ok := whole(n); ok && i >= f.Min && i <= f.Max {
			v.SetInt(i)
			return
		}
		d.wrong(path, n, "is not valid", f.allowedNumber())
	}
}

func (d *Document) text(path string, n ast.Node, v reflect.Value, f *Field) {
	var s string
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		d.wrong(path, n, "is not valid", f.allowedText()+", as text: in quotes where it looks like something else")
		return
	}
	if (len(f.Enum) > 0 && !contains(f.Enum, s)) || (f.Is != "" && !texts[f.Is].pattern.MatchString(s)) {
		d.wrong(path, n, "is not valid"+hint(s, f.Enum), f.allowedText())
		return
	}
	v.SetString(s)
}

func hint(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return ", did you mean " + near + "?"
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// pairs gives the entries of a mapping; false if the node is none.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// record reads a mapping with known keys into a struct.
func (d *Document) record(path string, n ast.Node, v reflect.Value) {
	fields := Fields(v.Type())
	entries, ok := pairs(n)
	if !ok {
		d.wrong(path, n, "is not valid", "keys "+strings.Join(names(fields), ", "))
		return
	}
	seen := map[string]bool{}
	for _, e := range entries {
		key, _ := scalarText(e.Key)
		f := find(fields, key)
		switch at := startOf(e.Key); {
		case f == nil:
			d.add(at, join(path, key), "", "is an unknown key"+hint(key, names(fields)), strings.Join(names(fields), ", "))
		case seen[key]:
			d.add(at, join(path, key), "", "stands here twice", "each key once")
		default:
			seen[key] = true
			d.value(join(path, key), e.Value, v.Field(f.Index), f)
		}
	}
	for i := range fields {
		f := &fields[i]
		if seen[f.Name] || d.overlay[path] {
			continue
		}
		if f.Need {
			d.Fault(join(path, f.Name), "", "is missing", describe(f))
		}
		if f.HasDefault {
			setDefault(v.Field(f.Index), f)
		}
	}
	if c, ok := v.Addr().Interface().(Completer); ok && !d.overlay[path] {
		c.Complete(func(key string) bool { return seen[key] })
	}
}

// isBare tells whether a type has no fields: a key that says all by being there.
func isBare(t reflect.Type) bool { return t.Kind() == reflect.Struct && t.NumField() == 0 }

// bare tells whether a node is what may stand after such a key: nothing, true or {}.
func bare(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NullNode:
		return true
	case *ast.BoolNode:
		return n.Value
	case *ast.MappingNode:
		return len(n.Values) == 0
	}
	return false
}

func find(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// setDefault gives a missing field what its tag says. Lists are separated by spaces.
func setDefault(v reflect.Value, f *Field) {
	if s, ok := asScalar(v); ok {
		if !s.Set(f.Default) {
			panic("form: the default of " + f.Name + " is not valid")
		}
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.Default == "true")
	case reflect.String:
		v.SetString(f.Default)
	case reflect.Slice:
		words := strings.Fields(f.Default)
		list := reflect.MakeSlice(v.Type(), len(words), len(words))
		for i, w := range words {
			list.Index(i).SetString(w)
		}
		v.Set(list)
	case reflect.Struct:
		SetDefaults(v)
	default:
		n, err := strconv.ParseInt(f.Default, 10, 64)
		if err != nil {
			panic("form: the default of " + f.Name + " is not valid")
		}
		v.SetInt(n)
	}
}

// SetDefaults fills a struct that stands nowhere in the file.
func SetDefaults(v reflect.Value) {
	for _, f := range Fields(v.Type()) {
		if f.HasDefault {
			setDefault(v.Field(f.Index), &f)
		}
	}
	if c, ok := v.Addr().Interface().(Completer); ok {
		c.Complete(func(string) bool { return false })
	}
}

// list reads a sequence.
func (d *Document) list(path string, n ast.Node, v reflect.Value, f *Field) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.wrong(path, n, "is not valid", "a list of "+describeType(v.Type().Elem(), f))
		return
	}
	if d.overlay[""] && v.Type().Elem().Kind() == reflect.Struct && !isScalar(v.Type().Elem()) {
		d.mergeList(path, seq, v, f)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		d.value(path+"["+strconv.Itoa(i)+"]", item, out.Index(i), f)
	}
	v.Set(out)
}

// table reads a mapping with free keys: whole numbers or texts.
func (d *Document) table(path string, n ast.Node, v reflect.Value, f *Field) {
	entries, ok := pairs(n)
	if !ok {
		d.wrong(path, n, "is not valid", describeType(v.Type(), f))
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, e := range entries {
		key := reflect.New(v.Type().Key()).Elem()
		text, _ := scalarText(e.Key)
		at := join(path, text)
		if key.Kind() == reflect.String {
			key.SetString(text)
		} else if i, err := strconv.ParseInt(text, 10, 64); err == nil && i >= f.KeyMin && i <= f.KeyMax {
			key.SetInt(i) // quoted too, so that JSON is a catalog as well
		} else {
			d.add(startOf(e.Key), at, text, "is not valid as a key", "a whole number, "+strconv.FormatInt(f.KeyMin, 10)+" to "+strconv.FormatInt(f.KeyMax, 10))
			continue
		}
		if out.MapIndex(key).IsValid() {
			d.add(startOf(e.Key), at, "", "stands here twice", "each key once")
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(at, e.Value, item, f)
		out.SetMapIndex(key, item)
	}
	v.Set(out)
}

// wrong records that a node can't be what its place asks for.
func (d *Document) wrong(path string, n ast.Node, problem, allowed string) {
	value, _ := scalarText(n)
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		value = "{…}"
	case *ast.SequenceNode:
		value = "[…]"
	case *ast.NullNode:
		value = "null"
	case *ast.StringNode, *ast.LiteralNode:
		if value == "" {
			problem = "an empty text " + problem
		}
	}
	d.add(startOf(n), path, value, problem, allowed)
}

// scalarText gives a plain value as it stands in the file, without its quotes.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	case *ast.NullNode:
		return "null", false
	}
	return "", false
}

// whole gives a whole number written in decimal digits.
func whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(strings.TrimSpace(i.GetToken().Value), 10, 64)
	return v, err == nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
