package sqlstore

import (
	"strconv"
	"strings"
)

// The sizes in which accounts are read: few texts, so that they stay prepared.
var chunks = []int{1, 8, 64, 512}

var accountsQuery, accountsQueryLite = accountsQueries("0"), accountsQueries("rowid")

// accountsQueries are the texts by size; row is what gives a row's number.
func accountsQueries(row string) map[int]string {
	texts := map[int]string{}
	for _, n := range chunks {
		places := make([]string, n)
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		texts[n] = "SELECT id, seq, at, hash, state, tail, " + row + " FROM accounts WHERE id IN (" + strings.Join(places, ", ") + ")"
	}
	return texts
}

// inChunks runs a query for all arguments, as many at a time as there are texts for; the
// last one fills up the places that are left.
func inChunks(args []any, run func(n int, args []any) error) error {
	for len(args) > 0 {
		n := chunks[len(chunks)-1]
		for i := len(chunks) - 1; i >= 0 && chunks[i] >= len(args); i-- {
			n = chunks[i]
		}
		these := args[:min(n, len(args))]
		args = args[len(these):]
		padded := append(make([]any, 0, n), these...)
		for len(padded) < n {
			padded = append(padded, these[len(these)-1])
		}
		if err := run(n, padded); err != nil {
			return err
		}
	}
	return nil
}
