package builtin

import (
	"image"
	"math"
)

// develop is what happens between a scene and its picture; see the package comment.
type develop struct {
	// scale is how much larger the scene is rendered than the picture.
	scale float64
	// clarity strengthens contrast between a place and its surroundings, 0..1.
	clarity float64
	// open lights up large dark parts and holds back large bright ones, 0..1.
	open float64
	// glow multiplies the look's bloom.
	glow float64
	// levels draws the darkest and the lightest parts apart, 0..1.
	levels float64
	// grade separates warm highlights from cool shadows and enriches colours, 0..1.
	grade float64
}

// pipelines are the values of engine.Task.Pipeline that change the picture.
var pipelines = map[string]develop{
	"":                     {scale: 1, glow: 1},
	"default":              {scale: 1, glow: 1},
	"alchemy":              {scale: 1.3, glow: 1.5, clarity: 0.7, open: 0.20, levels: 0.75},
	"alchemy_v2":           {scale: 1.3, glow: 2.0, clarity: 0.85, open: 0.27, levels: 0.85, grade: 1},
	"alchemy_v2_lightning": {scale: 1, glow: 1.9, clarity: 0.6, open: 0.12, levels: 0.7, grade: 0.7},
}

// shrink averages a larger picture down to the given size, each pixel over exactly the
// area it covers.
func shrink(j *job, l *light, width, height int, from, to float64) (*light, error) {
	if l.width == width && l.height == height {
		return l, nil
	}
	out := newLight(width, height)
	err := j.rows(height, from, to, func(y int) {
		y0, y1 := float64(y)*float64(l.height)/float64(height), float64(y+1)*float64(l.height)/float64(height)
		for x := range width {
			x0, x1 := float64(x)*float64(l.width)/float64(width), float64(x+1)*float64(l.width)/float64(width)
			sum, area := vec{}, 0.0
			for yy := int(y0); yy < l.height && float64(yy) < y1; yy++ {
				wy := math.Min(y1, float64(yy+1)) - math.Max(y0, float64(yy))
				for xx := int(x0); xx < l.width && float64(xx) < x1; xx++ {
					w := wy * (math.Min(x1, float64(xx+1)) - math.Max(x0, float64(xx)))
					sum = sum.add(tame(l.at(xx, yy)).scale(w))
					area += w
				}
			}
			out.set(x, y, untame(sum.scale(1/area)))
		}
	})
	return out, err
}

