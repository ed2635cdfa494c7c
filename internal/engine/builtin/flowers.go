package builtin

import (
	"math"
	"slices"
)

// meadow is a field of flowers seen from low down, sharp at one distance.
type meadow struct {
	sky     *sky
	noise   *noise
	layers  []meadowLayer
	kinds   []string
	inks    []vec
	blade   []vec
	horizon float64
	salt    int
	light   vec
	shadow  vec
	roses   [roseKinds][]petal
}

// meadowLayer is what grows at one distance.
type meadowLayer struct {
	base, scale float64
	// soft is the blur of its edges, in its own scale.
	soft float64
	air  float64
	salt int
	// crowd is the share of places that carry a flower.
	crowd      float64
	first      int
	plants     []plant
	firstBlade [2]int
	blades     [2][]blade
	// rank counts from the nearest layer of the usual view, 0.
	rank int
}

const meadowLayers = 19

func composeFlowers(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	hour := w.hour("golden", "day", "golden", "dawn", "sunset")
	s := newSky(w, hour)
	m := &meadow{sky: s, noise: newNoise(r), salt: r.below(99999), horizon: f.top * r.between(0.12, 0.42)}
	for _, k := range []string{"poppy", "tulip", "daisy", "sunflower", "lavender", "rose"} {
		if w.has(k) {
			m.kinds = append(m.kinds, k)
		}
	}
	if len(m.kinds) == 0 {
		m.kinds = pick(r, []string{"poppy", "daisy"}, []string{"tulip"}, []string{"daisy", "lavender"}, []string{"sunflower"}, []string{"poppy", "daisy", "lavender"}, []string{"lavender"}, []string{"poppy"})
	}
	m.inks = petals(w)
	if len(w.colours()) == 0 {
		m.inks = nil
	}
	m.blade = []vec{hex(0x2f5a22), hex(0x4c7a2c), hex(0x6d9038)}
	if w.tag("season/autumn") {
		m.blade = []vec{hex(0x6a5a26), hex(0x8a7430), hex(0x9c8a44)}
	}
	m.light = s.sun.scale(0.34).add(s.ambient.scale(0.8)).add(s.horizon.scale(0.12))
	m.shadow = s.ambient.scale(0.7).add(s.sun.scale(0.08))
	for i := range meadowLayers {
		m.layers = append(m.layers, m.layer(i, f.top, r.between(0.55, 0.85)))
	}
	m.layers[0].crowd = 0.35
	// Nearer ones, below the usual view, are there for wider ones.
	for i := -1; i > -nearLayers; i-- {
		if l := m.layer(i, f.top, 0.5); l.base+1.15*l.scale < -f.top {
			m.layers = slices.Insert(m.layers, 0, l)
		}
	}
	for i := range m.roses {
		m.roses[i] = newRose(r)
	}
	for i := range m.layers {
		m.sow(&m.layers[i], f.right*maxZoom)
	}
	k := landLook(w, hour)
	k.bloom = 0.7
	title := "meadow with "
	for i, kind := range m.kinds {
		if i > 0 {
			title += " and "
		}
		title += map[string]string{"poppy": "poppies", "tulip": "tulips", "daisy": "daisies", "sunflower": "sunflowers", "lavender": "lavender", "rose": "roses"}[kind]
	}
	return newPainting(m, k, title+", "+hourName(hour)), nil
}

// nearLayers bounds how many layers lie before the usual view.
const nearLayers = 9

// layer is what grows at the i-th distance; the ground comes nearer towards its foot.
func (m *meadow) layer(i int, top, crowd float64) meadowLayer {
	z := math.Pow(1.2, float64(i)) * 0.85
	k := max(0, float64(i)/(meadowLayers-1))
	return meadowLayer{
		base: m.horizon - 1.12*(top+m.horizon)/z, scale: 0.36 / z, rank: i,
		soft: 0.035 + 0.22*math.Max(0, abs(1/z-0.6)-0.15), air: 0.75 * k * k, salt: m.salt + i*131, crowd: crowd,
	}
}

