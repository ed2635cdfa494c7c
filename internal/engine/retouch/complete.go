package retouch

import (
	"image"
	"math"
)

// coarseSide is about the shorter side of the smallest scale, in pixels.
const coarseSide = 28

// visits bounds how many patches are matched at one scale, all rounds together.
const visits = 3_000_000

// completion makes up what is wanted in a picture.
type completion struct {
	levels []*field
	// inner is where something is known, at each scale; around it lies what is reflected.
	inner []image.Rectangle
	seed  uint64
	// final holds the matches of the finest scale, after run.
	final *matches
}

// newCompletion builds the scales. It stops before nothing is left to copy from.
func newCompletion(j *job, f *field, inner image.Rectangle, seed uint64) *completion {
	c := &completion{levels: []*field{f}, inner: []image.Rectangle{inner}, seed: seed}
	for min(f.w, f.h) >= 2*coarseSide && j.ctx.Err() == nil {
		next := f.half(j)
		if newMatches(j, next, 0) == nil {
			break
		}
		inner = image.Rect((inner.Min.X+1)/2, (inner.Min.Y+1)/2, max(inner.Max.X/2, (inner.Min.X+1)/2+1), max(inner.Max.Y/2, (inner.Min.Y+1)/2+1))
		c.levels, c.inner, f = append(c.levels, next), append(c.inner, inner), next
	}
	return c
}

// run fills the finest field. It tells whether there was anything to copy from; if
// not, the field has only the smooth filling.
func (c *completion) run(j *job) (copied bool, err error) {
	top := len(c.levels) - 1
	f := c.levels[top]
	if err := j.ctx.Err(); err != nil {
		return false, err
	}
	if err := f.smooth(j, c.inner[top]); err != nil {
		return false, err
	}
	f.mirror(j, c.inner[top])
	m := newMatches(j, f, c.seed)
	if m == nil {
		return false, nil
	}
	m.reflected(c.inner[top])
	for level := top; level >= 0; level-- {
		if level < top {
			if m = m.finer(j, c.levels[level], c.seed+uint64(level)); m == nil {
				return false, nil
			}
			j.inner = func(share float64) { j.progress(c.done(level, top, firstShare*share)) }
			if err := m.first(j); err != nil {
				return false, err
			}
		}
		if err := c.rounds(j, m, level, top); err != nil {
			return false, err
		}
	}
	c.final = m
	return true, nil
}

// firstShare is how much of a scale's work is to fill it from the coarser one.
const firstShare = 0.1

// rounds searches and votes in turn at one scale.
func (c *completion) rounds(j *job, m *matches, level, top int) error {
	rounds, wide := c.plan(m, level, top)
	defer func() { j.inner = nil }()
	for round := range rounds {
		last := level == 0 && round == rounds-1
		steps := []func() error{
			func() error { return m.f.eachRow(j, m.f.slopes) },
			func() error { return m.refresh(j, round) },
			func() error { return m.search(j, 2*round, wide) },
			func() error { return m.search(j, 2*round+1, wide) },
			func() error { return m.vote(j, sharpness(round, rounds, last)) },
		}
		for i, step := range steps {
			j.inner = func(share float64) {
				whole := (float64(round) + (float64(i)+share)/float64(len(steps))) / float64(rounds)
				j.progress(c.done(level, top, firstShare+(1-firstShare)*whole))
			}
			if err := step(); err != nil {
				return err
			}
		}
	}
	return nil
}

// plan gives a scale its rounds: many where they cost nothing, few where the coarser
// scales have decided already.
func (c *completion) plan(m *matches, level, top int) (rounds int, wide bool) {
	most := 5
	switch {
	case level == top:
		most = 16
	case level == 0:
		most = 2
	case level > 1:
		most = 8
	}
	rounds = min(most, max(1, visits/2/max(1, m.count)))
	return rounds, rounds > 1 || m.count < visits/2
}

// done is how much is done after a share of a scale: each costs about twice its coarser one.
func (c *completion) done(level, top int, share float64) float64 {
	whole := math.Pow(2, float64(top+1)) - 1
	before := math.Pow(2, float64(top-level)) - 1
	return (before + share*math.Pow(2, float64(top-level))) / whole
}

// sharpness is how much better patches count for more: it rises, because in the end
// an average of many patches is a blur.
func sharpness(round, rounds int, last bool) float32 {
	if last {
		return 12
	}
	return 1 + 3*float32(round)/float32(rounds)
}

// eachRow works on rows in two halves.
func (f *field) eachRow(j *job, rows func(from, to int)) error {
	return j.split(f.h, f.h/2, true, func(y, _, _ int) { rows(y, y+1) })
}

// first fills a scale from the matches that the coarser one left.
func (m *matches) first(j *job) error {
	for i, target := range m.targets {
		if target && m.best[i] < 0 {
			m.best[i] = m.pick(i, 0, 9)
			m.cost[i] = 1e9
		} else if target {
			m.cost[i] = 1
		}
	}
	return m.vote(j, 1)
}

// reflected lets the targets outside the inner rectangle begin where they were mirrored from.
func (m *matches) reflected(inner image.Rectangle) {
	for i, target := range m.targets {
		x, y := i%m.f.w, i/m.f.w
		if !target || image.Pt(x, y).In(inner) {
			continue
		}
		x, y = reflect(x, inner.Min.X, inner.Max.X), reflect(y, inner.Min.Y, inner.Max.Y)
		if k := y*m.f.w + x; m.usable[k] {
			m.best[i] = int32(k)
		}
	}
}

