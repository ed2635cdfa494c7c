package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// openLog opens a database whose log reaches the disk by flush.
func openLog(t *testing.T, flush func(*os.File) error) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "florin.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.engine.(*liteEngine).log.flush = flush
	put(t, db.Write, "CREATE TABLE things (id BIGINT)")
	return db
}

type writing func(context.Context, func(context.Context, *Tx) error) error

func put(t *testing.T, write writing, sql string) {
	t.Helper()
	if err := write(t.Context(), one(sql)); err != nil {
		t.Fatal(err)
	}
}

func one(sql string) func(context.Context, *Tx) error {
	return func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, sql)
		return err
	}
}

func things(t *testing.T, db *DB) (n int64) {
	t.Helper()
	err := db.Read(t.Context(), func(ctx context.Context, tx *Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM things").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const thing = "INSERT INTO things (id) VALUES (1)"

// T32: a write returns when the disk has it, and not before.
func TestWritesWaitForTheDisk(t *testing.T) {
	var flushed atomic.Int64
	db := openLog(t, func(*os.File) error { flushed.Add(1); return nil })
	for i := range int64(3) {
		before := flushed.Load()
		put(t, db.Write, thing)
		if got := flushed.Load() - before; got != 1 {
			t.Errorf("write %d waited for the disk %d times", i, got)
		}
	}
	before := flushed.Load()
	put(t, db.WriteSoon, thing)
	if got := flushed.Load() - before; got != 0 {
		t.Errorf("a write that need not be durable waited for the disk %d times", got)
	}
	if err := db.Write(t.Context(), func(context.Context, *Tx) error { return errors.New("no") }); err == nil || flushed.Load() != before {
		t.Errorf("a transaction that was undone waited for the disk: %v", err)
	}
	if got := things(t, db); got != 4 {
		t.Errorf("%d rows, want 4", got)
	}
}

// Others can write, and see what was written, while somebody waits for the disk; those who
// committed meanwhile wait together.
func TestWaitingForTheDiskKeepsNobodyOut(t *testing.T) {
	var flushed atomic.Int64
	slow, first := make(chan struct{}), make(chan struct{})
	db := openLog(t, func(*os.File) error {
		if flushed.Add(1) == 2 { // the first was for the table
			close(first)
			<-slow
		}
		return nil
	})
	var waiting sync.WaitGroup
	var returned atomic.Int64
	write := func() {
		put(t, db.Write, thing)
		returned.Add(1)
	}
	waiting.Go(write)
	<-first
	var written sync.WaitGroup
	for range 5 {
		written.Add(1)
		waiting.Go(func() {
			if err := db.WriteThen(t.Context(), one(thing), written.Done); err != nil {
				t.Error(err)
			}
			returned.Add(1)
		})
	}
	written.Wait()
	if got := things(t, db); got != 6 {
		t.Errorf("others see %d rows, want 6", got)
	}
	if got := returned.Load(); got != 0 {
		t.Errorf("%d writes returned before the disk had them", got)
	}
	close(slow)
	waiting.Wait()
	if got := flushed.Load(); got != 3 {
		t.Errorf("the disk was waited for %d times, want 3: the table, the first, the other five", got)
	}
}

// Nobody knows what a disk has kept that failed once.
func TestNothingIsWrittenAfterTheDiskFailed(t *testing.T) {
	broken := errors.New("bad block")
	var fails atomic.Bool
	db := openLog(t, func(*os.File) error {
		if fails.Load() {
			return broken
		}
		return nil
	})
	put(t, db.Write, thing)
	fails.Store(true)
	err := db.Write(t.Context(), one(thing))
	if !errors.Is(err, ErrUnknown) || !errors.Is(err, ErrLost) || !errors.Is(err, broken) {
		t.Errorf("the write during which the disk failed: %v", err)
	}
	fails.Store(false)
	for name, write := range map[string]writing{"write": db.Write, "soon": db.WriteSoon} {
		if err := write(t.Context(), one(thing)); !errors.Is(err, ErrLost) || errors.Is(err, ErrUnknown) {
			t.Errorf("%s after the disk had failed: %v", name, err)
		}
	}
	if got := things(t, db); got != 2 {
		t.Errorf("%d rows can be read, want 2", got)
	}
}

// Closing waits for those who have committed and not yet waited for the disk.
func TestClosingBeforeTheDiskWasWaitedFor(t *testing.T) {
	db := openLog(t, datasync)
	err := db.WriteThen(t.Context(), one(thing), func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Errorf("a write that was committed before the database was closed: %v", err)
	}
}

// A database behind a link has its log beside the file, not beside the link.
func TestLogBehindALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "disk"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "florin.db")
	if err := os.Symlink(filepath.Join(dir, "disk", "real.db"), link); err != nil {
		t.Skip("no links here:", err)
	}
	db, err := Open(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put(t, db.Write, "CREATE TABLE things (id BIGINT)")
	put(t, db.Write, thing)
}
