package builtin

import (
	"math"
	"slices"
)

// newLand joins sky and noise; the families fill in the rest.
func newLand(w *wish, s *sky) *land {
	r := w.rng
	l := &land{sky: s, noise: newNoise(r), rough: 1, haze: 0.033, stride: usualStride}
	l.ground = ground{
		grass: hex(0x48632f), dry: hex(0x74743c), rock: hex(0x77706a), sand: hex(0xcdb68a),
		leaves:   []vec{hex(0x1f3d22), hex(0x2a4a26), hex(0x24422e)},
		snowLine: 9, treeLine: 1.25, strata: 0.5,
	}
	l.water = water{deep: hex(0x0d3b4a), shoal: hex(0x3f8f86), waves: 0.5}
	switch w.season() {
	case "spring":
		l.grass, l.dry = hex(0x527d34), hex(0x7a8f42)
		l.leaves = []vec{hex(0x3c6a2c), hex(0x55803a), hex(0x2f5a30)}
	case "summer":
		l.grass, l.dry = hex(0x446c2d), hex(0x6c7a38)
	case "autumn":
		l.grass, l.dry, l.round = hex(0x84763a), hex(0xa88742), true
		l.leaves = []vec{hex(0xb5521b), hex(0xc98a1e), hex(0x93301a), hex(0x6b6a28), hex(0xd09a2c)}
	case "winter":
		l.snowLine = -0.4
		l.dry, l.grass = hex(0x8f8a72), hex(0x7d7c66)
	}
	if w.unwanted("has/snow") || w.unwanted("season/winter") {
		l.snowLine = 9
	}
	switch names := w.colours("green", "brown"); {
	case slices.Contains(names, "green"):
		l.grass, l.dry = saturate(l.grass, 1.3), mix(l.dry, l.grass, 0.75)
	case len(names) > 0:
		l.grass, l.dry = mix(l.grass, hex(0x6a5232), 0.7), mix(l.dry, hex(0x8a6a42), 0.7)
	}
	l.weather(w)
	return l
}

// weather thickens the air.
func (l *land) weather(w *wish) {
	if w.weather("fog") {
		l.haze, l.mist, l.mistHeight = 0.06, 0.38, 0.36
	} else if w.rng.chance(0.3) && !w.unwanted("weather/fog") {
		l.mist, l.mistHeight = 0.13, 0.22
	}
	if w.weather("rain") || w.weather("storm") {
		l.haze += 0.03
		l.waves += 0.4
	}
	if w.weather("rain") && l.snowfall == 0 {
		l.rainfall = 1
	}
	if w.weather("snow") {
		l.snowfall, l.haze = 1, l.haze+0.04
		l.snowLine = math.Min(l.snowLine, 0)
	}
	if w.mood("calm") {
		l.waves *= 0.35
	}
	if w.unwanted("weather/fog") {
		l.mist, l.haze = 0, 0.02
	}
}

func composeLandscape(j *job, w *wish, f frame) (painting, error) {
	r := w.rng
	hour := w.hour("day", "golden", "golden", "sunset", "dawn", "day")
	l := newLand(w, newSky(w, hour))
	kind := ""
	for _, k := range []string{"volcano", "mesa", "mountain", "hill"} {
		if kind == "" && w.has(k) {
			kind = k
		}
	}
	if kind == "" {
		kind = w.choose("has/", []string{"mountain", "mountain", "hill"})
	}
	lake := w.has("lake") || kind == "mountain" && r.chance(0.5) && !w.unwanted("has/lake")
	share := -1.0
	if lake {
		share = r.between(0.22, 0.3)
	}
	if err := l.raise(j, w, kind, share); err != nil {
		return painting{}, err
	}
	l.plant(w, kind)
	want := goal{sky: 0.36, water: 0.2, top: 0.16}
	if kind == "hill" {
		want = goal{sky: 0.4, water: 0.14, top: 0.06}
	}
	if kind == "volcano" {
		want.aim, want.top = &l.cone, 0.12
	}
	if !lake {
		l.none, want.water = true, 0
	}
	if err := l.seek(j, r, f, want.towards(w)); err != nil {
		return painting{}, err
	}
	title := map[string]string{"mountain": "mountains", "hill": "hills", "mesa": "canyon land", "volcano": "volcano"}[kind]
	if lake {
		title += " with a lake"
	}
	k := landLook(w, hour)
	k.leafy = l.trees > 0.3
	return newPainting(l, k, title+", "+hourName(hour)), nil
}

