package vision

import (
	"context"
	"image"
)

const (
	// refineSide is the side of the squares in which masks are refined: bounded memory
	// for any picture.
	refineSide = 256
	// unsure is the band of the mask, in 255ths from either end, outside of which it is
	// taken as it is.
	unsure = 6
	// edgeTolerance is how much brightness may vary, squared, before it counts as an edge.
	edgeTolerance = 4e-4
)

// reach is how far the network's uncertainty extends in a picture of this size, in
// pixels: two points of its square.
func reach(size image.Point) int { return min(max(2*max(size.X, size.Y)/isnetSide, 2), 16) }

// squares calls do for each square of the picture that has unsure pixels, with margin
// around it. Squares are done side by side.
func squares(ctx context.Context, mask *image.Gray, margin int, do func(inner, outer image.Rectangle)) error {
	var list []image.Rectangle
	for y := 0; y < mask.Rect.Max.Y && ctx.Err() == nil; y += refineSide {
		for x := 0; x < mask.Rect.Max.X; x += refineSide {
			r := image.Rect(x, y, x+refineSide, y+refineSide).Intersect(mask.Rect)
			if hasUnsure(mask, r) {
				list = append(list, r)
			}
		}
	}
	return bands(ctx, len(list)*bandRows, func(i, _ int) {
		inner := list[i/bandRows]
		do(inner, inner.Inset(-margin).Intersect(mask.Rect))
	})
}

func isUnsure(v uint8) bool { return v >= unsure && v <= 255-unsure }

func hasUnsure(mask *image.Gray, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range mask.Pix[mask.PixOffset(r.Min.X, y):mask.PixOffset(r.Max.X, y)] {
			if isUnsure(v) {
				return true
			}
		}
	}
	return false
}

// refine moves the mask's soft edges to where the picture's brightness has its edges
// (a guided filter), and makes nearly sure pixels sure.
func refine(ctx context.Context, src *image.NRGBA, mask *image.Gray) error {
	before := image.NewGray(mask.Rect)
	copy(before.Pix, mask.Pix) // a byte a pixel
	radius := reach(src.Rect.Size())
	err := squares(ctx, before, 2*radius, func(inner, outer image.Rectangle) {
		guided(src, before, mask, inner, outer, radius)
	})
	if err != nil {
		return err
	}
	return bands(ctx, mask.Rect.Dy(), func(y0, y1 int) {
		pix := mask.Pix[y0*mask.Stride : y1*mask.Stride]
		for i, v := range pix {
			switch {
			case v < unsure:
				pix[i] = 0
			case v > 255-unsure:
				pix[i] = 255
			}
		}
	})
}

// guided filters one square of the mask.
func guided(src *image.NRGBA, from, to *image.Gray, inner, outer image.Rectangle, radius int) {
	w, h := outer.Dx(), outer.Dy()
	light, alpha := make([]float32, w*h), make([]float32, w*h)
	both, square := make([]float32, w*h), make([]float32, w*h)
	for y := range h {
		row := src.Pix[src.PixOffset(outer.Min.X, outer.Min.Y+y):]
		for x := range w {
			i := y*w + x
			light[i] = brightness(float32(row[4*x]), float32(row[4*x+1]), float32(row[4*x+2])) / 255
			alpha[i] = float32(from.Pix[from.PixOffset(outer.Min.X+x, outer.Min.Y+y)]) / 255
			both[i], square[i] = light[i]*alpha[i], light[i]*light[i]
		}
	}
	meanLight, meanAlpha := box(light, w, h, radius), box(alpha, w, h, radius)
	meanBoth, meanSquare := box(both, w, h, radius), box(square, w, h, radius)
	slope, base := both, square // used up above
	for i := range slope {
		variance := max(meanSquare[i]-meanLight[i]*meanLight[i], 0)
		slope[i] = (meanBoth[i] - meanLight[i]*meanAlpha[i]) / (variance + edgeTolerance)
		base[i] = meanAlpha[i] - slope[i]*meanLight[i]
	}
	slope, base = box(slope, w, h, radius), box(base, w, h, radius)
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			at := to.PixOffset(x, y)
			if i := (y-outer.Min.Y)*w + x - outer.Min.X; isUnsure(from.Pix[at]) {
				to.Pix[at] = byteOf(slope[i]*light[i] + base[i])
			}
		}
	}
}

// cut makes the picture's opacity of the mask, and takes the background's colour out of
// half-transparent pixels, where it would shine on any new ground.
func cut(ctx context.Context, src *image.NRGBA, mask *image.Gray) (*image.NRGBA, error) {
	out := image.NewNRGBA(src.Rect)
	err := bands(ctx, mask.Rect.Dy(), func(y0, y1 int) {
		for i := y0 * mask.Stride; i < y1*mask.Stride; i++ {
			if a := int(mask.Pix[i]) * int(src.Pix[4*i+3]) / 255; a > 0 {
				copy(out.Pix[4*i:4*i+3], src.Pix[4*i:])
				out.Pix[4*i+3] = uint8(a)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	radius := 3 * reach(src.Rect.Size())
	return out, squares(ctx, mask, 2*radius, func(inner, outer image.Rectangle) {
		decontaminate(src, mask, out, inner, outer, radius)
	})
}

// decontaminate estimates the subject's own colours in one square: the average colours
// of subject and background around a pixel, and what the pixel itself adds to that; once
// with a wide view and once with a near one.
func decontaminate(src *image.NRGBA, mask *image.Gray, out *image.NRGBA, inner, outer image.Rectangle, radius int) {
	w, h := outer.Dx(), outer.Dy()
	alpha, rest := make([]float32, w*h), make([]float32, w*h)
	for y := range h {
		for x := range w {
			a := float32(mask.Pix[mask.PixOffset(outer.Min.X+x, outer.Min.Y+y)]) / 255
			alpha[y*w+x], rest[y*w+x] = a, 1-a
		}
	}
	for c := range 3 {
		seen := make([]float32, w*h)
		for y := range h {
			row := src.Pix[src.PixOffset(outer.Min.X, outer.Min.Y+y):]
			for x := range w {
				seen[y*w+x] = float32(row[4*x+c]) / 255
			}
		}
		front, back := seen, seen
		for _, r := range []int{radius, max(radius/4, 1)} {
			front, back = separate(seen, front, back, alpha, rest, w, h, r)
		}
		for y := inner.Min.Y; y < inner.Max.Y; y++ {
			for x := inner.Min.X; x < inner.Max.X; x++ {
				if isUnsure(mask.Pix[mask.PixOffset(x, y)]) {
					out.Pix[out.PixOffset(x, y)+c] = byteOf(front[(y-outer.Min.Y)*w+x-outer.Min.X])
				}
			}
		}
	}
}

// separate estimates the colour of subject and background for every pixel.
func separate(seen, front, back, alpha, rest []float32, w, h, radius int) (newFront, newBack []float32) {
	average := func(colour, weight []float32) []float32 {
		weighted := make([]float32, len(colour))
		for i, v := range colour {
			weighted[i] = v * weight[i]
		}
		sum, weights := box(weighted, w, h, radius), box(weight, w, h, radius)
		for i := range sum {
			if weights[i] > 1e-4 {
				sum[i] /= weights[i]
			} else {
				sum[i] = colour[i]
			}
		}
		return sum
	}
	newFront, newBack = average(front, alpha), average(back, rest)
	for i, a := range alpha {
		newFront[i] = clamp01(newFront[i] + a*(seen[i]-a*newFront[i]-(1-a)*newBack[i]))
	}
	return newFront, newBack
}
