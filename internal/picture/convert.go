package picture

import (
	"image"
	"image/color"
)

// turned is a picture that is being filled upright from a source in any orientation.
type turned struct {
	to *image.NRGBA
	// base, right and down are byte offsets: of the source's first pixel, of one
	// pixel to the right in the source, and of one row down.
	base, right, down int
}

// newTurned makes room for a w x h source in the given orientation.
func newTurned(w, h, orientation int) turned {
	width, height := w, h
	if orientation > 4 {
		width, height = h, w
	}
	t := turned{to: image.NewNRGBA(image.Rect(0, 0, width, height))}
	row := t.to.Stride
	lastX, lastY := (width-1)*4, (height-1)*row
	switch orientation {
	case 2:
		t.base, t.right, t.down = lastX, -4, row
	case 3:
		t.base, t.right, t.down = lastX+lastY, -4, -row
	case 4:
		t.base, t.right, t.down = lastY, 4, -row
	case 5:
		t.base, t.right, t.down = 0, row, 4
	case 6:
		t.base, t.right, t.down = lastX, row, -4
	case 7:
		t.base, t.right, t.down = lastX+lastY, -row, -4
	case 8:
		t.base, t.right, t.down = lastY, -row, 4
	default:
		t.base, t.right, t.down = 0, 4, row
	}
	return t
}

// fill asks for each pixel of the w x h source.
func (t turned) fill(w, h int, at func(x, y int) (r, g, b, a uint8)) *image.NRGBA {
	for y := range h {
		for x, i := 0, t.base+y*t.down; x < w; x, i = x+1, i+t.right {
			p := t.to.Pix[i : i+4 : i+4]
			p[0], p[1], p[2], p[3] = at(x, y)
		}
	}
	return t.to
}

// toNRGBA gives an upright copy with eight bits per channel that begins at 0,0; a
// picture that is already like that is given itself.
func toNRGBA(img image.Image, orientation int) *image.NRGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if orientation <= upright {
		if same := asIs(img, w, h); same != nil {
			return same
		}
	}
	left, top := b.Min.X, b.Min.Y
	t := newTurned(w, h, orientation)
	switch m := img.(type) {
	case *image.YCbCr:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			i, j := m.YOffset(left+x, top+y), m.COffset(left+x, top+y)
			r, g, b := color.YCbCrToRGB(m.Y[i], m.Cb[j], m.Cr[j])
			return r, g, b, 255
		})
	case *image.NYCbCrA:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			i, j := m.YOffset(left+x, top+y), m.COffset(left+x, top+y)
			r, g, b := color.YCbCrToRGB(m.Y[i], m.Cb[j], m.Cr[j])
			return r, g, b, m.A[m.AOffset(left+x, top+y)]
		})
	case *image.NRGBA:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			c := m.NRGBAAt(left+x, top+y)
			return c.R, c.G, c.B, c.A
		})
	case *image.Gray:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			v := m.GrayAt(left+x, top+y).Y
			return v, v, v, 255
		})
	case *image.Paletted:
		return fillPalette(t, m, w, h)
	case *image.NRGBA64: // these four without At, which allocates for each pixel
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			return straight16(m.NRGBA64At(left+x, top+y))
		})
	case *image.RGBA64:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			c := m.RGBA64At(left+x, top+y)
			return multiplied16(uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
		})
	case *image.Gray16:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			v := round16(uint32(m.Gray16At(left+x, top+y).Y))
			return v, v, v, 255
		})
	case *image.CMYK:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			c := m.CMYKAt(left+x, top+y)
			r, g, b := color.CMYKToRGB(c.C, c.M, c.Y, c.K)
			return r, g, b, 255
		})
	default:
		return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
			return eightBits(img.At(left+x, top+y))
		})
	}
}

// asIs gives the picture itself where its bytes are already those of the result.
func asIs(img image.Image, w, h int) *image.NRGBA {
	switch m := img.(type) {
	case *image.NRGBA:
		if m.Rect.Min == (image.Point{}) {
			return m
		}
	case *image.RGBA:
		if m.Rect.Min == (image.Point{}) && m.Opaque() {
			return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: image.Rect(0, 0, w, h)}
		}
	}
	return nil
}

// fillPalette looks each colour up once. Indexes beyond the palette are transparent.
func fillPalette(t turned, m *image.Paletted, w, h int) *image.NRGBA {
	var table [256][4]uint8
	for i, c := range m.Palette {
		table[i][0], table[i][1], table[i][2], table[i][3] = eightBits(c)
	}
	return t.fill(w, h, func(x, y int) (uint8, uint8, uint8, uint8) {
		c := &table[m.ColorIndexAt(m.Rect.Min.X+x, m.Rect.Min.Y+y)]
		return c[0], c[1], c[2], c[3]
	})
}

// eightBits rounds a colour of any kind to eight bits without its alpha multiplied in.
func eightBits(c color.Color) (r, g, b, a uint8) {
	switch c := c.(type) {
	case color.NRGBA:
		return c.R, c.G, c.B, c.A
	case color.NRGBA64:
		return straight16(c)
	case color.CMYK:
		r, g, b = color.CMYKToRGB(c.C, c.M, c.Y, c.K)
		return r, g, b, 255
	}
	return multiplied16(c.RGBA())
}

func straight16(c color.NRGBA64) (r, g, b, a uint8) {
	return round16(uint32(c.R)), round16(uint32(c.G)), round16(uint32(c.B)), round16(uint32(c.A))
}

// multiplied16 takes the alpha out of a colour of sixteen bits.
func multiplied16(r16, g16, b16, a16 uint32) (r, g, b, a uint8) {
	if a16 == 0 {
		return 0, 0, 0, 0
	}
	if a16 != 0xffff {
		r16, g16, b16 = r16*0xffff/a16, g16*0xffff/a16, b16*0xffff/a16
	}
	return round16(r16), round16(g16), round16(b16), round16(a16)
}

// round16 takes 0..65535 to the nearest of 0..255.
func round16(v uint32) uint8 { return uint8((min(v, 0xffff) + 128) / 257) }
