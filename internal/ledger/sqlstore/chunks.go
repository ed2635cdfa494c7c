package sqlstore

import (
	"strconv"
	"strings"
)

// The sizes in which accounts are read: few texts, so that they stay prepared.
var chunks = []int{1, 8, 64, 512}

// How accounts are read: on SQLite with the row's number, on PostgreSQL with the entries since the row was
// written, one a line, see parseSince.
var (
	accountsQueryLite = accountsQueries("rowid, ''")
	accountsQuery     = accountsQueries(`0, COALESCE((SELECT string_agg(
e.seq || ' ' || e.at || ' ' || e.kind || ' ' || e.hash || ' ' || e.body, chr(10) ORDER BY e.seq)
FROM entries e WHERE e.account = accounts.id AND e.seq > accounts.seq), '')`)
)

// accountsQueries are the texts by size; more is what else is read of a row.
func accountsQueries(more string) map[int]string {
	texts := map[int]string{}
	for _, n := range chunks {
		places := make([]string, n)
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		texts[n] = "SELECT id, seq, at, hash, state, tail, " + more + " FROM accounts WHERE id IN (" + strings.Join(places, ", ") + ")"
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
