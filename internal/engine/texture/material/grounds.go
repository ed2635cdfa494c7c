package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// grounds are what lies or grows on the ground.
var grounds = map[string]recipe{
	"moss": {relief: 0.05, make: func(k *kit, _ shade) shade {
		n, c := k.count(5, 1), k.colours(0x182608, 0x3b5a16, 0x628a27, 0x9dbb4f)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.03, 1)
			pad := k.fbm(a, b, n, n, 4, 3)
			d := k.cells(a, b, n*7, n*7, 1, 9)
			tuft := 1 - d.near
			fine := k.fbm(u, v, n*16, n*16, 3, 15)
			h := 0.4 + 0.3*pad + 0.25*tuft + 0.12*fine
			return Texel{Color: vec.Gradient(c, 0.05+0.85*h-0.2+0.25*(d.id-0.5)+0.2*fine), Height: h, Rough: 0.95}
		}
	}},
	"grass": {relief: 0.05, make: func(k *kit, _ shade) shade {
		n, c := k.count(9, 1), k.colours(0x14240a, 0x33591a, 0x5c8a2c, 0xa3bf58)
		return func(u, v float64) Texel {
			best, tone := 0.0, 0.25
			for layer := range 6 {
				// Blades lean; each layer is sheared by whole turns, so that it still repeats.
				lean := float64(layer%3 - 1)
				x := u + lean*v + 0.012*k.fbm(u, v, n, n, 2, 50+layer)
				d := k.cells(x+float64(layer)*0.37, v+float64(layer)*0.61, n*6, n*2, 1, 3+layer*5)
				width := 0.30 * (0.75 - math.Abs(d.dy))
				h := vec.Smooth(width, 0, math.Abs(d.dx)) * (0.25 + 0.13*float64(layer)) * (0.7 + 0.4*(d.dy+0.5))
				if h > best {
					best, tone = h, 0.25+0.45*d.id+0.12*float64(layer)*0.5
				}
			}
			return Texel{Color: vec.Gradient(c, 0.05+tone*(0.35+0.9*best)+0.12*k.fbm(u, v, 3, 3, 3, 90)), Height: best, Rough: 0.85}
		}
	}},
	"sand": {relief: 0.03, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colours(0xa5814f, 0xcbaa74, 0xe3c894)
		return func(u, v float64) Texel {
			w := k.fbm(u, v, n, n, 3, 3)
			wave := 0.5 + 0.5*math.Sin(2*math.Pi*(float64(n*5)*v+float64(n)*u+1.1*w))
			wave = math.Pow(wave, 1.4)
			g := k.noise(u, v, 240, 240, 13) + k.noise(u, v, 420, 420, 15)
			return Texel{Color: vec.Gradient(c, 0.3+0.4*wave+0.15*w+0.14*g), Height: 0.7*wave + 0.2*w + 0.03*g + 0.1, Rough: 0.93}
		}
	}},
	"snow": {relief: 0.03, make: func(k *kit, _ shade) shade {
		n, c := k.count(2, 1), k.colours(0xb9cadd, 0xe6eef6, 0xffffff)
		return func(u, v float64) Texel {
			h := 0.5 + 0.45*k.fbm(u, v, n, n, 5, 3)
			g := k.noise(u, v, 200, 200, 13)
			d := k.cells(u, v, n*40, n*40, 1, 9)
			spark := 0.0
			if d.id < 0.05 {
				spark = vec.Smooth(0.25, 0.1, d.near)
			}
			return Texel{Color: vec.Gradient(c, 0.35+0.6*h+0.06*g), Height: h + 0.02*g, Rough: 0.75 - 0.6*spark}
		}
	}},
	"ice": {relief: 0.012, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x3f7fa6, 0x83b9d6, 0xc6e4f0, 0xf4fbff)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.04, 1)
			d, e := k.cells(a, b, n, n, 1, 3), k.cells(b, a, n*3, n*3, 1, 9)
			crack := vec.Smooth(0.03, 0, d.edge) + 0.5*vec.Smooth(0.03, 0, e.edge)*vec.Smooth(0.1, 0.4, k.fbm(u, v, n, n, 3, 31)+0.3)
			cloud := k.fbm(a, b, n, n, 6, 15)
			frost := vec.Smooth(0.1, 0.6, k.fbm(u, v, n*2, n*2, 6, 21))
			return Texel{Color: vec.Gradient(c, 0.38+0.4*cloud+0.35*crack+0.3*frost), Height: 0.6 - 0.3*crack + 0.12*cloud, Rough: 0.06 + 0.35*frost + 0.2*crack}
		}
	}},
	"water": {relief: 0.03, make: func(k *kit, _ shade) shade {
		n, c := k.count(3, 1), k.colours(0x063049, 0x0d6283, 0x3fa6bd, 0xc9f2f0)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.07, 1)
			caustic := math.Pow(k.ridged(a, b, n, 2, 3), 3)
			d := k.cells(a, b, n*2, n*2, 1, 9)
			net := vec.Smooth(0.16, 0.0, d.edge)
			h := 0.5 + 0.4*k.fbm(a, b, n, n, 3, 15)
			return Texel{Color: vec.Gradient(c, 0.12+0.4*h+0.35*net*net+0.3*caustic*net), Height: h, Rough: 0.03}
		}
	}},
	"mud": {relief: 0.05, make: func(k *kit, _ shade) shade {
		n, c := k.count(5, 1), k.colours(0x3c2a1c, 0x7b5d42, 0xa38362, 0xbfa183)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.02, 1)
			d, e := k.cells(a, b, n, n, 0.95, 3), k.cells(a, b, n*2, n*2, 0.95, 9)
			crack := math.Max(vec.Smooth(0.09, 0.02, d.edge), 0.55*vec.Smooth(0.06, 0, e.edge))
			g := k.fbm(u, v, n*8, n*8, 4, 15)
			return Texel{Color: vec.Gradient(c, 0.62+0.2*(d.id-0.5)+0.2*g-0.6*crack), Height: 0.75 + 0.12*math.Min(1, d.edge*2) + 0.08*g - 0.7*crack, Rough: 0.9}
		}
	}},
	"gravel": {relief: 0.06, make: func(k *kit, _ shade) shade {
		n, c := k.count(9, 1), k.colours(0x4c4844, 0x857d74, 0xa89f95, 0xd0c8bd)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n*2, 0.008, 1)
			best, id := 0.0, 0.0
			for layer := range 3 {
				m := n << min(layer, 1)
				d := k.cells(a+0.31*float64(layer), b+0.17*float64(layer), m, m, 0.9, 3+9*layer)
				h := vec.Smooth(0.0, 0.32, d.edge) * (0.9 - 0.22*float64(layer)) * (0.55 + 0.45*d.id)
				if h > best {
					best, id = h, vec.Hash(int(d.id*9999), layer, 5)
				}
			}
			g := k.fbm(u, v, n*8, n*8, 3, 41)
			return Texel{Color: vec.Gradient(c, id*0.9+0.12*g).Scale(0.3 + 0.7*vec.Smooth(0, 0.35, best)), Height: best + 0.03*g, Rough: 0.75}
		}
	}},
}
