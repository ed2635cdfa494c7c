package builtin

import "math"

// goal is what a composition should show, as shares of the picture.
type goal struct {
	sky, water float64
	// top is how much the skyline should rise and fall.
	top float64
	// low keeps the eye near the ground or the water.
	low bool
	// aim is a place on the map that should be looked at, or nil.
	aim *[2]float64
	// skyline is where the land should end in each column, as shares from the top, and
	// follow how much that counts, 0..1.
	skyline []float64
	follow  float64
	// high lifts the eye and lowers its look.
	high bool
}

// towards adds to a goal what the prompt's camera and the references ask for.
func (g goal) towards(w *wish) goal {
	g.skyline, g.follow = skylineOf(w.guides)
	switch {
	case w.tag("camera/high"):
		g.high, g.low = true, false
		g.sky *= 0.5
	case w.tag("camera/low"):
		g.low = true
	}
	return g
}

// candidates is how many cameras the composition search tries.
const candidates = 90

// probes is the side of the grid of rays that judges a camera.
const probes = 20

// seek tries cameras and keeps the one whose view is composed best.
func (l *land) seek(j *job, r *rng, f frame, want goal) error {
	best, bestScore := *l, math.Inf(-1)
	for i := range candidates {
		if j.stopped() {
			return j.ctx.Err()
		}
		l.stand(r, want)
		if score := l.judge(f, want); score > bestScore {
			best, bestScore = *l, score
		}
		j.progress(5 + 7*float64(i)/candidates)
	}
	eye, sinT, cosT, pitch, focal := best.eye, best.sinT, best.cosT, best.pitch, best.focal
	l.eye, l.sinT, l.cosT, l.pitch, l.focal = eye, sinT, cosT, pitch, focal
	l.plantWoods()
	return nil
}

// stand puts the camera somewhere by chance.
func (l *land) stand(r *rng, want goal) {
	l.sinT, l.cosT = math.Sincos(r.between(0, 2*math.Pi))
	l.eye = vec{r.between(0, terrainSize), 0, r.between(0, terrainSize)}
	if want.aim != nil {
		far, aside := r.between(4.5, 8), r.between(-1.5, 1.5)
		l.eye.x = want.aim[0] - far*l.sinT + aside*l.cosT
		l.eye.z = want.aim[1] - far*l.cosT - aside*l.sinT
	}
	base := math.Max(0, l.cell(l.eye.x/cellSize, l.eye.z/cellSize))
	rise := r.between(0.14, 0.75)
	if want.low {
		rise = r.between(0.08, 0.3)
	}
	l.pitch = r.between(-0.14, 0.06)
	if want.high {
		rise = rise*2.2 + 1.1
		l.pitch -= 0.22
	}
	l.eye.y = base + rise
	l.focal = r.between(0.95, 1.35)
}

// judge scores the view by coarse rays: shares of sky and water, depth, skyline, and
// nothing too close to the eye.
func (l *land) judge(f frame, want goal) float64 {
	rough, trees := l.rough, l.trees
	l.rough, l.trees = 0, 0
	defer func() { l.rough, l.trees = rough, trees }()
	var sky, wet, near, middle, far, low, sum, squares, astray float64
	for col := range probes {
		x := (float64(col)+0.5)/probes*2 - 1
		edge := -1.0
		for row := range probes {
			y := 1 - (float64(row)+0.5)/probes*2
			d := l.ray(x*f.right, y*f.top)
			t, kind := l.probe(d)
			switch {
			case kind == 's':
				sky++
				continue
			case kind == 'w':
				wet++
			case t < 0.7:
				near++
			case t < 7:
				middle++
			default:
				far++
			}
			if edge < 0 {
				edge = float64(row) / probes
			}
			if row > probes*3/4 && t > 9 {
				low++
			}
		}
		if edge < 0 {
			edge = 1
		}
		sum, squares = sum+edge, squares+edge*edge
		if want.skyline != nil {
			astray += abs(edge-want.skyline[col]) / probes
		}
	}
	const all = probes * probes
	mean := sum / probes
	spread := math.Sqrt(math.Max(0, squares/probes-mean*mean))
	calm := 1 - 0.7*want.follow // a followed skyline outweighs the painter's own taste
	return -3.2*calm*abs(sky/all-want.sky) - 2.6*abs(wet/all-want.water) - 6*math.Max(0, near/all-0.03) -
		2*calm*abs(spread-want.top) - 0.8*abs(middle/all-0.32) + 0.7*math.Min(far/all, 0.15) - low/all - 12*want.follow*astray
}

// probe tells what a ray meets: 's'ky, 'w'ater or 'l'and.
func (l *land) probe(d vec) (float64, byte) {
	surface := math.Inf(1)
	if !l.none && d.y < -1e-4 {
		surface = -l.eye.y / d.y
	}
	t, ok := l.march(vec{0, l.eye.y, 0}, d, 0.03, math.Min(viewLimit, surface+0.01), 0, 60)
	switch {
	case surface < viewLimit && (!ok || surface <= t):
		return surface, 'w'
	case ok:
		return t, 'l'
	}
	return viewLimit, 's'
}
