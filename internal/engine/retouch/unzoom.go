package retouch

import (
	"image"
	"math"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
)

// unzoom shows more around a picture at the same size.
func unzoom(j *job, task engine.Task) (engine.Result, error) {
	zoom := task.Zoom
	if zoom == 0 {
		zoom = defaultZoom
	}
	j.begin(2)
	source := task.Source.Image
	w, h := source.Bounds().Dx(), source.Bounds().Dy()
	size := image.Pt(int(math.Round(float64(w)/zoom)), int(math.Round(float64(h)/zoom)))
	c := &canvas{task: task, base: image.NewNRGBA(image.Rect(0, 0, w, h)), extended: true}
	c.task.Mask, c.task.Prompt = nil, ""
	c.inner = image.Rectangle{Max: size}.Add(image.Pt((w-size.X)/2, (h-size.Y)/2))
	c.base = placed(j, scaled(j, source, size), c.inner.Min, w, h)
	if err := c.layMask(j); err != nil {
		return engine.Result{}, err
	}
	before := picture.NRGBA(c.base)
	result, err := c.fill(j, 95)
	if err != nil {
		return engine.Result{}, err
	}
	result.Scene = "wider view"
	result.Image, err = c.finish(j, before)
	return result, err
}
