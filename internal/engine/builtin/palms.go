package builtin

import "math"

// palms are trees in the foreground of a coast.
type palms struct {
	back  *land
	trees []palm
	leaf  vec
	bark  vec
	light vec
	// foot and middle are where the bank's top lies.
	foot, middle float64
}

// bank is the sand that the palms stand on, just below the usual view.
func (p *palms) bank(x, y float64) (vec, bool) {
	if y > p.foot {
		return vec{}, false
	}
	off := (x - p.middle) / 0.62
	n := p.back.noise
	line := p.foot - 0.004 - 0.10*off*off + 0.006*n.at(x*9, 3)
	if y > line {
		return vec{}, false
	}
	deep := line - y
	grain := n.fbm(x*26, y*60, 4)
	c := p.back.sand.scale(0.9 + 0.16*grain + 0.10*n.at(x*3, y*7))
	c = mix(c, p.back.sand.scale(0.5), 0.5*smooth(0.05, 0.6, deep))
	return c.mul(p.light), true
}

type palm struct {
	rootX, rootY float64
	topX, topY   float64
	bend         float64
	size         float64
	fronds       []frond
}

// frond is one leaf: an arc that leaves the crown at an angle and droops.
type frond struct {
	dx, dy, droop, light float64
}

func newPalms(back *land, w *wish, f frame) *palms {
	r := w.rng
	p := &palms{back: back}
	light := back.sky.ambient.scale(0.9).add(back.sky.sun.scale(0.25))
	p.light = light
	p.leaf, p.bark = hex(0x3d6b2a).mul(light), hex(0x6d553f).mul(light)
	side := pick(r, -1.0, 1.0)
	for i := range 2 + r.below(2) {
		t := palm{
			rootX: side * (f.right - 0.02 - 0.10*float64(i)*r.between(0.6, 1.2)), rootY: -f.top - 0.05,
			topX: side * (f.right - r.between(0.12, 0.24) - 0.13*float64(i)), topY: r.between(0.02, 0.3) * (1 - 0.25*float64(i)),
			bend: side * r.between(-0.10, 0.02), size: r.between(0.20, 0.28),
		}
		for k := range 13 {
			a := 2*math.Pi*float64(k)/13 + r.between(-0.2, 0.2)
			s, c := math.Sincos(a)
			t.fronds = append(t.fronds, frond{c * t.size, (0.35 + 0.5*s) * t.size * 0.8, t.size * r.between(0.55, 0.9), 0.55 + 0.45*s + r.between(-0.1, 0.2)})
		}
		p.trees = append(p.trees, t)
		p.middle += t.rootX
	}
	p.foot, p.middle = -f.top-0.012, p.middle/float64(len(p.trees))
	return p
}

func (p *palms) shade(x, y float64) vec {
	for i := range p.trees {
		if c, ok := p.trees[i].hit(p, x, y); ok {
			return c
		}
	}
	if c, ok := p.bank(x, y); ok {
		return c
	}
	return p.back.shade(x, y)
}

func (t *palm) hit(p *palms, x, y float64) (vec, bool) {
	dx, dy := x-t.topX, y-t.topY
	if abs(dx) < t.size*1.1 && abs(dy) < t.size*1.1 {
		best := -1.0
		for _, f := range t.fronds {
			u := dx / f.dx
			if u <= 0 || u > 1 {
				continue
			}
			mid := f.dy*u*1.6 - f.droop*u*u
			width := 0.17 * t.size * math.Sin(math.Pi*math.Pow(u, 0.7)) * (0.35 + 0.65*abs(f.dx)/t.size)
			off := mid - dy
			// Leaflets hang from the rib as a comb.
			comb := 0.5 + 0.5*math.Cos(u*46+off*70)
			if off > -0.12*width && off < width*(0.35+0.65*comb) {
				best = math.Max(best, f.light*(1-0.45*clamp(off/math.Max(width, 1e-6), 0, 1)))
			}
		}
		if best >= 0 {
			return p.leaf.scale(0.35 + 0.95*best), true
		}
	}
	if abs(x-t.rootX) > abs(t.topX-t.rootX)+abs(t.bend)+0.05 {
		return vec{}, false
	}
	u := (y - t.rootY) / (t.topY - t.rootY)
	if u < -0.12 || u > 1.01 {
		return vec{}, false
	}
	mid := lerp(t.rootX, t.topX, u*abs(u)*0.55+u*0.45) + t.bend*math.Sin(math.Pi*u)
	half := (lerp(0.016, 0.0085, u) + 0.012*math.Exp(-(u+0.12)*40)) * (1 + 0.08*math.Cos(y*260))
	off := (x - mid) / half
	if abs(off) > 1 {
		return vec{}, false
	}
	return p.bark.scale((0.75 + 0.4*off*signOf(p.back.sky.toSun.x)) * (0.85 + 0.15*math.Cos(y*260))), true
}

func signOf(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// boats are sails on the water, with their reflections.
type boats struct {
	back *land
	list []boat
}

type boat struct{ x, y, size, lean float64 }

func newBoats(back *land, w *wish, f frame) *boats {
	b := &boats{back: back}
	r := w.rng
	wanted := 1 + r.below(3)
	for try := range 160 {
		if len(b.list) == wanted {
			break
		}
		// First near the horizon, then wherever there is water.
		x, y := r.between(-0.8, 0.8)*f.right, -r.between(0.03, 0.25+0.6*float64(try)/160)*f.top
		d := back.ray(x, y)
		// A sail stands only where a wide view of the place is open water.
		ok := d.y < 0
		t := 0.0
		for k := range 5 {
			side, kind := back.probe(back.ray(x+0.03*float64(k-2), y))
			ok, t = ok && kind == 'w', side
		}
		if ok && t < 14 {
			b.list = append(b.list, boat{x, y, clamp(0.32/t, 0.03, 0.13), r.between(-0.12, 0.12)})
		}
	}
	return b
}

func (b *boats) shade(x, y float64) vec {
	light := b.back.sky.ambient.scale(0.8).add(b.back.sky.sun.scale(0.35))
	for _, s := range b.list {
		u, v := (x-s.x)/s.size, (y-s.y)/s.size
		if c, ok := s.cloth(u, v); ok {
			return c.mul(light)
		}
		wobble := 0.06 * b.back.noise.at(u*3, v*16)
		if c, ok := s.cloth(u+wobble, -v*1.1); ok && v < 0 {
			return mix(b.back.shade(x, y), c.mul(light), 0.5)
		}
	}
	return b.back.shade(x, y)
}

// cloth is the colour of a boat at a place relative to its waterline, in its own size.
func (s boat) cloth(u, v float64) (vec, bool) {
	if v >= 0 && v < 0.13 && abs(u) < 0.36+v*0.9-0.3*v*v {
		return hex(0x6b3d26).scale(0.7 + 2*v), true
	}
	u -= s.lean * v
	if v < 0.16 || v > 1 {
		return vec{}, false
	}
	h := (v - 0.16) / 0.84
	if u > 0.02 && u < 0.02+0.42*(1-h)*(1+0.3*h) {
		return vec{0.92, 0.9, 0.86}.scale(0.8 + 0.2*h), true
	}
	if u < -0.015 && u > -0.015-0.30*(1-h*1.15) {
		return vec{0.86, 0.84, 0.82}.scale(0.75), true
	}
	return vec{0.2, 0.15, 0.1}, abs(u) < 0.012
}
