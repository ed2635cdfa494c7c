package builtin

import "math"

// abstract is a folded field of colour, lit as if it were a relief.
type abstract struct {
	noise  *noise
	stops  []vec
	kind   string
	scale  float64
	dx, dy float64
	turnS  float64
	turnC  float64
	fold   float64
	salt   int
	gold   bool
	// tile is the frame that continues itself on all sides, or nil.
	tile *frame
}

// palettes are sets of colours that go together.
var palettes = [][]uint32{
	{0x10243f, 0x1f6f8b, 0x99d5c9, 0xf6efd9, 0xf2a65a, 0xc8553d},
	{0x1b1035, 0x4b2a7b, 0xb14aa5, 0xf08a7e, 0xfdd9a0},
	{0x0d2b2b, 0x1f5f5b, 0x5fa389, 0xcfe0bb, 0xf3e9d2, 0xd98e4f},
	{0x20132b, 0x6a1f4b, 0xc63a4b, 0xf47a48, 0xfcc65a, 0xfdf3d8},
	{0x0a1a3a, 0x154a8a, 0x2f8fd0, 0x9fd8ee, 0xf5f8fa},
	{0x2b2b2f, 0x57606b, 0xa9b4b9, 0xe9e4da, 0xd2a877},
	{0xf4e6e0, 0xe8b8b0, 0xb98aa8, 0x6f7fae, 0x35507f},
	{0x13201a, 0x2f4f3a, 0x7d8f4e, 0xd8c06a, 0xf4ead0},
}

// paletteFor builds the colours of graphic work from the words or from the seed.
func paletteFor(w *wish) []vec {
	var stops []vec
	names := w.colours()
	for i, name := range names {
		p := paints[name]
		if i == 0 {
			stops = append(stops, hsl(p[0]-0.02, p[1]*0.9, p[2]*0.28))
		}
		stops = append(stops, hsl(p[0], p[1], p[2]))
		if len(names) == 1 {
			stops = append(stops, hsl(p[0]+0.06, p[1]*0.8, clamp(p[2]+0.25, 0, 0.9)))
		}
	}
	if len(stops) > 0 {
		stops = append(stops, hex(0xf6efe2))
	}
	if a, ok := airs[w.hourOfTile()]; ok && len(stops) == 0 {
		stops = []vec{hex(a.zenith).scale(0.35), hex(a.zenith), hex(a.middle), hex(a.horizon), hex(a.sun)}
	}
	if len(stops) == 0 {
		for _, c := range palettes[w.rng.below(len(palettes))] {
			stops = append(stops, hex(c))
		}
	}
	change := func(f func(vec) vec) {
		for i := range stops {
			stops[i] = f(stops[i])
		}
	}
	switch {
	case w.mood("mono"):
		change(func(c vec) vec { return saturate(c, 0) })
	case w.mood("pastel"):
		change(func(c vec) vec { return mix(c, vec{0.86, 0.82, 0.8}, 0.45) })
	case w.mood("vivid"):
		change(func(c vec) vec { return saturate(c, 1.5) })
	}
	switch {
	case w.mood("dark"):
		change(func(c vec) vec { return c.scale(0.5) })
	case w.mood("warm"):
		change(func(c vec) vec { return c.mul(vec{1.12, 1, 0.84}) })
	case w.mood("cold"):
		change(func(c vec) vec { return c.mul(vec{0.84, 1, 1.14}) })
	}
	return stops
}

// hourOfTile is the time of day of a scene that became a tile, whose colours remain of it.
func (w *wish) hourOfTile() string {
	if !w.tiling {
		return ""
	}
	return w.first("hour/")
}

func composeAbstract(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	a := &abstract{noise: newNoise(r), stops: paletteFor(w), scale: r.between(0.8, 1.5), dx: r.between(0, 99), dy: r.between(0, 99), fold: r.between(1.3, 2.4), salt: r.below(9999), gold: r.chance(0.5)}
	a.turnS, a.turnC = math.Sincos(r.between(0, 2*math.Pi))
	for _, k := range []string{"ribbon", "marble", "cell", "smoke"} {
		if a.kind == "" && w.has(k) {
			a.kind = k
		}
	}
	if a.kind == "" {
		a.kind = pick(r, "ribbon", "marble", "smoke", "ribbon", "marble", "cell")
	}
	if w.mood("calm") {
		a.fold *= 0.6
	}
	k := look{exposure: 1.25, bloom: 0.4, vignette: 0.1}
	if w.tiling {
		a.tile, k.wraps = &f, true
	}
	title := map[string]string{"ribbon": "silk ribbons", "marble": "poured marble", "cell": "glass cells", "smoke": "coloured smoke"}[a.kind]
	title = "abstract " + title
	if w.tiling {
		title = "seamless " + title
	}
	return newPainting(a, k, title), nil
}

// joint is the share of a tile in which it goes over to its neighbour.
const joint = 0.35

