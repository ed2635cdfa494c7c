package client_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The TypeScript client is generated from the OpenAPI document, compiles, and its example
// works against a real server.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed; install Node 20.19 or later with npm")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("typescript")); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(ctx, "npm", args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "FLORIN_URL="+server.URL, "FLORIN_KEY="+server.key, "FLORIN_PERSON="+server.ada, "npm_config_update_notifier=false")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("npm %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".bin", "tsc")); err != nil {
		run("ci", "--no-audit", "--no-fund", "--loglevel=error")
	}
	run("run", "--silent", "generate")
	run("run", "--silent", "build")
	if out := run("run", "--silent", "example"); !strings.Contains(out, "70 tokens left") {
		t.Errorf("the example said %q", out)
	}
}
