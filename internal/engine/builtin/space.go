package builtin

import "math"

// space is a view of stars and nebula with planets before it.
type space struct {
	noise        *noise
	gas          []vec
	gasAmount    float64
	gasX, gasY   float64
	turnS, turnC float64
	planets      []planet
	toSun        vec
	sunAt        [2]float64
	flare        float64
	galaxy       float64
	galaxyX      float64
	galaxyY      float64
	tiltS, tiltC float64
}

// planet is a lit sphere with air and perhaps rings.
type planet struct {
	x, y, radius float64
	kind         string
	tones        []vec
	air          vec
	axis         float64
	shift        vec
	rings        bool
	ringTone     vec
}

// gases are the colours of nebulas that go well together, as telescopes show them.
var gases = [][3]uint32{
	{0x2f62b8, 0xb8487e, 0xe89a5c}, {0x1f7f96, 0x5a4fb0, 0xd0668a}, {0x8a2f6e, 0xd9573f, 0xf0b26a},
	{0x2c4fa0, 0x2f9aa0, 0xd8b070}, {0x5c3aa0, 0x2f78c0, 0x7fc6c8}, {0x9a3c34, 0xc8863c, 0x3f7f9a},
}

func composeSpace(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	s := &space{noise: newNoise(r), gasAmount: r.between(0.5, 1), gasX: r.between(-50, 50), gasY: r.between(-50, 50)}
	s.turnS, s.turnC = math.Sincos(r.between(0, 2*math.Pi))
	for _, tone := range gases[r.below(len(gases))] {
		s.gas = append(s.gas, hex(tone))
	}
	for i, name := range w.colours() {
		if i < 3 {
			p := paints[name]
			for k := i; k < 3; k++ {
				s.gas[k] = hsl(p[0]+0.05*float64(k-i), p[1], clamp(p[2], 0.35, 0.65))
			}
		}
	}
	title := "stars and nebula"
	nebula := w.has("nebula")
	if nebula {
		s.gasAmount = 1.25
	}
	side := pick(r, -1.0, 1.0)
	s.toSun = vec{-side * r.between(0.5, 0.9), r.between(-0.1, 0.7), -r.between(0.15, 0.6)}.unit()
	if w.tag("scene/space") && nebula && r.chance(0.5) {
		s.galaxy, title = 1, "spiral galaxy"
		s.galaxyX, s.galaxyY = r.between(-0.15, 0.15), r.between(-0.12, 0.12)
		s.tiltS, s.tiltC = math.Sincos(r.between(-0.8, 0.8))
		s.gasAmount *= 0.45
	}
	ringed := w.has("ring")
	if (w.has("planet") || ringed || w.has("moon") || !nebula || s.galaxy == 0 && r.chance(0.6)) && !w.unwanted("has/planet") {
		s.addPlanets(w, f, side, ringed)
		title = "planet in space"
	}
	if w.has("sun") || r.chance(0.35) {
		s.flare = r.between(0.5, 1)
		s.sunAt = [2]float64{-side * f.right * r.between(0.45, 0.8), f.top * r.between(0.3, 0.8)}
	}
	return newPainting(s, look{exposure: 1.15, bloom: 0.8, vignette: 0.15}, title), nil
}

// addPlanets puts one large planet to a side and perhaps a small moon.
func (s *space) addPlanets(w *wish, f frame, side float64, ringed bool) {
	r := w.rng
	small := math.Min(f.right, f.top)
	kind := pick(r, "gas", "rock", "sea", "gas")
	if w.has("mars") {
		kind = "rock"
	} else if w.tag("has/ring") {
		kind = "gas"
	}
	main := planet{
		x: side * f.right * r.between(0.1, 0.45), y: f.top * r.between(-0.4, 0.2),
		radius: small * r.between(0.42, 0.72), kind: kind, axis: r.between(-0.5, 0.5),
		shift: vec{r.between(0, 90), r.between(0, 90), r.between(0, 90)},
		rings: ringed || kind == "gas" && r.chance(0.45) && !w.unwanted("has/ring"),
	}
	hue := r.float()
	if names := w.colours(); len(names) > 0 {
		hue, kind = paints[names[0]][0], "gas"
	}
	main.kind = kind
	switch kind {
	case "gas":
		main.tones = []vec{hsl(hue, 0.45, 0.35), hsl(hue+0.04, 0.4, 0.7), hsl(hue+0.08, 0.5, 0.5), hsl(hue+0.02, 0.3, 0.85), hsl(hue+0.1, 0.55, 0.42)}
		main.air = hsl(hue+0.05, 0.5, 0.6)
	case "rock":
		main.tones = []vec{hsl(hue*0.12, 0.35, 0.2), hsl(hue*0.12+0.02, 0.42, 0.42), hsl(hue*0.12+0.03, 0.35, 0.62), hsl(0.1, 0.2, 0.8)}
		main.air = hsl(0.06+hue*0.1, 0.5, 0.6)
	default:
		main.tones = []vec{hex(0x0b2c56), hex(0x1a5a86), hex(0x4b7a3c), hex(0x9a8a58), hex(0xe8ecf0)}
		main.air = hex(0x6fb2ff)
	}
	if main.rings {
		main.radius *= 0.72
	}
	main.ringTone = mix(main.tones[1], vec{0.8, 0.72, 0.6}, 0.5)
	s.planets = append(s.planets, main)
	if w.has("moon") || r.chance(0.6) && !w.unwanted("has/moon") {
		grey := hsl(r.float(), 0.12, 0.5)
		s.planets = append(s.planets, planet{
			x: -side * f.right * r.between(0.3, 0.7), y: f.top * r.between(-0.6, 0.6), radius: small * r.between(0.05, 0.13),
			kind: "rock", tones: []vec{grey.scale(0.45), grey, grey.scale(1.5)}, shift: vec{r.between(0, 90), 3, 8},
		})
	}
}

