package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/florin-studio/florin/internal/store"
)

// Conform holds an engine to what package store promises. url makes a new database for
// each part.
func Conform(t *testing.T, url func(testing.TB) string) {
	for name, part := range map[string]func(*testing.T, *store.DB){
		"values":          values,
		"an error undoes": undone,
		"a panic undoes":  panicked,
		"attempts":        attempts,
		"many rows":       manyRows,
		"columns":         columns,
		"later":           later,
		"last":            last,
		"one moment":      oneMoment,
		"lost updates":    lostUpdates,
		"readers":         readersDoNotWrite,
		"misuse":          misuse,
		"cancelled":       cancelled,
		"soon":            soon,
		"one query":       oneQuery,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := Open(t, url(t))
			write(t, db, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, "CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT, body "+blob(db)+", note TEXT)")
				return err
			})
			part(t, db)
		})
	}
}

// blob is the one type whose name differs.
func blob(db *store.DB) string {
	if db.Engine() == "postgres" {
		return "BYTEA"
	}
	return "BLOB"
}

const insert = "INSERT INTO things (id, n, body, note) VALUES ($1, $2, $3, $4)"

func write(t *testing.T, db *store.DB, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// number reads one integer.
func number(t *testing.T, db *store.DB, sql string, args ...any) (n int64) {
	t.Helper()
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, sql, args...).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type (
	kind   string
	moment int64
)

func values(t *testing.T, db *store.DB) {
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		absent := (*string)(nil)
		for _, row := range [][]any{
			{kind("a"), moment(1) << 60, []byte{0, 255}, "é\n"},
			{"b", true, []byte{}, ""},
			{"c", uint8(7), nil, absent},
		} {
			if n, err := tx.Exec(ctx, insert, row...); n != 1 || err != nil {
				return fmt.Errorf("%d rows, %w", n, err)
			}
		}
		return nil
	})
	var got strings.Builder
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		got.Reset()
		rows, err := tx.Query(ctx, "SELECT id, n, body, note, COUNT(*) OVER (), SUM(1) OVER () FROM things ORDER BY id")
		if err != nil {
			return err
		}
		for rows.Next() {
			var id kind
			var n moment
			var body []byte
			var note *string
			var count int
			var sum int64
			if err := rows.Scan(&id, &n, &body, &note, &count, &sum); err != nil {
				return err
			}
			text := "NULL"
			if note != nil {
				text = fmt.Sprintf("%q", *note)
			}
			fmt.Fprintf(&got, "%s %d %x %s %d %d|", id, n, body, text, count, sum)
		}
		return rows.Err()
	})
	if want := `a 1152921504606846976 00ff "é\n" 3 3|b 1  "" 3 3|c 7  NULL 3 3|`; err != nil || got.String() != want {
		t.Errorf("read %s, want %s, %v", &got, want, err)
	}
	if err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		var n int64
		return tx.QueryRow(ctx, "SELECT note FROM things WHERE id = $1", "c").Scan(&n)
	}); err == nil || !strings.Contains(err.Error(), "NULL") {
		t.Errorf("NULL into an integer: %v", err)
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, "d", 1.5, nil, nil)
		return err
	}); err == nil || !strings.Contains(err.Error(), "$2") {
		t.Errorf("a float: %v", err)
	}
}

func undone(t *testing.T, db *store.DB) {
	no := errors.New("no")
	err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, insert, "a", 1, nil, nil); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) || number(t, db, "SELECT COUNT(*) FROM things") != 0 {
		t.Errorf("a failed transaction left something: %v", err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		tx.Exec(ctx, insert, "a", 1, nil, nil)
		_, err := tx.Exec(ctx, insert, "a", 2, nil, nil)
		return err
	})
	if !errors.Is(err, store.ErrUnique) || number(t, db, "SELECT COUNT(*) FROM things") != 0 {
		t.Errorf("a taken key: %v", err)
	}
}

func panicked(t *testing.T, db *store.DB) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Exec(ctx, insert, "a", 1, nil, nil)
			panic("oops")
		})
	}()
	if number(t, db, "SELECT COUNT(*) FROM things") != 0 {
		t.Error("a panic left something")
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, "b", 1, nil, nil)
		return err
	})
}

