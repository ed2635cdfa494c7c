package builtin

import "math"

// land is a terrain seen by a camera, with its sky, its water and its materials. All
// directions and places are in the camera's frame: x right, y up, z ahead.
type land struct {
	*terrain
	sky   *sky
	noise *noise
	ground
	water
	// eye is the camera's place on the map and its height; turn is where it looks.
	eye        vec
	sinT, cosT float64
	pitch      float64
	focal      float64
	// haze thickens the air with distance; mist lies low and thins out with height.
	haze, mist, mistHeight float64
	snowfall, rainfall     float64
	// cone is where a volcano stands on the map.
	cone  [2]float64
	rough float64
	// stride is how far a ray goes on, in heights above the ground: less where walls are steep.
	stride float64
}

// usualStride suits ground without high walls.
const usualStride = 0.47

// water is the surface at height zero.
type water struct {
	none   bool
	deep   vec
	shoal  vec
	waves  float64
	foam   float64
	frozen bool
}

// map coordinates of a place in the camera's frame.
func (l *land) onMap(x, z float64) (float64, float64) {
	return l.eye.x + x*l.cosT + z*l.sinT, l.eye.z - x*l.sinT + z*l.cosT
}

// height is the ground's height at a place in the camera's frame, finer when near.
func (l *land) height(x, z, t float64) float64 {
	mx, mz := l.onMap(x, z)
	if t > 9 {
		return l.cell(mx/cellSize, mz/cellSize)
	}
	h := l.at(mx, mz)
	if l.rough > 0 {
		h += l.rough * 0.05 * l.noise.at(mx*5.1, mz*5.1)
		if t < 4 {
			h += l.rough * (0.022*l.noise.at(mx*13, mz*13) + 0.008*l.noise.at(mx*37, mz*37)) * smooth(4, 2, t)
		}
	}
	if l.ripples > 0 && t < 5 {
		h += 0.0035 * l.ripples * smooth(5, 1.5, t) * smooth(0, 1, t) * math.Sin(mz*85+7*l.noise.at(mx*1.6, mz*1.6)+2*l.noise.at(mx*6, mz*6))
	}
	if l.trees > 0 && t < 9 {
		h += l.tree(mx, mz, h, t)
	}
	return h
}

// march finds where a ray meets the ground; ok is false if it reaches the sky. Away is how
// far the ray's start already lies from the eye: distant ground needs less detail.
func (l *land) march(from, d vec, start, limit, away float64, steps int) (t float64, ok bool) {
	t = start
	step := 0.0
	detail, stride := l.detail(), l.stride
	if away > 0 { // a reflection has fewer steps, and waves hide what it misses
		stride = usualStride
	}
	for range steps {
		y := from.y + d.y*t
		if y > l.top+0.12 && d.y >= 0 || t > limit {
			return t, false
		}
		if t+away <= 9 && y > detail {
			// Well above the ground its fine forms don't matter.
			mx, mz := l.onMap(from.x+d.x*t, from.z+d.z*t)
			if gap := y - l.cell(mx/cellSize, mz/cellSize); gap > 2.5*detail {
				step = gap * stride
				t += step
				continue
			}
		}
		gap := l.clearance(from.x+d.x*t, y, from.z+d.z*t, t+away, detail)
		if gap < 0.0006*t {
			low, high := t-step, t
			for range 5 {
				mid := (low + high) / 2
				if from.y+d.y*mid < l.height(from.x+d.x*mid, from.z+d.z*mid, mid+away) {
					high = mid
				} else {
					low = mid
				}
			}
			return high, true
		}
		step = math.Max(gap*stride, 0.003+0.005*t)
		if l.trees > 0 && gap < 0.14 && y-gap > 0.03 && t+away < 2.2 {
			step = math.Min(step, l.stalk(from.x+d.x*t, from.z+d.z*t, t)) // not past a tree
		}
		t += step
	}
	return t, t < limit && d.y < 0.02
}

