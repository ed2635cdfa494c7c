package builtin

import "math"

// city is a skyline in layers behind each other, over water or a dark foreground.
type city struct {
	sky    *sky
	noise  *noise
	layers []cityLayer
	ground float64
	water  bool
	lit    float64
	neon   float64
	glow   vec
	calm   float64
	tones  []vec
	rain   float64
	snow   float64
	focal  float64
	salt   int
}

// cityLayer is a row of buildings at one distance.
type cityLayer struct {
	width, low, high float64
	// air is how much of the distance's colour lies over it, 0..1.
	air    float64
	salt   int
	middle float64
}

func composeCity(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	neon := w.has("neon")
	usual := []string{"night", "dusk", "sunset", "night", "golden", "dusk"}
	if neon {
		usual = []string{"night"}
	}
	hour := w.hour(usual...)
	s := newSky(w, hour)
	if hour == "night" || hour == "dusk" {
		s.stars *= 0.25
		s.horizon = s.horizon.add(hex(0x7a4a3a).scale(0.25))
		s.settle()
	}
	c := &city{sky: s, noise: newNoise(r), focal: 1.1, salt: r.below(100000), calm: r.between(0.5, 1.1)}
	c.lit = map[string]float64{"night": 1, "dusk": 0.8, "sunset": 0.35, "dawn": 0.25, "golden": 0.1, "day": 0.02}[hour]
	c.water = w.has("river") || !w.unwanted("has/river") && r.chance(0.75)
	c.ground = -f.top * r.between(0.42, 0.62)
	if !c.water {
		c.ground = -f.top * 0.8
	}
	if neon {
		c.neon, c.lit = 1, 1
		tint := pick(r, [2]uint32{0x2a1050, 0xff3fa4}, [2]uint32{0x0c1a4a, 0x20d0ff}, [2]uint32{0x1a0838, 0xb050ff})
		s.zenith, s.middle, s.horizon = hex(tint[0]).scale(0.3), hex(tint[0]).scale(0.9), mix(hex(tint[0]), hex(tint[1]), 0.5).scale(0.8)
		s.settle()
	}
	if w.weather("rain") || w.weather("storm") {
		c.rain = 1
	}
	if w.weather("snow") || w.tag("season/winter") {
		c.snow = 1
	}
	c.glow = mix(s.horizon, hex(0xffb070).scale(0.6), 0.3*c.lit)
	c.tones = []vec{hex(0x4f565e), hex(0x6d6660), hex(0x5a6b7a), hex(0x806a5c), hex(0x3e4a58)}
	if c.lit < 0.5 { // by day walls are seen for what they are made of
		c.tones = []vec{hex(0xd8cfbf), hex(0xa86f52), hex(0x93a4b0), hex(0xc9b79c), hex(0xeae6dd), hex(0x7d858c), hex(0xb9826a)}
	}
	if t, ok := w.tint(); ok {
		c.tones[0], c.tones[2] = mix(c.tones[0], t, 0.5), mix(c.tones[2], t, 0.5)
	}
	tall := r.between(0.8, 1.15)
	if w.mood("wild") || neon {
		tall *= 1.2
	}
	room := f.top - c.ground
	haze := 1.0
	if w.weather("fog") {
		haze = 1.5
	}
	for i := range 5 {
		k := float64(i) / 4
		c.layers = append(c.layers, cityLayer{
			width: lerp(0.10, 0.045, k), low: room * lerp(0.08, 0.22, k), high: room * lerp(0.50, 0.62, k) * tall,
			air: clamp((0.06+0.74*k*k)*haze, 0, 0.93), salt: c.salt + i*97, middle: r.between(-0.6, 0.6) * f.right,
		})
	}
	title := "city skyline"
	if c.water {
		title += " by the water"
	}
	k := landLook(w, hour)
	k.bloom = 0.9
	return newPainting(c, k, title+", "+hourName(hour)), nil
}

func (c *city) shade(x, y float64) vec {
	var out vec
	if y < c.ground && c.water {
		out = c.mirror(x, y)
	} else if y < c.ground {
		out = c.mirror(x, y).scale(0.22).add(vec{0.008, 0.009, 0.011}) // a dark street
	} else {
		out = c.above(x, y)
	}
	return c.sky.streaks(x, y, c.rain, c.sky.flakes(x, y, c.snow, out))
}

