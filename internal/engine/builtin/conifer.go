package builtin

import "math"

// fir is a conifer's build, in heights of the tree from its foot. The trees of a layer
// share a few of them, so that painting has nothing to work out twice.
type fir struct {
	rows  float64
	slim  float64
	lean  float64
	limbs [][whorl]limb
}

// limb is one bough: how high it leaves the stem, how long it is and where it points to.
type limb struct {
	high, long float64
	// out is its length as seen, signed; front is how far it points at the eye, -1 to 1.
	out, front float64
	// hide tells that it lies behind the stem; tone and comb vary it.
	hide       bool
	tone, comb float64
}

// bough is what of a conifer covers a place: how light it is there, how much snow lies on
// it, and whether it is wood rather than needles.
type bough struct {
	light, snow float64
	wood        bool
}

const (
	// whorl is how many boughs leave the stem at one height.
	whorl = 5
	// golden is the angle by which each whorl is turned against the one below, in turns.
	golden = 0.381966
	// coniferWidth is the longest bough, in heights of the tree.
	coniferWidth = 0.23
	// builds is how many different trees a layer has.
	builds = 9
)

// newFir builds a tree; far ones, small in the picture, get fewer and coarser boughs.
func newFir(r *rng, tall float64) fir {
	rows := int(lerp(11, 21, smooth(0.03, 0.25, tall)))
	f := fir{rows: float64(rows), slim: r.between(0.80, 1.2), lean: r.between(-0.01, 0.01)}
	for row := range rows {
		var around [whorl]limb
		for k := range around {
			chance := r.float()
			sin, cos := math.Sincos(2 * math.Pi * (float64(k)/whorl + golden*float64(row) + 0.12*chance))
			l := limb{high: (float64(row) + 0.5 + 0.7*(chance-0.5)) / float64(rows), front: sin, tone: 0.86 + 0.28*chance, comb: 3 * chance}
			l.long = coniferWidth * f.slim * math.Pow(1-l.high, 0.9) * r.between(0.72, 1.08)
			l.out = l.long * math.Max(abs(cos), 0.10) * signOf(cos)
			l.hide = sin < -0.55 || l.high > 0.985
			around[k] = l
		}
		f.limbs = append(f.limbs, around)
	}
	return f
}

// conifer looks for a tree's foremost bough at a place given in heights of the tree.
func (c *forest) conifer(f *fir, u, v float64) (bough, bool) {
	u -= f.lean * v
	reach := coniferWidth * f.slim * (1.02 - v)
	if abs(u) > reach+0.012 {
		return bough{}, false
	}
	if abs(u) < 0.011*(1-v)+0.0015 && v < 0.16 {
		return bough{light: 0.35 + 0.3*clamp(u/0.011, -1, 1)*signOf(c.sunX), wood: true}, true
	}
	best, front, found := bough{}, -9.0, false
	// Boughs droop: what covers a place leaves the stem a little higher.
	first, _ := floor((v - 0.03) * f.rows)
	last, _ := floor((v + 0.75*abs(u) + 0.05) * f.rows)
	for row := max(first, int(0.09*f.rows)); row <= min(last, len(f.limbs)-1); row++ {
		for k := range f.limbs[row] {
			l := &f.limbs[row][k]
			if l.hide || l.out*u < 0 && abs(u) > 0.012 || abs(u) > abs(l.out) {
				continue
			}
			if b, depth, ok := c.on(l, u, v); ok && depth > front {
				best, front, found = b, depth, true
			}
		}
	}
	if found {
		return best, true
	}
	// The dark inside, between the boughs.
	if v > 0.10 && v < 0.97 && abs(u) < 0.45*reach {
		return bough{light: 0.10}, true
	}
	return bough{}, false
}

// on is a bough seen from the side: a drooping, tapering arc with needles that hang from
// it. Depth tells how far it comes towards the eye.
func (c *forest) on(l *limb, u, v float64) (b bough, depth float64, ok bool) {
	t := abs(u / l.out)
	// Down from the stem and up again at the tip; what points at the eye hangs lower.
	mid := l.high - l.long*(0.62*t-0.22*t*t*t) - 0.30*l.long*math.Max(l.front, 0)*t
	thick := (0.016 + 0.17*l.long) * (1 - 0.72*t)
	off := v - mid
	if off > 0.45*thick || off < -1.3*thick {
		return b, 0, false
	}
	if off < -0.3*thick {
		comb := 0.55 + 0.45*math.Sin((t*7+l.comb)*(4+22*l.long/coniferWidth))
		if off < -thick*(0.55+0.75*comb) {
			return b, 0, false
		}
	}
	upper := clamp(0.5+off/thick*0.8, 0, 1)
	side := 0.5 + 0.5*l.out/l.long*signOf(c.sunX)
	b.light = (0.24 + 0.46*upper + 0.26*t) * (0.62 + 0.42*side + 0.20*l.front) * l.tone
	b.snow = smooth(0.30, 0.62, upper+0.5*(l.tone-1)) * (0.75 + 0.25*t)
	return b, l.front*l.long + 0.02*t - 0.3*l.high, true
}

// needles gives a bough its colour.
func (c *forest) needles(leaf vec, b bough, x, y, scale float64) vec {
	grain := 1 + 0.30*c.noise.at(x*14/scale, y*22/scale)
	light := c.sky.ambient.scale(0.85).add(c.sky.sun.scale(0.26))
	col := leaf
	if b.wood {
		col = c.bark
	} else {
		// Young needles at the tips are yellower.
		col = mix(col, vec{col.x * 1.5, col.y * 1.25, col.z * 0.9}, smooth(0.55, 1, b.light))
	}
	col = col.scale(1.25 * b.light * grain)
	if c.snow > 0 {
		col = mix(col, vec{0.80, 0.86, 0.95}.scale(0.62+0.45*b.light), b.snow*0.94)
	}
	return col.mul(light)
}
