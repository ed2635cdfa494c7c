package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// sdkInstalled brings the official SDK that the test drives, once.
var sdkInstalled = sync.OnceValues(func() (string, error) {
	if _, err := os.Stat("leonardo/node_modules/.package-lock.json"); err == nil {
		return "", nil
	}
	c := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
	c.Dir = "leonardo"
	said, err := c.CombinedOutput()
	return string(said), err
})

// TestLeonardoSDK makes every call of the official SDK against a real server, which
// paints real pictures.
func TestLeonardoSDK(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"sqlite": nil, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said, err := sdkInstalled(); err != nil {
				t.Fatalf("npm ci of the SDK: %v\n%s", err, said)
			}
			data, more := t.TempDir(), []string{"--catalog", strictCatalog(t)}
			if url != nil {
				more = append(more, "--database", url(t))
			}
			s := serve(t, data, more...)
			p, other := s.newPersonAt(t, "sdk@example.org", "artisan", more), s.newPersonAt(t, "other@example.org", "free", more)
			ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
			defer cancel()
			extra := func(setting, value string) string {
				at := append([]string{"key", "create", "--data", data, "--user", p.email, setting, value}, more...)
				return strings.TrimSpace(must(t, at...))
			}
			c := exec.CommandContext(ctx, "node", "leonardo/sdk.mjs", s.URL, p.key, p.id(t), other.key, extra("--budget-total", "1"), extra("--rate", "2"))
			said, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s\nthe server said:\n%s", err, said, s.log())
			}
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			t.Log(lines[len(lines)-1])
		})
	}
}

// strictCatalog is the catalog in another file, with a word that no prompt may have.
func strictCatalog(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(prices)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "blocked_words: []", "blocked_words: [gore]", 1)
	if text == string(raw) {
		t.Fatal("the shipped catalog has no empty list of blocked words")
	}
	path := filepath.Join(t.TempDir(), "strict.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// id is the person's id, as the compatible API tells it.
func (p *person) id(t *testing.T) string {
	t.Helper()
	var me struct {
		Details []struct {
			User struct {
				ID string `json:"id"`
			} `json:"user"`
		} `json:"user_details"`
	}
	p.do(t, "GET", "/api/rest/v1/me", "").want(t, 200, &me)
	if len(me.Details) != 1 || me.Details[0].User.ID == "" {
		text, _ := json.Marshal(me)
		t.Fatalf("me: %s", text)
	}
	return me.Details[0].User.ID
}
