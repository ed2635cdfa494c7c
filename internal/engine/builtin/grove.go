package builtin

import "math"

const groveLayers = 7

// within is the view between trunks: ground, trunks by distance, a roof of leaves, light.
func (c *forest) within(x, y float64) vec {
	horizon := -0.10 * c.top * 2
	back := c.fog.scale(1.05).add(c.shine(x, y).scale(1.1))
	back = mix(back, c.leaves[0].mul(c.fog).scale(1.5), 0.35*smooth(-0.2, 0.6, c.noise.fbm(x*5, y*5, 4)))
	// From front to back, as long as something behind is still visible.
	out, left := c.beams(x, y), 1.0
	for i := range groveLayers {
		k := float64(i) / (groveLayers - 1)
		if t, cover := c.canopy(i, k, x, y); cover > 0 {
			air := clamp(c.mist*0.80*math.Pow(k, 0.9), 0, 0.92)
			out = out.add(mix(t, back, air).scale(cover * left))
			if left *= 1 - cover; left < 0.02 {
				return out
			}
		}
		if t, ok := c.trunk(i, k, x, y, horizon); ok {
			air := clamp(c.mist*0.86*math.Pow(k, 0.9)+0.02, 0, 0.94)
			return out.add(mix(t, back, air).scale(left))
		}
	}
	if y < horizon {
		back = c.floor(x, y, horizon)
	}
	return out.add(back.scale(left))
}

// beams are shafts of light that fan out from the sun.
func (c *forest) beams(x, y float64) vec {
	dx, dy := x-c.sunX, y-c.sunY
	d := math.Sqrt(dx*dx+dy*dy) + 1e-6
	a := math.Atan2(dx, -dy)
	shaft := smooth(0.0, 0.65, c.noise.at(a*5+float64(c.salt%31), 0.5)+0.35*c.noise.at(a*13, 3.5))
	down := smooth(-0.1, 0.35, -dy/d)
	dust := 0.8 + 0.3*c.noise.fbm(x*4, y*4, 3)
	return c.glow.scale(c.rays * shaft * down * math.Exp(-d*1.7) * smooth(0.02, 0.5, d) * dust * 0.62)
}

// floor is the ground with litter, light patches and perhaps a path.
func (c *forest) floor(x, y, horizon float64) vec {
	depth := 0.16 / (horizon - y + 0.012)
	gx, gz := x*depth*1.6, depth*2
	n := c.noise.fbm(gx*2.2, gz*2.2, 4)
	fine := c.noise.fbm(gx*9, gz*9, 3)
	col := mix(mix(c.ground[0], c.ground[1], smooth(-0.5, 0.6, n)), c.ground[2], smooth(0.1, 0.8, fine))
	for layer, size := range [2]float64{14, 31} {
		d, _, cx, cy := cells(gx*size, gz*size*0.8, c.salt+50+layer)
		litter := mix(c.ground[int(hash(cx, cy, c.salt+52)*3)], c.leaves[int(hash(cx, cy, c.salt+53)*float64(len(c.leaves)))], 0.5*(1-c.snow))
		col = mix(col, litter.scale(0.5+hash(cx, cy, c.salt+54)), 0.75*smooth(0.5, 0.3, d)*smooth(9, 2, depth))
	}
	if c.path {
		bend := 0.35 * c.noise.at(gz*0.22, 9.5) * math.Min(depth, 5)
		edge := abs(gx-bend) + 0.10*fine
		tone := hex(0x8a7352)
		if c.snow > 0 {
			tone = hex(0x9aa0aa)
		}
		grit := c.noise.fbm(gx*26, gz*20, 3)
		col = mix(col, tone.scale(0.8+0.3*fine+0.3*grit), 0.78*smooth(0.42, 0.26, edge))
	}
	if len(c.flower) > 0 {
		d, _, cx, cy := cells(gx*9, gz*9, c.salt)
		if hash(cx, cy, c.salt) < 0.4 {
			col = mix(col, c.flower[int(hash(cx, cy, 5)*float64(len(c.flower)))], smooth(0.3, 0.15, d))
		}
	}
	patch := smooth(-0.05, 0.45, c.noise.fbm(gx*1.6+3, gz*1.1, 4))
	lit := c.sky.ambient.scale(0.75).add(c.sky.sun.scale(0.05 + 0.62*patch*math.Min(1, 0.4+c.rays)))
	col = col.scale(1 + 0.35*fine).mul(lit)
	air := clamp(c.mist*(1-math.Exp(-depth*0.28))*1.05, 0, 0.96)
	return mix(col, c.fog.add(c.shine(x, y)), air)
}