func (m *meadow) shade(x, y float64) vec {
	out, left := vec{}, 1.0
	for i := range m.layers {
		l := &m.layers[i]
		c, a := m.cover(l, x, y)
		if a <= 0 {
			continue
		}
		c = mix(c, m.sky.fog, l.air)
		out = out.add(c.scale(a * left))
		if left *= 1 - a; left < 0.02 {
			return out
		}
	}
	return out.add(m.far(x, y).scale(left))
}

// far is what lies behind the meadow: sky, soft hills and trees out of focus.
func (m *meadow) far(x, y float64) vec {
	h := y - m.horizon
	c := m.sky.shade(vec{x, math.Max(h, 0) + 0.05, 1.1}.unit())
	for i := 3; i >= 0; i-- {
		k := float64(i) / 3
		o := float64(m.salt%61) + float64(i)*9
		line := 0.02 + 0.055*k + 0.035*m.noise.fbm(x*lerp(4, 1.2, k)+o, o, 3)*(0.5+k)
		tone := mix(m.blade[0].scale(0.6), m.blade[1], 0.3*k).mul(m.light)
		c = mix(c, mix(tone, m.sky.fog, 0.30+0.5*k), smooth(0.012, -0.012, h-line))
	}
	return c
}

// plant is one flower of a layer; lengths are in the layer's scale.
type plant struct {
	bud
	kind            string
	root, tip, tall float64
	size            float64
}

// blade is one leaf of grass: it rises from root, bends by lean and ends at tall.
type blade struct {
	root, lean, tall, half float64
	dark, light            vec
}

// bladeWidths are the distances between the blades of the two sets of a layer.
var bladeWidths = [2]float64{0.048, 0.030}

const plantSpacing = 0.30

// sow fixes the plants of a layer, so that painting has nothing to look up.
func (m *meadow) sow(l *meadowLayer, right float64) {
	span := right/l.scale + 1
	l.first = -int(span/plantSpacing) - 2
	for n := l.first; n <= -l.first; n++ {
		p := plant{tall: 0.62 + 0.45*hash(n, 3, l.salt), size: 0.12 + 0.055*hash(n, 6, l.salt)}
		if hash(n, 1, l.salt) <= l.crowd {
			p.kind = m.kinds[int(hash(n, 2, l.salt)*float64(len(m.kinds)))]
		}
		p.root = (float64(n) + 0.5 + 0.7*(hash(n, 5, l.salt)-0.5)) * plantSpacing
		p.tip = p.root + 0.35*(hash(n, 4, l.salt)-0.5)*p.tall
		p.bud = bud{noise: m.noise, id: n*7 + l.salt, turn: 6.28 * hash(n, 7, l.salt), tilt: 0.45 + 0.45*hash(n, 9, l.salt)}
		if p.kind != "" {
			p.ink = m.ink(p.kind, hash(n, 8, l.salt))
			p.petals = m.roses[int(hash(n, 10, l.salt)*roseKinds)]
		}
		l.plants = append(l.plants, p)
	}
	for set, width := range bladeWidths {
		l.firstBlade[set] = -int(span/width) - 4
		for n := l.firstBlade[set]; n <= -l.firstBlade[set]; n++ {
			tone := m.blade[int(hash(n, 28+set, l.salt)*float64(len(m.blade)))]
			l.blades[set] = append(l.blades[set], blade{
				root: (float64(n) + 0.5 + 0.6*(hash(n, 22+set, l.salt)-0.5)) * width,
				lean: (hash(n, 24+set, l.salt) - 0.5) * 0.2, half: 0.0115 * (1 + 0.5*hash(n, 26+set, l.salt)),
				tall: (0.25 + 0.45*hash(n, 20+set, l.salt)) * (0.8 + 0.3*float64(set)),
				dark: tone.mul(m.shadow).scale(0.5), light: tone.mul(m.light).scale(1.15),
			})
		}
	}
}