func attempts(t *testing.T, db *store.DB) {
	no := errors.New("no")
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		put := func(id string, end error) func(context.Context) error {
			return func(ctx context.Context) error {
				if _, err := tx.Exec(ctx, insert, id, 1, nil, nil); err != nil {
					return err
				}
				return end
			}
		}
		if err := tx.Attempt(ctx, put("kept", nil)); err != nil {
			return err
		}
		if err := tx.Attempt(ctx, put("undone", no)); !errors.Is(err, no) {
			t.Errorf("an attempt that fails: %v", err)
		}
		if err := tx.Attempt(ctx, put("kept", nil)); !errors.Is(err, store.ErrUnique) {
			t.Errorf("an attempt against a taken key: %v", err)
		}
		err := tx.Attempt(ctx, func(ctx context.Context) error {
			if err := tx.Attempt(ctx, put("inner undone", no)); !errors.Is(err, no) {
				t.Errorf("an inner attempt: %v", err)
			}
			return put("outer", nil)(ctx)
		})
		if err != nil {
			return err
		}
		return put("last", nil)(ctx)
	})
	if n := number(t, db, "SELECT COUNT(*) FROM things WHERE id IN ('kept', 'outer', 'last')"); n != 3 || number(t, db, "SELECT COUNT(*) FROM things") != 3 {
		t.Errorf("%d rows of 3 are there", n)
	}
}

func manyRows(t *testing.T, db *store.DB) {
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		var rows [][]any
		for i := range 300 {
			rows = append(rows, []any{fmt.Sprintf("%03d", i), i, []byte{byte(i)}, "it"})
		}
		changed, err := tx.ExecAll(ctx, []store.Statement{
			{SQL: insert, Args: rows},
			{SQL: "DELETE FROM things WHERE id = $1"},
			{SQL: "UPDATE things SET n = n + $2 WHERE id = $1", Args: [][]any{{"000", 5}, {"none", 5}}},
		})
		if err != nil {
			return err
		}
		if len(changed) != 3 || changed[0] != 300 || changed[1] != 0 || changed[2] != 1 {
			t.Errorf("rows changed: %v", changed)
		}
		if n, err := tx.ExecMany(ctx, insert, [][]any{{"x", nil, []byte("b"), nil}, {"y", 900, nil, "n"}}); n != 2 || err != nil {
			t.Errorf("rows of mixed types: %d, %v", n, err)
		}
		rs, err := tx.Query(ctx, "SELECT id FROM things WHERE n < $1 ORDER BY id", 3)
		if err != nil {
			return err
		}
		n := 0
		for rs.Next() {
			n++
		}
		if n != 2 || rs.Err() != nil {
			t.Errorf("%d rows, %v", n, rs.Err())
		}
		return nil
	})
}

// Rows that are given by column are the same as those that are given one by one, be it one or many.
func columns(t *testing.T, db *store.DB) {
	all := func() (list []string) {
		t.Helper()
		err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Query(ctx, "SELECT id, n, body, note FROM things ORDER BY n")
			for err == nil && rows.Next() {
				var id, note string
				var n int64
				var body []byte
				if err = rows.Scan(&id, &n, &body, &note); err == nil {
					list = append(list, fmt.Sprintf("%s %d %q %s", id, n, body, note))
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	var want []string
	for _, size := range []int{1, 2, 300} {
		ids, ns, bodies, notes := make([]string, size), make([]int64, size), make([][]byte, size), make([]string, size)
		for i := range size {
			ids[i], ns[i], bodies[i], notes[i] = fmt.Sprintf("%d/%03d", size, i), int64(len(want)-2), []byte{0, byte(i), 255}[:i%4%3+i%2], strings.Repeat("é,\"{}", i%3)
			want = append(want, fmt.Sprintf("%s %d %q %s", ids[i], ns[i], bodies[i], notes[i]))
		}
		write(t, db, func(ctx context.Context, tx *store.Tx) error {
			changed, err := tx.ExecAll(ctx, []store.Statement{
				{SQL: insert, Columns: []any{ids, ns, bodies, notes}},
				{SQL: "UPDATE things SET n = n + 1 WHERE id = $1", Columns: []any{[]string{}}},
				{SQL: "DELETE FROM things WHERE id = $1 OR note = $2", Columns: []any{[]string{"none", "neither"}, []string{"?", "??"}}},
			})
			if err == nil && (changed[0] != int64(size) || changed[1]+changed[2] != 0) {
				t.Errorf("rows changed: %v", changed)
			}
			return err
		})
	}
	if is := all(); strings.Join(is, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows are %q, want %q", is, want)
	}
	for what, c := range map[string]struct {
		columns []any
		text    bool
	}{
		"lengths":   {columns: []any{[]string{"a", "b"}, []int64{1}, [][]byte{{1}, {2}}, []string{"", ""}}},
		"a type":    {columns: []any{[]string{"a"}, []int{1}, [][]byte{{1}}, []string{""}}},
		"a NUL":     {columns: []any{[]string{"a", "b\x00"}, []int64{1, 2}, [][]byte{{1}, {2}}, []string{"", ""}}, text: true},
		"not UTF-8": {columns: []any{[]string{"a", "b"}, []int64{1, 2}, [][]byte{{1}, {2}}, []string{"", "\xff"}}, text: true},
	} {
		err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ExecAll(ctx, []store.Statement{{SQL: insert, Columns: c.columns}})
			return err
		})
		if err == nil || errors.Is(err, store.ErrText) != c.text {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM things"); n != int64(len(want)) {
		t.Errorf("%d rows, want %d", n, len(want))
	}
}

// A reader sees the moment it began, whatever is written meanwhile.
func oneMoment(t *testing.T, db *store.DB) {
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for range 2 {
			var n int64
			if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM things").Scan(&n); err != nil || n != 0 {
				t.Errorf("sees %d rows, %v", n, err)
			}
			write(t, db, func(ctx context.Context, w *store.Tx) error {
				_, err := w.Exec(ctx, insert, fmt.Sprint("id", number(t, db, "SELECT COUNT(*) FROM things")), 1, nil, nil)
				return err
			})
		}
		return nil
	})
	if err != nil || number(t, db, "SELECT COUNT(*) FROM things") != 2 {
		t.Error(err)
	}
}

