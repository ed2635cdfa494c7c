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
	slopes
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
	if !c.inside {
		c.lay(w, f)
	}
	title := c.slopes.title()
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
	return c.sky.flakes(x, y, c.flakes, c.outside(x, y))
}

// light around the sun that mist scatters.
func (c *forest) shine(x, y float64) vec {
	dx, dy := x-c.sunX, y-c.sunY
	d := math.Sqrt(dx*dx + dy*dy)
	return c.glow.scale(0.75*math.Exp(-d*3.2) + 0.5*math.Exp(-d*9))
}
