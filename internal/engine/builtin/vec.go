package builtin

import "math"

// vec is a point, a direction or a linear-light colour (x red, y green, z blue).
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec       { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec       { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) mul(b vec) vec       { return vec{a.x * b.x, a.y * b.y, a.z * b.z} }
func (a vec) scale(s float64) vec { return vec{a.x * s, a.y * s, a.z * s} }
func (a vec) dot(b vec) float64   { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) length() float64     { return math.Sqrt(a.dot(a)) }
func (a vec) unit() vec           { return a.scale(1 / math.Max(a.length(), 1e-12)) }
func (a vec) luma() float64       { return 0.2126*a.x + 0.7152*a.y + 0.0722*a.z }

func (a vec) cross(b vec) vec {
	return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}
}

// mix goes from a (t=0) to b (t=1).
func mix(a, b vec, t float64) vec {
	return vec{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t, a.z + (b.z-a.z)*t}
}

func lerp(a, b, t float64) float64 { return a + (b-a)*t }

func clamp(x, low, high float64) float64 {
	if x < low {
		return low
	}
	if x > high {
		return high
	}
	return x
}

// smooth rises from 0 at low to 1 at high without a corner; low may be above high.
func smooth(low, high, x float64) float64 {
	t := clamp((x-low)/(high-low), 0, 1)
	return t * t * (3 - 2*t)
}

// reflect mirrors the direction d at a surface with normal n.
func reflect(d, n vec) vec { return d.sub(n.scale(2 * d.dot(n))) }

// hex is a colour given in the usual sRGB notation, as linear light.
func hex(c uint32) vec {
	return vec{toLinear(c >> 16 & 255), toLinear(c >> 8 & 255), toLinear(c & 255)}
}

func toLinear(c uint32) float64 {
	s := float64(c) / 255
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

// saturate moves a colour away from (s>1) or towards (s<1) its grey.
func saturate(c vec, s float64) vec {
	l := c.luma()
	return vec{math.Max(0, l+(c.x-l)*s), math.Max(0, l+(c.y-l)*s), math.Max(0, l+(c.z-l)*s)}
}

// hsl gives a linear colour from hue (turns), saturation and lightness of sRGB.
func hsl(h, s, l float64) vec {
	h -= math.Floor(h)
	channel := func(offset float64) float64 {
		k := math.Mod(offset+h*12, 12)
		v := l - s*math.Min(l, 1-l)*math.Max(-1, math.Min(math.Min(k-3, 9-k), 1))
		return toLinear(uint32(clamp(v, 0, 1)*255 + 0.5))
	}
	return vec{channel(0), channel(8), channel(4)}
}

// gradient gives the colour at t in 0..1 along evenly spaced stops.
func gradient(stops []vec, t float64) vec {
	t = clamp(t, 0, 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	return mix(stops[i], stops[i+1], t-float64(i))
}
