package material

import (
	"math"
	"slices"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// veins are materials that run through cracks of another instead of lying on it.
var veins = []string{"gold", "silver", "copper", "lava", "crystal", "chrome"}

// cover lays a second material over the surface: in veins, or in patches that fill what is low.
func (s *Surface) cover(k *kit, r recipe, own *kit, name string) {
	below, above, relief := s.At, r.make(own, nil), s.Relief
	salt := own.salt % 9999
	if slices.Contains(veins, name) {
		s.At = func(u, v float64) Texel {
			a, b := k.bend(u, v, 3, 0.07, salt)
			d := k.cells(a, b, 3, 3, 1, salt+7)
			width := 0.022 * (1 + 0.9*k.fbm(u, v, 4, 4, 3, salt+9))
			return blend(below(u, v), above(u, v), vec.Smooth(width, width*0.5, d.edge), 0.05)
		}
		s.Scene += " with veins of " + name
		return
	}
	s.Relief = math.Max(relief, 0.02)
	s.At = func(u, v float64) Texel {
		t, o := below(u, v), above(u, v)
		m := k.fbm(u, v, 3, 3, 6, salt) + 0.55*(0.55-t.Height) + 0.12*(o.Height-0.5)
		return blend(t, o, vec.Smooth(-0.10, 0.10, m), 0.18)
	}
	s.Scene += " with " + name
}

// blend goes from a to b, which lies higher by raise.
func blend(a, b Texel, m, raise float64) Texel {
	return Texel{
		Color:  vec.Mix(a.Color, b.Color, m),
		Height: vec.Lerp(a.Height, a.Height*0.6+0.3*b.Height+raise, m),
		Rough:  vec.Lerp(a.Rough, b.Rough, m), Metal: vec.Lerp(a.Metal, b.Metal, m), Glow: vec.Lerp(a.Glow, b.Glow, m),
	}
}

// wear changes the surface the way the prompt's adjectives say.
func (s *Surface) wear(w *wish, k *kit) {
	for _, how := range w.all("wear/") {
		below := s.At
		change, known := wears[how]
		if !known {
			continue
		}
		step := change(k)
		s.At = func(u, v float64) Texel { return step(u, v, below(u, v)) }
		switch how {
		case "cracked":
			s.Relief = math.Max(s.Relief, 0.015)
		case "rough":
			s.Relief *= 1.8
		case "flat", "polished":
			s.Relief *= 0.5
		}
		s.Scene += ", " + how
	}
	inner := s.At
	s.At = func(u, v float64) Texel {
		t := inner(u, v)
		t.Height, t.Rough, t.Metal = vec.Clamp(t.Height, 0, 1), vec.Clamp(t.Rough, 0.03, 1), vec.Clamp(t.Metal, 0, 1)
		return t
	}
}

// wears are states of a surface by name.
var wears = map[string]func(k *kit) func(u, v float64, t Texel) Texel{
	"old": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(u, v float64, t Texel) Texel {
			s := vec.Smooth(-0.2, 0.5, k.fbm(u, v, 3, 3, 6, 801)+0.3*(0.5-t.Height))
			t.Color = vec.Mix(t.Color, vec.Saturate(t.Color, 0.55).Mul(vec.V{X: 0.62, Y: 0.55, Z: 0.45}), s)
			t.Rough = vec.Lerp(t.Rough, math.Max(t.Rough, 0.7), s*0.8)
			t.Metal *= 1 - 0.4*s
			t.Height -= 0.1 * s * vec.Smooth(0.1, 0.5, k.fbm(u, v, 12, 12, 4, 811))
			return t
		}
	},
	"cracked": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(u, v float64, t Texel) Texel {
			a, b := k.bend(u, v, 5, 0.03, 821)
			big, small := k.cells(a, b, 4, 4, 1, 823), k.cells(a, b, 11, 11, 1, 827)
			c := math.Max(vec.Smooth(0.028, 0.004, big.edge), 0.7*vec.Smooth(0.035, 0.005, small.edge)*vec.Smooth(0, 0.3, k.fbm(u, v, 3, 3, 3, 829)))
			t.Color, t.Height = t.Color.Scale(1-0.82*c), t.Height*(1-0.8*c)
			t.Rough = vec.Lerp(t.Rough, 0.9, c)
			return t
		}
	},
	"dirty": func(k *kit) func(u, v float64, t Texel) Texel {
		dirt := vec.Hex(0x33291d)
		return func(u, v float64, t Texel) Texel {
			s := vec.Smooth(-0.05, 0.55, k.fbm(u, v, 4, 4, 6, 831)+0.7*(0.5-t.Height))
			t.Color, t.Rough, t.Metal = vec.Mix(t.Color, dirt, 0.78*s), vec.Lerp(t.Rough, 0.92, s), t.Metal*(1-s)
			return t
		}
	},
	"polished": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel { t.Rough *= 0.3; return t }
	},
	"wet": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(u, v float64, t Texel) Texel {
			pool := vec.Smooth(0.0, 0.25, k.fbm(u, v, 3, 3, 4, 841)+1.2*(0.42-t.Height))
			t.Color = t.Color.Scale(vec.Lerp(0.6, 0.42, pool) + 0.4*t.Metal)
			t.Rough = vec.Lerp(t.Rough*0.45, 0.04, pool)
			t.Height = vec.Lerp(t.Height, math.Max(t.Height, 0.4), pool)
			return t
		}
	},
	"matte": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel { t.Rough = 0.6 + 0.4*t.Rough; return t }
	},
	"rough": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(u, v float64, t Texel) Texel {
			t.Height += 0.12 * k.fbm(u, v, 12, 12, 4, 851)
			t.Rough = 0.3 + 0.7*t.Rough
			return t
		}
	},
	"flat": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel { return t }
	},
	"glow": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel {
			t.Glow = math.Max(t.Glow, 0.9*vec.Smooth(0.45, 0.15, t.Height)+0.12)
			return t
		}
	},
	"dark": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel { t.Color = t.Color.Scale(0.45); return t }
	},
	"light": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel {
			t.Color = vec.Mix(t.Color, vec.V{X: 0.85, Y: 0.85, Z: 0.85}, 0.35)
			return t
		}
	},
	"vivid": func(k *kit) func(u, v float64, t Texel) Texel {
		return func(_, _ float64, t Texel) Texel { t.Color = vec.Saturate(t.Color, 1.5); return t }
	},
}
