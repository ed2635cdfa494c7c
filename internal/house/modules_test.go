package house

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goMod is what this test reads of a go.mod.
type goMod struct {
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Tool []struct{ Path string }
}

// version is the required version of a module, empty when it is not required.
func (m goMod) version(p string) string {
	for _, r := range m.Require {
		if r.Path == p {
			return r.Version
		}
	}
	return ""
}

// owner is the required module that a package belongs to, empty for none.
func (m goMod) owner(pkg string) string {
	best := ""
	for _, r := range m.Require {
		if under(pkg, r.Path) && len(r.Path) > len(best) {
			best = r.Path
		}
	}
	return best
}

// goCommand runs the go command at the root and gives what it printed.
func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var said string
		if exit, ok := err.(*exec.ExitError); ok {
			said = string(exit.Stderr)
		}
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return strings.TrimSpace(string(out))
}

// readMod reads the go.mod at a path from the root, or at an absolute one.
func readMod(t *testing.T, p string) goMod {
	t.Helper()
	var m goMod
	if err := json.Unmarshal([]byte(goCommand(t, "mod", "edit", "-json", p)), &m); err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	return m
}

// The SQLite driver is C turned into Go against one exact version of its C
// library, also turned into Go: with another version it may fail in ways that no
// compiler sees.
func TestSQLiteHasItsOwnLibc(t *testing.T) {
	t.Parallel()
	const driver, libc = "modernc.org/sqlite", "modernc.org/libc"
	ours := readMod(t, "go.mod")
	if ours.version(driver) == "" {
		t.Fatalf("go.mod does not require %s: has the driver changed? Then this test goes with it", driver)
	}
	want := readMod(t, goCommand(t, "list", "-m", "-f", "{{.GoMod}}", driver)).version(libc)
	if got := goCommand(t, "list", "-m", "-f", "{{.Version}}", libc); got != want || want == "" {
		t.Errorf("%s is %s, but %s %s asks for %s: run go get %s@%s", libc, got, driver, ours.version(driver), want, libc, want)
	}
}

// npmFile is what this test reads of package.json and package-lock.json.
type npmFile struct {
	Dependencies    map[string]string
	DevDependencies map[string]string
	Packages        map[string]struct{ Resolved string }
}

// npmFiles reads the files of that name, by path.
func npmFiles(t *testing.T, name string) map[string]npmFile {
	t.Helper()
	all := map[string]npmFile{}
	for _, f := range allFiles(t) {
		if path.Base(f.path) != name {
			continue
		}
		// dependencies of a lockfile's older form have another shape, and are not read here
		var n npmFile
		if err := json.Unmarshal(f.text, &n); err != nil {
			t.Fatalf("%s: %v", f.path, err)
		}
		all[f.path] = n
	}
	return all
}

// An address in a lockfile ties everybody to the mirror of whoever wrote it.
func TestLockfilesHaveNoAddresses(t *testing.T) {
	t.Parallel()
	locks := npmFiles(t, "package-lock.json")
	if len(locks) == 0 {
		t.Error("no package-lock.json found: npm ci needs one for the pages")
	}
	for p, lock := range locks {
		if len(lock.Packages) == 0 {
			t.Errorf("%s lists no packages", p)
		}
		for name, pkg := range lock.Packages {
			if strings.Contains(pkg.Resolved, "://") {
				t.Errorf("%s: %s has an address (%s): set omit-lockfile-registry-resolved=true in .npmrc beside it and write the lockfile anew", p, name, pkg.Resolved)
			}
		}
	}
}

// directNeeds lists what the project itself asks for, each with who asks.
func directNeeds(t *testing.T, ours, tools goMod) map[string]string {
	t.Helper()
	needs := map[string]string{}
	for _, r := range ours.Require {
		if !r.Indirect {
			needs[r.Path] = "go.mod"
		}
	}
	for _, s := range allSources(t) {
		for _, i := range s.imports() {
			if m := ours.owner(i.path); m != "" {
				needs[m] = s.path
			}
		}
	}
	for _, tool := range tools.Tool {
		needs[tools.owner(tool.Path)] = "tools/go.mod"
	}
	for p, n := range npmFiles(t, "package.json") {
		for name := range n.Dependencies {
			needs[name] = p
		}
		for name := range n.DevDependencies {
			needs[name] = p
		}
	}
	return needs
}

// dependencyLines reads the tables of docs/dependencies.md: what is depended on,
// why, who keeps it, how to leave it.
func dependencyLines(text string) (names []string, findings []string) {
	for i, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		name := strings.Trim(strings.TrimSpace(cells[0]), "`")
		if slices.Contains(names, name) {
			findings = append(findings, fmt.Sprintf("docs/dependencies.md:%d: %s stands there twice", i+1, name))
		}
		names = append(names, name)
		full := len(cells) == 4
		for _, c := range cells {
			full = full && strings.TrimSpace(c) != ""
		}
		if !full {
			findings = append(findings, fmt.Sprintf("docs/dependencies.md:%d: %s needs four cells: what, why, who keeps it, how to leave", i+1, name))
		}
	}
	return names, findings
}

func TestDependenciesAreWrittenDown(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	names, findings := dependencyLines(string(text))
	report(t, findings)
	ours, tools := readMod(t, "go.mod"), readMod(t, "tools/go.mod")
	needs := directNeeds(t, ours, tools)
	for _, name := range slices.Sorted(maps.Keys(needs)) {
		if !slices.Contains(names, name) {
			t.Errorf("%s (needed by %s) has no line in docs/dependencies.md: say why it is here, who keeps it and how to leave it", name, needs[name])
		}
	}
	for _, name := range names {
		if needs[name] == "" && ours.version(name) == "" {
			t.Errorf("docs/dependencies.md: nothing needs %s any more: delete its line", name)
		}
	}
}

func TestDependencyLinesFindBreaches(t *testing.T) {
	t.Parallel()
	names, findings := dependencyLines("| what | why |\n|---|---|\n| `a/b` | x | y | z |\n| `c` | x |  | z |\n| `a/b` | x | y | z |\n")
	if !slices.Equal(names, []string{"a/b", "c", "a/b"}) || len(findings) != 2 {
		t.Errorf("read %q, found %q", names, findings)
	}
}
