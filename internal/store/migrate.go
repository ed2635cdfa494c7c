package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// migration is one file NNNN_name.sql, applied in one transaction.
type migration struct {
	version int64
	name    string
	sql     string
}

// migrationsOf lists an engine's migrations, which are numbered from 1 without gaps.
func migrationsOf(engine string) ([]migration, error) {
	dir := path.Join("migrations", engine)
	files, err := fs.ReadDir(migrations, dir)
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	var list []migration
	for _, f := range files {
		number, name, ok := strings.Cut(strings.TrimSuffix(f.Name(), ".sql"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil || version != int64(len(list)+1) {
			return nil, fmt.Errorf("store: migration %s/%s: want number %04d and a name", dir, f.Name(), len(list)+1)
		}
		text, err := fs.ReadFile(migrations, path.Join(dir, f.Name()))
		if err != nil {
			return nil, fmt.Errorf("store: migrations: %w", err)
		}
		list = append(list, migration{version: version, name: name, sql: string(text)})
	}
	return list, nil
}

// migrate brings the schema up to date. Several processes may do so at once: each
// migration begins by inserting its own row, so that the others wait for it there.
func (db *DB) migrate(ctx context.Context) error {
	known, err := migrationsOf(db.Engine())
	if err != nil {
		return err
	}
	version, err := db.version(ctx)
	if err != nil {
		return err
	}
	for version < int64(len(known)) {
		m := known[version]
		err := db.Write(ctx, func(ctx context.Context, tx *Tx) error { return m.apply(ctx, tx) })
		if err != nil && !errors.Is(err, ErrUnique) {
			return fmt.Errorf("store: migration %04d_%s: %w", m.version, m.name, err)
		}
		if version, err = db.version(ctx); err != nil {
			return err
		}
	}
	if version > int64(len(known)) {
		return fmt.Errorf("store: the database is at version %d, newer than this program, which knows versions up to %d: use a newer program", version, len(known))
	}
	return nil
}

func (m migration) apply(ctx context.Context, tx *Tx) error {
	if _, err := tx.Exec(ctx, "INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", m.version, m.name); err != nil {
		return err
	}
	return tx.session.script(ctx, m.sql)
}

// version is the number of the last migration applied, 0 for a new database. Where
// another process creates the table at the same moment, PostgreSQL refuses ours in spite
// of IF NOT EXISTS, by what of the two it comes upon first: the table's name, the name of
// its row type, or their rows in the catalog.
func (db *DB) version(ctx context.Context) (version int64, err error) {
	for range tries {
		version, err = db.versionOnce(ctx)
		if !errors.Is(err, ErrUnique) && !errors.Is(err, errThere) {
			break
		}
	}
	if err != nil {
		return 0, fmt.Errorf("store: reading the schema's version: %w", opening(err))
	}
	return version, nil
}

func (db *DB) versionOnce(ctx context.Context) (version int64, err error) {
	var known int64
	err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		query := "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_migrations'"
		if db.Engine() == "postgres" {
			query = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'schema_migrations' AND table_schema = current_schema()"
		}
		if err := tx.QueryRow(ctx, query).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			if err := tx.session.script(ctx, "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL)"); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, "SELECT COALESCE(MAX(version), 0) FROM schema_migrations").Scan(&version)
	})
	return version, err
}