func (s *space) shade(x, y float64) vec {
	c := s.backdrop(x, y)
	for i := len(s.planets) - 1; i >= 0; i-- {
		c = s.planets[i].over(s, x, y, c)
	}
	if s.flare > 0 {
		dx, dy := x-s.sunAt[0], y-s.sunAt[1]
		d := math.Sqrt(dx*dx + dy*dy)
		rays := math.Exp(-abs(dx)*160)*math.Exp(-abs(dy)*9) + math.Exp(-abs(dy)*160)*math.Exp(-abs(dx)*9)
		c = c.add(vec{1, 0.93, 0.82}.scale(s.flare * (0.0009/(d*d+0.0002) + 0.10*math.Exp(-d*6) + 0.8*rays)))
	}
	return c
}

// backdrop is nebula, dust, galaxy and stars.
func (s *space) backdrop(x, y float64) vec {
	u, v := x*s.turnC-y*s.turnS, x*s.turnS+y*s.turnC
	gx, gy := u*1.25+s.gasX, v*1.8+s.gasY
	wx, wy := s.noise.fbm(gx, gy, 4), s.noise.fbm(gx+5.2, gy+1.3, 4)
	q := s.noise.fbm(gx+1.3*wx, gy+1.3*wy, 6)
	band := math.Exp(-v * v * 5)
	body := smooth(-0.35, 0.95, q+0.25*band) * s.gasAmount
	tone := mix(mix(s.gas[0], s.gas[1], smooth(-0.5, 0.5, wx)), s.gas[2], smooth(0.0, 0.8, wy))
	c := tone.scale(body * body * 0.75).add(mix(tone, vec{1, 0.9, 0.85}, 0.55).scale(math.Pow(body, 5) * 0.7))
	dust := smooth(0.05, 0.55, s.noise.fbm(gx*1.4+9+wx, gy*1.4-wy, 5))
	c = c.scale(1 - 0.75*dust).add(vec{0.0025, 0.003, 0.006})
	if s.galaxy > 0 {
		c = c.add(s.spiral(x, y))
	}
	return c.add(s.stars(x, y, 0.35+0.65*band))
}

// spiral is a tilted disc of winding arms around a bright core.
func (s *space) spiral(x, y float64) vec {
	x, y = x-s.galaxyX, y-s.galaxyY
	x, y = x*s.tiltC-y*s.tiltS, (x*s.tiltS+y*s.tiltC)*1.9
	d := math.Sqrt(x*x+y*y) + 1e-6
	a := math.Atan2(y, x)
	arm := math.Cos(2*(a+math.Log(d+0.02)*2.6) + 0.9*s.noise.fbm(x*7, y*7, 4))
	grain := 0.6 + 0.6*s.noise.fbm(x*16, y*16, 5)
	light := smooth(-0.5, 1, arm) * math.Exp(-d*6.5) * smooth(0.52, 0.2, d) * math.Max(0, grain) * 2.6
	core := math.Exp(-d*d*260)*2.2 + math.Exp(-d*15)*0.8
	return mix(s.gas[1], vec{0.7, 0.8, 1}, 0.5).scale(light).add(vec{1, 0.86, 0.66}.scale(core))
}

func (s *space) stars(x, y, density float64) vec {
	c := vec{}
	for layer, size := range [3]float64{11, 30, 76} {
		u, v := x*size+100, y*size+100
		xi, xf := floor(u)
		yi, yf := floor(v)
		if hash(xi, yi, 31+layer*7) > density*0.36 {
			continue
		}
		dx, dy := (xf-0.2-0.6*hash(xi, yi, 32+layer*7))/size, (yf-0.2-0.6*hash(xi, yi, 33+layer*7))/size
		d2 := dx*dx + dy*dy
		power := math.Pow(hash(xi, yi, 34+layer*7), 7)
		tone := mix(vec{1, 0.78, 0.58}, vec{0.66, 0.8, 1}, hash(xi, yi, 35+layer*7))
		c = c.add(tone.scale((0.13+2.2*power)*math.Exp(-d2*900000/(0.5+1.6*power)) + power*0.05*math.Exp(-d2*9000)))
	}
	return c
}

