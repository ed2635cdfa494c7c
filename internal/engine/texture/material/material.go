// Package material makes surfaces from words: stone, wood, metal, cloth and many more.
//
// It promises textures that continue themselves on all sides exactly, as colour, height,
// roughness, metalness and glow, made from noise on lattices that repeat; the same prompt
// and seed give the same surface at every resolution. It tells truly which words shaped
// the surface and which it could not draw. It knows the materials of its lexicon only,
// and it draws no objects, letters or people.
package material

import "github.com/florin-studio/florin/internal/engine/texture/vec"

// Texel is the surface at one point.
type Texel struct {
	// Color is linear light: what the surface reflects, or mirrors if it is a metal.
	Color vec.V
	// Height is 0 (deep) to 1 (high).
	Height float64
	// Rough is 0 (mirror) to 1 (chalk), Metal 0 or 1, Glow how strongly Color shines.
	Rough, Metal, Glow float64
}

// Surface is a texture before it is drawn at some resolution. It repeats with u and v
// from 0 to 1 and may be asked by several goroutines at a time.
type Surface struct {
	// At is the surface at a point.
	At func(u, v float64) Texel
	// Relief is how deep the height goes, in widths of the texture.
	Relief float64
	// Scene says in a few words what it is.
	Scene string
	// Used and Ignored are the prompt's words, in its order.
	Used, Ignored []string
}

// shade is a function of the unit square that repeats.
type shade func(u, v float64) Texel

// kit is what a recipe works with.
type kit struct {
	lattice
	*vec.Stream
	// size multiplies how many times a pattern repeats.
	size float64
	// tint is the colour asked for, if any.
	tint *vec.V
	// inks are all colours asked for.
	inks []vec.V
}

// count is a number of repeats near n for the asked scale, a multiple of step.
func (k *kit) count(n, step int) int {
	return max(step, int(float64(n)*k.size/float64(step)+0.5)*step)
}

// colour is the colour asked for with the brightness range of the material, or the usual one.
func (k *kit) colour(usual uint32) vec.V {
	c := vec.Hex(usual)
	if k.tint == nil {
		return c
	}
	return vec.Mix(*k.tint, k.tint.Scale(vec.Clamp(c.Luma()/max(k.tint.Luma(), 0.02), 0.5, 1.6)), 0.35)
}

// colours is a range of colours around the one asked for, or the usual ones.
func (k *kit) colours(usual ...uint32) []vec.V {
	out := make([]vec.V, len(usual))
	mean := 0.0
	for i, u := range usual {
		out[i] = vec.Hex(u)
		mean += out[i].Luma() / float64(len(usual))
	}
	if k.tint == nil {
		return out
	}
	for i := range out {
		out[i] = vec.Mix(k.tint.Scale(vec.Clamp(out[i].Luma()/mean, 0.45, 1.7)), out[i], 0.3)
		if len(k.inks) > 1 {
			out[i] = k.inks[i%len(k.inks)]
		}
	}
	return out
}

// recipe makes a substance, or lays a fill into a pattern.
type recipe struct {
	relief float64
	// make gives the surface. fill is nil for substances.
	make func(k *kit, fill shade) shade
	// fill is the substance a pattern is usually made of.
	fill string
}

// recipes are all materials by name.
var recipes = func() map[string]recipe {
	m := map[string]recipe{}
	for _, group := range []map[string]recipe{stones, woods, metals, grounds, cloths, layouts, fancies} {
		for name, r := range group {
			m[name] = r
		}
	}
	return m
}()