// Conditional updates from many goroutines: each step is taken once.
func lostUpdates(t *testing.T, db *store.DB) {
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, "a", 0, nil, nil)
		return err
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for done := 0; done < 5; {
				var changed int64
				err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					var n int64
					if err := tx.QueryRow(ctx, "SELECT n FROM things WHERE id = $1", "a").Scan(&n); err != nil {
						return err
					}
					var err error
					changed, err = tx.Exec(ctx, "UPDATE things SET n = $2 WHERE id = $1 AND n = $3", "a", n+1, n)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				done += int(changed)
			}
		})
	}
	wg.Wait()
	if n := number(t, db, "SELECT n FROM things"); n != 40 {
		t.Errorf("counted to %d, want 40", n)
	}
}

func readersDoNotWrite(t *testing.T, db *store.DB) {
	err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, "a", 1, nil, nil)
		return err
	})
	if err == nil || number(t, db, "SELECT COUNT(*) FROM things") != 0 {
		t.Error("a reader wrote")
	}
}

// oneQuery is a reader of a single query: whatever becomes of it, its connection is as good as before.
func oneQuery(t *testing.T, db *store.DB) {
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, insert, "a", 7, nil, nil)
		return err
	})
	ask := func(sql string, after func(ctx context.Context, tx *store.Tx) error) error {
		return db.ReadOne(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var n int64
			if err := tx.QueryRow(ctx, sql).Scan(&n); err != nil {
				return err
			}
			if n != 7 {
				t.Errorf("read %d, want 7", n)
			}
			return after(ctx, tx)
		})
	}
	for range 20 { // more often than there are connections
		if err := ask("SELECT n FROM things", func(context.Context, *store.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if err := ask("NONSENSE", nil); err == nil {
			t.Fatal("nonsense ran")
		}
		if err := ask("SELECT n FROM things", func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Query(ctx, "SELECT 1")
			return err
		}); err == nil {
			t.Fatal("a second query ran")
		}
		if err := db.ReadOne(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, insert, "b", 1, nil, nil)
			return err
		}); err == nil {
			t.Fatal("a reader wrote")
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func misuse(t *testing.T, db *store.DB) {
	var kept *store.Tx
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		kept = tx
		rows, err := tx.Query(ctx, "SELECT 1")
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, insert, "a", 1, nil, nil); err == nil {
			t.Error("a statement ran inside open rows")
		}
		return rows.Close()
	})
	if _, err := kept.Exec(t.Context(), insert, "a", 1, nil, nil); err == nil {
		t.Error("a statement ran after its transaction")
	}
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "NONSENSE")
		return err
	}); err == nil {
		t.Error("nonsense ran")
	}
}

func cancelled(t *testing.T, db *store.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, insert, "a", 1, nil, nil); err != nil {
			return err
		}
		cancel()
		_, err := tx.Exec(ctx, insert, "b", 1, nil, nil)
		return err
	})
	if !errors.Is(err, context.Canceled) || number(t, db, "SELECT COUNT(*) FROM things") != 0 {
		t.Errorf("cancelled: %v", err)
	}
	if err := db.Write(ctx, func(context.Context, *store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("begun after the cancellation: %v", err)
	}
}

// soon is seen by others at once.
func soon(t *testing.T, db *store.DB) {
	for i := range int64(3) {
		err := db.WriteSoon(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, insert, fmt.Sprint(i), i, []byte{}, "")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM things"); n != i+1 {
			t.Errorf("%d rows are seen, want %d", n, i+1)
		}
	}
	broken := errors.New("broken")
	if err := db.WriteSoon(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.Exec(ctx, insert, "x", 1, []byte{}, ""); err != nil {
			return err
		}
		return broken
	}); !errors.Is(err, broken) {
		t.Errorf("an error: %v", err)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM things"); n != 3 {
		t.Errorf("%d rows after one was undone, want 3", n)
	}
}
