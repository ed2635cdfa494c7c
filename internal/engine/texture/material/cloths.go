package material

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// thread is a bump with the cross-section of a thread; x is -1..1.
func thread(x float64) float64 { return math.Sqrt(math.Max(0, 1-x*x)) }

// woven is a cloth of over and under threads. Twill moves each row by one thread.
func woven(threads int, relief float64, warp, weft []uint32, twill bool) recipe {
	return recipe{relief: relief, make: func(k *kit, _ shade) shade {
		n := k.count(threads, 6)
		a, b := k.colours(warp...), k.colours(weft...)
		return func(u, v float64) Texel {
			u, v = k.bend(u, v, 4, 0.0015, 1)
			i, x := vec.Floor(u * float64(n))
			j, y := vec.Floor(v * float64(n))
			over := (i+j)&1 == 0
			if twill {
				over = vec.Wrap(i-j, 3) != 0
			}
			fuzz := k.fbm(u, v, n*2, n*2, 3, 3)
			c, h, id := a, thread(2*x-1)*(0.75+0.25*math.Sin(math.Pi*y)), vec.Hash(vec.Wrap(i, n), 1, k.salt)
			if !over {
				c, h, id = b, thread(2*y-1)*(0.75+0.25*math.Sin(math.Pi*x))*0.92, vec.Hash(vec.Wrap(j, n), 2, k.salt)
			}
			t := 0.5 + 0.5*(id-0.5) + 0.3*fuzz + 0.2*k.fbm(u, v, 4, 4, 4, 9)
			return Texel{Color: vec.Gradient(c, t).Scale(0.45 + 0.6*h), Height: h + 0.1*fuzz, Rough: 0.92}
		}
	}}
}

// cloths are what clothes and covers are made of.
var cloths = map[string]recipe{
	"fabric": woven(72, 0.008, []uint32{0x6f7f8c, 0x95a4ae}, []uint32{0x7d8c97, 0xa9b5bd}, false),
	"denim":  woven(132, 0.006, []uint32{0x1b2c4d, 0x3a557f}, []uint32{0x7d8ca6, 0xb4bfd0}, true),
	"burlap": woven(42, 0.016, []uint32{0x7e6238, 0xb0905c}, []uint32{0x8a6c40, 0xc0a06a}, false),
	"carbon": {relief: 0.006, make: func(k *kit, _ shade) shade {
		n, c := k.count(24, 4), k.colours(0x0b0c0e, 0x2a2d31, 0x55595f)
		return func(u, v float64) Texel {
			i, x := vec.Floor(u * float64(n))
			j, y := vec.Floor(v * float64(n))
			across := vec.Wrap(i-j, 4) < 2
			if !across {
				x, y = y, x
			}
			strand := 0.5 + 0.5*math.Sin(2*math.Pi*6*x)
			t := 0.2 + 0.25*strand
			if across {
				t += 0.25
			}
			return Texel{Color: vec.Gradient(c, t), Height: 0.5 + 0.3*thread(2*x-1)*(0.6+0.4*math.Sin(math.Pi*y)), Rough: 0.16}
		}
	}},
	"knit": {relief: 0.035, make: func(k *kit, _ shade) shade {
		n := k.count(14, 2)
		c := k.colours(0x8d2f2f, 0xb64a44, 0xd77a6c)
		return func(u, v float64) Texel {
			u, v = k.bend(u, v, 4, 0.002, 1)
			// Each stitch is a V of two slanting loops.
			i, x := vec.Floor(u * float64(n))
			side := 1.0
			if x = 2*x - 1; x < 0 {
				side, x = -1, -x
			}
			_, y := vec.Floor(v*float64(n)*1 + 0.55*x)
			row, _ := vec.Floor(v*float64(n) + 0.55*x)
			dx, dy := (x-0.5)*2, (y-0.5)*2
			h := thread(vec.Clamp(math.Hypot(dx*0.95-0.18*dy, dy*0.98), 0, 1))
			ply := math.Sin((dx*1.4 + dy*1.1*side*side + 0.2*side) * 9)
			fuzz := k.fbm(u, v, n*6, n*6, 3, 5)
			t := 0.15 + 0.55*h + 0.10*ply + 0.18*fuzz + 0.15*(vec.Hash(vec.Wrap(i, n), vec.Wrap(row, n), k.salt)-0.5)
			return Texel{Color: vec.Gradient(c, t).Scale(0.3 + 0.75*h), Height: h*0.9 + 0.05*ply + 0.06*fuzz, Rough: 0.96}
		}
	}},
	"leather": {relief: 0.014, make: func(k *kit, _ shade) shade {
		n, c := k.count(20, 1), k.colours(0x2f1a10, 0x5f3820, 0x8a5733)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n/2+1, 0.012, 1)
			d, e := k.cells(a, b, n, n, 1, 3), k.cells(a, b, n*3, n*3, 1, 9)
			fold := vec.Smooth(0, 0.22, d.edge)
			grain := vec.Smooth(0, 0.3, e.edge)
			h := 0.55*fold + 0.4*grain*(0.6+0.4*fold)
			return Texel{Color: vec.Gradient(c, 0.2+0.5*h+0.35*k.fbm(u, v, 3, 3, 5, 15)), Height: h, Rough: 0.62 - 0.2*h}
		}
	}},
	"fur": {relief: 0.04, make: func(k *kit, _ shade) shade {
		n, c := k.count(4, 1), k.colours(0x3b2414, 0x7a5230, 0xb58a58, 0xe3c795)
		return func(u, v float64) Texel {
			a, b := k.bend(u, v, n, 0.05, 1)
			s := k.fbm(a, b, n*26, n*3, 3, 3)
			lock := k.fbm(a, b, n*5, n*2, 3, 9)
			return Texel{Color: vec.Gradient(c, 0.42+0.35*s+0.4*lock), Height: 0.5 + 0.3*s + 0.25*lock, Rough: 0.8}
		}
	}},
}
