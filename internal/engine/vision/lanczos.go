package vision

import (
	"context"
	"image"
	"math"
)

// lobes is the width of the Lanczos kernel on each side.
const lobes = 3

// taps are the source pixels that make one target pixel: from first on, with weights.
type taps struct {
	first   int
	weights []float32
}

// kernel lists the taps of every target pixel of a line that is resized.
func kernel(from, to int) []taps {
	out := make([]taps, to)
	scale := float64(from) / float64(to)
	reach := lobes * max(scale, 1) // a smaller target looks at more of the source
	for i := range out {
		centre := (float64(i)+0.5)*scale - 0.5
		first, last := int(math.Ceil(centre-reach)), int(math.Floor(centre+reach))
		// Beyond the edges the edge goes on.
		low, high := max(first, 0), min(last, from-1)
		w := make([]float32, high-low+1)
		sum := 0.0
		for j := first; j <= last; j++ {
			v := lanczos((float64(j) - centre) / max(scale, 1))
			sum += v
			w[min(max(j, low), high)-low] += float32(v)
		}
		for k := range w {
			w[k] /= float32(sum)
		}
		out[i] = taps{low, w}
	}
	return out
}

func lanczos(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1e-9:
		return 1
	case x >= lobes:
		return 0
	default:
		x *= math.Pi
		return lobes * math.Sin(x) * math.Sin(x/lobes) / (x * x)
	}
}

// resize resamples a picture with the Lanczos kernel, in light rather than in sRGB values
// and weighted by opacity, so that neither fine patterns change their brightness nor
// invisible colours shine through at edges. Memory beside the result is a few rows per processor.
func resize(ctx context.Context, src *image.NRGBA, width, height int, done func(share float64)) (*image.NRGBA, error) {
	size := src.Rect.Size()
	across, down := kernel(size.X, width), kernel(size.Y, height)
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	return out, strips(ctx, height, done, func(y0, y1 int) { resizeRows(src, out, across, down, y0, y1) })
}

// resizeRows makes the target rows y0 to y1.
func resizeRows(src, out *image.NRGBA, across, down []taps, y0, y1 int) {
	first := down[y0].first
	last := down[y1-1].first + len(down[y1-1].weights)
	for y := y0; y < y1; y++ {
		first, last = min(first, down[y].first), max(last, down[y].first+len(down[y].weights))
	}
	lines := make([][]float32, last-first)
	for i := range lines {
		lines[i] = resizeLine(src, first+i, across)
	}
	sum := make([]float32, 4*len(across))
	for y := y0; y < y1; y++ {
		clear(sum)
		for k, w := range down[y].weights {
			for i, v := range lines[down[y].first+k-first] {
				sum[i] += w * v
			}
		}
		row := out.Pix[y*out.Stride:]
		for i := 0; i < len(sum); i += 4 {
			a := clamp01(sum[i+3])
			if a < 0.5/255 {
				continue
			}
			row[i], row[i+1], row[i+2], row[i+3] = light(sum[i]/a), light(sum[i+1]/a), light(sum[i+2]/a), byteOf(a)
		}
	}
}

// resizeLine resamples one source row into premultiplied light.
func resizeLine(src *image.NRGBA, y int, across []taps) []float32 {
	out := make([]float32, 4*len(across))
	row := src.Pix[y*src.Stride:]
	for x, t := range across {
		var r, g, b, a float32
		for k, w := range t.weights {
			p := row[4*(t.first+k):]
			w *= float32(p[3]) / 255
			r, g, b, a = r+w*linear[p[0]], g+w*linear[p[1]], b+w*linear[p[2]], a+w
		}
		out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = r, g, b, a
	}
	return out
}
