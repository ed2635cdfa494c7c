package store

import (
	"regexp"
	"strconv"
	"strings"
)

// manyInserts matches an INSERT of one row whose every value is a placeholder.
var manyInserts = regexp.MustCompile(`(?is)^(\s*INSERT\s+INTO\s+\w+\s*\([^)]*\)\s*)VALUES\s*\(([^()]*)\)\s*$`)

var placeholder = regexp.MustCompile(`\$(\d+)`)

// fold turns an INSERT to be run for many rows into one statement over arrays, which
// PostgreSQL takes several times faster than the statements one by one. It gives false
// where the statement is another, or a column has values of different types.
func fold(sql string, rows [][]any) (string, []any, bool) {
	if len(rows) < 2 {
		return "", nil, false
	}
	parts := manyInserts.FindStringSubmatch(sql)
	if parts == nil {
		return "", nil, false
	}
	arrays := make([]any, len(rows[0]))
	types := make([]string, len(rows[0]))
	names := make([]string, len(rows[0]))
	for i := range arrays {
		var ok bool
		if types[i], arrays[i], ok = column(rows, i); !ok {
			return "", nil, false
		}
		types[i] = "$" + strconv.Itoa(i+1) + "::" + types[i] + "[]"
		names[i] = "p" + strconv.Itoa(i+1)
	}
	values := placeholder.ReplaceAllString(parts[2], "u.p$1")
	return parts[1] + "SELECT " + values + " FROM unnest(" + strings.Join(types, ", ") + ") AS u(" + strings.Join(names, ", ") + ")", arrays, true
}

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
