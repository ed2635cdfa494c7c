package studio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// UploadKind is what an upload is for.
type UploadKind string

// The kinds of uploads.
const (
	ImageUpload   UploadKind = "image"
	MaskUpload    UploadKind = "mask"
	MeshUpload    UploadKind = "mesh"
	DatasetUpload UploadKind = "dataset"
)

// UploadStatus tells whether an upload's file has arrived.
type UploadStatus string

// The states of an upload.
const (
	UploadPending UploadStatus = "pending"
	UploadReady   UploadStatus = "ready"
)

// Bounds of uploads: of one file and of all of an account, in bytes. A pending upload that
// nobody finishes within pendingLife is forgotten.
const (
	MaxUploads      = 500
	MaxUploadBytes  = 1 << 30
	MaxPictureBytes = 20 << 20
	MaxMeshBytes    = 20 << 20
	pendingLife     = time.Hour
	maxUploadName   = 120
)

// Upload is a file that somebody gave.
type Upload struct {
	Account string
	ID      string
	Kind    UploadKind
	// Name is what its owner's program called the file, for people.
	Name string
	// Ext is the ending: what was announced while pending, then what the content is.
	Ext    string
	Status UploadStatus
	// File and Thumb name the stored files; meshes have no thumbnail.
	File, Thumb string
	// Width and Height are 0 for meshes.
	Width, Height int
	Bytes         int64
	Created       calendar.Instant
}

// endings are the files that each kind takes.
var endings = map[UploadKind][]string{
	ImageUpload: {"png", "jpg", "jpeg", "webp"}, MaskUpload: {"png", "jpg", "jpeg", "webp"},
	DatasetUpload: {"png", "jpg", "jpeg", "webp"}, MeshUpload: {"obj", "glb"},
}

// MaxBytes is how large a file of the kind may be.
func (k UploadKind) MaxBytes() int64 {
	if k == MeshUpload {
		return MaxMeshBytes
	}
	return MaxPictureBytes
}

const uploadColumns = `account, id, kind, name, ext, status, file, thumb, width, height, bytes, created`

func scanUpload(row interface{ Scan(...any) error }) (Upload, error) {
	var u Upload
	var created int64
	err := row.Scan(&u.Account, &u.ID, &u.Kind, &u.Name, &u.Ext, &u.Status, &u.File, &u.Thumb, &u.Width, &u.Height, &u.Bytes, &created)
	if errors.Is(err, store.ErrNoRows) {
		return u, ErrUnknown
	}
	u.Created = calendar.Instant(created)
	return u, err
}

func loadUpload(ctx context.Context, tx *store.Tx, account, id string) (Upload, error) {
	return scanUpload(tx.QueryRow(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE account = $1 AND id = $2`, account, id))
}

// BeginUpload makes room for a file that comes later, by FinishUpload.
func (s *Studio) BeginUpload(ctx context.Context, account string, kind UploadKind, ext string) (Upload, error) {
	return s.beginUpload(ctx, account, "", kind, ext, "")
}

// BeginNamedUpload is BeginUpload with the name that its owner gives the file.
func (s *Studio) BeginNamedUpload(ctx context.Context, account string, kind UploadKind, ext, name string) (Upload, error) {
	return s.beginUpload(ctx, account, "", kind, ext, name)
}

func (s *Studio) beginUpload(ctx context.Context, account, id string, kind UploadKind, ext, name string) (Upload, error) {
	allowed, ok := endings[kind]
	if !ok {
		return Upload{}, invalid("kind", kind, "image, mask, mesh, dataset")
	}
	ext = strings.ToLower(strings.TrimPrefix(ext, "."))
	if !slices.Contains(allowed, ext) {
		return Upload{}, invalid("extension", ext, strings.Join(allowed, ", "))
	}
	if id == "" {
		id = uuid.Must(uuid.NewV7()).String()
	}
	u := Upload{Account: account, ID: id, Kind: kind, Name: tidy(name), Ext: ext, Status: UploadPending, Created: s.now()}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		over := int64(u.Created) - pendingLife.Milliseconds()
		if _, err := tx.Exec(ctx, `DELETE FROM uploads WHERE account = $1 AND status = 'pending' AND created < $2`, account, over); err != nil {
			return err
		}
		n, total, err := uploaded(ctx, tx, account)
		if err != nil {
			return err
		}
		if err := roomFor(n+1, total+1); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO uploads (`+uploadColumns+`) VALUES ($1, $2, $3, $4, $5, 'pending', '', '', 0, 0, 0, $6)`,
			u.Account, u.ID, string(u.Kind), u.Name, u.Ext, int64(u.Created))
		return err
	})
	return u, err
}

