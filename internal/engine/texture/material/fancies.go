package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// fancies are what people make: paint, prints and the fills of some patterns.
var fancies = map[string]recipe{
	"abstract": {relief: 0.02, make: func(k *kit, _ shade) shade {
		n := k.count(2, 1)
		c := k.colours(0x10203f, 0x1f5f8b, 0xe8b04b, 0xd9523c, 0xf3e9d2)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.13, 1)
			a, b = k.bend(a, b, n*2, 0.05, 3)
			s := 0.5 + 0.6*k.fbm(a, b, n, n, 4, 5)
			band := 0.5 + 0.5*math.Sin(2*math.Pi*(s*5))
			return Texel{Color: vec.Gradient(c, vec.Clamp(s+0.25*(band-0.5), 0, 1)), Height: 0.4 + 0.4*band, Rough: 0.32}
		}
	}},
	"camouflage": {relief: 0.004, make: func(k *kit, _ shade) shade {
		n := k.count(4, 1)
		c := k.colours(0x8c8560, 0x4a5a33, 0x3d3325, 0x1c1f1a)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.03, 1)
			x := c[0]
			for i := 1; i < len(c); i++ {
				if k.fbm(a, b, n, n, 4, i*37) > 0.10+0.06*float64(i) {
					x = c[i]
				}
			}
			w := k.noise(u, v, 160, 160, 3) * k.noise(u, v, 130, 130, 9)
			return Texel{Color: x.Scale(1 + 0.25*w), Height: 0.5 + 0.4*w, Rough: 0.9}
		}
	}},
	"plastic": {relief: 0.0015, make: func(k *kit, _ shade) shade {
		n, c := k.count(60, 1), k.colour(0xc23b32)
		return func(u, v float64) Texel {
			d := k.fbm(u, v, n, n, 3, 3)
			return Texel{Color: c, Height: 0.5 + 0.4*d, Rough: 0.32 + 0.06*d}
		}
	}},
	"brickclay": {relief: 0.01, make: func(k *kit, _ shade) shade {
		c := k.colours(0x5e2a1d, 0x8f4331, 0xaa5a42, 0xc0755a)
		return func(u, v float64) Texel {
			s, g := k.fbm(u, v, 6, 6, 5, 3), k.fbm(u, v, 64, 64, 3, 13)
			return Texel{Color: vec.Gradient(c, 0.5+0.4*s+0.2*g), Height: 0.5 + 0.3*s + 0.3*g, Rough: 0.86}
		}
	}},
	"glaze": {relief: 0.002, make: func(k *kit, _ shade) shade {
		c := k.colours(0x1d4e89, 0x2f8f9d, 0xe0a03c, 0xb8432f, 0x6a994e, 0xefe6d2)
		return func(u, v float64) Texel {
			s := vec.Hash(int(v/turns), 1, k.salt)
			return Texel{Color: c[int(s*float64(len(c)))].Scale(1 + 0.08*k.fbm(u, v, 12, 12, 3, 9)), Height: 0.5, Rough: 0.15}
		}
	}},
	"horn": {relief: 0.01, make: func(k *kit, _ shade) shade {
		c := k.colours(0x16352a, 0x2f6b45, 0x6fa25a, 0xb9c06a)
		return func(u, v float64) Texel {
			s := k.fbm(u, v, 5, 5, 5, 3)
			return Texel{Color: vec.Gradient(c, 0.45+0.5*s), Height: 0.5 + 0.3*k.fbm(u, v, 40, 90, 3, 9), Rough: 0.34}
		}
	}},
	"paintedmetal": {relief: 0.004, make: func(k *kit, _ shade) shade {
		c := k.colours(0x3c434b, 0x6d767f, 0xa0a8af)
		return func(u, v float64) Texel {
			s, g := k.fbm(u, v, 4, 4, 5, 3), k.fbm(u, v, 40, 40, 3, 13)
			return Texel{Color: vec.Gradient(c, 0.5+0.3*s+0.08*g), Height: 0.5 + 0.1*g, Rough: 0.42 + 0.15*s, Metal: 0.55}
		}
	}},
}
