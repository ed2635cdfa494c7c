package builtin

import (
	"cmp"
	"math"
	"slices"
)

// palms are trees in the foreground of a coast.
type palms struct {
	back  *land
	trees []palm
	leaf  vec
	tip   vec
	bark  vec
	nut   vec
	light vec
	// foot and middle are where the bank's top lies.
	foot, middle float64
}

// bank is the sand that the palms stand on, just below the usual view.
func (p *palms) bank(x, y float64) (vec, bool) {
	if y > p.foot {
		return vec{}, false
	}
	off := (x - p.middle) / 0.62
	n := p.back.noise
	line := p.foot - 0.004 - 0.10*off*off + 0.006*n.at(x*9, 3)
	if y > line {
		return vec{}, false
	}
	deep := line - y
	grain := n.fbm(x*26, y*60, 4)
	c := p.back.sand.scale(0.9 + 0.16*grain + 0.10*n.at(x*3, y*7))
	c = mix(c, p.back.sand.scale(0.5), 0.5*smooth(0.05, 0.6, deep))
	return c.mul(p.light), true
}

// palm is one tree: a bent trunk and a crown of leaflets and nuts.
type palm struct {
	rootX, rootY float64
	topX, topY   float64
	bend         float64
	size         float64
	leaflets     []leaflet
	nuts         [][2]float64
	// grid lists, for each cell of the crown's square, the leaflets that may cover it,
	// the foremost first.
	grid [crownCells * crownCells][]int32
}

// leaflet is a blade of a frond, or a piece of its rib, from a root to a tip, relative to
// the crown's middle.
type leaflet struct {
	x, y, dx, dy float64
	half         float64
	light        float64
	depth        float64
	rib          bool
}

const (
	fronds     = 13
	crownCells = 40
	// crownReach is half the side of the crown's square, in sizes of the palm.
	crownReach = 1.35
	ribPieces  = 16
	// perPiece is how many leaflets stand on each side of a piece of a rib.
	perPiece = 3
)

func newPalms(back *land, w *wish, f frame) *palms {
	r := w.rng
	p := &palms{back: back}
	light := back.sky.ambient.scale(0.9).add(back.sky.sun.scale(0.25))
	p.light = light
	p.leaf, p.tip, p.bark, p.nut = hex(0x3a6a2a).mul(light), hex(0x93a648).mul(light), hex(0x85715a).mul(light), hex(0x6a4a26).mul(light)
	side := pick(r, -1.0, 1.0)
	for i := range 2 + r.below(2) {
		t := palm{
			rootX: side * (f.right - 0.02 - 0.10*float64(i)*r.between(0.6, 1.2)), rootY: -f.top - 0.05,
			topX: side * (f.right - r.between(0.12, 0.24) - 0.13*float64(i)), topY: r.between(0.02, 0.3) * (1 - 0.25*float64(i)),
			bend: side * r.between(-0.10, 0.02), size: r.between(0.24, 0.33),
		}
		for k := range fronds {
			t.frond(r, 2*math.Pi*(float64(k)+r.between(-0.3, 0.3))/fronds)
		}
		for range 3 + r.below(4) {
			t.nuts = append(t.nuts, [2]float64{t.size * r.between(-0.07, 0.07), -t.size * r.between(0.02, 0.11)})
		}
		t.sort()
		p.trees = append(p.trees, t)
		p.middle += t.rootX
	}
	p.foot, p.middle = -f.top-0.012, p.middle/float64(len(p.trees))
	return p
}

// frond adds one leaf. It leaves the crown in a direction around the stem, towards the eye
// or away, rises a little and bends down under its weight.
func (t *palm) frond(r *rng, around float64) {
	away, across := math.Sincos(around)
	rise := r.between(-0.1, 1.0) // young fronds stand, old ones hang
	long := t.size * r.between(0.85, 1.15) * (1 - 0.18*abs(rise-0.4))
	a := lerp(0.1, 1.25, clamp(rise, 0, 1))
	sag := r.between(1.7, 2.3) * (1.1 - 0.25*rise)
	x, y := 0.0, 0.0
	light := 0.62 + 0.25*rise + 0.13*away
	step := long / ribPieces
	for k := range ribPieces {
		u := (float64(k) + 0.5) / ribPieces
		bent := a - sag*u*u*0.85 - 0.3*u
		s, c := math.Sincos(bent)
		// Seen from the side, a frond that comes forward is short and hangs lower.
		dx, dy := c*across*step, s*step-0.16*max(0, away)*step
		t.leaflets = append(t.leaflets, leaflet{x: x, y: y, dx: dx, dy: dy, half: t.size * 0.014 * (1.1 - u), light: light * 0.95, depth: away + 0.001, rib: true})
		if k > 0 {
			t.blades(r, x, y, dx, dy, u, long, light, away)
		}
		x, y = x+dx, y+dy
	}
}

// blades adds the leaflets of one piece of a rib, on both sides of it. They point outwards
// and hang.
func (t *palm) blades(r *rng, x, y, dx, dy, u, long, light, away float64) {
	l := math.Hypot(dx, dy) + 1e-9
	fx, fy := dx/l, dy/l
	size := long * 0.27 * math.Pow(math.Sin(math.Pi*(0.10+0.86*u)), 0.7)
	for i := range perPiece {
		at := (float64(i) + r.float()) / perPiece
		for _, side := range [2]float64{-1, 1} {
			forward := r.between(0.55, 0.85) + 0.5*u
			bx, by := fx*forward-fy*side, fy*forward+fx*side
			by -= r.between(0.45, 0.8)
			n := math.Hypot(bx, by) + 1e-9
			s := size * r.between(0.8, 1.1) / n
			lit := light * (0.80 + 0.20*r.float())
			if by/n < -0.55 {
				lit *= 0.80 // the hanging side shows its back
			}
			t.leaflets = append(t.leaflets, leaflet{x: x + dx*at, y: y + dy*at, dx: bx * s, dy: by * s, half: t.size * 0.0120, light: lit, depth: away - 0.02*side})
		}
	}
}

