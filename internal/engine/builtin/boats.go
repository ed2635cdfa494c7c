package builtin

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
