package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// lattice is chance on a grid that repeats exactly over the unit square: every function
// takes how many cells the square has on each side, which is what makes textures tile.
type lattice struct{ salt int }

// noise is gradient noise in about [-1,1] with nx by ny cells.
func (l lattice) noise(u, v float64, nx, ny, salt int) float64 {
	xi, xf := vec.Floor(u * float64(nx))
	yi, yf := vec.Floor(v * float64(ny))
	x0, y0 := vec.Wrap(xi, nx), vec.Wrap(yi, ny)
	x1, y1 := x0+1, y0+1
	if x1 == nx {
		x1 = 0
	}
	if y1 == ny {
		y1 = 0
	}
	salt += l.salt
	a, b := slope(x0, y0, salt, xf, yf), slope(x1, y0, salt, xf-1, yf)
	c, d := slope(x0, y1, salt, xf, yf-1), slope(x1, y1, salt, xf-1, yf-1)
	s, t := xf*xf*xf*(xf*(xf*6-15)+10), yf*yf*yf*(yf*(yf*6-15)+10)
	top, bottom := a+(b-a)*s, c+(d-c)*s
	return (top + (bottom-top)*t) * 1.5
}

// compass holds 64 directions.
var compass = func() (c [64][2]float64) {
	for i := range c {
		c[i][1], c[i][0] = math.Sincos(2 * math.Pi * float64(i) / 64)
	}
	return c
}()

func slope(x, y, salt int, dx, dy float64) float64 {
	h := uint32(x)*0x85ebca6b ^ uint32(y)*0xc2b2ae35 ^ uint32(salt)*0x27d4eb2f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	g := &compass[h>>26]
	return g[0]*dx + g[1]*dy
}

// fbm adds octaves of halving size and strength; about [-1,1].
func (l lattice) fbm(u, v float64, nx, ny, octaves, salt int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for i := range octaves {
		sum += amp * l.noise(u, v, nx<<i, ny<<i, salt+i*17)
		total += amp
		amp *= 0.5
	}
	return sum / total * 1.3
}

// ridged adds octaves of sharp crests; 0..1.
func (l lattice) ridged(u, v float64, n, octaves, salt int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for i := range octaves {
		r := 1 - math.Min(1, math.Abs(l.noise(u, v, n<<i, n<<i, salt+i*17))*1.25)
		sum += amp * r * r
		total += amp
		amp *= 0.5
	}
	return sum / total
}

// bend moves a point by noise, so that straight things become natural.
func (l lattice) bend(u, v float64, n int, by float64, salt int) (float64, float64) {
	return u + by*l.fbm(u, v, n, n, 3, salt), v + by*l.fbm(u, v, n, n, 3, salt+101)
}

// cell is what is known of the nearest of many strewn points.
type cell struct {
	// near and edge are the distances to the point and to its cell's border, in cells.
	near, edge float64
	// dx and dy point from the strewn point to here, in cells.
	dx, dy float64
	// id belongs to the cell, in [0,1).
	id float64
}

// cells strews one point into each of nx by ny cells; jitter 0 is a strict grid.
func (l lattice) cells(u, v float64, nx, ny int, jitter float64, salt int) cell {
	x, y := u*float64(nx), v*float64(ny)
	xi, xf := vec.Floor(x)
	yi, yf := vec.Floor(y)
	salt += l.salt
	var px, py [9]float64
	best, at, k := 99.0, 0, 0
	for j := -1; j <= 1; j++ {
		for i := -1; i <= 1; i++ {
			a, b := vec.Wrap(xi+i, nx), vec.Wrap(yi+j, ny)
			px[k] = float64(i) + 0.5 + jitter*(vec.Hash(a, b, salt)-0.5) - xf
			py[k] = float64(j) + 0.5 + jitter*(vec.Hash(a, b, salt+1)-0.5) - yf
			if d := px[k]*px[k] + py[k]*py[k]; d < best {
				best, at = d, k
			}
			k++
		}
	}
	c := cell{near: math.Sqrt(best), edge: 9, dx: -px[at], dy: -py[at]}
	c.id = vec.Hash(vec.Wrap(xi+at%3-1, nx), vec.Wrap(yi+at/3-1, ny), salt+2)
	for k := range px {
		ex, ey := px[k]-px[at], py[k]-py[at]
		if length := math.Sqrt(ex*ex + ey*ey); k != at && length > 1e-9 {
			c.edge = math.Min(c.edge, ((px[k]+px[at])*ex+(py[k]+py[at])*ey)/2/length)
		}
	}
	return c
}

// block is the place within one of many rows of equal blocks.
type block struct {
	// x and y are 0..1 within the block; edge is the distance to its border in row heights.
	x, y, edge float64
	id         float64
	i, j       int
}

// rows lays nx by ny blocks, each row moved by shift of a block against the last; ny
// times shift must be whole.
func (l lattice) rows(u, v float64, nx, ny int, shift float64, salt int) block {
	j, y := vec.Floor(v * float64(ny))
	i, x := vec.Floor(u*float64(nx) + shift*float64(j))
	b := block{x: x, y: y, i: vec.Wrap(i, nx), j: vec.Wrap(j, ny)}
	if shift != 0 {
		// Rows repeat after ny; so do the blocks' numbers, moved by whole blocks.
		b.i = vec.Wrap(i-int(math.Round(shift*float64(j-b.j))), nx)
	}
	aspect := float64(ny) / float64(nx)
	b.edge = math.Min(math.Min(x, 1-x)*aspect, math.Min(y, 1-y))
	b.id = vec.Hash(b.i, b.j, l.salt+salt)
	return b
}
