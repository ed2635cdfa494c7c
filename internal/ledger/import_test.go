package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// TestImportVerifiesWhatHashesDoNot bends files whose hashes fit again: what verify would
// report afterwards is not imported at all (T30, T31).
func TestImportVerifiesWhatHashesDoNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t))
	for _, a := range []string{"ann", "bob"} {
		open(t, h.Ledger, a)
		must(t, h.Ledger, ask(a, "g", noon, token.MakeGrant{Kind: token.Bonus, Tokens: 500}))
		must(t, h.Ledger, ask(a, "", noon, token.Charge{ID: "c", Tokens: 30}))
	}
	var whole bytes.Buffer
	if err := h.Export(t.Context(), &whole, ""); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, says string }{
		{"nothing", "", "", ""},
		{"a balance", `"balance":`, `"balance":1`, "grants add up to"},
		{"a grant of less than is in it", `"amount":500`, `"amount":400`, "the rules can't lead to"},
		{"a posting of more", `"to":"available","tokens":500`, `"to":"available","tokens":501`, "grants add up to"},
		{"a reset that has passed", `"next_reset":"2`, `"next_reset":"1`, "the rules can't lead to"},
	} {
		for _, account := range []string{"ann", "bob"} {
			t.Run(c.name+" of "+account, func(t *testing.T) {
				t.Parallel()
				fresh := newHouse(t, storetest.SQLite(t))
				_, err := fresh.Import(t.Context(), strings.NewReader(chained(t, whole.String(), account, c.old, c.new)))
				if c.says == "" {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), account) {
					t.Errorf("error %v, want one about %s that says %q", err, account, c.says)
				}
				if s, err := fresh.Verify(t.Context(), "", nil); err != nil || s != (ledger.Summary{}) {
					t.Errorf("it left something behind: %+v, %v", s, err)
				}
			})
		}
	}
}

// chained replaces the last occurrence of a text in an account's entries, and chains their hashes anew.
func chained(t *testing.T, export, account, old, now string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(export), "\n")
	bent := old == ""
	bodies := make([]string, len(lines))
	for i := len(lines) - 1; i > 0; i-- {
		var line struct{ Entry json.RawMessage }
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil {
			t.Fatal(err)
		}
		bodies[i] = string(line.Entry)
		if !bent && strings.Contains(bodies[i], `"account":"`+account+`"`) && strings.Contains(bodies[i], old) {
			bodies[i] = strings.Replace(bodies[i], old, now, 1)
			bent = true
		}
	}
	if !bent {
		t.Fatalf("no entry of %s has %s", account, old)
	}
	out, prev := lines[0]+"\n", map[string]string{}
	for _, body := range bodies[1:] {
		e, err := token.ParseEntry([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		prev[e.Account] = token.ChainHash(prev[e.Account], []byte(body))
		out += fmt.Sprintf(`{"hash":%q,"entry":%s}`+"\n", prev[e.Account], body)
	}
	return out
}
