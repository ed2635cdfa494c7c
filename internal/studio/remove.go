package studio

import (
	"context"
	"errors"

	"github.com/florin-studio/florin/internal/store"
)

// DeletePicture removes a picture of a job that has ended, and its files where nothing
// else names them. What was paid for it stays paid.
func (s *Studio) DeletePicture(ctx context.Context, account, id string) error {
	return s.remove(ctx, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		p, err := scanPicture(tx.QueryRow(ctx, `SELECT `+pictureColumns+` FROM pictures WHERE account = $1 AND id = $2`, account, id))
		if err != nil {
			return nil, err
		}
		var status Status
		err = tx.QueryRow(ctx, `SELECT status FROM jobs WHERE account = $1 AND id = $2`, account, p.Job).Scan(&status)
		if err != nil && !errors.Is(err, store.ErrNoRows) {
			return nil, err
		}
		if status == Queued || status == Running {
			return nil, invalid("picture", id, "a picture of a job that has ended; cancel the job first")
		}
		return deletePicture(ctx, tx, account, id)
	})
}

func deletePicture(ctx context.Context, tx *store.Tx, account, id string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM pictures WHERE account = $1 AND id = $2`, account, id); err != nil {
		return nil, err
	}
	return forgetFiles(ctx, tx, account, id)
}

// DeleteJob removes a job that has ended, with its pictures. Of the job itself only the
// figures stay, for the sums of usage; the journal keeps what was paid.
func (s *Studio) DeleteJob(ctx context.Context, account, id string) error {
	return s.remove(ctx, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		j, err := loadJob(ctx, tx, account, id)
		if err != nil {
			return nil, err
		}
		if j.Open() {
			return nil, invalid("job", id, "a job that has ended; cancel it first")
		}
		_, err = tx.Exec(ctx, `UPDATE jobs SET hidden = 1, spec = '{}', reason = '', updated = $1 WHERE account = $2 AND id = $3`, int64(s.now()), account, id)
		if err != nil {
			return nil, err
		}
		var files []string
		for _, p := range j.Pictures {
			freed, err := deletePicture(ctx, tx, account, p.ID)
			if err != nil {
				return nil, err
			}
			files = append(files, freed...)
		}
		return files, nil
	})
}
