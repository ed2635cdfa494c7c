package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
)

const (
	// readers is how many connections may read at once.
	readers = 8
	// busyTimeout is how long a statement waits for other processes, in milliseconds.
	busyTimeout = 10000
)

// liteEngine is SQLite in a file: one connection that writes, some that read. The
// driver is used directly: database/sql's pool and conversions would cost more than
// they give here.
type liteEngine struct {
	path string
	dsn  string
	// writer and idle hold the connections that nobody uses; taking one is having it.
	writer chan *liteConn
	idle   chan *liteConn
	// slots bounds the readers.
	slots        chan struct{}
	closed       chan struct{}
	once         sync.Once
	checkpointer checkpointer
	log          log
}

func openSQLite(path string) (*liteEngine, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	e := &liteEngine{
		path:   path,
		dsn:    "file:" + (&url.URL{Path: path}).EscapedPath(),
		writer: make(chan *liteConn, 1), idle: make(chan *liteConn, readers),
		slots: make(chan struct{}, readers), closed: make(chan struct{}),
	}
	c, err := e.connect(true)
	if err != nil {
		return nil, fmt.Errorf("store: %s can't be opened: %w", path, opening(err))
	}
	if err := e.log.open(path, c); err != nil {
		c.close()
		return nil, fmt.Errorf("store: %s can't be opened: %w", path, opening(err))
	}
	e.writer <- c
	e.checkpointer = newCheckpointer()
	go e.checkpoints()
	return e, nil
}

// checkPath finds the mistakes for which SQLite has the same unhelpful message.
func checkPath(path string) error {
	if path == "" {
		return errors.New("store: the path of the database is empty; allowed: a file, or postgres://…")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("store: %s is a folder; the database has to be a file", path)
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("store: the folder %s of the database does not exist", dir)
	case err != nil:
		return fmt.Errorf("store: the folder of the database: %w", err)
	case !info.IsDir():
		return fmt.Errorf("store: %s is not a folder, so the database can't be in it", dir)
	}
	return nil
}

func (e *liteEngine) name() string { return "sqlite" }

// connect opens a connection. With NORMAL a commit does not wait for the disk; the log does
// that afterwards (T32). Foreign keys stay off, since no row of one account may depend on another's.
func (e *liteEngine) connect(write bool) (*liteConn, error) {
	raw, err := (&sqlite.Driver{}).Open(e.dsn)
	if err != nil {
		return nil, liteError(err)
	}
	c := &liteConn{raw: raw, statements: map[string]*liteStatement{}}
	setup := []string{
		fmt.Sprintf("PRAGMA busy_timeout=%d", busyTimeout),
		"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=OFF",
		"PRAGMA journal_size_limit=67108864",
	}
	if !write {
		setup = []string{setup[0], "PRAGMA query_only=1", "PRAGMA cache_size=1024"}
	}
	for _, sql := range setup {
		if err := c.insist(sql); err != nil {
			raw.Close()
			return nil, err
		}
	}
	if write {
		c.fit()
	}
	return c, nil
}

// insist runs statements that SQLite lets nobody wait for: where others open the same database at this moment, or close
// it, changing to the write-ahead log is refused at once.
func (c *liteConn) insist(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), busyTimeout*time.Millisecond)
	defer cancel()
	for {
		err := c.script(sql)
		if !errors.Is(err, ErrBusy) || !pause(ctx, 5*time.Millisecond) {
			return err
		}
	}
}

