package builtin

import "math"

// still is a still life: things on a table before a wall, lit from a window at one side.
type still struct {
	noise  *noise
	things []thing
	light  vec
	sun    vec
	sky    vec
	wall   [2]vec
	table  [2]vec
	wood   bool
	eye    vec
	look   vec
	right  vec
	up     vec
	focal  float64
	spot   [2]float64
}

func composeStill(_ *job, w *wish, f frame) (painting, error) {
	r := w.rng
	s := &still{noise: newNoise(r), focal: 2.0, spot: [2]float64{r.between(-1.2, 0.2), r.between(0.9, 1.6)}}
	side := pick(r, -1.0, -1.0, 1.0)
	s.light = vec{side * r.between(0.55, 0.8), r.between(0.55, 0.75), -r.between(0.35, 0.6)}.unit()
	s.sun, s.sky = hex(0xfff0d8).scale(2.3), vec{0.34, 0.38, 0.46}
	hue := r.float()
	dark := w.mood("dark") || !w.mood("pastel") && !w.mood("vivid") && r.chance(0.4)
	if dark {
		s.wall = [2]vec{hsl(hue, 0.22, 0.16), hsl(hue+0.04, 0.25, 0.30)}
		s.sky = s.sky.scale(0.45)
	} else {
		s.wall = [2]vec{hsl(hue, 0.28, 0.62), hsl(hue+0.05, 0.3, 0.80)}
	}
	s.table = [2]vec{hex(0x7a4f2e), hex(0xa8744a)}
	s.wood = w.has("wood") || r.chance(0.6)
	if !s.wood {
		s.table = [2]vec{hsl(hue+0.5, 0.2, 0.72), hsl(hue+0.5, 0.24, 0.82)}
	}
	if t, ok := w.tint(); ok {
		s.wall = [2]vec{mix(s.wall[0], t.scale(0.6), 0.7), mix(s.wall[1], t, 0.7)}
	}
	if w.mood("warm") || w.tag("hour/golden") || w.tag("hour/sunset") || w.tag("hour/dawn") {
		s.sun = s.sun.mul(vec{1.1, 0.95, 0.75})
	}
	title := s.arrange(w)
	turn := r.between(-0.25, 0.25)
	s.eye = vec{4.6 * math.Sin(turn), r.between(1.5, 2.3), -4.6 * math.Cos(turn)}
	s.look = vec{0, 0.52, 0}.sub(s.eye).unit()
	s.right = vec{0, 1, 0}.cross(s.look).unit()
	s.up = s.look.cross(s.right)
	s.focal = 2.0 * math.Min(1, 1.15*math.Min(f.right, f.top)/0.5)
	return newPainting(s, look{exposure: 1.15, bloom: 0.3, vignette: 0.22}, "still life, "+title), nil
}

// arrange sets a large thing, then smaller ones around it where there is room.
func (s *still) arrange(w *wish) string {
	r := w.rng
	var kinds []string
	title := ""
	for _, k := range []string{"vase", "bowl", "apple", "orange", "lemon", "pear", "plum", "sphere"} {
		if w.has(k) {
			kinds = append(kinds, k)
			title += ", " + k
		}
	}
	fruit := []string{"apple", "orange", "lemon", "pear", "plum"}
	if len(kinds) == 0 {
		kinds = append([]string{pick(r, "vase", "vase", "bowl")}, fruit[r.below(5)], fruit[r.below(5)], fruit[r.below(5)])
		title = ", " + kinds[0] + " and fruit"
	}
	metal := w.has("metal")
	var list []string
	tall := ""
	for _, k := range kinds {
		if k == "vase" || k == "bowl" {
			list = append(list, k)
			tall = k
		}
	}
	if tall == "" && r.chance(0.6) {
		list = append(list, pick(r, "vase", "bowl"))
	}
	for i := 0; len(list) < 7; i++ {
		k := kinds[i%len(kinds)]
		if k == "vase" || k == "bowl" {
			if len(kinds) == 1 || tall == k && len(kinds) < 3 {
				k = fruit[r.below(5)]
			} else if k = kinds[(i+1)%len(kinds)]; k == "vase" || k == "bowl" {
				k = fruit[r.below(5)]
			}
		}
		list = append(list, k)
	}
	for i, k := range list {
		t := newThing(k, r, s.noise)
		if metal && (k == "sphere" || k == "vase" || k == "bowl") {
			t.metal = 0.85
		}
		for try := range 60 {
			reach := 0.35 + 0.016*float64(try)
			t.x, t.z = r.between(-1.5, 1.5)*reach, r.between(-0.9, 0.7)*reach
			if i == 0 && (k == "vase" || k == "bowl") {
				t.x, t.z = r.between(-0.45, 0.45), r.between(0.1, 0.4)
			}
			if s.room(&t) {
				s.things = append(s.things, t)
				break
			}
		}
		if k == "bowl" {
			s.fill(&t, r, fruit)
		}
	}
	return title[2:]
}

