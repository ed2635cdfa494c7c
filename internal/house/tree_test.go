package house

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path every import of the project begins with.
const module = "github.com/florin-studio/florin"

// root is the folder of go.mod as seen from this package's folder, in which the
// go command runs its tests.
const root = "../.."

// file is one text file of the project.
type file struct {
	path string // from the root, with slashes
	text []byte
}

// lines counts the lines of the file.
func (f file) lines() int {
	n := bytes.Count(f.text, []byte("\n"))
	if len(f.text) > 0 && f.text[len(f.text)-1] != '\n' {
		n++
	}
	return n
}

// source is one parsed Go file.
type source struct {
	file
	syntax *ast.File
	set    *token.FileSet
}

// folder is the package's path from the root: "token/calendar".
func (s source) folder() string { return path.Dir(s.path) }

// isTest tells whether the file is compiled for tests only.
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// at names a place of the file the way compilers do.
func (s source) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(pos).Line)
}

// imported is one import of a file.
type imported struct {
	path string
	pos  token.Pos
}

// imports lists what the file imports.
func (s source) imports() []imported {
	var all []imported
	for _, spec := range s.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser let it through
		}
		all = append(all, imported{p, spec.Pos()})
	}
	return all
}

// majorVersion ends an import path without being the package's name.
var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

// localName is the name under which the file knows the package, empty when it
// does not import it.
func (s source) localName(importPath string) string {
	for _, spec := range s.syntax.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return path.Base(majorVersion.ReplaceAllString(importPath, ""))
		}
	}
	return ""
}

// parse reads Go text as the file at that path.
func parse(p string, text []byte) (source, error) {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, p, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{file{p, text}, syntax, set}, err
}

// sample parses the Go text of a test of the tests.
func sample(t *testing.T, p, text string) source {
	t.Helper()
	s, err := parse(p, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tree reads every text file of the project once.
var tree = sync.OnceValues(func() ([]file, error) {
	names, err := names()
	if err != nil {
		return nil, err
	}
	var all []file
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since the walk
		}
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(text, 0) < 0 {
			all = append(all, file{name, text})
		}
	}
	return all, nil
})

// ignored lists what .gitignore keeps out, beside the folders named node_modules.
var ignored = []string{".git", "bin", "data", "florin.yaml", ".env", "web/dist", "web/.shots"}

// names lists the project's files. It walks the tree instead of asking git, so
// that the go command sees which folders this test depends on and repeats it when
// a file comes or goes; and so that it works on a copy without a history.
func names() ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(p string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.Name() == "node_modules" || slices.Contains(ignored, rel) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Type().IsRegular() {
			all = append(all, rel)
		}
		return nil
	})
	return all, err
}

// sources parses every Go file of the project once.
var sources = sync.OnceValues(func() ([]source, error) {
	files, err := tree()
	if err != nil {
		return nil, err
	}
	var all []source
	for _, f := range files {
		if path.Ext(f.path) != ".go" || strings.Contains("/"+f.path, "/testdata/") {
			continue
		}
		s, err := parse(f.path, f.text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
})

// allFiles is tree for a test.
func allFiles(t *testing.T) []file {
	t.Helper()
	files, err := tree()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no file of the project: is this package still two folders below go.mod?")
	}
	return files
}

// allSources is sources for a test.
func allSources(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("found no Go file of the project: is this package still two folders below go.mod?")
	}
	return all
}

// report fails the test with one line for each finding.
func report(t *testing.T, findings []string) {
	t.Helper()
	for _, f := range findings {
		t.Error(f)
	}
}

// under tells whether a path is the folder or lies in it.
func under(p, folder string) bool {
	return p == folder || strings.HasPrefix(p, folder+"/")
}
