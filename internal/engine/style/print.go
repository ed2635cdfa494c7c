package style

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/colour"
)

// palette finds the n dominant colours of a canvas, the darkest first.
func (w *work) palette(c *canvas, n int) []rgb {
	var list []colour.Lab
	every := 1
	for c.w/every*(c.h/every) > 5000 {
		every++
	}
	for y := every / 2; y < c.h; y += every {
		for x := every / 2; x < c.w; x += every {
			v := c.at(x, y)
			list = append(list, lab(v))
		}
	}
	var inks []rgb
	for _, s := range colour.Cluster(list, n) {
		r, g, b := s.Bytes()
		inks = append(inks, rgb{float32(r) / 255, float32(g) / 255, float32(b) / 255})
	}
	return inks
}

func lab(v rgb) colour.Lab {
	return colour.FromBytes(uint8(clamp(v.r, 0, 1)*255+0.5), uint8(clamp(v.g, 0, 1)*255+0.5), uint8(clamp(v.b, 0, 1)*255+0.5))
}

// closest is the index of the ink nearest to a colour.
func closest(inks []rgb, v rgb) int {
	best, at := float32(math.MaxFloat32), 0
	for i, o := range inks {
		dr, dg, db := o.r-v.r, o.g-v.g, o.b-v.b
		if d := 2*dr*dr + 4*dg*dg + 3*db*db; d < best {
			best, at = d, i
		}
	}
	return at
}

// duos are a dark, a middle and a light ink each, and the hue of the pictures they suit,
// in turns of OKLab.
var duos = []struct {
	dark, middle, light uint32
	hue                 float64
}{
	{0x241149, 0xd8345f, 0xffe3b8, 0.08}, // wine and cream
	{0x12324a, 0xe2603c, 0xfff0cf, 0.17}, // petrol and peach
	{0x1c2b4f, 0xcf8a2e, 0xfff3c9, 0.24}, // navy and straw
	{0x0f3a3a, 0x5aa36a, 0xf4f6d2, 0.38}, // pine and lime
	{0x0d2c54, 0x1f9aa6, 0xf7f1de, 0.55}, // marine and sand
	{0x1d1a5b, 0x4d7de0, 0xffe9e2, 0.70}, // indigo and blush
	{0x2d0f55, 0xb04ad0, 0xffe8c4, 0.86}, // violet and apricot
}

// duotone lays the tones between two inks; the pair suits the picture's mean hue.
func duotone(w *work, in *canvas, weight float64) *canvas {
	a, b := 0.0, 0.0
	for y := 0; y < in.h; y += 4 {
		for x := 0; x < in.w; x += 4 {
			c := lab(in.at(x, y))
			a, b = a+c.A, b+c.B
		}
	}
	hue := math.Atan2(b, a)/(2*math.Pi) + 1
	best, duo := 9.0, duos[0]
	for _, d := range duos {
		away := math.Abs(math.Mod(hue-d.hue+1.5, 1) - 0.5)
		if away < best {
			best, duo = away, d
		}
	}
	dark, middle, light := hex(duo.dark), hex(duo.middle), hex(duo.light)
	l := w.evened(w.luma(in))
	hard := float32(0.35 + 0.35*min(weight, 2))
	return w.each(in.w, in.h, func(x, y int) rgb {
		t := l.at(x, y)
		t = mix(t, step(0.05, 0.95, t), hard)
		t += 0.03 * (hash(x, y, 91) - 0.5)
		if t < 0.5 {
			return blend(dark, middle, clamp(t*2, 0, 1))
		}
		return blend(middle, light, clamp(t*2-1, 0, 1))
	})
}

// screens are the four inks of a halftone with their angles.
var screens = [4]struct {
	angle float64
	ink   uint32
}{{0.262, 0x0aa5dc}, {1.309, 0xe6197d}, {0.0, 0xffe100}, {0.785, 0x201c22}}