// begin waits for the connection and locks the database for writing at once, so that
// a transaction never finds out later that it can't.
func (e *liteEngine) begin(ctx context.Context, mode mode) (session, error) {
	write := mode.writes()
	c, err := e.take(ctx, write)
	if err != nil {
		return nil, err
	}
	s := &liteSession{engine: e, conn: c, mode: mode}
	if write && e.log.failed() != nil {
		s.release()
		return nil, e.log.failed()
	}
	if mode == single {
		return s, nil
	}
	start := "BEGIN"
	if write {
		start = "BEGIN IMMEDIATE"
	}
	if _, err := c.exec(start, nil); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (e *liteEngine) take(ctx context.Context, write bool) (*liteConn, error) {
	select {
	case <-e.closed:
		return nil, ErrClosed
	default:
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if write {
		select {
		case c := <-e.writer:
			return c, nil
		case <-e.closed:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	select {
	case e.slots <- struct{}{}:
	case <-e.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case c := <-e.idle:
		return c, nil
	default:
	}
	c, err := e.connect(false)
	if err != nil {
		<-e.slots
	}
	return c, err
}

// close waits for the transactions under way and closes every connection; the last
// one to go folds the write-ahead log into the file.
func (e *liteEngine) close() error {
	var err error
	e.once.Do(func() {
		close(e.closed)
		<-e.checkpointer.ended
		for range readers {
			e.slots <- struct{}{}
		}
		close(e.idle)
		for c := range e.idle {
			err = errors.Join(err, c.close())
		}
		c := <-e.writer
		err = errors.Join(err, e.log.close(), c.close())
	})
	return err
}

// liteSession is a transaction on a SQLite connection.
type liteSession struct {
	engine *liteEngine
	conn   *liteConn
	mode   mode
	// changed is how many rows were written.
	changed int64
}

func (s *liteSession) exec(ctx context.Context, sql string, args []any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.conn.exec(sql, args)
	s.changed += n
	return n, err
}

// beside is how many rows make it worth while to have another goroutine write them.
const beside = 64

func (s *liteSession) execLater(ctx context.Context, statements []Statement, last bool) func() ([]int64, error) {
	if last { // who waits for them has nothing else to do, and starts sooner than another goroutine
		return func() ([]int64, error) { return s.execAll(ctx, statements) }
	}
	rows := 0
	for i := range statements {
		rows += statements[i].rows()
	}
	if rows < beside {
		changed, err := s.execAll(ctx, statements)
		return func() ([]int64, error) { return changed, err }
	}
	var changed []int64
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		changed, err = s.execAll(ctx, statements)
	}()
	return func() ([]int64, error) {
		<-done
		return changed, err
	}
}

func (s *liteSession) execAll(ctx context.Context, statements []Statement) ([]int64, error) {
	changed := make([]int64, len(statements))
	for i := range statements {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if changed[i], err = s.conn.execMany(&statements[i]); err != nil {
			return nil, err
		}
		s.changed += changed[i]
	}
	return changed, nil
}

func (s *liteSession) query(ctx context.Context, sql string, args []any) (cursor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.conn.query(ctx, sql, args)
}

func (s *liteSession) script(_ context.Context, sql string) error { return s.conn.script(sql) }

// commit is not interrupted by the context: its outcome has to be known.
func (s *liteSession) commit(_ context.Context, written func()) error {
	if s.mode == single {
		s.release()
		return nil
	}
	if _, err := s.conn.exec("COMMIT", nil); err != nil {
		s.conn.exec("ROLLBACK", nil)
		s.release()
		return err
	}
	if s.mode == reads {
		s.release()
		return nil
	}
	if s.engine.checkpointer.grow(s.changed) {
		s.conn.fit()
	}
	commit := s.engine.log.grew()
	s.release()
	if written != nil {
		written()
	}
	if s.mode == soon {
		return nil
	}
	return s.engine.log.sync(commit)
}

// rollback may find the transaction gone already, which some errors do by themselves.
func (s *liteSession) rollback() {
	if s.mode != single {
		s.conn.exec("ROLLBACK", nil)
	}
	s.release()
}

func (s *liteSession) release() {
	if s.mode.writes() {
		s.engine.writer <- s.conn
		return
	}
	s.engine.idle <- s.conn
	<-s.engine.slots
}

// liteCursor walks the rows of a SQLite query.
type liteCursor struct {
	ctx  context.Context
	rows driver.Rows
	dest []driver.Value
	out  []any
	done func()
}

func (c *liteCursor) next() ([]any, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	switch err := c.rows.Next(c.dest); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, liteError(err)
	}
	for i, v := range c.dest {
		c.out[i] = v
	}
	return c.out, nil
}

func (c *liteCursor) close() error {
	err := liteError(c.rows.Close())
	c.done()
	return err
}
