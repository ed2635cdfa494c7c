package builtin

import "math"

// ground is what a terrain is made of.
type ground struct {
	grass, dry, rock, sand vec
	// leaves are the colours of single trees.
	leaves []vec
	// snowLine is the height above which snow lies.
	snowLine float64
	// trees is the share of suitable ground that is wooded, 0..1.
	trees float64
	// woods marks the cells of the terrain that have a tree.
	woods []bool
	// treeLine is the height above which no trees stand.
	treeLine float64
	round    bool
	// strata is how strongly rock is layered, ripples how strongly sand is.
	strata, ripples float64
	// barren ground has no grass at all.
	barren  bool
	flowers []vec
	beach   float64
}

// treeCell is the side of the square in which at most one tree stands: a terrain's cell.
const treeCell = cellSize

// tree is how far a tree rises above the ground h at a place of the map, seen from a
// distance; near ones have boughs.
func (l *land) tree(mx, mz, h, t float64) float64 {
	if h < 0.05 || h > l.treeLine {
		return 0
	}
	xi, xf := floor(mx / treeCell)
	zi, zf := floor(mz / treeCell)
	if !l.wooded(xi, zi) {
		return 0
	}
	tall := 0.045 + 0.055*hash(xi, zi, 5)
	r := fromStem(xi, zi, xf, zf)
	if r >= 1 {
		return 0
	}
	near := smooth(3.2, 1.6, t)
	if l.round {
		// A crown of several clumps of leaves.
		top := tall * 0.66 * math.Sqrt(1-r*r)
		if near > 0 {
			top *= 1 + near*(0.30*l.noise.at(mx*62, mz*62)+0.16*l.noise.at(mx*150, mz*150))
		}
		return top
	}
	up := 1 - r
	if near > 0 {
		// Tiers of boughs, each a step of the cone; the top stays whole.
		near *= smooth(0.97, 0.7, up)
		tiers := 4 + float64(xi&1)
		k, rest := floor(up * tiers)
		up = lerp(up, (float64(k)+smooth(0, 0.45, rest)*0.85+0.15*rest)/tiers, 0.8*near)
		up *= 1 + 0.16*near*l.noise.at(mx*120, mz*120)
	}
	return tall * up * 1.25
}

// fromStem is how far a place of a cell lies from the stem of its tree, in radii of the crown.
func fromStem(xi, zi int, xf, zf float64) float64 {
	dx, dz := xf-0.38-0.24*hash(xi, zi, 6), zf-0.38-0.24*hash(xi, zi, 7)
	return math.Sqrt(dx*dx+dz*dz) / 0.38
}

// plantWoods decides where trees stand, cell by cell: in patches, and not where it is steep.
func (l *land) plantWoods() {
	l.woods = make([]bool, len(l.steep))
	for i := range l.woods {
		u, v := float64(i%terrainCells)/terrainCells, float64(i/terrainCells)/terrainCells
		patch := l.noise.periodic(u*16+9, v*16, 15) + 0.35*l.noise.periodic(u*64, v*64+5, 63)
		l.woods[i] = !l.steep[i] && patch+0.25*hash(i, 3, 11) > 0.72-1.25*l.trees && hash(i, 5, 11) > 0.08 && !l.bare(i)
	}
}

// roundSight is the distance from which round trees look like trees.
const roundSight = 2.6

// bare tells of a cell of a coast where no tree stands: on the beach, and so near to the
// eye that a round tree would be seen to be a lump.
func (l *land) bare(i int) bool {
	if !l.round || l.beach <= 0 {
		return false
	}
	x, z := float64(i%terrainCells)+0.5, float64(i/terrainCells)+0.5
	if l.cell(x, z) < 1.5*l.beach {
		return true
	}
	away := func(a, b float64) float64 { return math.Remainder(a*cellSize-b, terrainSize) } // the map repeats
	return math.Hypot(away(x, l.eye.x), away(z, l.eye.z)) < roundSight
}

