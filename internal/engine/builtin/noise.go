package builtin

import "math"

// noise is gradient noise over a lattice that repeats every 256 cells.
type noise struct {
	perm   [512]uint8
	gx, gy [256]float64
}

// cube holds the twelve edge directions used for three-dimensional noise, padded to 16.
var cube = [16]vec{
	{1, 1, 0}, {-1, 1, 0}, {1, -1, 0}, {-1, -1, 0}, {1, 0, 1}, {-1, 0, 1}, {1, 0, -1}, {-1, 0, -1},
	{0, 1, 1}, {0, -1, 1}, {0, 1, -1}, {0, -1, -1}, {1, 1, 0}, {-1, 1, 0}, {0, -1, 1}, {0, -1, -1},
}

func newNoise(r *rng) *noise {
	n := &noise{}
	order := make([]uint8, 256)
	for i := range order {
		order[i] = uint8(i)
	}
	shuffle(r, order)
	for i := range 512 {
		n.perm[i] = order[i&255]
	}
	for i := range 256 {
		s, c := math.Sincos(2 * math.Pi * float64(i) / 256)
		n.gx[i], n.gy[i] = c*1.5, s*1.5
	}
	return n
}

func floor(x float64) (int, float64) {
	i := int(x)
	if x < float64(i) {
		i--
	}
	return i, x - float64(i)
}

func fade(t float64) float64 { return t * t * t * (t*(t*6-15) + 10) }

// at is in about [-1,1].
func (n *noise) at(x, y float64) float64 { return n.periodic(x, y, 255) }

// periodic is noise that repeats every mask+1 cells; mask+1 is a power of two up to 256.
func (n *noise) periodic(x, y float64, mask int) float64 {
	xi, xf := floor(x)
	yi, yf := floor(y)
	x0, x1, y0, y1 := xi&mask, (xi+1)&mask, yi&mask, (yi+1)&mask
	p0, p1 := int(n.perm[x0]), int(n.perm[x1])
	a, b := n.perm[p0+y0], n.perm[p1+y0]
	c, d := n.perm[p0+y1], n.perm[p1+y1]
	u, v := fade(xf), fade(yf)
	va := n.gx[a]*xf + n.gy[a]*yf
	vb := n.gx[b]*(xf-1) + n.gy[b]*yf
	vc := n.gx[c]*xf + n.gy[c]*(yf-1)
	vd := n.gx[d]*(xf-1) + n.gy[d]*(yf-1)
	top, bottom := va+(vb-va)*u, vc+(vd-vc)*u
	return top + (bottom-top)*v
}

// at3 is noise in space, in about [-1,1].
func (n *noise) at3(p vec) float64 {
	xi, xf := floor(p.x)
	yi, yf := floor(p.y)
	zi, zf := floor(p.z)
	u, v, w := fade(xf), fade(yf), fade(zf)
	var k [2]float64
	for dz := range 2 {
		var j [2]float64
		for dy := range 2 {
			q := int(n.perm[int(n.perm[(zi+dz)&255])+(yi+dy)&255])
			g0 := cube[n.perm[q+xi&255]&15]
			g1 := cube[n.perm[q+(xi+1)&255]&15]
			y, z := yf-float64(dy), zf-float64(dz)
			a := g0.x*xf + g0.y*y + g0.z*z
			b := g1.x*(xf-1) + g1.y*y + g1.z*z
			j[dy] = a + (b-a)*u
		}
		k[dz] = j[0] + (j[1]-j[0])*v
	}
	return k[0] + (k[1]-k[0])*w
}

// fbm adds octaves of halving size and strength; about [-1,1].
func (n *noise) fbm(x, y float64, octaves int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for range octaves {
		sum += amp * n.at(x, y)
		total += amp
		amp *= 0.5
		x, y = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y+8.3
	}
	return sum / total * 1.4
}

// fbm3 is fbm in space.
func (n *noise) fbm3(p vec, octaves int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for range octaves {
		sum += amp * n.at3(p)
		total += amp
		amp *= 0.5
		p = vec{p.x*2.03 + 5.1, p.y*2.03 + 1.7, p.z*2.03 + 9.2}
	}
	return sum / total * 1.3
}

// ridged adds octaves of sharp crests; 0..1.
func (n *noise) ridged(x, y float64, octaves int) float64 {
	sum, amp, total, weight := 0.0, 1.0, 0.0, 1.0
	for range octaves {
		r := 1 - math.Abs(n.at(x, y))*1.3
		r *= math.Abs(r) * weight
		weight = clamp(r*1.6, 0, 1)
		sum += amp * r
		total += amp
		amp *= 0.5
		x, y = 1.6*x-1.2*y+3.7, 1.2*x+1.6*y+8.3
	}
	return sum / total
}

// cells gives the distances to the nearest and second nearest feature point and the
// nearest one's cell.
func cells(x, y float64, salt int) (d1, d2 float64, cx, cy int) {
	xi, _ := floor(x)
	yi, _ := floor(y)
	d1, d2 = 9, 9
	for j := yi - 1; j <= yi+1; j++ {
		for i := xi - 1; i <= xi+1; i++ {
			dx := float64(i) + hash(i, j, salt) - x
			dy := float64(j) + hash(i, j, salt+1) - y
			d := dx*dx + dy*dy
			if d < d1 {
				d1, d2, cx, cy = d, d1, i, j
			} else if d < d2 {
				d2 = d
			}
		}
	}
	return math.Sqrt(d1), math.Sqrt(d2), cx, cy
}
