package retouch

import (
	"image"
	"math"
)

// Channels of a field: three colours, and the slopes of brightness across and down.
// Slopes let a patch match where the light differs a little.
const (
	channels   = 5
	slopeX     = 3
	slopeY     = 4
	slopeShare = 1.5 // how much slopes count against colours
)

// State of a pixel.
const (
	known  uint8 = iota // stays, and may be copied from
	wanted              // is to be made up
	unfit               // stays, but may not be copied from, being transparent
)

// field is a picture at one scale, with what is known of it.
type field struct {
	w, h  int
	pix   []float32 // channels for each pixel
	state []uint8
}

func newField(w, h int) *field {
	return &field{w: w, h: h, pix: make([]float32, w*h*channels), state: make([]uint8, w*h)}
}

// fieldOf reads a picture; state has one byte for each of its pixels.
func fieldOf(j *job, img *image.NRGBA, state []uint8) *field {
	f := newField(img.Rect.Dx(), img.Rect.Dy())
	copy(f.state, state)
	j.inTurn(f.h, func(y int) {
		row := img.Pix[y*img.Stride:]
		for x := range f.w {
			p := f.pix[(y*f.w+x)*channels:]
			p[0], p[1], p[2] = float32(row[4*x]), float32(row[4*x+1]), float32(row[4*x+2])
		}
	})
	return f
}

// at is the place of a pixel's channels.
func (f *field) at(x, y int) []float32 {
	i := (y*f.w + x) * channels
	return f.pix[i : i+channels : i+channels]
}

func (f *field) luma(x, y int) float32 {
	p := f.at(x, y)
	return 0.3*p[0] + 0.59*p[1] + 0.11*p[2]
}

// slopes works out the two slopes of each row of [from, to).
func (f *field) slopes(from, to int) {
	for y := from; y < to; y++ {
		for x := range f.w {
			p := f.at(x, y)
			p[slopeX] = slopeShare * (f.luma(min(x+1, f.w-1), y) - f.luma(max(x-1, 0), y)) / 2
			p[slopeY] = slopeShare * (f.luma(x, min(y+1, f.h-1)) - f.luma(x, max(y-1, 0))) / 2
		}
	}
}

// half averages two by two pixels. A pixel is known only if all four were, so that
// nothing made up is ever copied.
func (f *field) half(j *job) *field {
	s := newField((f.w+1)/2, (f.h+1)/2)
	j.inTurn(s.h, func(y int) {
		for x := range s.w {
			var sum [3]float32
			n, state := float32(0), known
			p := s.at(x, y)
			for _, o := range [4][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				u, v := min(2*x+o[0], f.w-1), min(2*y+o[1], f.h-1)
				st := f.state[v*f.w+u]
				if st == wanted || st == unfit && state == known {
					state = st
				}
				if st != wanted {
					q := f.at(u, v)
					sum[0], sum[1], sum[2], n = sum[0]+q[0], sum[1]+q[1], sum[2]+q[2], n+1
				}
			}
			if n > 0 {
				p[0], p[1], p[2] = sum[0]/n, sum[1]/n, sum[2]/n
			}
			s.state[y*s.w+x] = state
		}
	})
	return s
}

// mirror fills what is wanted outside the inner rectangle by reflecting the inner one.
func (f *field) mirror(j *job, inner image.Rectangle) {
	j.inTurn(f.h, func(y int) {
		for x := range f.w {
			if f.state[y*f.w+x] == wanted && !image.Pt(x, y).In(inner) {
				copy(f.at(x, y)[:3], f.at(reflect(x, inner.Min.X, inner.Max.X), reflect(y, inner.Min.Y, inner.Max.Y))[:3])
			}
		}
	})
}

// reflect folds v into [low, high) at both ends.
func reflect(v, low, high int) int {
	n := high - low
	if n <= 1 {
		return low
	}
	v = (v - low) % (2 * n)
	if v < 0 {
		v += 2 * n
	}
	if v >= n {
		v = 2*n - 1 - v
	}
	return low + v
}

// smooth fills what is wanted inside inner with a membrane over the rest.
func (f *field) smooth(j *job, inner image.Rectangle) error {
	m := newMembrane(f.w, f.h)
	for i, st := range f.state {
		x, y := i%f.w, i/f.w
		switch {
		case st == wanted && image.Pt(x, y).In(inner):
			m.state[i] = free
		case image.Pt(x, y).In(inner) || st == known:
			m.state[i] = fixed
			copy(m.values[i*3:i*3+3], f.pix[i*channels:])
		}
	}
	if err := m.solve(j, 0); err != nil {
		return err
	}
	for i, st := range m.state {
		if st == free {
			copy(f.pix[i*channels:i*channels+3], m.values[i*3:i*3+3])
		}
	}
	return nil
}

// clamp8 rounds to a byte.
func clamp8(v float32) uint8 {
	return uint8(min(max(math.Round(float64(v)), 0), 255))
}
