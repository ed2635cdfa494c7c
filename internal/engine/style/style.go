// Package style holds the Elements that every engine of Florin can use: filters that
// redraw a finished picture as oil, ink, glass and so on.
//
// It promises that the same picture and Elements give the same pixels on the same kind of
// machine, that Elements are applied in the given order, that weight 0 changes nothing and
// a higher weight changes more, and that work stops soon after its context ends. It knows
// nothing of prompts and scenes: a style sees only the picture.
//
// Weights go from -1 to 2 and 1 is the usual strength. Between 0 and 1 the picture shows
// through; above 1 strokes, dots and cells grow. A negative weight leads away from the
// style: for the painterly ones, which give up detail, to a crisper picture, and for those
// of few colours to richer colours.
package style

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
)

// What Elements may be asked for.
const (
	// MaxElements is how many one picture takes.
	MaxElements = 4
	// MinWeight and MaxWeight bound a weight; DefaultWeight is the usual one.
	MinWeight, MaxWeight, DefaultWeight = -1, 2, 1
)

// Style is an Element as people see it.
type Style struct {
	// ID is stable and the catalog's.
	ID string
	// Name is what people see, Description one sentence about the look.
	Name, Description string
	filter            func(w *work, in *canvas, weight float64) *canvas
	away              func(w *work, in *canvas, weight float64) *canvas
}

var styles = []Style{
	{"oil", "Oil paint", "Thick brush strokes that follow the forms, with the relief of dried paint.", oil, crisper},
	{"watercolour", "Watercolour", "Thin washes on rough paper, with dark edges where the paint dried last.", watercolour, crisper},
	{"ink", "Ink and wash", "Brush lines in black ink over grey washes on warm paper.", ink, richer},
	{"pencil", "Pencil", "Graphite lines and hatching on drawing paper.", pencil, richer},
	{"pixel_art", "Pixel art", "Large square pixels in a small palette, as on an old console.", pixelArt, crisper},
	{"low_poly", "Low poly", "Flat triangles that follow the outlines.", lowPoly, crisper},
	{"duotone", "Duotone", "Two inks, a dark and a light one, chosen to suit the picture.", duotone, richer},
	{"halftone", "Halftone", "Dots of four inks on newsprint, as in an old comic.", halftone, crisper},
	{"linocut", "Linocut", "A block print: black ink, white cuts that follow the forms, one tint.", linocut, richer},
	{"engraving", "Engraving", "Swelling lines cut in copper, as on a banknote.", engraving, richer},
	{"stained_glass", "Stained glass", "Panes of glowing glass in lead.", stainedGlass, crisper},
	{"blueprint", "Blueprint", "White construction lines on blue paper with a grid.", blueprint, richer},
	{"vintage_film", "Vintage film", "A faded slide with grain, soft light and a leak at the edge.", vintageFilm, richer},
	{"flat", "Flat illustration", "Even areas of a few colours with clean borders.", flat, crisper},
	{"toon", "Toon", "Drawn outlines and stepped light, as in animation.", toon, crisper},
	{"colouring_book", "Colouring book", "Clean black outlines on white, to be filled in.", colouringBook, richer},
}

// All gives the styles in the order they are shown in.
func All() []Style { return slices.Clone(styles) }

// IDs gives the styles' ids in the same order.
func IDs() []string {
	ids := make([]string, len(styles))
	for i, s := range styles {
		ids[i] = s.ID
	}
	return ids
}

func find(id string) (Style, bool) {
	i := slices.IndexFunc(styles, func(s Style) bool { return s.ID == id })
	if i < 0 {
		return Style{}, false
	}
	return styles[i], true
}

// Check refuses, as an *engine.Error, Elements that Apply can't use.
func Check(elements []engine.Element) error {
	refuse := func(format string, args ...any) error {
		return &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
	}
	if len(elements) > MaxElements {
		return refuse("elements are %d, allowed are at most %d", len(elements), MaxElements)
	}
	for i, e := range elements {
		if _, ok := find(e.ID); !ok {
			return refuse("elements[%d].id is %q, allowed are %s", i, e.ID, strings.Join(IDs(), ", "))
		}
		if !(e.Weight >= MinWeight && e.Weight <= MaxWeight) {
			return refuse("elements[%d].weight is %v, allowed are %d to %d", i, e.Weight, MinWeight, MaxWeight)
		}
	}
	return nil
}

// Options say more about the picture that Apply gets.
type Options struct {
	// Wraps says that opposite edges fit together, which the styles then keep.
	Wraps bool
	// Progress, if not nil, is told the share that is done, 0 to 1, from the goroutine
	// that called.
	Progress func(share float64)
}

// Apply redraws the picture with the Elements, one after the other. The picture given
// stays as it is. It fails with an *engine.Error.
func Apply(ctx context.Context, img image.Image, elements []engine.Element) (image.Image, error) {
	return ApplyWith(ctx, img, elements, Options{})
}

