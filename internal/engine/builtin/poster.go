package builtin

import "math"

// poster is flat graphic work on paper: either blocks of simple forms or a reduced
// landscape of sun and hills.
type poster struct {
	noise  *noise
	kind   string
	ink    []vec
	paper  vec
	f      frame
	nx, ny int
	salt   int
	forms  []int
	sunX   float64
	sunY   float64
	sunR   float64
	shapes []shape
	stripe bool
	peaks  bool
}

// shape is one flat form of a free composition.
type shape struct {
	kind         int
	x, y, size   float64
	turnS, turnC float64
	ink          vec
}

func composePoster(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	p := &poster{noise: newNoise(r), f: f, salt: r.below(99999), paper: hex(0xf2e8d5)}
	stops := paletteFor(w)
	p.ink = stops
	if r.chance(0.3) || w.mood("dark") {
		p.paper = stops[0]
		p.ink = append(stops[1:len(stops):len(stops)], hex(0xf2e8d5))
	}
	for _, form := range []struct {
		word string
		ids  []int
	}{{"circle", []int{0, 1, 2, 6}}, {"triangle", []int{3, 4}}, {"square", []int{5, 8, 3}}, {"line", []int{7, 9}}} {
		if w.has(form.word) {
			p.forms = append(p.forms, form.ids...)
		}
	}
	named := len(p.forms) > 0
	if !named {
		p.forms = []int{0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	}
	hills := w.has("sun", "mountain", "hill", "lake", "wave", "dune", "moon")
	p.peaks = w.has("mountain")
	switch {
	case hills || !named && r.chance(0.35):
		p.kind = "hills"
	case r.chance(0.5):
		p.kind = "blocks"
	default:
		p.kind = "free"
	}
	p.nx = 4 + r.below(3)
	p.ny = max(1, int(math.Round(float64(p.nx)*f.top/f.right)))
	if f.top > f.right {
		p.ny = 5 + r.below(4)
		p.nx = max(1, int(math.Round(float64(p.ny)*f.right/f.top)))
	}
	small := math.Min(f.right, f.top)
	p.sunX, p.sunY, p.sunR = r.between(-0.4, 0.4)*f.right, f.top*r.between(0.15, 0.45), small*r.between(0.3, 0.5)
	p.stripe = r.chance(0.5)
	for i := range 9 {
		s := shape{kind: p.forms[r.below(len(p.forms))], x: r.between(-0.7, 0.7) * f.right, y: r.between(-0.7, 0.7) * f.top, ink: p.ink[r.below(len(p.ink))]}
		s.size = small * lerp(0.62, 0.10, math.Sqrt(float64(i)/9)) * r.between(0.8, 1.2)
		s.turnS, s.turnC = math.Sincos(float64(r.below(8)) * math.Pi / 4)
		p.shapes = append(p.shapes, s)
	}
	title := map[string]string{"hills": "sun and hills", "blocks": "blocks of forms", "free": "free forms"}[p.kind]
	return newPainting(p, look{flat: true}, "geometric poster, "+title), nil
}

// posterMargin is the paper left around the print.
const posterMargin = 0.045

func (p *poster) shade(x, y float64) vec {
	const margin = posterMargin
	inX, inY := p.f.right-abs(x), p.f.top-abs(y)
	c := p.paper
	if inX > margin && inY > margin {
		switch p.kind {
		case "hills":
			c = p.hills(x, y)
		case "blocks":
			c = p.blocks(x, y, margin)
		default:
			c = p.free(x, y)
		}
	}
	// The paper's fibres and the ink's slight unevenness.
	grain := 1 + 0.035*p.noise.fbm(x*42, y*42, 3) + 0.03*(hash(int(x*900+5000), int(y*900+5000), p.salt)-0.5)
	return c.scale(grain)
}

// hills is a disc of sun above layers of flat hills.
func (p *poster) hills(x, y float64) vec {
	n := len(p.ink)
	c := mix(p.ink[n-1], p.ink[max(0, n-2)], smooth(p.f.top, -p.f.top*0.3, y)*0.8)
	dx, dy := x-p.sunX, y-p.sunY
	d := math.Sqrt(dx*dx + dy*dy)
	for ring := 3; ring >= 1; ring-- {
		if d < p.sunR*(1+0.35*float64(ring)) {
			c = mix(c, p.ink[n/2], 0.13)
		}
	}
	sun := p.ink[n/2]
	if n > 4 {
		sun = p.ink[n-2]
	}
	if d < p.sunR {
		cut := p.stripe && dy < 0 && math.Mod(-dy/p.sunR*5+9, 1) < 0.15-0.5*dy/p.sunR
		if !cut {
			c = sun
		}
	}
	const layers = 6
	for i := range layers {
		k := float64(i) / (layers - 1)
		o := float64(i)*11.3 + float64(p.salt%89)
		line := lerp(0.10, -0.82, k)*p.f.top + 0.16*(1-0.5*k)*p.noise.at(x*1.5+o, o)
		if p.peaks && i < 4 {
			line += 0.30*(1-k)*(0.5-abs(math.Mod(x*1.3+o+9, 1)-0.5)*2) + 0.03*p.noise.at(x*9, o)
		} else {
			line += 0.04 * p.noise.at(x*3.7+o, o)
		}
		if y < line {
			tone := mix(p.ink[n/2-1], p.ink[0], k)
			if i&1 == 1 {
				tone = mix(tone, sun, 0.16*(1-k))
			}
			c = tone
			if p.peaks && i < 4 && line > lerp(0.16, 0.02, k)*p.f.top && y > line-0.05*(1-k)*(0.55+0.45*abs(math.Mod(x*17+40, 2)-1)) {
				c = mix(tone, p.ink[n-1], 0.75)
			}
		}
	}
	return c
}

// blocks is a grid of quarter circles, triangles, arcs and stripes.
func (p *poster) blocks(x, y, margin float64) vec {
	u := (x + p.f.right - margin) / (2*p.f.right - 2*margin) * float64(p.nx)
	v := (y + p.f.top - margin) / (2*p.f.top - 2*margin) * float64(p.ny)
	i, uf := floor(u)
	j, vf := floor(v)
	pickInk := func(salt int) int { return int(hash(i, j, p.salt+salt) * float64(len(p.ink))) }
	back, front := pickInk(1), pickInk(2)
	if front == back {
		front = (back + 1 + pickInk(3)/2) % len(p.ink)
	}
	for range int(hash(i, j, p.salt+4) * 4) {
		uf, vf = 1-vf, uf
	}
	kind := p.forms[int(hash(i, j, p.salt+5)*float64(len(p.forms)))]
	if inside(kind, uf*2-1, vf*2-1) {
		return p.ink[front]
	}
	if kind == 2 && math.Hypot(uf*2-1, vf*2-1) < 0.98 && hash(i, j, p.salt+6) < 0.5 {
		return p.ink[(front+1)%len(p.ink)]
	}
	return p.ink[back]
}

// free lays forms over each other; where two meet the inks mix as in printing.
func (p *poster) free(x, y float64) vec {
	c := p.paper
	for i := range p.shapes {
		s := &p.shapes[i]
		dx, dy := (x-s.x)/s.size, (y-s.y)/s.size
		if inside(s.kind, dx*s.turnC-dy*s.turnS, dx*s.turnS+dy*s.turnC) {
			if i&1 == 1 {
				c = mix(c.mul(s.ink).scale(1.25), s.ink, 0.45)
			} else {
				c = s.ink
			}
		}
	}
	return c
}

// inside tells whether a place of the square -1..1 belongs to a form.
func inside(kind int, x, y float64) bool {
	if abs(x) > 1 || abs(y) > 1 {
		return false
	}
	switch kind {
	case 0: // disc
		return x*x+y*y < 0.81
	case 1: // quarter disc
		return (x+1)*(x+1)+(y+1)*(y+1) < 4
	case 2: // ring
		d := x*x + y*y
		return d < 0.96 && d > 0.36
	case 3: // half square, cut across
		return x+y < 0
	case 4: // triangle
		return y > -0.9 && abs(x) < 0.5*(0.9-y)
	case 5: // square
		return abs(x) < 0.72 && abs(y) < 0.72
	case 6: // half disc
		return x*x+y*y < 0.92 && y < 0
	case 7: // stripes
		return math.Mod(x+1, 0.4) < 0.2
	case 8: // leaf of two arcs
		return (x+1)*(x+1)+(y+1)*(y+1) < 4 && (x-1)*(x-1)+(y-1)*(y-1) < 4
	default: // quarter rings
		d := math.Hypot(x+1, y+1)
		return d < 2 && math.Mod(d, 0.5) < 0.26
	}
}
