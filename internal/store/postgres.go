package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgEngine is PostgreSQL, or what speaks its protocol.
type pgEngine struct {
	pool   *pgxpool.Pool
	closed atomic.Bool
}

func openPostgres(ctx context.Context, url string) (*pgEngine, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("store: the address of the database: %w", err)
	}
	config.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		takePacked(c.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: the database can't be opened: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store: the database at %s can't be reached: %s", config.ConnConfig.Host, strings.Join(strings.Fields(err.Error()), " "))
	}
	return &pgEngine{pool: pool}, nil
}

func (e *pgEngine) name() string { return "postgres" }

func (e *pgEngine) close() error {
	e.closed.Store(true)
	e.pool.Close()
	return nil
}

// starts are the statements that open a transaction.
var starts = map[mode][]string{
	reads:  {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
	writes: {"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
	soon:   {"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL synchronous_commit = off"},
}

// begin takes a connection. The transaction is opened together with its first
// statement, which saves a round trip.
func (e *pgEngine) begin(ctx context.Context, mode mode) (session, error) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		if e.closed.Load() {
			return nil, ErrClosed
		}
		return nil, pgError(err)
	}
	return &pgSession{conn: conn, bare: mode == single, start: starts[mode]}, nil
}

// pgSession is a transaction on a PostgreSQL connection.
type pgSession struct {
	conn *pgxpool.Conn
	// bare tells that there is no transaction.
	bare bool
	// start opens the transaction; empty once it is open.
	start []string
	// ended tells that the commit was sent, and its outcome told, with the last statements.
	ended bool
}

// batch begins what is sent in one go: with the statements that open the transaction, where it is not open.
func (s *pgSession) batch() *pgx.Batch {
	b := &pgx.Batch{}
	for _, sql := range s.start {
		b.Queue(sql)
	}
	return b
}

func (s *pgSession) send(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	s.start = nil
	return s.conn.SendBatch(ctx, b)
}

// skipping leaves out results. An error stays with them and comes back from the next call.
func skipping(results pgx.BatchResults, n int) {
	for range n {
		results.Exec()
	}
}

func (s *pgSession) exec(ctx context.Context, sql string, args []any) (int64, error) {
	if s.start == nil {
		tag, err := s.conn.Exec(ctx, sql, args...)
		return tag.RowsAffected(), pgError(err)
	}
	changed, err := s.execLater(ctx, []Statement{{SQL: sql, Args: [][]any{args}}}, false)()
	if err != nil {
		return 0, err
	}
	return changed[0], nil
}

// execLater sends statements, with the commit behind the last ones, and gives what reads their results. The server skips what
// comes after a statement that failed, the commit, too.
func (s *pgSession) execLater(ctx context.Context, statements []Statement, last bool) func() ([]int64, error) {
	runs := make([]int, len(statements)) // how often each is sent
	changed := make([]int64, len(statements))
	batch := s.batch()
	skip := batch.Len()
	room := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	*room = (*room)[:0]
	for i := range statements {
		st := &statements[i]
		if sql, arrays, ok := fold(st, room); ok {
			batch.Queue(sql, arrays...)
			runs[i] = 1
			continue
		}
		runs[i] = st.rows()
		for j := range runs[i] {
			batch.Queue(st.SQL, st.row(nil, j)...)
		}
	}
	if batch.Len() == skip {
		return func() ([]int64, error) { return changed, nil }
	}
	failed := pgError
	if last {
		batch.Queue("COMMIT")
		failed, s.ended = commitError, true
	}
	results := s.send(ctx, batch)
	return func() ([]int64, error) {
		skipping(results, skip)
		for i := range statements {
			for range runs[i] {
				tag, err := results.Exec()
				if err != nil {
					results.Close()
					return nil, failed(err)
				}
				changed[i] += tag.RowsAffected()
			}
		}
		if last {
			if _, err := results.Exec(); err != nil {
				results.Close()
				return nil, failed(err)
			}
		}
		return changed, failed(results.Close())
	}
}

