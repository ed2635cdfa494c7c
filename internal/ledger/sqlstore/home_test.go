package sqlstore

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/ledger"
)

// TestRooms has one row go through many lengths, as an account does that has more and fewer holds.
func TestRooms(t *testing.T) {
	t.Parallel()
	last := rooms[len(rooms)-1]
	tl := &tail{}
	for _, c := range []struct{ size, want int }{
		{200, rooms[0]}, {rooms[0], rooms[0]}, {rooms[0] + 1, rooms[1]}, {200, rooms[1]}, // never back
		{rooms[2] - 1, rooms[2]}, {last, last}, {300, last},
		{50000, 50000}, {last + 1, last + 1}, {300, last}, // what has no room leaves none behind
	} {
		row := &ledger.Row{ID: "ann", Seq: 300, At: 1772366400000, Hash: strings.Repeat("f", 64)}
		row.State = strings.Repeat("s", c.size-rowSize(row, 10))
		next := &tail{home: tl.home}
		text := next.pad(row, []byte("1;e 5 h/x;"))
		if is := rowSize(row, len(text)); is != c.want || next.size != c.want || strings.TrimRight(string(text), " ") != "1;e 5 h/x;" {
			t.Errorf("a row of %d bytes has %d, noted as %d, want %d", c.size, is, next.size, c.want)
		}
		tl = next
	}
}
