package builtin

import "math"

// pattern is a tile whose opposite edges fit together.
type pattern struct {
	noise  *noise
	kind   string
	ink    []vec
	f      frame
	nx, ny int
	salt   int
	petals int
}

func composePattern(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	p := &pattern{noise: newNoise(r), ink: paletteFor(w), f: f, salt: r.below(99999), petals: 5 + r.below(4)}
	for _, k := range []string{"hexagon", "scale", "truchet", "leaf", "flower", "terrazzo", "circle", "triangle", "wave"} {
		if p.kind == "" && w.has(k) {
			p.kind = k
		}
	}
	if p.kind == "" {
		p.kind = pick(r, "hexagon", "scale", "truchet", "leaf", "flower", "terrazzo", "circle", "triangle")
	}
	if p.kind == "wave" {
		p.kind = "scale"
	}
	base := float64(4 + r.below(4))
	p.nx = 2 * max(1, int(math.Round(base*f.right)))
	p.ny = 2 * max(1, int(math.Round(base*f.top)))
	title := map[string]string{
		"hexagon": "hexagons", "scale": "scallops", "truchet": "woven arcs", "leaf": "leaves", "flower": "flowers",
		"terrazzo": "terrazzo", "circle": "circles", "triangle": "triangles",
	}[p.kind]
	return newPainting(p, look{flat: true, wraps: true}, "seamless pattern of "+title), nil
}

// cell wraps a cell's numbers so that the last cell's neighbour is the first one.
func (p *pattern) cell(i, j int) (int, int) {
	return ((i % p.nx) + p.nx) % p.nx, ((j % p.ny) + p.ny) % p.ny
}

func (p *pattern) hash(i, j, salt int) float64 {
	i, j = p.cell(i, j)
	return hash(i, j, p.salt+salt)
}

func (p *pattern) tone(t float64) vec {
	return p.ink[min(int(t*float64(len(p.ink))), len(p.ink)-1)]
}

func (p *pattern) shade(x, y float64) vec {
	u := (x/p.f.right + 1) / 2 * float64(p.nx)
	v := (y/p.f.top + 1) / 2 * float64(p.ny)
	var c vec
	switch p.kind {
	case "hexagon":
		c = p.hexagons(u, v)
	case "scale":
		c = p.scales(u, v)
	case "truchet":
		c = p.truchet(u, v)
	case "leaf", "flower":
		c = p.garden(u, v)
	case "terrazzo":
		c = p.terrazzo(u, v)
	case "circle":
		c = p.circles(u, v)
	default:
		c = p.triangles(u, v)
	}
	// A woven ground that repeats with the tile.
	k := 64.0
	weave := p.noise.periodic(u/float64(p.nx)*k, v/float64(p.ny)*k, 63) + 0.6*p.noise.periodic(u/float64(p.nx)*256, v/float64(p.ny)*256, 255)
	return c.scale(1 + 0.03*weave)
}

// hexagons are honeycombs with rings inside; rows alternate by half a cell.
func (p *pattern) hexagons(u, v float64) vec {
	best, second, bi, bj := 9.0, 9.0, 0, 0
	j0, _ := floor(v)
	for j := j0 - 1; j <= j0+1; j++ {
		shift := 0.5 * float64(j&1)
		i0, _ := floor(u - shift)
		for i := i0 - 1; i <= i0+1; i++ {
			dx, dy := u-shift-float64(i)-0.5, (v-float64(j)-0.5)*0.9
			if d := dx*dx + dy*dy; d < best {
				best, second, bi, bj = d, best, i, j
			} else if d < second {
				second = d
			}
		}
	}
	edge := second - best
	if edge < 0.07 {
		return p.ink[len(p.ink)-1]
	}
	c := p.tone(p.hash(bi, bj, 1))
	if edge > 0.30 && p.hash(bi, bj, 2) < 0.6 {
		c = mix(c, p.tone(p.hash(bi, bj, 3)), 0.8)
	}
	if edge > 0.55 && p.hash(bi, bj, 4) < 0.6 {
		c = p.ink[len(p.ink)-1]
	}
	return c
}

// scales are overlapping fans of arcs.
func (p *pattern) scales(u, v float64) vec {
	v *= 2
	j0, _ := floor(v)
	for j := j0 - 3; j <= j0+1; j++ {
		shift := 0.5 * float64(j&1)
		i, uf := floor(u + shift)
		dx, dy := uf-0.5, v-float64(j)
		dy *= 0.5
		d := math.Hypot(dx, dy) * 2
		if d >= 1 || dy < -0.5 {
			continue
		}
		i0, j1 := ((i%p.nx)+p.nx)%p.nx, ((j%(2*p.ny))+2*p.ny)%(2*p.ny)
		first := int(hash(i0, j1, p.salt) * float64(len(p.ink)-1))
		ring := int((1 - d) * 4.6)
		if (1-d)*4.6-float64(ring) < 0.17 {
			return p.ink[len(p.ink)-1]
		}
		return mix(p.ink[first], p.ink[(first+1)%len(p.ink)], float64(ring)*0.28)
	}
	return p.ink[0]
}

