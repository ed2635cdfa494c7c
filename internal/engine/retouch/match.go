package retouch

import "math"

const (
	// reach is how far a patch goes from its middle: 7x7 pixels.
	reach = 3
	// nearness is what a patch from the other end of the picture costs more than one
	// from nearby, per pixel, as a squared difference of bytes. Things at one height
	// belong together, so a step up or down costs four times that.
	nearness = 90
	// alien is the difference of a patch that nothing is known of.
	alien = math.MaxFloat32
)

// matches says for each patch that touches something wanted which known patch is most
// like it. Patches are named by their middles.
type matches struct {
	f       *field
	seed    uint64
	targets []bool
	usable  []bool
	places  []int32 // usable middles, for random picks
	best    []int32 // by middle; -1 where there is no target
	cost    []float32
	// trust falls with the distance from what is known.
	trust []float32
	count int // targets
}

// newMatches finds what is to be matched and with what. It gives nil if nothing may be
// copied, or if the context has ended.
func newMatches(j *job, f *field, seed uint64) *matches {
	if j.ctx.Err() != nil {
		return nil
	}
	m := &matches{
		f: f, seed: seed,
		targets: make([]bool, f.w*f.h), usable: make([]bool, f.w*f.h),
		best: make([]int32, f.w*f.h), cost: make([]float32, f.w*f.h),
	}
	m.trust = trusts(j, f)
	holes, bad := countTable(j, f, wanted), countTable(j, f, unfit)
	for y := reach; y < f.h-reach && j.ctx.Err() == nil; y++ {
		for x := reach; x < f.w-reach; x++ {
			i := y*f.w + x
			h := inPatch(holes, f.w, x, y)
			m.targets[i] = h > 0
			if h == 0 && inPatch(bad, f.w, x, y) == 0 {
				m.usable[i] = true
				m.places = append(m.places, int32(i))
			}
			if h > 0 {
				m.count++
			}
		}
	}
	for i := range m.best {
		m.best[i], m.cost[i] = -1, alien
	}
	if len(m.places) == 0 {
		return nil
	}
	return m
}

const (
	trustFall  = 0.87 // for each pixel away from what is known
	leastTrust = 0.002
)

// trusts walks the field down and up once each, which gives every pixel the trust of
// its nearest known one, less what the way costs.
func trusts(j *job, f *field) []float32 {
	t := make([]float32, f.w*f.h)
	spread := func(i, x, y, step int) {
		if f.state[i] != wanted {
			t[i] = 1
			return
		}
		best := max(t[i], leastTrust)
		if k := x - step; k >= 0 && k < f.w {
			best = max(best, trustFall*t[i-step])
		}
		if k := y - step; k >= 0 && k < f.h {
			best = max(best, trustFall*t[i-step*f.w])
		}
		t[i] = best
	}
	j.inTurn(f.h, func(y int) {
		for x := range f.w {
			spread(y*f.w+x, x, y, 1)
		}
	})
	j.inTurn(f.h, func(y int) {
		y = f.h - 1 - y
		for x := f.w - 1; x >= 0; x-- {
			spread(y*f.w+x, x, y, -1)
		}
	})
	return t
}

// countTable has at (x+1, y+1) how many pixels up and left are in a state.
func countTable(j *job, f *field, state uint8) []int32 {
	w := f.w + 1
	t := make([]int32, w*(f.h+1))
	j.inTurn(f.h, func(y int) {
		row := int32(0)
		for x := range f.w {
			if f.state[y*f.w+x] == state {
				row++
			}
			t[(y+1)*w+x+1] = t[y*w+x+1] + row
		}
	})
	return t
}

func inPatch(t []int32, width, x, y int) int32 {
	w := width + 1
	a, b := (y-reach)*w+x-reach, (y+reach+1)*w+x-reach
	return t[b+2*reach+1] - t[b] - t[a+2*reach+1] + t[a]
}

