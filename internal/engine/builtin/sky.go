package builtin

import "math"

// sky is the light that comes from above the horizon: air, sun or moon, clouds, stars,
// northern lights. Directions are unit vectors with y up and z into the picture.
type sky struct {
	zenith, middle, horizon vec
	// toSun points to the sun, or to the moon at night; sun is its light.
	toSun, sun vec
	// ambient is the light from the whole sky, fog the colour of distant air.
	ambient, fog vec
	// disc is the angular size of sun or moon, 0 for none.
	disc   float64
	isMoon bool
	// cover is the share of clouds, 0..1; cirrus the share of high thin ones.
	cover, cirrus float64
	cloudScale    float64
	stars         float64
	milky         vec
	aurora        float64
	auroraHue     float64
	noise         *noise
	cloudLight    vec
	cloudShade    vec
	drift         [2]float64
}

// airs are the colours of the sky at an hour: zenith, middle, horizon, sun, sun's
// strength, sun's height in radians (low and high).
var airs = map[string]struct {
	zenith, middle, horizon, sun uint32
	power, low, high             float64
}{
	"dawn":   {0x44629c, 0x9aa9cc, 0xf3c9b0, 0xffc090, 2.6, 0.10, 0.20},
	"day":    {0x2662b4, 0x6ea6dc, 0xc6dfee, 0xfff2dc, 3.0, 0.55, 0.95},
	"golden": {0x46719f, 0x9fb4bf, 0xf6d6a0, 0xffc878, 3.3, 0.16, 0.28},
	"sunset": {0x2f4280, 0xb06a88, 0xff9e62, 0xffb07c, 2.6, 0.03, 0.09},
	"dusk":   {0x131d48, 0x4a4a86, 0xd98a84, 0xc98aa0, 0.9, 0.02, 0.05},
	"night":  {0x050a1c, 0x0c1736, 0x22345e, 0x9fb8e8, 0.55, 0.25, 0.5},
}

// newSky reads hour, weather and mood from the wish.
func newSky(w *wish, hour string) *sky {
	a, r := airs[hour], w.rng
	s := &sky{
		zenith: hex(a.zenith), middle: hex(a.middle), horizon: hex(a.horizon),
		sun: hex(a.sun).scale(a.power), noise: newNoise(r), isMoon: hour == "night",
		cover: r.between(0.1, 0.5), cirrus: r.between(0, 0.8), cloudScale: r.between(0.7, 1.3), disc: 0.018,
		drift: [2]float64{r.between(0, 200), r.between(0, 200)},
	}
	// The sun stands within the view at low hours, beside it at high ones.
	height, turn := r.between(a.low, a.high), r.between(-0.5, 0.5)
	if hour == "day" {
		turn = pick(r, -1.0, 1.0) * r.between(0.9, 2.0)
	}
	sh, ch := math.Sincos(height)
	st, ct := math.Sincos(turn)
	s.toSun = vec{ch * st, sh, ch * ct}
	s.weather(w)
	if hour == "night" {
		s.night(w)
	} else if hour == "dusk" || hour == "dawn" && w.has("star") {
		s.stars = 0.35
	}
	s.tone(w)
	s.settle()
	return s
}

// weather sets clouds and light from words; the negative prompt clears the sky.
func (s *sky) weather(w *wish) {
	grey := func(k, dim float64) {
		for _, c := range []*vec{&s.zenith, &s.middle, &s.horizon} {
			*c = saturate(*c, 1-k).scale(dim)
		}
	}
	switch {
	case w.weather("storm"):
		s.cover, s.cirrus = 0.85, 0
		s.sun = s.sun.scale(0.45)
		grey(0.6, 0.5)
	case w.weather("rain"):
		s.cover, s.cirrus = 0.8, 0
		s.sun = s.sun.scale(0.4)
		grey(0.55, 0.7)
	case w.weather("snow"):
		s.cover, s.cirrus = 0.75, 0
		s.sun = s.sun.scale(0.55)
		grey(0.5, 0.95)
	case w.weather("fog"):
		s.cover *= 0.6
		s.sun = s.sun.scale(0.75)
		grey(0.35, 1)
	case w.weather("clear"):
		s.cover, s.cirrus = 0, 0.15
	case w.weather("cloud"):
		s.cover = 0.62
	}
	if w.unwanted("weather/cloud") {
		s.cover, s.cirrus = 0, 0
	}
}

func (s *sky) night(w *wish) {
	s.stars, s.disc = 1, 0
	s.cover *= 0.4
	if w.has("moon") || w.rng.chance(0.45) && !w.unwanted("has/moon") {
		s.disc = 0.045
	}
	if w.has("aurora") {
		s.aurora, s.auroraHue, s.cover = 1, w.rng.between(0.36, 0.46), 0
	}
	if w.has("nebula") || w.has("star") || w.rng.chance(0.4) {
		s.milky = hsl(w.rng.between(0.55, 0.85), 0.5, 0.4)
	}
}

