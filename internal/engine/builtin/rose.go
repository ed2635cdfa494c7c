package builtin

import "math"

// roseRings are the petals of a rose from the heart outwards: how many, how far their
// middles lie from the heart's, and how large they are.
var roseRings = [5]struct {
	count     int
	far, size float64
}{{2, 0.06, 0.17}, {3, 0.16, 0.25}, {4, 0.29, 0.34}, {5, 0.45, 0.42}, {6, 0.58, 0.46}}

// petal is one of a rose: where it lies, which way it points, how large and how light it is.
type petal struct {
	x, y, sin, cos float64
	size, wave     float64
	lift, light    float64
}

// roseKinds is how many different roses a meadow has.
const roseKinds = 16

// newRose is a rose's petals, the inner ones first, since they stand before the outer ones.
func newRose(r *rng) []petal {
	var list []petal
	turn := r.between(0, 2*math.Pi)
	for n, ring := range roseRings {
		for i := range ring.count {
			a := turn + 2*math.Pi*(float64(i)+r.between(0, 0.35))/float64(ring.count) + 0.9*float64(n)
			p := petal{size: ring.size * r.between(0.92, 1.08), wave: r.between(0, 6), light: 0.16*float64(n)/4 + r.between(-0.05, 0.05)}
			p.sin, p.cos = math.Sincos(a)
			p.x, p.y = p.cos*ring.far, p.sin*ring.far
			p.lift = 0.15 * (1 - float64(n)/4)
			list = append(list, p)
		}
	}
	return list
}

// rose is petals that lie in each other's shade: light at the lip, dark where they dip
// behind the next ones.
func (b *bud) rose(x, y float64) (vec, float64) {
	y = y/(0.66+0.32*b.tilt) - 0.05
	if d := math.Hypot(x, y); d > 1.35 {
		return vec{}, d - 1.1
	}
	outside := 9.0
	for i := range b.petals {
		p := &b.petals[i]
		// The inner petals stand higher, towards the eye.
		u, v := x-p.x, y-p.lift*(1.3-b.tilt)-p.y
		along, across := u*p.cos+v*p.sin, v*p.cos-u*p.sin
		// Petals are wider than long, with a wavy lip.
		d := math.Sqrt(along*along+0.67*across*across)/p.size - 1
		if d > 0.04 {
			outside = math.Min(outside, d*p.size)
			continue
		}
		if d += 0.035 * math.Sin(across*19+p.wave); d > 0 {
			outside = math.Min(outside, d*p.size)
			continue
		}
		dip := clamp((along/p.size+1)/2, 0, 1) // 0 at the heart's side, 1 at the lip
		lit := 0.30 + 0.55*dip + p.light + 0.12*v + 0.22*smooth(-0.16, -0.02, d)
		deep := b.ink.mul(b.ink).scale(1.1).add(b.ink.scale(0.35))
		return mix(deep, mix(b.ink, vec{1, 0.96, 0.92}, 0.22), clamp(0.2+0.8*dip, 0, 1)).scale(lit), d * p.size
	}
	return vec{}, outside
}