// stalk is how far a ray may go near the ground without passing a tree: finely where one
// stands, elsewhere a part of a cell.
func (l *land) stalk(x, z, t float64) float64 {
	mx, mz := l.onMap(x, z)
	xi, _ := floor(mx / treeCell)
	zi, _ := floor(mz / treeCell)
	if l.wooded(xi, zi) {
		return 0.005 + 0.007*t
	}
	return 0.4*treeCell + 0.004*t
}

// clearance is how far a place lies above the ground. Where the fine forms can't reach it
// they are not worked out, only allowed for.
func (l *land) clearance(x, y, z, t, detail float64) float64 {
	if t <= 9 && y > detail {
		mx, mz := l.onMap(x, z)
		if gap := y - l.at(mx, mz); gap > detail {
			return gap - 0.6*detail
		}
	}
	return y - l.height(x, z, t)
}

// detail is by how much the ground may rise above the height map's cells.
func (l *land) detail() float64 {
	d := 0.06 + 0.08*l.rough + 0.004*l.ripples
	if l.trees > 0 {
		d += 0.12
	}
	return d
}

// normal is the ground's direction at a place.
func (l *land) normal(x, z, t float64) vec {
	e := math.Max(0.004, 0.0016*t)
	if t > 9 {
		e = math.Max(e, cellSize*0.6)
	}
	return vec{
		l.height(x-e, z, t) - l.height(x+e, z, t), 2 * e,
		l.height(x, z-e, t) - l.height(x, z+e, t),
	}.unit()
}

// shadow is how much sunlight reaches a place, 0..1.
func (l *land) shadow(p vec) float64 {
	light, t := 1.0, 0.05
	for range 26 {
		q := p.add(l.sky.toSun.scale(t))
		if q.y > l.top {
			break
		}
		mx, mz := l.onMap(q.x, q.z)
		gap := q.y - l.cell(mx/cellSize, mz/cellSize)
		light = math.Min(light, 0.5+gap*9/t)
		if light <= 0 {
			return 0
		}
		t += clamp(gap*0.7, 0.03+t*0.04, 1.2)
	}
	return smooth(0, 1, light)
}

// ray is the direction through a point of the frame.
func (l *land) ray(x, y float64) vec {
	s, c := math.Sincos(l.pitch)
	y, z := y*c+l.focal*s, l.focal*c-y*s
	return vec{x, y, z}.unit()
}

const viewLimit = 42.0

// shade paints the point of the frame.
func (l *land) shade(x, y float64) vec {
	d := l.ray(x, y)
	from := vec{0, l.eye.y, 0}
	surface := math.Inf(1)
	if !l.none && d.y < -1e-4 {
		surface = -l.eye.y / d.y
	}
	t, ok := l.march(from, d, 0.03, math.Min(viewLimit, surface+0.01), 0, 240)
	var c vec
	switch {
	case surface < viewLimit*1.5 && (!ok || surface <= t):
		t = surface
		c = l.waterLight(d, t)
	case ok:
		c = l.groundLight(from.add(d.scale(t)), d, t)
	default:
		c = l.sky.shade(d)
		t = viewLimit
		if l.mist > 0 {
			c = mix(c, l.sky.fog, clamp(l.mist*0.55*math.Exp(-math.Max(d.y, 0)*9), 0, 0.9))
		}
		return l.fall(x, y, c)
	}
	return l.fall(x, y, l.air(c, d, from.y, t))
}

