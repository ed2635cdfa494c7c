package ledger_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/store/storetest"
	"github.com/florin-studio/florin/token"
)

// busyHouse is a ledger with some history.
func busyHouse(t *testing.T, url string) *house {
	h := newHouse(t, url)
	_, errs := h.SubmitAll(t.Context(), stream(3, 150))
	for i, err := range errs {
		if err != nil && reason(err) == "" {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	return h
}

// TestVerifyFindsDamage plants one fault at a time and takes it back.
func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, place, what string }{
		{"body", `UPDATE entries SET body = REPLACE(body, '"seq":5,', '"seq": 5,') WHERE account = 'ann' AND seq = 5`, "entry 5", "canonical"},
		{"amount", `UPDATE entries SET body = REPLACE(body, '"balance":', '"balance":1') WHERE account = 'ann' AND seq = 5`, "entry 5", "hash"},
		{"garbage", `UPDATE entries SET body = 'x' WHERE account = 'ann' AND seq = 5`, "entry 5", "damaged"},
		{"hash", `UPDATE entries SET hash = '00' WHERE account = 'ann' AND seq = 5`, "entry 5", "hash"},
		{"gap", `DELETE FROM entries WHERE account = 'ann' AND seq = 5`, "entry 6", "gap"},
		{"tail", `DELETE FROM entries WHERE account = 'ann' AND seq = (SELECT seq FROM accounts WHERE id = 'ann')`, "state", "seq"},
		{"column at", `UPDATE entries SET at = at + 1 WHERE account = 'ann' AND seq = 5`, "entry 5", "at"},
		{"column kind", `UPDATE entries SET kind = 'x' WHERE account = 'ann' AND seq = 5`, "entry 5", "kind"},
		{"moved", `UPDATE entries SET account = 'zed' WHERE account = 'ann' AND seq = 5`, "entries", "no account's journal"},
		{"tail garbage", `UPDATE accounts SET tail = 'x' WHERE id = 'ann'`, "state", "beside"},
		{"state", `UPDATE accounts SET state = state || 'c MORE;' WHERE id = 'ann'`, "state", "journal"},
		{"state seq", `UPDATE accounts SET seq = seq + 1 WHERE id = 'ann'`, "state", "seq"},
		{"state at", `UPDATE accounts SET at = at + 1 WHERE id = 'ann'`, "state", "at"},
		{"state hash", `UPDATE accounts SET hash = '00' WHERE id = 'ann'`, "state", "hash"},
		{"account", `DELETE FROM accounts WHERE id = 'ann'`, "state", "no account"},
		{"name lost", `DELETE FROM names WHERE account = 'ann' AND name = 'k/open'`, "name k/open", "missing"},
		{"name added", `INSERT INTO names (account, name, seq) VALUES ('ann', 'k/other', 2)`, "name k/other", "no entry"},
		{"name bent", `UPDATE names SET seq = 2 WHERE account = 'ann' AND name = 'k/open'`, "name k/open", "another entry"},
		{"code", `UPDATE promos SET used = used + 1 WHERE code = 'ANY'`, "code ANY", "count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := busyHouse(t, storetest.SQLite(t))
			verified(t, h.Ledger)
			exec(t, h.db, c.sql)
			var found []string
			sum, err := h.Verify(t.Context(), "", func(d ledger.Difference) { found = append(found, d.String()) })
			if err != nil || sum.Differences != int64(len(found)) {
				t.Errorf("%+v, %v", sum, err)
			}
			for _, f := range found {
				if strings.Contains(f, c.place+": ") && strings.Contains(f, c.what) {
					return
				}
			}
			t.Errorf("no difference at %q about %q among %q", c.place, c.what, found)
		})
	}
}

// On PostgreSQL a row lags behind its entries: what it says has to be right for its number, and
// the entries since have to lead on from there.
func TestVerifyRowsThatLag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, what string }{
		{"state", `UPDATE accounts SET state = state || 'c MORE;' WHERE id = 'ann'`, "not what the journal gives"},
		{"older number", `UPDATE accounts SET seq = seq - 1 WHERE id = 'ann'`, "not what the journal gives"},
		{"no number", `UPDATE accounts SET seq = 0 WHERE id = 'ann'`, "of no entry"},
		{"later number", `UPDATE accounts SET seq = seq + 1000 WHERE id = 'ann'`, "not the number of the last entry"},
		{"hash", `UPDATE accounts SET hash = '00' WHERE id = 'ann'`, "hash"},
		{"run lost", `DELETE FROM runs WHERE account = 'ann'`, "missing"},
		{"run bent", `UPDATE runs SET name = name || '0' WHERE account = 'ann'`, "missing"},
		{"run misplaced", `UPDATE runs SET class = class || '0' WHERE account = 'ann'`, "missing"},
		{"run's number", `UPDATE runs SET names = '1' || names WHERE account = 'ann'`, "another entry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, storetest.Postgres(t))
			open(t, h.Ledger, "ann")
			for i := range 40 {
				must(t, h.Ledger, ask("ann", "", noon, token.Charge{ID: rising(i), Tokens: 1}))
			}
			verified(t, h.Ledger)
			exec(t, h.db, c.sql)
			var found []string
			sum, err := h.Verify(t.Context(), "", func(d ledger.Difference) { found = append(found, d.String()) })
			if err != nil || sum.Differences != int64(len(found)) || !strings.Contains(strings.Join(found, "\n"), c.what) {
				t.Errorf("%+v, %v: nothing about %q among %q", sum, err, c.what, found)
			}
		})
	}
}