// room tells whether a thing stands clear of the others.
func (s *still) room(t *thing) bool {
	for i := range s.things {
		o := &s.things[i]
		if math.Hypot(t.x-o.x, t.z-o.z) < (t.girth+o.girth)*1.03 {
			return false
		}
	}
	return true
}

// fill lays fruit into a bowl.
func (s *still) fill(bowl *thing, r *rng, fruit []string) {
	for i := range 5 {
		t := newThing(fruit[r.below(4)], r, s.noise)
		a := 2*math.Pi*float64(i)/4 + r.between(-0.2, 0.2)
		reach := 0.24
		t.y = 0.20
		if i == 4 {
			reach, t.y = 0.03, 0.40
		}
		t.x, t.z = bowl.x+reach*math.Cos(a), bowl.z+reach*math.Sin(a)
		t.inside = true
		s.things = append(s.things, t)
	}
}

func (s *still) shade(x, y float64) vec {
	d := s.look.scale(s.focal).add(s.right.scale(x)).add(s.up.scale(y)).unit()
	return s.trace(s.eye, d, 2)
}

// trace follows a ray; bounces is how often it may still be mirrored.
func (s *still) trace(from, d vec, bounces int) vec {
	t, hit := s.nearest(from, d)
	plane := math.Inf(1)
	if d.y < -1e-4 {
		plane = -from.y / d.y
	}
	const back = 2.6
	wall := math.Inf(1)
	if d.z > 1e-4 {
		wall = (back - from.z) / d.z
	}
	if hit != nil && t < plane && t < wall {
		return s.thingLight(hit, from.add(d.scale(t)), d, bounces)
	}
	if plane < wall && plane < 30 {
		return s.tableLight(from.add(d.scale(plane)), d, bounces)
	}
	if math.IsInf(wall, 1) {
		return s.sky.scale(0.8).add(s.sun.scale(0.55 * smooth(0.80, 0.95, d.dot(s.light))))
	}
	return s.wallLight(from.add(d.scale(wall)))
}

// nearest finds the first thing on a ray.
func (s *still) nearest(from, d vec) (float64, *thing) {
	best, hit := math.Inf(1), (*thing)(nil)
	for i := range s.things {
		o := &s.things[i]
		if t, ok := o.meet(from, d, best); ok {
			best, hit = t, o
		}
	}
	return best, hit
}

// wallLight is plaster with a soft patch of window light.
func (s *still) wallLight(p vec) vec {
	c := mix(s.wall[0], s.wall[1], clamp(0.45+0.28*s.noise.fbm(p.x*0.7, p.y*0.7, 4)+0.04*s.noise.fbm(p.x*9, p.y*9, 3), 0, 1))
	dx, dy := p.x-s.spot[0]*signOf(-s.light.x), p.y-s.spot[1]
	pool := math.Exp(-(dx*dx*0.30 + dy*dy*0.45))
	return c.mul(s.sky.scale(0.9).add(s.sun.scale(0.10 + 0.42*pool)))
}

