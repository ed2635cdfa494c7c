package builtin

// soft is a small blurred copy of a picture's light, sampled smoothly.
type soft struct {
	light
	// sx and sy turn pixels of the original into pixels of the copy.
	sx, sy float64
	wraps  bool
}

// blurred shrinks l by a factor, maps each colour by change and blurs it three times with
// a box of the given radius in small pixels. If the job is stopped the copy is unfinished.
func blurred(j *job, l *light, factor, radius int, wraps bool, change func(vec) vec) *soft {
	w, h := max(1, l.width/factor), max(1, l.height/factor)
	s := &soft{light: *newLight(w, h), sx: float64(w) / float64(l.width), sy: float64(h) / float64(l.height), wraps: wraps}
	for y := range h {
		if j.stopped() {
			return s
		}
		y0, y1 := y*l.height/h, max((y+1)*l.height/h, y*l.height/h+1)
		for x := range w {
			x0, x1 := x*l.width/w, max((x+1)*l.width/w, x*l.width/w+1)
			sum := vec{}
			for yy := y0; yy < y1; yy++ {
				for xx := x0; xx < x1; xx++ {
					sum = sum.add(change(l.at(xx, yy)))
				}
			}
			s.set(x, y, sum.scale(1/float64((x1-x0)*(y1-y0))))
		}
	}
	for range 3 {
		for y := range h {
			if y&pause == 0 && j.stopped() {
				return s
			}
			boxLine(s.pix[y*w*3:], w, 3, min(radius, (w-1)/2), wraps)
		}
		for x := range w {
			if x&pause == 0 && j.stopped() {
				return s
			}
			boxLine(s.pix[x*3:], h, w*3, min(radius, (h-1)/2), wraps)
		}
	}
	return s
}

// boxLine blurs n pixels that lie stride numbers apart.
func boxLine(pix []float32, n, stride, radius int, wraps bool) {
	if radius < 1 {
		return
	}
	line := make([]float32, n)
	for c := range 3 {
		at := func(i int) float32 {
			if wraps {
				i = (i + n) % n
			}
			return pix[min(max(i, 0), n-1)*stride+c]
		}
		var sum float32
		for i := -radius; i <= radius; i++ {
			sum += at(i)
		}
		for i := range n {
			line[i] = sum / float32(2*radius+1)
			sum += at(i+radius+1) - at(i-radius)
		}
		for i, v := range line {
			pix[i*stride+c] = v
		}
	}
}

// near is the blurred light at a pixel of the original.
func (s *soft) near(px, py int) vec {
	xi, xf := floor((float64(px)+0.5)*s.sx - 0.5)
	yi, yf := floor((float64(py)+0.5)*s.sy - 0.5)
	return mix(mix(s.fold(xi, yi), s.fold(xi+1, yi), xf), mix(s.fold(xi, yi+1), s.fold(xi+1, yi+1), xf), yf)
}

func (s *soft) fold(x, y int) vec {
	if s.wraps {
		return s.at((x+s.width)%s.width, (y+s.height)%s.height)
	}
	return s.at(min(max(x, 0), s.width-1), min(max(y, 0), s.height-1))
}
