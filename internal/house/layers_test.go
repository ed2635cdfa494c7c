package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// The floors, bottom to top. A package imports packages of its own floor and of
// floors below; those of the ground floor only what their room lists.
const (
	ground = iota // rules and tools that know nothing of the project
	durable
	studios
	doors // what people and programs talk to
	program
)

// room says where a package, and what lies below it, stands.
type room struct {
	path  string
	floor int
	// knows lists what a room of the ground floor imports of the project;
	// "x/..." is x and all below.
	knows []string
	// callsOut allows a room below the doors to be a client over HTTP. It still
	// serves nothing.
	callsOut bool
}

// rooms is the plan of the house. The most exact path decides.
var rooms = []room{
	{path: "token/calendar", floor: ground},
	{path: "token", floor: ground, knows: []string{"token/calendar"}},
	{path: "catalog", floor: ground, knows: []string{"token", "token/calendar"}},
	{path: "client", floor: ground, callsOut: true},
	{path: "internal/queue", floor: ground},
	{path: "internal/picture", floor: ground},
	{path: "internal/planner", floor: ground, knows: []string{"token", "token/calendar", "catalog"}},
	{path: "internal/blob", floor: ground},
	{path: "internal/house", floor: ground},
	{path: "internal/engine", floor: ground, knows: []string{"internal/engine/...", "internal/picture"}},
	{path: "internal/engine/vision", floor: ground, knows: []string{"internal/engine", "internal/picture", "internal/models"}},
	{path: "internal/models", floor: ground},
	{path: "internal/engine/comfyui", floor: ground, knows: []string{"internal/engine", "internal/picture"}, callsOut: true},
	{path: "internal/engine/sdcpp", floor: ground, knows: []string{"internal/engine", "internal/picture"}, callsOut: true},
	{path: "internal/engine/sdapi", floor: ground, knows: []string{"internal/engine", "internal/picture"}, callsOut: true},
	{path: "internal/engine/openai", floor: ground, knows: []string{"internal/engine", "internal/picture"}, callsOut: true},
	{path: "internal/engine/leonardo", floor: ground, knows: []string{"internal/engine", "internal/picture"}, callsOut: true},
	{path: "internal/ledger", floor: durable},
	{path: "internal/ledger/parts", floor: ground},
	{path: "internal/once", floor: durable},
	{path: "internal/store", floor: durable},
	{path: "internal/studio", floor: studios},
	{path: "internal/identity", floor: studios},
	{path: "internal/billing", floor: studios, callsOut: true},
	{path: "internal/notify", floor: studios, callsOut: true},
	{path: "internal/api", floor: doors},
	{path: "internal/sim", floor: doors},
	{path: "web", floor: doors},
	{path: "e2e", floor: doors},
	{path: "cmd", floor: program},
	{path: "tools", floor: program},
}

// roomOf finds the room of a folder.
func roomOf(folder string) (room, bool) {
	var best room
	found := false
	for _, r := range rooms {
		if under(folder, r.path) && (!found || len(r.path) > len(best.path)) {
			best, found = r, true
		}
	}
	return best, found
}

// allows tells whether a package in the room may import that package of the project.
func (r room) allows(folder string) bool {
	other, ok := roomOf(folder)
	if ok && other.path == r.path {
		return true // within one room everybody knows each other
	}
	if r.floor == ground {
		return slices.ContainsFunc(r.knows, func(k string) bool {
			below, deep := strings.CutSuffix(k, "/...")
			return folder == k || deep && under(folder, below)
		})
	}
	return ok && other.floor <= r.floor
}

// Drivers and helpers of SQL, known to internal/store alone.
var sqlPaths = []string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose"}

// Packages that speak HTTP, known to the doors.
var httpPaths = []string{"net/http", "github.com/danielgtaylor/huma"}

// What net/http has for servers, which a room that calls out does not use.
var serving = []string{
	"Handler", "HandlerFunc", "Handle", "HandleFunc", "ResponseWriter", "ServeMux", "NewServeMux", "DefaultServeMux",
	"Server", "Serve", "ServeTLS", "ListenAndServe", "ListenAndServeTLS", "FileServer", "FileServerFS", "ServeContent",
}

