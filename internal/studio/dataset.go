package studio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// Dataset is a named collection of an account's uploads.
type Dataset struct {
	Account, ID       string
	Name, Description string
	Created, Updated  calendar.Instant
	// Uploads are those whose file has arrived, oldest first.
	Uploads []Upload
}

// MaxDatasets bounds how many an account may keep.
const MaxDatasets = 100

// CreateDataset makes an empty dataset.
func (s *Studio) CreateDataset(ctx context.Context, account, name, description string) (Dataset, error) {
	name, description = strings.TrimSpace(name), strings.TrimSpace(description)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxUploadName {
		return Dataset{}, invalid("name", name, fmt.Sprintf("1 to %d characters", maxUploadName))
	}
	if n := utf8.RuneCountInString(description); n > MaxPrompt {
		return Dataset{}, invalid("description", fmt.Sprintf("%d characters", n), "up to 1500 characters")
	}
	d := Dataset{Account: account, ID: uuid.NewString(), Name: name, Description: description, Created: s.now(), Updated: s.now(), Uploads: []Upload{}}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM datasets WHERE account = $1`, account).Scan(&n); err != nil {
			return err
		}
		if n >= MaxDatasets {
			return invalid("datasets", n+1, fmt.Sprintf("%d at a time: delete some first", MaxDatasets))
		}
		_, err := tx.Exec(ctx, `INSERT INTO datasets (account, id, name, description, created, updated) VALUES ($1, $2, $3, $4, $5, $6)`,
			account, d.ID, d.Name, d.Description, int64(d.Created), int64(d.Updated))
		return err
	})
	return d, err
}

// Dataset gives one dataset with its uploads.
func (s *Studio) Dataset(ctx context.Context, account, id string) (d Dataset, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		d = Dataset{Account: account, ID: id, Uploads: []Upload{}}
		var created, updated int64
		err := tx.QueryRow(ctx, `SELECT name, description, created, updated FROM datasets WHERE account = $1 AND id = $2`, account, id).
			Scan(&d.Name, &d.Description, &created, &updated)
		if errors.Is(err, store.ErrNoRows) {
			return ErrUnknown
		}
		if err != nil {
			return err
		}
		d.Created, d.Updated = calendar.Instant(created), calendar.Instant(updated)
		rows, err := tx.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE account = $1 AND status = 'ready'
			AND id IN (SELECT upload FROM dataset_uploads WHERE account = $1 AND dataset = $2) ORDER BY created, id`, account, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			u, err := scanUpload(rows)
			if err != nil {
				return err
			}
			d.Uploads = append(d.Uploads, u)
		}
		return rows.Err()
	})
	return d, err
}

// DeleteDataset removes a dataset and the uploads that are in it.
func (s *Studio) DeleteDataset(ctx context.Context, account, id string) error {
	return s.remove(ctx, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		rows, err := tx.Exec(ctx, `DELETE FROM datasets WHERE account = $1 AND id = $2`, account, id)
		if err == nil && rows == 0 {
			err = ErrUnknown
		}
		if err != nil {
			return nil, err
		}
		uploads, err := uploadsOf(ctx, tx, account, id)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM dataset_uploads WHERE account = $1 AND dataset = $2`, account, id); err != nil {
			return nil, err
		}
		var files []string
		for _, upload := range uploads {
			if _, err := tx.Exec(ctx, `DELETE FROM uploads WHERE account = $1 AND id = $2`, account, upload); err != nil {
				return nil, err
			}
			loose, err := forgetFiles(ctx, tx, account, upload)
			if err != nil {
				return nil, err
			}
			files = append(files, loose...)
		}
		return files, nil
	})
}

func uploadsOf(ctx context.Context, tx *store.Tx, account, dataset string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT upload FROM dataset_uploads WHERE account = $1 AND dataset = $2 ORDER BY upload`, account, dataset)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// BeginDatasetUpload makes room in a dataset for a file that comes later.
func (s *Studio) BeginDatasetUpload(ctx context.Context, account, dataset, ext string) (Upload, error) {
	if _, err := s.Dataset(ctx, account, dataset); err != nil {
		return Upload{}, err
	}
	u, err := s.BeginUpload(ctx, account, DatasetUpload, ext)
	if err != nil {
		return u, err
	}
	return u, s.intoDataset(ctx, account, dataset, u.ID)
}

// CopyToDataset puts a copy of a picture into a dataset.
func (s *Studio) CopyToDataset(ctx context.Context, account, dataset, picture string) (Upload, error) {
	if _, err := s.Dataset(ctx, account, dataset); err != nil {
		return Upload{}, err
	}
	f, _, err := s.File(ctx, account, picture, false)
	if err != nil {
		return Upload{}, err
	}
	defer func() { _ = f.Close() }()
	u, err := s.AddUpload(ctx, account, DatasetUpload, picture+".png", io.Reader(f))
	if err != nil {
		return u, err
	}
	return u, s.intoDataset(ctx, account, dataset, u.ID)
}

func (s *Studio) intoDataset(ctx context.Context, account, dataset, upload string) error {
	return s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE datasets SET updated = $1 WHERE account = $2 AND id = $3`, int64(s.now()), account, dataset)
		if err == nil && rows == 0 {
			err = ErrUnknown
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO dataset_uploads (account, dataset, upload) VALUES ($1, $2, $3)`, account, dataset, upload)
		return err
	})
}
