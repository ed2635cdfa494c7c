// Package vec is the small arithmetic that meshes, materials and rendering share.
//
// It promises exact, allocation-free functions on points, directions and linear-light
// colours, and numbers by chance that depend on nothing but their arguments. It knows
// nothing of what they mean.
package vec

import "math"

// V is a point, a direction or a linear-light colour (X red, Y green, Z blue).
type V struct{ X, Y, Z float64 }

// Add is the sum.
func (a V) Add(b V) V { return V{a.X + b.X, a.Y + b.Y, a.Z + b.Z} }

// Sub is the difference.
func (a V) Sub(b V) V { return V{a.X - b.X, a.Y - b.Y, a.Z - b.Z} }

// Mul multiplies component by component.
func (a V) Mul(b V) V { return V{a.X * b.X, a.Y * b.Y, a.Z * b.Z} }

// Scale multiplies with a number.
func (a V) Scale(s float64) V { return V{a.X * s, a.Y * s, a.Z * s} }

// Dot is the inner product.
func (a V) Dot(b V) float64 { return a.X*b.X + a.Y*b.Y + a.Z*b.Z }

// Length is the Euclidean length.
func (a V) Length() float64 { return math.Sqrt(a.Dot(a)) }

// Unit has the same direction and length 1; the zero vector stays as it is.
func (a V) Unit() V { return a.Scale(1 / math.Max(a.Length(), 1e-30)) }

// Luma is the brightness of a linear colour.
func (a V) Luma() float64 { return 0.2126*a.X + 0.7152*a.Y + 0.0722*a.Z }

// Cross is the outer product.
func (a V) Cross(b V) V {
	return V{a.Y*b.Z - a.Z*b.Y, a.Z*b.X - a.X*b.Z, a.X*b.Y - a.Y*b.X}
}

// Mix goes from a (t=0) to b (t=1).
func Mix(a, b V, t float64) V {
	return V{a.X + (b.X-a.X)*t, a.Y + (b.Y-a.Y)*t, a.Z + (b.Z-a.Z)*t}
}

// Lerp goes from a (t=0) to b (t=1).
func Lerp(a, b, t float64) float64 { return a + (b-a)*t }

// Clamp keeps x between low and high; a number that is none becomes low.
func Clamp(x, low, high float64) float64 {
	switch {
	case x > high:
		return high
	case x >= low:
		return x
	}
	return low
}

// Smooth rises from 0 at low to 1 at high without a corner; low may be above high.
func Smooth(low, high, x float64) float64 {
	t := Clamp((x-low)/(high-low), 0, 1)
	return t * t * (3 - 2*t)
}

// Floor is the whole number below x, and what is left.
func Floor(x float64) (int, float64) {
	i := int(x)
	if x < float64(i) {
		i--
	}
	return i, x - float64(i)
}

// Wrap brings i into 0..n-1.
func Wrap(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

// FromLinear is the sRGB value in 0..1 of linear light.
func FromLinear(l float64) float64 {
	switch {
	case !(l > 0):
		return 0
	case l >= 1:
		return 1
	case l <= 0.0031308:
		return l * 12.92
	}
	return 1.055*math.Pow(l, 1/2.4) - 0.055
}

// ToLinear is the linear light of an sRGB value in 0..1.
func ToLinear(s float64) float64 {
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

// Hex is a colour in the usual sRGB notation, as linear light.
func Hex(c uint32) V {
	f := func(b uint32) float64 { return ToLinear(float64(b&255) / 255) }
	return V{f(c >> 16), f(c >> 8), f(c)}
}

// Saturate moves a colour away from (s>1) or towards (s<1) its grey.
func Saturate(c V, s float64) V {
	l := c.Luma()
	return V{math.Max(0, l+(c.X-l)*s), math.Max(0, l+(c.Y-l)*s), math.Max(0, l+(c.Z-l)*s)}
}

// Gradient gives the colour at t in 0..1 along evenly spaced stops.
func Gradient(stops []V, t float64) V {
	t = Clamp(t, 0, 1) * float64(len(stops)-1)
	i := min(int(t), len(stops)-2)
	return Mix(stops[i], stops[i+1], t-float64(i))
}

// Hash gives a number in [0,1) that belongs to a lattice cell and a salt.
func Hash(x, y, salt int) float64 {
	h := uint32(x)*0x85ebca6b ^ uint32(y)*0xc2b2ae35 ^ uint32(salt)*0x27d4eb2f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	h ^= h >> 15
	return float64(h>>8) / (1 << 24)
}

// Stream is a small random stream (splitmix64). It is part of what makes a texture
// repeatable, so its sequence must not change.
type Stream uint64

// NewStream starts a stream from a seed and the texts that shape the texture.
func NewStream(seed int64, texts ...string) *Stream {
	h := uint64(0xcbf29ce484222325)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		h = (h ^ 0xff) * 0x100000001b3
	}
	s := Stream(h ^ uint64(seed)*0x9e3779b97f4a7c15)
	s.Next()
	return &s
}

// Next is the next number of the stream.
func (s *Stream) Next() uint64 {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Float is in [0,1).
func (s *Stream) Float() float64 { return float64(s.Next()>>11) / (1 << 53) }

// Between is in [low,high).
func (s *Stream) Between(low, high float64) float64 { return low + (high-low)*s.Float() }

// Below is in 0..n-1.
func (s *Stream) Below(n int) int { return int(s.Next() % uint64(n)) }
