package store

import "errors"

// What callers tell apart. Errors of the engines wrap these.
var (
	// ErrNoRows is what Scan of a QueryRow returns where there is no row.
	ErrNoRows = errors.New("store: no such row")
	// ErrUnique is a row refused because its key is taken.
	ErrUnique = errors.New("store: the key is taken")
	// ErrText is a text with a zero byte in it or that is not UTF-8; nothing was written.
	ErrText = errors.New("store: a text has a zero byte or is not UTF-8")
	// ErrFull is a disk without room; nothing was written.
	ErrFull = errors.New("store: the disk is full")
	// ErrUnknown is a commit during which the connection or the disk failed: the transaction is either
	// complete or absent, and only reading tells which.
	ErrUnknown = errors.New("store: the commit was broken off, and its outcome is unknown")
	// ErrClosed is any use after Close.
	ErrClosed = errors.New("store: the database is closed")
	// ErrLost is a disk that did not keep what was written to it; nothing is written any more.
	ErrLost = errors.New("store: the disk failed to keep what was written; see to the disk, then start florin again")
	// ErrBusy is a database that other processes kept locked too long.
	ErrBusy = errors.New("store: the database is locked by another process")
	// errAgain is a transaction that may simply run again.
	errAgain = errors.New("store: the transaction met another one")
	// errThere is a table that could not be created because another one has its name.
	errThere = errors.New("store: the table is there already")
	// errBroken is a fault after which SQLite may have undone the transaction by itself.
	errBroken = errors.New("store: the database failed")
)

// failure joins what an error means with what the engine said.
type failure struct {
	means error
	said  error
}

func (f *failure) Error() string   { return f.means.Error() + " (" + f.said.Error() + ")" }
func (f *failure) Unwrap() []error { return []error{f.means, f.said} }
