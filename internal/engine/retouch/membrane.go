package retouch

// State of a membrane's point.
const (
	outside uint8 = iota // does not take part
	fixed                // is given
	free                 // is looked for
)

// membrane is a surface over a grid that is given at some points and spans the
// others as flatly as it can: the solution of the Poisson equation for what two
// pictures differ in. Points outside do not pull; the grid's border is free.
type membrane struct {
	w, h   int
	state  []uint8
	values []float32 // three for each point
	// right and down are the steps that are wanted from a point to its neighbours on
	// the right and below, three for each point; nil where flatness is wanted.
	right, down []float32
	// told, if not nil, hears how much of the work at this scale is done, 0 to 1.
	told func(share float64)
}

func newMembrane(w, h int) *membrane {
	return &membrane{w: w, h: h, state: make([]uint8, w*h), values: make([]float32, 3*w*h)}
}

const (
	sweeps      = 14 // at each scale; the coarser one has done the far work
	coarseSweep = 60 // where there is no coarser one
	coarsest    = 8  // points a side
	relaxation  = 1.6
)

// solve finds the free points, from coarse to fine. Pull is how strongly they are
// drawn to zero at the finest scale: the inverse square of the length, in points,
// over which what is given fades.
func (m *membrane) solve(j *job, pull float32) error {
	if m.w <= coarsest || m.h <= coarsest {
		return m.relax(j, pull, coarseSweep)
	}
	c := m.half(j)
	if err := j.ctx.Err(); err != nil {
		return err
	}
	if err := c.solve(j, 4*pull); err != nil {
		return err
	}
	j.inTurn(m.h, func(y int) {
		for i := y * m.w; i < (y+1)*m.w; i++ {
			if m.state[i] == free {
				m.fromCoarse(c, i)
			}
		}
	})
	return m.relax(j, pull, sweeps)
}

// half gives the coarser grid: what is given wins over what is free.
func (m *membrane) half(j *job) *membrane {
	c := newMembrane((m.w+1)/2, (m.h+1)/2)
	count := make([]float32, c.w*c.h)
	j.inTurn(m.h, func(y int) {
		for x, st := range m.state[y*m.w : (y+1)*m.w] {
			i, k := y*m.w+x, y/2*c.w+x/2
			c.state[k] = merge(c.state[k], st)
			if st == fixed {
				count[k]++
				for n := range 3 {
					c.values[3*k+n] += m.values[3*i+n]
				}
			}
		}
	})
	for k, n := range count {
		if n > 1 {
			for i := range 3 {
				c.values[3*k+i] /= n
			}
		}
	}
	c.right = m.halfSteps(j, c, m.right, 1, m.w)
	c.down = m.halfSteps(j, c, m.down, m.w, 1)
	return c
}

// halfSteps carries wanted steps to the coarser grid c: between two of its points lie
// one step from cell to cell and half a step within each, in two rows.
func (m *membrane) halfSteps(j *job, c *membrane, steps []float32, ahead, aside int) []float32 {
	if steps == nil {
		return nil
	}
	out := make([]float32, len(c.values))
	at := func(i, n int) float32 {
		if 3*i+n >= len(steps) {
			return 0
		}
		return steps[3*i+n]
	}
	j.inTurn(c.h, func(y int) {
		for x := range c.w {
			i, k := 2*y*m.w+2*x, y*c.w+x
			for n := range 3 {
				for _, from := range [2]int{i, i + aside} {
					out[3*k+n] += (at(from, n)/2 + at(from+ahead, n) + at(from+2*ahead, n)/2) / 2
				}
			}
		}
	})
	return out
}

func merge(a, b uint8) uint8 {
	if a == fixed || b == fixed {
		return fixed
	}
	return max(a, b)
}

// fromCoarse interpolates a point between the four nearest of the coarser grid.
func (m *membrane) fromCoarse(c *membrane, i int) {
	x, y := i%m.w, i/m.w
	u, v := x/2, y/2
	du, dv := 2*(x&1)-1, 2*(y&1)-1
	var sum [3]float32
	var weight float32
	for _, o := range [4]struct {
		u, v int
		w    float32
	}{{u, v, 9}, {u + du, v, 3}, {u, v + dv, 3}, {u + du, v + dv, 1}} {
		if o.u < 0 || o.v < 0 || o.u >= c.w || o.v >= c.h {
			continue
		}
		k := o.v*c.w + o.u
		if c.state[k] == outside {
			continue
		}
		weight += o.w
		for n := range 3 {
			sum[n] += o.w * c.values[3*k+n]
		}
	}
	if weight > 0 {
		for n := range 3 {
			m.values[3*i+n] = sum[n] / weight
		}
	}
}

// relax moves each free point towards the mean of its neighbours, the even and the odd
// points of the chessboard in turn, so that the order within a turn does not matter.
func (m *membrane) relax(j *job, pull float32, turns int) error {
	over := float32(relaxation)
	if turns == sweeps && pull > 0 {
		over = 1.3
	}
	for turn := range 2 * turns {
		err := j.split(m.h, m.h/2, true, func(y, _, _ int) {
			for x := (y + turn) & 1; x < m.w; x += 2 {
				if i := y*m.w + x; m.state[i] == free {
					m.move(i, x, y, pull, over)
				}
			}
		})
		if err != nil {
			return err
		}
		if m.told != nil {
			m.told(float64(turn+1) / float64(2*turns))
		}
	}
	return nil
}

func (m *membrane) move(i, x, y int, pull, over float32) {
	var sum [3]float32
	n := pull
	// The step is wanted from low to low's neighbour; sign is -1 seen from low.
	add := func(k int, steps []float32, low int, sign float32) {
		if m.state[k] == outside {
			return
		}
		v := m.values[3*k : 3*k+3 : 3*k+3]
		sum[0], sum[1], sum[2], n = sum[0]+v[0], sum[1]+v[1], sum[2]+v[2], n+1
		if steps != nil {
			s := steps[3*low : 3*low+3 : 3*low+3]
			sum[0], sum[1], sum[2] = sum[0]+sign*s[0], sum[1]+sign*s[1], sum[2]+sign*s[2]
		}
	}
	if x > 0 {
		add(i-1, m.right, i-1, 1)
	}
	if x+1 < m.w {
		add(i+1, m.right, i, -1)
	}
	if y > 0 {
		add(i-m.w, m.down, i-m.w, 1)
	}
	if y+1 < m.h {
		add(i+m.w, m.down, i, -1)
	}
	if n == pull {
		return
	}
	v := m.values[3*i : 3*i+3 : 3*i+3]
	for c := range 3 {
		v[c] += over * (sum[c]/n - v[c])
	}
}