// tableLight is wood or cloth with the things' shadows and, on wood, their reflections.
func (s *still) tableLight(p, d vec, bounces int) vec {
	var c vec
	if s.wood {
		plank, in := floor(p.z*1.5 + 40)
		shift := hash(plank, 4, 9) * 30
		grain := s.noise.fbm(p.x*0.7+shift, p.z*9+2*s.noise.at(p.x*0.5+shift, p.z*2), 4) + 0.35*s.noise.at(p.x*2+shift, p.z*46)
		c = mix(s.table[0], s.table[1], clamp(0.5+0.6*grain, 0, 1)).scale(0.85 + 0.3*hash(plank, 5, 9))
		c = c.scale(1 - 0.65*smooth(0.02, 0.0, math.Min(in, 1-in)))
	} else {
		weave := 0.03 * math.Sin(p.x*170) * math.Sin(p.z*170)
		folds := s.noise.fbm(p.x*0.8, p.z*0.8, 3)
		c = mix(s.table[0], s.table[1], clamp(0.5+0.5*folds, 0, 1)).scale(1 + weave)
	}
	open := 1.0
	for i := range s.things {
		o := &s.things[i]
		gap := math.Hypot(p.x-o.x, p.z-o.z)/o.girth - 0.55
		if !o.inside {
			open *= 1 - 0.62*math.Exp(-math.Max(gap, 0)*math.Max(gap, 0)*3.5)*smooth(1.6, 0, gap)
		}
	}
	lit := s.shadow(p.add(vec{0, 0.004, 0}), nil)
	out := c.mul(s.sky.scale(open).add(s.sun.scale(s.light.y * lit)))
	if s.wood && bounces > 0 && d.z > 0 {
		r := d
		r.y = -r.y
		r.x += 0.02 * s.noise.at(p.x*8, p.z*20)
		fresnel := 0.02 + 0.3*math.Pow(1-clamp(r.y, 0, 1), 4)
		out = out.add(s.trace(p.add(vec{0, 0.003, 0}), r.unit(), 0).scale(fresnel))
	}
	return out
}

// thingLight is the lit surface of a thing.
func (s *still) thingLight(o *thing, p, d vec, bounces int) vec {
	n := o.normal(p)
	c := o.colour(p, n)
	lit := 0.0
	if facing := n.dot(s.light); facing > 0 {
		lit = facing * s.shadow(p.add(n.scale(0.006)), o)
	}
	open := (0.55 + 0.45*n.y) * smooth(-0.25, 0.5, p.y+0.25*n.y)
	warm := s.table[1].mul(s.sun).scale(0.16 * math.Max(0, -n.y+0.3) * smooth(0.8, 0, p.y))
	rim := math.Max(0, 0.25-0.25*n.dot(s.light)) * 0.25
	out := c.mul(s.sky.scale(open).add(s.sun.scale(lit + rim*0.3)).add(warm))
	h := s.light.sub(d).unit()
	out = out.add(s.sun.scale(o.gloss * math.Pow(math.Max(0, n.dot(h)), o.shine) * math.Min(1, lit*3)))
	if o.gloss > 0.15 && bounces > 0 {
		fresnel := lerp(0.035, 1, math.Pow(1-clamp(-d.dot(n), 0, 1), 5))*o.gloss*0.8 + o.metal
		r := reflect(d, n)
		seen := s.trace(p.add(n.scale(0.008)), r, bounces-1)
		tone := mix(vec{1, 1, 1}, c.scale(1.5), o.metal)
		out = mix(out, seen.mul(tone), clamp(fresnel, 0, 0.9))
	}
	return out
}

// shadow is how much of the window's light reaches a place, 0..1.
func (s *still) shadow(p vec, self *thing) float64 {
	lit := 1.0
	for i := range s.things {
		o := &s.things[i]
		if o != self || o.kind == "bowl" {
			lit = math.Min(lit, o.shade(p, s.light))
		}
		if lit <= 0 {
			return 0
		}
	}
	return smooth(0, 1, lit)
}
