package retouch

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"
	"slices"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/style"
	"github.com/florin-studio/florin/internal/picture"
)

// Bounds of what is worked on.
const (
	minSide     = 32 // pixels
	maxSide     = 1536
	minZoom     = 1.05
	maxZoom     = 3
	defaultZoom = 1.5
)

// pipeline is the catalog's name of the canvas.
const pipeline = "canvas"

// Paint makes a picture from a prompt, as an engine's Run does.
type Paint func(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error)

// Engine retouches pictures. It holds no state but the painter it asks for scenes.
type Engine struct{ paint Paint }

// New gives an engine that asks paint for the scenes of prompts.
func New(paint Paint) *Engine { return &Engine{paint: paint} }

// Describe tells what can be done.
func (*Engine) Describe() engine.Description {
	return engine.Description{
		ID:         "retouch",
		Name:       "Built-in retouching",
		Honesty:    "continues pictures from their own parts, no AI model",
		Operations: []engine.Operation{engine.Generate, engine.Unzoom},
		Pipelines:  []string{pipeline},
		Elements:   style.IDs(),
		MaxWidth:   maxSide,
		MaxHeight:  maxSide,
		Slots:      max(1, runtime.GOMAXPROCS(0)/hands),
		Cancels:    true,
	}
}

// Health is always nil: nothing is needed but the processor.
func (*Engine) Health(context.Context) error { return nil }

// Run changes one picture.
func (e *Engine) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if err := ctx.Err(); err != nil {
		return engine.Result{}, failure(err)
	}
	if err := checkSource(task); err != nil {
		return engine.Result{}, err
	}
	j := newJob(ctx, report)
	var result engine.Result
	var err error
	switch task.Operation {
	case engine.Unzoom:
		result, err = unzoom(j, task)
	default:
		result, err = e.canvas(j, task)
	}
	if ctx.Err() != nil { // what was made or refused then is not to be relied on
		err = ctx.Err()
	}
	if err != nil {
		return engine.Result{}, failure(err)
	}
	j.stage(100)
	j.progress(1)
	result.Seed = task.Seed
	return result, nil
}

// failure makes every failure an *engine.Error.
func failure(err error) error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &engine.Error{Class: engine.Cancelled, Reason: "the picture was cancelled", Err: err}
	default:
		return &engine.Error{Class: engine.Broken, Reason: "the picture could not be retouched", Err: err}
	}
}

func refuse(format string, args ...any) error {
	return &engine.Error{Class: engine.Refused, Reason: fmt.Sprintf(format, args...)}
}

// checkSource refuses what no operation here can work on.
func checkSource(task engine.Task) error {
	switch {
	case task.Operation != engine.Unzoom && task.Operation != engine.Generate:
		return refuse("operation is %q, allowed here are %q and %q", task.Operation, engine.Generate, engine.Unzoom)
	case task.Operation == engine.Generate && task.Pipeline != pipeline:
		return refuse("pipeline is %q, allowed here is %q", task.Pipeline, pipeline)
	case task.Source == nil || task.Source.Image == nil:
		return refuse("source is missing: this works on a picture")
	case task.Operation == engine.Unzoom && task.Zoom != 0 && !(task.Zoom >= minZoom && task.Zoom <= maxZoom):
		return refuse("zoom is %v, allowed are %v to %v", task.Zoom, minZoom, maxZoom)
	}
	b := task.Source.Image.Bounds()
	if b.Dx() < minSide || b.Dy() < minSide || b.Dx() > maxSide || b.Dy() > maxSide {
		return refuse("source is %dx%d, allowed are sides of %d to %d pixels", b.Dx(), b.Dy(), minSide, maxSide)
	}
	return style.Check(task.Elements)
}

// canvas is what a task asks of the canvas, checked and laid out.
type canvas struct {
	task engine.Task
	// base is the source with its new sides, which are empty.
	base *image.NRGBA
	// mask is white where something changes, grey where it mixes.
	mask *image.Gray
	// inner is where the source lies.
	inner image.Rectangle
	// extended tells that there are new sides.
	extended bool
	strength float64
	prompt   string
}