// raise makes the terrain of a kind and floods a share of it.
func (l *land) raise(j *job, w *wish, kind string, share float64) error {
	n, r := l.noise, w.rng
	wild := 1.0
	if w.mood("wild") {
		wild = 1.35
	} else if w.mood("calm") {
		wild = 0.8
	}
	oct := func(u, v float64, base, octaves int, ridge bool) float64 {
		sum, amp, total, weight := 0.0, 1.0, 0.0, 1.0
		for k := range octaves {
			cells := min(base<<k, 256)
			x := n.periodic(u*float64(cells)+float64(k)*0.37, v*float64(cells)+float64(k)*0.71, cells-1)
			if ridge {
				x = 1 - abs(x)*1.25
				x *= abs(x) * weight
				weight = clamp(x*1.7, 0, 1)
			}
			sum, total = sum+amp*x, total+amp
			amp *= 0.48
		}
		return sum / total
	}
	phase := r.float()
	l.cone = [2]float64{math.Mod(1.5-phase, 1) * terrainSize, math.Mod(1.5-0.6*phase, 1) * terrainSize}
	t, err := newTerrain(j, func(u, v float64) float64 {
		u, v = u+phase, v+phase*0.6
		wu := u + 0.02*oct(u+0.3, v, 4, 3, false)
		wv := v + 0.02*oct(u, v+0.6, 4, 3, false)
		switch kind {
		case "hill":
			return 0.85*oct(wu, wv, 8, 4, false)*wild + 0.5*oct(u, v, 4, 2, false)
		case "mesa":
			x := oct(wu, wv, 8, 6, false)*1.5 + 0.35
			step := math.Floor(x*2.2) + smooth(0.42, 0.6, x*2.2-math.Floor(x*2.2))
			return (step*0.62 + 0.12*x) * wild
		case "volcano":
			du, dv := math.Mod(u+8, 1)-0.5, math.Mod(v+8, 1)-0.5
			far := math.Sqrt(du*du+dv*dv) * terrainSize
			cone := 3.1 * math.Exp(-far*0.42)
			cone = math.Min(cone, 4.4-cone*0.95)
			return cone*wild + 0.55*oct(wu, wv, 8, 6, false) + 0.3*oct(wu, wv, 16, 4, true)*math.Exp(-far*0.3)
		}
		range1 := oct(wu, wv, 8, 7, true)
		uplift := smooth(-0.35, 0.55, oct(u, v, 4, 2, false))
		return (2.9*range1*(0.25+0.75*uplift) + 0.35*oct(u, v, 8, 3, false)) * wild
	})
	if err != nil {
		return err
	}
	l.terrain = t
	drops := map[string]int{"hill": 12000, "mesa": 15000, "mountain": 60000, "volcano": 40000}[kind]
	if err := t.erode(j, r, drops); err != nil {
		return err
	}
	if share > 0 {
		t.lower(share)
	} else {
		t.lower(0.02)
	}
	t.settle()
	return nil
}

// plant decides what grows and lies on the ground.
func (l *land) plant(w *wish, kind string) {
	r := w.rng
	l.trees = 0
	if w.has("forest") {
		l.trees = 0.8
	} else if !w.unwanted("has/forest") && !w.unwanted("scene/forest") {
		l.trees = r.between(0.15, 0.6)
	}
	if w.has("flower") {
		l.flowers = petals(w)
	}
	switch kind {
	case "mountain":
		l.stride = 0.28
		if l.snowLine > 5 && (w.has("snow") || r.chance(0.7)) && !w.unwanted("has/snow") {
			l.snowLine = r.between(1.15, 1.7)
		}
	case "mesa":
		l.barren, l.trees, l.strata, l.round = true, l.trees*0.3, 1.3, true
		l.rock, l.sand, l.dry = hex(0xb0623a), hex(0xc98d58), hex(0xa87444)
		l.leaves = []vec{hex(0x55602c), hex(0x6b6a38)}
	case "volcano":
		l.rock, l.strata, l.treeLine = hex(0x4a403d), 0.2, 0.7
		l.barren, l.sand, l.dry = true, hex(0x6a5c50), hex(0x59603a)
		if w.has("snow") {
			l.snowLine = 1.6
		}
	case "hill":
		l.rough = 0.4
		l.round, l.treeLine = true, 3
		l.trees *= 0.7
		l.broadleaf(w)
	}
}

// broadleaf gives round trees the green of leaves rather than of needles, unless the
// season has colours of its own.
func (l *land) broadleaf(w *wish) {
	if season := w.season(); season == "" || season == "summer" {
		l.leaves = []vec{hex(0x345a28), hex(0x42692e), hex(0x2d5230), hex(0x4f7233)}
	}
}

// petals are the colours of flowers: those asked for, or a gay mixture.
func petals(w *wish) []vec {
	var list []vec
	for _, name := range w.colours() {
		p := paints[name]
		list = append(list, hsl(p[0], p[1], p[2]))
	}
	if len(list) == 0 {
		list = []vec{hex(0xd8404a), hex(0xf0c23a), hex(0xf2f0ea), hex(0x8a5cc0), hex(0xe88ab8)}
	}
	return list
}

// landLook is how outdoor scenes are developed.
func landLook(w *wish, hour string) look {
	k := look{exposure: 1.12, bloom: 0.5, vignette: 0.18}
	switch hour {
	case "day":
		k.exposure = 1.0
	case "night":
		k.exposure = 2.1
	case "dusk":
		k.exposure = 1.9
	case "sunset":
		k.exposure = 1.3
	}
	if w.mood("warm") {
		k.warm = 0.8
	} else if w.mood("cold") {
		k.warm = -0.8
	}
	if w.mood("dark") {
		k.exposure *= 0.75
		k.vignette += 0.15
	}
	return k
}

func hourName(hour string) string {
	return map[string]string{
		"dawn": "at dawn", "day": "by day", "golden": "in evening light", "sunset": "at sunset", "dusk": "at dusk", "night": "at night",
	}[hour]
}
