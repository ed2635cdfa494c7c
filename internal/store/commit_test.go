package store

import (
	"errors"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What a server says no to is not written; of all else nobody knows.
func TestCommitError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err     error
		unknown bool
		means   error
	}{
		{nil, false, nil},
		{&pgconn.PgError{Severity: "ERROR", Code: "23505"}, false, ErrUnique},
		{&pgconn.PgError{Severity: "ERROR", Code: "40001"}, false, errAgain},
		{&pgconn.PgError{Severity: "ERROR", Code: "53100"}, false, ErrFull},
		{&pgconn.PgError{Severity: "ERROR", Code: "40003"}, true, ErrUnknown},
		{&pgconn.PgError{Severity: "FATAL", Code: "57P01"}, true, ErrUnknown},
		{&pgconn.PgError{Severity: "PANIC", Code: "XX000"}, true, ErrUnknown},
		{&pgconn.PgError{Severity: "ERROR", Code: "08006"}, true, ErrUnknown},
		{io.ErrUnexpectedEOF, true, ErrUnknown},
	} {
		got := commitError(c.err)
		if errors.Is(got, ErrUnknown) != c.unknown || !errors.Is(got, c.means) {
			t.Errorf("%v means %v, want %v", c.err, got, c.means)
		}
	}
}