// kinds are the values of Task.Style.
var kinds = []string{"", "inpaint", "outpaint", "sketch2img", "img2img"}

// layOut checks a task of the canvas.
func layOut(j *job, task engine.Task) (*canvas, error) {
	c := &canvas{task: task, strength: task.Strength, prompt: strings.TrimSpace(task.Prompt)}
	if !slices.Contains(kinds, task.Style) {
		return nil, refuse("style is %q, the canvas knows %q", task.Style, kinds[1:])
	}
	if !(task.Strength >= 0 && task.Strength <= 1) {
		return nil, refuse("strength is %v, allowed are 0 to 1", task.Strength)
	}
	x := task.Extend
	if min(x.Left, x.Top, x.Right, x.Bottom) < 0 || max(x.Left, x.Top, x.Right, x.Bottom) > maxSide {
		return nil, refuse("extend is %d, %d, %d, %d pixels, allowed are 0 to %d on each side", x.Left, x.Top, x.Right, x.Bottom, maxSide)
	}
	c.extended = x != engine.Sides{}
	b := task.Source.Image.Bounds()
	w, h := b.Dx()+x.Left+x.Right, b.Dy()+x.Top+x.Bottom
	if w > maxSide || h > maxSide {
		return nil, refuse("the canvas would be %dx%d, at most %dx%d are allowed", w, h, maxSide, maxSide)
	}
	if (task.Width != 0 || task.Height != 0) && (task.Width != w || task.Height != h) {
		return nil, refuse("width and height are %dx%d, but the source with its new sides is %dx%d", task.Width, task.Height, w, h)
	}
	if task.Style == "inpaint" && task.Mask == nil || task.Style == "outpaint" && task.Mask == nil && !c.extended {
		return nil, refuse("style is %q, which needs a mask: white where the picture is to change", task.Style)
	}
	c.inner = image.Rect(x.Left, x.Top, x.Left+b.Dx(), x.Top+b.Dy())
	c.base = placed(j, picture.NRGBA(task.Source.Image), c.inner.Min, w, h)
	return c, c.layMask(j)
}

// layMask puts the task's mask on the canvas and whitens the new sides.
func (c *canvas) layMask(j *job) error {
	c.mask = image.NewGray(c.base.Rect)
	whiten(j, c.mask, c.inner)
	if c.task.Mask == nil {
		return nil
	}
	if err := j.ctx.Err(); err != nil {
		return err
	}
	m, err := picture.Mask(c.task.Mask, c.inner.Dx(), c.inner.Dy())
	if err != nil {
		return refuse("%v", err)
	}
	for y := range m.Rect.Dy() {
		copy(c.mask.Pix[c.mask.PixOffset(c.inner.Min.X, c.inner.Min.Y+y):], m.Pix[y*m.Stride:y*m.Stride+m.Rect.Dx()])
	}
	if picture.Coverage(c.mask) == 0 {
		return refuse("the mask is all black: paint white where the picture is to change")
	}
	return nil
}

// whiten makes a mask white but for an inner rectangle.
func whiten(j *job, mask *image.Gray, inner image.Rectangle) {
	j.inTurn(mask.Rect.Dy(), func(y int) {
		for x := range mask.Rect.Dx() {
			if !image.Pt(x, y).In(inner) {
				mask.Pix[y*mask.Stride+x] = 255
			}
		}
	})
}

// placed puts a picture on an empty one of w x h.
func placed(j *job, img *image.NRGBA, at image.Point, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	j.inTurn(img.Rect.Dy(), func(y int) {
		copy(out.Pix[out.PixOffset(at.X, at.Y+y):], img.Pix[y*img.Stride:y*img.Stride+4*img.Rect.Dx()])
	})
	return out
}
