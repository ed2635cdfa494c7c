package store

import (
	"strconv"
	"testing"
)

// A large database gets a larger cache and log, which the writing connection has from when there is a checkpoint to make.
func TestCacheAndLogFitTheDatabase(t *testing.T) {
	t.Parallel()
	for pages, want := range map[int64]size{
		0: {2048, 4000}, 131072: {2048, 4000}, 200000: {3125, 4000}, 512000: {8000, 8000}, 1 << 20: {16384, 16000}, 1 << 40: {16384, 16000},
	} {
		if got := sizeFor(pages); got != want {
			t.Errorf("%d pages have %+v, want %+v", pages, got, want)
		}
	}
	db := openLog(t, datasync)
	e := db.engine.(*liteEngine)
	other := size{1, 1} // what it had when the database was of another size
	c := <-e.writer
	c.size = other
	e.writer <- c
	put(t, db.Write, thing)
	if c.size != other {
		t.Errorf("one row made it %+v", c.size)
	}
	put(t, db.Write, "INSERT INTO things (id) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < "+strconv.Itoa(checkpointAfter)+") SELECT i FROM n")
	c = <-e.writer
	defer func() { e.writer <- c }()
	for pragma, want := range map[string]string{"cache_size": "2048", "wal_autocheckpoint": "4000"} {
		if got, err := c.text("PRAGMA " + pragma); got != want || err != nil || c.size != sizeFor(0) {
			t.Errorf("after a checkpoint's rows %s is %s, want %s, %v, %+v", pragma, got, want, err, c.size)
		}
	}
}
