package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// oneLine checks that florin ended with exit code 1 and one line that has all the words.
func oneLine(t *testing.T, fault string, r result, words ...string) {
	t.Helper()
	if strings.Count(r.err, "\n") != 1 || !strings.HasSuffix(r.err, "\n") {
		t.Errorf("%s: standard error has no single line:\n%s", fault, r.err)
	}
	firstLine(t, fault, r, words...)
}

// firstLine is oneLine where lines that quote a file may follow.
func firstLine(t *testing.T, fault string, r result, words ...string) {
	t.Helper()
	if r.code != 1 {
		t.Errorf("%s: exit code %d, want 1", fault, r.code)
	}
	line, _, _ := strings.Cut(r.err, "\n")
	if r.out != "" {
		t.Errorf("%s: standard output has %q", fault, r.out)
	}
	for _, word := range words {
		if !strings.Contains(line, word) {
			t.Errorf("%s: %q does not say %q", fault, line, word)
		}
	}
}

// write puts a file into a fresh folder and gives its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFolderFaults starts servers on data folders that can't be.
func TestFolderFaults(t *testing.T) {
	t.Parallel()
	try := func(data string) result { return command(t, "serve", "--listen", "127.0.0.1:0", "--data", data) }
	missing := filepath.Join(t.TempDir(), "no", "data")
	oneLine(t, "missing parent", try(missing), missing, "the folder above it does not exist")
	file := write(t, "data", "")
	oneLine(t, "a file for a folder", try(file), file, "it is a file")
	oneLine(t, "no data yet", command(t, "balance", "--data", t.TempDir(), "--user", "a@example.org"), "no data at", "start the server once")

	s := serve(t, t.TempDir())
	oneLine(t, "second server", try(s.Data), s.Data, "another server uses it")
}

// TestUnwritableFolder starts a server on a folder that it may not write to; as root it
// runs as nobody.
func TestUnwritableFolder(t *testing.T) {
	t.Parallel()
	data, err := os.MkdirTemp("", "florin-e2e-unwritable-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(data) })
	c := prepare(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	c.Dir = "/"
	if os.Getuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		err = os.Chmod(data, 0o755)
	} else {
		err = os.Chmod(data, 0o555)
	}
	if err != nil {
		t.Fatal(err)
	}
	oneLine(t, "unwritable folder", finish(t, c), data, "permission denied")
}

// TestDatabaseFaults starts servers on databases that are none.
func TestDatabaseFaults(t *testing.T) {
	t.Parallel()
	corrupt := write(t, "florin.db", strings.Repeat("this is no database\n", 500))
	oneLine(t, "corrupt database", command(t, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Dir(corrupt)), corrupt, "not a SQLite database, or it is damaged")
	if after, err := os.ReadFile(corrupt); err != nil || !strings.HasPrefix(string(after), "this is no database") {
		t.Errorf("the corrupt database was written to: %q %v", after, err)
	}

	// A database that worked, torn in its middle.
	s := serve(t, t.TempDir())
	s.newPerson(t, "torn@example.org", "free")
	s.stop(t, syscall.SIGTERM)
	path := filepath.Join(s.Data, "florin.db")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[100:8192], strings.Repeat("\xff", 8092))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	oneLine(t, "torn database", command(t, "serve", "--listen", "127.0.0.1:0", "--data", s.Data), path, "damaged")

	oneLine(t, "nobody listens", command(t, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(),
		"--database", "postgres://florin:secret@"+closedPort(t)+"/florin"), "refused")
}

// closedPort is an address of this machine where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// TestTakenPort starts a server where another program listens.
func TestTakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	addr := l.Addr().String()
	oneLine(t, "taken port", command(t, "serve", "--listen", addr, "--data", t.TempDir()), addr, "address already in use")
	oneLine(t, "wrong address", command(t, "serve", "--listen", "nonsense", "--data", t.TempDir()), "nonsense")
}

// TestCatalogFaults starts servers on wrong price lists.
func TestCatalogFaults(t *testing.T) {
	t.Parallel()
	shipped := must(t, "catalog", "print")
	for _, c := range []struct {
		fault, old, fresh string
		words             []string
	}{
		{"wrong type", "allowance: {tokens: 150, every: day}", "allowance: {tokens: many, every: day}", []string{"plans[0].allowance.tokens", `"many"`, "a whole number"}},
		{"value that is not allowed", "allowance: {tokens: 150, every: day}", "allowance: {tokens: 150, every: week}", []string{"plans[0].allowance.every", `"week"`, "day, month"}},
		{"unknown field", "default_plan: free", "default_plann: free", []string{"default_plann", "did you mean default_plan?"}},
		{"no YAML", "plans:", "plans: [", []string{"not YAML"}},
	} {
		text := strings.Replace(shipped, c.old, c.fresh, 1)
		if text == shipped {
			t.Fatalf("%s: the shipped catalog has no %q", c.fault, c.old)
		}
		path := write(t, "prices.yaml", text)
		r := command(t, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--catalog", path)
		place := path + ":"
		if c.fresh != "plans: [" { // a parser finds an open bracket only later
			place += fmt.Sprint(1+strings.Count(shipped[:strings.Index(shipped, c.old)], "\n"), ":")
		}
		firstLine(t, c.fault, r, append(c.words, place)...)
	}
	missing := filepath.Join(t.TempDir(), "prices.yaml")
	oneLine(t, "missing catalog", command(t, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--catalog", missing), missing, "no such file")
}

// TestUnknownSettings names settings that do not exist, in each of their three places.
func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	oneLine(t, "unknown flag", command(t, "serve", "--data", data, "--lisen", "127.0.0.1:0"), "--lisen", "--listen")
	oneLine(t, "unknown flag of a command", command(t, "key", "create", "--usr", "a@example.org"), "--usr", "--user")
	oneLine(t, "unknown command", command(t, "balanse"), "balanse", "balance")
	oneLine(t, "unknown variable", commandEnv(t, []string{"FLORIN_LISEN=127.0.0.1:0"}, "serve", "--data", data), "FLORIN_LISEN", "FLORIN_LISTEN")
	config := write(t, "florin.yaml", "lisen: 127.0.0.1:0\n")
	oneLine(t, "unknown key in the file", command(t, "serve", "--data", data, "--config", config), config, "lisen", "listen")
	oneLine(t, "missing file", command(t, "serve", "--data", data, "--config", config+".no"), config+".no", "no such file")
	oneLine(t, "wrong clock", command(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--clock", "yesterday"), "clock", "yesterday")
	oneLine(t, "unknown person", command(t, "balance", "--data", serve(t, data).Data, "--user", "nobody@example.org"), "nobody@example.org")
}
