package builtin

import (
	"bytes"
	"encoding/json"
	"math"

	"github.com/florin-studio/florin/internal/engine"
)

// recipeVersion changes when an old recipe would no longer give its picture.
const recipeVersion = 2

// recipe is what a picture can be painted from again. Reference pictures are not in it,
// only how many there were: with any, the picture can't be painted again.
type recipe struct {
	Painter    int             `json:"painter"`
	Prompt     string          `json:"prompt"`
	Negative   string          `json:"negative,omitempty"`
	Seed       int64           `json:"seed"`
	Width      int             `json:"width"`
	Height     int             `json:"height"`
	Pipeline   string          `json:"pipeline,omitempty"`
	Elements   []recipeElement `json:"elements,omitempty"`
	Tiling     bool            `json:"tiling,omitempty"`
	Zoom       float64         `json:"zoom"`
	References int             `json:"references,omitempty"`
}

type recipeElement struct {
	ID     string  `json:"id"`
	Weight float64 `json:"weight"`
}

func (r *recipe) elements() []engine.Element {
	var list []engine.Element
	for _, e := range r.Elements {
		list = append(list, engine.Element(e))
	}
	return list
}

// maxRecipe is how long a recipe may be, in bytes.
const maxRecipe = 64 << 10

func (r *recipe) encoded() json.RawMessage {
	data, err := json.Marshal(r)
	if err != nil || len(data) > maxRecipe {
		return nil
	}
	return data
}

// maxZoom bounds how wide the camera becomes by unzooming again and again.
const maxZoom = 4

// recipeOf reads the recipe of a task's source and refuses sources that the painter can't
// paint again.
func recipeOf(task engine.Task) (order, error) {
	var o order
	s := task.Source
	switch {
	case s == nil || s.Image == nil:
		return o, refused("source is missing, %q works on a picture", task.Operation)
	case len(s.Recipe) == 0 || s.Engine != "" && s.Engine != painterID:
		return o, refused("source is not a picture of the built-in painter, which can do %q with its own pictures only", task.Operation)
	}
	d := json.NewDecoder(bytes.NewReader(s.Recipe))
	d.DisallowUnknownFields()
	if err := d.Decode(&o.recipe); err != nil || o.Painter != recipeVersion {
		return o, refused("source has a recipe that this version of the built-in painter does not know")
	}
	if err := o.check(); err != nil {
		return o, refused("source has a recipe that is not possible: %s", err)
	}
	if size := s.Image.Bounds().Size(); size.X != o.Width || size.Y != o.Height {
		return o, refused("source is %d×%d, its recipe is for %d×%d: it was changed since it was painted", size.X, size.Y, o.Width, o.Height)
	}
	if o.References > 0 {
		return o, refused("source was painted after %d reference pictures, which its recipe does not hold", o.References)
	}
	if !(o.Zoom >= 1 && o.Zoom <= maxZoom) {
		return o, refused("source has a recipe with zoom %v, allowed are 1 to %d", o.Zoom, maxZoom)
	}
	return o, nil
}

// knows tells, by nil, that the painter itself can work on a task's source.
func (painter) knows(task engine.Task) error {
	if task.Operation != engine.Unzoom && task.Operation != engine.RemoveBackground {
		return refused("operation is %q, the built-in painter offers %q, %q and %q", task.Operation, engine.Generate, engine.Unzoom, engine.RemoveBackground)
	}
	o, err := recipeOf(task)
	if err != nil || task.Operation != engine.Unzoom {
		return err
	}
	_, err = o.wider(task.Zoom)
	return err
}

// usualZoom is how much wider Unzoom looks if the task does not say.
const usualZoom = 1.5

// wider is the zoom of a recipe after unzooming.
func (r *recipe) wider(zoom float64) (float64, error) {
	if zoom == 0 {
		zoom = usualZoom
	}
	if !(zoom > 1 && zoom <= maxZoom) {
		return 0, refused("zoom is %v, allowed are more than 1 up to %d", zoom, maxZoom)
	}
	if all := r.Zoom * zoom; all > maxZoom*1.0001 {
		return 0, refused("zoom is %v on a picture that is unzoomed by %.3g already, allowed are %d together", zoom, r.Zoom, maxZoom)
	}
	return math.Min(r.Zoom*zoom, maxZoom), nil
}

// unzoom paints the picture again with a wider camera.
func (painter) unzoom(j *job, task engine.Task) (engine.Result, error) {
	o, err := recipeOf(task)
	if err != nil {
		return engine.Result{}, err
	}
	if o.Zoom, err = o.wider(task.Zoom); err != nil {
		return engine.Result{}, err
	}
	result, err := paint(j, o)
	if err == nil && result.Note == "" {
		result.Note = "Painted again with a wider camera, not made up around the edges."
	}
	return result, err
}
