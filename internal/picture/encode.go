package picture

import (
	"fmt"
	"image"
	"image/jpeg"
	"io"
)

// Options choose how Encode writes.
type Options struct {
	// Settings are stored in a PNG as text; the other formats carry none.
	Settings []Setting
	// NoSettings leaves the settings out, for people who do not want to pass them on.
	NoSettings bool
	// Quality is JPEG's, 1 to 100; 0 stands for DefaultQuality.
	Quality int
}

// DefaultQuality is JPEG's where none is asked for: no visible blocks on painted skies.
const DefaultQuality = 92

// maxWebPSide is the longest side the format can say, in pixels.
const maxWebPSide = 1 << 14

// ParseFormat reads a format's name as people and addresses write it.
func ParseFormat(name string) (Format, error) {
	switch name {
	case "png":
		return PNG, nil
	case "jpeg", "jpg":
		return JPEG, nil
	case "webp":
		return WebP, nil
	}
	return "", fmt.Errorf("%w: format is %q, allowed are png, jpeg and webp", ErrFormat, name)
}

// MediaType is the format's name in HTTP.
func (f Format) MediaType() string { return "image/" + string(f) }

// Encode writes img as a file. PNG and WebP keep every pixel; JPEG loses detail that
// is hard to see, and puts transparent parts on white.
func Encode(w io.Writer, img image.Image, format Format, opts Options) error {
	if img.Bounds().Empty() {
		return fmt.Errorf("encode %s: the picture has no pixels", format)
	}
	switch format {
	case PNG:
		if opts.NoSettings {
			opts.Settings = nil
		}
		return EncodePNG(w, img, opts.Settings)
	case JPEG:
		return encodeJPEGFile(w, img, opts.Quality)
	case WebP:
		return encodeWebP(w, img)
	}
	return fmt.Errorf("%w: format is %q, allowed are png, jpeg and webp", ErrFormat, format)
}

func encodeJPEGFile(w io.Writer, img image.Image, quality int) error {
	if quality == 0 {
		quality = DefaultQuality
	}
	if quality < 1 || quality > 100 {
		return fmt.Errorf("quality is %d, allowed are 1 to 100", quality)
	}
	if err := jpeg.Encode(w, onWhite(img), &jpeg.Options{Quality: quality}); err != nil {
		return fmt.Errorf("encode JPEG: %w", err)
	}
	return nil
}

// onWhite gives an opaque copy, in the kind of memory that the JPEG encoder reads fastest.
func onWhite(img image.Image) image.Image {
	switch m := img.(type) {
	case *image.YCbCr, *image.Gray:
		return m
	case *image.RGBA:
		if m.Opaque() {
			return m
		}
	}
	b := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	nrgba, direct := img.(*image.NRGBA)
	for y := range b.Dy() {
		row := flat.Pix[y*flat.Stride : y*flat.Stride+4*b.Dx()]
		if direct {
			copy(row, nrgba.Pix[nrgba.PixOffset(b.Min.X, b.Min.Y+y):])
		}
		for i := 0; i < len(row); i += 4 {
			p := row[i : i+4 : i+4]
			if !direct {
				p[0], p[1], p[2], p[3] = eightBits(img.At(b.Min.X+i/4, b.Min.Y+y))
			}
			if a := uint32(p[3]); a != 255 {
				for c := range 3 {
					p[c] = uint8((uint32(p[c])*a + 255*(255-a) + 127) / 255)
				}
				p[3] = 255
			}
		}
	}
	return flat
}