// above is the skyline before the sky.
func (c *city) above(x, y float64) vec {
	for i := range c.layers {
		if col, ok := c.layers[i].hit(c, x, y); ok {
			return c.hazy(col, c.layers[i].air, y)
		}
	}
	if y < c.ground+0.004 {
		return c.hazy(vec{0.01, 0.011, 0.013}, 0.1, y)
	}
	d := vec{x, y - c.ground, c.focal}.unit()
	return c.sky.shade(d).add(c.glow.scale(c.lit * 0.30 * math.Exp(-(y-c.ground)*5)))
}

func (c *city) hazy(col vec, air, y float64) vec {
	h := y - c.ground
	fog := mix(c.sky.fog, c.glow, 0.5*c.lit)
	return mix(col, fog, clamp(air*(0.75+0.5*math.Exp(-h*7)), 0, 0.96))
}

// mirror is the skyline in the water, broken by ripples that widen towards the eye.
func (c *city) mirror(x, y float64) vec {
	depth := c.ground - y
	near := 1 / (0.06 + depth)
	u, v := x*near*1.5, near*5
	ripple := c.noise.at(u*1.7, v*2.1) + 0.6*c.noise.at(u*4.3+7, v*5.7) + 0.35*c.noise.at(u*9.1, v*12.3)
	k := c.calm * (0.25 + depth)
	sum := vec{}
	for tap := range 5 {
		e := (float64(tap) - 2) * 0.035 * (0.15 + depth)
		sum = sum.add(c.above(x+ripple*0.012*k, c.ground+depth*1.05+ripple*0.13*k+e+0.002))
	}
	tone := mix(vec{0.72, 0.78, 0.82}, vec{0.5, 0.6, 0.68}, smooth(0, 0.4, depth))
	return sum.scale(1.0 / 5).mul(tone).add(c.sky.zenith.scale(0.10 * (0.5 + ripple*0.3)))
}

// building is one house of a layer.
type building struct {
	left, right, height float64
	id                  int
	kind                int
}

// at gives the house whose lot covers x.
func (l *cityLayer) at(x float64) building {
	i, _ := floor(x / l.width)
	edge := func(k int) float64 { return (float64(k) + 0.55*(hash(k, 1, l.salt)-0.5)) * l.width }
	if x < edge(i) {
		i--
	} else if x >= edge(i+1) {
		i++
	}
	b := building{left: edge(i), right: edge(i + 1), id: i, kind: int(hash(i, 2, l.salt) * 6)}
	swell := math.Exp(-4 * (b.left - l.middle) * (b.left - l.middle))
	t := hash(i, 3, l.salt)
	b.height = lerp(l.low, l.high, t*t*(0.35+0.65*swell)+0.15*swell)
	if hash(i, 4, l.salt) < 0.12 {
		b.height *= 0.55
	}
	gap := l.width * 0.05 * hash(i, 5, l.salt)
	b.left, b.right = b.left+gap, b.right-gap
	return b
}

// hit is the building's own colour at a place, if the layer covers it.
func (l *cityLayer) hit(c *city, x, y float64) (vec, bool) {
	b := l.at(x)
	h := y - c.ground
	if h > b.height*1.35 || h < 0 {
		return vec{}, false
	}
	u := (x - b.left) / (b.right - b.left)
	if u < 0 || u > 1 {
		return vec{}, h < 0.012 && l.air < 0.2
	}
	top, set := b.height, 0.0
	switch b.kind {
	case 1: // stepped
		for k := range 3 {
			if h > b.height*(0.62+0.14*float64(k)) {
				set = 0.10 * float64(k+1)
			}
		}
	case 2: // spire
		if h > b.height*0.84 {
			set = 0.5 * (h/b.height - 0.84) / 0.30
			top = b.height * 1.14
		}
	case 3: // slanted roof
		top = b.height * (0.9 + 0.14*u)
	case 4: // pyramid
		if h > b.height*0.9 {
			set = 0.5 * (h/b.height - 0.9) / 0.12
			top = b.height * 1.02
		}
	}
	mast := hash(b.id, 6, l.salt) < 0.35 && abs(u-0.5)*(b.right-b.left) < 0.0016 && h < top*1.0+0.05
	if mast && h >= top {
		if c.lit > 0.5 && h > top+0.046 {
			return vec{2.5, 0.2, 0.15}, true
		}
		return vec{0.02, 0.02, 0.025}, true
	}
	if h > top || u < set || u > 1-set {
		return vec{}, false
	}
	return l.facade(c, b, u, h), true
}

