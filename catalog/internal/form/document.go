package form

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxBytes bounds a file, maxDepth how deep brackets and blocks may nest, and maxFaults
// how many faults are told at once: beyond that the file is probably something else.
const (
	maxBytes  = 1 << 20
	maxDepth  = 100
	maxFaults = 200
)

// place is where a value stands.
type place struct{ line, column int }

// Document is one YAML document being read.
type Document struct {
	name   string
	lines  []string
	body   ast.Node
	places map[string]place
	faults Faults
	// overlay holds the paths at which what is missing stays as it was.
	overlay map[string]bool
}

// Documents splits a file into its documents. The error is Faults.
func Documents(name string, yamlText []byte) ([]*Document, error) {
	lines := strings.Split(string(yamlText), "\n")
	whole := &Document{name: name, lines: lines}
	if len(yamlText) > maxBytes {
		return nil, whole.only(1, 1, fmt.Sprintf("the file has %d bytes", len(yamlText)), fmt.Sprintf("at most %d bytes", maxBytes))
	}
	if line := tooDeep(lines); line > 0 {
		return nil, whole.only(line, 1, "the file nests too deeply", fmt.Sprintf("at most %d levels", maxDepth))
	}
	file, err := parse(yamlText)
	if err != nil {
		line, column := 1, 1
		problem := err.Error()
		var located yaml.Error
		if errors.As(err, &located) && located.GetToken() != nil {
			line, column = located.GetToken().Position.Line, located.GetToken().Position.Column
			problem = located.GetMessage()
		}
		return nil, whole.only(line, column, "the file is not YAML: "+problem, "")
	}
	var docs []*Document
	for _, d := range file.Docs {
		if d.Body == nil && len(file.Docs) > 1 {
			continue
		}
		docs = append(docs, &Document{name: name, lines: lines, body: d.Body, places: map[string]place{}})
	}
	return docs, nil
}

// parse calls the YAML parser; one that stumbles over odd input is a fault of the input.
func parse(yamlText []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the reader gave up: %v", r)
		}
	}()
	// Repeated keys are found while reading; the parser's own search is slow in long files.
	return parser.ParseBytes(yamlText, 0, parser.AllowDuplicateMapKey())
}

// tooDeep gives the first line that is indented, or opens brackets, beyond all reason.
// Brackets in texts count too; nobody writes a hundred of them.
func tooDeep(lines []string) int {
	open := 0
	for i, line := range lines {
		if dashes := len(line) - len(strings.TrimLeft(line, " -?:")); dashes > 4*maxDepth {
			return i + 1
		}
		for _, c := range []byte(line) {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
			if open > maxDepth {
				return i + 1
			}
		}
	}
	return 0
}

func (d *Document) only(line, column int, problem, allowed string) Faults {
	return Faults{{File: d.name, Line: line, Column: column, Problem: problem, Allowed: allowed, Excerpt: excerpt(d.lines, line, column)}}
}

// Err gives all faults found so far in the order of the file, or nil.
func (d *Document) Err() error {
	if len(d.faults) == 0 {
		return nil
	}
	d.faults.sort()
	return d.faults
}

// Line is where a field stands, counted from 1, or 0.
func (d *Document) Line(path string) int { return d.places[path].line }

// Fault records that the value at a path is wrong. Where the path is not in the file,
// the nearest one above it is shown.
func (d *Document) Fault(path, value, problem, allowed string) {
	at, ok := d.places[path]
	for up := path; !ok; {
		cut := strings.LastIndexAny(up, ".[")
		if cut < 0 {
			at = place{1, 1}
			if p, found := d.places[""]; found {
				at = p
			}
			break
		}
		up = up[:cut]
		at, ok = d.places[up]
	}
	d.add(at, path, value, problem, allowed)
}

func (d *Document) add(at place, path, value, problem, allowed string) {
	if len(d.faults) == maxFaults {
		return
	}
	const most = 80
	if r := []rune(value); len(r) > most {
		value = string(r[:most]) + "…"
	}
	d.faults = append(d.faults, Fault{File: d.name, Line: at.line, Column: at.column, Path: path,
		Value: value, Problem: problem, Allowed: allowed, Excerpt: excerpt(d.lines, at.line, at.column)})
}

// startOf finds where a node begins in the file.
func startOf(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return startOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return startOf(n.Key)
	case nil:
		return place{1, 1}
	}
	return placeOf(n.GetToken())
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{t.Position.Line, t.Position.Column}
}