// wooded tells whether a tree stands in a cell of the map.
func (l *land) wooded(xi, zi int) bool {
	const mask = terrainCells - 1
	return l.woods[zi&mask*terrainCells+xi&mask]
}

// groundLight is the lit ground at a place in the camera's frame.
func (l *land) groundLight(p, d vec, t float64) vec {
	n := l.normal(p.x, p.z, t)
	mx, mz := l.onMap(p.x, p.z)
	c := l.material(mx, mz, p.y, n, t)
	n, crag := l.chisel(n, mx, p.y, mz, t)
	c = c.scale(1 + 0.35*crag)
	sun := math.Max(0, n.dot(l.sky.toSun))
	if sun > 0 {
		sun *= l.shadow(p.add(n.scale(0.01 + 0.002*t)))
	}
	open := clamp(1-2.4*l.hollow(mx, mz), 0.35, 1.15)
	bounce := math.Max(0, 0.4-0.4*n.dot(l.sky.toSun)) * 0.10
	light := l.sky.sun.scale(sun + bounce*math.Max(0.1, l.sky.toSun.y)).add(l.sky.ambient.scale((0.55 + 0.45*n.y) * open))
	return c.mul(light)
}

// chisel roughens the ground's direction by detail finer than the terrain, at a size that
// suits the distance; steep ground gets more. The second number darkens clefts.
func (l *land) chisel(n vec, mx, y, mz, t float64) (vec, float64) {
	if l.rough <= 0.1 || t > 14 {
		return n, 0
	}
	k := l.rough * lerp(0.5, 0.16, smooth(0.5, 0.9, n.y)) * smooth(14, 7, t)
	q := vec{mx, y * 1.4, mz}.scale(9)
	add, cleft := vec{}, 0.0
	octaves := 2
	if t < 3 { // seen from near the coarse ones would look smeared
		octaves = 4
	}
	for i := range octaves {
		if i == 2 {
			k *= smooth(3, 1.2, t)
		}
		a, b := l.noise.at3(q), l.noise.at3(q.add(vec{31, 17, 5}))
		add = add.add(vec{a, 0.3 * (a + b), b}.scale(k))
		cleft += a * k
		q, k = q.scale(2.7), k*0.75
	}
	return n.add(add).unit(), cleft
}

// material is the ground's colour.
func (l *land) material(mx, mz, y float64, n vec, t float64) vec {
	coarse := l.noise.fbm(mx*0.9, mz*0.9, 3)
	fine := l.noise.fbm(mx*7, mz*7, 3)
	tint := 1 + 0.22*fine
	if t < 5 {
		tint += 0.16 * l.noise.at(mx*40, mz*40) * smooth(5, 2, t)
	}
	if t < 2.4 {
		grain := (0.6*l.noise.at(mx*110, mz*110+y*70) + 0.4*l.noise.at(mx*260, mz*260+y*170)) * smooth(2.4, 1, t)
		tint += 0.26 * grain
		fine += 0.5 * grain // borders of grass, rock and snow are as fine
	}
	c := l.rockColour(mx, mz, y, fine)
	if l.barren {
		flat := smooth(0.72, 0.9, n.y+0.05*coarse)
		c = mix(c, mix(l.sand, l.dry, clamp(0.5+0.6*coarse, 0, 1)), flat)
	} else {
		flat := smooth(0.66, 0.82, n.y+0.06*fine)
		grass := mix(l.grass, l.dry, clamp(0.45+0.8*coarse+0.25*fine, 0, 1))
		c = mix(c, l.bloom(grass, mx, mz, t), flat)
	}
	c = c.scale(tint)
	if l.beach > 0 {
		c = mix(c, l.sand.scale(0.9+0.12*fine), smooth(l.beach*(1+0.5*coarse), l.beach*0.4, y)*smooth(0.5, 0.8, n.y))
		c = c.scale(1 - 0.4*smooth(0.035, 0.0, y))
	} else if !l.none {
		c = c.scale(1 - 0.45*smooth(0.05, 0.0, y))
	}
	if l.trees > 0 && y > 0.05 && y < l.treeLine+0.2 {
		c = l.foliage(mx, mz, y, n, t, c)
	}
	if y > l.snowLine-0.9 {
		lies := smooth(l.snowLine-0.12, l.snowLine+0.22, y+0.3*coarse+0.12*fine) * smooth(0.42, 0.68, n.y+0.08*fine)
		c = mix(c, vec{0.86, 0.89, 0.94}, lies)
	}
	return c
}

