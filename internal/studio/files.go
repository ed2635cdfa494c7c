package studio

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/store"
)

// orphanAge is how long a file that no row names is left alone when other processes may
// be about to name it: putting a file touches it, and naming it follows within seconds.
const orphanAge = time.Hour

// desk orders what happens to files in this process.
type desk struct {
	// filing is read-locked from putting a file to naming it, and locked while files go.
	filing sync.RWMutex
	// reading is held while an upload is decoded.
	reading sync.Mutex
}

// writingFiles keeps files from being removed between their putting and their naming; call
// what it returns when that is done.
func (s *Studio) writingFiles() (done func()) {
	s.desk.filing.RLock()
	return s.desk.filing.RUnlock
}

// nameFiles writes down that a picture or upload names stored files.
func nameFiles(ctx context.Context, tx *store.Tx, account, owner string, files ...string) error {
	seen := map[string]bool{"": true}
	for _, file := range files {
		if seen[file] {
			continue
		}
		seen[file] = true
		_, err := tx.Exec(ctx, `INSERT INTO files (account, owner, file) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, account, owner, file)
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetFiles takes away the names that a picture or upload gave, and tells which.
func forgetFiles(ctx context.Context, tx *store.Tx, account, owner string) (files []string, err error) {
	rows, err := tx.Query(ctx, `SELECT file FROM files WHERE account = $1 AND owner = $2`, account, owner)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var file string
		if err := rows.Scan(&file); err != nil {
			rows.Close()
			return nil, err
		}
		files = append(files, file)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM files WHERE account = $1 AND owner = $2`, account, owner)
	return files, err
}

// remove runs a transaction that tells which files it does not need any more, and removes
// those that nothing else names.
func (s *Studio) remove(ctx context.Context, do func(ctx context.Context, tx *store.Tx) ([]string, error)) error {
	s.desk.filing.Lock()
	defer s.desk.filing.Unlock()
	var files []string
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		files, err = do(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	age := orphanAge
	if s.Alone {
		age = 0 // nobody else puts files, and whoever does here is waited for
	}
	ctx = context.WithoutCancel(ctx)
	for _, file := range files {
		if _, err := s.removeOrphan(ctx, file, age); err != nil {
			s.Log.Error("removing a file", "file", file, "err", err)
		}
	}
	return nil
}

// removeOrphan removes a file that no row names and that nobody touched for as long as age.
func (s *Studio) removeOrphan(ctx context.Context, file string, age time.Duration) (bool, error) {
	var names int64
	err := s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM files WHERE file = $1`, file).Scan(&names)
	})
	if err != nil || names > 0 {
		return false, err
	}
	removed, err := s.Files.Remove(file, age)
	if errors.Is(err, blob.ErrUnknown) {
		return false, nil
	}
	return removed, err
}

// SweepFiles removes stored files that no row names: leftovers of deaths between storing
// and naming, and of deletions while other processes ran. It tells how many it removed.
func (s *Studio) SweepFiles(ctx context.Context) (int, error) {
	removed := 0
	err := s.Files.Walk(func(file string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		gone, err := s.removeOrphan(ctx, file, orphanAge)
		if gone {
			removed++
		}
		return err
	})
	if err != nil {
		return removed, fmt.Errorf("sweeping files: %w", err)
	}
	return removed, nil
}
