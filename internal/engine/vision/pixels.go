package vision

import (
	"context"
	"image"
	"image/draw"
	"math"
	"runtime"
	"sync"
)

// plain copies a picture into straight 8-bit RGBA whose first pixel is at 0,0.
func plain(ctx context.Context, src image.Image) (*image.NRGBA, error) {
	size := src.Bounds().Size()
	out := image.NewNRGBA(image.Rectangle{Max: size})
	return out, bands(ctx, size.Y, func(y0, y1 int) {
		r := image.Rect(0, y0, size.X, y1)
		draw.Draw(out, r, src, src.Bounds().Min.Add(image.Pt(0, y0)), draw.Src)
	})
}

// opaque tells whether a picture has no transparent pixel.
func opaque(p *image.NRGBA) bool {
	for i := 3; i < len(p.Pix); i += 4 {
		if p.Pix[i] != 255 {
			return false
		}
	}
	return true
}

// bandRows is how many rows are done between two looks at the context.
const bandRows = 16

// bands does rows 0 to height on all processors, a few rows at a time, until the context ends.
func bands(ctx context.Context, height int, do func(y0, y1 int)) error {
	work := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (height+bandRows-1)/bandRows) {
		all.Go(func() {
			for y := range work {
				do(y, min(y+bandRows, height))
			}
		})
	}
	for y := 0; y < height && ctx.Err() == nil; y += bandRows {
		select {
		case work <- y:
		case <-ctx.Done():
		}
	}
	close(work)
	all.Wait()
	return ctx.Err()
}

// strips is bands with progress: done, which may be nil, hears the share that is done.
func strips(ctx context.Context, height int, done func(share float64), do func(y0, y1 int)) error {
	const strip = bandRows * 8
	for y := 0; y < height; y += strip {
		end := min(y+strip, height)
		if err := bands(ctx, end-y, func(y0, y1 int) { do(y+y0, y+y1) }); err != nil {
			return err
		}
		if done != nil {
			done(float64(end) / float64(height))
		}
	}
	return nil
}

// linear gives the amount of light for each 8-bit sRGB value, 0 to 1.
var linear = func() (t [256]float32) {
	for i := range t {
		c := float64(i) / 255
		if c <= 0.04045 {
			t[i] = float32(c / 12.92)
		} else {
			t[i] = float32(math.Pow((c+0.055)/1.055, 2.4))
		}
	}
	return t
}()

// encoded gives the 8-bit sRGB value for amounts of light, in steps fine enough for the darkest.
var encoded = func() (t [encodedSteps + 1]uint8) {
	for i := range t {
		c := float64(i) / encodedSteps
		if c <= 0.0031308 {
			c *= 12.92
		} else {
			c = 1.055*math.Pow(c, 1/2.4) - 0.055
		}
		t[i] = uint8(c*255 + 0.5)
	}
	return t
}()

const encodedSteps = 1 << 14

// light makes an 8-bit sRGB value of an amount of light.
func light(v float32) uint8 { return encoded[int(clamp01(v)*encodedSteps+0.5)] }

func clamp01(v float32) float32 { return min(max(v, 0), 1) }

// byteOf rounds 0 to 1 into a byte.
func byteOf(v float32) uint8 { return uint8(clamp01(v)*255 + 0.5) }
