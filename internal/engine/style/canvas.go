package style

import (
	"context"
	"image"
	"image/draw"
	"math"
	"sync/atomic"
)

// canvas is a picture as numbers of sRGB, 0..1, three a pixel.
type canvas struct {
	w, h int
	pix  []float32
}

// plane is one number a pixel.
type plane struct {
	w, h int
	pix  []float32
}

func newCanvas(w, h int) *canvas { return &canvas{w, h, make([]float32, w*h*3)} }
func newPlane(w, h int) *plane   { return &plane{w, h, make([]float32, w*h)} }

// rgb is a colour in sRGB, 0..1.
type rgb struct{ r, g, b float32 }

func (c *canvas) at(x, y int) rgb {
	i := (y*c.w + x) * 3
	return rgb{c.pix[i], c.pix[i+1], c.pix[i+2]}
}

// near is at with coordinates moved into the picture.
func (c *canvas) near(x, y int) rgb {
	return c.at(min(max(x, 0), c.w-1), min(max(y, 0), c.h-1))
}

func (c *canvas) set(x, y int, v rgb) {
	i := (y*c.w + x) * 3
	c.pix[i], c.pix[i+1], c.pix[i+2] = v.r, v.g, v.b
}

func (p *plane) at(x, y int) float32 { return p.pix[y*p.w+x] }

func (p *plane) near(x, y int) float32 {
	return p.pix[min(max(y, 0), p.h-1)*p.w+min(max(x, 0), p.w-1)]
}

func (c rgb) luma() float32              { return 0.299*c.r + 0.587*c.g + 0.114*c.b }
func (c rgb) scale(k float32) rgb        { return rgb{c.r * k, c.g * k, c.b * k} }
func (c rgb) add(o rgb) rgb              { return rgb{c.r + o.r, c.g + o.g, c.b + o.b} }
func (c rgb) mul(o rgb) rgb              { return rgb{c.r * o.r, c.g * o.g, c.b * o.b} }
func blend(a, b rgb, t float32) rgb      { return rgb{mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)} }
func mix(a, b, t float32) float32        { return a + (b-a)*t }
func clamp(x, low, high float32) float32 { return min(max(x, low), high) }

// saturated moves a colour away from (s>1) or towards (s<1) its grey.
func (c rgb) saturated(s float32) rgb {
	l := c.luma()
	return rgb{l + (c.r-l)*s, l + (c.g-l)*s, l + (c.b-l)*s}
}

// step rises from 0 at low to 1 at high without a corner; low may be above high.
func step(low, high, x float32) float32 {
	t := clamp((x-low)/(high-low), 0, 1)
	return t * t * (3 - 2*t)
}

func hex(c uint32) rgb {
	return rgb{float32(c>>16&255) / 255, float32(c>>8&255) / 255, float32(c&255) / 255}
}

func (w *work) fromImage(img image.Image) *canvas {
	b := img.Bounds()
	flat, ok := img.(*image.RGBA)
	if !ok || b.Min != (image.Point{}) {
		flat = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Src)
	}
	c := newCanvas(b.Dx(), b.Dy())
	w.inTurn(c.h, func(y int) {
		row := flat.Pix[y*flat.Stride:]
		for x := range c.w {
			i := (y*c.w + x) * 3
			c.pix[i], c.pix[i+1], c.pix[i+2] = float32(row[x*4])/255, float32(row[x*4+1])/255, float32(row[x*4+2])/255
		}
	})
	return c
}

func (w *work) image(c *canvas) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	w.inTurn(c.h, func(y int) {
		for i := y * c.w; i < (y+1)*c.w; i++ {
			for k := range 3 {
				out.Pix[i*4+k] = uint8(clamp(c.pix[i*3+k], 0, 1)*255 + 0.5)
			}
			out.Pix[i*4+3] = 255
		}
	})
	return out
}

func (w *work) luma(c *canvas) *plane {
	p := newPlane(c.w, c.h)
	w.inTurn(c.h, func(y int) {
		for i := y * c.w; i < (y+1)*c.w; i++ {
			p.pix[i] = 0.299*c.pix[i*3] + 0.587*c.pix[i*3+1] + 0.114*c.pix[i*3+2]
		}
	})
	return p
}

// work is one run of the styles: when to stop and how far it is. After the context has
// ended rows does nothing, so a filter runs through quickly and its canvas is thrown away.
type work struct {
	ctx context.Context
	// unit is the size of a pixel of a 768×768 picture in this picture's pixels, so that
	// strokes and dots have the same share of every picture.
	unit float64
	// told hears of each step how far it is, 0 to 1, from the running goroutine only.
	told func(share float64)
}

func (w *work) stopped() bool { return w.ctx.Err() != nil }

// rows runs do for each row on two goroutines, this one included.
func (w *work) rows(count int, do func(y int)) {
	var next atomic.Int64
	take := func() bool {
		y := int(next.Add(1)) - 1
		if y >= count || w.stopped() {
			return false
		}
		do(y)
		return true
	}
	helper := make(chan struct{})
	go func() {
		defer close(helper)
		for take() {
		}
	}()
	for take() {
		w.tell(min(float64(next.Load())/float64(count), 0.99))
	}
	<-helper
	w.tell(1)
}

func (w *work) tell(share float64) {
	if w.told != nil {
		w.told(share)
	}
}

// inTurn is rows without the second goroutine, for what must be added up in order.
func (w *work) inTurn(count int, do func(y int)) {
	for y := 0; y < count && !w.stopped(); y++ {
		do(y)
	}
}

// each makes a canvas pixel by pixel.
func (w *work) each(width, height int, do func(x, y int) rgb) *canvas {
	out := newCanvas(width, height)
	w.rows(height, func(y int) {
		for x := range width {
			out.set(x, y, do(x, y))
		}
	})
	return out
}

// map1 makes a plane pixel by pixel.
func (w *work) map1(width, height int, do func(x, y int) float32) *plane {
	out := newPlane(width, height)
	w.rows(height, func(y int) {
		for x := range width {
			out.pix[y*width+x] = do(x, y)
		}
	})
	return out
}

// hash gives a number in [0,1) that belongs to a lattice cell and a salt.
func hash(x, y, salt int) float32 {
	h := uint32(x)*0x85ebca6b ^ uint32(y)*0xc2b2ae35 ^ uint32(salt)*0x27d4eb2f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	h ^= h >> 15
	return float32(h>>8) / (1 << 24)
}

// noise is smooth noise in [0,1], one wave per unit of length.
func noise(x, y float64, salt int) float32 {
	xf, yf := math.Floor(x), math.Floor(y)
	i, j := int(xf), int(yf)
	u, v := float32(x-xf), float32(y-yf)
	u, v = u*u*(3-2*u), v*v*(3-2*v)
	return mix(mix(hash(i, j, salt), hash(i+1, j, salt), u), mix(hash(i, j+1, salt), hash(i+1, j+1, salt), u), v)
}

// clouds adds octaves of noise; [0,1] with its middle at 0.5.
func clouds(x, y float64, octaves, salt int) float32 {
	sum, amp, total := float32(0), float32(1), float32(0)
	for range octaves {
		sum += amp * noise(x, y, salt)
		total += amp
		amp *= 0.5
		x, y, salt = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y+8.3, salt+1
	}
	return sum / total
}
