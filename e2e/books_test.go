package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store"
)

// story is the example of the scenario runner's description, word for word.
const story = `name: free account, DST night in Rome
zone: Europe/Rome          # account's zone; default UTC
plan: free                 # plan at the first step; cycle anchored there
steps:
  - {at: "2026-03-28T10:00:00+01:00", hold: {id: a, tokens: 100}}
  - {at: "2026-03-28T10:05:00+01:00", settle: {id: a, tokens: 60}}
  - {at: "2026-03-28T11:00:00+01:00", expect: {balance: 90, held: 0}}
  - {at: "2026-03-29T12:00:00+02:00", expect: {balance: 150, grants: [{kind: daily, remaining: 150}]}}
  - {at: "2026-03-29T12:01:00+02:00", hold: {id: b, tokens: 151}, refused: insufficient_tokens}
`

// TestScenarios runs scenarios that come true, one that does not, and one that is none.
func TestScenarios(t *testing.T) {
	t.Parallel()
	shipped := func(args ...string) result { // with the built-in catalog
		c := prepare(t, nil, args...)
		c.Env = slices.DeleteFunc(c.Env, func(pair string) bool { return strings.HasPrefix(pair, "FLORIN_CATALOG=") })
		return finish(t, c)
	}
	good := write(t, "good.yaml", story)
	wrong := write(t, "wrong.yaml", strings.Replace(story, "balance: 90", "balance: 91", 1))
	none := write(t, "none.yaml", strings.Replace(story, "settle:", "setle:", 1))
	const said = "ok    free account, DST night in Rome (5 steps)\n"
	if r := shipped("catalog", "test", good); r.code != 0 || r.out != said || r.err != "" {
		t.Errorf("the example: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	want := said + `FAIL  free account, DST night in Rome
      step 3 (` + wrong + `:7), expect at 2026-03-28T10:00:00Z
      balance: wanted 91, got 90
      journal of main so far:
         1 2026-03-28T09:00:00Z open {"plan":"free","zone":"Europe/Rome"}, balance 150
           150 of daily-20260328T090000Z: issued to available (account opened)
         2 2026-03-28T09:00:00Z hold {"id":"a","tokens":100}, balance 50
           100 of daily-20260328T090000Z: available to held
         3 2026-03-28T09:05:00Z settle {"id":"a","tokens":60}, balance 90
           60 of daily-20260328T090000Z: held to spent
           40 of daily-20260328T090000Z: held to available (not used)
`
	if r := shipped("catalog", "test", good, wrong); r.code != 1 || r.out != want {
		t.Errorf("a wrong guess: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	r := shipped("catalog", "test", none)
	firstLine(t, "no scenario", r, "none.yaml:6", "has 0 kinds of step")
	if !strings.Contains(r.err, "did you mean settle?") {
		t.Errorf("a misspelt step: %s", r.err)
	}
}

// TestBooks verifies, exports and imports a ledger by the command line, damaged and whole.
func TestBooks(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, email := range []string{"ann@example.org", "bob@example.org"} {
		must(t, "user", "create", "--data", data, "--email", email, "--password", "correct horse", "--plan", "apprentice")
	}
	const whole = "2 accounts, 2 entries, 2 names: 0 differences\n"
	if out := must(t, "ledger", "verify", "--data", data); out != whole {
		t.Errorf("verify says %q", out)
	}
	export := must(t, "ledger", "export", "--data", data)
	if lines := strings.Split(export, "\n"); len(lines) != 4 || lines[3] != "" || !json.Valid([]byte(lines[1])) {
		t.Fatalf("the export is\n%s", export)
	}

	moved := t.TempDir()
	c := prepare(t, nil, "ledger", "import", "--data", moved, "-")
	c.Stdin = strings.NewReader(export)
	if r := finish(t, c); r.code != 0 || r.out != whole {
		t.Errorf("import: exit code %d, %s%s", r.code, r.out, r.err)
	}
	if again := must(t, "ledger", "export", "--data", moved); again != export {
		t.Errorf("the export of the import is\n%s", again)
	}
	file := write(t, "history.jsonl", export)
	oneLine(t, "import twice", command(t, "ledger", "import", "--data", moved, file), "line 2", "exists already")

	bent := write(t, "bent.jsonl", strings.Replace(export, `"tokens":8500`, `"tokens":9500`, 1))
	empty := t.TempDir()
	oneLine(t, "a bent file", command(t, "ledger", "import", "--data", empty, bent), "line 2", "does not fit")
	if out := must(t, "ledger", "verify", "--data", empty); out != "0 accounts, 0 entries, 0 names: 0 differences\n" {
		t.Errorf("a bent file left behind: %s", out)
	}

	id := regexp.MustCompile(`"account":"([^"]+)"`).FindStringSubmatch(export)[1]
	damage(t, data, "UPDATE accounts SET state = REPLACE(state, ' 8500 8500 ', ' 8500 9500 ') WHERE id = $1", id)
	r := command(t, "ledger", "verify", "--data", data, "--account", id)
	if r.code != 1 || !strings.Contains(r.out, "account "+id+", state: it is not what the journal gives") || !strings.HasSuffix(r.out, "1 accounts, 1 entries, 1 names: 1 differences\n") {
		t.Errorf("a bent state: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	damage(t, data, "UPDATE entries SET hash = 'aa' WHERE account = $1", id)
	if r := command(t, "ledger", "verify", "--data", data); r.code != 1 || !strings.Contains(r.out, "account "+id+", entry 1: the hash does not fit") {
		t.Errorf("another hash: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if r := command(t, "ledger", "export", "--data", data); r.code != 1 || !strings.Contains(r.err, "entry 1: its hash aa does not fit") {
		t.Errorf("the export of a damaged ledger: exit code %d\n%s", r.code, r.err)
	}
	oneLine(t, "nobody's account", command(t, "ledger", "verify", "--data", data, "--account", "nobody"), "unknown_account", "nobody")
}

// damage changes a row behind the program's back.
func damage(t *testing.T, data, sql string, args ...any) {
	t.Helper()
	file := filepath.Join(data, "florin.db")
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, sql, args...)
		if err == nil && n != 1 {
			t.Errorf("%s changes %d rows", sql, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
