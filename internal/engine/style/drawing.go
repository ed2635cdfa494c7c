package style

import "math"

// ink is pen lines over two grey washes on rice paper.
func ink(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 5*g)
	l := w.evened(w.luma(c))
	f := w.directions(l, 3*g)
	pen := w.lines(w.blurred(l, 0.5*g), f, 1.2*g, 2.6, 0.18)
	brush := w.strokes(f, 1.6*g, int(14*g)+2, 7)
	soft := w.blurred(l, 2.2*g)
	return w.each(in.w, in.h, func(x, y int) rgb {
		lum := soft.at(x, y) + 0.16*(brush.at(x, y)-0.5)
		paper := clouds(float64(x)/(3*w.unit), float64(y)/(3*w.unit), 3, 5)
		wash := 1 - 0.20*step(0.66, 0.54, lum) - 0.26*step(0.44, 0.33, lum) - 0.42*step(0.21, 0.11, lum)
		wash *= 0.97 + 0.06*paper
		tone := min(wash, 0.04+0.96*pen.at(x, y))
		return blend(rgb{0.075, 0.078, 0.095}, rgb{0.972, 0.953, 0.905}, tone)
	})
}

// evened stretches a plane so that its darkest and lightest parts fill 0..1.
func (w *work) evened(p *plane) *plane {
	var counts [256]int
	w.inTurn(p.h, func(y int) {
		for _, v := range p.pix[y*p.w : (y+1)*p.w] {
			counts[int(clamp(v, 0, 1)*255)]++
		}
	})
	cut := func(share float64) float32 {
		seen := 0
		for i, n := range counts {
			if seen += n; float64(seen) >= share*float64(len(p.pix)) {
				return float32(i) / 255
			}
		}
		return 1
	}
	low, high := cut(0.01), cut(0.99)
	span := max(high-low, 0.12)
	// The middle is drawn half of the way to an even grey, so that night scenes keep forms.
	middle := clamp((cut(0.5)-low)/span, 0.08, 0.92)
	bend := clamp(0.4+0.6*float32(math.Log(0.52)/math.Log(float64(middle))), 0.5, 1.1)
	return w.map1(p.w, p.h, func(x, y int) float32 {
		return float32(math.Pow(float64(clamp((p.at(x, y)-low)/span, 0, 1)), float64(bend)))
	})
}

// pencil is soft lines and three directions of hatching that follow the tones.
func pencil(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	l := w.evened(w.luma(w.dabs(in, 3*g)))
	f := w.directions(l, 2*g)
	pen := w.lines(l, f, 1.0*g, 1.7, 0.06)
	soft := w.blurred(l, 1.5*g)
	hatch := func(x, y, angle float64, salt int) float32 {
		s, c := math.Sincos(angle)
		u, v := (x*c+y*s)/(1.9*g), (-x*s+y*c)/(34*g)
		return noise(u, v+3*float64(noise(u*0.13, v, salt+1)), salt)
	}
	return w.each(in.w, in.h, func(x, y int) rgb {
		lum, px, py := soft.at(x, y), float64(x), float64(y)
		paper := clouds(px/(1.7*w.unit), py/(1.7*w.unit), 2, 51)
		dark := float32(0)
		for i, angle := range [3]float64{0.85, 0.42, 1.45} {
			need := [3]float32{0.90, 0.58, 0.32}[i]
			if lum < need {
				k := clamp((need-lum)/0.5, 0, 1)
				dark += k * 0.42 * (0.45 + 0.55*step(0.25, 0.8, hatch(px, py, angle, 61+7*i)+0.3*k))
			}
		}
		dark = max(dark, 0.92*(1-pen.at(x, y)))
		dark *= 0.62 + 0.62*paper
		return blend(rgb{0.965, 0.958, 0.94}, rgb{0.17, 0.175, 0.19}, clamp(dark, 0, 0.95)).scale(0.975 + 0.05*paper)
	})
}

// colouringBook is outlines of things, and nothing inside: areas that are large enough to
// be filled in, with lines of one width around them.
func colouringBook(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.softened(w.dabs(w.dabs(in, 5*g), 7*g), 1.2*g)
	things := w.areas(c, w.palette(c, 18), 520*g*g, 3*g, 0.075)
	line := w.ridge(things, 1.7*g)
	return w.each(in.w, in.h, func(x, y int) rgb {
		tone := 1 - step(0.26, 0.44, line.at(x, y))
		return rgb{0.06 + 0.94*tone, 0.06 + 0.94*tone, 0.07 + 0.93*tone}
	})
}

// blueprint is white lines and hatched shade on blue paper with a grid.
func blueprint(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	l := w.evened(w.luma(w.dabs(in, 4*g)))
	f := w.directions(l, 3*g)
	pen := w.lines(l, f, 1.1*g, 2.6, 0.12)
	soft := w.blurred(l, 2*g)
	cell := max(12, int(math.Round(32*w.unit)))
	return w.each(in.w, in.h, func(x, y int) rgb {
		fibre := clouds(float64(x)/(5*w.unit), float64(y)/(5*w.unit), 3, 71)
		stain := clouds(float64(x)/(190*w.unit), float64(y)/(190*w.unit), 3, 77)
		paper := blend(rgb{0.035, 0.175, 0.42}, rgb{0.075, 0.27, 0.55}, clamp(0.2+0.5*stain+0.35*(fibre-0.3), 0, 1))
		lum := soft.at(x, y)
		white := max(0.92*(1-pen.at(x, y)), 0.13*lum*lum)
		diagonal := math.Mod(float64(x+y), 7*g) / (7 * g)
		if lum < 0.40 && diagonal < 0.17 {
			white = max(white, 0.30)
		}
		if x%cell == 0 || y%cell == 0 {
			white = max(white, 0.13)
		}
		if x%(cell*4) == 0 || y%(cell*4) == 0 {
			white = max(white, 0.22)
		}
		return blend(paper, rgb{0.90, 0.95, 1}, clamp(white*(0.85+0.3*fibre), 0, 1))
	})
}

// engraving is parallel lines that bend around the forms and swell in the shade.
func engraving(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	l := w.evened(w.luma(w.dabs(in, 3*g)))
	form := w.blurred(l, 9*g)
	pen := w.lines(l, w.directions(l, 2*g), 1.0*g, 2.2, 0.05)
	pitch := 4.6 * g
	line := func(px, py, angle, bend, need float64, lum float32) float32 {
		s, c := math.Sincos(angle)
		at := (px*s + py*c + bend) / pitch
		wave := float32(math.Abs(at-math.Floor(at)-0.5) * 2) // 0 in the line's middle
		half := clamp((float32(need)-lum)*1.05, 0, 0.96)
		if half < 0.06 {
			return 0
		}
		soft := float32(0.9 / pitch)
		return step(half+soft, half-soft, wave)
	}
	return w.each(in.w, in.h, func(x, y int) rgb {
		lum := l.at(x, y)
		bend := float64(form.at(x, y)) * 46 * g
		px, py := float64(x), float64(y)
		dark := line(px, py, 0.32, bend, 1.0, lum)
		dark = max(dark, line(px, py, -0.95, -bend*0.7, 0.52, lum))
		dark = max(dark, 1-pen.at(x, y))
		paper := clouds(px/(4*w.unit), py/(4*w.unit), 3, 81)
		return blend(rgb{0.955, 0.925, 0.85}.scale(0.97+0.05*paper), rgb{0.10, 0.085, 0.095}, dark*(0.9+0.1*paper))
	})
}
