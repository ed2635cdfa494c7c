package store

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The shapes of statements that can be run for many rows at once.
var (
	// manyInserts matches an INSERT of one row whose every value is a placeholder.
	manyInserts = regexp.MustCompile(`(?is)^(\s*INSERT\s+INTO\s+\w+\s*\([^)]*\)\s*)VALUES\s*\(([^()]*)\)\s*$`)
	// manyUpdates matches an UPDATE that sets columns to placeholders or columns, where other columns equal placeholders.
	manyUpdates = regexp.MustCompile(`(?is)^\s*UPDATE\s+(\w+)\s+SET\s+((?:\w+\s*=\s*(?:\$\d+|\w+)[\s,]*)+)\sWHERE\s+(\w+\s*=\s*\$\d+(?:\s+AND\s+\w+\s*=\s*\$\d+)*)\s*$`)

	placeholder = regexp.MustCompile(`\$(\d+)`)
	compared    = regexp.MustCompile(`(\w+)(\s*=\s*\$)`)
)

// fold turns an INSERT or an UPDATE to be run for many rows into one statement over arrays,
// which PostgreSQL takes several times faster than the statements one by one. It gives
// false where the statement is another, or a column has values of different types. An UPDATE
// must not be given two rows for the same row of its table.
func fold(sql string, rows [][]any) (string, []any, bool) {
	if len(rows) < 2 {
		return "", nil, false
	}
	arrays := make([]any, len(rows[0]))
	types := make([]string, len(rows[0]))
	for i := range arrays {
		var ok bool
		if types[i], arrays[i], ok = column(rows, i); !ok {
			return "", nil, false
		}
	}
	key := sql + "/" + strings.Join(types, " ")
	text, ok := folded.Load(key)
	if !ok {
		text, _ = folded.LoadOrStore(key, foldText(sql, types))
	}
	return text.(string), arrays, text != ""
}

// folded remembers what statements were turned into: a program has few.
var folded sync.Map

// foldText is the statement over arrays of such types, or "".
func foldText(sql string, types []string) string {
	arrays, names := make([]string, len(types)), make([]string, len(types))
	for i, t := range types {
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + t + "[]"
		names[i] = "p" + strconv.Itoa(i+1)
	}
	from := " FROM unnest(" + strings.Join(arrays, ", ") + ") AS u(" + strings.Join(names, ", ") + ")"
	if insert := manyInserts.FindStringSubmatch(sql); insert != nil {
		return insert[1] + "SELECT " + unnested(insert[2]) + from
	}
	update := manyUpdates.FindStringSubmatch(sql)
	if update == nil {
		return ""
	}
	table, set, where := update[1], update[2], compared.ReplaceAllString(update[3], update[1]+".$1$2")
	return "UPDATE " + table + " SET " + unnested(set) + from + " WHERE " + unnested(where)
}

// unnested has the columns of the arrays in the place of placeholders.
func unnested(sql string) string { return placeholder.ReplaceAllString(sql, "u.p$1") }

// column gathers one argument of all rows.
func column(rows [][]any, i int) (string, any, bool) {
	if len(rows[0]) <= i {
		return "", nil, false
	}
	switch rows[0][i].(type) {
	case int64:
		list, ok := gather[int64](rows, i)
		return "BIGINT", list, ok
	case string:
		list, ok := gather[string](rows, i)
		return "TEXT", list, ok
	case []byte:
		list, ok := gather[[]byte](rows, i)
		return "BYTEA", list, ok
	}
	return "", nil, false
}

func gather[T any](rows [][]any, i int) ([]T, bool) {
	list := make([]T, len(rows))
	for j, row := range rows {
		if len(row) != len(rows[0]) {
			return nil, false
		}
		v, ok := row[i].(T)
		if !ok {
			return nil, false
		}
		list[j] = v
	}
	return list, true
}
