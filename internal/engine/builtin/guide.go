package builtin

import (
	"image"
	"math"
	"slices"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/colour"
)

// maxReferences is how many pictures may guide one.
const maxReferences = 4

// referenceKinds are what the painter follows of a reference.
var referenceKinds = []engine.ReferenceKind{engine.PaletteReference, engine.StructureReference, engine.EdgesReference, engine.ImageReference}

// guide is a reference picture, as far as it is known before painting.
type guide struct {
	engine.Reference
	// horizon is where it changes most between above and below, as a share of the height
	// from the top; clear tells whether there is such a place.
	horizon float64
	clear   bool
	// skyline is that place for each of probes columns.
	skyline []float64
}

func checkReferences(list []engine.Reference, tiling bool) error {
	if len(list) > maxReferences {
		return refused("references are %d, allowed are at most %d", len(list), maxReferences)
	}
	for i, r := range list {
		switch {
		case !slices.Contains(referenceKinds, r.Kind):
			return refused("references[%d].kind is %q, allowed are \"palette\", \"structure\", \"edges\" and \"image\"", i, r.Kind)
		case r.Image == nil || r.Image.Bounds().Empty():
			return refused("references[%d].image is missing", i)
		case !(r.Strength >= 0 && r.Strength <= 1):
			return refused("references[%d].strength is %v, allowed are 0 to 1", i, r.Strength)
		case tiling && r.Kind != engine.PaletteReference:
			return refused("references[%d].kind is %q, with tiling only \"palette\" is allowed", i, r.Kind)
		}
	}
	return nil
}

// shapes tells whether a guide says where things are.
func (g *guide) shapes() bool {
	return g.Kind == engine.StructureReference || g.Kind == engine.ImageReference
}

func newGuide(r engine.Reference) guide {
	g := guide{Reference: r}
	if g.shapes() {
		g.horizon, g.clear, g.skyline = horizonOf(shrunk(r.Image, probes*2, probes*2), probes)
	}
	return g
}

// shrunk is a small even copy of a picture in OKLab, row by row. Each of its places is the
// mean of sixteen samples, so that its cost does not depend on the picture's size.
func shrunk(img image.Image, w, h int) []colour.Lab {
	b := img.Bounds()
	labs := make([]colour.Lab, w*h)
	for i := range labs {
		for k := range 16 {
			x := b.Min.X + ((i%w)*4+k%4)*b.Dx()/(w*4) + b.Dx()/(w*8)
			y := b.Min.Y + ((i/w)*4+k/4)*b.Dy()/(h*4) + b.Dy()/(h*8)
			red, green, blue, _ := img.At(x, y).RGBA()
			c := colour.FromBytes(uint8(red>>8), uint8(green>>8), uint8(blue>>8))
			labs[i] = colour.Lab{L: labs[i].L + c.L/16, A: labs[i].A + c.A/16, B: labs[i].B + c.B/16}
		}
	}
	return labs
}

// clearHorizon is the share of all difference that must lie between above and below.
const clearHorizon = 0.30

// horizonOf finds the row of a square small picture that parts it best into two even
// halves, and the same for each of some columns near that row.
func horizonOf(labs []colour.Lab, columns int) (at float64, clear bool, skyline []float64) {
	side := int(math.Sqrt(float64(len(labs))))
	cut := func(from, to, low, high int) (int, float64) {
		type sums struct{ n, l, a, b, q float64 }
		rows := make([]sums, side)
		var all sums
		for y := range side {
			for x := from; x < to; x++ {
				c := labs[y*side+x]
				s := &rows[y]
				s.n, s.l, s.a, s.b = s.n+1, s.l+c.L, s.a+c.A, s.b+c.B
				s.q += c.L*c.L + c.A*c.A + c.B*c.B
			}
			s := rows[y]
			all = sums{all.n + s.n, all.l + s.l, all.a + s.a, all.b + s.b, all.q + s.q}
		}
		spread := func(s sums) float64 { return s.q - (s.l*s.l+s.a*s.a+s.b*s.b)/math.Max(s.n, 1) }
		best, row := math.Inf(-1), side/2
		var above sums
		for y := range side - 1 {
			s := rows[y]
			above = sums{above.n + s.n, above.l + s.l, above.a + s.a, above.b + s.b, above.q + s.q}
			if y+1 < low || y+1 > high {
				continue
			}
			below := sums{all.n - above.n, all.l - above.l, all.a - above.a, all.b - above.b, all.q - above.q}
			if gain := spread(all) - spread(above) - spread(below); gain > best {
				best, row = gain, y+1
			}
		}
		return row, best / math.Max(spread(all), 1e-6)
	}
	row, share := cut(0, side, side/10, side-side/10)
	reach := side / 4
	for i := range columns {
		r, _ := cut(i*side/columns, (i+1)*side/columns, max(1, row-reach), min(side-1, row+reach))
		skyline = append(skyline, float64(r)/float64(side))
	}
	return float64(row) / float64(side), share > clearHorizon, skyline
}

// skyline joins what the guides say about it: the places and how much they count, 0..1.
func skylineOf(guides []guide) ([]float64, float64) {
	total, sums := 0.0, make([]float64, probes)
	strength := 0.0
	for i := range guides {
		g := &guides[i]
		if !g.shapes() || !g.clear || g.Strength == 0 {
			continue
		}
		for k, v := range g.skyline {
			sums[k] += v * g.Strength
		}
		total += g.Strength
		strength = math.Max(strength, g.Strength)
	}
	if total == 0 {
		return nil, 0
	}
	for k := range sums {
		sums[k] /= total
	}
	return sums, strength
}

// level moves the camera up or down so that the scene's horizon comes to where the guides
// have theirs, as far as they are strong.
func (p *painting) level(j *job, f frame, guides []guide) error {
	total, wanted, strength := 0.0, 0.0, 0.0
	for i := range guides {
		if g := &guides[i]; g.shapes() && g.clear {
			total, wanted = total+g.Strength, wanted+g.Strength*g.horizon
			strength = math.Max(strength, g.Strength)
		}
	}
	if total == 0 {
		return nil
	}
	wanted /= total
	// Twice, since the scene above its own frame may look different.
	for range 2 {
		labs, err := p.glance(j, f, probes*2)
		if err != nil {
			return err
		}
		here, clear, _ := horizonOf(labs, 1)
		if !clear {
			return nil
		}
		p.view.up += strength * (wanted - here) * 2 * f.top * p.view.zoom
		strength *= 0.5
	}
	return nil
}

// glance paints a few pixels of the scene, in a square of rows.
func (p *painting) glance(j *job, f frame, side int) ([]colour.Lab, error) {
	labs := make([]colour.Lab, side*side)
	err := j.rows(side, 12, 12, func(y int) {
		for x := range side {
			c := p.at(((float64(x)+0.5)/float64(side)*2-1)*f.right, (1-(float64(y)+0.5)/float64(side)*2)*f.top)
			if !p.look.flat {
				c = film(c.scale(p.look.exposure))
			}
			labs[y*side+x] = colour.FromLinear(clamp(c.x, 0, 1), clamp(c.y, 0, 1), clamp(c.z, 0, 1))
		}
	})
	return labs, err
}
