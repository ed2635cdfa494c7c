package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// woods are what grew as trees, and paper.
var woods = map[string]recipe{
	"wood": {relief: 0.005, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colours(0x5e3a20, 0x8a5a33, 0xad7847, 0xc9996a)
		return func(u, v float64) Texel {
			// Rings of the trunk, cut along: long in u, narrow in v. Only whole waves repeat.
			w := k.fbm(u, v, n, n*2, 4, 3)
			ring := 0.5 + 0.5*math.Sin(2*math.Pi*(float64(n)*3*v+1.5*w))
			ring = math.Pow(ring, 0.7)
			fibre := k.fbm(u, v, n*4, n*96, 3, 13)
			pore := vec.Smooth(0.45, 0.8, k.noise(u, v, n*6, n*140, 23))
			t := 0.25 + 0.45*ring + 0.22*fibre + 0.25*w - 0.3*pore
			return Texel{Color: vec.Gradient(c, t), Height: 0.6 + 0.16*ring + 0.12*fibre - 0.5*pore, Rough: 0.5 + 0.12*fibre + 0.15*pore}
		}
	}},
	"bark": {relief: 0.09, make: func(k *kit, _ shade) shade {
		n, c := k.count(5, 1), k.colours(0x1e1510, 0x4a3627, 0x75604b, 0x978470)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.035, 1)
			d := k.cells(a, b, n*2, n, 0.95, 5)
			h := vec.Smooth(0, 0.28, d.edge)
			rib := k.ridged(a, b, n*2, 4, 9)
			fine := k.fbm(u, v, n*10, n*4, 4, 15)
			h = h*(0.55+0.3*rib) + 0.12*fine
			return Texel{Color: vec.Gradient(c, 0.1+0.75*h+0.2*fine+0.2*(d.id-0.5)), Height: h, Rough: 0.93}
		}
	}},
	"paper": {relief: 0.006, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colours(0xd9cdb2, 0xe9e0cb, 0xf5f0e2)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n*2, 0.02, 1)
			fold := k.cells(a, b, n*2, n*2, 1, 5)
			crease := vec.Smooth(0.04, 0, fold.edge)
			fibre := k.fbm(u, v, n*40, n*20, 3, 9)
			return Texel{Color: vec.Gradient(c, 0.6+0.3*k.fbm(u, v, n, n, 4, 3)+0.15*fibre-0.3*crease), Height: 0.5 + 0.5*fold.edge*(fold.id-0.5) + 0.08*fibre - 0.15*crease, Rough: 0.92}
		}
	}},
	"straw": {relief: 0.03, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x7d5c26, 0xb8924a, 0xdcc07e, 0xf0deaa)
		return func(u, v float64) Texel {
			t, h := 0.0, 0.0
			for layer := range 3 {
				x, y := u, v
				if layer == 1 {
					x, y = v, u
				}
				y += 0.03 * k.fbm(x, y, n, n, 2, 40+layer)
				s := k.noise(x, y, n*2, n*22, 3+layer*7)
				up := vec.Smooth(-0.1, 0.5, s) * (0.4 + 0.2*float64(layer))
				if up > h {
					h, t = up, 0.3+0.5*s
				}
			}
			return Texel{Color: vec.Gradient(c, t+0.3*h), Height: h, Rough: 0.8}
		}
	}},
}