// sort brings the foremost leaflets to the front and files them by place.
func (t *palm) sort() {
	slices.SortStableFunc(t.leaflets, func(a, b leaflet) int { return cmp.Compare(b.depth, a.depth) })
	for i, f := range t.leaflets {
		x0, y0 := t.crownCell(min(f.x, f.x+f.dx)-f.half), t.crownCell(min(f.y, f.y+f.dy)-f.half)
		x1, y1 := t.crownCell(max(f.x, f.x+f.dx)+f.half), t.crownCell(max(f.y, f.y+f.dy)+f.half)
		for cy := y0; cy <= y1; cy++ {
			for cx := x0; cx <= x1; cx++ {
				t.grid[cy*crownCells+cx] = append(t.grid[cy*crownCells+cx], int32(i))
			}
		}
	}
}

// crownCell is the row or column of the grid in which a distance from the middle lies.
func (t *palm) crownCell(d float64) int {
	return min(max(int((d/(t.size*crownReach)+1)*crownCells/2), 0), crownCells-1)
}

func (p *palms) shade(x, y float64) vec {
	for i := range p.trees {
		if c, ok := p.trees[i].hit(p, x, y); ok {
			return c
		}
	}
	if c, ok := p.bank(x, y); ok {
		return c
	}
	return p.back.shade(x, y)
}

func (t *palm) hit(p *palms, x, y float64) (vec, bool) {
	dx, dy := x-t.topX, y-t.topY
	if m := t.size * crownReach; abs(dx) < m && abs(dy) < m {
		if c, ok := t.crown(p, dx, dy); ok {
			return c, true
		}
	}
	return t.trunk(p, x, y)
}

// crown is the foremost leaflet or nut at a place relative to the crown's middle.
func (t *palm) crown(p *palms, dx, dy float64) (vec, bool) {
	behind := vec{}
	hidden := false
	for _, i := range t.grid[t.crownCell(dy)*crownCells+t.crownCell(dx)] {
		f := &t.leaflets[i]
		along := ((dx-f.x)*f.dx + (dy-f.y)*f.dy) / (f.dx*f.dx + f.dy*f.dy + 1e-12)
		if along < 0 || along > 1 {
			continue
		}
		off := ((dx-f.x)*f.dy - (dy-f.y)*f.dx) / (math.Hypot(f.dx, f.dy) + 1e-9)
		half := f.half
		if !f.rib {
			half *= math.Sqrt(1-along) * math.Min(1, 0.45+4*along)
		}
		if abs(off) > half {
			continue
		}
		tone := mix(p.leaf, p.tip, 0.30*along+0.25*f.light*f.light)
		if f.rib {
			tone = mix(p.tip, p.bark, 0.2)
		}
		c := tone.scale(f.light * (0.62 + 0.45*along) * (1 - 0.16*off/half))
		if f.depth >= 0 {
			return c, true
		}
		if !hidden {
			behind, hidden = c.scale(0.72), true
		}
		break
	}
	for _, n := range t.nuts {
		u, v := (dx-n[0])/(t.size*0.052), (dy-n[1])/(t.size*0.060)
		if d := u*u + v*v; d < 1 {
			return p.nut.scale(0.45 + 0.75*math.Sqrt(1-d)*(0.75+0.3*v+0.2*u*signOf(p.back.sky.toSun.x))), true
		}
	}
	return behind, hidden
}

// trunk is slim and ringed with the scars of old leaves.
func (t *palm) trunk(p *palms, x, y float64) (vec, bool) {
	if abs(x-t.rootX) > abs(t.topX-t.rootX)+abs(t.bend)+0.05 {
		return vec{}, false
	}
	u := (y - t.rootY) / (t.topY - t.rootY)
	if u < -0.12 || u > 1.01 {
		return vec{}, false
	}
	mid := lerp(t.rootX, t.topX, u*abs(u)*0.55+u*0.45) + t.bend*math.Sin(math.Pi*u)
	half := lerp(0.0150, 0.0085, u) + 0.014*math.Exp(-(u+0.12)*30) + 0.004*math.Exp(-(1-u)*40)
	n := p.back.noise
	ring := u*46 + 0.25*n.at(x*60, y*14)
	k, rest := floor(ring)
	half *= 1 + 0.035*(rest-0.5) + 0.02*(hash(k, 3, 17)-0.5)
	off := (x - mid) / half
	if abs(off) > 1 {
		return vec{}, false
	}
	round := math.Sqrt(1 - off*off)
	lit := 0.38 + 0.42*round + 0.30*off*signOf(p.back.sky.toSun.x)
	scar := 1 - 0.38*smooth(0.22, 0, rest) + 0.10*smooth(0.22, 0.5, rest)
	grain := 1 + 0.16*n.at(x*240, y*50) + 0.10*n.at(x*60, y*160)
	return p.bark.scale(lit * scar * grain * (0.85 + 0.3*hash(k, 5, 17)) * (1 - 0.45*smooth(0.90, 1.0, u))), true
}

func signOf(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}