// spread evaluates a function so that it repeats with the tile: near the right and the
// top edge it goes over to what lies beyond the opposite one.
func (a *abstract) spread(x, y float64, f func(x, y float64) (float64, float64)) (float64, float64) {
	if a.tile == nil {
		return f(x, y)
	}
	wide, high := 2*a.tile.right, 2*a.tile.top
	x, y = x-wide*math.Floor(x/wide+0.5), y-high*math.Floor(y/high+0.5)
	tx := smooth(a.tile.right-joint*wide, a.tile.right, x)
	ty := smooth(a.tile.top-joint*high, a.tile.top, y)
	row := func(y float64) (float64, float64) {
		p, q := f(x, y)
		if tx == 0 {
			return p, q
		}
		r, s := f(x-wide, y)
		return lerp(p, r, tx), lerp(q, s, tx)
	}
	p, q := row(y)
	if ty == 0 {
		return p, q
	}
	r, s := row(y - high)
	return lerp(p, r, ty), lerp(q, s, ty)
}

// even is spread for one number.
func (a *abstract) even(x, y float64, f func(x, y float64) float64) float64 {
	v, _ := a.spread(x, y, func(x, y float64) (float64, float64) { return f(x, y), 0 })
	return v
}

// field is the height and the colour's place along the palette.
func (a *abstract) field(x, y float64) (height, tone float64) {
	u, v := (x*a.turnC-y*a.turnS)*a.scale+a.dx, (x*a.turnS+y*a.turnC)*a.scale+a.dy
	n := a.noise
	switch a.kind {
	case "ribbon":
		q := n.fbm(u*0.9, v*0.9, 2)
		p := n.fbm(u*1.3+a.fold*q, v*0.8-a.fold*q+4, 2)
		phase := (v*1.6 + a.fold*p) * 4.2
		return 0.16 * (math.Sin(phase) + 0.35*math.Sin(phase*2.3+q*4)), 0.5 + 0.42*math.Sin(phase*0.31+2.4*q) + 0.1*math.Sin(phase)
	case "marble":
		q, p := n.fbm(u*0.8, v*0.8, 3), n.fbm(u*0.8+5.2, v*0.8+1.3, 3)
		s, t := n.fbm(u*0.8+0.8*a.fold*q+1.7, v*0.8+0.8*a.fold*p+9.2, 3), n.fbm(u*0.8+0.8*a.fold*q+8.3, v*0.8+0.8*a.fold*p+2.8, 3)
		f := n.fbm(u*0.8+0.9*a.fold*s, v*0.8+0.9*a.fold*t, 4)
		return 0.12 * f, 0.5 + 0.75*f + 0.25*q
	case "cell":
		w1, w2 := n.fbm(u*2, v*2, 3), n.fbm(u*2+7, v*2, 3)
		d1, d2, cx, cy := cells(u*5+0.5*w1, v*5+0.5*w2, a.salt)
		return 0.05 * smooth(0, 0.35, d2-d1), 0.15 + 0.7*hash(cx, cy, a.salt+3) + 0.2*(d2-d1)
	}
	q, p := n.fbm(u*0.8, v*0.8, 3), n.fbm(u*0.8+3, v*0.8+7, 3)
	f := n.ridged(u*0.9+a.fold*0.6*q, v*0.9+a.fold*0.6*p, 5)
	return 0.05 * f, 0.12 + f*0.95 + 0.35*q
}

func (a *abstract) shade(x, y float64) vec {
	const e = 0.0022
	h, tone := a.spread(x, y, a.field)
	hx, _ := a.spread(x+e, y, a.field)
	hy, _ := a.spread(x, y+e, a.field)
	n := vec{(h - hx) / e, (h - hy) / e, 1.1}.unit()
	l := vec{-0.45, 0.62, 0.64}.unit()
	c := gradient(a.stops, clamp(tone, 0.01, 0.99))
	diffuse := math.Max(0, n.dot(l))
	shine := math.Pow(math.Max(0, n.dot(l.add(vec{0, 0, 1}).unit())), 46)
	if a.kind == "smoke" {
		veil := 0.5 + 0.5*a.even(x, y, func(x, y float64) float64 { return a.noise.fbm(x*1.6+a.dy, y*1.6+h*8, 4) })
		return mix(c, a.stops[2], 0.35*veil).scale(0.45 + 0.8*veil)
	}
	if a.kind == "marble" && a.gold {
		vein := smooth(0.035, 0.006, abs(a.even(x, y, func(x, y float64) float64 {
			return a.noise.fbm(x*2.2*a.scale+h*9+a.dx, y*2.2*a.scale+tone, 5)
		})))
		c = mix(c, hex(0xd9a441), vein*0.85)
		shine += vein * diffuse * 0.4
	}
	return c.scale(0.30 + 0.85*diffuse).add(vec{1, 0.97, 0.92}.scale(0.35 * shine))
}
