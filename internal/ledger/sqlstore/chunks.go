package sqlstore

import (
	"strconv"
	"strings"
)

// The sizes in which rows are asked for: few texts, so that they stay prepared.
var chunks = []int{1, 8, 64, 512}

var (
	accountsQuery = chunked("SELECT id, seq, at, hash, state, tail FROM accounts WHERE id IN (", 1, ")")
	namesQuery    = chunked("SELECT COUNT(*) FROM names WHERE (account, name) IN (VALUES ", 2, ")")
)

// chunked gives a query for each size, with as many rows of so many placeholders in its middle.
func chunked(begin string, width int, end string) map[int]string {
	texts := map[int]string{}
	for _, n := range chunks {
		places := make([]string, n)
		for i := range places {
			row := make([]string, width)
			for j := range row {
				row[j] = "$" + strconv.Itoa(i*width+j+1)
			}
			if places[i] = strings.Join(row, ", "); width > 1 {
				places[i] = "(" + places[i] + ")"
			}
		}
		texts[n] = begin + strings.Join(places, ", ") + end
	}
	return texts
}

// inChunks runs a query for all rows of arguments, as many at a time as there are texts for;
// the last row fills up the places that are left.
func inChunks(args []any, width int, run func(n int, args []any) error) error {
	for len(args) > 0 {
		rows := len(args) / width
		n := chunks[len(chunks)-1]
		for i := len(chunks) - 1; i >= 0 && chunks[i] >= rows; i-- {
			n = chunks[i]
		}
		these := args[:min(n, rows)*width]
		args = args[len(these):]
		padded := append(make([]any, 0, n*width), these...)
		for len(padded) < n*width {
			padded = append(padded, these[len(these)-width:]...)
		}
		if err := run(n, padded); err != nil {
			return err
		}
	}
	return nil
}