// layerFindings lists what a file imports against the plan.
func layerFindings(s source) []string {
	here, ok := roomOf(s.folder())
	if !ok {
		return []string{fmt.Sprintf("%s: package %s stands on no floor: give it a line in rooms (internal/house/layers_test.go) and in CONTRIBUTING.md", s.path, s.folder())}
	}
	var found []string
	for _, i := range s.imports() {
		bad := func(why string) {
			found = append(found, fmt.Sprintf("%s: %s may not import %q: %s", s.at(i.pos), s.folder(), i.path, why))
		}
		inside, ours := strings.CutPrefix(i.path, module+"/")
		if ours && under(inside, "cmd") {
			bad("nothing imports the program")
			continue
		}
		if s.isTest() {
			continue // a test may set up whatever it needs
		}
		switch {
		case ours && !under(inside, s.folder()) && !here.allows(inside):
			bad("the floors forbid it; have the caller hand in what is needed, or declare an interface here")
		case anyUnder(i.path, sqlPaths) && !under(s.folder(), "internal/store"):
			bad("only internal/store knows SQL")
		case anyUnder(i.path, httpPaths) && here.floor < doors && !(here.callsOut && under(i.path, "net/http")):
			bad("nothing below internal/api knows HTTP")
		}
	}
	if here.callsOut && here.floor < doors && !s.isTest() {
		found = append(found, servingFindings(s)...)
	}
	return found
}

// anyUnder tells whether the import path is one of these or below one.
func anyUnder(p string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return under(p, f) })
}

// servingFindings lists where a client of HTTP turns into a server.
func servingFindings(s source) []string {
	name := s.localName("net/http")
	if name == "" {
		return nil
	}
	var found []string
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if pkg, member := selector(n); pkg == name && slices.Contains(serving, member) {
			found = append(found, fmt.Sprintf("%s: %s uses http.%s: it may call out over HTTP, and serves nothing", s.at(n.Pos()), s.folder(), member))
		}
		return true
	})
	return found
}

// selector takes x.y apart, empty for any other node.
func selector(n ast.Node) (x, y string) {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return id.Name, sel.Sel.Name
}

func TestFloors(t *testing.T) {
	t.Parallel()
	for _, s := range allSources(t) {
		report(t, layerFindings(s))
	}
}

// A check that cannot fail proves nothing: each of these breaks one rule.
func TestFloorsFindBreaches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, imports string
		found         bool
	}{
		{"token/a.go", module + "/token/calendar", false},
		{"token/a.go", module + "/catalog", true},
		{"token/calendar/a.go", module + "/token", true},
		{"catalog/a.go", module + "/token", false},
		{"catalog/internal/a/a.go", module + "/catalog/internal/b", false},
		{"internal/queue/a.go", module + "/token", true},
		{"internal/picture/a.go", module + "/internal/blob", true},
		{"internal/engine/builtin/a.go", module + "/internal/engine", false},
		{"internal/engine/builtin/a.go", module + "/token", true},
		{"internal/engine/comfyui/a.go", module + "/internal/ledger", true},
		{"internal/engine/comfyui/a.go", "net/http", false},
		{"internal/engine/builtin/a.go", "net/http", true},
		{"internal/ledger/a.go", module + "/internal/store", false},
		{"internal/store/a.go", module + "/internal/studio", true},
		{"internal/store/postgres/a.go", "github.com/jackc/pgx/v5/pgxpool", false},
		{"internal/ledger/a.go", "database/sql", true},
		{"internal/studio/a.go", "modernc.org/sqlite", true},
		{"internal/studio/a.go", "net/http/httptest", true},
		{"internal/studio/a.go", module + "/internal/api", true},
		{"internal/notify/a.go", "github.com/danielgtaylor/huma/v2", true},
		{"internal/api/a.go", "net/http", false},
		{"internal/api/a_test.go", module + "/cmd/florin", true},
		{"cmd/florin/a.go", module + "/internal/api", false},
		{"attic/a.go", "fmt", true},
	} {
		s := sample(t, c.path, fmt.Sprintf("package a\nimport _ %q\n", c.imports))
		if got := layerFindings(s); (len(got) > 0) != c.found {
			t.Errorf("%s importing %s: found %q, want a finding: %t", c.path, path.Base(c.imports), got, c.found)
		}
	}
	server := sample(t, "internal/notify/a.go", "package a\nimport \"net/http\"\nvar m = http.NewServeMux()\n")
	if len(layerFindings(server)) != 1 {
		t.Error("a server in internal/notify is not found")
	}
}
