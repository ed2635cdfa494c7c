package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestTableOfAnotherProcess knows what PostgreSQL says to all but one of the processes
// that create a table at the same moment.
func TestTableOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{"42P07": errThere, "42710": errThere, "23505": ErrUnique} {
		if err := pgError(&pgconn.PgError{Code: code}); !errors.Is(err, want) {
			t.Errorf("%s means %v, want %v", code, err, want)
		}
	}
}

// TestMigrationToTails brings a ledger of the seventh version up to date: entries keep
// their order and are found by account and number, names stay, but for the second ones of charges.
func TestMigrationToTails(t *testing.T) {
	t.Parallel()
	e, err := openSQLite(filepath.Join(t.TempDir(), "old.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := &DB{engine: e}
	t.Cleanup(func() { db.Close() })
	if _, err := db.version(t.Context()); err != nil {
		t.Fatal(err)
	}
	known, err := migrationsOf("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	write := func(fn func(ctx context.Context, tx *Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range known[:7] {
		write(func(ctx context.Context, tx *Tx) error { return m.apply(ctx, tx) })
	}
	write(func(ctx context.Context, tx *Tx) error {
		for seq := range 3 {
			for _, account := range []string{"bob", "ann"} {
				kind := []string{"open", "charge", "settle"}[seq]
				if _, err := tx.Exec(ctx, "INSERT INTO entries (account, seq, at, kind, body, hash) VALUES ($1, $2, 5, $3, $4, '')", account, seq+1, kind, fmt.Sprint(account, seq+1)); err != nil {
					return err
				}
				for _, name := range []string{"h/", "e/"} {
					if _, err := tx.Exec(ctx, "INSERT INTO names (account, name, seq) VALUES ($1, $2, $3)", account, fmt.Sprint(name, seq+1), seq+1); err != nil {
						return err
					}
				}
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO accounts (id, seq, at, state, hash) VALUES ('ann', 3, 5, '{}', ''), ('bob', 3, 5, '{}', '')")
		return err
	})
	if err := db.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := func(sql string) (all string) {
		t.Helper()
		err := db.Read(t.Context(), func(ctx context.Context, tx *Tx) error {
			rows, err := tx.Query(ctx, sql)
			for err == nil && rows.Next() {
				var one string
				if err := rows.Scan(&one); err != nil {
					return err
				}
				all += one + " "
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	for sql, want := range map[string]string{
		"SELECT e.body FROM places p JOIN entries e ON e.id = p.entry WHERE p.account = 'ann' AND p.seq > 1 ORDER BY p.seq": "ann2 ann3 ",
		"SELECT body FROM entries ORDER BY id":                       "bob1 ann1 bob2 ann2 bob3 ann3 ",
		"SELECT name FROM names WHERE account = 'bob' ORDER BY name": "e/1 e/3 h/1 h/2 h/3 ",
		"SELECT id || tail FROM accounts ORDER BY id":                "ann bob ",
	} {
		if got := list(sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}
