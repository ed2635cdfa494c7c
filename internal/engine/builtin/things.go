package builtin

import "math"

// thing is one object of a still life, a solid of revolution around an upright axis.
type thing struct {
	kind    string
	x, y, z float64
	// girth is the largest radius seen from above, tall the height.
	girth, tall  float64
	ink, second  vec
	gloss, shine float64
	metal        float64
	noise        *noise
	salt         float64
	lean         float64
	inside       bool
	belly, neck  float64
	lip          float64
}

func newThing(kind string, r *rng, n *noise) thing {
	t := thing{kind: kind, noise: n, salt: r.between(0, 80), gloss: 0.35, shine: 60, lean: r.between(-0.25, 0.25)}
	switch kind {
	case "apple":
		t.girth, t.tall = 0.27, 0.50
		t.ink, t.second = hex(0xb5202a), hex(0xd8a83a)
		if r.chance(0.35) {
			t.ink, t.second = hex(0x86a832), hex(0xc8cc5a)
		}
	case "orange":
		t.girth, t.tall = 0.27, 0.53
		t.ink, t.second, t.gloss, t.shine = hex(0xea7a14), hex(0xf0942a), 0.22, 26
	case "lemon":
		t.girth, t.tall = 0.22, 0.40
		t.ink, t.second, t.gloss = hex(0xecc81e), hex(0xf0d848), 0.25
	case "pear":
		t.girth, t.tall = 0.25, 0.66
		t.ink, t.second, t.gloss = hex(0xa8a838), hex(0xc88a3a), 0.22
	case "plum":
		t.girth, t.tall = 0.17, 0.33
		t.ink, t.second, t.gloss = hex(0x3a1a44), hex(0x5a3a78), 0.2
	case "sphere":
		t.girth = r.between(0.2, 0.4)
		t.tall = 2 * t.girth
		t.ink, t.gloss, t.shine = hsl(r.float(), 0.6, 0.5), 0.8, 160
		t.second = t.ink
		t.metal = pick(r, 0, 0, 0.75)
	case "vase":
		t.girth, t.tall = r.between(0.34, 0.44), r.between(1.15, 1.5)
		t.belly, t.neck, t.lip = r.between(0.28, 0.5), r.between(0.28, 0.5), r.between(0.5, 0.75)
		t.ink, t.gloss, t.shine = hsl(pick(r, 0.55, 0.6, 0.05, 0.48, 0.1), 0.45, r.between(0.3, 0.7)), 0.6, 120
		t.second = mix(t.ink, vec{0.9, 0.87, 0.8}, 0.7)
	default: // bowl
		t.girth, t.tall = 0.58, 0.42
		t.ink, t.gloss, t.shine = hsl(pick(r, 0.55, 0.6, 0.07, 0.12), 0.35, r.between(0.35, 0.8)), 0.5, 100
		t.second = vec{0.85, 0.82, 0.76}
	}
	return t
}

// distance is how far a place lies outside the thing, a little underestimated.
func (t *thing) distance(p vec) float64 {
	x, y, z := p.x-t.x, p.y-t.y, p.z-t.z
	x -= t.lean * 0.12 * y
	r := math.Hypot(x, z)
	switch t.kind {
	case "apple":
		dy := (y - 0.24) / 0.95
		d := math.Hypot(r, dy)
		a := math.Atan2(dy, r)
		dent := 0.10*math.Exp(-r*r*70)*smooth(0, 0.2, dy) + 0.05*math.Exp(-r*r*60)*smooth(0, -0.2, dy)
		stem := math.Max(math.Hypot(x-0.25*(y-0.45)*t.lean*4, z)-0.012, abs(y-0.47)-0.075)
		return math.Min((d-0.262-0.022*math.Sin(a*1.3+0.4)+dent)*0.8, stem)
	case "orange", "sphere":
		return math.Hypot(r, y-t.tall/2) - t.tall/2
	case "lemon":
		d := math.Hypot(math.Hypot(x*0.74, z), y-0.2) - 0.2
		tip := math.Hypot(math.Hypot(abs(x)-0.25, z), y-0.2) - 0.035
		return unite(d, tip, 0.09) * 0.9
	case "pear":
		low := math.Hypot(r, y-0.24) - 0.245
		high := math.Hypot(r, y-0.50) - 0.12
		stem := math.Max(math.Hypot(x-0.2*(y-0.6), z)-0.012, abs(y-0.68)-0.09)
		return math.Min(unite(low, high, 0.16)*0.9, stem)
	case "plum":
		return math.Hypot(r, (y-0.165)*1.03) - 0.168
	case "vase":
		k := clamp(y/t.tall, 0, 1)
		d := r - t.profile(k)
		wall := math.Max(d, math.Max(-y, y-t.tall))
		return math.Max(wall, -math.Max(d+0.03, 0.86*t.tall-y)) * 0.62
	default: // bowl
		outer := math.Hypot(r, y-0.60) - 0.60
		inner := math.Hypot(r, y-0.62) - 0.565
		foot := math.Max(r-0.24, abs(y-0.03)-0.03)
		return math.Min(math.Max(math.Max(outer, -inner), y-t.tall), foot) * 0.9
	}
}

