package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// florin is the program under test, and prices the catalog that it runs with: the
// shipped one, with its daily reset half a day away so that none falls into a test.
var florin, prices string

// TestMain builds the program once; FLORIN_BIN names one that is built already.
func TestMain(m *testing.M) {
	code, err := withProgram(func() int { return storetest.Run(m) })
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func withProgram(run func() int) (int, error) {
	folder, err := os.MkdirTemp("", "florin-e2e-*")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	// One test runs the program as another user.
	if err := os.Chmod(folder, 0o755); err != nil {
		return 1, err
	}
	if err := build(folder); err != nil {
		return 1, err
	}
	print := exec.Command(florin, "catalog", "print")
	print.Env = plainEnv()
	shipped, err := print.Output()
	if err != nil {
		return 1, fmt.Errorf("florin catalog print: %w", err)
	}
	hour := (time.Now().UTC().Hour() + 12) % 24
	prices = filepath.Join(folder, "prices.yaml")
	text := strings.Replace(string(shipped), `daily_reset: "00:00"`, fmt.Sprintf(`daily_reset: "%02d:30"`, hour), 1)
	if err := os.WriteFile(prices, []byte(text), 0o644); err != nil {
		return 1, err
	}
	return run(), nil
}

// build finds or makes the program.
func build(folder string) (err error) {
	if given := os.Getenv("FLORIN_BIN"); given != "" {
		florin, err = filepath.Abs(given)
		return err
	}
	noteSources("..")
	florin = filepath.Join(folder, "florin")
	c := exec.Command("go", "build", "-o", florin, "./cmd/florin")
	c.Dir = ".."
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("building florin: %w\n%s", err, said)
	}
	return nil
}

// noteSources looks at every file the program is built from, so that the go command
// does not take an earlier pass of this package for the pass of a changed program.
func noteSources(root string) {
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return nil
		case d.IsDir() && (name == "node_modules" || name == "bin" || name == "data" || len(name) > 2 && name[0] == '.'):
			return fs.SkipDir
		case !d.IsDir() && !strings.HasSuffix(name, "_test.go"):
			_, _ = os.Stat(path)
		}
		return nil
	})
}

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// command runs florin to its end with the given arguments.
func command(t *testing.T, args ...string) result {
	t.Helper()
	return commandEnv(t, nil, args...)
}

// commandEnv is command with more environment.
func commandEnv(t *testing.T, env []string, args ...string) result {
	t.Helper()
	return finish(t, prepare(t, env, args...))
}

// prepare is a command that has not started, free of the settings of this machine.
func prepare(t *testing.T, env []string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), florin, args...)
	c.Dir = t.TempDir()
	c.Env = append(append(plainEnv(), "FLORIN_CATALOG="+prices), env...)
	return c
}

// plainEnv is this machine's environment without settings of florin.
func plainEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "FLORIN_") })
}

func finish(t *testing.T, c *exec.Cmd) result {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatalf("florin %s did not start: %v", strings.Join(c.Args[1:], " "), err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must is command where anything but success ends the test.
func must(t *testing.T, args ...string) string {
	t.Helper()
	r := command(t, args...)
	if r.code != 0 {
		t.Fatalf("florin %s: exit code %d\n%s", strings.Join(args, " "), r.code, r.err)
	}
	return r.out
}

// dearCatalog is the catalog in another file, where a picture costs 60 tokens.
func dearCatalog(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(prices)
	if err != nil {
		t.Fatal(err)
	}
	shipped, _, found := strings.Cut(string(raw), "\nexamples:")
	if !found {
		t.Fatal("the shipped catalog has no examples to leave out")
	}
	path := filepath.Join(t.TempDir(), "dear.yaml")
	text := strings.Replace(shipped, "tokens: {1: 1, 4: 4}", "tokens: {1: 60, 4: 240}", 1) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
