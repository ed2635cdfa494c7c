package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Run(m)) }

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); storetest.Conform(t, storetest.SQLite) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); storetest.Conform(t, storetest.Postgres) })
}

// Several processes may start at once on an empty database.
func TestMigrationsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				db, err := store.Open(context.Background(), url)
				if err != nil {
					t.Error(err)
					return
				}
				db.Close()
			})
		}
		wg.Wait()
		db := storetest.Open(t, url)
		err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var n, most int64
			if err := tx.QueryRow(ctx, "SELECT COUNT(*), MAX(version) FROM schema_migrations").Scan(&n, &most); err != nil {
				return err
			}
			if n < 1 || n != most {
				t.Errorf("%d migrations up to %d", n, most)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db := storetest.Open(t, url)
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", 9999, "future")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), url)
		oneLine(t, err, "version 9999, newer than this program")
	})
}

// oneLine wants an error of one line that says this.
func oneLine(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, want)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"":                                "path of the database is empty",
		dir:                               "is a folder",
		filepath.Join(dir, "no", "db"):    "does not exist",
		filepath.Join(garbage, "db"):      "not a folder",
		garbage:                           "not a SQLite database",
		"/proc/florin.db":                 "can't be written",
		"postgres://127.0.0.1:1/florin":   "can't be reached",
		"postgres://127.0.0.1:xy/florin/": "address of the database",
	} {
		_, err := store.Open(t.Context(), url)
		oneLine(t, err, want)
	}
}

// A file cut in the middle opens, and says so when it is read.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	db, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), path)
	oneLine(t, err, "damaged")
}

func TestPathsWithSpecialSigns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a?b#c%20d e.db")
	storetest.Open(t, path)
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// A full disk refuses the whole transaction, also where its user forgives the error.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.SQLite(t))
	fill := func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ($1, 1)", "before"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ($1, 1)", strings.Repeat("x", 1<<20))
		return err
	}
	for name, fn := range map[string]func(context.Context, *store.Tx) error{
		"told": fill,
		"forgiven": func(ctx context.Context, tx *store.Tx) error {
			tx.Attempt(ctx, func(ctx context.Context) error { return fill(ctx, tx) })
			tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ($1, 1)", "after")
			return nil
		},
	} {
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var pages int64
			if err := tx.QueryRow(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, "PRAGMA max_page_count=40").Scan(&pages); err != nil {
				return err
			}
			return fn(ctx, tx)
		})
		if !errors.Is(err, store.ErrFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM promos").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, url string) {
		db, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		err = db.Write(t.Context(), func(context.Context, *store.Tx) error { return nil })
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Two transactions that take two rows in opposite order: the one that the server
// breaks off runs again, and both are applied.
func TestDeadlockRunsAgain(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.Postgres(t))
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO promos (code, used) VALUES ('a', 0), ('b', 0)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	var wg sync.WaitGroup
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			runs := 0
			err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				runs++
				for i, code := range order {
					if _, err := tx.Exec(ctx, "UPDATE promos SET used = used + 1 WHERE code = $1", code); err != nil {
						return err
					}
					if i == 0 && runs == 1 {
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		var sum int64
		if err := tx.QueryRow(ctx, "SELECT SUM(used) FROM promos").Scan(&sum); err != nil || sum != 4 {
			t.Errorf("sum %d, %v", sum, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