// random gives numbers that depend on nothing but their arguments.
func (m *matches) random(i, round, n int) uint64 {
	v := m.seed ^ uint64(i)*0x9e3779b97f4a7c15 ^ uint64(round)<<40 ^ uint64(n)<<56
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// pick gives a random usable middle.
func (m *matches) pick(i, round, n int) int32 {
	return m.places[m.random(i, round, n)%uint64(len(m.places))]
}

// difference compares the patch around i with the one around k, and gives up beyond most.
func (m *matches) difference(i, k int32, most float32) float32 {
	w := int32(m.f.w)
	dx, dy := float32(i%w-k%w)/float32(m.f.w), float32(i/w-k/w)/float32(m.f.h)
	sum := float32((2*reach+1)*(2*reach+1)) * nearness * (dx*dx + 4*dy*dy)
	const row = (2*reach + 1) * channels
	a, b := (int(i)-reach*m.f.w-reach)*channels, (int(k)-reach*m.f.w-reach)*channels
	for range 2*reach + 1 {
		if sum >= most {
			return alien
		}
		p, q := m.f.pix[a:a+row:a+row], m.f.pix[b:b+row:b+row]
		for n := range p {
			d := p[n] - q[n]
			sum += d * d
		}
		a, b = a+m.f.w*channels, b+m.f.w*channels
	}
	return sum
}

// try takes k for i if it is usable and more alike.
func (m *matches) try(i, k int32) {
	if k == m.best[i] || !m.usable[k] {
		return
	}
	if d := m.difference(i, k, m.cost[i]); d < m.cost[i] {
		m.best[i], m.cost[i] = k, d
	}
}

// refresh works out the costs anew after the picture has changed, and gives targets
// without a match one.
func (m *matches) refresh(j *job, round int) error {
	return j.split(m.f.h, m.f.h/2, true, func(y, _, _ int) {
		for i := y * m.f.w; i < (y+1)*m.f.w; i++ {
			if !m.targets[i] {
				continue
			}
			if m.best[i] < 0 || !m.usable[m.best[i]] {
				m.best[i] = m.pick(i, round, 7)
			}
			m.cost[i] = m.difference(int32(i), m.best[i], alien)
		}
	})
}

// search lets good matches spread to neighbours, and looks around each in ever
// smaller circles. The two halves of the picture do not look into each other, and are
// cut elsewhere each round, so the result does not depend on who is faster.
func (m *matches) search(j *job, round int, wide bool) error {
	down := round%2 == 0
	cut := m.f.h/2 + (round%3-1)*m.f.h/8
	step := int32(1)
	if !down {
		step = -1
	}
	w := int32(m.f.w)
	return j.split(m.f.h, cut, down, func(y, low, high int) {
		above := y - int(step)
		for n := range m.f.w {
			i := int32(y*m.f.w + n)
			if !down {
				i = int32(y*m.f.w + m.f.w - 1 - n)
			}
			if !m.targets[i] {
				continue
			}
			if b := i - step; b >= 0 && b/w == i/w && m.targets[b] {
				m.follow(i, m.best[b]+step)
			}
			if above >= low && above < high && m.targets[i-step*w] {
				m.follow(i, m.best[i-step*w]+step*w)
			}
			if wide {
				m.wander(i, round)
			}
		}
	})
}

// follow tries what lies beside a neighbour's match.
func (m *matches) follow(i, k int32) {
	if k >= 0 && int(k) < len(m.usable) {
		m.try(i, k)
	}
}

func (m *matches) wander(i int32, round int) {
	w, h := m.f.w, m.f.h
	m.try(i, m.pick(int(i), round, 0))
	n := 1
	for radius := max(w, h) / 2; radius >= 1; radius /= 2 {
		r := m.random(int(i), round, n)
		x := int(m.best[i])%w + int(r&0xffffffff)%(2*radius+1) - radius
		y := int(m.best[i])/w + int(r>>32)%(2*radius+1) - radius
		if x >= 0 && y >= 0 && x < w && y < h {
			m.try(i, int32(y*w+x))
		}
		n++
	}
}

// finer carries the matches to the scale twice as large.
func (m *matches) finer(j *job, f *field, seed uint64) *matches {
	n := newMatches(j, f, seed)
	if n == nil {
		return nil
	}
	for i, target := range n.targets {
		if i&0xffff == 0 && j.ctx.Err() != nil {
			return nil
		}
		if !target {
			continue
		}
		x, y := i%f.w, i/f.w
		u, v := min(max(x/2, reach), m.f.w-reach-1), min(max(y/2, reach), m.f.h-reach-1)
		if u < 0 || v < 0 {
			continue
		}
		c := m.best[v*m.f.w+u]
		if c < 0 {
			continue
		}
		u, v = int(c)%m.f.w*2+x-2*u, int(c)/m.f.w*2+y-2*v
		if u >= 0 && v >= 0 && u < f.w && v < f.h && n.usable[v*f.w+u] {
			n.best[i] = int32(v*f.w + u)
		}
	}
	return n
}
