package picture

import (
	"image"
	"image/draw"
	"math"
)

// Resampler makes a picture at another size with the Catmull-Rom kernel, some rows at a
// time, so that its caller can stop between them and needs little memory beside. Several
// goroutines may use it.
type Resampler struct {
	src          image.Image
	part         image.Rectangle
	across, down []weights
}

// weights are the source pixels that make one of a line: from first on, each with its share.
type weights struct {
	first  int
	shares []float32
}

// BandRows is how many rows are best made by one call of Rows: neighbouring calls read
// some rows of the source again.
const BandRows = 16

// NewResampler prepares a part of a picture, which must not be empty, to be w x h.
func NewResampler(src image.Image, part image.Rectangle, w, h int) *Resampler {
	return &Resampler{src: src, part: part, across: lineWeights(part.Dx(), w), down: lineWeights(part.Dy(), h)}
}

// lineWeights gives those of every pixel of a line that goes from one length to another.
func lineWeights(from, to int) []weights {
	out := make([]weights, to)
	scale := float64(from) / float64(to)
	wide := math.Max(scale, 1) // a smaller picture looks at more of the source
	for i := range out {
		centre := (float64(i)+0.5)*scale - 0.5
		first := max(int(math.Ceil(centre-2*wide)), 0)
		last := min(int(math.Floor(centre+2*wide)), from-1)
		shares, sum := make([]float32, last-first+1), 0.0
		for k := range shares {
			v := catmullRom(math.Abs(float64(first+k)-centre) / wide)
			shares[k], sum = float32(v), sum+v
		}
		for k := range shares {
			shares[k] /= float32(sum)
		}
		out[i] = weights{first, shares}
	}
	return out
}

func catmullRom(x float64) float64 {
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// Rows makes the rows from y0 up to y1 of out, which begins at 0,0.
func (r *Resampler) Rows(out *image.NRGBA, y0, y1 int) {
	if y0 >= y1 {
		return
	}
	first, last := r.down[y0].first, 0
	for _, d := range r.down[y0:y1] {
		first, last = min(first, d.first), max(last, d.first+len(d.shares))
	}
	lines := make([][]float32, last-first)
	row := image.NewRGBA(image.Rect(0, 0, r.part.Dx(), 1))
	for i := range lines {
		draw.Draw(row, row.Rect, r.src, r.part.Min.Add(image.Pt(0, first+i)), draw.Src)
		lines[i] = r.line(row.Pix)
	}
	sum := make([]float32, 4*len(r.across))
	for y := y0; y < y1; y++ {
		clear(sum)
		for k, share := range r.down[y].shares {
			for i, v := range lines[r.down[y].first+k-first] {
				sum[i] += share * v
			}
		}
		pix := out.Pix[y*out.Stride:]
		for i := 0; i < len(sum); i += 4 {
			straight(pix[i:i+4:i+4], sum[i:i+4:i+4])
		}
	}
}

// line resamples a row, in which alpha is multiplied in.
func (r *Resampler) line(row []uint8) []float32 {
	out := make([]float32, 4*len(r.across))
	for x, a := range r.across {
		var sum [4]float32
		for k, share := range a.shares {
			p := row[4*(a.first+k):][:4:4]
			for c := range sum {
				sum[c] += share * float32(p[c])
			}
		}
		copy(out[4*x:], sum[:])
	}
	return out
}

// straight takes alpha out of the colours.
func straight(to []uint8, from []float32) {
	a := min(from[3], 255)
	if a < 0.5 {
		clear(to)
		return
	}
	for c := range 3 {
		to[c] = uint8(min(max(from[c]*255/a, 0), 255) + 0.5)
	}
	to[3] = uint8(a + 0.5)
}