// truchet is a weave of quarter rings in cells turned by chance.
func (p *pattern) truchet(u, v float64) vec {
	i, x := floor(u)
	j, y := floor(v)
	if p.hash(i, j, 1) < 0.5 {
		x = 1 - x
	}
	d := math.Min(math.Hypot(x, y), math.Hypot(1-x, 1-y))
	band := abs(d - 0.5)
	last := len(p.ink) - 1
	switch {
	case band < 0.07:
		return p.ink[last]
	case band < 0.15:
		return p.ink[last/2]
	case band < 0.20:
		return p.ink[max(0, last/2-1)]
	}
	if (i+j)&1 == 0 {
		return p.ink[0]
	}
	return mix(p.ink[0], p.ink[1], 0.25)
}

// garden strews flowers or leaves over a plain ground.
func (p *pattern) garden(u, v float64) vec {
	i0, _ := floor(u)
	j0, _ := floor(v)
	last := len(p.ink) - 1
	c := p.ink[0]
	if c.luma() > p.ink[last].luma() {
		last = 0
		c = p.ink[len(p.ink)-1]
	}
	for pass := range 2 {
		for j := j0 - 1; j <= j0+1; j++ {
			for i := i0 - 1; i <= i0+1; i++ {
				dx := u - float64(i) - 0.5 - 0.35*(p.hash(i, j, 1+pass)-0.5) - 0.5*float64(pass)
				dy := v - float64(j) - 0.5 - 0.35*(p.hash(i, j, 3+pass)-0.5) - 0.5*float64(pass)
				turn := 2 * math.Pi * p.hash(i, j, 5+pass)
				size := 0.30 + 0.22*p.hash(i, j, 7+pass)
				tone := p.ink[1+int(p.hash(i, j, 9+pass)*float64(len(p.ink)-1))]
				if pass == 0 || p.kind == "leaf" {
					c = leafOn(c, dx, dy, turn, size*1.15, mix(tone, p.ink[1], 0.35))
				} else {
					c = p.flowerOn(c, dx, dy, turn, size, tone, p.ink[last])
				}
			}
		}
	}
	return c
}

// leafOn lays a leaf with a rib and side veins over c.
func leafOn(c vec, dx, dy, turn, size float64, tone vec) vec {
	s, k := math.Sincos(turn)
	x, y := (dx*k+dy*s)/size, (-dx*s+dy*k)/size
	if abs(x) > 1 {
		return c
	}
	half := 0.36 * (1 - x*x) * (1 + 0.35*x)
	if abs(y) > half {
		return c
	}
	if abs(y) < 0.022 {
		return mix(tone, vec{1, 1, 0.95}, 0.4)
	}
	if math.Mod(x*5+abs(y)*4+20, 1) < 0.13 {
		return mix(tone, vec{1, 1, 0.95}, 0.16)
	}
	if y > 0 {
		return tone
	}
	return tone.scale(0.82)
}

func (p *pattern) flowerOn(c vec, dx, dy, turn, size float64, tone, heart vec) vec {
	d := math.Hypot(dx, dy) / size
	if d > 1 {
		return c
	}
	a := math.Atan2(dy, dx) + turn
	wave := abs(math.Cos(a * float64(p.petals) / 2))
	edge := 0.55 + 0.45*math.Sqrt(wave)
	switch {
	case d < 0.20:
		return heart
	case d < 0.26:
		return heart.scale(0.6)
	case d < edge*0.97:
		return mix(tone.scale(0.72), tone, smooth(0.2, 0.8, d)*(0.5+0.5*wave))
	}
	return c
}

// terrazzo is chips of stone in a plain ground.
func (p *pattern) terrazzo(u, v float64) vec {
	ground := p.ink[len(p.ink)-1]
	for layer, scale := range [2]int{1, 2} {
		x, y := u*float64(scale), v*float64(scale)
		nx, ny := p.nx*scale, p.ny*scale
		xi, _ := floor(x)
		yi, _ := floor(y)
		best, second, bi, bj := 9.0, 9.0, 0, 0
		for j := yi - 1; j <= yi+1; j++ {
			for i := xi - 1; i <= xi+1; i++ {
				a, b := ((i%nx)+nx)%nx, ((j%ny)+ny)%ny
				d := abs(float64(i)+hash(a, b, p.salt+layer)-x) + 0.8*abs(float64(j)+hash(a, b, p.salt+layer+5)-y) + 0.5*abs(x-float64(i)+y-float64(j))
				if d < best {
					best, second, bi, bj = d, best, a, b
				} else if d < second {
					second = d
				}
			}
		}
		if second-best > 0.22+0.1*float64(layer) && hash(bi, bj, p.salt+9) < 0.62 {
			return p.ink[int(hash(bi, bj, p.salt+10)*float64(len(p.ink)-1))]
		}
	}
	return ground
}

// circles are nested discs on alternating grounds.
func (p *pattern) circles(u, v float64) vec {
	i, x := floor(u)
	j, y := floor(v)
	d := math.Hypot(x-0.5, y-0.5) * 2
	rings := 2 + int(p.hash(i, j, 1)*3)
	k := int(d * float64(rings) / 0.94)
	if d > 0.94 {
		return mix(p.ink[len(p.ink)-1], p.ink[0], 0.85*float64((i+j)&1))
	}
	return p.tone(p.hash(i, j, 2+k))
}

// triangles are squares cut twice, shaded as if folded.
func (p *pattern) triangles(u, v float64) vec {
	i, x := floor(u)
	j, y := floor(v)
	if (i+j)&1 == 1 {
		x = 1 - x
	}
	k := 0
	if x+y > 1 {
		k = 1
	}
	t := p.hash(i, j, 1+k)
	fold := 0.86 + 0.14*float64(k) + 0.10*(x-y)
	return p.tone(t).scale(fold)
}
