package material

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// Pixel is the surface at one pixel in eight bits a number: colour as sRGB, normal as in
// glTF (X right, Y up), and how much light reaches it between its neighbours.
type Pixel struct{ R, G, B, Glow, NX, NY, Rough, Metal, Light uint8 }

// Maps is a surface drawn at a resolution, a power of two, with all its halvings.
type Maps struct {
	Size int
	// Levels begin with the full size.
	Levels [][]Pixel
	// Height is the displacement of the full size, 65535 the highest.
	Height []uint16
	// Glows tells whether any pixel shines.
	Glows bool
}

// Draw draws the surface with two goroutines. It stops soon after its context ends and
// reports how far it is, 0 to 1, from the caller's goroutine.
func (s *Surface) Draw(ctx context.Context, size int, report func(float64)) (*Maps, error) {
	m := &Maps{Size: size, Height: make([]uint16, size*size)}
	full := make([]Pixel, size*size)
	err := Rows(ctx, size, report, func(y int) {
		for x := range size {
			if x&63 == 0 && ctx.Err() != nil {
				return
			}
			t := s.At((float64(x)+0.5)/float64(size), (float64(y)+0.5)/float64(size))
			m.Height[y*size+x] = uint16(t.Height*65535 + 0.5)
			full[y*size+x] = Pixel{R: Byte(vec.FromLinear(t.Color.X)), G: Byte(vec.FromLinear(t.Color.Y)), B: Byte(vec.FromLinear(t.Color.Z)),
				Glow: Byte(t.Glow / 2), Rough: Byte(t.Rough), Metal: Byte(t.Metal)}
		}
	})
	if err != nil {
		return nil, err
	}
	err = Rows(ctx, size, nil, func(y int) { m.slope(full, y, s.Relief) })
	if err != nil {
		return nil, err
	}
	for _, p := range full {
		m.Glows = m.Glows || p.Glow > 0
	}
	m.Levels = halve(ctx, full, size)
	return m, ctx.Err()
}

// Byte is a number of 0 to 1 in eight bits.
func Byte(x float64) uint8 { return uint8(vec.Clamp(x, 0, 1)*255 + 0.5) }

// slope turns the height into normals, and hollows into shade.
func (m *Maps) slope(full []Pixel, y int, relief float64) {
	n := m.Size
	at := func(x, y int) float64 { return float64(m.Height[(y&(n-1))*n+x&(n-1)]) / 65535 }
	steep := relief * float64(n) / 2
	near, far := max(1, n/256), max(2, n/64)
	for x := range n {
		dx, dy := (at(x+1, y)-at(x-1, y))*steep, (at(x, y+1)-at(x, y-1))*steep
		l := 1 / math.Sqrt(dx*dx+dy*dy+1)
		p := &full[y*n+x]
		p.NX, p.NY = Byte(0.5-dx*l/2), Byte(0.5+dy*l/2)
		around := 0.0
		for _, r := range [2]int{near, far} {
			around += at(x+r, y) + at(x-r, y) + at(x, y+r) + at(x, y-r)
		}
		hollow := math.Max(0, around/8-at(x, y))
		p.Light = Byte(1 - math.Min(0.8, hollow*(0.4+28*relief)))
	}
}

// halve makes the list of halvings down to one pixel.
func halve(ctx context.Context, full []Pixel, n int) [][]Pixel {
	levels := [][]Pixel{full}
	for n > 1 {
		up := levels[len(levels)-1]
		h := n / 2
		next := make([]Pixel, h*h)
		for y := 0; y < h && ctx.Err() == nil; y++ {
			for x := range h {
				i := 2*y*n + 2*x
				next[y*h+x] = mean(up[i], up[i+1], up[i+n], up[i+n+1])
			}
		}
		levels = append(levels, next)
		n = h
	}
	return levels
}

func mean(a, b, c, d Pixel) Pixel {
	m := func(a, b, c, d uint8) uint8 { return uint8((int(a) + int(b) + int(c) + int(d) + 2) / 4) }
	return Pixel{m(a.R, b.R, c.R, d.R), m(a.G, b.G, c.G, d.G), m(a.B, b.B, c.B, d.B), m(a.Glow, b.Glow, c.Glow, d.Glow),
		m(a.NX, b.NX, c.NX, d.NX), m(a.NY, b.NY, c.NY, d.NY), m(a.Rough, b.Rough, c.Rough, d.Rough), m(a.Metal, b.Metal, c.Metal, d.Metal), m(a.Light, b.Light, c.Light, d.Light)}
}

// Rows does the rows 0 to n-1 with two goroutines, the caller's being one of them. It
// returns the context's error if that ended.
func Rows(ctx context.Context, n int, report func(float64), row func(y int)) error {
	var next atomic.Int64
	work := func(own bool) {
		for ctx.Err() == nil {
			y := int(next.Add(1)) - 1
			if y >= n {
				return
			}
			row(y)
			if own && report != nil && y&15 == 0 {
				report(float64(y) / float64(n))
			}
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() { work(false) })
	work(true)
	wait.Wait()
	return ctx.Err()
}
