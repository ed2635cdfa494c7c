package store

import "fmt"

// Statement is a statement and the rows of arguments to run it for.
type Statement struct {
	SQL string
	// Args has the rows.
	Args [][]any
	// Columns, in the place of Args, has the rows turned on their side: for each placeholder an []int64, a []string or a
	// [][]byte, all of one length, without NULL. It suits many rows: no value needs a place of its own in memory.
	Columns []any
}

// rows is how many there are.
func (st *Statement) rows() int {
	if len(st.Columns) > 0 {
		return columnLength(st.Columns[0])
	}
	return len(st.Args)
}

// row gives the arguments of a row, behind args.
func (st *Statement) row(args []any, i int) []any {
	if len(st.Columns) == 0 {
		return append(args, st.Args[i]...)
	}
	for _, c := range st.Columns {
		switch list := c.(type) {
		case []int64:
			args = append(args, list[i])
		case []string:
			args = append(args, list[i])
		case [][]byte:
			args = append(args, list[i])
		}
	}
	return args
}

// check refuses what the engines would not take alike, and brings the arguments into the few types that they do.
func (st *Statement) check() error {
	for _, args := range st.Args {
		if err := arguments(args); err != nil {
			return err
		}
	}
	for i, c := range st.Columns {
		if n := columnLength(c); n != st.rows() {
			return fmt.Errorf("store: column $%d has %d values of type %T, the first one has %d; allowed: []int64, []string, [][]byte, all of one length", i+1, n, c, st.rows())
		}
		if texts, ok := c.([]string); ok {
			for _, text := range texts {
				if err := storable(text); err != nil {
					return fmt.Errorf("store: argument $%d: %w", i+1, err)
				}
			}
		}
	}
	return nil
}

// columnLength is -1 where it is no column.
func columnLength(column any) int {
	switch list := column.(type) {
	case []int64:
		return len(list)
	case []string:
		return len(list)
	case [][]byte:
		return len(list)
	}
	return -1
}

// columns gives the rows turned on their side, or false where a column has values of different types, or NULL.
func (st *Statement) columns() ([]any, bool) {
	if len(st.Columns) > 0 {
		return st.Columns, true
	}
	columns := make([]any, len(st.Args[0]))
	for i := range columns {
		var ok bool
		switch st.Args[0][i].(type) {
		case int64:
			columns[i], ok = gather[int64](st.Args, i)
		case string:
			columns[i], ok = gather[string](st.Args, i)
		case []byte:
			columns[i], ok = gather[[]byte](st.Args, i)
		}
		if !ok {
			return nil, false
		}
	}
	return columns, true
}

// gather takes one argument of all rows.
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