// finish turns light into a picture.
func finish(j *job, l *light, k look, d develop, from, to float64) (*image.RGBA, error) {
	if k.exposure == 0 {
		k.exposure = 1
	}
	out := image.NewRGBA(image.Rect(0, 0, l.width, l.height))
	small := max(1, int(math.Sqrt(float64(l.width*l.height))/256))
	var halo, around *soft
	if k.bloom > 0 {
		halo = blurred(j, l, small, 9, k.wraps, func(c vec) vec {
			c = c.scale(k.exposure)
			return c.scale(smooth(0.7, 2.2, c.luma()) / (1 + 0.12*c.luma()))
		})
	}
	if d.clarity > 0 && !j.stopped() {
		around = blurred(j, l, small, 7, k.wraps, func(c vec) vec {
			return vec{math.Log(c.luma()*k.exposure + 0.01), 0, 0}
		})
	}
	middle := 0.0
	if d.open > 0 {
		middle = l.logMean(j, k.exposure)
	}
	low, high := 0.0, 1.0
	if d.levels > 0 && !k.flat {
		low, high = l.levels(j, k.exposure, d.levels)
	}
	err := j.rows(l.height, from, to, func(y int) {
		for x := range l.width {
			c := l.at(x, y).scale(k.exposure)
			if halo != nil {
				c = c.add(halo.near(x, y).scale(k.bloom * d.glow * 0.55))
			}
			if around != nil {
				area := around.near(x, y).x
				deep := math.Log(c.luma()+0.01) - area
				lift := 0.0
				if !k.flat {
					lift = d.open * clamp(middle-area, -1.6, 1.6)
				}
				c = c.scale(math.Exp(d.clarity*deep/(1+abs(deep)) + lift))
			}
			c = grade(c, k, d)
			if k.mono {
				c = saturate(c, 0)
			}
			if k.vignette > 0 && !k.wraps {
				dx, dy := (float64(x)+0.5)/float64(l.width)-0.5, (float64(y)+0.5)/float64(l.height)-0.5
				c = c.scale(1 - (k.vignette+0.12*d.grade)*smooth(0.12, 0.62, dx*dx+dy*dy)*1.6)
			}
			if !k.flat {
				c = film(c)
				if high-low < 1 {
					c = c.sub(vec{low, low, low}).scale(1 / (high - low))
				}
			}
			i := out.PixOffset(x, y)
			grain := hash(x, y, 77) - 0.5
			out.Pix[i], out.Pix[i+1], out.Pix[i+2], out.Pix[i+3] = encode(c.x, grain), encode(c.y, grain), encode(c.z, grain), 255
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// logMean is the mean of the logarithm of the brightness, by a selection of pixels.
func (l *light) logMean(j *job, exposure float64) float64 {
	sum, n := 0.0, 0
	for y := 0; y < l.height && !j.stopped(); y += 4 {
		for x := 0; x < l.width; x += 4 {
			sum += math.Log(l.at(x, y).luma()*exposure + 0.01)
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// levels finds the tones that become black and white, in linear light after the film
// curve: a good part of the way to the darkest and the lightest hundredth, but never so
// far that a night becomes a day.
func (l *light) levels(j *job, exposure, strength float64) (low, high float64) {
	var counts [1024]int
	total := 0
	for y := 0; y < l.height && !j.stopped(); y += 2 {
		for x := 0; x < l.width; x += 2 {
			v := film(l.at(x, y).scale(exposure)).luma()
			counts[min(int(math.Sqrt(clamp(v, 0, 1))*1024), 1023)]++
			total++
		}
	}
	find := func(share float64) float64 {
		seen := 0
		for i, n := range counts {
			if seen += n; float64(seen) >= share*float64(total) {
				v := float64(i) / 1023
				return v * v
			}
		}
		return 1
	}
	low = strength * math.Min(0.8*find(0.01), 0.06)
	high = 1 - strength*(1-clamp(find(0.99)*1.06, 0.62, 1))
	return low, high
}

// grade tints shadows and highlights apart and enriches the colours.
func grade(c vec, k look, d develop) vec {
	if k.warm != 0 {
		c = c.mul(vec{1 + 0.10*k.warm, 1 + 0.01*k.warm, 1 - 0.12*k.warm})
	}
	if d.grade == 0 {
		return c
	}
	if k.flat {
		return saturate(c, 1+0.14*d.grade)
	}
	bright := smooth(0.02, 0.9, c.luma())
	tint := mix(vec{0.86, 0.98, 1.17}, vec{1.09, 1.0, 0.88}, bright)
	return saturate(c.mul(mix(vec{1, 1, 1}, tint, d.grade)), 1+0.26*d.grade)
}

// film compresses unbounded light to 0..1 with a soft shoulder.
func film(c vec) vec {
	curve := func(x float64) float64 {
		x *= 0.8
		return clamp(x*(2.51*x+0.03)/(x*(2.43*x+0.59)+0.14), 0, 1)
	}
	out := vec{curve(c.x), curve(c.y), curve(c.z)}
	return out
}

// tones maps the square root of linear light to sRGB.
var tones = func() (table [4097]float32) {
	for i := range table {
		c := float64(i) / 4096
		c *= c
		if c <= 0.0031308 {
			table[i] = float32(c * 12.92 * 255)
		} else {
			table[i] = float32((1.055*math.Pow(c, 1/2.4) - 0.055) * 255)
		}
	}
	return table
}()

// encode gives a channel's byte; grain below one step of the byte hides banding.
func encode(c, grain float64) uint8 {
	t := math.Sqrt(clamp(c, 0, 1)) * 4096
	i := min(int(t), 4095)
	v := float64(tones[i]) + float64(tones[i+1]-tones[i])*(t-float64(i))
	return uint8(clamp(v+0.5+grain, 0, 255))
}
