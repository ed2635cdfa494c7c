package store

// SQLite writes every commit to the end of its write-ahead log. A checkpoint copies the
// pages from there to their places in the database, which is slow where they lie far
// apart, so the engine does it on a connection of its own, beside the commits. Under
// unbroken load that never quite catches up, and the log would grow for ever: when it
// has become long, the commit that made it so copies the little that is left, and the
// log begins anew.
const (
	// checkpointAfter is how many written rows make a checkpoint beside the commits worthwhile; a
	// row is a page or less.
	checkpointAfter = 4000
)

// checkpointer tells the goroutine that makes checkpoints when there is something to do.
type checkpointer struct {
	rows  int64 // the writer's alone
	wake  chan struct{}
	ended chan struct{}
}

func newCheckpointer() checkpointer {
	return checkpointer{wake: make(chan struct{}, 1), ended: make(chan struct{})}
}

// grow notes what a commit wrote, and tells whether that makes a checkpoint. Only the holder of the writing connection calls it.
func (c *checkpointer) grow(rows int64) bool {
	if c.rows += rows; c.rows < checkpointAfter {
		return false
	}
	c.rows = 0
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return true
}

// checkpoints makes checkpoints beside the commits until the engine closes. One that fails, on a full
// disk for instance, loses nothing: what is committed stays in the log.
func (e *liteEngine) checkpoints() {
	defer close(e.checkpointer.ended)
	var c *liteConn
	for {
		select {
		case <-e.closed:
			if c != nil {
				c.close()
			}
			return
		case <-e.checkpointer.wake:
		}
		if c == nil {
			var err error
			if c, err = e.connect(false); err != nil {
				c = nil
				continue
			}
		}
		_ = c.script("PRAGMA wal_checkpoint(PASSIVE)")
	}
}