// profile is a vase's radius at a share of its height.
func (t *thing) profile(k float64) float64 {
	foot, neck, lip := 0.5*t.girth, t.neck*t.girth, t.lip*t.girth
	const shoulder = 0.78
	switch {
	case k < t.belly:
		return lerp(foot, t.girth, math.Sin(k/t.belly*math.Pi/2))
	case k < shoulder:
		return lerp(neck, t.girth, 0.5+0.5*math.Cos((k-t.belly)/(shoulder-t.belly)*math.Pi))
	default:
		q := (k - shoulder) / (1 - shoulder)
		return lerp(neck, lip, q*q*q)
	}
}

// unite joins two solids with a fillet of size k.
func unite(a, b, k float64) float64 {
	h := clamp(0.5+0.5*(b-a)/k, 0, 1)
	return lerp(b, a, h) - k*h*(1-h)
}

// bound is the sphere around the thing.
func (t *thing) bound() (vec, float64) {
	half := t.tall/2 + 0.06
	wide := t.girth + 0.05
	return vec{t.x, t.y + t.tall/2 + 0.03, t.z}, math.Sqrt(half*half+wide*wide) * 0.98
}

// reach is the part of a ray that lies within the thing's bound.
func (t *thing) reach(from, d vec) (enter, leave float64, ok bool) {
	c, radius := t.bound()
	o := from.sub(c)
	b := o.dot(d)
	q := b*b - o.dot(o) + radius*radius
	if q < 0 {
		return 0, 0, false
	}
	q = math.Sqrt(q)
	return math.Max(-b-q, 0), -b + q, -b+q > 0
}

// meet finds where a ray meets the thing before the distance limit.
func (t *thing) meet(from, d vec, limit float64) (float64, bool) {
	at, leave, ok := t.reach(from, d)
	if !ok || at > limit {
		return 0, false
	}
	leave = math.Min(leave, limit)
	for range 70 {
		gap := t.distance(from.add(d.scale(at)))
		if gap < 0.0008 {
			return at, true
		}
		if at += gap; at > leave {
			return 0, false
		}
	}
	return 0, false
}

// shade is how much light passes the thing from a place towards l, with a soft edge.
func (t *thing) shade(p, l vec) float64 {
	at, leave, ok := t.reach(p, l)
	if !ok {
		return 1
	}
	lit := 1.0
	at = math.Max(at, 0.01)
	for range 28 {
		gap := t.distance(p.add(l.scale(at)))
		lit = math.Min(lit, 0.5+0.5*gap*11/at)
		if lit <= 0.02 {
			return 0
		}
		if at += clamp(gap, 0.012, 0.2); at > leave {
			break
		}
	}
	return lit
}

func (t *thing) normal(p vec) vec {
	const e = 0.0025
	d := t.distance(p)
	n := vec{t.distance(p.add(vec{e, 0, 0})) - d, t.distance(p.add(vec{0, e, 0})) - d, t.distance(p.add(vec{0, 0, e})) - d}.unit()
	if t.kind == "orange" || t.kind == "lemon" {
		q := p.scale(34).add(vec{t.salt, 0, 0})
		k := 0.10
		n = n.add(vec{t.noise.at3(q) * k, t.noise.at3(q.add(vec{9, 2, 4})) * k, t.noise.at3(q.add(vec{3, 8, 1})) * k}).unit()
	}
	return n
}

// colour is the thing's own colour at a place.
func (t *thing) colour(p, n vec) vec {
	q := vec{p.x - t.x, p.y - t.y, p.z - t.z}
	at := q.scale(3).add(vec{t.salt, t.salt * 0.7, 0})
	switch t.kind {
	case "apple", "pear":
		stemFrom := map[string]float64{"apple": 0.452, "pear": 0.62}[t.kind]
		if q.y > stemFrom && math.Hypot(q.x, q.z) < 0.08 {
			return hex(0x4a3420)
		}
		a := math.Atan2(q.z, q.x)
		streak := t.noise.at(a*5+t.salt, q.y*3) + 0.6*t.noise.at(a*16, q.y*4)
		blush := smooth(-0.3, 0.6, t.noise.fbm3(at, 3)+0.35*streak)
		dots := smooth(0.62, 0.75, t.noise.at3(q.scale(44)))
		return mix(mix(t.ink, t.second, blush*0.75), t.second, dots*0.35)
	case "plum":
		return mix(t.ink, t.second.scale(1.2), smooth(-0.2, 0.7, t.noise.fbm3(at, 4))*smooth(-0.4, 0.8, n.y))
	case "vase":
		k := q.y / t.tall
		band := smooth(0.012, 0.006, abs(k-0.62)) + smooth(0.012, 0.006, abs(k-0.58)) + smooth(0.02, 0.012, abs(k-0.975))
		a := math.Atan2(q.z, q.x)
		leaf := smooth(0.05, 0.02, abs(abs(math.Mod(a*5/math.Pi+20, 1)-0.5)*0.25-0.16*math.Sin(clamp((k-0.22)/0.3, 0, 1)*math.Pi)*0.5)) * smooth(0.2, 0.24, k) * smooth(0.54, 0.5, k)
		return mix(t.ink.scale(0.95+0.12*t.noise.fbm3(at, 4)), t.second, clamp(band+leaf, 0, 1)*0.85)
	case "bowl":
		if q.y > t.tall-0.03 || math.Hypot(q.x, q.z)+0.02 < math.Sqrt(math.Max(0, 0.36-(q.y-0.6)*(q.y-0.6))) {
			return t.second
		}
		return t.ink.scale(0.95 + 0.1*t.noise.fbm3(at, 3))
	}
	return mix(t.ink, t.second, clamp(0.5+0.5*t.noise.fbm3(at, 3), 0, 1))
}
