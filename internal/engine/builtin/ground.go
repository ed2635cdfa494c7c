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

const treeCell = 0.06

// tree is how far a tree rises above the ground h at a place of the map.
func (l *land) tree(mx, mz, h float64) float64 {
	if h < 0.05 || h > l.treeLine || !l.wooded(mx, mz) {
		return 0
	}
	xi, xf := floor(mx / treeCell)
	zi, zf := floor(mz / treeCell)
	if l.isSteep((float64(xi)+0.5)*treeCell, (float64(zi)+0.5)*treeCell) {
		return 0
	}
	tall := 0.045 + 0.055*hash(xi, zi, 5)
	dx, dz := xf-0.36-0.28*hash(xi, zi, 6), zf-0.36-0.28*hash(xi, zi, 7)
	r := math.Sqrt(dx*dx+dz*dz) / 0.36
	if r >= 1 {
		return 0
	}
	if l.round {
		return tall * 0.8 * math.Sqrt(1-r*r)
	}
	return tall * (1 - r) * 1.25
}

// wooded tells whether trees stand at a place of the map.
func (l *land) wooded(mx, mz float64) bool {
	return l.noise.at(mx*0.45+9, mz*0.45)+0.35*l.noise.at(mx*2.1, mz*2.1+5) > 0.62-1.25*l.trees
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
	for range 2 {
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
	if l.trees > 0 && y > 0.05 && y < l.treeLine+0.2 && l.wooded(mx, mz) && !l.isSteep(mx, mz) {
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
	xi, _ := floor(mx / treeCell)
	zi, _ := floor(mz / treeCell)
	c := l.leaves[int(hash(xi, zi, 8)*float64(len(l.leaves)))].scale(0.7 + 0.6*hash(xi, zi, 9))
	if t > 9 {
		return mix(under, c, 0.85)
	}
	mh := l.at(mx, mz)
	up := clamp((y-mh)/0.055, 0, 1)
	if up <= 0.02 {
		return under.scale(0.7)
	}
	needles := 1 + 0.35*l.noise.at(mx*90, mz*90+y*60)
	snowy := smooth(l.snowLine-0.2, l.snowLine+0.2, y) * smooth(0.2, 0.7, n.y) * 0.75
	return mix(c.scale((0.45+0.75*up)*needles), vec{0.86, 0.89, 0.94}, snowy)
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
