package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
)

func checkSize(format Format, c image.Config, data []byte, limits Limits, orientation int) error {
	if c.Width < 1 || c.Height < 1 {
		return fmt.Errorf("%w: size %dx%d", ErrDamaged, c.Width, c.Height)
	}
	if c.Width > limits.Side || c.Height > limits.Side {
		return fmt.Errorf("%w: %dx%d, at most %d pixels a side are allowed", ErrTooLarge, c.Width, c.Height, limits.Side)
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > limits.Pixels {
		return fmt.Errorf("%w: %dx%d is %d pixels, at most %d are allowed", ErrTooLarge, c.Width, c.Height, pixels, limits.Pixels)
	}
	var n need
	switch format {
	case PNG:
		n = pngNeed(data, orientation)
	case JPEG:
		var err error
		if n, err = jpegNeed(data); err != nil {
			return err
		}
	case WebP:
		n = webpNeed(data, orientation)
	}
	if total := int64(float64(pixels)*n.perPixel) + n.fixed; total > MaxMemory {
		most := int64(float64(MaxMemory-n.fixed) / n.perPixel)
		return fmt.Errorf("%w: %dx%d of this kind (%s) needs %d MB to read, at most %d MB are allowed, which is %d pixels",
			ErrTooLarge, c.Width, c.Height, n.kind, total/1_000_000, MaxMemory/1_000_000, most)
	}
	return nil
}

// need is what a picture's decoding and turning upright holds, in bytes.
type need struct {
	kind     string
	perPixel float64
	fixed    int64
}

// pngNeed reads depth, colour type and interlacing from the header.
func pngNeed(data []byte, orientation int) need {
	n := need{kind: "PNG", perPixel: 4}
	if len(data) < headerEnd {
		return n
	}
	depth, colour, interlaced := data[24], data[25], data[28] != 0
	copied := orientation > upright
	switch {
	case depth == 16:
		n.kind, n.perPixel, copied = "16-bit PNG", 8, true
	case colour == 0 || colour == 3:
		n.perPixel, copied = 1, true // grey with a transparent colour takes four, but no copy
	}
	if interlaced {
		n.kind, n.perPixel = "interlaced "+n.kind, 2*n.perPixel // the passes, and the whole
	}
	if copied {
		n.perPixel += 4
	}
	return n
}

// jpegNeed reads the frame header: how many components with how many samples, and
// whether their coefficients are all held until the last scan.
func jpegNeed(data []byte) (need, error) {
	n := need{kind: "JPEG", perPixel: 4 + 3}
	var progressive bool
	jpegSegments(data, func(marker byte, body []byte) bool {
		if marker != 0xc0 && marker != 0xc1 && marker != 0xc2 {
			return true
		}
		samples, parts := jpegSamples(body)
		n.perPixel = 4 + samples
		if parts == 4 {
			n.kind, n.perPixel = "JPEG for print", 4+samples+4
		}
		if progressive = marker == 0xc2; progressive {
			n.kind, n.perPixel = "progressive "+n.kind, n.perPixel+4*samples
		}
		return false
	})
	if scans := bytes.Count(data, []byte{0xff, 0xda}); progressive && scans > maxScans {
		return n, fmt.Errorf("%w: progressive JPEG with %d scans, at most %d are allowed", ErrTooLarge, scans, maxScans)
	}
	return n, nil
}

// jpegSamples gives the samples per pixel of all components together.
func jpegSamples(frame []byte) (samples float64, parts int) {
	const fallback = 4 // four components of full size
	if len(frame) < 6 {
		return fallback, 4
	}
	parts = int(frame[5])
	if parts < 1 || parts > 4 || len(frame) < 6+3*parts {
		return fallback, 4
	}
	if parts == 1 {
		return 1, 1
	}
	sum, wide, high := 0, 1, 1
	for i := range parts {
		h, v := int(frame[7+3*i]>>4), int(frame[7+3*i]&15)
		sum += h * v
		wide, high = max(wide, h), max(high, v)
	}
	samples = float64(sum) / float64(wide*high)
	if parts == 4 {
		return max(samples, fallback), parts
	}
	return samples + 0.1, parts // planes are padded to whole blocks
}

// treeMemory is what the decoder of lossless WebP may need for its codes, however
// small the picture: it accepts 2600 groups of five.
const treeMemory = 140_000_000

// webpNeed looks for what is coded without loss: the picture, or its transparency.
func webpNeed(data []byte, orientation int) need {
	n := need{kind: "WebP", perPixel: 6}
	for _, c := range riffChunks(data[12:]) {
		switch {
		case c.name == "VP8L":
			n = need{kind: "lossless WebP", perPixel: 8, fixed: treeMemory}
			if orientation > upright {
				n.perPixel += 4
			}
		case c.name == "ALPH" && len(c.body) > 0 && c.body[0]&3 == 0:
			n = need{kind: "WebP with transparency", perPixel: 7}
		case c.name == "ALPH":
			n = need{kind: "WebP with transparency", perPixel: 11, fixed: treeMemory}
		}
	}
	n.fixed = min(n.fixed, 600*int64(len(data))) // a code's table costs some bytes of file
	return n
}

// claimsMore tells whether a PNG says how many frames it has, and that these are several.
func claimsMore(actl []byte) bool {
	return len(actl) == 8 && binary.BigEndian.Uint32(actl) > 1
}
