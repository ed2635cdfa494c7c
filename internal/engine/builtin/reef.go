package builtin

import "math"

// reef is a view under water: light from the surface, a sandy floor, rocks with coral and
// weed in several distances, fish and bubbles.
type reef struct {
	noise   *noise
	top     float64
	right   float64
	surface vec
	middle  vec
	deep    vec
	sand    vec
	salt    int
	sunX    float64
	floorY  float64
	inks    []vec
	fish    []fish
	bubbles bool
	coral   float64
	kelp    float64
	jellies []jelly
}

type fish struct {
	x, y, size, dir float64
	ink, stripe     vec
	air             float64
	bend            float64
}

type jelly struct {
	x, y, size, phase float64
	ink               vec
}

func composeReef(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	c := &reef{
		noise: newNoise(r), top: f.top, right: f.right, salt: r.below(9999), sunX: r.between(-0.6, 0.6) * f.right,
		surface: hex(0x8fe3e6), middle: hex(0x1f8fb4), deep: hex(0x06304f), sand: hex(0xd8c79a), floorY: -f.top * r.between(0.35, 0.6),
		coral: r.between(0.5, 0.9), kelp: r.between(0.1, 0.5),
	}
	night := false
	switch hour := w.first("hour/"); {
	case hour == "night", hour == "dusk", w.mood("dark"):
		night = true
		c.surface, c.middle, c.deep = hex(0x2b6f9a), hex(0x0f3d66), hex(0x030f22)
	case hour == "sunset", hour == "golden":
		c.surface = hex(0xf4d9a0)
	}
	if t, ok := w.tint(); ok {
		c.middle, c.surface = mix(c.middle, t, 0.45), mix(c.surface, t, 0.25)
	}
	if w.has("kelp") {
		c.kelp = 1
	}
	if w.has("coral") {
		c.coral = 1
	}
	hue := r.float()
	for i := range 6 {
		c.inks = append(c.inks, hsl(hue+0.17*float64(i)*r.between(0.7, 1.3), 0.65, 0.55))
	}
	if !w.unwanted("has/fish") {
		c.school(w, f)
	}
	c.bubbles = w.has("bubble") || r.chance(0.6)
	title := "under water, reef"
	if w.has("jellyfish") {
		title = "under water, jellyfish"
		for range 3 + r.below(4) {
			c.jellies = append(c.jellies, jelly{r.between(-0.8, 0.8) * f.right, r.between(-0.2, 0.8) * f.top, r.between(0.05, 0.14), r.between(0, 6), hsl(r.between(0.7, 1.0), 0.6, 0.72)})
		}
	}
	k := look{exposure: 1.25, bloom: 0.9, vignette: 0.25}
	if night {
		k.exposure = 1.7
	}
	return newPainting(c, k, title), nil
}

// school places shoals of small fish and a few large ones.
func (c *reef) school(w *wish, f frame) {
	r := w.rng
	shoals := 2
	if w.has("fish") {
		shoals = 4
	}
	for range shoals {
		cx, cy := r.between(-0.8, 0.8)*f.right, r.between(-0.25, 0.7)*f.top
		dir, air := pick(r, -1.0, 1.0), r.between(0.25, 0.7)
		ink := c.inks[r.below(len(c.inks))]
		for range 7 + r.below(9) {
			c.fish = append(c.fish, fish{
				cx + 0.16*(r.float()+r.float()-1), cy + 0.09*(r.float()+r.float()-1), lerp(0.030, 0.012, air) * r.between(0.8, 1.25),
				dir, ink, mix(ink, vec{1, 1, 1}, 0.5), air, r.between(-0.2, 0.2),
			})
		}
	}
	for range 2 + r.below(3) {
		ink := hsl(pick(r, 0.08, 0.13, 0.58, 0.95, 0.05)+r.between(-0.02, 0.02), 0.85, 0.52)
		c.fish = append(c.fish, fish{r.between(-0.8, 0.8) * f.right, r.between(-0.35, 0.4) * f.top, r.between(0.045, 0.075), pick(r, -1.0, 1.0), ink, vec{0.92, 0.92, 0.9}, r.between(0.05, 0.2), r.between(-0.2, 0.2)})
	}
}

