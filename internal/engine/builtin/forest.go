package builtin

import "math"

// forest is a wood: rows of trees behind each other in thickening mist, either conifers
// on slopes seen from outside or trunks seen from within.
type forest struct {
	sky    *sky
	noise  *noise
	inside bool
	birch  bool
	salt   int
	leaves []vec
	bark   vec
	moss   vec
	ground []vec
	mist   float64
	rays   float64
	sunX   float64
	sunY   float64
	fog    vec
	glow   vec
	snow   float64
	top    float64
	path   bool
	flower []vec
	flakes float64
	// firs are the builds of the trees of each row of slopes.
	firs [slopeLayers][builds]fir
}

func composeForest(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	hour := w.hour("dawn", "golden", "day", "dawn", "golden")
	s := newSky(w, hour)
	c := &forest{sky: s, noise: newNoise(r), salt: r.below(100000), top: f.top, mist: r.between(0.7, 1.1)}
	c.birch = w.has("birch")
	c.inside = c.birch || w.has("path") || w.has("rays") || r.chance(0.5)
	if w.has("conifer") {
		c.inside = false
	}
	c.leaves = []vec{hex(0x2c4a24), hex(0x3c5f2a), hex(0x22402a)}
	c.bark, c.moss = hex(0x4a3b30), hex(0x56702c)
	c.ground = []vec{hex(0x3a4a22), hex(0x5a6a2c), hex(0x6a5a34)}
	switch w.season() {
	case "autumn":
		c.leaves = []vec{hex(0xc0641c), hex(0xd8982a), hex(0x9c3a1c), hex(0xc8861e)}
		c.ground = []vec{hex(0x8a4a1e), hex(0xb0702a), hex(0x6a3c1e)}
	case "spring":
		c.leaves = []vec{hex(0x6fa03a), hex(0x8ab84a), hex(0x5a8a38)}
		c.ground = []vec{hex(0x4f7a2c), hex(0x7aa040), hex(0x5a6a30)}
	case "winter":
		c.snow = 1
		c.ground = []vec{hex(0xbfcad6), hex(0xe4eaf0), hex(0xa8b6c6)}
	}
	if t, ok := w.tint(); ok {
		for i := range c.leaves {
			c.leaves[i] = mix(c.leaves[i], t, 0.6)
		}
	}
	if w.has("flower") {
		c.flower = petals(w)
	}
	c.path = w.has("path") || c.inside && r.chance(0.5)
	if w.weather("fog") {
		c.mist = 1.5
	} else if w.unwanted("weather/fog") || w.weather("clear") {
		c.mist = 0.45
	}
	if w.weather("snow") {
		c.flakes, c.snow = 1, 1
	}
	c.rays = r.between(0.3, 0.7)
	if w.has("rays") || w.has("sun") {
		c.rays = 1.1
	}
	if hour == "night" {
		c.rays *= 0.4
	}
	c.sunX, c.sunY = r.between(-0.7, 0.7)*f.right, f.top*r.between(0.35, 0.8)
	c.fog = mix(s.fog, s.middle, 0.45).scale(0.86)
	if c.inside {
		c.fog = mix(c.fog, c.leaves[0].scale(2).add(s.horizon.scale(0.2)), 0.35)
	}
	c.glow = s.sun.scale(0.32).add(s.horizon.scale(0.35))
	for i := range c.firs {
		for k := range c.firs[i] {
			c.firs[i][k] = newFir(r, treeScale(float64(i)/(slopeLayers-1)))
		}
	}
	title := "misty conifer slopes"
	if c.inside {
		title = "inside a forest"
	}
	if c.birch {
		title = "birch wood"
	}
	k := landLook(w, hour)
	k.bloom = 0.8
	return newPainting(c, k, title+", "+hourName(hour)), nil
}

func (c *forest) shade(x, y float64) vec {
	if c.inside {
		return c.sky.flakes(x, y, c.flakes, c.within(x, y))
	}
	return c.sky.flakes(x, y, c.flakes, c.slopes(x, y))
}

// light around the sun that mist scatters.
func (c *forest) shine(x, y float64) vec {
	dx, dy := x-c.sunX, y-c.sunY
	d := math.Sqrt(dx*dx + dy*dy)
	return c.glow.scale(0.75*math.Exp(-d*3.2) + 0.5*math.Exp(-d*9))
}

const slopeLayers = 7

// slopes are ridges of conifers, each behind more mist.
func (c *forest) slopes(x, y float64) vec {
	for i := range slopeLayers {
		k := float64(i) / (slopeLayers - 1)
		if col, ok := c.ridge(i, k, x, y); ok {
			air := clamp(c.mist*(0.02+0.68*k), 0, 0.95)
			base := c.ridgeLine(i, k, x)
			air = clamp(air+c.mist*0.36*smooth(0.10, -0.12, y-base)*(0.25+k)*(0.8+0.5*c.noise.fbm(x*3+float64(i), y*5, 3)), 0, 0.97)
			return mix(col, c.fog.add(c.shine(x, y).scale(0.2+0.35*k)), air)
		}
	}
	d := vec{x, y + 0.12, 1.1}.unit()
	return c.sky.shade(d).add(c.shine(x, y).scale(0.35))
}

// ridgeLine is the height of a layer's ground.
func (c *forest) ridgeLine(i int, k, x float64) float64 {
	o := float64(i)*7.3 + float64(c.salt%97)
	return lerp(-0.56, 0.13, math.Pow(k, 0.85))*c.top*2 + lerp(0.10, 0.17, k)*c.noise.at(x*1.3+o, o) + 0.05*c.noise.at(x*3.1+o, o+4)
}

// treeScale is about how high the trees of a layer are, nearest 0, farthest 1.
func treeScale(k float64) float64 { return lerp(0.40, 0.04, math.Pow(k, 0.5)) }

// ridge is a layer's own colour where it covers a place.
func (c *forest) ridge(i int, k, x, y float64) (vec, bool) {
	scale := treeScale(k)
	base := c.ridgeLine(i, k, x)
	if y > base+scale*1.25 {
		return vec{}, false
	}
	spacing := scale * 0.24
	ci, _ := floor(x / spacing)
	best := vec{}
	found := false
	lowest := -9.0
	for n := ci - 2; n <= ci+2; n++ {
		tx := (float64(n) + 0.5 + 0.7*(hash(n, i, c.salt)-0.5)) * spacing
		root := c.ridgeLine(i, k, tx) - scale*0.12*hash(n, i, c.salt+4)
		tall := scale * (0.55 + 0.6*hash(n, i, c.salt+1))
		u, v := (x-tx)/tall, (y-root)/tall
		if v > 1 || v < 0 || root < lowest && found {
			continue
		}
		if b, ok := c.conifer(&c.firs[i][int(hash(n, i, c.salt+3)*builds)], u, v); ok {
			leaf := c.leaves[int(hash(n, i, c.salt+2)*float64(len(c.leaves)))]
			best, found, lowest = c.needles(leaf, b, x, y, scale), true, root
		}
	}
	if found {
		return best, true
	}
	if y < base {
		t := c.noise.fbm(x*30, y*40, 3)
		return c.ground[0].scale(0.6 + 0.3*t + 0.5*c.snow).mul(c.sky.ambient.add(c.sky.sun.scale(0.15))), true
	}
	return vec{}, false
}
