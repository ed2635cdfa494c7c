package style

import "math"

// grow is how much larger strokes, dots and cells become with the weight.
func grow(weight float64) float64 { return 0.6 + 0.4*weight }

// oil is dabs of paint, then bristle marks along the forms, lit from the upper left.
func oil(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 6*g)
	f := w.directions(w.luma(c), 5*g)
	bristles := w.strokes(f, 1.1*g, int(11*g)+2, 3)
	return w.each(in.w, in.h, func(x, y int) rgb {
		h := bristles.at(x, y)
		slope := (bristles.near(x+1, y+1) - bristles.near(x-1, y-1)) / float32(g)
		v := c.at(x, y).saturated(1.22)
		light := 1 + 0.30*clamp(-slope, -0.55, 0.55) + 0.14*(h-0.5)
		return v.scale(light)
	})
}

// watercolour is washes that run a little, pooled pigment at their borders, and paper.
func watercolour(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 7*g)
	c = w.each(in.w, in.h, func(x, y int) rgb { // the paint runs
		u, v := float64(x)/(26*g), float64(y)/(26*g)
		dx := (clouds(u, v, 3, 11) - 0.5) * float32(13*g)
		dy := (clouds(u, v, 3, 17) - 0.5) * float32(13*g)
		return c.near(x+int(dx), y+int(dy))
	})
	c = w.softened(c, 0.8*g)
	l := w.luma(c)
	wide := w.blurred(l, 5*g)
	return w.each(in.w, in.h, func(x, y int) rgb {
		v := c.at(x, y).saturated(1.25)
		// Few washes lie over each other, so light goes in soft steps.
		lum := l.at(x, y)
		stepped := float32(math.Floor(float64(lum)*7)) / 7
		stepped += step(0.25, 0.75, lum*7-float32(math.Floor(float64(lum)*7))) / 7
		v = v.scale((0.45*lum + 0.55*stepped + 0.04) / (lum + 0.04))
		pooled := clamp(wide.at(x, y)-lum, 0, 0.2)
		fine := float64(w.unit)
		paper := clouds(float64(x)/(2.2*fine), float64(y)/(2.2*fine), 3, 29)
		wash := clouds(float64(x)/(60*g), float64(y)/(60*g), 4, 31)
		thin := clamp(0.16+0.14*(paper-0.5)*2+0.34*(wash-0.42)-1.1*pooled, 0, 0.55)
		white := rgb{0.985, 0.975, 0.945}
		v = blend(v, white, thin)
		v = v.scale(0.94 + 0.12*paper)
		return blend(v, white.scale(0.95+0.08*paper), border(x, y, in.w, in.h, g))
	})
}

// border is how much unpainted paper shows near the picture's edges, 0..1.
func border(x, y, width, height int, g float64) float32 {
	edge := float32(min(x, y, width-1-x, height-1-y)) / float32(g)
	ragged := 9 + 16*(clouds(float64(x)/(24*g), float64(y)/(24*g), 4, 41)-0.35)
	return step(ragged+2.5, ragged-1.5, edge)
}

// flat gathers the picture into a few colours with even areas.
func flat(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.softened(w.dabs(w.dabs(in, 4*g), 7*g), 1.5*g)
	inks := w.palette(c, max(6, 24-int(7*weight)))
	return w.posterised(c, inks, 1.16)
}

// posterised gives each pixel its nearest ink, with borders a pixel wide.
func (w *work) posterised(c *canvas, inks []rgb, rich float32) *canvas {
	nearest := make([]uint8, c.w*c.h)
	w.rows(c.h, func(y int) {
		for x := range c.w {
			nearest[y*c.w+x] = uint8(closest(inks, c.at(x, y)))
		}
	})
	for i := range inks {
		inks[i] = inks[i].saturated(rich)
	}
	even := w.each(c.w, c.h, func(x, y int) rgb { return inks[nearest[y*c.w+x]] })
	return w.softened(even, 0.55)
}

// toon is stepped light, strong colours and ink outlines.
func toon(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 5*g)
	l := w.luma(c)
	pen := w.lines(w.blurred(l, 0.6*g), w.directions(l, 2.5*g), 1.3*g, 2.0, 0.25)
	soft := w.softened(c, 1.2*g)
	return w.each(in.w, in.h, func(x, y int) rgb {
		v := soft.at(x, y)
		lum := v.luma()
		const steps = 6
		whole := float32(math.Floor(float64(lum * steps)))
		stepped := (whole + 0.5 + 0.5*(step(0.42, 0.58, lum*steps-whole)-0.5)*2) / steps
		v = v.scale((stepped*0.85 + lum*0.15 + 0.03) / (lum + 0.03)).saturated(1.5)
		return blend(rgb{0.07, 0.05, 0.11}, v, pen.at(x, y))
	})
}