// over draws the planet, its air and its rings over c.
func (p *planet) over(s *space, x, y float64, c vec) vec {
	dx, dy := (x-p.x)/p.radius, (y-p.y)/p.radius
	d2 := dx*dx + dy*dy
	if p.air != (vec{}) && d2 > 1 && d2 < 2 {
		side := clamp(0.35+vec{dx, dy, 0}.unit().dot(s.toSun), 0, 1)
		c = c.add(p.air.scale(math.Exp(-(math.Sqrt(d2)-1)*16) * side * 0.55))
	}
	ring, near := p.ring(dx, dy)
	if p.rings && !near && d2 >= 1 {
		c = mix(c, ring.tone.scale(s.ringLight(p, ring)), ring.cover)
	}
	if d2 < 1 {
		c = p.ball(s, vec{dx, dy, -math.Sqrt(1 - d2)})
	}
	if p.rings && near {
		c = mix(c, ring.tone.scale(s.ringLight(p, ring)), ring.cover)
	}
	return c
}

type ringPoint struct {
	tone  vec
	cover float64
	at    vec
}

// ring finds the ring plane's point behind a place of the picture; near tells whether it
// passes before the planet.
func (p *planet) ring(dx, dy float64) (ringPoint, bool) {
	if !p.rings {
		return ringPoint{}, false
	}
	sa, ca := math.Sincos(p.axis)
	u, v := dx*ca+dy*sa, -dx*sa+dy*ca
	const tilt = 0.30
	z := v / tilt
	d := math.Sqrt(u*u + z*z)
	if d < 1.35 || d > 2.3 {
		return ringPoint{}, v < 0
	}
	k := (d - 1.35) / 0.95
	band := 0.55 + 0.3*math.Sin(k*34+p.shift.x) + 0.2*math.Sin(k*83+p.shift.y)
	gap := smooth(0.012, 0.03, abs(k-0.62))
	cover := clamp(band, 0.1, 1) * gap * smooth(0, 0.06, k) * smooth(1, 0.9, k)
	return ringPoint{p.ringTone.scale(0.7 + 0.5*band), cover * 0.9, vec{u, 0, z}}, v < 0
}

// ringLight is darker where the planet's shadow falls on the ring.
func (s *space) ringLight(p *planet, r ringPoint) float64 {
	away := r.at.x*signOf(s.toSun.x) < 0
	if away && abs(r.at.z+r.at.x*0.25) < 0.9 {
		return 0.10
	}
	return 0.95
}

// ball is the planet's lit surface at a unit direction that faces the eye.
func (p *planet) ball(s *space, n vec) vec {
	sa, ca := math.Sincos(p.axis)
	q := vec{n.x*ca + n.y*sa, -n.x*sa + n.y*ca, n.z}
	c := p.surface(s, q)
	day := n.dot(s.toSun)
	light := smooth(-0.12, 0.9, day) * 1.25
	c = c.scale(light + 0.008)
	rim := math.Pow(1-clamp(-n.z, 0, 1), 3)
	if p.air != (vec{}) {
		c = mix(c, p.air.scale(light*1.1), clamp(rim*0.75, 0, 1)).add(p.air.scale(rim * 0.3 * smooth(-0.3, 0.3, day)))
	}
	return c
}

func (p *planet) surface(s *space, q vec) vec {
	at := q.scale(2.2).add(p.shift)
	switch p.kind {
	case "gas":
		swirl := s.noise.fbm3(at.scale(1.3), 4)
		lat := q.y*5.5 + 0.35*swirl + 0.2*s.noise.at3(vec{at.x * 3, at.y * 9, at.z * 3})
		band := 0.5 + 0.5*s.noise.at(lat*1.3+p.shift.z, p.shift.x)
		band = clamp(band+0.22*s.noise.fbm3(vec{at.x * 2.2, at.y*11 + swirl*2, at.z * 2.2}, 4), 0, 1)
		return gradient(p.tones, band)
	case "rock":
		h := s.noise.fbm3(at, 6)
		crack := smooth(0.16, 0.0, abs(s.noise.fbm3(at.scale(1.7).add(vec{h, 4, 9}), 4)))
		return gradient(p.tones, clamp(0.5+0.62*h-0.22*crack, 0, 1))
	}
	h := s.noise.fbm3(at, 6)
	land := smooth(0.02, 0.06, h)
	c := mix(mix(p.tones[0], p.tones[1], smooth(-0.4, 0.05, h)), mix(p.tones[2], p.tones[3], smooth(0.1, 0.5, h)), land)
	c = mix(c, p.tones[4], smooth(0.72, 0.85, abs(q.y)+0.12*h))
	cloud := s.noise.fbm3(vec{at.x*1.6 + 7, at.y * 2.8, at.z * 1.6}.add(vec{h, h, h}.scale(0.6)), 5)
	return mix(c, vec{0.9, 0.92, 0.95}, smooth(0.02, 0.5, cloud)*0.9)
}
