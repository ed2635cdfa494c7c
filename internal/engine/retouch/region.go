package retouch

import "image"

// opaque is the alpha from which a pixel's colour is worth copying.
const opaque = 128

// states says of each pixel of a window what is to be done with it.
func states(j *job, base *image.NRGBA, mask *image.Gray, window image.Rectangle) []uint8 {
	s := make([]uint8, window.Dx()*window.Dy())
	j.inTurn(window.Dy(), func(y int) {
		for x := range window.Dx() {
			u, v := window.Min.X+x, window.Min.Y+y
			switch {
			case mask.Pix[v*mask.Stride+u] != 0:
				s[y*window.Dx()+x] = wanted
			case base.Pix[v*base.Stride+4*u+3] < opaque:
				s[y*window.Dx()+x] = unfit
			}
		}
	})
	return s
}

// maskBounds is the smallest rectangle around what is not black.
func maskBounds(mask *image.Gray) image.Rectangle {
	var r image.Rectangle
	for y := range mask.Rect.Dy() {
		for x, v := range mask.Pix[y*mask.Stride : y*mask.Stride+mask.Rect.Dx()] {
			if v != 0 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// leastMargin is how much around a hole is looked at, in pixels, however small the hole.
const leastMargin = 96

// around is the part of the picture that a hole is filled from: far away things seldom
// fit, and cost as much.
func around(hole, whole image.Rectangle) image.Rectangle {
	margin := max(leastMargin, hole.Dx(), hole.Dy())
	return hole.Inset(-margin).Intersect(whole)
}

// cut copies a window into a picture of its own.
func cut(img *image.NRGBA, window image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, window.Dx(), window.Dy()))
	for y := range window.Dy() {
		copy(out.Pix[y*out.Stride:(y+1)*out.Stride], img.Pix[img.PixOffset(window.Min.X, window.Min.Y+y):])
	}
	return out
}

// complete makes up what the mask wants, in place, and gives false if there was nothing
// to copy from. Inner is where something is known at all.
func complete(j *job, img *image.NRGBA, mask *image.Gray, inner image.Rectangle, seed int64) (copied bool, err error) {
	window := around(maskBounds(mask), img.Rect)
	part := cut(img, window)
	f := fieldOf(j, part, states(j, img, mask, window))
	if err := j.ctx.Err(); err != nil {
		return false, err
	}
	inner = inner.Intersect(window).Sub(window.Min)
	if inner.Empty() {
		return false, nil
	}
	// Matching is about three fifths of the work, joining most of the rest.
	low, high := j.low, j.high
	share := func(from, to float64) {
		j.low, j.high = low+int(from*float64(high-low)), low+int(to*float64(high-low))
	}
	defer func() { j.low, j.high = low, high }()
	share(0, 0.6)
	c := newCompletion(j, f, inner, uint64(seed))
	if copied, err = c.run(j); err != nil || !copied {
		return copied, err
	}
	share(0.6, 0.7)
	j.inner = j.progress
	off, err := c.final.strain(j)
	j.inner = nil
	if err != nil {
		return false, err
	}
	j.progress(1)
	share(0.7, 1)
	length := max(leastBend, float32(min(f.w, f.h))/6)
	if err := join(j, part, f.state, c.final.colours(j), off, 1/(length*length)); err != nil {
		return false, err
	}
	put(j, img, part, window, f.state)
	return true, nil
}

// leastBend is over how many pixels colours bend at least to meet what is known.
const leastBend = 32

// colours gives the three colours of each pixel.
func (m *matches) colours(j *job) []float32 {
	made := make([]float32, 3*m.f.w*m.f.h)
	j.inTurn(m.f.h, func(y int) {
		for i := y * m.f.w; i < (y+1)*m.f.w; i++ {
			copy(made[3*i:3*i+3], m.f.pix[i*channels:])
		}
	})
	return made
}

// beside tells whether a pixel stays, but touches one that is wanted.
func beside(state []uint8, w, h, i int) bool {
	x, y := i%w, i/w
	return state[i] != wanted && (x > 0 && state[i-1] == wanted || x+1 < w && state[i+1] == wanted ||
		y > 0 && state[i-w] == wanted || y+1 < h && state[i+w] == wanted)
}

// join writes what was made into the wanted pixels of part, with the differences of
// made's neighbours kept and the colours bent so that no seam is left. Off, if not
// nil, says how far the differences themselves are to be changed. Pull is the inverse square of the length, in pixels, over
// which the bending fades.
func join(j *job, part *image.NRGBA, state []uint8, made []float32, off *strain, pull float32) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	w, h := part.Rect.Dx(), part.Rect.Dy()
	m := newMembrane(w, h)
	m.told = j.progress
	if off != nil {
		m.values = off.edge
		m.right, m.down = off.right, off.down
	}
	j.inTurn(h, func(y int) {
		for x, st := range state[y*w : (y+1)*w] {
			i, p := y*w+x, part.Pix[y*part.Stride+4*x:]
			switch {
			case st == wanted:
				m.state[i] = free
			case p[3] >= opaque && beside(state, w, h, i):
				m.state[i] = fixed
				for c := range 3 {
					m.values[3*i+c] += float32(p[c]) - made[3*i+c]
				}
			}
		}
	})
	if err := m.solve(j, pull); err != nil {
		return err
	}
	j.inTurn(h, func(y int) {
		for x, st := range state[y*w : (y+1)*w] {
			if st == wanted {
				i, p := y*w+x, part.Pix[y*part.Stride+4*x:]
				for c := range 3 {
					p[c] = clamp8(made[3*i+c] + m.values[3*i+c])
				}
			}
		}
	})
	return j.ctx.Err()
}

// put brings the wanted pixels of a part back into the picture, without their alpha.
func put(j *job, img, part *image.NRGBA, window image.Rectangle, state []uint8) {
	w := window.Dx()
	j.inTurn(window.Dy(), func(y int) {
		for x, st := range state[y*w : (y+1)*w] {
			if st == wanted {
				p := img.Pix[img.PixOffset(window.Min.X+x, window.Min.Y+y):]
				copy(p[:3], part.Pix[y*part.Stride+4*x:][:3])
			}
		}
	})
}
