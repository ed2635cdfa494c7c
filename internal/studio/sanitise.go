package studio

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"github.com/florin-studio/florin/internal/picture"
)

// sanitisePicture reads an uploaded picture and writes it anew, so that nothing but its
// pixels is kept. One at a time: a large one takes a quarter of a gigabyte for a moment.
func (s *Studio) sanitisePicture(ctx context.Context, u *Upload, data []byte) (clean, small []byte, err error) {
	s.desk.reading.Lock()
	defer s.desk.reading.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	img, _, err := picture.ReadUpload(bytes.NewReader(data), picture.Limits{})
	if err != nil {
		return nil, nil, badPicture(err)
	}
	var full, thumb bytes.Buffer
	if err := picture.EncodePNG(&full, img, nil); err != nil {
		return nil, nil, err
	}
	if err := picture.EncodeThumbnail(&thumb, img); err != nil {
		return nil, nil, err
	}
	u.Ext, u.Width, u.Height = "png", img.Bounds().Dx(), img.Bounds().Dy()
	return full.Bytes(), thumb.Bytes(), nil
}

// badPicture says what is wrong with a picture and what would be right.
func badPicture(err error) error {
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return invalid("file", err.Error(), "pictures of up to "+strconv.Itoa(picture.MaxSide)+" pixels a side and "+strconv.Itoa(picture.MaxPixels)+" in all")
	case errors.Is(err, picture.ErrFormat):
		return invalid("file", err.Error(), "PNG, JPEG or WebP")
	case errors.Is(err, picture.ErrDamaged):
		return invalid("file", err.Error(), "a whole PNG, JPEG or WebP picture")
	}
	return err
}
