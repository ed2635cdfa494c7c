package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Beginnings by which a string is taken for SQL.
var statement = regexp.MustCompile(`(?is)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|LISTEN|NOTIFY|LOCK|MERGE|TRUNCATE)\s`)

// What compatible distributed engines lack or do slowly, and what differs between ours.
var banned = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(?i)\b(SEQUENCE|SERIAL|BIGSERIAL|NEXTVAL|AUTOINCREMENT|IDENTITY)\b`), "numbers are counted by account, not by the database"},
	{regexp.MustCompile(`(?i)\b(NOW|CLOCK_TIMESTAMP|STATEMENT_TIMESTAMP|STRFTIME|UNIXEPOCH|JULIANDAY)\s*\(|\bCURRENT_(TIMESTAMP|TIME|DATE)\b`), "instants are arguments"},
	{regexp.MustCompile(`(?i)\b(LISTEN|NOTIFY)\b`), "changes are polled from tables"},
	{regexp.MustCompile(`(?i)\bpg_(TRY_)?ADVISORY`), "locks are rows"},
	{regexp.MustCompile(`(?i)\bSKIP\s+LOCKED\b`), "claims are conditional updates"},
	{regexp.MustCompile(`(?i)\bTRIGGER\b`), "what is written stands in the statement"},
	{regexp.MustCompile(`(?i)\b(REFERENCES|FOREIGN\s+KEY)\b`), "no row of one account depends on another's"},
	{regexp.MustCompile(`(?i)\b(RANDOM|GEN_RANDOM_UUID)\s*\(`), "ids come from outside"},
	{regexp.MustCompile(`(?i)\bFOR\s+(UPDATE|SHARE)\b`), "SQLite has no such thing; update the row"},
	{regexp.MustCompile(`\?\d*(\s|,|\)|$)`), "placeholders are $1, $2, …"},
	{regexp.MustCompile(`(?i)\bON\s+DUPLICATE\b|\bINSERT\s+OR\b|\bILIKE\b|::`), "one of the two engines does not know it"},
}

// TestSQLIsPlain reads every SQL text of the repository.
func TestSQLIsPlain(t *testing.T) {
	t.Parallel()
	texts := 0
	check := func(where, sql string) {
		texts++
		for _, b := range banned {
			if found := b.pattern.FindString(sql); found != "" {
				t.Errorf("%s: %q in SQL: %s", where, found, b.why)
			}
		}
	}
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		switch {
		case strings.HasSuffix(path, ".sql"):
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			check(path, comments.ReplaceAllString(string(raw), ""))
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			return eachString(path, func(where, s string) {
				if statement.MatchString(s) {
					check(where, s)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if texts < 10 {
		t.Errorf("only %d SQL texts were found", texts)
	}
}

var comments = regexp.MustCompile(`--[^\n]*`)

// eachString visits the string literals of a file that import the store.
func eachString(path string, visit func(where, s string)) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil // not ours to judge: the compiler will
	}
	uses := file.Name.Name == "store"
	for _, i := range file.Imports {
		uses = uses || strings.HasSuffix(i.Path.Value, `/internal/store"`)
	}
	if !uses {
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil {
				visit(files.Position(lit.Pos()).String(), s)
			}
		}
		return true
	})
	return nil
}

// Both engines have the same migrations, by number and name.
func TestMigrationsInPairs(t *testing.T) {
	t.Parallel()
	names := func(engine string) string {
		files, err := filepath.Glob(filepath.Join("migrations", engine, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("migrations of %s: %v", engine, err)
		}
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		return strings.Join(files, " ")
	}
	if lite, pg := names("sqlite"), names("postgres"); lite != pg {
		t.Errorf("sqlite has %s, postgres has %s", lite, pg)
	}
}