// vote gives every wanted pixel the mean of what the matches of all patches over it
// say, the better ones counting more.
func (m *matches) vote(j *job, sharp float32) error {
	scale := m.typicalCost()
	f := m.f
	return j.split(f.h, f.h/2, true, func(y, _, _ int) {
		for x := range f.w {
			if f.state[y*f.w+x] == wanted {
				m.voteAt(x, y, scale, sharp, f.at(x, y))
			}
		}
	})
}

// typicalCost is the mean cost of the targets that have one.
func (m *matches) typicalCost() float32 {
	sum, n := 0.0, 1.0
	for i, target := range m.targets {
		if target && m.cost[i] < 1e8 {
			sum, n = sum+float64(m.cost[i]), n+1
		}
	}
	return max(float32(sum/n), 200)
}

// voteAt writes the colours that the patches over a pixel agree on; colours of
// matches are read from known pixels only, so votes do not depend on their order.
func (m *matches) voteAt(x, y int, scale, sharp float32, to []float32) {
	var sum [3]float32
	var weights float32
	f := m.f
	for v := max(y-reach, reach); v <= min(y+reach, f.h-reach-1); v++ {
		for u := max(x-reach, reach); u <= min(x+reach, f.w-reach-1); u++ {
			i := v*f.w + u
			if m.best[i] < 0 {
				continue
			}
			weight := m.weight(i, scale, sharp)
			q := f.pix[(int(m.best[i])+(y-v)*f.w+x-u)*channels:]
			sum[0], sum[1], sum[2] = sum[0]+weight*q[0], sum[1]+weight*q[1], sum[2]+weight*q[2]
			weights += weight
		}
	}
	if weights > 0 {
		to[0], to[1], to[2] = sum[0]/weights, sum[1]/weights, sum[2]/weights
	}
}

// weight is how much a patch's voice counts: more if it fits, and more the nearer it
// is to what is known, because what is made up agrees with itself all too easily.
func (m *matches) weight(i int, scale, sharp float32) float32 {
	fit := float32(math.Exp(-float64(min(sharp*m.cost[i]/scale, 60))))
	return (fit + 1e-6) * m.trust[i]
}

// strain is how the steps between neighbours differ from those that the patches say.
// The patches' steps lie within one photograph, and so have no seam.
type strain struct {
	// right and down are between wanted pixels, three for each.
	right, down []float32
	// edge belongs to the known pixels beside wanted ones: how far those are off.
	edge []float32
}

func (m *matches) strain(j *job) (*strain, error) {
	f, scale := m.f, m.typicalCost()
	n := 3 * f.w * f.h
	s := &strain{right: make([]float32, n), down: make([]float32, n), edge: make([]float32, n)}
	err := j.split(f.h, f.h/2, true, func(y, _, _ int) {
		for x := range f.w {
			i := y*f.w + x
			if f.state[i] != wanted {
				m.edgeAt(x, y, scale, s.edge[3*i:3*i+3])
				continue
			}
			if x+1 < f.w && f.state[i+1] == wanted {
				m.stepAt(x, y, image.Pt(1, 0), scale, s.right[3*i:3*i+3])
			}
			if y+1 < f.h && f.state[i+f.w] == wanted {
				m.stepAt(x, y, image.Pt(0, 1), scale, s.down[3*i:3*i+3])
			}
		}
	})
	return s, err
}

// edgeAt averages how far a known pixel's wanted neighbours are off.
func (m *matches) edgeAt(x, y int, scale float32, to []float32) {
	f, n := m.f, float32(0)
	for _, d := range [4]image.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}} {
		u, v := x+d.X, y+d.Y
		if u >= 0 && v >= 0 && u < f.w && v < f.h && f.state[v*f.w+u] == wanted {
			m.stepAt(x, y, d, scale, to)
			n++
		}
	}
	for c := range to {
		if n > 0 {
			to[c] /= n
		}
	}
}

// stepAt adds what the patches say of the step to a neighbour, less the step as it is.
func (m *matches) stepAt(x, y int, d image.Point, scale float32, to []float32) {
	f := m.f
	var sum [3]float32
	var weights float32
	lowX, highX := max(x, x+d.X)-reach, min(x, x+d.X)+reach
	lowY, highY := max(y, y+d.Y)-reach, min(y, y+d.Y)+reach
	for v := max(lowY, reach); v <= min(highY, f.h-reach-1); v++ {
		for u := max(lowX, reach); u <= min(highX, f.w-reach-1); u++ {
			i := v*f.w + u
			if m.best[i] < 0 {
				continue
			}
			weight := m.weight(i, scale, 12)
			k := int(m.best[i]) + (y-v)*f.w + x - u
			p, q := f.pix[k*channels:], f.pix[(k+d.Y*f.w+d.X)*channels:]
			for c := range 3 {
				sum[c] += weight * (q[c] - p[c])
			}
			weights += weight
		}
	}
	if weights == 0 {
		return
	}
	here, there := f.at(x, y), f.at(x+d.X, y+d.Y)
	for c := range 3 {
		to[c] += sum[c]/weights - (there[c] - here[c])
	}
}