func (l *land) rockColour(mx, mz, y, fine float64) vec {
	c := l.rock.scale(0.85 + 0.3*fine)
	if l.strata > 0 {
		band := l.noise.at(y*7+0.35*l.noise.at(mx*0.8, mz*0.8), 3.3) + 0.5*l.noise.at(y*23, 8.1)
		c = c.mul(vec{1 + 0.30*band*l.strata, 1 + 0.36*band*l.strata, 1 + 0.4*band*l.strata})
	}
	return c
}

// foliage is the colour of the wood at a place; the tree's own height was added to the
// ground, so its lit and dark sides come from the normal.
func (l *land) foliage(mx, mz, y float64, n vec, t float64, under vec) vec {
	if t > 9 { // single trees are too small to be seen, but not the squares they stand in
		mx += 0.6 * treeCell * l.noise.at(mx*19, mz*19)
		mz += 0.6 * treeCell * l.noise.at(mx*19, mz*19+31)
	}
	xi, xf := floor(mx / treeCell)
	zi, zf := floor(mz / treeCell)
	if !l.wooded(xi, zi) {
		return under
	}
	c := l.leaves[int(hash(xi, zi, 8)*float64(len(l.leaves)))].scale(0.7 + 0.6*hash(xi, zi, 9))
	if t > 9 {
		return mix(under, c, 0.85)
	}
	tall := l.tree(mx, mz, clamp(l.at(mx, mz), 0.05, l.treeLine), t)
	up := clamp(tall/0.055, 0, 1)
	if up <= 0.02 {
		return l.beside(fromStem(xi, zi, xf, zf), y, under)
	}
	needles := 1 + 0.35*l.noise.at(mx*90, mz*90+y*60)
	if l.round {
		// Sunlit leaves on top are fresher than those in the crown's own shade.
		fine := l.noise.at(mx*230, mz*230+y*170) * smooth(3.5, 1.5, t)
		c = mix(c, vec{c.x * 1.7, c.y * 1.45, c.z * 0.9}, smooth(0.35, 1, up+0.35*fine))
		needles += 0.45 * fine
	}
	snowy := smooth(l.snowLine-0.2, l.snowLine+0.2, y) * smooth(0.2, 0.7, n.y) * 0.75
	return mix(c.scale((0.45+0.75*up)*needles), vec{0.86, 0.89, 0.94}, snowy)
}

// beside is the ground under a tree, at a distance from its stem in radii of the crown. It
// is steep only because the tree stands on it, so it is not rock.
func (l *land) beside(r, y float64, c vec) vec {
	if !l.barren {
		plain := mix(l.grass, l.dry, 0.4)
		if l.beach > 0 {
			plain = mix(plain, l.sand, smooth(l.beach, l.beach*0.4, y))
		}
		c = mix(plain, c, smooth(1.05, 1.3, r))
	}
	return c.scale(lerp(0.62, 1, smooth(0.8, 1.35, r)))
}

// bloom strews flowers over near grass.
func (l *land) bloom(c vec, mx, mz, t float64) vec {
	if len(l.flowers) == 0 || t > 12 {
		return c
	}
	patch := smooth(-0.1, 0.5, l.noise.fbm(mx*1.4+5, mz*1.4, 3))
	d, _, cx, cy := cells(mx*16, mz*16, 21)
	if hash(cx, cy, 23) > patch {
		return c
	}
	return mix(c, l.flowers[int(hash(cx, cy, 24)*float64(len(l.flowers)))], smooth(0.42, 0.25, d)*smooth(12, 6, t))
}