// cover is a layer's colour and how much it covers at a place.
func (m *meadow) cover(l *meadowLayer, x, y float64) (vec, float64) {
	v := (y - l.base) / l.scale
	if v > 1.5 {
		return vec{}, 0
	}
	u := x / l.scale
	if v < -0.1 {
		return m.blade[0].mul(m.shadow).scale(0.8), 1
	}
	ci, _ := floor(u / plantSpacing)
	for n := ci - 1; n <= ci+1; n++ {
		p := &l.plants[min(max(n-l.first, 0), len(l.plants)-1)]
		if p.kind == "" {
			continue
		}
		if c, a := m.flower(l, p, u, v); a > 0.01 {
			return c, a
		}
	}
	return m.grass(l, u, v)
}

// flower is one plant: its head, or else its stem.
func (m *meadow) flower(l *meadowLayer, p *plant, u, v float64) (vec, float64) {
	if c, d := p.head(p.kind, (u-p.tip)/p.size, (v-p.tall)/p.size); d < l.soft {
		if a := smooth(l.soft, -l.soft-0.02, d); a > 0.01 {
			return c.mul(m.light), a
		}
	}
	if v < p.tall && v > 0 {
		k := v / p.tall
		mid := lerp(p.root, p.tip, k*k)
		const half = 0.0085
		if a := smooth(half+l.soft*0.03, half-l.soft*0.03-0.002, abs(u-mid)); a > 0 {
			return mix(m.blade[0].mul(m.shadow), m.blade[1].mul(m.light), k), a
		}
	}
	return vec{}, 0
}

func (m *meadow) ink(kind string, t float64) vec {
	if len(m.inks) > 0 && (kind != "daisy" || len(m.kinds) == 1) {
		return m.inks[int(t*float64(len(m.inks)))]
	}
	list := map[string][]vec{
		"poppy": {hex(0xd8281e), hex(0xe23a22), hex(0xc92020)}, "daisy": {hex(0xf6f4ee)},
		"tulip":     {hex(0xd8324a), hex(0xf0b428), hex(0xe8728e), hex(0xf2ead8), hex(0x8a3a8a)},
		"sunflower": {hex(0xf4b41a), hex(0xf0a414)}, "lavender": {hex(0x7a5cc0), hex(0x8f6ad0), hex(0x6a50b0)},
		"rose": {hex(0xc8203c), hex(0xe87a96), hex(0xf4e6d8)},
	}[kind]
	return list[int(t*float64(len(list)))]
}

// grass is the blades of a layer, with a dark ground below.
func (m *meadow) grass(l *meadowLayer, u, v float64) (vec, float64) {
	if v > 0.75 {
		return vec{}, 0
	}
	best, cover := vec{}, 0.0
	for set, width := range bladeWidths {
		ci, _ := floor(u / width)
		from := min(max(ci-3-l.firstBlade[set], 0), len(l.blades[set])-7)
		for i := from; i < from+7; i++ {
			b := &l.blades[set][i]
			if v > b.tall {
				continue
			}
			k := max(v, 0) / b.tall
			off := abs(u - b.root - b.lean*k*k)
			half := b.half * (1 - k)
			if off > half+l.soft*0.02 {
				continue
			}
			if a := smooth(half+l.soft*0.02, half-l.soft*0.02-0.002, off); a > cover {
				best, cover = mix(b.dark, b.light, k*0.95+0.05), a
			}
		}
	}
	if edge := 0.24 + 0.16*m.noise.at(u*5, float64(l.salt%97)); v < edge {
		ground := mix(m.blade[1].mul(m.light).scale(0.5), m.blade[0].mul(m.shadow).scale(0.8), smooth(edge, -0.1, v))
		best = mix(ground, best, cover)
		cover = max(cover, smooth(edge, edge-0.2, v))
	}
	return best, cover
}
