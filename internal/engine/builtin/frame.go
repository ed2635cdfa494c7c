package builtin

import "math"

// frame maps pixels to the painter's coordinates: the origin is the picture's middle, x
// goes right, y goes up, and a square picture spans -0.5..0.5 on both axes. Other shapes
// keep the same area, so that a scene keeps its scale at every aspect.
type frame struct {
	width, height int
	// unit is how many pixels make one unit of length.
	unit float64
	// right and top are the coordinates of the picture's edges.
	right, top float64
}

func newFrame(width, height int) frame {
	unit := math.Sqrt(float64(width) * float64(height))
	return frame{width, height, unit, float64(width) / 2 / unit, float64(height) / 2 / unit}
}

// at is the point under pixel coordinates; (0.5, 0.5) is the first pixel's middle.
func (f frame) at(px, py float64) (x, y float64) {
	return px/f.unit - f.right, f.top - py/f.unit
}

// scene is a picture before it is painted: any point of it can be asked for its light, by
// several goroutines at a time.
type scene interface {
	// shade is the linear light at a point of the frame.
	shade(x, y float64) vec
}

// look says how a scene's light becomes colours.
type look struct {
	// flat keeps the scene's colours exactly as they are, for graphic work.
	flat bool
	// exposure multiplies the light before the film curve.
	exposure float64
	// bloom is how much strong light spreads, 0..1.
	bloom float64
	// vignette is how much the corners darken, 0..1.
	vignette float64
	// warm tints the highlights and cools the shadows, -1..1.
	warm float64
	// mono leaves out all colour.
	mono bool
	// wraps says that opposite edges fit together, which the finish must keep.
	wraps bool
	// leafy says that much of it is leaves, where no single edge is seen.
	leafy bool
}

// view is where the camera looks within a scene.
type view struct {
	// zoom is how many times wider than the frame it looks, up how much higher.
	zoom, up float64
}

// painting is a composed scene, ready to be rendered.
type painting struct {
	scene
	look look
	// title says what is drawn in a few words.
	title string
	view  view
}

// at is what the camera sees at a point of the frame.
func (p *painting) at(x, y float64) vec { return p.shade(x*p.view.zoom, y*p.view.zoom+p.view.up) }
