package house

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// pure lists the rooms into which time and randomness are handed, and in which
// amounts are whole numbers (T1, T2).
var pure = []string{"token", "catalog", "internal/queue"}

// wallClock is what reads or waits for the machine's clock.
var wallClock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep"}

// seeded is what math/rand and math/rand/v2 offer for a generator of one's own;
// everything else there draws from the process's generator.
var seeded = []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}

// pureFindings lists what makes a pure package impure.
func pureFindings(s source) []string {
	if s.isTest() || !anyUnder(s.folder(), pure) {
		return nil
	}
	clock, conv := s.localName("time"), s.localName("strconv")
	var random []string
	for _, p := range []string{"math/rand", "math/rand/v2", "crypto/rand"} {
		random = append(random, s.localName(p))
	}
	var found []string
	bad := func(n ast.Node, what, instead string) {
		found = append(found, fmt.Sprintf("%s: %s in a pure package: %s", s.at(n.Pos()), what, instead))
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (id.Name == "float32" || id.Name == "float64") {
			bad(n, id.Name, "count in whole tokens, micro-tokens or basis points (T1)")
		}
		switch pkg, member := selector(n); {
		case pkg == "":
		case pkg == clock && slices.Contains(wallClock, member):
			bad(n, "time."+member, "take the instant as an argument (T2)")
		case pkg == conv && member == "ParseFloat":
			bad(n, "strconv.ParseFloat", "read the digits as a whole number (T1)")
		case slices.Contains(random, pkg) && !slices.Contains(seeded, member):
			bad(n, "rand."+member, "take the generator, or the number, as an argument")
		}
		return true
	})
	return found
}

// runners are the names under which tests know what runs them.
var runners = []string{"t", "b", "f", "tb"}

// waitFindings lists tests that sleep, and tests that skip without a word.
func waitFindings(s source) []string {
	if !s.isTest() {
		return nil
	}
	clock, bubbles := s.localName("time"), s.localName("testing/synctest")
	var found []string
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch pkg, member := selector(call.Fun); {
		case pkg == "":
		case pkg == bubbles && member == "Test":
			return false // time is virtual in a bubble: sleeping there only turns its clock
		case pkg == clock && member == "Sleep":
			found = append(found, fmt.Sprintf("%s: a test sleeps: wait for a signal, or use testing/synctest", s.at(n.Pos())))
		case member == "SkipNow", member == "Skip" && len(call.Args) == 0 && slices.Contains(runners, pkg):
			found = append(found, fmt.Sprintf("%s: a test skips without a word: give the reason and the way to run it", s.at(n.Pos())))
		}
		return true
	})
	return found
}

func TestPurePackages(t *testing.T) {
	t.Parallel()
	for _, s := range allSources(t) {
		report(t, pureFindings(s))
	}
}

func TestTestsNeitherSleepNorSkipSilently(t *testing.T) {
	t.Parallel()
	for _, s := range allSources(t) {
		report(t, waitFindings(s))
	}
}

func TestCallsFindBreaches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, body string
		found      int
	}{
		{"token/a.go", `import "time"; var a = time.Now()`, 1},
		{"token/a.go", `import clock "time"; var a = clock.Now()`, 1},
		{"token/a.go", `import "time"; var a = time.Unix(0, 0)`, 0},
		{"token/a_test.go", `import "time"; var a = time.Now()`, 0},
		{"internal/studio/a.go", `import "time"; var a = time.Now()`, 0},
		{"catalog/a.go", `var a float64`, 1},
		{"catalog/a.go", `import "strconv"; var a, _ = strconv.ParseFloat("1", 64)`, 1},
		{"internal/queue/a.go", `import "math/rand/v2"; var a = rand.IntN(3)`, 1},
		{"internal/queue/a.go", `import "math/rand/v2"; var a = rand.New(rand.NewPCG(1, 2))`, 0},
		{"internal/queue/a.go", `import "crypto/rand"; var a = rand.Text()`, 1},
		{"internal/api/a_test.go", `import "time"; func f() { time.Sleep(1) }`, 1},
		{"internal/api/a.go", `import "time"; func f() { time.Sleep(1) }`, 0},
		{"internal/api/a_test.go", `import ("testing"; "testing/synctest"; "time"); func f(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }`, 0},
		{"internal/api/a_test.go", `import "testing"; func f(t *testing.T) { t.Skip() }`, 1},
		{"internal/api/a_test.go", `import "testing"; func f(t *testing.T) { t.Skip("needs a GPU") }`, 0},
	} {
		s := sample(t, c.path, "package a; "+c.body)
		if got := append(pureFindings(s), waitFindings(s)...); len(got) != c.found {
			t.Errorf("%s: %s: found %q, want %d", c.path, c.body, got, c.found)
		}
	}
}
