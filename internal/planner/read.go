package planner

import (
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of a project's file.
const (
	maxBytes = 1 << 20
	maxNest  = 40
)

// Read reads a project from YAML or JSON and checks it against a catalog. It is strict:
// unknown and repeated keys, wrong kinds of values and values out of range are faults,
// and all of them are told at once, each with its place. The error is catalog.Faults.
func Read(name string, text []byte, list *catalog.Catalog) (Project, error) {
	r := &reader{name: name, lines: strings.Split(string(text), "\n"), places: map[string][2]int{}}
	var p Project
	body, ok := r.body(text)
	if ok {
		r.record("", body, reflect.ValueOf(&p).Elem())
	}
	if len(r.faults) == 0 {
		for _, found := range p.problems(list) {
			r.fault(found.path, found.value, found.text(), found.allowed)
		}
	}
	if len(r.faults) == 0 {
		return p, nil
	}
	sort.SliceStable(r.faults, func(i, j int) bool {
		a, b := r.faults[i], r.faults[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return Project{}, r.faults
}

// reader walks a file and collects faults.
type reader struct {
	name   string
	lines  []string
	places map[string][2]int
	faults catalog.Faults
}

// body parses the text into its one document.
func (r *reader) body(text []byte) (ast.Node, bool) {
	if len(text) > maxBytes {
		r.fault("", "", fmt.Sprintf("the file has %d bytes", len(text)), fmt.Sprintf("at most %d bytes", maxBytes))
		return nil, false
	}
	if r.nestsTooDeep() {
		r.fault("", "", "the file nests too deeply", fmt.Sprintf("at most %d levels", maxNest))
		return nil, false
	}
	file, err := parse(text)
	if err != nil {
		problem := err.Error()
		var located yaml.Error
		if errors.As(err, &located) && located.GetToken() != nil {
			problem = located.GetMessage()
			p := located.GetToken().Position
			r.places[""] = [2]int{p.Line, p.Column}
		}
		r.fault("", "", "the file is neither YAML nor JSON: "+problem, "")
		return nil, false
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.fault("", "", "the file has no document, or several", "one document with the keys "+strings.Join(keys(reflect.TypeFor[Project]()), ", "))
		return nil, false
	}
	return file.Docs[0].Body, true
}

// parse calls the YAML parser; one that stumbles over odd input is a fault of the input.
func parse(text []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the reader gave up: %v", r)
		}
	}()
	return parser.ParseBytes(text, 0)
}

func (r *reader) nestsTooDeep() bool {
	open := 0
	for _, line := range r.lines {
		indent := len(line) - len(strings.TrimLeft(line, " -?:"))
		open = max(0, open+strings.Count(line, "[")+strings.Count(line, "{")-strings.Count(line, "]")-strings.Count(line, "}"))
		if open > maxNest || indent > 4*maxNest {
			return true
		}
	}
	return false
}

// record reads a mapping into a struct.
func (r *reader) record(path string, n ast.Node, v reflect.Value) {
	r.place(path, n)
	allowed := "keys " + strings.Join(keys(v.Type()), ", ")
	pairs, ok := n.(ast.MapNode)
	if !ok {
		r.fault(path, scalar(n), "is not a mapping", allowed)
		return
	}
	seen := map[string]bool{}
	for it := pairs.MapRange(); it.Next(); {
		key := scalar(it.Key())
		below := strings.TrimPrefix(path+"."+key, ".")
		r.place(below, it.Key())
		i := indexOf(v.Type(), key)
		switch {
		case i < 0:
			r.fault(below, "", "is not a key here", allowed)
		case seen[key]:
			r.fault(below, "", "stands here twice", "each key once")
		default:
			r.value(below, it.Value(), v.Field(i))
		}
		seen[key] = true
	}
	if wish, ok := v.Addr().Interface().(*Wish); ok && !seen["pictures"] {
		r.fault(path, wish.What, "has no pictures", "pictures: 1 to "+strconv.Itoa(MaxPictures))
	}
	if _, ok := v.Addr().Interface().(*Project); ok && !seen["wishes"] {
		r.fault(path, "", "the project has no wishes", allowed)
	}
}

// value reads a node into a field.
func (r *reader) value(path string, n ast.Node, v reflect.Value) {
	r.place(path, n)
	switch v.Kind() {
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			r.fault(path, scalar(n), "is not a list", "a list of wishes")
			return
		}
		for i, item := range list.Values {
			if i > MaxWishes {
				break // the check tells that there are too many
			}
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			r.record(path+"["+strconv.Itoa(i)+"]", item, v.Index(i))
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			r.fault(path, scalar(n), "is not valid", "true or false")
			return
		}
		v.SetBool(b.Value)
	case reflect.Int:
		whole, err := strconv.ParseInt(scalar(n), 10, 32)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil || whole < 0 {
			r.fault(path, scalar(n), "is not valid", "a whole number from 0, in digits")
			return
		}
		v.SetInt(whole)
	default:
		switch n.(type) {
		case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode:
			v.SetString(scalar(n))
		default:
			r.fault(path, scalar(n), "is not valid", "a text")
		}
	}
}

// scalar is a node's text; empty for lists and mappings.
func scalar(n ast.Node) string {
	switch n := n.(type) {
	case nil:
		return ""
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		if n.Value != nil {
			return n.Value.Value
		}
		return ""
	case *ast.MappingNode, *ast.SequenceNode, *ast.MappingValueNode:
		return ""
	}
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

// place remembers where a path stands.
func (r *reader) place(path string, n ast.Node) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		n = m.Key
	}
	if n == nil || reflect.ValueOf(n).IsNil() {
		return
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		r.places[path] = [2]int{t.Position.Line, t.Position.Column}
	}
}

// fault records that the value at a path is wrong; where the path is not in the file, the
// nearest one above it is shown.
func (r *reader) fault(path, value, problem, allowed string) {
	at, ok := r.places[path]
	for up := path; !ok && up != ""; {
		up = up[:max(0, strings.LastIndexAny(up, ".["))]
		at, ok = r.places[up]
	}
	if !ok {
		at = [2]int{1, 1}
	}
	if long := []rune(value); len(long) > 80 {
		value = string(long[:80]) + "…"
	}
	r.faults = append(r.faults, catalog.Fault{File: r.name, Line: at[0], Column: at[1], Path: path, Value: value,
		Problem: problem, Allowed: allowed, Excerpt: r.excerpt(at[0], at[1])})
}

// excerpt shows a line with a caret below the column.
func (r *reader) excerpt(line, column int) string {
	if line < 1 || line > len(r.lines) {
		return ""
	}
	const most = 160
	text := []rune(strings.ReplaceAll(strings.TrimRight(r.lines[line-1], "\r"), "\t", " "))
	if len(text) > most || column > most {
		return ""
	}
	return fmt.Sprintf("%5d | %s\n      | %s^", line, string(text), strings.Repeat(" ", max(0, column-1)))
}

// keys are the names under which a struct's fields stand in a file.
func keys(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}

func indexOf(t reflect.Type, key string) int {
	for i, name := range keys(t) {
		if name == key {
			return i
		}
	}
	return -1
}