// tone shifts the sky towards colours and moods asked for.
func (s *sky) tone(w *wish) {
	for i, name := range w.colours("red", "orange", "yellow", "teal", "blue", "purple", "pink") {
		if i > 1 {
			break
		}
		p := paints[name]
		c := hsl(p[0], p[1], clamp(p[2], 0.3, 0.7))
		for k, part := range []*vec{&s.middle, &s.horizon, &s.zenith} {
			level := part.luma() / math.Max(c.luma(), 0.02)
			*part = mix(*part, c.scale(math.Min(level, 4)), []float64{0.55, 0.45, 0.4}[(k+i)%3])
		}
		s.sun = mix(s.sun, c.scale(s.sun.luma()/math.Max(c.luma(), 0.05)), 0.25)
	}
	switch {
	case w.mood("vivid"):
		s.change(func(c vec) vec { return saturate(c, 1.35) })
	case w.mood("pastel"):
		s.change(func(c vec) vec { return mix(saturate(c, 0.75), vec{0.75, 0.7, 0.72}, 0.22) })
	case w.mood("dark"):
		s.change(func(c vec) vec { return saturate(c, 0.75).scale(0.5) })
		s.sun = s.sun.scale(0.6)
	}
}

func (s *sky) change(f func(vec) vec) {
	s.zenith, s.middle, s.horizon = f(s.zenith), f(s.middle), f(s.horizon)
}

// settle derives what depends on the rest.
func (s *sky) settle() {
	s.ambient = s.zenith.scale(0.8).add(s.middle.scale(0.25)).add(s.horizon.scale(0.07))
	s.fog = mix(s.horizon, s.middle, 0.42)
	if s.isMoon {
		s.ambient = s.ambient.scale(2).add(vec{0.012, 0.018, 0.032})
	}
	s.cloudLight = s.sun.scale(0.30).add(s.horizon.scale(0.5))
	s.cloudShade = mix(s.middle, s.zenith, 0.35).scale(0.8)
}

// air is the clear sky's light with the glow around the sun.
func (s *sky) air(d vec) vec {
	h := clamp(d.y, 0, 1)
	t := 1 - math.Exp(-h*4.2)
	c := mix(mix(s.horizon, s.middle, smooth(0, 0.62, t)), s.zenith, smooth(0.4, 1.05, t))
	near := math.Max(0, d.dot(s.toSun))
	low := 1 - smooth(0, 0.6, s.toSun.y)
	glow := 0.10*math.Pow(near, 6)*low + 0.22*math.Pow(near, 40) + 0.30*math.Pow(near, 300)
	if s.isMoon && s.disc == 0 {
		glow *= 0.2
	}
	return c.add(s.sun.scale(glow))
}

// shade is everything that is seen in a direction.
func (s *sky) shade(d vec) vec {
	c := s.air(d)
	if d.y < -0.02 {
		return c
	}
	if s.stars > 0 {
		c = c.add(s.starlight(d).scale(smooth(0, 0.22, d.y)))
	}
	if s.disc > 0 {
		c = s.body(d, c)
	}
	if s.aurora > 0 {
		c = c.add(s.curtain(d))
	}
	return s.clouds(d, c)
}

// body draws the disc of sun or moon over c.
func (s *sky) body(d, c vec) vec {
	away := math.Acos(clamp(d.dot(s.toSun), -1, 1))
	if away > s.disc {
		return c
	}
	if !s.isMoon {
		return c.add(s.sun.scale(5 * smooth(s.disc, s.disc*0.75, away)))
	}
	q := d.scale(60)
	spots := 0.75 + 0.35*s.noise.fbm3(q, 4)
	return mix(c, vec{0.95, 0.93, 0.86}.scale(1.5*spots), smooth(s.disc, s.disc*0.96, away))
}

// starlight is a field of stars with a band of dense ones.
func (s *sky) starlight(d vec) vec {
	c := vec{}
	band := 0.0
	if s.milky != (vec{}) {
		across := d.dot(vec{0.62, -0.33, 0.71}.unit())
		band = math.Exp(-across*across*18) * clamp(0.55+0.7*s.noise.fbm3(d.scale(5), 4), 0, 1.3)
		dust := smooth(0.1, 0.6, s.noise.fbm3(d.scale(4).add(vec{7, 3, 1}), 4)) * math.Exp(-across*across*60)
		c = mix(s.milky, vec{0.7, 0.75, 0.9}, 0.35).scale(band * (1 - 0.8*dust) * 0.22)
	}
	px, py := d.x/(d.z+1.2), d.y/(d.z+1.2)
	for layer, density := range [2]float64{38, 90} {
		x, y := px*density, py*density
		xi, xf := floor(x)
		yi, yf := floor(y)
		if hash(xi, yi, 11+layer) > 0.30+0.4*band {
			continue
		}
		dx, dy := xf-0.2-0.6*hash(xi, yi, 12+layer), yf-0.2-0.6*hash(xi, yi, 14+layer)
		power := math.Pow(hash(xi, yi, 16+layer), 9)*2.8 + 0.22
		size := 0.0009 * density / 46 * (0.8 + power)
		c = c.add(mix(vec{1, 0.85, 0.7}, vec{0.75, 0.85, 1}, hash(xi, yi, 18+layer)).scale(power * math.Exp(-(dx*dx+dy*dy)/size)))
	}
	return c.scale(s.stars)
}

