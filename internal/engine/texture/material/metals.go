package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// plain is a metal with a little unevenness and smudges.
func plain(usual uint32, rough float64) recipe {
	return recipe{relief: 0.002, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), vec.Hex(usual)
		if k.tint != nil {
			c = k.colour(usual)
		}
		return func(u, v float64) Texel {
			s := k.fbm(u, v, n, n, 5, 3)
			return Texel{Color: c.Scale(1 + 0.06*s), Height: 0.5 + 0.3*s, Rough: vec.Clamp(rough+0.12*s+0.05*k.fbm(u, v, n*8, n*8, 3, 9), 0.05, 1), Metal: 1}
		}
	}}
}

// metals are substances that mirror.
var metals = map[string]recipe{
	"steel":  plain(0xb4b6b9, 0.28),
	"gold":   plain(0xffd68c, 0.2),
	"silver": plain(0xe6e4df, 0.18),
	"copper": plain(0xd98a62, 0.24),
	"bronze": plain(0xa87a42, 0.3),
	"chrome": plain(0xd4d8dc, 0.06),
	"iron":   plain(0x5a5856, 0.48),
	"brushed": {relief: 0.0012, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colour(0xb9bbbe)
		return func(u, v float64) Texel {
			line := k.fbm(u, v, n*2, n*128, 2, 3) + 0.6*k.noise(u, v, n*6, n*200, 13)
			return Texel{Color: c.Scale(1 + 0.10*line + 0.05*k.fbm(u, v, n, n, 3, 23)), Height: 0.5 + 0.35*line, Rough: vec.Clamp(0.3+0.1*line, 0.12, 0.6), Metal: 1}
		}
	}},
	"rust": {relief: 0.02, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x2f140b, 0x6d2c12, 0xa04a1c, 0xc97a3d)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.06, 1)
			s := k.fbm(a, b, n, n, 6, 3)
			g := k.fbm(u, v, n*14, n*14, 4, 13)
			pit := k.ridged(a, b, n*5, 3, 23)
			bare := vec.Smooth(0.34, 0.5, s+0.2*g)
			x := vec.Gradient(c, 0.45+0.5*s+0.35*g)
			return Texel{Color: vec.Mix(x, vec.Hex(0x57504b), bare*0.8), Height: vec.Lerp(0.5+0.25*g+0.2*pit, 0.35, bare), Rough: vec.Lerp(0.92, 0.5, bare), Metal: 0.85 * bare}
		}
	}},
	"patina": {relief: 0.012, make: func(k *kit, _ shade) shade {
		n, green := k.count(3, 1), k.colours(0x2f6f62, 0x5aa390, 0x9fd3bd)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.05, 1)
			s, g := k.fbm(a, b, n, n, 6, 3), k.fbm(u, v, n*12, n*12, 4, 13)
			over := vec.Smooth(-0.28, 0.12, s+0.25*g)
			metal := vec.Hex(0x8a5a34).Scale(0.9 + 0.3*g)
			return Texel{Color: vec.Mix(metal, vec.Gradient(green, 0.45+0.5*g+0.3*s), over), Height: 0.3 + 0.35*over + 0.12*g, Rough: vec.Lerp(0.36, 0.86, over), Metal: 1 - over}
		}
	}},
	"lava": {relief: 0.08, make: func(k *kit, _ shade) shade {
		n := k.count(4, 1)
		hot := []vec.V{vec.Hex(0x5a0500), vec.Hex(0xd02a00), vec.Hex(0xff7a10), vec.Hex(0xffd860)}
		if k.tint != nil {
			hot = []vec.V{k.tint.Scale(0.15), *k.tint, k.tint.Scale(1.6), vec.Mix(*k.tint, vec.V{X: 1, Y: 1, Z: 1}, 0.6)}
		}
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.035, 1)
			d := k.cells(a, b, n, n, 1, 3)
			e := k.cells(a, b, n*3, n*3, 1, 9)
			crack := math.Max(vec.Smooth(0.16, 0.0, d.edge), 0.55*vec.Smooth(0.10, 0, e.edge)*vec.Smooth(0.5, 0.05, d.edge))
			g := k.fbm(u, v, n*8, n*8, 4, 15)
			crust := vec.Hex(0x1b1716).Scale(1 + 0.7*g)
			heat := vec.Clamp(crack+0.15*g*crack, 0, 1)
			return Texel{Color: vec.Mix(crust, vec.Gradient(hot, heat), vec.Smooth(0.05, 0.3, heat)), Height: 0.8 - 0.75*crack + 0.14*g, Rough: 0.9 - 0.3*heat, Glow: 1.8 * vec.Smooth(0.1, 0.8, heat)}
		}
	}},
}