// tidy makes a file's name fit to be shown: the last part of a path, without control characters.
func tidy(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return -1
		}
		return r
	}, name[strings.LastIndexAny(name, `/\`)+1:])
	if runes := []rune(name); len(runes) > maxUploadName {
		name = string(runes[:maxUploadName])
	}
	return name
}

// uploaded counts an account's uploads and their bytes.
func uploaded(ctx context.Context, tx *store.Tx, account string) (n, total int64, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(bytes), 0) FROM uploads WHERE account = $1`, account).Scan(&n, &total)
	return n, total, err
}

// roomFor refuses more than an account may keep.
func roomFor(n, total int64) error {
	if n > MaxUploads {
		return invalid("uploads", n, fmt.Sprintf("%d at a time: delete some first", MaxUploads))
	}
	if total > MaxUploadBytes {
		return invalid("uploads", fmt.Sprintf("%d MB", total>>20), fmt.Sprintf("%d MB in all: delete some first", MaxUploadBytes>>20))
	}
	return nil
}

// AddUpload takes a file at once. The name is the file's, with its ending.
func (s *Studio) AddUpload(ctx context.Context, account string, kind UploadKind, name string, r io.Reader) (Upload, error) {
	return s.AddUploadAs(ctx, account, "", kind, name, r)
}

// AddUploadAs is AddUpload with the upload's id, so that a repeat after a crash adds
// nothing twice; empty for a new one.
func (s *Studio) AddUploadAs(ctx context.Context, account, id string, kind UploadKind, name string, r io.Reader) (Upload, error) {
	if id != "" {
		switch u, err := s.Upload(ctx, account, id); {
		case err == nil && u.Status == UploadReady:
			return u, nil
		case err == nil:
			err = s.DeleteUpload(ctx, account, id) // it was begun, and its process died
			if err != nil && !errors.Is(err, ErrUnknown) {
				return u, err
			}
		case !errors.Is(err, ErrUnknown):
			return u, err
		}
	}
	ext := name[strings.LastIndex(name, ".")+1:]
	u, err := s.beginUpload(ctx, account, id, kind, ext, name)
	if err != nil {
		return u, err
	}
	if err := s.FinishUpload(ctx, account, u.ID, r); err != nil {
		return u, errors.Join(err, s.DeleteUpload(context.WithoutCancel(ctx), account, u.ID))
	}
	return s.Upload(ctx, account, u.ID)
}

// FinishUpload takes the file of a pending upload. Pictures are read, freed of what they
// tell beside their pixels, and stored anew; meshes are stored as they are.
func (s *Studio) FinishUpload(ctx context.Context, account, id string, r io.Reader) error {
	u, err := s.Upload(ctx, account, id)
	if err != nil {
		return err
	}
	if u.Status != UploadPending {
		return invalid("upload", id, "an upload whose file has not arrived")
	}
	data, err := io.ReadAll(io.LimitReader(r, u.Kind.MaxBytes()+1))
	if err != nil {
		return fmt.Errorf("reading the upload: %w", err)
	}
	if int64(len(data)) > u.Kind.MaxBytes() {
		return invalid("file", "more than "+fmt.Sprint(u.Kind.MaxBytes()>>20)+" MB", fmt.Sprintf("up to %d MB", u.Kind.MaxBytes()>>20))
	}
	if len(data) == 0 {
		return invalid("file", "0 bytes", "a file with content")
	}
	clean, small, err := s.sanitise(ctx, &u, data)
	if err != nil {
		return err
	}
	return s.storeUpload(ctx, u, clean, small)
}

