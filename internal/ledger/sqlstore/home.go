package sqlstore

import (
	"math/bits"

	"github.com/florin-studio/florin/internal/ledger"
)

// home is where an account's row lies on SQLite, and how much room it has there.
type home struct {
	// row is the row's number, by which it is found without its id; 0 on PostgreSQL.
	row int64
	// size is how long the row is, in bytes as rowSize counts them.
	size int
}

// rooms are the lengths that rows have on SQLite: with each of them a page of 4 KiB is filled by a
// whole number of rows. A row that keeps its length is written over where it is; one that grows makes
// SQLite move it and its neighbours to other pages, each of which is then written to the
// log and to its place. What a row does not need of its room is blanks behind the tail.
var rooms = []int{room(8), room(6), room(5), room(4), room(3), room(2)}

// room is what is left for the columns of each of n rows of a page: 8 bytes of it are the page's
// own, and some 20 are what SQLite writes for a row beside its columns.
func room(n int) int { return (4096-8)/n - 20 }

// rowSize is the length of a row's columns in bytes, as SQLite writes them.
func rowSize(row *ledger.Row, tail int) int {
	return len(row.ID) + intSize(row.Seq) + intSize(int64(row.At)) + len(row.State) + len(row.Hash) + tail
}

// intSize is in how many bytes SQLite writes a whole number that is not negative.
func intSize(n int64) int {
	switch {
	case n <= 1:
		return 0
	case n < 1<<31:
		return (bits.Len64(uint64(n)) + 8) / 8
	case n < 1<<47:
		return 6
	}
	return 8
}

// pad puts blanks behind the tail's text until the row fills its room. A row does not go
// back to a smaller one: it was as long before and will be again. What is longer than the largest room has none.
func (t *tail) pad(row *ledger.Row, text []byte) []byte {
	size := rowSize(row, len(text))
	least := min(max(size, t.size), rooms[len(rooms)-1])
	t.size = size
	for _, room := range rooms {
		if room >= least {
			t.size = max(size, room)
			break
		}
	}
	for range t.size - size {
		text = append(text, ' ')
	}
	return text
}
