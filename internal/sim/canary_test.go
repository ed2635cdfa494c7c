package sim

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// canaries are the deliberate faults of the simulated database, each of which the
// simulator must find: it would find nothing else otherwise.
var canaries = []struct{ name, what string }{
	{"version", "an account is written without comparing the number it was decided on"},
	{"unique", "a unique name is written twice"},
	{"name", "the name of an ended hold gets lost"},
	{"sync", "a commit is acknowledged before it is on disk"},
	{"early", "a command is answered once its commit is visible, before it is on disk"},
	{"torn", "a record of which the disk has half is taken for whole after a crash"},
	{"since", "entries that a row does not tell of are not read"},
	{"promo", "a code's count is read and written without holding its row"},
	{"savepoint", "what a refused command's caller wrote stays"},
}

var failing = regexp.MustCompile(`seed \d+ fails: .*`)

func TestCanaries(t *testing.T) {
	t.Parallel()
	if broken("none") || os.Getenv("FLORIN_CANARY") != "" {
		t.Skip("this is a canary itself")
	}
	gotool, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("canaries are built with the go command: %v", err)
	}
	binary := filepath.Join(t.TempDir(), "canary")
	build := exec.Command(gotool, "test", "-c", "-tags", "canary", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building with -tags canary: %v\n%s", err, out)
	}
	for _, c := range canaries {
		t.Run(c.name, func(t *testing.T) {
			run := exec.Command(binary, "-test.run", "^TestSeeds$", "-sim.seeds", "3000", "-sim.from", "1")
			run.Env = append(os.Environ(), "FLORIN_CANARY="+c.name)
			out, err := run.CombinedOutput()
			found := failing.Find(out)
			if err == nil || found == nil {
				t.Fatalf("3000 seeds did not find out that %s\n%s", c.what, out)
			}
			t.Logf("%s: %s", c.what, fmt.Sprintf("%.160s", found))
		})
	}
}
