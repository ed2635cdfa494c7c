package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
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
	// MaxMemory bounds what decoding may need, in bytes. It is reached before MaxPixels
	// only by 16-bit PNG and progressive JPEG, whose decoders hold more per pixel.
	MaxMemory = 240_000_000
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

// Sniff finds the format of a file from its first bytes.
func Sniff(data []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(data, pngSignature):
		return PNG, nil
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return JPEG, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return WebP, nil
	default:
		return "", ErrFormat
	}
}

// Measure reads format and size from a file's header and checks them against the
// limits, without decoding any pixel.
func Measure(data []byte) (Format, image.Config, error) {
	format, err := Sniff(data)
	if err != nil {
		return "", image.Config{}, err
	}
	config, err := decodeConfig(format, data)
	if err != nil {
		return format, image.Config{}, fmt.Errorf("%w: %s header: %v", ErrDamaged, format, err)
	}
	return format, config, checkSize(format, config, data)
}

// Decode reads a PNG, JPEG or WebP picture after its header has passed Measure. Of an
// animation only the first frame is read where the format allows it.
func Decode(data []byte) (image.Image, Format, error) {
	format, config, err := Measure(data)
	if err != nil {
		return nil, format, err
	}
	var img image.Image
	switch r := bytes.NewReader(data); format {
	case PNG:
		img, err = png.Decode(r)
	case JPEG:
		img, err = jpeg.Decode(r)
	default:
		img, err = webp.Decode(r)
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

func checkSize(format Format, c image.Config, data []byte) error {
	if c.Width < 1 || c.Height < 1 {
		return fmt.Errorf("%w: size %dx%d", ErrDamaged, c.Width, c.Height)
	}
	if c.Width > MaxSide || c.Height > MaxSide {
		return fmt.Errorf("%w: %dx%d, at most %d pixels a side are allowed", ErrTooLarge, c.Width, c.Height, MaxSide)
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > MaxPixels {
		return fmt.Errorf("%w: %dx%d is %d pixels, at most %d are allowed", ErrTooLarge, c.Width, c.Height, pixels, MaxPixels)
	}
	if need := pixels * bytesPerPixel(format, c, data); need > MaxMemory {
		return fmt.Errorf("%w: %dx%d needs %d MB to decode, at most %d MB are allowed",
			ErrTooLarge, c.Width, c.Height, need/1_000_000, MaxMemory/1_000_000)
	}
	return nil
}

// bytesPerPixel estimates what the decoders of the standard library hold per pixel.
func bytesPerPixel(format Format, c image.Config, data []byte) int64 {
	switch {
	case format == JPEG && progressive(data):
		return 15 // three planes of 32-bit coefficients and the planes themselves
	case format == WebP:
		return 6
	case c.ColorModel == color.NRGBA64Model || c.ColorModel == color.RGBA64Model:
		return 9
	default:
		return 5
	}
}

// progressive walks the JPEG's segments up to the frame header and tells whether it is
// a progressive one (SOF2), whose coefficients are all held until the last scan.
func progressive(data []byte) bool {
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			i++
			continue
		}
		switch marker := data[i+1]; {
		case marker == 0xc2:
			return true
		case marker == 0xff:
			i++
		case marker == 0xda || marker == 0xc0 || marker == 0xc1:
			return false
		case marker == 0x00 || marker == 0x01 || marker >= 0xd0 && marker <= 0xd8:
			i += 2
		default:
			i += 2 + int(data[i+2])<<8 + int(data[i+3])
		}
	}
	return false
}
