package builtin

import "math"

// bud draws one flower's head.
type bud struct {
	noise *noise
	id    int
	turn  float64
	tilt  float64
	ink   vec
	// petals are those of a rose.
	petals []petal
}

// head gives the colour at a place relative to the head's middle, in radii, and how far
// it lies outside the outline (negative inside).
func (b *bud) head(kind string, x, y float64) (vec, float64) {
	if abs(x) > 1.4 || y > 1.8 || y < -3.4 {
		return vec{}, 9
	}
	switch kind {
	case "tulip":
		return b.tulip(x, y)
	case "lavender":
		return b.spike(x, y)
	case "poppy":
		return b.poppy(x, y)
	case "rose":
		return b.rose(x, y)
	case "sunflower":
		return b.rays(x*0.78, y*0.78/(0.55+0.45*b.tilt), 21, 0.42, hex(0x3a2412), hex(0x6a4218))
	}
	return b.rays(x, y/b.tilt, 17, 0.30, hex(0xd99a14), hex(0xf4c430))
}

// rays is a heart with long petals around it.
func (b *bud) rays(x, y float64, count, heart float64, dark, bright vec) (vec, float64) {
	d := math.Hypot(x, y)
	a := math.Atan2(y, x) + b.turn
	if d < heart {
		dots := 0.5 + 0.5*b.noise.at(x*26+float64(b.id%50), y*26)
		return mix(bright, dark, smooth(0, heart, d)*0.6+0.4*dots).scale(1 + 0.35*y), d - heart
	}
	c, outside := vec{}, 9.0
	for ring := range 2 {
		k := a*count/(2*math.Pi) + 0.5*float64(ring)
		i, kf := floor(k)
		long := 1 - 0.10*float64(ring) - 0.12*hash(i, ring, b.id)
		t := (d - heart*0.6) / (long - heart*0.6)
		half := 0.5 * math.Sqrt(math.Max(0, math.Sin(math.Pi*clamp(0.12+0.88*t, 0, 1))))
		off := math.Max(abs(kf-0.5)-half, 0) * 2 * math.Pi * d / count
		dist := math.Max(off, d-long)
		if off == 0 && d < long {
			dist = -math.Min((half-abs(kf-0.5))*2*math.Pi*d/count, long-d)
		}
		if dist < outside {
			outside = dist
			crease := 1 - 0.22*math.Exp(-abs(kf-0.5)*9)
			c = b.ink.scale((0.62 + 0.42*t) * crease * (1 - 0.22*float64(ring)) * (0.95 + 0.12*y))
		}
		if dist < 0 {
			break
		}
	}
	return c, outside
}

// poppy is a bowl of four wide crumpled petals.
func (b *bud) poppy(x, y float64) (vec, float64) {
	t := 0.55 + 0.45*b.tilt
	yy := y / t
	d := math.Hypot(x, yy)
	a := math.Atan2(yy, x)
	edge := 0.92 + 0.07*math.Cos(a*4+b.turn) + 0.05*b.noise.at(a*3+float64(b.id%40), d)
	folds := b.noise.at(a*7+float64(b.id%90), d*1.2)
	front := smooth(0.05, -0.25, yy+0.22*math.Cos(x*3))
	light := 0.62 + 0.5*smooth(0, 0.95, d) + 0.16*folds
	c := b.ink.scale(lerp(light*0.85, 1.05+0.12*folds-0.25*(yy+0.6), front))
	hx, hy := x*1.0, (yy - 0.18)
	if heart := math.Hypot(hx, hy*1.3); heart < 0.30 && front < 0.6 {
		c = mix(vec{0.02, 0.02, 0.015}, c, smooth(0.16, 0.30, heart+0.05*math.Sin(a*22)))
		if heart < 0.10 {
			c = hex(0x7f9a4a)
		}
	}
	return c, d - edge
}

// tulip is a cup of three pointed petals seen from the side.
func (b *bud) tulip(x, y float64) (vec, float64) {
	y = y*0.72 + 0.05
	petal := func(cx, lean, wide, high float64) (float64, float64) {
		u, v := x-cx-lean*(y+0.8), (y+0.85)/high
		half := wide * math.Sqrt(clamp(v*2.6, 0, 1)) * math.Sqrt(clamp((1-v)*1.9, 0, 1))
		if v < 0 || v > 1 {
			return math.Hypot(math.Max(0, abs(u)-0.1*wide), math.Max(-v, v-1)*high) + 0.02, 0
		}
		return abs(u) - half, u / math.Max(half, 0.05)
	}
	type layer struct{ cx, lean, wide, high, dim float64 }
	c, outside := vec{}, 9.0
	for _, p := range [3]layer{{0, 0.03, 0.52, 1.62, 1.05}, {-0.30, -0.10, 0.40, 1.72, 0.82}, {0.30, 0.10, 0.40, 1.72, 0.7}} {
		d, across := petal(p.cx, p.lean, p.wide, p.high)
		if d < outside {
			outside = d
			up := clamp((y+0.85)/1.7, 0, 1)
			across = clamp(across, -1, 1)
			vein := 0.06 * b.noise.at(across*9+float64(b.id%60), y*2)
			c = mix(b.ink.scale(0.72), mix(b.ink, vec{1, 0.9, 0.75}, 0.16), up).scale(p.dim * (1 - 0.22*across*across + vein))
		}
		if d < 0 {
			break
		}
	}
	return c, outside
}

// spike is a stalk with whorls of small blossoms that become smaller towards the top; the
// lowest stand apart.
func (b *bud) spike(x, y float64) (vec, float64) {
	const (
		low, high = -2.5, 1.7
		rows      = 15
		apart     = (high - low) / rows
	)
	c, outside, front := vec{}, 9.0, -9.0
	x -= 0.10 * (hash(b.id, 3, 5) - 0.5) * (y - low)
	if abs(x) > 0.75 {
		return c, abs(x) - 0.6
	}
	row, _ := floor((y - low) / apart)
	for j := max(row-1, 0); j <= min(row+1, rows-1); j++ {
		k := float64(j) / (rows - 1)
		if hash(j, 9, b.id) < 0.55-1.6*k {
			continue
		}
		wide := 0.40 * (1 - 0.72*k*k)
		for i := range 5 {
			chance := hash(j, i, b.id)
			across := (float64(i)-2)/2 + 0.3*(chance-0.5)
			bx, by := across*wide, low+(float64(j)+0.35+0.5*hash(j, i, b.id+1)-0.22*across*across)*apart
			size := (0.155 + 0.05*chance) * (1 - 0.40*k)
			// A blossom is a drop that points outwards and up.
			u, v := x-bx, y-by
			v -= 0.45 * abs(u)
			d := math.Hypot(u, v*0.92) - size
			depth := 1 - abs(across) + 0.3*chance
			if d < 0 && depth > front || front < -8 && d < outside {
				outside = d
				if d < 0 {
					front = depth
				}
				lit := 0.50 + 0.30*chance + 0.75*(v/size*0.5+0.5)*(0.5+0.5*k)
				calyx := smooth(0.0, -0.9, v/size)
				c = mix(mix(b.ink, vec{0.75, 0.66, 0.95}, 0.35*smooth(0.3, 1, v/size)), b.ink.mul(vec{0.55, 0.62, 0.55}), 0.6*calyx).scale(lit)
			}
		}
	}
	return c, outside
}
