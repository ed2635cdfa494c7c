package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// Limits of a picture that Decode accepts.
const (
	// MaxSide is the longest side, in pixels.
	MaxSide = 16384
	// MaxPixels is the largest area, in pixels.
	MaxPixels = 40_000_000
	// MaxMemory bounds what decoding and turning upright may need, in bytes. It is
	// reached before MaxPixels only where decoders hold more per pixel: by PNG that is
	// interlaced or has 16 bits, by JPEG that is progressive or for print, by WebP
	// without loss or with transparency.
	MaxMemory = 240_000_000
	// maxScans bounds a progressive JPEG's scans. Real ones have about ten; thousands
	// of empty ones cost minutes.
	maxScans = 100
)

// Format is a file format, found from a file's first bytes and never from its name.
type Format string

// The formats Decode reads.
const (
	PNG  Format = "png"
	JPEG Format = "jpeg"
	WebP Format = "webp"
)

// ErrFormat means that the bytes are not PNG, JPEG or WebP.
var ErrFormat = errors.New("not a PNG, JPEG or WebP picture")

// ErrTooLarge means that the picture exceeds MaxSide, MaxPixels or MaxMemory.
var ErrTooLarge = errors.New("picture is too large")

// ErrDamaged means that the format was recognised but its content could not be read.
var ErrDamaged = errors.New("picture is damaged")

// Sniff finds the format of a file from its first bytes. What it can name of the rest
// it names, so that the person knows what to convert.
func Sniff(data []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(data, pngSignature):
		return PNG, nil
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return WebP, nil
	}
	if name := otherFormat(data); name != "" {
		return "", fmt.Errorf("%w: it is %s", ErrFormat, name)
	}
	return "", ErrFormat
}

// otherFormat names what people send by mistake.
func otherFormat(data []byte) string {
	if len(data) == 0 {
		return "empty"
	}
	if len(data) >= 12 && string(data[4:8]) == "ftyp" {
		switch string(data[8:12]) {
		case "avif", "avis":
			return "AVIF"
		case "heic", "heix", "mif1", "heim", "hevc":
			return "HEIC"
		}
		return "a film"
	}
	for _, known := range []struct{ start, name string }{
		{"GIF8", "GIF"}, {"BM", "BMP"}, {"II*\x00", "TIFF"}, {"MM\x00*", "TIFF"}, {"%PDF", "PDF"},
		{"8BPS", "PSD"}, {"\xff\x0a", "JPEG XL"}, {"\x00\x00\x00\x0cJXL ", "JPEG XL"}, {"<svg", "SVG"}, {"<?xml", "SVG or XML"},
	} {
		if bytes.HasPrefix(data, []byte(known.start)) {
			return known.name
		}
	}
	return ""
}

// Measure reads format and size from a file's header and checks them against the
// limits, without decoding any pixel.
func Measure(data []byte) (Format, image.Config, error) {
	return measure(data, Limits{}.orDefault(), upright)
}

func measure(data []byte, limits Limits, orientation int) (Format, image.Config, error) {
	format, err := Sniff(data)
	if err != nil {
		return "", image.Config{}, err
	}
	config, err := decodeConfig(format, data)
	if err != nil {
		return format, image.Config{}, fmt.Errorf("%w: %s header: %v", ErrDamaged, format, err)
	}
	return format, config, checkSize(format, config, data, limits, orientation)
}

// Decode reads a PNG, JPEG or WebP picture after its header has passed Measure. Of an
// animation only the first frame is read where the format allows it.
func Decode(data []byte) (image.Image, Format, error) {
	return DecodeUntil(context.Background(), data)
}

// DecodeUntil is Decode, and fails with the context's error soon after that has ended. Of
// WebP it reads on to the end of the picture.
func DecodeUntil(ctx context.Context, data []byte) (image.Image, Format, error) {
	format, _, err := Measure(data)
	if err != nil {
		return nil, format, err
	}
	return decodeChecked(ctx, data, format)
}

// decodeChecked decodes what has passed measure.
func decodeChecked(ctx context.Context, data []byte, format Format) (image.Image, Format, error) {
	config, err := decodeConfig(format, data)
	if err != nil {
		return nil, format, fmt.Errorf("%w: %s header: %v", ErrDamaged, format, err)
	}
	var img image.Image
	switch r := StopReader(ctx, bytes.NewReader(data)); format {
	case PNG:
		img, err = png.Decode(r)
	case JPEG:
		img, err = jpeg.Decode(r)
	default:
		img, err = webp.Decode(r)
	}
	if stopped := ctx.Err(); stopped != nil {
		return nil, format, stopped
	}
	if err != nil {
		return nil, format, fmt.Errorf("%w: %s: %v", ErrDamaged, format, err)
	}
	if b := img.Bounds(); b.Dx() != config.Width || b.Dy() != config.Height {
		return nil, format, fmt.Errorf("%w: %s header says %dx%d, content is %dx%d",
			ErrDamaged, format, config.Width, config.Height, b.Dx(), b.Dy())
	}
	return img, format, nil
}

func decodeConfig(format Format, data []byte) (image.Config, error) {
	r := bytes.NewReader(data)
	switch format {
	case PNG:
		return png.DecodeConfig(r)
	case JPEG:
		return jpeg.DecodeConfig(r)
	default:
		return webp.DecodeConfig(r)
	}
}
