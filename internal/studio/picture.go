package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

const pictureColumns = `account, id, job, idx, seed, width, height, file, thumb, facts, created`

func scanPicture(row interface{ Scan(...any) error }) (Picture, error) {
	var p Picture
	var facts string
	var created int64
	err := row.Scan(&p.Account, &p.ID, &p.Job, &p.Index, &p.Seed, &p.Width, &p.Height, &p.File, &p.Thumb, &facts, &created)
	if errors.Is(err, store.ErrNoRows) {
		return p, ErrUnknown
	}
	if err != nil {
		return p, err
	}
	p.Created = calendar.Instant(created)
	if err := json.Unmarshal([]byte(facts), &p.Facts); err != nil {
		return p, fmt.Errorf("picture %s: %w", p.ID, err)
	}
	return p, nil
}

func queryPictures(ctx context.Context, tx *store.Tx, sql string, args ...any) ([]Picture, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pictures := []Picture{}
	for rows.Next() {
		p, err := scanPicture(rows)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, p)
	}
	return pictures, rows.Err()
}

// Pictures lists an account's pictures, newest first.
func (s *Studio) Pictures(ctx context.Context, account, cursor string, limit int) (pictures []Picture, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, beforeID, err := parseCursor(cursor)
		if err != nil {
			return err
		}
		pictures, err = queryPictures(ctx, tx, `SELECT `+pictureColumns+` FROM pictures
			WHERE account = $1 AND (created < $2 OR (created = $2 AND id < $3)) ORDER BY created DESC, id DESC LIMIT $4`, account, before, beforeID, limit)
		return err
	})
	return pictures, err
}

// Picture gives one picture.
func (s *Studio) Picture(ctx context.Context, account, id string) (p Picture, err error) {
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err = scanPicture(tx.QueryRow(ctx, `SELECT `+pictureColumns+` FROM pictures WHERE account = $1 AND id = $2`, account, id))
		return err
	})
	return p, err
}

// File opens a picture's file, or its thumbnail.
func (s *Studio) File(ctx context.Context, account, id string, thumb bool) (*os.File, Picture, error) {
	p, err := s.Picture(ctx, account, id)
	if err != nil {
		return nil, p, err
	}
	name := p.File
	if thumb {
		name = p.Thumb
	}
	f, err := s.Files.Open(name)
	return f, p, err
}

// Convert gives a picture in a format, without its settings. One at a time: a large one
// takes a quarter of a gigabyte for a moment.
func (s *Studio) Convert(ctx context.Context, p *Picture, format picture.Format) ([]byte, error) {
	s.desk.reading.Lock()
	defer s.desk.reading.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	raw, err := s.readFile(p.File)
	if err != nil {
		return nil, err
	}
	img, _, err := picture.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("picture %s: %w", p.ID, err)
	}
	var out bytes.Buffer
	err = picture.Encode(&out, img, format, picture.Options{NoSettings: true})
	return out.Bytes(), err
}

// ExtraFile opens a file that came with a picture: by its kind, or by its number from 0 on
// where there are several of a kind.
func (s *Studio) ExtraFile(ctx context.Context, account, id, which string) (*os.File, ExtraFile, Picture, error) {
	p, err := s.Picture(ctx, account, id)
	if err != nil {
		return nil, ExtraFile{}, p, err
	}
	for i, f := range p.Facts.Files {
		if f.Kind == which || strconv.Itoa(i) == which {
			file, err := s.Files.Open(f.File)
			return file, f, p, err
		}
	}
	return nil, ExtraFile{}, p, ErrUnknown
}

// Cursor names a place in a list that is sorted newest first.
func Cursor(created calendar.Instant, id string) string {
	return strconv.FormatInt(int64(created), 10) + "_" + id
}

func parseCursor(cursor string) (before int64, id string, err error) {
	if cursor == "" {
		return 1 << 62, "", nil
	}
	at, id, ok := strings.Cut(cursor, "_")
	before, err = strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return 0, "", &token.Invalid{Field: "cursor", Value: cursor, Allowed: "a next_cursor of an earlier answer"}
	}
	return before, id, nil
}
