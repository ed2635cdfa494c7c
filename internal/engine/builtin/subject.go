package builtin

import "math"

// subject is a scene that knows what stands before its background.
type subject interface {
	scene
	// subjects says in a few words what stands in front, or is empty if nothing does.
	subjects() string
	// covers is how much of the place the subject hides, 0..1.
	covers(x, y float64) float64
}

func (l *land) subjects() string { return "the land against the sky" }

func (l *land) covers(x, y float64) float64 {
	d := l.ray(x, y)
	if !l.none && d.y < -1e-4 && -l.eye.y/d.y < viewLimit*1.5 {
		return 1
	}
	if _, ok := l.march(vec{0, l.eye.y, 0}, d, 0.03, viewLimit, 0, 150); ok {
		return 1
	}
	return 0
}

func (p *palms) subjects() string { return "palms and land against the sky" }

func (p *palms) covers(x, y float64) float64 {
	for i := range p.trees {
		if _, ok := p.trees[i].hit(p, x, y); ok {
			return 1
		}
	}
	if _, ok := p.bank(x, y); ok {
		return 1
	}
	return p.back.covers(x, y)
}

func (b *boats) subjects() string { return "sails, sea and land against the sky" }

func (b *boats) covers(x, y float64) float64 {
	for _, s := range b.list {
		if _, ok := s.cloth((x-s.x)/s.size, (y-s.y)/s.size); ok {
			return 1
		}
	}
	return b.back.covers(x, y)
}

func (c *city) subjects() string { return "the skyline" }

func (c *city) covers(x, y float64) float64 {
	if y < c.ground {
		return 0
	}
	for i := range c.layers {
		if _, ok := c.layers[i].hit(c, x, y); ok {
			return 1
		}
	}
	return 0
}

func (s *still) subjects() string { return "the things on the table" }

func (s *still) covers(x, y float64) float64 {
	d := s.look.scale(s.focal).add(s.right.scale(x)).add(s.up.scale(y)).unit()
	t, hit := s.nearest(s.eye, d)
	if hit == nil || d.y < -1e-4 && t > -s.eye.y/d.y {
		return 0
	}
	return 1
}

func (s *space) subjects() string {
	switch {
	case len(s.planets) > 1:
		return "the planet and its moon"
	case len(s.planets) > 0:
		return "the planet"
	}
	return ""
}

func (s *space) covers(x, y float64) float64 {
	cover := 0.0
	for i := range s.planets {
		p := &s.planets[i]
		dx, dy := (x-p.x)/p.radius, (y-p.y)/p.radius
		if dx*dx+dy*dy < 1 {
			return 1
		}
		if ring, _ := p.ring(dx, dy); p.rings {
			cover = math.Max(cover, ring.cover)
		}
	}
	return cover
}

func (c *forest) subjects() string {
	if c.inside {
		return ""
	}
	return "the slopes against the sky"
}

func (c *forest) covers(x, y float64) float64 {
	if c.lake && y < c.level {
		return 1
	}
	for i := range slopeLayers {
		if c.lake && i > 0 && i < lakeRows {
			continue
		}
		if _, ok := c.ridge(i, float64(i)/(slopeLayers-1), x, y); ok {
			return 1
		}
	}
	if c.peaks {
		if _, ok := c.massif(x, y); ok {
			return 1
		}
	}
	return 0
}

func (m *meadow) subjects() string { return "the flowers in front" }

// frontLayers are those of a meadow whose flowers are cut out, and what hides them.
const frontLayers = 9

func (m *meadow) covers(x, y float64) float64 {
	sum, left := 0.0, 1.0
	for i := range m.layers {
		l := &m.layers[i]
		if l.rank >= frontLayers {
			break
		}
		v, u := (y-l.base)/l.scale, x/l.scale
		if v > 1.5 {
			continue
		}
		ci, _ := floor(u / plantSpacing)
		bloom := 0.0
		for n := ci - 1; n <= ci+1 && v >= -0.1; n++ {
			p := &l.plants[min(max(n-l.first, 0), len(l.plants)-1)]
			if p.kind == "" {
				continue
			}
			if _, a := m.flower(l, p, u, v); a > 0.01 {
				bloom = a
				break
			}
		}
		sum += left * bloom
		// Grass in front of a flower hides it.
		_, hidden := m.cover(l, x, y)
		if left *= 1 - hidden; left < 0.02 {
			break
		}
	}
	return clamp(sum, 0, 1)
}

func (c *reef) subjects() string { return "fish and corals" }

func (c *reef) covers(x, y float64) float64 {
	for i := range c.jellies {
		g := &c.jellies[i]
		u, v := (x-g.x)/g.size, (y-g.y)/g.size
		if v > -0.25 && u*u+v*v*1.3 < 1 && v > -0.2 {
			return 0.85
		}
	}
	for k := range c.fish {
		if h := &c.fish[k]; h.air < 0.62 && h.over(c, x, y, vec{-1, -1, -1}).x >= 0 {
			return 1 - 0.8*h.air
		}
	}
	for i := range 3 {
		if _, ok := c.bank(i, x, y); ok {
			return 1
		}
	}
	return 0
}

func (p *poster) subjects() string {
	if p.kind == "free" {
		return "the printed forms"
	}
	return ""
}

func (p *poster) covers(x, y float64) float64 {
	if p.f.right-abs(x) <= posterMargin || p.f.top-abs(y) <= posterMargin {
		return 0
	}
	for i := range p.shapes {
		s := &p.shapes[i]
		dx, dy := (x-s.x)/s.size, (y-s.y)/s.size
		if inside(s.kind, dx*s.turnC-dy*s.turnS, dx*s.turnS+dy*s.turnC) {
			return 1
		}
	}
	return 0
}
