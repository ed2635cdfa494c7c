package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// log is SQLite's write-ahead log as far as durability goes. SQLite itself would wait for the disk
// within each commit and let nobody else write meanwhile. Here commits only write, in NORMAL
// mode, and whoever has committed waits for the disk afterwards, beside the next one who
// writes. The disk keeps the log in order, so what is waited for once need not be waited for
// again by those who committed before.
//
// Between a commit and the disk others see what was committed. If power fails then, it is gone
// together with everything that was made of it in the database, and nobody was told that it
// is durable.
type log struct {
	// commits is how many there were.
	commits atomic.Int64
	// broken is why the disk did not keep what was written.
	broken atomic.Pointer[failure]

	mu sync.Mutex // held while the disk is waited for
	// path is of the log, empty where SQLite waits itself.
	path string
	file *os.File
	// synced is how many commits are on disk; flush brings them there.
	synced int64
	flush  func(*os.File) error
}

// open finds the log of a database on which c is open. Where the file system has no room for a
// log, in shared memory for instance, SQLite goes on without, and then has to wait itself.
func (l *log) open(path string, c *liteConn) error {
	l.flush = datasync
	mode, err := c.text("PRAGMA journal_mode")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return c.script("PRAGMA synchronous=FULL")
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	l.path = real + "-wal"
	return nil
}

// grew counts a commit.
func (l *log) grew() int64 { return l.commits.Add(1) }

// failed is why nothing can be written any more, or nil.
func (l *log) failed() error {
	if f := l.broken.Load(); f != nil {
		return f
	}
	return nil
}

// sync returns when a commit and all before it are on disk. Once that has failed, nobody
// knows what the disk has, and asking it again would not tell: it may have forgotten what
// it could not write. So nothing is written any more until the program starts anew and reads
// what there is.
func (l *log) sync(commit int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.failed() != nil:
		return errors.Join(ErrUnknown, l.failed())
	case l.path == "" || l.synced >= commit:
		return nil
	}
	all := l.commits.Load()
	err := l.toDisk()
	if err != nil {
		l.broken.Store(&failure{means: ErrLost, said: err})
		return errors.Join(ErrUnknown, l.failed())
	}
	l.synced = all
	return nil
}

func (l *log) toDisk() (err error) {
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	return l.flush(l.file)
}

// close waits for the disk for all who have committed and not yet waited. Nobody commits any more.
func (l *log) close() error {
	err := l.sync(l.commits.Load())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return err
}
