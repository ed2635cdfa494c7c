package studio

import (
	"cmp"
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
	// Images is how many uploads it has whose file has arrived.
	Images int
	// Uploads are these, oldest first; lists of datasets leave them out.
	Uploads []Upload
}

// MaxDatasets bounds how many an account may keep.
const MaxDatasets = 100

// CreateDataset makes an empty dataset.
func (s *Studio) CreateDataset(ctx context.Context, account, name, description string) (Dataset, error) {
	return s.CreateDatasetAs(ctx, account, "", name, description)
}

// CreateDatasetAs is CreateDataset with the dataset's id, so that a repeat after a crash
// makes no second one; empty for a new one.
func (s *Studio) CreateDatasetAs(ctx context.Context, account, id, name, description string) (Dataset, error) {
	name, description = strings.TrimSpace(name), strings.TrimSpace(description)
	if n := utf8.RuneCountInString(name); n < 1 || n > maxUploadName {
		return Dataset{}, invalid("name", name, fmt.Sprintf("1 to %d characters", maxUploadName))
	}
	if n := utf8.RuneCountInString(description); n > MaxPrompt {
		return Dataset{}, invalid("description", fmt.Sprintf("%d characters", n), "up to 1500 characters")
	}
	d := Dataset{Account: account, ID: cmp.Or(id, uuid.NewString()), Name: name, Description: description, Created: s.now(), Updated: s.now(), Uploads: []Upload{}}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM datasets WHERE account = $1`, account).Scan(&n); err != nil {
			return err
		}
		if n >= MaxDatasets {
			return invalid("datasets", n+1, fmt.Sprintf("%d at a time: delete some first", MaxDatasets))
		}
		made, err := tx.Exec(ctx, `INSERT INTO datasets (account, id, name, description, created, updated) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			account, d.ID, d.Name, d.Description, int64(d.Created), int64(d.Updated))
		if err == nil && made == 0 {
			d, err = loadDataset(ctx, tx, account, d.ID)
		}
		return err
	})
	return d, err
}

// datasetColumns end with how many uploads of a dataset are there.
const datasetColumns = `d.account, d.id, d.name, d.description, d.created, d.updated,
	(SELECT count(*) FROM dataset_uploads l JOIN uploads u ON u.account = l.account AND u.id = l.upload WHERE l.account = d.account AND l.dataset = d.id AND u.status = 'ready')`

func scanDataset(row interface{ Scan(...any) error }) (Dataset, error) {
	d := Dataset{Uploads: []Upload{}}
	var created, updated int64
	err := row.Scan(&d.Account, &d.ID, &d.Name, &d.Description, &created, &updated, &d.Images)
	if errors.Is(err, store.ErrNoRows) {
		return d, ErrUnknown
	}
	d.Created, d.Updated = calendar.Instant(created), calendar.Instant(updated)
	return d, err
}

func loadDataset(ctx context.Context, tx *store.Tx, account, id string) (Dataset, error) {
	return scanDataset(tx.QueryRow(ctx, `SELECT `+datasetColumns+` FROM datasets d WHERE d.account = $1 AND d.id = $2`, account, id))
}

// Dataset gives one dataset with its uploads.
func (s *Studio) Dataset(ctx context.Context, account, id string) (d Dataset, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if d, err = loadDataset(ctx, tx, account, id); err != nil {
			return err
		}
		d.Uploads, err = queryUploads(ctx, tx, inDataset+` ORDER BY created, id`, account, id)
		return err
	})
	return d, err
}

// inDataset are the uploads of a dataset whose file has arrived.
const inDataset = `account = $1 AND status = 'ready' AND id IN (SELECT upload FROM dataset_uploads WHERE account = $1 AND dataset = $2)`

// Datasets lists an account's datasets, newest first, from before the cursor on.
func (s *Studio) Datasets(ctx context.Context, account, cursor string, limit int) (all []Dataset, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, beforeID, err := parseCursor(cursor)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+datasetColumns+` FROM datasets d WHERE d.account = $1 AND (d.created < $2 OR (d.created = $2 AND d.id < $3))
			ORDER BY d.created DESC, d.id DESC LIMIT $4`, account, before, beforeID, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		all = []Dataset{}
		for rows.Next() {
			d, err := scanDataset(rows)
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		return rows.Err()
	})
	return all, err
}

// DatasetImages lists a dataset's uploads, newest first, from before the cursor on.
func (s *Studio) DatasetImages(ctx context.Context, account, id, cursor string, limit int) (uploads []Upload, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, beforeID, err := parseCursor(cursor)
		if err == nil {
			_, err = loadDataset(ctx, tx, account, id)
		}
		if err != nil {
			return err
		}
		uploads, err = queryUploads(ctx, tx, inDataset+` AND (created < $3 OR (created = $3 AND id < $4)) ORDER BY created DESC, id DESC LIMIT $5`,
			account, id, before, beforeID, limit)
		return err
	})
	return uploads, err
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
			loose, err := deleteUpload(ctx, tx, account, upload)
			if err != nil && !errors.Is(err, ErrUnknown) {
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

// AddToDataset puts a picture into a dataset. The name is the file's, with its ending; the
// upload's id is as for AddUploadAs.
func (s *Studio) AddToDataset(ctx context.Context, account, dataset, id, name string, r io.Reader) (Upload, error) {
	if _, err := s.Dataset(ctx, account, dataset); err != nil {
		return Upload{}, err
	}
	u, err := s.AddUploadAs(ctx, account, id, DatasetUpload, name, r)
	if err != nil {
		return u, err
	}
	if err = s.intoDataset(ctx, account, dataset, u.ID); errors.Is(err, ErrUnknown) { // it was deleted meanwhile
		err = errors.Join(err, s.DeleteUpload(context.WithoutCancel(ctx), account, u.ID))
	}
	return u, err
}

// CopyToDataset puts a copy of a picture into a dataset; the upload's id is as for AddUploadAs.
func (s *Studio) CopyToDataset(ctx context.Context, account, dataset, id, picture string) (Upload, error) {
	if _, err := s.Dataset(ctx, account, dataset); err != nil {
		return Upload{}, err
	}
	f, _, err := s.File(ctx, account, picture, false)
	if err != nil {
		return Upload{}, err
	}
	defer func() { _ = f.Close() }()
	return s.AddToDataset(ctx, account, dataset, id, picture+".png", f)
}

// DeleteFromDataset removes a picture of a dataset.
func (s *Studio) DeleteFromDataset(ctx context.Context, account, dataset, upload string) error {
	return s.remove(ctx, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		rows, err := tx.Exec(ctx, `DELETE FROM dataset_uploads WHERE account = $1 AND dataset = $2 AND upload = $3`, account, dataset, upload)
		if err == nil && rows == 0 {
			err = ErrUnknown
		}
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE datasets SET updated = $3 WHERE account = $1 AND id = $2`, account, dataset, int64(s.now()))
		}
		if err != nil {
			return nil, err
		}
		return deleteUpload(ctx, tx, account, upload)
	})
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
		_, err = tx.Exec(ctx, `INSERT INTO dataset_uploads (account, dataset, upload) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, account, dataset, upload)
		return err
	})
}
