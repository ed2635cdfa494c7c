package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
)

// Limits bound an upload. A zero field stands for the package's own limit.
type Limits struct {
	// Bytes is the largest file.
	Bytes int64
	// Pixels is the largest area.
	Pixels int64
	// Side is the longest side, in pixels.
	Side int
}

// MaxBytes is the largest file ReadUpload accepts when nothing else is asked for.
const MaxBytes = 20_000_000

// Info tells of an upload what its picture no longer does.
type Info struct {
	Format Format
	// Width and Height are those of the upright picture, in pixels.
	Width, Height int
	// Bytes is the size of the file.
	Bytes int64
	// Orientation is what the file's metadata asked for, 1 to 8; it has been applied.
	Orientation int
	// Animated tells that only the first frame was read.
	Animated bool
	// Transparent tells that some pixel is not opaque.
	Transparent bool
}

// decoding lets one upload be decoded at a time, so that the memory that many
// uploads need together is that of the largest one.
var decoding = make(chan struct{}, 1)

// ReadUpload reads a picture somebody sent. It looks at nothing but the content,
// checks bytes, sides and area before it decodes a pixel, turns the picture upright,
// and gives its pixels alone: metadata and colour profile are gone, and of an
// animation only the first frame is left. The picture begins at 0,0.
func ReadUpload(r io.Reader, limits Limits) (*image.NRGBA, Info, error) {
	limits = limits.orDefault()
	data, err := readBytes(r, limits.Bytes)
	if err != nil {
		return nil, Info{}, err
	}
	info := Info{Bytes: int64(len(data))}
	if info.Format, err = Sniff(data); err != nil {
		return nil, info, err
	}
	if info.Format == WebP {
		data, info.Orientation, info.Animated, err = stillWebP(data)
	} else {
		info.Orientation = orientation(info.Format, data)
		info.Animated = info.Format == PNG && claimsMore(pngChunk(data, "acTL"))
	}
	if err != nil {
		return nil, info, err
	}
	if _, _, err = measure(data, limits, info.Orientation); err != nil {
		return nil, info, err
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	img, _, err := decodeChecked(context.Background(), data, info.Format)
	if err != nil {
		return nil, info, err
	}
	upright := toNRGBA(img, info.Orientation)
	info.Width, info.Height = upright.Rect.Dx(), upright.Rect.Dy()
	info.Transparent = !upright.Opaque()
	return upright, info, nil
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = MaxBytes
	}
	if l.Pixels <= 0 {
		l.Pixels = MaxPixels
	}
	if l.Side <= 0 {
		l.Side = MaxSide
	}
	return l
}

// firstBuffer is what readBytes asks for at first, in bytes.
const firstBuffer = 512 << 10

// readBytes reads a whole file of at most limit bytes. The buffer doubles but never
// exceeds the limit by more than the byte that tells of the excess.
func readBytes(r io.Reader, limit int64) ([]byte, error) {
	data := make([]byte, 0, min(firstBuffer, limit+1))
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit:
			return nil, fmt.Errorf("%w: the file has more than the allowed %d bytes", ErrTooLarge, limit)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, fmt.Errorf("read the picture: %w", err)
		case len(data) == cap(data):
			larger := make([]byte, len(data), min(2*int64(cap(data)), limit+1))
			copy(larger, data)
			data = larger
		}
	}
}
