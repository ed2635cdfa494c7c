package style

import "math"

// boxes blurs a plane with some channels by three boxes that come close to a bell of the
// given deviation. The boxes' ends count in part, so that any deviation is possible.
func (w *work) boxes(pix []float32, width, height, channels int, sigma float64) {
	half := (math.Sqrt(4*sigma*sigma+1) - 1) / 2
	radius := int(half)
	ends := float32(half - float64(radius))
	if half < 0.02 {
		return
	}
	for range 3 {
		w.rows(height, func(y int) {
			for c := range channels {
				boxLine(pix[y*width*channels+c:], width, channels, radius, ends)
			}
		})
		w.rows((width+31)/32, func(block int) { // neighbouring columns share the processor's cache
			for x := block * 32; x < min(width, block*32+32); x++ {
				for c := range channels {
					boxLine(pix[x*channels+c:], height, width*channels, radius, ends)
				}
			}
		})
	}
}

// boxLine blurs n numbers that lie stride apart.
func boxLine(pix []float32, n, stride, radius int, ends float32) {
	line := make([]float32, n+2*radius+3)
	for i := range line {
		line[i] = pix[min(max(i-radius-1, 0), n-1)*stride]
	}
	var sum float32
	for _, v := range line[1 : 2*radius+2] {
		sum += v
	}
	f := 1 / (float32(2*radius+1) + 2*ends)
	for i := range n {
		first, next := line[i], line[i+2*radius+2]
		pix[i*stride] = (sum + ends*(first+next)) * f
		sum += next - line[i+1]
	}
}

func (w *work) blurred(p *plane, sigma float64) *plane {
	out := newPlane(p.w, p.h)
	w.inTurn(p.h, func(y int) { copy(out.pix[y*p.w:(y+1)*p.w], p.pix[y*p.w:]) })
	w.boxes(out.pix, p.w, p.h, 1, sigma)
	return out
}

func (w *work) softened(c *canvas, sigma float64) *canvas {
	out := newCanvas(c.w, c.h)
	w.inTurn(c.h, func(y int) { copy(out.pix[3*y*c.w:3*(y+1)*c.w], c.pix[3*y*c.w:]) })
	w.boxes(out.pix, c.w, c.h, 3, sigma)
	return out
}

// flow is the direction along which a picture changes least, and how clear it is, 0..1.
type flow struct {
	w, h     int
	dx, dy   []float32
	oriented []float32
}

// directions finds the flow from the picture's gradients, smoothed over sigma pixels.
func (w *work) directions(l *plane, sigma float64) *flow {
	tensor := make([]float32, l.w*l.h*3)
	w.rows(l.h, func(y int) {
		for x := range l.w {
			gx := (l.near(x+1, y-1) + 2*l.near(x+1, y) + l.near(x+1, y+1) - l.near(x-1, y-1) - 2*l.near(x-1, y) - l.near(x-1, y+1)) / 4
			gy := (l.near(x-1, y+1) + 2*l.near(x, y+1) + l.near(x+1, y+1) - l.near(x-1, y-1) - 2*l.near(x, y-1) - l.near(x+1, y-1)) / 4
			i := (y*l.w + x) * 3
			tensor[i], tensor[i+1], tensor[i+2] = gx*gx, gx*gy, gy*gy
		}
	})
	w.boxes(tensor, l.w, l.h, 3, sigma)
	f := &flow{l.w, l.h, make([]float32, l.w*l.h), make([]float32, l.w*l.h), make([]float32, l.w*l.h)}
	w.rows(l.h, func(y int) {
		for x := range l.w {
			i := y*l.w + x
			e, m, g := float64(tensor[i*3]), float64(tensor[i*3+1]), float64(tensor[i*3+2])
			root := math.Sqrt((e-g)*(e-g) + 4*m*m)
			angle := 0.5*math.Atan2(2*m, e-g) + math.Pi/2
			s, c := math.Sincos(angle)
			f.dx[i], f.dy[i] = float32(c), float32(s)
			f.oriented[i] = float32(root / (e + g + 1e-5))
		}
	})
	return f
}

// along averages a plane over reach steps in both directions of the flow.
func (w *work) along(p *plane, f *flow, reach int) *plane {
	return w.map1(p.w, p.h, func(x, y int) float32 {
		sum, n := p.pix[y*p.w+x], float32(1)
		for _, sign := range [2]float32{1, -1} {
			px, py := float32(x)+0.5, float32(y)+0.5
			i := y*p.w + x
			dx, dy := f.dx[i]*sign, f.dy[i]*sign
			for range reach {
				px, py = px+dx, py+dy
				xi, yi := int(px), int(py)
				if px < 0 || py < 0 || xi >= p.w || yi >= p.h {
					break
				}
				k := yi*p.w + xi
				sum += p.pix[k]
				n++
				nx, ny := f.dx[k], f.dy[k]
				if nx*dx+ny*dy < 0 {
					nx, ny = -nx, -ny
				}
				dx, dy = nx, ny
			}
		}
		return sum / n
	})
}