// air lays haze and mist between the eye and a place at distance t.
func (l *land) air(c, d vec, y0, t float64) vec {
	horizon := l.sky.air(vec{d.x, math.Max(d.y, 0.015), d.z})
	fog := mix(l.sky.fog, horizon, 0.75)
	k := 1 - math.Exp(-math.Pow(t*l.haze, 1.35))
	c = mix(c, fog, k)
	if l.mist > 0 {
		b := 1 / l.mistHeight
		dy := d.y
		if abs(dy) < 1e-4 {
			dy = 1e-4
		}
		amount := l.mist * math.Exp(-math.Max(y0, 0)*b) * (1 - math.Exp(-clamp(dy*t*b, -30, 30))) / (dy * b)
		c = mix(c, mix(l.sky.fog, horizon, 0.4), clamp(1-math.Exp(-amount), 0, 0.97))
	}
	return c
}

// waterLight is what the water shows: the reflected scene, its own depth, and foam.
func (l *land) waterLight(d vec, t float64) vec {
	px, pz := d.x*t, d.z*t
	mx, mz := l.onMap(px, pz)
	bed := -l.cell(mx/cellSize, mz/cellSize)
	calm := 1 / (1 + t*0.22)
	k := l.waves
	nx := k * calm * (0.09*l.noise.at(mx*2.3, mz*3.1) + 0.07*l.noise.at(mx*7.1+3, mz*9.3) + 0.05*l.noise.at(mx*21, mz*24))
	nz := k * calm * (0.09*l.noise.at(mx*2.3+40, mz*3.1) + 0.07*l.noise.at(mx*7.1, mz*9.3+50) + 0.05*l.noise.at(mx*21+9, mz*24))
	n := vec{nx, 1, nz}.unit()
	r := reflect(d, n)
	r.y = abs(r.y) + 0.004
	r = r.unit()
	p := vec{px, 0.004, pz}
	mirrored := l.sky.shade(r)
	if hit, ok := l.march(p, r, 0.04+0.01*t, 24, 1.5*t, 40); ok {
		q := p.add(r.scale(hit))
		mirrored = l.air(l.groundLight(q, r, math.Max(hit, 9.1)), r, 0, t+hit)
	}
	fresnel := 0.03 + 0.97*math.Pow(1-clamp(-d.dot(n), 0, 1), 5)
	light := l.sky.ambient.add(l.sky.sun.scale(0.25 * math.Max(0.1, l.sky.toSun.y)))
	own := mix(l.shoal, l.deep, 1-math.Exp(-math.Max(bed, 0)*4.5)).mul(light)
	c := mix(own, mirrored.scale(0.93), clamp(fresnel*0.9+0.06, 0, 1))
	if l.frozen {
		crack := smooth(0.05, 0.0, abs(l.noise.fbm(mx*2, mz*2, 4)))
		ice := vec{0.62, 0.72, 0.78}.mul(l.sky.ambient.add(l.sky.sun.scale(0.3)))
		return mix(mix(c, ice, 0.55), ice.scale(1.3), crack*0.5*calm)
	}
	return l.surf(c, mx, mz, bed, t)
}

// surf adds foam along the shore and on the crests.
func (l *land) surf(c vec, mx, mz, bed, t float64) vec {
	if l.foam <= 0 {
		return c
	}
	grain := l.noise.fbm(mx*9, mz*9, 4)
	edge := smooth(0.02+0.014*grain, 0.0, bed)
	line := math.Sin(bed*60 + 3*l.noise.at(mx*1.7, mz*1.7))
	roll := smooth(0.72, 1, line) * smooth(0.24, 0.05, bed) * smooth(-0.35, 0.35, grain)
	crest := smooth(0.55, 0.85, l.noise.fbm(mx*5, mz*8, 4)+0.3*grain) * l.waves * 0.3
	white := l.sky.ambient.scale(0.9).add(l.sky.sun.scale(0.32 * math.Max(0.2, l.sky.toSun.y)))
	return mix(c, white, clamp(l.foam*(edge*0.8+roll*0.8+crest)/(1+t*0.05), 0, 0.92))
}

// fall lays snow and rain over c.
func (l *land) fall(x, y float64, c vec) vec {
	return l.sky.streaks(x, y, l.rainfall, l.sky.flakes(x, y, l.snowfall, c))
}
