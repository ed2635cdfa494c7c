package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/florin-studio/florin/internal/store"
)

// What comes last ends the transaction: it is all written or nothing is, and nothing runs after it.
func last(t *testing.T, db *store.DB) {
	insert := "INSERT INTO things (id) VALUES ($1)"
	end := func(ctx context.Context, tx *store.Tx, ids ...string) error {
		return tx.ExecLast(ctx, []store.Statement{{SQL: insert, Columns: []any{ids}}}, func(_ []int64, err error) error { return err })
	}
	var changed []int64
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, insert, "before"); err != nil {
			return err
		}
		return tx.ExecLast(ctx, []store.Statement{{SQL: insert, Columns: []any{[]string{"a", "b"}}}, {SQL: "UPDATE things SET id = id"}, {SQL: "DELETE FROM things WHERE id = $1", Args: [][]any{{"a"}}}},
			func(n []int64, err error) error { changed = n; return err })
	})
	if fmt.Sprint(changed) != "[2 0 1]" {
		t.Errorf("changed %v", changed)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return end(ctx, tx) }) // nothing at all
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Attempt(ctx, func(ctx context.Context) error { return end(ctx, tx, "attempt") }); err == nil {
			t.Error("a transaction ended within an attempt")
		}
		return nil
	})
	write(t, db, func(ctx context.Context, tx *store.Tx) error { return end(ctx, tx, "first") })
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, insert, "undone"); err != nil {
			return err
		}
		return end(ctx, tx, "c", "first")
	})
	if !errors.Is(err, store.ErrUnique) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("a key that is taken gives %v", err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		err := end(ctx, tx, "d")
		if _, again := tx.Exec(ctx, insert, "after"); again == nil {
			t.Error("a statement ran after the last one")
		}
		if again := end(ctx, tx, "after"); again == nil {
			t.Error("there were two ends")
		}
		return err
	})
	if n := number(t, db, "SELECT COUNT(*) FROM things WHERE id IN ('before', 'b', 'first', 'd')"); n != 4 {
		t.Errorf("%d rows of 4 are there", n)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 4 {
		t.Errorf("%d rows, want 4", n)
	}
}

// What runs later is waited for by whatever comes next, and its error undoes the transaction.
func later(t *testing.T, db *store.DB) {
	rows := func(prefix string, n int) []store.Statement {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("%s%03d", prefix, i)
		}
		return []store.Statement{{SQL: "INSERT INTO things (id) VALUES ($1)", Columns: []any{ids}}}
	}
	mine := errors.New("mine")
	for _, size := range []int{1, 200} {
		calls := 0
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			for _, prefix := range []string{"a", "b"} {
				err := tx.ExecLater(ctx, rows(prefix, size), func(changed []int64, err error) error {
					if calls++; err != nil || changed[0] != int64(size) {
						t.Errorf("%v rows, %v", changed, err)
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			var n int64
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM things").Scan(&n); err != nil || n != 2*int64(size) || calls != 2 {
				t.Errorf("%d rows after %d calls, %v", n, calls, err)
			}
			return tx.ExecLater(ctx, rows("c", size), func([]int64, error) error { calls++; return nil })
		})
		if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 3*int64(size) || calls != 3 {
			t.Errorf("%d rows after %d calls", n, calls)
		}
		for what, c := range map[string]struct {
			prefix string
			done   func([]int64, error) error
			want   error
		}{
			"an error":           {"b", func(_ []int64, err error) error { return err }, store.ErrUnique},
			"an error turned":    {"b", func(_ []int64, err error) error { return errors.Join(mine, err) }, mine},
			"an error found":     {"d", func([]int64, error) error { return mine }, mine},
			"an error forgotten": {"b", func([]int64, error) error { return nil }, store.ErrUnique},
		} {
			for _, next := range []string{"nothing", "a statement", "more of it", "an attempt"} {
				err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					if _, err := tx.Exec(ctx, "INSERT INTO things (id) VALUES ('before')"); err != nil {
						return err
					}
					if err := tx.ExecLater(ctx, rows(c.prefix, size), c.done); err != nil {
						return err
					}
					var err error
					switch next {
					case "a statement":
						_, err = tx.Exec(ctx, "INSERT INTO things (id) VALUES ('after')")
					case "more of it":
						err = tx.ExecLater(ctx, rows("e", size), func([]int64, error) error { return nil })
					case "an attempt":
						err = tx.Attempt(ctx, func(context.Context) error { return nil })
					default:
						return nil
					}
					if !errors.Is(err, c.want) {
						t.Errorf("%s: %s gives %v", what, next, err)
					}
					return nil // forgiving it does not help
				})
				if !errors.Is(err, c.want) {
					t.Errorf("%s, then %s: the transaction ends with %v", what, next, err)
				}
			}
			failed := errors.New("given up")
			err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if err := tx.ExecLater(ctx, rows(c.prefix, size), c.done); err != nil {
					return err
				}
				return failed
			})
			if !errors.Is(err, c.want) && !errors.Is(err, failed) {
				t.Errorf("%s, given up: %v", what, err)
			}
		}
		if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 3*int64(size) {
			t.Errorf("%d rows are there, want %d", n, 3*size)
		}
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM things")
			return err
		})
	}
}
