// Package gallery draws a contact sheet of what an engine can do.
//
// It promises one picture with every kind of scene by three seeds, every Element, the
// pipelines, prompt magic, the kinds of references, and each operation that the engine
// offers before and after; what an engine lacks is left out and listed. The same engine
// gives the same sheet. It judges nothing: somebody has to look at it.
package gallery

import (
	"context"
	"fmt"
	"image"
	"image/color"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/florin-studio/florin/internal/engine"
)

// Sizes on the sheet, in pixels.
const (
	columns = 6
	cell    = 184
	gap     = 8
	caption = 20
	heading = 46
	// painted is the side of the pictures before they are scaled down.
	painted = 512
)

var (
	paper = color.RGBA{0xf6, 0xf4, 0xef, 0xff}
	text  = color.RGBA{0x2a, 0x2a, 0x2e, 0xff}
)

// item is one picture with its caption.
type item struct {
	img     image.Image
	caption string
}

// part is a row or more of the sheet under one heading.
type part struct {
	heading string
	items   []item
}

// maker runs tasks and remembers what failed.
type maker struct {
	ctx    context.Context
	engine engine.Engine
	about  engine.Description
	tell   func(string)
	err    error
}

// Draw makes the sheet. Tell, if not nil, hears of each picture and of what is left out.
func Draw(ctx context.Context, e engine.Engine, tell func(line string)) (image.Image, error) {
	if tell == nil {
		tell = func(string) {}
	}
	m := &maker{ctx: ctx, engine: e, about: e.Describe(), tell: tell}
	parts := []part{m.families(), m.elements(), m.pipelines(), m.references(), m.operations()}
	if m.err != nil {
		return nil, m.err
	}
	return lay(parts)
}

// lay puts the parts below each other.
func lay(parts []part) (image.Image, error) {
	f, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		return nil, fmt.Errorf("gallery font: %w", err)
	}
	large, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 21, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("gallery font: %w", err)
	}
	small, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 12, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("gallery font: %w", err)
	}
	height := gap
	for _, p := range parts {
		if rows := (len(p.items) + columns - 1) / columns; rows > 0 {
			height += heading + rows*(cell+caption+gap)
		}
	}
	sheet := image.NewRGBA(image.Rect(0, 0, gap+columns*(cell+gap), height+gap))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	y := gap
	for _, p := range parts {
		if len(p.items) == 0 {
			continue
		}
		write(sheet, large, gap, y+31, p.heading, columns*(cell+gap))
		y += heading
		for i, it := range p.items {
			if i > 0 && i%columns == 0 {
				y += cell + caption + gap
			}
			x := gap + i%columns*(cell+gap)
			place(sheet, image.Rect(x, y, x+cell, y+cell), it.img)
			write(sheet, small, x+1, y+cell+14, it.caption, cell)
		}
		y += cell + caption + gap
	}
	return sheet, nil
}

// place scales a picture into a square, over a chequered ground where it is transparent.
func place(sheet *image.RGBA, r image.Rectangle, img image.Image) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.RGBA{0xff, 0xff, 0xff, 0xff}
			if ((x-r.Min.X)/10+(y-r.Min.Y)/10)&1 == 1 {
				c = color.RGBA{0xdd, 0xdd, 0xdd, 0xff}
			}
			sheet.SetRGBA(x, y, c)
		}
	}
	b := img.Bounds()
	target := r
	if b.Dx() > b.Dy() {
		h := r.Dy() * b.Dy() / b.Dx()
		target.Min.Y += (r.Dy() - h) / 2
		target.Max.Y = target.Min.Y + h
	} else if b.Dy() > b.Dx() {
		w := r.Dx() * b.Dx() / b.Dy()
		target.Min.X += (r.Dx() - w) / 2
		target.Max.X = target.Min.X + w
	}
	draw.CatmullRom.Scale(sheet, target, img, b, draw.Over, nil)
}

// write sets a line of text, cut off where it would become too wide.
func write(sheet *image.RGBA, face font.Face, x, y int, line string, width int) {
	for font.MeasureString(face, line).Ceil() > width && len(line) > 1 {
		line = line[:len(line)-1]
	}
	d := font.Drawer{Dst: sheet, Src: image.NewUniform(text), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(line)
}

// run makes one picture; after a failure it makes none. A task that is refused is left out.
func (m *maker) run(task engine.Task) (engine.Result, bool) {
	if m.err != nil {
		return engine.Result{}, false
	}
	if task.Operation == "" {
		task.Operation = engine.Generate
	}
	if task.Operation == engine.Generate && task.Pipeline == "" {
		task.Pipeline = "default"
	}
	if task.Operation == engine.Generate && task.Width == 0 && task.Source == nil {
		task.Width, task.Height = painted, painted
	}
	result, err := m.engine.Run(m.ctx, task, nil)
	switch {
	case err == nil:
		m.tell(fmt.Sprintf("%s %s: %s", task.Operation, task.Pipeline, result.Scene))
		return result, true
	case engine.ClassOf(err) == engine.Refused:
		m.tell(fmt.Sprintf("left out: %s %s: %v", task.Operation, task.Pipeline, err))
	default:
		m.err = fmt.Errorf("gallery, %s: %w", task.Operation, err)
	}
	return engine.Result{}, false
}

// add runs a task and puts its picture into a part.
func (m *maker) add(p *part, caption string, task engine.Task) {
	if r, ok := m.run(task); ok {
		p.items = append(p.items, item{r.Image, caption})
	}
}