// An account whose rows are damaged refuses commands by itself; others go on.
func TestDamageHoldsUpNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, a := range []string{"ann", "bob", "cyd"} {
			open(t, h.Ledger, a)
			must(t, h.Ledger, ask(a, "", noon, token.TakeHold{ID: "h", Tokens: 1}))
		}
		exec(t, h.db, "UPDATE accounts SET state = 'x' WHERE id = 'ann'")
		exec(t, h.db, "UPDATE accounts SET tail = 'x' WHERE id = 'bob'")
		l := newHouse(t, h.url).Ledger
		var reqs []ledger.Request
		for _, a := range []string{"ann", "bob", "cyd"} {
			reqs = append(reqs, ask(a, "", noon, token.TakeHold{ID: "i", Tokens: 1}), ask(a, "", noon, token.TakeHold{ID: "j", Tokens: 1}))
		}
		_, errs := l.SubmitAll(t.Context(), reqs)
		for i, err := range errs {
			if wantErr := i < 4; (err != nil) != wantErr && i != 2 {
				t.Errorf("request %d: %v", i, err)
			}
		}
	})
}

func TestExportAndImport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		h := busyHouse(t, url)
		var all, one bytes.Buffer
		if err := h.Export(t.Context(), &all, ""); err != nil {
			t.Fatal(err)
		}
		if err := h.Export(t.Context(), &one, "bob"); err != nil || one.Len() >= all.Len() {
			t.Errorf("export of one account: %d bytes of %d, %v", one.Len(), all.Len(), err)
		}
		wantReason(t, h.Export(t.Context(), &one, "nobody"), token.UnknownAccount)

		fresh := newHouse(t, storetest.SQLite(t))
		lines := strings.SplitAfter(all.String(), "\n")
		for name, bad := range map[string]string{
			"empty":     "",
			"no header": strings.Join(lines[1:], ""),
			"bent":      strings.Replace(all.String(), `"tokens":`, `"tokens":1`, 1),
			"hole":      strings.Join(append(append([]string{}, lines[:4]...), lines[5:]...), ""),
			"twice":     all.String() + strings.Join(lines[1:2], ""),
			"cut":       all.String()[:all.Len()-20],
			"foreign":   all.String() + `{"hash":"x","entry":{},"more":1}` + "\n",
		} {
			if _, err := fresh.Import(t.Context(), strings.NewReader(bad)); err == nil {
				t.Errorf("a file that is %s was imported", name)
			}
		}
		if s, err := fresh.Verify(t.Context(), "", nil); err != nil || s.Accounts != 0 || s.Entries != 0 || s.Names != 0 {
			t.Errorf("bad files left something behind: %+v, %v", s, err)
		}
		sum, err := fresh.Import(t.Context(), bytes.NewReader(all.Bytes()))
		if err != nil || sum.Accounts != 3 {
			t.Fatalf("import: %+v, %v", sum, err)
		}
		verified(t, fresh.Ledger)
		var again bytes.Buffer
		if err := fresh.Export(context.Background(), &again, ""); err != nil || !bytes.Equal(again.Bytes(), all.Bytes()) {
			t.Errorf("the export of the import differs: %v", err)
		}
		if _, err := fresh.Import(t.Context(), &one); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("importing over an account: %v", err)
		}
		// Life goes on, and repeats are known.
		if r := must(t, fresh.Ledger, ask("ann", "open", noon, token.Open{Plan: "artisan"})); !r.Replayed {
			t.Error("the imported ledger opened an account again")
		}
	})
}

func TestT31PastAndFuture(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		must(t, h.Ledger, ask("ann", "open", noon, token.Open{Plan: "free"}))
		must(t, h.Ledger, ask("ann", "", noon+hour, token.Charge{ID: "c1", Tokens: 100}))
		must(t, h.Ledger, ask("ann", "", noon+3*day, token.Charge{ID: "c2", Tokens: 20}))
		for at, want := range map[token.Instant]int64{
			noon:            150,
			noon + hour - 1: 150,
			noon + hour:     50,
			noon + 11*hour:  50,
			noon + 12*hour:  150, // the reset at midnight, which nobody wrote down
			noon + 2*day:    150,
			noon + 3*day:    130,
			noon + 4*day:    150,
			noon + 400*day:  150,
		} {
			if got := balance(t, h.Ledger, "ann", at); got != want {
				t.Errorf("balance at %s: %d, want %d", at, got, want)
			}
		}
		_, err := h.Account(t.Context(), "ann", noon-1)
		wantReason(t, err, token.UnknownAccount)
		verified(t, h.Ledger)
		if entries, _ := h.Journal(t.Context(), "ann", 0, 10); len(entries) != 4 {
			t.Errorf("reading wrote entries: %d", len(entries))
		}
	})
}
