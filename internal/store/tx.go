package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Tx is a transaction. It is used by one goroutine, and only inside the function it was
// given to.
type Tx struct {
	session session
	mode    mode
	open    *Rows
	over    bool
	// broken is an error that ended the whole transaction, even where fn forgave it:
	// nothing runs after it, and nothing is committed.
	broken error
	depth  int
	// asked tells that there was a query.
	asked bool
	// last tells that nothing more may run.
	last bool
	// later waits for what ExecLater has begun; nil when there is nothing.
	later func() error
}

// errOne is anything but one query in ReadOne.
var errOne = errors.New("store: ReadOne runs one query")

// Exec runs a statement and tells how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if tx.mode == single {
		return 0, errOne
	}
	if err := tx.ready(args); err != nil {
		return 0, err
	}
	n, err := tx.session.exec(ctx, sql, args)
	return n, tx.note(err)
}

// ExecMany runs one statement for many rows of arguments, in order, and tells how many
// rows that changed in all.
func (tx *Tx) ExecMany(ctx context.Context, sql string, rows [][]any) (int64, error) {
	changed, err := tx.ExecAll(ctx, []Statement{{SQL: sql, Args: rows}})
	if err != nil {
		return 0, err
	}
	return changed[0], nil
}

// ExecAll runs statements in order, each for all its rows, and tells how many rows each
// statement changed in all: one round trip on PostgreSQL, prepared statements on SQLite.
func (tx *Tx) ExecAll(ctx context.Context, statements []Statement) ([]int64, error) {
	if err := tx.readyAll(statements); err != nil {
		return nil, err
	}
	changed, err := tx.session.execLater(ctx, statements, false)()
	return changed, tx.note(err)
}

// ExecLater is ExecAll that need not wait: the caller can go on while the statements run. Whatever is
// done in the transaction next waits for them, and so does its commit. done then gets what ExecAll would
// have returned. It may turn an error into another one, or find one, and not forgive one: nothing runs any more
// in the transaction then, and Write and what would have come next return that error.
func (tx *Tx) ExecLater(ctx context.Context, statements []Statement, done func(changed []int64, err error) error) error {
	return tx.execLater(ctx, statements, false, done)
}

// ExecLast is ExecLater for the end of a transaction: nothing runs in it afterwards. PostgreSQL gets the commit in the same round
// trip, so that only an error of a statement keeps it from being committed: done may be called after the commit, and
// of what it finds then ErrUnknown is all that may be said. So it is where the context ends meanwhile.
func (tx *Tx) ExecLast(ctx context.Context, statements []Statement, done func(changed []int64, err error) error) error {
	if tx.depth > 0 {
		return errors.New("store: an Attempt is not the end of a transaction")
	}
	err := tx.execLater(ctx, statements, true, done)
	tx.last = err == nil
	return err
}

func (tx *Tx) execLater(ctx context.Context, statements []Statement, last bool, done func(changed []int64, err error) error) error {
	if err := tx.readyAll(statements); err != nil {
		return err
	}
	wait := tx.session.execLater(ctx, statements, last)
	tx.later = func() error {
		changed, err := wait()
		if found := done(changed, tx.note(err)); found != nil {
			return found
		}
		return err
	}
	return nil
}

func (tx *Tx) readyAll(statements []Statement) error {
	if tx.mode == single {
		return errOne
	}
	if err := tx.usable(); err != nil {
		return err
	}
	for i := range statements {
		if err := statements[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// settle waits for what runs later.
func (tx *Tx) settle() {
	later := tx.later
	if later == nil {
		return
	}
	tx.later = nil
	if err := later(); tx.broken == nil {
		tx.broken = err
	}
}

// Query runs a statement that gives rows. Close them before the next statement.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	if err := tx.ready(args); err != nil {
		return nil, err
	}
	c, err := tx.session.query(ctx, sql, args)
	if err != nil {
		return nil, tx.note(err)
	}
	rows := &Rows{tx: tx, cursor: c}
	tx.open = rows
	tx.asked = true
	return rows, nil
}

// QueryRow runs a statement that gives at most one row of interest.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) Row {
	rows, err := tx.Query(ctx, sql, args...)
	return Row{rows: rows, err: err}
}