// grain is white noise, 0..1.
func (w *work) grain(width, height, salt int) *plane {
	return w.map1(width, height, func(x, y int) float32 { return hash(x, y, salt) })
}

// strokes is noise drawn out along the flow: bristles of a brush; its middle is 0.5 and
// it spreads over about 0..1.
func (w *work) strokes(f *flow, width float64, reach, salt int) *plane {
	g := w.blurred(w.grain(f.w, f.h, salt), width)
	g = w.along(g, f, reach)
	mean, dev := w.spread(g)
	k := 0.2 / max(dev, 1e-6)
	return w.map1(g.w, g.h, func(x, y int) float32 { return clamp(0.5+(g.at(x, y)-mean)*k, 0, 1) })
}

// spread gives mean and standard deviation.
func (w *work) spread(p *plane) (mean, deviation float32) {
	sum, squares := 0.0, 0.0
	w.inTurn(p.h, func(y int) {
		for _, v := range p.pix[y*p.w : (y+1)*p.w] {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
	})
	n := float64(len(p.pix))
	return float32(sum / n), float32(math.Sqrt(max(0, squares/n-sum/n*sum/n)))
}

// lines is a drawing of the edges: 1 is paper, 0 is ink. Sharp lies between a soft and a
// hard pen; level is how much unevenness the pen passes over.
func (w *work) lines(l *plane, f *flow, sigma float64, sharp, level float32) *plane {
	thin, wide := w.blurred(l, sigma), w.blurred(l, sigma*1.6)
	const tau = 0.98
	d := w.map1(l.w, l.h, func(x, y int) float32 { return thin.at(x, y) - tau*wide.at(x, y) })
	if f != nil {
		d = w.along(d, f, 3)
	}
	return w.map1(l.w, l.h, func(x, y int) float32 {
		// tau makes the difference rise with brightness; take that back out.
		e := (d.at(x, y) - (1-tau)*wide.at(x, y)) * 40 * sharp
		v := clamp(1+level+e, 0, 1)
		return v * v * (3 - 2*v)
	})
}

// dabs redraws a picture as dabs of paint: each pixel takes the mean of the evenest of
// eight sectors around it. Radius is in pixels.
func (w *work) dabs(c *canvas, radius float64) *canvas {
	r := max(2, int(math.Round(radius)))
	stride := 1
	if r > 4 {
		stride = 2
	}
	src := w.padded(w.softened(c, 0.35*float64(stride)+0.15), r)
	type offset struct {
		at     int
		sector [2]int
	}
	var offsets []offset
	for dy := -r; dy <= r; dy += stride {
		for dx := -r; dx <= r; dx += stride {
			if dx*dx+dy*dy > r*r || dx == 0 && dy == 0 {
				continue
			}
			a := math.Atan2(float64(dy), float64(dx))/(2*math.Pi)*8 + 8.5
			k := int(a)
			second := k - 1
			if a-float64(k) > 0.5 {
				second = k + 1
			}
			offsets = append(offsets, offset{(dy*src.w + dx) * 3, [2]int{k & 7, second & 7}})
		}
	}
	return w.each(c.w, c.h, func(x, y int) rgb {
		base := ((y+r)*src.w + x + r) * 3
		var m [8][5]float32
		for _, o := range offsets {
			i := base + o.at
			red, green, blue := src.pix[i], src.pix[i+1], src.pix[i+2]
			l := red + green + blue
			for _, s := range o.sector {
				k := &m[s]
				k[0] += red
				k[1] += green
				k[2] += blue
				k[3] += l * l
				k[4]++
			}
		}
		var sum rgb
		total := float32(1e-9)
		for s := range m {
			k := &m[s]
			f := 1 / max(k[4], 1)
			mean := rgb{k[0] * f, k[1] * f, k[2] * f}
			l := mean.r + mean.g + mean.b
			v := max(k[3]*f-l*l, 0) * 900
			v = 1 / (1 + v*v)
			v *= v
			sum = sum.add(mean.scale(v))
			total += v
		}
		return sum.scale(1 / total)
	})
}

// padded repeats the border outwards by r pixels.
func (w *work) padded(c *canvas, r int) *canvas {
	return w.each(c.w+2*r, c.h+2*r, func(x, y int) rgb { return c.near(x-r, y-r) })
}