// halftone prints cyan, magenta, yellow and black dots on newsprint.
func halftone(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	pitch := max(3.2*grow(weight), 7.2*g)
	c := w.softened(in, pitch*0.28)
	var turns [4][2]float64
	var inks [4]rgb
	for i, s := range screens {
		turns[i][0], turns[i][1] = math.Sincos(s.angle)
		inks[i] = hex(s.ink)
	}
	soft := float32(0.75 / pitch)
	return w.each(in.w, in.h, func(x, y int) rgb {
		paper := clouds(float64(x)/(3*w.unit), float64(y)/(3*w.unit), 2, 95)
		out := rgb{0.972, 0.948, 0.89}.scale(0.975 + 0.045*paper)
		for i, turn := range turns {
			u, v := (float64(x)*turn[1]+float64(y)*turn[0])/pitch, (-float64(x)*turn[0]+float64(y)*turn[1])/pitch
			cu, cv := math.Floor(u)+0.5, math.Floor(v)+0.5
			// The dot's size is that of the tone under its middle.
			mx, my := (cu*turn[1]-cv*turn[0])*pitch, (cu*turn[0]+cv*turn[1])*pitch
			tone := c.near(int(mx), int(my)).saturated(1.25)
			cy, ma, ye := 1-tone.r, 1-tone.g, 1-tone.b
			black := clamp((min(cy, ma, ye)-0.28)*1.25, 0, 1)
			need := [4]float32{cy - black*0.8, ma - black*0.8, ye - black*0.8, black}[i]
			if need <= 0.03 {
				continue
			}
			radius := float32(math.Sqrt(float64(clamp(need*need*0.3+need*0.7, 0, 1)))) * 0.64
			d := float32(math.Hypot(u-cu, v-cv))
			if cover := step(radius+soft, radius-soft, d); cover > 0 {
				out = blend(out, out.mul(inks[i]), cover*0.95)
			}
		}
		return out
	})
}

// linocut is black ink with white cuts along the forms, over one tint for the middle tones.
func linocut(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 5*g)
	l := w.evened(w.luma(c))
	f := w.directions(w.blurred(l, 2*g), 8*g)
	cuts := w.strokes(f, 1.8*g, int(11*g)+3, 13)
	soft := w.blurred(l, 1.3*g)
	pen := w.lines(l, f, 1.6*g, 2.4, 0.3)
	inks := w.palette(w.softened(c, 3*g), 5)
	tint := rgb{0.8, 0.6, 0.35}
	best := float32(-1)
	for _, v := range inks {
		if k := max(v.r, v.g, v.b) - min(v.r, v.g, v.b); k > best && v.luma() > 0.12 {
			best, tint = k, v
		}
	}
	tint = tint.saturated(1.5)
	tint = tint.scale(0.62 / max(tint.luma(), 0.15))
	tint = rgb{clamp(tint.r, 0.1, 0.95), clamp(tint.g, 0.1, 0.95), clamp(tint.b, 0.1, 0.95)}
	return w.each(in.w, in.h, func(x, y int) rgb {
		lum, cut := soft.at(x, y), cuts.at(x, y)
		paper := clouds(float64(x)/(2.6*w.unit), float64(y)/(2.6*w.unit), 3, 99)
		out := rgb{0.955, 0.935, 0.875}
		out = blend(out, tint, step(-0.06, 0.06, 0.72-lum+0.24*(cut-0.5)))
		black := step(-0.05, 0.05, 0.37-lum-0.75*(cut-0.44))
		black = max(black, 1-pen.at(x, y))
		// Ink does not take everywhere.
		black *= 1 - 0.55*step(0.70, 0.80, paper)
		return blend(out.scale(0.96+0.07*paper), rgb{0.085, 0.08, 0.10}, black)
	})
}

// vintageFilm fades, tints and grains, spreads strong light and lets some in at an edge.
func vintageFilm(w *work, in *canvas, weight float64) *canvas {
	k := float32(min(weight, 2))
	c := w.softened(in, 0.55*w.unit)
	glow := w.softened(in, 13*w.unit)
	grain := w.blurred(w.grain(in.w, in.h, 103), 0.62*w.unit)
	mean, dev := w.spread(grain)
	return w.each(in.w, in.h, func(x, y int) rgb {
		v := c.at(x, y)
		h := glow.at(x, y)
		bright := step(0.55, 1, h.luma())
		v = rgb{v.r + 0.26*k*bright*h.r, v.g + 0.12*k*bright*h.g, v.b + 0.06*k*bright*h.b}
		v = v.saturated(0.80)
		lum := v.luma()
		v = v.mul(blend(rgb{0.93, 1.0, 1.07}, rgb{1.10, 1.0, 0.82}, clamp(lum*1.2, 0, 1)))
		u, t := float32(x)/float32(in.w)-0.5, float32(y)/float32(in.h)-0.5
		v = v.scale(1 - (0.42+0.12*k)*step(0.14, 0.58, u*u+t*t))
		leak := step(0.30, 0.56, u+0.10*(clouds(float64(t)*3.1, 0.5, 2, 107)-0.5)*2)
		v = rgb{v.r + 0.42*k*leak, v.g + 0.16*k*leak*leak, v.b + 0.03*k*leak}
		fade := func(x float32) float32 { return 0.075 + 0.875*(x*(1.12-0.14*x)) }
		v = rgb{fade(v.r) + 0.02, fade(v.g), fade(v.b) + 0.005}
		n := (grain.at(x, y) - mean) / max(dev, 1e-6) * (0.028 + 0.012*k) * (1.15 - lum)
		return rgb{clamp(v.r+n, 0, 1), clamp(v.g+n, 0, 1), clamp(v.b+n*1.1, 0, 1)}
	})
}