// Attempt runs fn so that an error of it undoes what it wrote and nothing else.
func (tx *Tx) Attempt(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := tx.usable(); err != nil {
		return err
	}
	tx.depth++
	defer func() { tx.depth-- }()
	name := "attempt" + strconv.Itoa(tx.depth)
	if _, err := tx.Exec(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // fn panicked: the transaction goes on only if somebody recovers
			tx.undo(ctx, name)
		}
	}()
	err := fn(ctx)
	done = true
	if err != nil {
		if failed := tx.undo(ctx, name); failed != nil {
			return errors.Join(err, failed)
		}
		return err
	}
	if _, err := tx.Exec(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		tx.undo(ctx, name) // fn forgave an error that PostgreSQL does not forgive
		return err
	}
	return nil
}

// undo goes back to a savepoint.
func (tx *Tx) undo(ctx context.Context, name string) error {
	tx.closeRows()
	ctx = context.WithoutCancel(ctx)
	_, err := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT "+name)
	if err == nil {
		_, err = tx.Exec(ctx, "RELEASE SAVEPOINT "+name)
	}
	if err != nil && tx.broken == nil {
		tx.broken = err // what fn wrote can't be taken out, so nothing may stay
	}
	return err
}

// usable tells whether a statement can run now, and waits for those that run later.
func (tx *Tx) usable() error {
	tx.settle()
	switch {
	case tx.over, tx.last:
		return errors.New("store: the transaction is over")
	case tx.broken != nil:
		return tx.broken
	case tx.open != nil:
		return errors.New("store: the rows of the query before have to be closed first")
	case tx.mode == single && tx.asked:
		return errOne
	}
	return nil
}

// ready is usable, and brings arguments into the few types that both engines bind alike.
func (tx *Tx) ready(args []any) error {
	if err := tx.usable(); err != nil {
		return err
	}
	return arguments(args)
}

// note remembers an error that ends the transaction.
func (tx *Tx) note(err error) error {
	if tx.broken == nil && (errors.Is(err, errAgain) || errors.Is(err, ErrFull) || errors.Is(err, ErrBusy) || errors.Is(err, errBroken)) {
		tx.broken = err
	}
	return err
}

func (tx *Tx) closeRows() {
	if tx.open != nil {
		tx.open.Close()
	}
}

// Rows are the rows of a query.
type Rows struct {
	tx     *Tx
	cursor cursor
	values []any
	err    error
}

// Next goes to the next row; false at the end or on an error, which Err tells.
func (r *Rows) Next() bool {
	if r.cursor == nil || r.err != nil {
		return false
	}
	r.values, r.err = r.cursor.next()
	if r.err != nil || r.values == nil {
		r.Close()
		return false
	}
	return true
}

// Scan copies the row into pointers: to integers, strings, []byte, bool (from 0 and 1),
// or to pointers of these for columns that may be NULL.
func (r *Rows) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("store: %d places for a row of %d columns", len(dest), len(r.values))
	}
	for i := range dest {
		if err := assign(dest[i], r.values[i]); err != nil {
			return fmt.Errorf("store: column %d: %w", i+1, err)
		}
	}
	return nil
}

// Err is what ended the rows early, if anything did.
func (r *Rows) Err() error { return r.err }

// Close ends the query. It may be called more than once.
func (r *Rows) Close() error {
	if r.cursor == nil {
		return r.err
	}
	err := r.cursor.close()
	r.cursor, r.tx.open = nil, nil
	if r.err == nil {
		r.err = err
	}
	r.tx.note(r.err)
	return r.err
}

// Row is the first row of a query.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the row as Rows.Scan does, or returns ErrNoRows.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if r.rows.err != nil {
			return r.rows.err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}
