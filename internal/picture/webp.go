package picture

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"
)

// encodeWebP writes img as WebP without loss (VP8L): green is subtracted from red and
// blue, each tile of 16x16 pixels is predicted in the best of four ways, and what is
// left is coded with references backwards and one set of prefix codes.
func encodeWebP(w io.Writer, img image.Image) error {
	b := img.Bounds()
	if b.Dx() > maxWebPSide || b.Dy() > maxWebPSide {
		return fmt.Errorf("encode WebP: %dx%d, at most %d pixels a side are possible", b.Dx(), b.Dy(), maxWebPSide)
	}
	pix, alpha := argb(img)
	out := &bitWriter{}
	out.write(0x2f, 8)
	out.write(uint32(b.Dx()-1), 14)
	out.write(uint32(b.Dy()-1), 14)
	out.write(alpha, 1)
	out.write(0, 3)
	out.write(0b101, 3) // a transform: subtract green, number 2
	subtractGreen(pix)
	out.write(0b001, 3) // a transform: predictor, number 0
	out.write(tileBits-2, 3)
	modes, tilesWide := predict(pix, b.Dx(), b.Dy())
	out.write(0, 1) // no colour cache
	writePixels(out, modes, tilesWide)
	out.write(0, 1) // no more transforms
	out.write(0, 2) // no colour cache, one set of codes
	writePixels(out, pix, b.Dx())
	if _, err := w.Write(riffFile(appendChunk(nil, "VP8L", out.bytes()))); err != nil {
		return fmt.Errorf("write WebP: %w", err)
	}
	return nil
}

// argb gives the pixels as 0xAARRGGBB, and 1 if one of them is not opaque.
func argb(img image.Image) (pix []uint32, alpha uint32) {
	m := toNRGBA(img, upright)
	pix = make([]uint32, 0, m.Rect.Dx()*m.Rect.Dy())
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride : y*m.Stride+4*m.Rect.Dx()]
		for i := 0; i < len(row); i += 4 {
			p := binary.BigEndian.Uint32(row[i:])
			if byte(p) != 255 {
				alpha = 1
			}
			pix = append(pix, bits.RotateLeft32(p, -8))
		}
	}
	return pix, alpha
}

func subtractGreen(pix []uint32) {
	for i, p := range pix {
		g := p >> 8 & 0xff
		pix[i] = subtract(p, g<<16|g)
	}
}

// subtract takes b from a in each of four bytes.
func subtract(a, b uint32) uint32 {
	// Between the bytes of each half lies a byte of room for the borrow.
	odd := (a | 0x00ff00ff) - b&0xff00ff00
	even := (a | 0xff00ff00) - b&0x00ff00ff
	return odd&0xff00ff00 | even&0x00ff00ff
}

// tileBits is the size of a predicted tile, as a power of two.
const tileBits = 4

// The ways to predict that are tried, by their numbers in the format.
const (
	fromLeft    = 1
	fromTop     = 2
	fromAverage = 7
	fromPlane   = 12
)

// predict replaces each pixel by its distance from what its neighbours foretell. It
// gives the modes of the tiles as a picture.
func predict(pix []uint32, w, h int) (modes []uint32, tilesWide int) {
	tilesWide = (w + 1<<tileBits - 1) >> tileBits
	tilesHigh := (h + 1<<tileBits - 1) >> tileBits
	modes = make([]uint32, tilesWide*tilesHigh)
	for i := range modes {
		modes[i] = 0xff000000 | uint32(bestMode(pix, w, h, i%tilesWide<<tileBits, i/tilesWide<<tileBits))<<8
	}
	// Backwards, because a pixel's neighbours before it must still be whole.
	for y := h - 1; y >= 0; y-- {
		for x := w - 1; x >= 0; x-- {
			mode := int(modes[y>>tileBits*tilesWide+x>>tileBits] >> 8 & 0xff)
			pix[y*w+x] = subtract(pix[y*w+x], foretell(pix, w, x, y, mode))
		}
	}
	return modes, tilesWide
}

func bestMode(pix []uint32, w, h, left, top int) int {
	best, least := fromLeft, 1<<62
	for _, mode := range []int{fromLeft, fromTop, fromAverage, fromPlane} {
		sum := 0
		for y := top; y < min(top+1<<tileBits, h); y++ {
			for x := left; x < min(left+1<<tileBits, w); x++ {
				d := subtract(pix[y*w+x], foretell(pix, w, x, y, mode))
				for ; d != 0; d >>= 8 {
					sum += max(int(int8(d)), -int(int8(d)))
				}
			}
		}
		if sum < least {
			best, least = mode, sum
		}
	}
	return best
}

// foretell is the format's prediction; the first row and column have modes of their own.
func foretell(pix []uint32, w, x, y, mode int) uint32 {
	i := y*w + x
	switch {
	case i == 0:
		return 0xff000000
	case y == 0:
		return pix[i-1]
	case x == 0:
		return pix[i-w]
	}
	switch mode {
	case fromLeft:
		return pix[i-1]
	case fromTop:
		return pix[i-w]
	case fromAverage:
		a, b := pix[i-1], pix[i-w]
		return (a^b)&0xfefefefe>>1 + a&b
	}
	var p uint32
	for s := 0; s < 32; s += 8 {
		v := int(pix[i-1]>>s&0xff) + int(pix[i-w]>>s&0xff) - int(pix[i-w-1]>>s&0xff)
		p |= uint32(min(max(v, 0), 255)) << s
	}
	return p
}

// bitWriter collects bits, the lowest first.
type bitWriter struct {
	out  []byte
	hold uint64
	n    uint
}

func (b *bitWriter) write(v uint32, n uint) {
	b.hold |= uint64(v) << b.n
	for b.n += n; b.n >= 8; b.n -= 8 {
		b.out = append(b.out, byte(b.hold))
		b.hold >>= 8
	}
}

func (b *bitWriter) bytes() []byte {
	if b.n > 0 {
		b.write(0, 8-b.n)
	}
	return b.out
}
