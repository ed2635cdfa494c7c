// Package store keeps everything Florin remembers in SQL: one API over two engines,
// SQLite in a file (the default) and PostgreSQL.
//
// It promises: a [DB.Write] that returned nil is on disk, all of it; one that returned
// an error left nothing behind, save where the error is [ErrUnknown]; a [DB.Read] sees
// one moment of the database. SQL texts are the same for both engines, with $1
// placeholders; values go in and come out as int64, string and []byte on both. The
// schema is brought up to date by [Open].
//
// It does not promise isolation beyond what both engines give: on PostgreSQL writing
// transactions are READ COMMITTED, so a decision is made by a conditional statement
// that reports its rows ("UPDATE … WHERE seq = $2"), never by reading first and writing
// later in good faith. It knows nothing of tokens: who keeps what is decided by the
// packages that bring their SQL here.
package store