// water is the open water's light at a place.
func (c *reef) water(x, y float64) vec {
	k := (y + c.top) / (2 * c.top)
	col := mix(mix(c.deep, c.middle, smooth(0, 0.62, k)), c.surface, smooth(0.55, 1.1, k)*0.8)
	dx, dy := x-c.sunX, math.Max(c.top*1.12-y, 0)
	a := dx / (dy + 0.35)
	shaft := smooth(-0.05, 0.75, c.noise.at(a*7+float64(c.salt%50), 0.7)+0.5*c.noise.at(a*17, 4.2))
	col = col.add(c.surface.scale(shaft * 0.42 * math.Exp(-dy*1.7) * math.Exp(-a*a*1.5)))
	near := math.Exp(-(dx*dx*5 + dy*dy*9))
	return col.add(c.surface.scale(0.75 * near))
}

func (c *reef) shade(x, y float64) vec {
	col := c.water(x, y)
	if y > c.top*0.80 {
		ripple := c.noise.ridged(x*5/(1.25-y/c.top*0.2), (y-c.top*0.72)*26, 3)
		col = col.add(c.surface.scale(0.5 * smooth(0.55, 0.95, ripple) * smooth(0.80, 1, y/c.top)))
	}
	if y < c.floorY+0.02 {
		col = c.floor(x, y, col)
	}
	for i := 4; i >= 0; i-- {
		air := []float64{0.04, 0.22, 0.42, 0.62, 0.80}[i]
		for k := range c.fish {
			if c.fish[k].air >= air {
				if i < 4 && c.fish[k].air >= []float64{0.04, 0.22, 0.42, 0.62, 0.80}[i+1] {
					continue
				}
				col = c.fish[k].over(c, x, y, col)
			}
		}
		if own, ok := c.bank(i, x, y); ok {
			col = mix(own, c.water(x, y), air)
		}
	}
	for i := range c.jellies {
		col = c.jellies[i].over(c, x, y, col)
	}
	if c.bubbles {
		col = c.foam(x, y, col)
	}
	return col
}

// caustic is the net of light that the surface throws on things.
func (c *reef) caustic(x, y float64) float64 {
	w1, w2 := c.noise.at(x*0.8, y*0.8), c.noise.at(x*0.8+9, y*0.8)
	d1, d2, _, _ := cells(x+0.45*w1, y+0.45*w2, c.salt)
	return math.Exp(-(d2 - d1) * 9)
}

func (c *reef) floor(x, y float64, back vec) vec {
	depth := 0.16 / (c.floorY - y + 0.035)
	gx, gz := x*depth*2.4, depth*2.4
	ripples := 0.5 + 0.5*math.Sin(gz*9+2.5*c.noise.fbm(gx, gz, 3))
	col := c.sand.scale(0.62 + 0.14*ripples + 0.12*c.noise.fbm(gx*4, gz*4, 3))
	col = col.mul(c.middle.scale(0.9).add(c.surface.scale(0.42))).scale(0.9 + 0.9*c.caustic(gx*1.3, gz*1.3))
	return mix(col, back, clamp(1-math.Exp(-depth*0.33), 0, 1)*smooth(c.floorY-0.6, c.floorY+0.02, y)*0.9+0.1*smooth(c.floorY-0.05, c.floorY+0.02, y))
}

// bank is a layer of rock with what grows on it.
func (c *reef) bank(i int, x, y float64) (vec, bool) {
	k := float64(i) / 4
	o := float64(i)*13.7 + float64(c.salt%71)
	scale := lerp(1, 0.35, k)
	side := smooth(0.05, 0.95, abs(x/c.right+0.25*c.noise.at(o, 2)))
	base := lerp(-c.top*0.98, c.floorY-0.02, math.Sqrt(k)) - 0.03
	line := base + (0.05+0.30*side*(0.4+0.6*k))*(0.75+0.5*c.noise.at(x*2.2/scale+o, o)) + 0.05*scale*c.noise.fbm(x*6/scale+o, o, 3)
	if col, ok := c.growth(i, x, y, line, scale, o); ok {
		return col, true
	}
	if y > line {
		return vec{}, false
	}
	n := c.noise.fbm(x*9/scale+o, y*9/scale, 4)
	bump := c.noise.fbm(x*9/scale+o, (y+0.01)*9/scale, 4) - n
	tone := mix(hex(0x5a4a5a), c.inks[i], 0.25+0.25*smooth(-0.2, 0.5, c.noise.fbm(x*3+o, y*3, 2)))
	lit := clamp(0.42+bump*2.2+0.35*smooth(-0.12, 0, y-line), 0.08, 1.2) + 0.25*c.caustic(x*11/scale, y*11/scale)
	return tone.mul(c.middle.scale(0.5).add(c.surface.scale(0.65))).scale(lit * (1.05 + 0.4*n)), true
}

