package vision

import (
	"context"
	"image"
)

// How strong the finishing pass is. Brightness is 0 to 1.
const (
	localContrast = 0.38 // of the distance between a pixel and its wide surroundings
	localLimit    = 0.11 // the most that local contrast changes a brightness
	sharpness     = 0.75 // of the distance between a pixel and its near surroundings
	sharpThres    = 0.008
	sharpLimit    = 0.07
	toneCurve     = 0.22 // of the way to a smooth S
	saturation    = 1.10
	// wideCell is the side of the cells that the wide surroundings are averaged in.
	wideCell = 8
)

// finish is the second pass of the Alchemy Upscaler: more contrast between neighbouring
// areas, crisper edges without halos, deeper tones and a little more colour. It writes
// into a new picture.
func finish(ctx context.Context, src *image.NRGBA, scale int, done func(share float64)) (*image.NRGBA, error) {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	luma := make([]uint8, w*h)
	if err := bands(ctx, h, func(y0, y1 int) { lumaRows(src, luma, y0, y1) }); err != nil {
		return nil, err
	}
	wide, err := surroundings(ctx, luma, w, h)
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(src.Rect)
	radius := max(1, scale/2)
	return out, strips(ctx, h, done, func(y0, y1 int) {
		near := make([]float32, w)
		for y := y0; y < y1; y++ {
			nearRow(luma, w, h, y, radius, near)
			for x := range w {
				finishPixel(out.Pix[y*out.Stride+4*x:], src.Pix[y*src.Stride+4*x:], near[x], wide.at(x, y))
			}
		}
	})
}

// brightness weighs the channels as the eye does.
func brightness(r, g, b float32) float32 { return 0.299*r + 0.587*g + 0.114*b }

func lumaRows(src *image.NRGBA, luma []uint8, y0, y1 int) {
	w := src.Rect.Dx()
	for y := y0; y < y1; y++ {
		row := src.Pix[y*src.Stride:]
		for x := range w {
			luma[y*w+x] = uint8(brightness(float32(row[4*x]), float32(row[4*x+1]), float32(row[4*x+2])) + 0.5)
		}
	}
}

// finishPixel makes one pixel from itself and the brightness near and wide around it.
func finishPixel(out, in []uint8, near, wide float32) {
	r, g, b := float32(in[0])/255, float32(in[1])/255, float32(in[2])/255
	l := brightness(r, g, b)
	area := limited((l-wide)*localContrast, localLimit)
	edge := l - near
	switch {
	case edge > sharpThres:
		edge -= sharpThres
	case edge < -sharpThres:
		edge += sharpThres
	default:
		edge = 0
	}
	now := clamp01(l + area + limited(edge*sharpness, sharpLimit))
	now += (now*now*(3-2*now) - now) * toneCurve
	for c, v := range [3]float32{r, g, b} {
		out[c] = byteOf(now + (v-l)*saturation)
	}
	out[3] = in[3]
}

func limited(v, limit float32) float32 { return min(max(v, -limit), limit) }

// nearRow averages the brightness around each pixel of a row.
func nearRow(luma []uint8, w, h, y, radius int, out []float32) {
	columns := make([]int, w)
	rows := 0
	for yy := max(y-radius, 0); yy <= min(y+radius, h-1); yy++ {
		for x, v := range luma[yy*w : (yy+1)*w] {
			columns[x] += int(v)
		}
		rows++
	}
	sum, n := 0, 0
	for x := range min(radius, w) {
		sum, n = sum+columns[x], n+1
	}
	for x := range w {
		if x+radius < w {
			sum, n = sum+columns[x+radius], n+1
		}
		if x-radius-1 >= 0 {
			sum, n = sum-columns[x-radius-1], n-1
		}
		out[x] = float32(sum) / float32(n*rows) / 255
	}
}

// coarse is a small plane that stands for a large one.
type coarse struct {
	plane []float32
	w, h  int
}

// surroundings averages brightness over wide areas.
func surroundings(ctx context.Context, luma []uint8, w, h int) (coarse, error) {
	c := coarse{w: (w + wideCell - 1) / wideCell, h: (h + wideCell - 1) / wideCell}
	c.plane = make([]float32, c.w*c.h)
	counts := make([]float32, c.w*c.h)
	for y := range h {
		if y&63 == 0 && ctx.Err() != nil {
			return c, ctx.Err()
		}
		for x, v := range luma[y*w : (y+1)*w] {
			i := y/wideCell*c.w + x/wideCell
			c.plane[i] += float32(v) / 255
			counts[i]++
		}
	}
	for i := range c.plane {
		c.plane[i] /= counts[i]
	}
	radius := max(2, max(c.w, c.h)/40)
	for range 3 { // three boxes make a bell
		c.plane = box(c.plane, c.w, c.h, radius)
	}
	return c, ctx.Err()
}

// at reads the plane between its cells.
func (c coarse) at(x, y int) float32 {
	fx, fy := max((float32(x)+0.5)/wideCell-0.5, 0), max((float32(y)+0.5)/wideCell-0.5, 0)
	x0, y0 := min(int(fx), c.w-1), min(int(fy), c.h-1)
	x1, y1 := min(x0+1, c.w-1), min(y0+1, c.h-1)
	fx, fy = fx-float32(x0), fy-float32(y0)
	top := c.plane[y0*c.w+x0]*(1-fx) + c.plane[y0*c.w+x1]*fx
	bottom := c.plane[y1*c.w+x0]*(1-fx) + c.plane[y1*c.w+x1]*fx
	return top*(1-fy) + bottom*fy
}

// box averages over squares of 2·radius+1, smaller ones at the edges.
func box(in []float32, w, h, radius int) []float32 {
	across, out := make([]float32, w*h), make([]float32, w*h)
	for y := range h {
		boxLine(in[y*w:], across[y*w:], w, 1, radius)
	}
	for x := range w {
		boxLine(across[x:], out[x:], h, w, radius)
	}
	return out
}

// boxLine averages along one line. Sums are kept in 64 bits, or what is added and taken
// away again would leave crumbs.
func boxLine(in, out []float32, n, step, radius int) {
	sum, count := 0.0, 0
	for i := range min(radius, n) {
		sum, count = sum+float64(in[i*step]), count+1
	}
	for i := range n {
		if i+radius < n {
			sum, count = sum+float64(in[(i+radius)*step]), count+1
		}
		if i-radius-1 >= 0 {
			sum, count = sum-float64(in[(i-radius-1)*step]), count-1
		}
		out[i*step] = float32(sum / float64(count))
	}
}