// storeUpload writes an upload's files and tells of them in one step.
func (s *Studio) storeUpload(ctx context.Context, u Upload, clean, small []byte) (err error) {
	defer s.writingFiles()()
	if u.File, err = s.Files.Put(clean, u.Ext); err != nil {
		return err
	}
	if len(small) > 0 {
		if u.Thumb, err = s.Files.Put(small, "jpg"); err != nil {
			return err
		}
	}
	u.Bytes = int64(len(clean) + len(small))
	return s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `UPDATE uploads SET status = 'ready', ext = $1, file = $2, thumb = $3, width = $4, height = $5, bytes = $6
			WHERE account = $7 AND id = $8 AND status = 'pending'`,
			u.Ext, u.File, u.Thumb, u.Width, u.Height, u.Bytes, u.Account, u.ID)
		if err != nil {
			return err
		}
		if rows == 0 {
			return ErrUnknown
		}
		n, total, err := uploaded(ctx, tx, u.Account)
		if err != nil {
			return err
		}
		if err := roomFor(n, total); err != nil {
			return err
		}
		return nameFiles(ctx, tx, u.Account, u.ID, u.File, u.Thumb)
	})
}

// sanitise gives the bytes to store, and a thumbnail of pictures.
func (s *Studio) sanitise(ctx context.Context, u *Upload, data []byte) (clean, small []byte, err error) {
	if u.Kind == MeshUpload {
		if glb := bytes.HasPrefix(data, []byte("glTF")); glb != (u.Ext == "glb") {
			return nil, nil, invalid("file", "not what its ending says", "an "+strings.ToUpper(u.Ext)+" file")
		}
		return data, nil, nil
	}
	return s.sanitisePicture(ctx, u, data)
}

// Upload gives one upload.
func (s *Studio) Upload(ctx context.Context, account, id string) (u Upload, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = loadUpload(ctx, tx, account, id)
		return err
	})
	return u, err
}

// Uploads lists an account's uploads whose file has arrived, newest first; kind "" for all.
func (s *Studio) Uploads(ctx context.Context, account string, kind UploadKind, cursor string, limit int) (uploads []Upload, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, beforeID, err := parseCursor(cursor)
		if err != nil {
			return err
		}
		uploads, err = queryUploads(ctx, tx, `account = $1 AND status = 'ready' AND ($2 = '' OR kind = $2) AND (created < $3 OR (created = $3 AND id < $4))
			ORDER BY created DESC, id DESC LIMIT $5`, account, string(kind), before, beforeID, limit)
		return err
	})
	return uploads, err
}

func queryUploads(ctx context.Context, tx *store.Tx, where string, args ...any) ([]Upload, error) {
	rows, err := tx.Query(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	uploads := []Upload{}
	for rows.Next() {
		u, err := scanUpload(rows)
		if err != nil {
			return nil, err
		}
		uploads = append(uploads, u)
	}
	return uploads, rows.Err()
}

// UploadFile opens an upload's file, or its thumbnail.
func (s *Studio) UploadFile(ctx context.Context, account, id string, thumb bool) (*os.File, Upload, error) {
	u, err := s.Upload(ctx, account, id)
	if err != nil {
		return nil, u, err
	}
	name := u.File
	if thumb {
		name = u.Thumb
	}
	if name == "" {
		return nil, u, ErrUnknown
	}
	f, err := s.Files.Open(name)
	return f, u, err
}

// DeleteUpload removes an upload, and its files where nothing else names them. Jobs that
// wait for it fail and cost nothing.
func (s *Studio) DeleteUpload(ctx context.Context, account, id string) error {
	return s.remove(ctx, func(ctx context.Context, tx *store.Tx) ([]string, error) {
		if _, err := tx.Exec(ctx, `DELETE FROM dataset_uploads WHERE account = $1 AND upload = $2`, account, id); err != nil {
			return nil, err
		}
		return deleteUpload(ctx, tx, account, id)
	})
}

// deleteUpload removes an upload and tells which files nothing names any more.
func deleteUpload(ctx context.Context, tx *store.Tx, account, id string) ([]string, error) {
	rows, err := tx.Exec(ctx, `DELETE FROM uploads WHERE account = $1 AND id = $2`, account, id)
	if err == nil && rows == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return forgetFiles(ctx, tx, account, id)
}
