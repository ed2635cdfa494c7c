package store

import (
	"context"
	"errors"
	"strings"
	"time"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine engine
}

// engine is what differs between the two.
type engine interface {
	name() string
	// begin starts a transaction; the session is the caller's alone until it ends.
	begin(ctx context.Context, mode mode) (session, error)
	close() error
}

// mode is what a transaction is for.
type mode int

const (
	reads mode = iota
	writes
	// soon is a writing transaction whose commit does not wait for the disk.
	soon
	// single is one reading statement, which needs no transaction around it.
	single
)

func (m mode) writes() bool { return m == writes || m == soon }

// session is one transaction on one connection.
type session interface {
	exec(ctx context.Context, sql string, args []any) (int64, error)
	// execLater begins to run statements and gives what waits for them. Nothing else is asked of the session before that was called.
	// After the last statements nothing but the end is; they may bring the commit with them.
	execLater(ctx context.Context, statements []Statement, last bool) (wait func() ([]int64, error))
	query(ctx context.Context, sql string, args []any) (cursor, error)
	// script runs several statements without arguments.
	script(ctx context.Context, sql string) error
	// Exactly one of these ends the session. commit may call written as WriteThen says.
	commit(ctx context.Context, written func()) error
	rollback()
}

// cursor walks the rows of a query.
type cursor interface {
	// next gives the row's values, valid until the next call, or nil at the end.
	next() ([]any, error)
	close() error
}

// Open opens a database and brings its schema up to date. The url is
// "postgres://…" or "postgresql://…", or else a SQLite file: its path or "sqlite:PATH".
func Open(ctx context.Context, url string) (*DB, error) {
	var e engine
	var err error
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		e, err = openPostgres(ctx, url)
	} else {
		e, err = openSQLite(strings.TrimPrefix(url, "sqlite:"))
	}
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e}
	if err := db.migrate(ctx); err != nil {
		e.close()
		return nil, err
	}
	return db, nil
}

// Engine is "sqlite" or "postgres".
func (db *DB) Engine() string { return db.engine.name() }

// Close ends all connections. Transactions under way end first.
func (db *DB) Close() error { return db.engine.close() }

// tries bounds how often a transaction that met others runs again.
const tries = 30

// Write runs fn in a transaction and returns when it is durable. An error of fn undoes
// everything. fn may run again, from the start, when the transaction met another one;
// what it leaves outside the transaction must bear that.
func (db *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.write(ctx, writes, fn, nil)
}

// WriteThen is Write for whoever has more to write and need not wait for the disk first: on
// SQLite written is called once everybody sees what fn wrote and only the disk is to be
// waited for. What is written from then on is not durable before this is. Where the disk
// fails then, WriteThen returns ErrUnknown, and nothing can be written any more. On
// PostgreSQL, whose server waits for the disk before anybody sees it, there is no call.
func (db *DB) WriteThen(ctx context.Context, fn func(ctx context.Context, tx *Tx) error, written func()) error {
	return db.write(ctx, writes, fn, written)
}

// WriteSoon is Write without waiting for the disk: others see at once what fn wrote, but a
// machine that loses power in the next moments may forget it, together with all that was
// written after it; never a part of it. It is for what only says who does what just now.
func (db *DB) WriteSoon(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.write(ctx, soon, fn, nil)
}

func (db *DB) write(ctx context.Context, mode mode, fn func(ctx context.Context, tx *Tx) error, written func()) error {
	var err error
	for try := range tries {
		if err = db.run(ctx, mode, fn, written); !errors.Is(err, errAgain) {
			return err
		}
		if !pause(ctx, time.Duration(try)*2*time.Millisecond) {
			return ctx.Err()
		}
	}
	return err
}

// Read runs fn on one moment of the database. Statements in it can't write.
func (db *DB) Read(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.read(ctx, reads, fn)
}

// ReadOne is Read for a single statement: it sees one moment by itself. PostgreSQL is spared a round
// trip and two statements. A second one is refused.
func (db *DB) ReadOne(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return db.read(ctx, single, fn)
}

func (db *DB) read(ctx context.Context, mode mode, fn func(ctx context.Context, tx *Tx) error) error {
	var err error
	for range tries {
		if err = db.run(ctx, mode, fn, nil); !errors.Is(err, errAgain) {
			return err
		}
	}
	return err
}

// run is one try of a transaction.
func (db *DB) run(ctx context.Context, mode mode, fn func(ctx context.Context, tx *Tx) error, written func()) error {
	s, err := db.engine.begin(ctx, mode)
	if err != nil {
		return err
	}
	tx := &Tx{session: s, mode: mode}
	ended := false
	defer func() {
		if !ended { // fn panicked or failed
			tx.over = true
			tx.closeRows()
			tx.settle()
			s.rollback()
		}
	}()
	err = fn(ctx, tx)
	tx.settle()
	if tx.broken != nil {
		return tx.broken
	}
	if err != nil {
		return err
	}
	ended, tx.over = true, true
	tx.closeRows()
	return s.commit(ctx, written)
}

// pause waits, or tells that the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