// growth is coral and weed that stands on a bank's line.
func (c *reef) growth(i int, x, y, line, scale, o float64) (vec, bool) {
	light := c.middle.scale(0.45).add(c.surface.scale(0.75))
	spacing := 0.13 * scale
	ci, _ := floor(x / spacing)
	for n := ci - 1; n <= ci+1; n++ {
		mid := (float64(n) + 0.5 + 0.5*(hash(n, i, c.salt)-0.5)) * spacing
		size := spacing * (0.6 + 0.7*hash(n, i, c.salt+1))
		ink := c.inks[int(hash(n, i, c.salt+2)*float64(len(c.inks)))]
		u, v := (x-mid)/size, (y-line+0.15*size)/size
		if v < 0 {
			continue
		}
		t := hash(n, i, c.salt+3)
		if hash(n, i, c.salt+4) < c.kelp*0.75 && t < 0.5 {
			if col, ok := c.weed(u, v, n*5+i, ink); ok {
				return col.mul(light), true
			}
			continue
		}
		if hash(n, i, c.salt+5) > c.coral {
			continue
		}
		if col, ok := c.coralAt(t, u, v, n*5+i, ink); ok {
			return col.mul(light), true
		}
	}
	return vec{}, false
}

// coralAt is a dome, a fan, or a bush of fingers.
func (c *reef) coralAt(t, u, v float64, id int, ink vec) (vec, bool) {
	f := float64(id) * 2.7
	d := math.Hypot(u, v)
	a := math.Atan2(u, v)
	switch {
	case t < 0.3: // dome with winding grooves
		if d > 0.55 {
			return vec{}, false
		}
		z := math.Sqrt(math.Max(0, 0.3025-d*d))
		groove := c.noise.at(u*14/(0.5+z)+f, v*14/(0.5+z))
		return ink.scale((0.35 + 0.9*v + 0.25*z) * (0.8 + 0.5*smooth(-0.2, 0.3, groove))), true
	case t < 0.62: // fan with a net of ribs
		edge := 0.95 + 0.12*c.noise.at(a*4+f, 1) + 0.05*math.Sin(a*25)
		if d > edge || abs(a) > 1.15 {
			return vec{}, false
		}
		ribs := abs(math.Sin(a*17 + 2.2*c.noise.at(u*4+f, v*4)))
		arcs := abs(math.Sin(d*32 + 3*c.noise.at(u*5, v*5+f)))
		if ribs > 0.62 && arcs > 0.5 && d > 0.12 {
			return vec{}, false
		}
		return ink.scale(0.45 + 0.75*d), true
	default: // fingers
		wide := 7 + float64(id&3)
		k := a*wide/2 + 0.6*c.noise.at(d*3+f, f)
		cell, kf := floor(k)
		long := 0.55 + 0.5*hash(cell, id, c.salt)
		half := 0.36 * (1 - 0.35*d)
		off := abs(kf - 0.5)
		if abs(a) > 1.25 || off > half || d > long-0.12*(off/half)*(off/half) {
			return vec{}, d < 0.12
		}
		tip := smooth(long-0.22, long, d)
		return mix(ink.scale(0.5+0.5*d), mix(ink, vec{1, 1, 0.95}, 0.55), tip*0.8).scale(1.1 - 0.5*off/half), true
	}
}

// weed is a swaying ribbon with waved edges.
func (c *reef) weed(u, v float64, id int, ink vec) (vec, bool) {
	tall := 2.2 + 1.6*hash(id, 3, c.salt)
	if v > tall || abs(u) > 1.3 {
		return vec{}, false
	}
	green := mix(hex(0x4f7a2c), ink, 0.2)
	for k := range 3 {
		f := float64(id)*1.3 + float64(k)*4.1
		mid := 0.35*(float64(k)-1) + 0.22*math.Sin(v*1.5+f) + 0.10*v*c.noise.at(v*0.7, f)
		long := tall * (0.7 + 0.3*hash(id, k, c.salt+8))
		half := 0.10 * math.Sqrt(math.Max(0, 1-v/long)) * (1 + 0.3*math.Sin(v*13+f))
		if off := abs(u - mid); off < half {
			return green.scale(0.45 + 0.25*v + 0.25*smooth(0.4, 1, off/half)), true
		}
	}
	return vec{}, false
}