// facade is wall and windows, lit by the sky and, after dark, from inside.
func (l *cityLayer) facade(c *city, b building, u, h float64) vec {
	wall := c.tones[int(hash(b.id, 7, l.salt)*float64(len(c.tones)))]
	side := 1.0
	// The side away from the sun is a darker strip, as a corner seen at an angle.
	corner := 0.30 + 0.2*hash(b.id, 8, l.salt)
	if c.sky.toSun.x > 0 && u < corner || c.sky.toSun.x <= 0 && u > 1-corner {
		side = 0.45
	}
	back := clamp(c.sky.toSun.z, 0, 1)
	light := c.sky.ambient.scale(0.75).add(c.sky.sun.scale(side * lerp(0.42, lerp(0.26, 0.12, c.lit), back)))
	col := wall.mul(light).scale(0.8 + 0.25*h/b.height)
	wide := b.right - b.left
	cols := math.Max(3, math.Round(wide/lerp(0.0085, 0.006, l.air)))
	rowH := lerp(0.0125, 0.008, l.air)
	if hash(b.id, 9, l.salt) < 0.3 {
		cols = math.Round(cols * 0.5)
	}
	ci, cf := floor(u * cols)
	ri, rf := floor(h / rowH)
	if cf < 0.16 || cf > 0.84 || rf < 0.24 || rf > 0.82 {
		return c.sign(l, b, u, h, col)
	}
	pane := c.sky.horizon.scale(0.35 * (0.6 + 0.4*hash(ci, ri, l.salt+b.id))).add(c.sky.sun.scale(0.06 * side))
	glazed := 0.55
	if c.lit < 0.5 && hash(b.id, 16, l.salt) < 0.4 { // a tower of glass mirrors the sky, each pane a little aslant
		up := clamp(h/b.height+0.16*(hash(ci, ri, l.salt+b.id)-0.5), 0, 1)
		pane = mix(c.sky.horizon, c.sky.zenith, smooth(0.1, 1.2, up)).scale(lerp(0.55, 0.95, side))
		glazed = 0.9
	}
	col = mix(col, pane, glazed)
	share := 0.16 + 0.34*hash(b.id, 10, l.salt)
	floorLit := hash(ri, b.id, l.salt+1) < 0.12
	if on := hash(ci+b.id*57, ri, l.salt+2); c.lit > 0 && (on < share*c.lit || floorLit && c.lit > 0.5) {
		warm := mix(hex(0xffc27a), hex(0xfff0d0), hash(ci, ri+b.id, l.salt+3))
		if hash(b.id, 11, l.salt) < 0.25 {
			warm = hex(0xcfe4ff)
		}
		if c.neon > 0 && hash(ci+3, ri+b.id, l.salt+4) < 0.35 {
			warm = pickNeon(hash(b.id, 12, l.salt))
		}
		col = col.add(warm.scale((0.35 + 0.75*hash(ci, ri, l.salt+5)) * c.lit))
	}
	return c.sign(l, b, u, h, col)
}

// sign adds neon strips to some houses.
func (c *city) sign(l *cityLayer, b building, u, h float64, col vec) vec {
	if c.neon == 0 || hash(b.id, 13, l.salt) > 0.55 || l.air > 0.5 {
		return col
	}
	tone := pickNeon(hash(b.id, 14, l.salt))
	at := 0.15 + 0.7*hash(b.id, 15, l.salt)
	high := smooth(0.25, 0.3, h/b.height) * smooth(0.9, 0.85, h/b.height)
	strip := smooth(0.05, 0.02, abs(u-at)) * high
	halo := math.Exp(-abs(u-at)*9) * high * 0.25
	crown := smooth(0.006, 0.002, abs(h-b.height*0.97))
	return col.add(tone.scale(strip*1.9 + halo + crown*1.4))
}

func pickNeon(t float64) vec {
	list := [...]vec{hex(0xff2f92), hex(0x18d8ff), hex(0xa040ff), hex(0xffb020), hex(0x30ffb0)}
	return list[int(t*float64(len(list)))]
}
