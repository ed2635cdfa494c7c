package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// stones are substances of the earth, and what is fired from them.
var stones = map[string]recipe{
	"stone": {relief: 0.05, make: func(k *kit, _ shade) shade {
		n, c := k.count(4, 1), k.colours(0x4f4a45, 0x77716a, 0x958f86, 0xada79d)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.06, 1)
			h := 0.5*k.ridged(a, b, n, 5, 3) + 0.25 + 0.25*k.fbm(u, v, n*2, n*2, 5, 9)
			grain := k.fbm(u, v, n*16, n*16, 3, 31)
			t := 0.35 + 0.55*(h-0.4) + 0.28*k.fbm(u, v, n, n, 4, 21) + 0.16*grain
			return Texel{Color: vec.Gradient(c, t), Height: h + 0.05*grain, Rough: 0.82 + 0.1*grain}
		}
	}},
	"marble": {relief: 0.003, make: func(k *kit, _ shade) shade {
		n, base, vein := k.count(2, 1), k.colour(0xeceae5), vec.Hex(0x5c5f66)
		if base.Luma() < 0.25 {
			vein = vec.Hex(0xd9d3c4)
		}
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.11, 1)
			thin := math.Pow(1-math.Min(1, math.Abs(k.fbm(a, b, n, n, 5, 5))*2.2), 9)
			fine := math.Pow(1-math.Min(1, math.Abs(k.fbm(b, a, n*2, n*2, 5, 15))*2.0), 12)
			cloud := k.fbm(a, b, n*2, n*2, 5, 25)
			c := base.Scale(1 + 0.10*cloud)
			c = vec.Mix(c, vein, vec.Clamp(0.75*thin+0.35*fine+0.10*math.Max(0, -cloud), 0, 0.9))
			return Texel{Color: c, Height: 0.6 - 0.2*thin, Rough: 0.16 + 0.1*thin}
		}
	}},
	"granite": {relief: 0.004, make: func(k *kit, _ shade) shade {
		n, c := k.count(28, 1), k.colours(0x2c2a2b, 0x8b827c, 0xb9aca4, 0xd8cfc8)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.008, 1)
			d := k.cells(a, b, n, n, 1, 3)
			e := k.cells(a, b, n*2, n*2, 1, 7)
			t := 0.62*d.id + 0.38*e.id
			x := vec.Gradient(c, t*1.15-0.05).Scale(1 + 0.12*k.fbm(u, v, n, n, 3, 9))
			return Texel{Color: x, Height: 0.5 + 0.2*t, Rough: 0.28 + 0.14*e.id}
		}
	}},
	"slate": {relief: 0.03, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x262b30, 0x3c444a, 0x525b61)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.05, 1)
			h := k.fbm(a, b, n, n*2, 6, 3)*2.4 + 4
			step, f := vec.Floor(h)
			edge := vec.Smooth(0, 0.16, f)
			t := 0.45 + 0.3*(vec.Hash(step, 3, 5)-0.5) + 0.25*k.fbm(u, v, n*8, n*24, 4, 11)
			return Texel{Color: vec.Gradient(c, t*(0.6+0.4*edge)), Height: vec.Clamp((float64(step)+edge)/8, 0, 1) + 0.03*k.fbm(u, v, n*16, n*16, 3, 17), Rough: 0.62}
		}
	}},
	"concrete": {relief: 0.008, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x84827d, 0x9e9c96, 0xb3b1aa)
		return func(u, v float64) Texel {
			stain := k.fbm(u, v, n, n, 6, 3)
			grain := k.fbm(u, v, n*32, n*32, 3, 13)
			p := k.cells(u, v, n*9, n*9, 1, 21)
			pore := 0.0
			if p.id < 0.35 {
				pore = vec.Smooth(0.05+0.18*p.id, 0.02, p.near)
			}
			return Texel{Color: vec.Gradient(c, 0.5+0.45*stain+0.14*grain).Scale(1 - 0.55*pore), Height: 0.75 + 0.1*stain + 0.06*grain - 0.6*pore, Rough: 0.8 + 0.08*grain}
		}
	}},
	"asphalt": {relief: 0.016, make: func(k *kit, _ shade) shade {
		n, c := k.count(36, 1), k.colours(0x1d1d1f, 0x38383a, 0x6d6b68)
		return func(u, v float64) Texel {
			d := k.cells(u, v, n, n, 0.9, 3)
			e := k.cells(u, v, n*2, n*2, 1, 9)
			up := vec.Smooth(0.02, 0.3, d.edge)
			t := 0.15 + 0.5*d.id*d.id*up + 0.18*e.id + 0.12*k.fbm(u, v, 3, 3, 5, 15)
			return Texel{Color: vec.Gradient(c, t), Height: 0.2 + 0.55*up*(0.5+0.5*d.id) + 0.15*e.edge, Rough: 0.86}
		}
	}},
	"clay": {relief: 0.008, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x8f4a2e, 0xb5643f, 0xc97d55)
		return func(u, v float64) Texel {
			ring := k.fbm(0.5, v, 1, n*24, 3, 5)
			s, g := k.fbm(u, v, n, n, 5, 3), k.fbm(u, v, n*30, n*30, 2, 13)
			return Texel{Color: vec.Gradient(c, 0.5+0.4*s+0.12*ring+0.1*g), Height: 0.5 + 0.18*ring + 0.12*s + 0.05*g, Rough: 0.78}
		}
	}},
	"plaster": {relief: 0.02, make: func(k *kit, _ shade) shade {
		n, c := k.count(4, 1), k.colours(0xcdc2ad, 0xe3dac8, 0xf0eadd)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.05, 1)
			h := 0.5 + 0.4*k.fbm(a, b, n*2, n*3, 5, 3)
			return Texel{Color: vec.Gradient(c, 0.2+0.6*h+0.2*k.fbm(u, v, n, n, 4, 11)), Height: h + 0.04*k.fbm(u, v, n*24, n*24, 2, 21), Rough: 0.9}
		}
	}},
	"ceramic": {relief: 0.002, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colour(0x3f7f8f)
		return func(u, v float64) Texel {
			pool := k.fbm(u, v, n, n, 5, 3)
			speck := k.cells(u, v, n*14, n*14, 1, 9)
			x := c.Scale(1 + 0.22*pool)
			if speck.id < 0.25 {
				x = vec.Mix(x, x.Scale(0.45), vec.Smooth(0.14, 0.05, speck.near))
			}
			return Texel{Color: x, Height: 0.6 + 0.2*pool, Rough: 0.09}
		}
	}},
	"jade": {relief: 0.002, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colours(0x1f5a3c, 0x3f8a5e, 0x74b88c, 0xb9dcc0)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.14, 1)
			t := 0.4 + 0.5*k.fbm(a, b, n, n, 6, 3) + 0.12*k.fbm(a, b, n*8, n*8, 3, 13)
			return Texel{Color: vec.Gradient(c, t), Height: 0.5, Rough: 0.14}
		}
	}},
	"crystal": {relief: 0.09, make: func(k *kit, _ shade) shade {
		n, c := k.count(6, 1), k.colours(0x35206b, 0x6a3fb0, 0xa97be0, 0xe4d4ff)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.012, 1)
			d := k.cells(a, b, n, n, 0.95, 3)
			turn := 2 * math.Pi * d.id * 7
			tilt := (d.dx*math.Cos(turn) + d.dy*math.Sin(turn)) * 0.5
			facet := k.cells(a, b, n*2, n*2, 0.9, 9)
			t := 0.4 + 0.7*tilt + 0.35*(facet.id-0.5) + 0.2*(d.id-0.5) + 0.6*vec.Smooth(0.035, 0, d.edge)
			return Texel{Color: vec.Gradient(c, t), Height: 0.5 + 0.5*tilt + 0.1*(facet.id-0.5) + 0.2*d.edge, Rough: 0.06}
		}
	}},
}