// over draws the fish over col.
func (h *fish) over(c *reef, x, y float64, col vec) vec {
	u, v := (x-h.x)/h.size*h.dir, (y-h.y)/h.size
	if abs(u) > 1.7 || abs(v) > 1 {
		return col
	}
	v -= h.bend * math.Sin(u*1.6) * 0.5
	body := 0.46 * math.Sqrt(math.Max(0, 1-u*u)) * (1 + 0.28*u)
	tail := u < -0.78 && u > -1.45 && abs(v) < (-0.70-u)*0.72 && abs(v) > (-1.15-u)*1.6
	fin := u > -0.5 && u < 0.35 && v > 0 && v < body+0.20*smooth(-0.5, -0.1, u)*smooth(0.35, 0, u)
	if abs(v) > body && !tail && !fin {
		return col
	}
	ink := h.ink.scale(0.72 + 0.75*v)
	if abs(v) < body {
		ink = mix(ink, vec{0.95, 0.95, 0.92}, 0.45*smooth(0.05, -0.35, v))
		if abs(math.Mod(u+3.05, 0.62)-0.31) < 0.085 && u < 0.5 && u > -0.7 {
			ink = h.stripe.scale(0.85 + 0.5*v)
		}
		if d := math.Hypot(u-0.62, v-0.09); d < 0.11 {
			ink = vec{0.9, 0.9, 0.88}
			if d < 0.06 {
				ink = vec{0.01, 0.01, 0.01}
			}
		}
	}
	lit := ink.mul(c.middle.scale(0.55).add(c.surface.scale(0.8)))
	return mix(lit, c.water(x, y), h.air)
}

// over draws a glowing bell with trailing arms over col.
func (g *jelly) over(c *reef, x, y float64, col vec) vec {
	u, v := (x-g.x)/g.size, (y-g.y)/g.size
	if abs(u) > 1.6 || v > 1.2 || v < -4 {
		return col
	}
	if v > -0.25 {
		edge := math.Sqrt(u*u+(v*1.15)*(v*1.15)) + 0.03*math.Cos(u*22)*smooth(0.1, -0.2, v)
		if edge < 1 && v > -0.18-0.06*math.Cos(u*16) {
			rim := smooth(0.55, 1, edge)
			ribs := 0.8 + 0.2*math.Cos(u/math.Sqrt(math.Max(0.05, 1.05-v*v))*11)
			return mix(col, g.ink.scale(0.9*ribs), 0.30+0.45*rim).add(g.ink.scale(0.25 * math.Exp(-(u*u+v*v)*3)))
		}
	}
	if v < 0 {
		for k := range 7 {
			f := float64(k)
			mid := (f-3)*0.24*(1+0.06*v) + 0.20*math.Sin(v*1.7+f*1.3+g.phase)*(-v)*0.4
			long := 1.8 + 1.6*hash(k, int(g.phase*100), c.salt)
			if off := abs(u - mid); off < 0.05 && -v < long {
				col = mix(col, g.ink, 0.5*smooth(0.05, 0.01, off)*(1+v/long))
			}
		}
	}
	return col.add(g.ink.scale(0.06 * math.Exp(-(u*u+v*v)*0.8)))
}

// foam is columns of rising bubbles.
func (c *reef) foam(x, y float64, col vec) vec {
	for layer, size := range [2]float64{14, 26} {
		u, v := x*size+0.2*math.Sin(y*11+float64(layer)), y*size
		xi, xf := floor(u)
		yi, yf := floor(v)
		if hash(xi, 7, c.salt+layer) > 0.14 || hash(xi, yi, c.salt+layer) > 0.6 {
			continue
		}
		radius := 0.10 + 0.16*hash(xi, yi, c.salt+9)
		dx, dy := xf-0.5+0.3*(hash(xi, yi, c.salt+10)-0.5), yf-0.5+0.3*(hash(xi, yi, c.salt+11)-0.5)
		d := math.Hypot(dx, dy) / radius
		if d < 1 {
			col = col.add(c.surface.scale(0.5*math.Pow(d, 5) + 0.7*math.Exp(-((dx/radius+0.35)*(dx/radius+0.35)+(dy/radius-0.4)*(dy/radius-0.4))*26)))
		}
	}
	return col
}
