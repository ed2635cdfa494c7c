package picture

import (
	"fmt"
	"image"
	"image/color"
)

// maskEdge is the luma from which a pixel of a mask counts as white.
const maskEdge = 128

// Mask reads a mask: white is to be changed, black stays, grey lies between; what is
// transparent counts as black. It must have the picture's size. The result begins at 0,0.
func Mask(img image.Image, width, height int) (*image.Gray, error) {
	b := img.Bounds()
	if b.Dx() != width || b.Dy() != height {
		return nil, fmt.Errorf("the mask is %dx%d, it must have the picture's size, %dx%d", b.Dx(), b.Dy(), width, height)
	}
	m := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		row := m.Pix[y*m.Stride : y*m.Stride+width]
		switch src := img.(type) {
		case *image.Gray:
			copy(row, src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		case *image.NRGBA:
			for x, at := 0, src.PixOffset(b.Min.X, b.Min.Y+y); x < width; x, at = x+1, at+4 {
				p := src.Pix[at : at+4 : at+4]
				row[x] = grey(premultiplied(p[0], p[3]), premultiplied(p[1], p[3]), premultiplied(p[2], p[3]))
			}
		case *image.RGBA:
			for x, at := 0, src.PixOffset(b.Min.X, b.Min.Y+y); x < width; x, at = x+1, at+4 {
				p := src.Pix[at : at+4 : at+4]
				row[x] = grey(uint32(p[0])*0x101, uint32(p[1])*0x101, uint32(p[2])*0x101)
			}
		default:
			for x := range row {
				// Alpha is multiplied in, which makes the transparent black.
				row[x] = color.GrayModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y
			}
		}
	}
	return m, nil
}

// grey is what color.GrayModel makes of 16 bits a channel.
func grey(r, g, b uint32) uint8 { return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 24) }

// premultiplied is a channel in 16 bits with alpha multiplied in, as color.NRGBA has it.
func premultiplied(c, a uint8) uint32 { return uint32(c) * 0x101 * uint32(a) / 0xff }

// Threshold gives a mask of black and white alone.
func Threshold(mask *image.Gray) *image.Gray {
	hard := image.NewGray(mask.Rect)
	for i, v := range mask.Pix {
		if v >= maskEdge {
			hard.Pix[i] = 255
		}
	}
	return hard
}

// Coverage counts the white and the grey pixels of a mask.
func Coverage(mask *image.Gray) int {
	n := 0
	for y := range mask.Rect.Dy() {
		for _, v := range mask.Pix[y*mask.Stride : y*mask.Stride+mask.Rect.Dx()] {
			if v != 0 {
				n++
			}
		}
	}
	return n
}

// Compose lays over on base where the mask is white. Where the mask is black the
// result is base to the last bit, and so is base's transparency everywhere. All three
// begin at 0,0 and have one size; base is not changed.
func Compose(base, over *image.NRGBA, mask *image.Gray) *image.NRGBA {
	out := image.NewNRGBA(base.Rect)
	copyRows(out, base)
	for y := range base.Rect.Dy() {
		for x, m := range mask.Pix[y*mask.Stride : y*mask.Stride+base.Rect.Dx()] {
			if m == 0 {
				continue
			}
			p, q := out.Pix[y*out.Stride+4*x:], over.Pix[y*over.Stride+4*x:]
			for c := range 3 {
				p[c] = mix(p[c], q[c], m)
			}
		}
	}
	return out
}

func copyRows(to, from *image.NRGBA) {
	n := 4 * from.Rect.Dx()
	for y := range from.Rect.Dy() {
		copy(to.Pix[y*to.Stride:y*to.Stride+n], from.Pix[y*from.Stride:])
	}
}

// mix goes from a to b by m of 255.
func mix(a, b, m uint8) uint8 {
	return uint8((int(a)*(255-int(m)) + int(b)*int(m) + 127) / 255)
}

// NRGBA gives a copy of any picture, at eight bits per channel without alpha
// multiplied in, that begins at 0,0.
func NRGBA(img image.Image) *image.NRGBA {
	if m, ok := img.(*image.NRGBA); ok {
		out := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()))
		for y := range m.Rect.Dy() {
			copy(out.Pix[y*out.Stride:(y+1)*out.Stride], m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y):])
		}
		return out
	}
	own := toNRGBA(img, upright)
	if shared, ok := img.(*image.RGBA); ok && len(shared.Pix) > 0 && &shared.Pix[0] == &own.Pix[0] {
		return NRGBA(own)
	}
	return own
}
