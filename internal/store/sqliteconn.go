package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// maxStatements bounds the statements a connection keeps prepared.
const maxStatements = 256

// liteConn is a SQLite connection with the statements it has prepared.
type liteConn struct {
	raw        driver.Conn
	statements map[string]*liteStatement
	args       []driver.NamedValue
	// size is what was made to fit the database, where it writes.
	size size
}

// liteStatement is a prepared statement; busy while its rows are walked.
type liteStatement struct {
	stmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	busy bool
	// kept tells that it belongs to the connection; others are closed after use.
	kept bool
}

func (c *liteConn) statement(sql string) (*liteStatement, error) {
	kept := c.statements[sql]
	if kept != nil && !kept.busy {
		return kept, nil
	}
	raw, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, liteError(err)
	}
	s := &liteStatement{kept: kept == nil && len(c.statements) < maxStatements}
	s.stmt = raw.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	})
	if s.kept {
		c.statements[sql] = s
	}
	return s, nil
}

func (s *liteStatement) done() {
	s.busy = false
	if !s.kept {
		s.stmt.Close()
	}
}

// bind gives the arguments to the driver; the slice is used again by the next statement.
func (c *liteConn) bind(args []any) []driver.NamedValue {
	c.args = c.args[:0]
	for i, v := range args {
		c.args = append(c.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return c.args
}

// exec runs without a context: an interrupted statement would undo the whole
// transaction behind its user's back, and writing statements are short.
func (c *liteConn) exec(sql string, args []any) (int64, error) {
	s, err := c.statement(sql)
	if err != nil {
		return 0, err
	}
	defer s.done()
	return s.exec(c.bind(args))
}

func (s *liteStatement) exec(args []driver.NamedValue) (int64, error) {
	result, err := s.stmt.ExecContext(context.Background(), args)
	if err != nil {
		return 0, liteError(err)
	}
	if result == nil {
		return 0, nil
	}
	return result.RowsAffected()
}

func (c *liteConn) execMany(st *Statement) (int64, error) {
	rows := st.rows()
	if rows == 0 {
		return 0, nil
	}
	s, err := c.statement(st.SQL)
	if err != nil {
		return 0, err
	}
	defer s.done()
	var changed int64
	var args []any
	for i := range rows {
		args = st.row(args[:0], i)
		n, err := s.exec(c.bind(args))
		if err != nil {
			return 0, err
		}
		changed += n
	}
	return changed, nil
}

func (c *liteConn) query(ctx context.Context, sql string, args []any) (cursor, error) {
	s, err := c.statement(sql)
	if err != nil {
		return nil, err
	}
	rows, err := s.stmt.QueryContext(context.Background(), c.bind(args))
	if err != nil {
		s.done()
		return nil, liteError(err)
	}
	s.busy = true
	n := len(rows.Columns())
	return &liteCursor{ctx: ctx, rows: rows, dest: make([]driver.Value, n), out: make([]any, n), done: s.done}, nil
}

// text reads one value as a text.
func (c *liteConn) text(sql string) (string, error) {
	rows, err := c.query(context.Background(), sql, nil)
	if err != nil {
		return "", err
	}
	defer rows.close()
	row, err := rows.next()
	if err != nil || len(row) == 0 {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}

// script runs statements that are used once.
func (c *liteConn) script(sql string) error {
	_, err := c.raw.(driver.ExecerContext).ExecContext(context.Background(), sql, nil)
	return liteError(err)
}

func (c *liteConn) close() error {
	for _, s := range c.statements {
		s.stmt.Close()
	}
	return c.raw.Close()
}

// liteError gives SQLite's errors the meanings that callers tell apart.
func liteError(err error) error {
	var said *sqlite.Error
	if !errors.As(err, &said) {
		return err
	}
	switch said.Code() {
	case code.SQLITE_CONSTRAINT_UNIQUE, code.SQLITE_CONSTRAINT_PRIMARYKEY, code.SQLITE_CONSTRAINT_ROWID:
		return &failure{means: ErrUnique, said: err}
	}
	switch said.Code() & 0xff {
	case code.SQLITE_FULL:
		return &failure{means: ErrFull, said: err}
	case code.SQLITE_BUSY, code.SQLITE_LOCKED:
		return &failure{means: ErrBusy, said: err}
	case code.SQLITE_IOERR, code.SQLITE_NOMEM, code.SQLITE_CORRUPT, code.SQLITE_INTERRUPT, code.SQLITE_READONLY:
		return &failure{means: errBroken, said: err}
	}
	return err
}

// opening says in words what is wrong with a file that can't be opened.
func opening(err error) error {
	var said *sqlite.Error
	if !errors.As(err, &said) {
		return err
	}
	switch said.Code() & 0xff {
	case code.SQLITE_NOTADB:
		return fmt.Errorf("it is not a SQLite database, or it is damaged (%w)", err)
	case code.SQLITE_CORRUPT:
		return fmt.Errorf("the database is damaged (%w)", err)
	case code.SQLITE_CANTOPEN, code.SQLITE_READONLY, code.SQLITE_PERM:
		return fmt.Errorf("the file or its folder can't be written (%w)", err)
	case code.SQLITE_IOERR:
		return fmt.Errorf("the disk fails (%w)", err)
	}
	return err
}
