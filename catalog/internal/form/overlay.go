package form

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Raw is a part of a document that is read later, over something that is there already.
type Raw struct {
	doc  *Document
	node ast.Node
}

// Raw gives the whole document as a part to be read later.
func (d *Document) Raw() *Raw { return &Raw{doc: d, node: d.body} }

// Over reads the part over the struct that dst points to: what it does not name stays.
// Entries of lists are recognised by their key (id, code, …) and changed; new ones are
// appended. The document tells the faults.
func (r *Raw) Over(dst any) *Document {
	d := &Document{name: r.doc.name, lines: r.doc.lines, body: r.node, places: map[string]place{}, overlay: map[string]bool{"": true}}
	if r.node == nil {
		return d
	}
	d.places[""] = startOf(r.node)
	d.record("", r.node, reflect.ValueOf(dst).Elem())
	return d
}

// fresh tells whether a path lies in a list entry that the overlay adds.
func (d *Document) fresh(path string) bool {
	for at := path; at != ""; {
		cut := strings.LastIndexAny(at, ".[")
		if strings.HasSuffix(at, "]") && !d.overlay[at] {
			return true
		}
		if cut < 0 {
			return false
		}
		at = at[:cut]
	}
	return false
}

// mergeList reads a sequence of structs over a list.
func (d *Document) mergeList(path string, seq *ast.SequenceNode, v reflect.Value, f *Field) {
	merged := reflect.MakeSlice(v.Type(), v.Len(), v.Len()+len(seq.Values))
	reflect.Copy(merged, v)
	for _, item := range seq.Values {
		i := entryLike(item, merged)
		known := i >= 0
		if !known {
			i = merged.Len()
			merged = reflect.Append(merged, reflect.Zero(v.Type().Elem()))
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		if known {
			d.overlay[at] = true
		}
		d.value(at, item, merged.Index(i), f)
	}
	v.Set(merged)
}

// entryLike finds the entry of a list that has the key of a node, or gives -1.
func entryLike(n ast.Node, list reflect.Value) int {
	fields := Fields(list.Type().Elem())
	entries, _ := pairs(n)
	for _, name := range entryKeys {
		if find(fields, name) == nil {
			continue
		}
		for _, e := range entries {
			if key, _ := scalarText(e.Key); key != name {
				continue
			}
			text, _ := scalarText(e.Value)
			for i := range list.Len() {
				if keyOf(list.Index(i)) == text {
					return i
				}
			}
		}
		return -1
	}
	return -1
}