// curtain is the northern lights: bands that hang from a wavy line.
func (s *sky) curtain(d vec) vec {
	sum := vec{}
	for band := range 3 {
		k := float64(band)
		x := d.x/(d.z+0.4)*1.3 + k*3.7
		foot := 0.16 + 0.12*k + 0.16*s.noise.fbm(x*0.8+s.drift[0], k*9.1, 3)
		up := d.y - foot
		if up < 0 {
			sum = sum.add(hsl(s.auroraHue, 0.9, 0.5).scale(0.25 * math.Exp(up*26)))
			continue
		}
		folds := 0.55 + 0.45*s.noise.at(x*16+s.noise.at(x*3, k)*4, k)
		fine := 0.75 + 0.25*s.noise.at(x*55, k+4)
		c := mix(hsl(s.auroraHue, 0.85, 0.5), hsl(s.auroraHue+0.36, 0.7, 0.5), smooth(0.05, 0.4, up))
		sum = sum.add(c.scale(folds * fine * math.Exp(-up*(6+3*k)) * (0.9 - 0.2*k) * clamp(0.6+s.noise.at(x*0.9, k+2), 0, 1)))
	}
	return sum.scale(s.aurora * 0.62)
}

// clouds lays low clouds and high ones over c.
func (s *sky) clouds(d, c vec) vec {
	if d.y <= 0.004 || s.cover+s.cirrus <= 0.02 {
		return c
	}
	far := smooth(0.005, 0.16, d.y)
	x, z := d.x/(d.y+0.10), d.z/(d.y+0.10)
	if s.cirrus > 0 {
		a := s.noise.fbm(x*0.35+s.drift[1]+0.5*s.noise.at(x*0.6, z*0.6), z*1.3, 4)
		k := smooth(0.05, 0.9, a) * s.cirrus * far * 0.55
		c = mix(c, s.cloudLight.add(s.middle.scale(0.35)), k)
	}
	if s.cover <= 0.02 {
		return c
	}
	x, z = x*0.55*s.cloudScale+s.drift[0], z*0.55*s.cloudScale+s.drift[1]
	warp := s.noise.at(x*0.7+3, z*0.7) * 0.5
	density := s.density(x+warp, z)
	if density <= 0 {
		return c
	}
	toward := s.density(x+warp+s.toSun.x*0.22, z+s.toSun.z*0.22+0.05)
	lit := clamp(0.62+(density-toward)*1.5-density*0.38, 0, 1)
	near := math.Max(0, d.dot(s.toSun))
	rim := math.Pow(near, 8) * (1 - smooth(0, 0.5, density)) * 0.9
	cloud := mix(s.cloudShade, s.cloudLight, lit).add(s.sun.scale(rim * 0.5))
	cloud = mix(s.fog, cloud, smooth(0.02, 0.25, d.y))
	return mix(c, cloud, smooth(0, 0.34, density)*far*0.96)
}

// density is how much cloud there is at a place of the cloud layer.
func (s *sky) density(x, z float64) float64 {
	return s.noise.fbm(x, z, 5)*0.9 - lerp(0.62, -0.55, s.cover)
}

// flakes lays falling snow over c, in three sheets.
func (s *sky) flakes(x, y, amount float64, c vec) vec {
	if amount <= 0 {
		return c
	}
	white := s.fog.scale(0.4).add(vec{0.55, 0.57, 0.6}.scale(clamp(s.ambient.luma()*2.2, 0.1, 1)))
	for sheet, size := range [3]float64{9, 17, 31} {
		u, v := (x+0.18*y)*size, y*size
		xi, xf := floor(u)
		yi, yf := floor(v)
		if hash(xi, yi, 60+sheet) > 0.55 {
			continue
		}
		dx, dy := xf-0.2-0.6*hash(xi, yi, 61+sheet), yf-0.2-0.6*hash(xi, yi, 63+sheet)
		radius := 0.03 + 0.06*hash(xi, yi, 65+sheet)
		c = mix(c, white, amount*0.8*smooth(radius, radius*0.3, math.Sqrt(dx*dx+dy*dy)))
	}
	return c
}

// streaks lays falling rain over c.
func (s *sky) streaks(x, y, amount float64, c vec) vec {
	if amount <= 0 {
		return c
	}
	xi, _ := floor(x*330 + y*30)
	fall := int(math.Floor(y*6.5 + hash(xi, 0, 3)*9))
	streak := smooth(0.88, 1, hash(xi, fall, 9))
	return c.add(s.fog.add(vec{0.05, 0.06, 0.07}).scale(0.13 * streak * amount))
}
