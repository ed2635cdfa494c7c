package builtin

import "math"

const slopeLayers = 7

// slopes is how a wood lies when it is seen from outside: on ridges behind each other,
// perhaps around a lake, perhaps before peaks.
type slopes struct {
	// grow scales the trees; tilt is how far ridges fall to one side, and which.
	grow, tilt float64
	right      float64
	lake       bool
	// level is the height of the lake; shore is the side of its near trees.
	level, shore float64
	peaks        bool
	peak         vec
}

func (s *slopes) title() string {
	switch {
	case s.lake && s.peaks:
		return "conifers by a lake before peaks"
	case s.lake:
		return "conifers by a lake"
	case s.peaks:
		return "conifer slopes before peaks"
	}
	return "misty conifer slopes"
}

// lay chooses how the slopes lie.
func (c *forest) lay(w *wish, f frame) {
	r := w.rng
	c.right = f.right
	c.grow, c.tilt = r.between(0.75, 1.5), r.between(-0.4, 0.4)
	c.lake = w.has("lake") || r.chance(0.4) && !w.unwanted("has/lake")
	c.peaks = w.has("mountain") || r.chance(0.4) && !w.unwanted("has/mountain")
	c.level, c.shore = f.top*r.between(-0.60, -0.42), signOf(r.float()-0.5)
	c.peak = vec{r.between(-0.5, 0.5) * f.right, r.between(0.55, 0.8) * f.top, r.between(0, 90)}
	for i := range c.firs {
		for k := range c.firs[i] {
			c.firs[i][k] = newFir(r, c.treeScale(float64(i)/(slopeLayers-1)))
		}
	}
}

// outside is the wood from outside, and its image in the lake.
func (c *forest) outside(x, y float64) vec {
	if !c.lake {
		return c.rows(0, x, y)
	}
	if col, ok := c.ridge(0, 0, x, y); ok {
		return mix(col, c.fog, clamp(c.mist*0.02, 0, 1))
	}
	if y >= c.level {
		return c.rows(lakeRows, x, y)
	}
	// Ripples are as long as they look at their distance, and calm near the far shore.
	down := c.level - y
	far := 0.10 / (down + 0.02)
	wave := c.noise.fbm(x*far*3.5, far*22, 3)
	bend := wave * smooth(0, 0.5, down) * 0.10
	image := c.rows(lakeRows, x+0.3*bend, 2*c.level-y+bend+0.012)
	deep := mix(c.sky.ambient.scale(0.10), c.leaves[0].mul(c.sky.ambient).scale(0.4), 0.5)
	image = mix(image.scale(0.86), deep, 0.18+0.30*smooth(0.1, 0.8, down))
	return mix(image, c.fog, clamp(c.mist*0.5*math.Exp(-down*16), 0, 0.8))
}

// lakeRows is the first row of slopes behind a lake.
const lakeRows = 2

// rows are ridges of conifers, each behind more mist, from one on, and what is behind.
func (c *forest) rows(from int, x, y float64) vec {
	for i := from; i < slopeLayers; i++ {
		k := float64(i) / (slopeLayers - 1)
		if col, ok := c.ridge(i, k, x, y); ok {
			air := clamp(c.mist*(0.02+0.68*k), 0, 0.95)
			base := c.ridgeLine(i, k, x)
			air = clamp(air+c.mist*0.36*smooth(0.10, -0.12, y-base)*(0.25+k)*(0.8+0.5*c.noise.fbm(x*3+float64(i), y*5, 3)), 0, 0.97)
			return mix(col, c.fog.add(c.shine(x, y).scale(0.2+0.35*k)), air)
		}
	}
	if c.peaks {
		if col, ok := c.massif(x, y); ok {
			return col
		}
	}
	d := vec{x, y + 0.12, 1.1}.unit()
	return c.sky.shade(d).add(c.shine(x, y).scale(0.35))
}

// massif are snowy peaks in the distance, their feet in the mist.
func (c *forest) massif(x, y float64) (vec, bool) {
	rise := func(x float64) float64 {
		crest := c.noise.ridged(x*1.1+c.peak.z, c.peak.z, 5)
		return c.peak.y*(math.Exp(-(x-c.peak.x)*(x-c.peak.x)*1.6)*(0.55+0.5*crest)+0.30*crest) + 0.02*c.noise.fbm(x*9, c.peak.z, 4)
	}
	top := rise(x)
	if y > top {
		return vec{}, false
	}
	// Ribs run down from the crest; each place is lit as the flank of one.
	down := (top - y) / c.top
	rib := func(x float64) float64 {
		return c.noise.ridged(x*3.4+0.9*down*c.noise.at(x*2, 5.5)+c.peak.z, y*2.2+0.5*x, 6)
	}
	relief := rib(x)
	facing := clamp(4*(c.sunX-x), -1, 1) // towards the sun flanks are lit, under it from behind
	lit := clamp(0.45+5*(relief-rib(x-0.015))*facing, 0, 1)
	rock := mix(hex(0x4c5462), hex(0x77726e), relief)
	snow := smooth(0.30, 0.62, y/c.top+0.30*(relief-0.5)+0.2*c.snow)
	light := c.sky.ambient.scale(0.8).add(c.sky.sun.scale(0.34 * lit))
	col := mix(rock, vec{0.86, 0.89, 0.95}, snow).mul(light)
	air := clamp(c.mist*(0.30+0.6*smooth(0.7, 0.1, y/c.top)), 0.2, 0.95)
	return mix(col, c.fog.add(c.shine(x, y).scale(0.3)), air), true
}

// ridgeLine is the height of a layer's ground.
func (c *forest) ridgeLine(i int, k, x float64) float64 {
	o := float64(i)*7.3 + float64(c.salt%97)
	y := lerp(-0.56, 0.13, math.Pow(k, 0.85))*c.top*2 + lerp(0.10, 0.17, k)*c.noise.at(x*1.3+o, o) + 0.05*c.noise.at(x*3.1+o, o+4)
	y += c.tilt * x * k * (1 - 0.9*float64(i&1)) * (1 - 2*float64(i>>1&1))
	if c.lake && i >= lakeRows {
		y = math.Max(y, c.level+0.01+0.012*float64(i)*c.noise.at(x*2.3+o, o+8)+0.03*k)
	}
	return y
}

// treeScale is about how high the trees of a layer are, nearest 0, farthest 1.
func (s *slopes) treeScale(k float64) float64 { return s.grow * lerp(0.40, 0.04, math.Pow(k, 0.5)) }

// ridge is a layer's own colour where it covers a place.
func (c *forest) ridge(i int, k, x, y float64) (vec, bool) {
	scale := c.treeScale(k)
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
		if c.lake && i == 0 && c.shore*tx < 0.35*c.right {
			continue // the near trees frame the water on one side
		}
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
	if y < base && !(c.lake && i == 0) {
		t := c.noise.fbm(x*30, y*40, 3)
		return c.ground[0].scale(0.6 + 0.3*t + 0.5*c.snow).mul(c.sky.ambient.add(c.sky.sun.scale(0.15))), true
	}
	return vec{}, false
}
