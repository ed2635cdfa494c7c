package retouch

import (
	"image"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
)

const (
	sideStep = 8 // the painter's sides are multiples of this
	// leastScene is the shorter side from which a scene can be made out, in pixels.
	leastScene    = 256
	wholeStrength = 0.6
	// fullFade is the share of the region's shorter side over which the joining fades
	// at full strength, so that the scene keeps its own colours.
	fullFade = 0.12
)

// scene paints the prompt into the mask.
func (e *Engine) scene(j *job, c *canvas) (engine.Result, error) {
	strength := c.strength
	if strength == 0 {
		strength = 1
	}
	if c.extended {
		if copied, err := c.sides(j); err != nil || !copied {
			return engine.Result{}, err
		}
	}
	mask := c.painted()
	region := maskBounds(mask).Inset(-2).Intersect(c.base.Rect)
	j.stage(75)
	result, err := e.draw(j, c, region.Size(), nil)
	if err != nil {
		return engine.Result{}, err
	}
	drawn := scaled(j, result.Image, region.Size())
	j.stage(90)
	if err := c.join(j, drawn, mask, region, strength); err != nil {
		return engine.Result{}, err
	}
	result.Note = noteScene
	if c.extended {
		result.Note += " " + noteSides
	}
	return result, nil
}

// sides continues the picture on its new sides before a scene is painted.
func (c *canvas) sides(j *job) (bool, error) {
	j.stage(40)
	sides := image.NewGray(c.mask.Rect)
	whiten(j, sides, c.inner)
	copied, err := complete(j, c.base, sides, c.inner, c.task.Seed)
	if err == nil && !copied {
		err = refuse("the source is too small or too transparent to be continued")
	}
	return copied, err
}

// painted is the mask without the new sides.
func (c *canvas) painted() *image.Gray {
	m := image.NewGray(c.mask.Rect)
	for y := c.inner.Min.Y; y < c.inner.Max.Y; y++ {
		copy(m.Pix[y*m.Stride+c.inner.Min.X:y*m.Stride+c.inner.Max.X], c.mask.Pix[y*c.mask.Stride+c.inner.Min.X:])
	}
	return m
}

// join lays what was drawn over a region into the mask.
func (c *canvas) join(j *job, drawn *image.NRGBA, mask *image.Gray, region image.Rectangle, strength float64) error {
	part := cut(c.base, region)
	state := states(j, c.base, mask, region)
	made := make([]float32, 3*len(state))
	s := float32(strength)
	j.inTurn(region.Dy(), func(y int) {
		for i := y * region.Dx(); i < (y+1)*region.Dx(); i++ {
			p := part.Pix[4*i:]
			for n := range 3 {
				made[3*i+n] = float32(p[n]) + s*(float32(drawn.Pix[4*i+n])-float32(p[n]))
			}
		}
	})
	length := max(3, fullFade*float64(min(region.Dx(), region.Dy())))
	pull := float32(strength * strength / (length * length))
	if err := join(j, part, state, made, nil, pull); err != nil {
		return err
	}
	put(j, c.base, part, region, state)
	return nil
}

// draw asks the painter for a picture that is at least as large as size.
func (e *Engine) draw(j *job, c *canvas, size image.Point, references []engine.Reference) (engine.Result, error) {
	if e.paint == nil {
		return engine.Result{}, refuse("prompt is %q, but nothing here paints scenes: leave it empty to remove what is under the mask", c.prompt)
	}
	asked := paintSize(size)
	return e.paint(j.ctx, engine.Task{
		Operation: engine.Generate, Pipeline: "default", Model: c.task.Model,
		Prompt: c.prompt, NegativePrompt: c.task.NegativePrompt, PromptMagic: c.task.PromptMagic,
		Width: asked.X, Height: asked.Y, Steps: c.task.Steps, Seed: c.task.Seed,
		References: append(references, c.task.References...),
	}, func(percent int) { j.progress(float64(percent) / 100) })
}

// paintSize is a size with the same proportions that the painter accepts.
func paintSize(size image.Point) image.Point {
	factor := 1.0
	if short := min(size.X, size.Y); short < leastScene {
		factor = float64(leastScene) / float64(short)
	}
	factor = min(factor, maxSide/float64(max(size.X, size.Y)))
	fit := func(v int) int {
		n := int(float64(v)*factor+sideStep-1) / sideStep * sideStep
		return min(max(n, minSide), maxSide)
	}
	return image.Pt(fit(size.X), fit(size.Y))
}

// scaled brings a picture to a size.
func scaled(j *job, img image.Image, size image.Point) *image.NRGBA {
	if img.Bounds().Size() == size {
		return picture.NRGBA(img)
	}
	out, scaler := image.NewNRGBA(image.Rectangle{Max: size}), picture.NewResampler(img, img.Bounds(), size.X, size.Y)
	j.inTurn((size.Y+picture.BandRows-1)/picture.BandRows, func(band int) {
		scaler.Rows(out, band*picture.BandRows, min((band+1)*picture.BandRows, size.Y))
	})
	return out
}

// whole paints the picture anew with the source as reference.
func (e *Engine) whole(j *job, c *canvas) (engine.Result, error) {
	if c.prompt == "" {
		return engine.Result{}, refuse("prompt is empty: say what to paint, or send a mask or new sides")
	}
	strength := c.strength
	if strength == 0 {
		strength = wholeStrength
	}
	source := c.task.Source.Image
	references := []engine.Reference{{Image: source, Kind: engine.ImageReference, Strength: 1 - strength}}
	if c.task.Style == "sketch2img" {
		references = []engine.Reference{
			{Image: source, Kind: engine.StructureReference, Strength: 1 - strength/2},
			{Image: source, Kind: engine.EdgesReference, Strength: (1 - strength) / 2},
		}
	}
	j.stage(95)
	result, err := e.draw(j, c, c.base.Rect.Size(), references)
	if err != nil {
		return engine.Result{}, err
	}
	whiten(j, c.mask, image.Rectangle{})
	before := c.base
	c.base = scaled(j, result.Image, c.base.Rect.Size())
	result.Image, err = c.finish(j, before)
	result.Recipe = nil
	return result, err
}
