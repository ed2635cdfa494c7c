package builtin

// light is a picture in linear light, three numbers a pixel.
type light struct {
	width, height int
	pix           []float32
}

func newLight(width, height int) *light {
	return &light{width, height, make([]float32, width*height*3)}
}

func (l *light) at(x, y int) vec {
	i := (y*l.width + x) * 3
	return vec{float64(l.pix[i]), float64(l.pix[i+1]), float64(l.pix[i+2])}
}

func (l *light) set(x, y int, c vec) {
	i := (y*l.width + x) * 3
	l.pix[i], l.pix[i+1], l.pix[i+2] = float32(c.x), float32(c.y), float32(c.z)
}

// edgeContrast is the difference between neighbours, relative to their brightness, above
// which a pixel is sampled again.
const edgeContrast = 0.16

// pause is how often within a row a renderer asks whether it should stop: every 64 pixels.
const pause = 63

// subpixels are the further samples of a pixel on an edge, on a rotated grid.
var subpixels = [4][2]float64{{-0.375, -0.125}, {0.375, 0.125}, {0.125, -0.375}, {-0.125, 0.375}}

// render asks the scene for each pixel once, then four times more where neighbours differ;
// twice if it is finer than the picture.
func render(j *job, p painting, width, height int, finer bool, from, to float64) (*light, error) {
	f, raw := newFrame(width, height), newLight(width, height)
	err := j.rows(height, from, from+(to-from)*0.7, func(y int) {
		for x := range width {
			if x&pause == 0 && j.stopped() {
				return
			}
			raw.set(x, y, p.at(f.at(float64(x)+0.5, float64(y)+0.5)))
		}
	})
	if err != nil {
		return nil, err
	}
	out := newLight(width, height)
	for y := 0; y < height && !j.stopped(); y++ {
		copy(out.pix[3*y*width:3*(y+1)*width], raw.pix[3*y*width:])
	}
	contrast, more := edgeContrast, subpixels[:]
	if finer || p.look.leafy { // what is averaged down afterwards, or all leaves, needs fewer samples
		contrast, more = 1.4*edgeContrast, subpixels[:2]
	}
	err = j.rows(height, from+(to-from)*0.7, to, func(y int) {
		for x := range width {
			if x&pause == 0 && j.stopped() {
				return
			}
			if !raw.edge(x, y, contrast) {
				continue
			}
			sum := tame(raw.at(x, y))
			for _, d := range more {
				sum = sum.add(tame(p.at(f.at(float64(x)+0.5+d[0], float64(y)+0.5+d[1]))))
			}
			out.set(x, y, untame(sum.scale(1/float64(1+len(more)))))
		}
	})
	return out, err
}

// tame compresses strong light so that one bright sample does not outweigh the others at
// an edge; untame is its inverse.
func tame(c vec) vec   { return c.scale(1 / (1 + c.luma())) }
func untame(c vec) vec { return c.scale(1 / max(1-c.luma(), 0.01)) }

func (l *light) edge(x, y int, contrast float64) bool {
	c := l.at(x, y)
	for _, d := range [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
		nx, ny := x+d[0], y+d[1]
		if nx < 0 || ny < 0 || nx >= l.width || ny >= l.height {
			continue
		}
		n := l.at(nx, ny)
		limit := contrast * (c.luma() + n.luma() + 0.03)
		if abs(c.x-n.x)*0.5+abs(c.y-n.y)+abs(c.z-n.z)*0.35 > limit {
			return true
		}
	}
	return false
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
