package store

import (
	"fmt"
	"strconv"
)

// size is what the connection that writes uses for its work, in pages of 4 KiB.
//
// Most of what is written is appended and never read again. To touch memory, or a block of the log's file, for the first time
// costs more than to use it again, so that both are small. In a large database, however, each row that is changed lies elsewhere: the inner
// pages on the way to it should be at hand, and checkpoints, which then write to as many places as there are rows, should be made
// beside the commits and not by them.
type size struct {
	// cache is how many pages it keeps in memory.
	cache int64
	// log is the length of the log at which a commit makes the checkpoint itself.
	log int64
}

// share is how many times larger the database is than cache and log.
const share = 64

// sizeFor is the size for a database of so many pages.
func sizeFor(pages int64) size {
	part := pages / share
	return size{cache: min(max(part, 2048), 16384), log: min(max(part, 4000), 16000)}
}

// fit makes cache and log fit the database. Where that fails they stay as they are.
func (c *liteConn) fit() {
	pages, err := c.text("PRAGMA page_count")
	if err != nil {
		return
	}
	n, _ := strconv.ParseInt(pages, 10, 64)
	if s := sizeFor(n); s != c.size && c.script(fmt.Sprintf("PRAGMA cache_size=%d; PRAGMA wal_autocheckpoint=%d", s.cache, s.log)) == nil {
		c.size = s
	}
}