func (s *pgSession) query(ctx context.Context, sql string, args []any) (cursor, error) {
	if s.start == nil {
		rows, err := s.conn.Query(ctx, sql, args...)
		if err != nil {
			return nil, pgError(err)
		}
		return &pgCursor{rows: rows}, nil
	}
	batch := s.batch()
	skip := batch.Len()
	batch.Queue(sql, args...)
	results := s.send(ctx, batch)
	skipping(results, skip)
	rows, err := results.Query()
	if err != nil {
		results.Close()
		return nil, pgError(err)
	}
	return &pgCursor{rows: rows, results: results}, nil
}

func (s *pgSession) script(ctx context.Context, sql string) error {
	if err := s.opened(ctx); err != nil {
		return err
	}
	_, err := s.conn.Conn().PgConn().Exec(ctx, sql).ReadAll()
	return pgError(err)
}

func (s *pgSession) opened(ctx context.Context) error {
	start := s.start
	s.start = nil
	for _, sql := range start {
		if _, err := s.conn.Exec(ctx, sql); err != nil {
			return pgError(err)
		}
	}
	return nil
}

// commit is not interrupted by the context: its outcome has to be known.
func (s *pgSession) commit(ctx context.Context, _ func()) error {
	defer s.conn.Release()
	if s.start != nil || s.bare || s.ended {
		return nil
	}
	tag, err := s.conn.Conn().PgConn().Exec(context.WithoutCancel(ctx), "COMMIT").ReadAll()
	if err == nil && len(tag) == 1 && tag[0].CommandTag.String() == "ROLLBACK" {
		return errors.New("store: the transaction had failed before and was undone")
	}
	return commitError(err)
}

// commitError is the error of a commit that was sent: where the server said no, nothing is written; where it
// said nothing, or that it does not know itself, as distributed ones may (40003), nobody knows.
func commitError(err error) error {
	var said *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said) && said.Severity != "FATAL" && said.Severity != "PANIC" && said.Code[:2] != "08" && said.Code != "40003":
		return pgError(err)
	}
	return &failure{means: ErrUnknown, said: err}
}

func (s *pgSession) rollback() {
	if s.start == nil && !s.bare && !s.conn.Conn().IsClosed() {
		s.conn.Conn().PgConn().Exec(context.Background(), "ROLLBACK").ReadAll()
	}
	s.conn.Release()
}

// pgCursor walks the rows of a PostgreSQL query.
type pgCursor struct {
	rows    pgx.Rows
	results pgx.BatchResults
}

func (c *pgCursor) next() ([]any, error) {
	if !c.rows.Next() {
		return nil, pgError(c.rows.Err())
	}
	values, err := c.rows.Values()
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if values[i], err = plain(v); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (c *pgCursor) close() error {
	c.rows.Close()
	err := pgError(c.rows.Err())
	if c.results != nil {
		if failed := pgError(c.results.Close()); err == nil {
			err = failed
		}
	}
	return err
}

// plain brings a value of PostgreSQL into the types that SQLite gives.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, int64, string, []byte:
		return v, nil
	case int32:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case bool:
		return argument(v)
	case pgtype.Numeric: // what SUM gives
		n, err := v.Int64Value()
		if err != nil || !n.Valid {
			return nil, fmt.Errorf("store: a sum does not fit into 64 bits: %w", err)
		}
		return n.Int64, nil
	}
	return nil, fmt.Errorf("store: a column has type %T; allowed: TEXT, BIGINT, BYTEA", v)
}

// pgError gives PostgreSQL's errors the meanings that callers tell apart.
func pgError(err error) error {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return err
	}
	switch said.Code {
	case "23505":
		return &failure{means: ErrUnique, said: err}
	case "42P07", "42710": // a table, or the type that comes with it
		return &failure{means: errThere, said: err}
	case "53100":
		return &failure{means: ErrFull, said: err}
	case "40001", "40P01":
		return &failure{means: errAgain, said: errors.New(said.Message + " " + strconv.Quote(said.Code))}
	}
	return err
}