// ApplyWith is Apply with options.
func ApplyWith(ctx context.Context, img image.Image, elements []engine.Element, o Options) (image.Image, error) {
	if err := Check(elements); err != nil {
		return nil, err
	}
	elements = slices.DeleteFunc(slices.Clone(elements), func(e engine.Element) bool { return e.Weight == 0 })
	if len(elements) == 0 {
		return img, nil
	}
	size := img.Bounds().Size()
	w := &work{ctx: ctx, unit: math.Sqrt(float64(size.X)*float64(size.Y)) / 768}
	c := w.fromImage(img)
	margin := 0
	if o.Wraps {
		margin = min(48, size.X, size.Y)
		c = w.wrapped(c, margin)
	}
	for i, e := range elements {
		w.follow(o.Progress, float64(i)/float64(len(elements)), 1/float64(len(elements)))
		c = apply(w, c, e)
		if err := ctx.Err(); err != nil {
			return nil, &engine.Error{Class: engine.Cancelled, Reason: "the picture was cancelled", Err: err}
		}
	}
	if o.Wraps {
		c = w.joined(c, margin)
	}
	w.told = nil
	out := w.image(c)
	if err := ctx.Err(); err != nil {
		return nil, &engine.Error{Class: engine.Cancelled, Reason: "the picture was cancelled", Err: err}
	}
	if o.Progress != nil {
		o.Progress(1)
	}
	return out, nil
}

// follow turns steps into progress: each of them brings it closer to the end by a
// twelfth, for the styles take different numbers of steps.
func (w *work) follow(progress func(float64), from, share float64) {
	w.told = nil
	if progress == nil {
		return
	}
	left := 1.0
	w.told = func(step float64) {
		progress(from + share*(1-left*(1-step/12)))
		if step == 1 {
			left *= 11.0 / 12
		}
	}
}

func apply(w *work, c *canvas, e engine.Element) *canvas {
	s, _ := find(e.ID)
	k := e.Weight
	redrawn := s.filter
	if k < 0 {
		redrawn, k = s.away, -k
	}
	out := redrawn(w, c, k)
	if k >= 1 {
		return out
	}
	return w.each(c.w, c.h, func(x, y int) rgb { return blend(c.at(x, y), out.at(x, y), float32(k)) })
}

// crisper and richer are what negative weights lead to.
func crisper(w *work, in *canvas, _ float64) *canvas {
	fine, coarse := w.softened(in, 1.2*w.unit), w.softened(in, 5*w.unit)
	return w.each(in.w, in.h, func(x, y int) rgb {
		c, f, s := in.at(x, y), fine.at(x, y), coarse.at(x, y)
		lift := func(c, f, s float32) float32 {
			return clamp(c+0.9*clamp(c-f, -0.15, 0.15)+0.35*clamp(f-s, -0.2, 0.2), 0, 1)
		}
		return rgb{lift(c.r, f.r, s.r), lift(c.g, f.g, s.g), lift(c.b, f.b, s.b)}
	})
}

func richer(w *work, in *canvas, _ float64) *canvas {
	coarse := w.softened(in, 9*w.unit)
	return w.each(in.w, in.h, func(x, y int) rgb {
		c := in.at(x, y)
		deep := clamp(c.luma()-coarse.at(x, y).luma(), -0.25, 0.25)
		c = c.saturated(1.45)
		c = rgb{c.r + 0.35*deep, c.g + 0.35*deep, c.b + 0.35*deep}
		return rgb{clamp(c.r, 0, 1), clamp(c.g, 0, 1), clamp(c.b, 0, 1)}
	})
}

// wrapped adds what lies around a picture that continues itself: the margin on the left
// and top, twice the margin on the right and at the bottom.
func (w *work) wrapped(c *canvas, margin int) *canvas {
	return w.each(c.w+3*margin, c.h+3*margin, func(x, y int) rgb {
		return c.at((x-margin+c.w)%c.w, (y-margin+c.h)%c.h)
	})
}

// joined takes the picture out of the margins again. Within the margin's width of the
// left and top edge it goes over from what was drawn beyond the opposite edge, so that
// the edges fit even though the strokes differ.
func (w *work) joined(c *canvas, margin int) *canvas {
	width, height := c.w-3*margin, c.h-3*margin
	return w.each(width, height, func(x, y int) rgb {
		tx := step(0, float32(margin), float32(x)+0.5)
		ty := step(0, float32(margin), float32(y)+0.5)
		at := func(dx, dy int) rgb { return c.at(x+margin+dx*width, y+margin+dy*height) }
		here := at(0, 0)
		if tx < 1 {
			here = blend(at(1, 0), here, tx)
		}
		if ty == 1 {
			return here
		}
		over := at(0, 1)
		if tx < 1 {
			over = blend(at(1, 1), over, tx)
		}
		return blend(over, here, ty)
	})
}