// trunk is a tree of a layer where it covers a place.
func (c *forest) trunk(i int, k, x, y, horizon float64) (vec, bool) {
	size := math.Pow(1-k, 1.6)*0.9 + 0.10
	foot := horizon - 0.34*size*c.top*2*0.8
	if y < foot-0.03 {
		return vec{}, false
	}
	spacing := 0.34 * size
	if i == 0 {
		spacing *= 1.9
	}
	ci, _ := floor(x/spacing + 0.37*float64(i))
	for n := ci - 1; n <= ci+1; n++ {
		if hash(n, i, c.salt+20) < 0.25 {
			continue
		}
		half := size * (0.026 + 0.024*hash(n, i, c.salt+21))
		lean := 0.10 * (hash(n, i, c.salt+22) - 0.5)
		mid := (float64(n)+0.5+0.6*(hash(n, i, c.salt+23)-0.5)-0.37*float64(i))*spacing + lean*(y-foot)
		mid += 0.012 * size * c.noise.at(y*3/size, float64(n*13+i))
		if c.path && abs(mid) < 0.13*size {
			continue
		}
		root := foot + 0.02*size*(hash(n, i, c.salt+24)-0.5)
		h := (y - root) / size
		half *= 1 - 0.28*clamp(h, 0, 1.4) + 0.9*math.Exp(-math.Max(h, 0)*26)
		u := (x - mid) / half
		if abs(u) > 1 || y < root-0.012*size*(1-u*u)-0.006*c.noise.at(x*90, float64(n)) {
			continue
		}
		return c.barkAt(u, h, n*17+i, size), true
	}
	return vec{}, false
}

// barkAt is a trunk's surface: furrows, moss, snow on one side, roundness by light.
func (c *forest) barkAt(u, h float64, id int, size float64) vec {
	around := math.Asin(clamp(u, -1, 1))
	f := float64(id) * 3.3
	var col vec
	if c.birch {
		n := c.noise.fbm(around*1.2+f, h*26, 3)
		col = mix(vec{0.78, 0.76, 0.72}, vec{0.05, 0.045, 0.04}, smooth(0.28, 0.42, n+0.12*c.noise.at(h*5, f)))
	} else {
		n := c.noise.ridged(around*3.1+f+0.3*c.noise.at(h*6, f), h*4.2, 3)
		col = c.bark.scale(0.45 + 1.1*n)
		col = mix(col, c.moss.scale(0.6+0.8*n), smooth(0.1, 0.6, c.noise.fbm(around+f, h*3, 3)+0.5*math.Exp(-math.Max(h, 0)*7)-0.15)*0.8*(1-c.snow))
	}
	side := 0.5 + 0.5*math.Sin(around)*signOf(c.sunX)
	light := c.sky.ambient.scale(0.35 + 0.3*math.Cos(around)).add(c.glow.scale(0.7 * side * side))
	if c.snow > 0 {
		col = mix(col, vec{0.85, 0.9, 0.95}, c.snow*smooth(0.1, 0.6, c.noise.at(around*2+f, h*7)-0.5*u)*0.7)
	}
	return col.mul(light)
}

// canopy is a layer's leaves at the top of the picture.
func (c *forest) canopy(i int, k, x, y float64) (vec, float64) {
	edge := c.top * (0.50 - 0.42*k)
	if y < edge-0.42 || c.snow > 0 && i > 2 {
		return vec{}, 0
	}
	size := lerp(1, 3.2, k)
	f := float64(i)*9.7 + float64(c.salt%53)
	mass := c.noise.fbm(x*3.2*size+f, y*3.2*size, 4) + (y-edge)*2.6
	if mass < -0.1 {
		return vec{}, 0
	}
	d, _, cx, cy := cells(x*72*size+f, y*88*size, c.salt+i)
	if d > 0.62 {
		return vec{}, 0
	}
	leaf := c.leaves[int(hash(cx, cy, c.salt+30)*float64(len(c.leaves)))]
	if c.snow > 0 {
		leaf = mix(leaf, vec{0.8, 0.85, 0.92}, 0.6)
	}
	clump := smooth(-0.45, 0.6, c.noise.fbm(x*7*size+f, y*9*size+f, 3)+0.3*c.noise.at(x*30*size, y*30*size))
	lit := (0.30 + 0.6*hash(cx, cy, c.salt+31)) * (0.35 + 1.1*clump) * (1.15 - 0.6*d)
	light := c.sky.ambient.scale(0.7).add(c.glow.scale(0.55 * lit)).add(c.shine(x, y).scale(0.9))
	return leaf.scale(0.22 + 1.25*lit).mul(light), smooth(-0.1, 0.12, mass)
}
