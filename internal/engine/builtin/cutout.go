package builtin

import (
	"bytes"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
)

// alternatives says what can be done about a picture without a subject.
const alternatives = "allowed are the painter's still lifes, flowers, cities, landscapes, coasts, deserts, conifer slopes, planets, reefs and free posters; for any other picture a model for background removal must be installed"

// cutOut removes the background of a picture of the painter by the scene itself: what
// stands in front is known, not guessed.
func (painter) cutOut(j *job, task engine.Task) (engine.Result, error) {
	o, err := recipeOf(task)
	if err != nil {
		return engine.Result{}, err
	}
	j.progress(0)
	w, p, err := stage(j, &o)
	if err != nil {
		return engine.Result{}, err
	}
	s, ok := p.scene.(subject)
	if !ok || s.subjects() == "" {
		return engine.Result{}, refused("source shows %q, in which nothing stands before a background; %s", p.title, alternatives)
	}
	mask, share, err := p.mask(j, s, o.Width, o.Height)
	if err != nil {
		return engine.Result{}, err
	}
	if share < 0.002 || share > 0.998 {
		return engine.Result{}, refused("source shows %q, in which the subject (%s) fills %.1f %% of the picture, so there is nothing to part; %s", p.title, s.subjects(), share*100, alternatives)
	}
	out, err := lifted(j, task.Source.Image, mask)
	if err != nil {
		return engine.Result{}, err
	}
	var file bytes.Buffer
	if err := picture.EncodePNG(picture.StopWriter(j.ctx, &file), mask, nil); err != nil {
		return engine.Result{}, &engine.Error{Class: engine.Broken, Reason: "the mask could not be written", Err: err}
	}
	j.progress(100)
	note := "Kept " + s.subjects() + ", by the painter's own scene and not by a guess."
	if len(w.elements(o.elements())) > 0 {
		note += " The mask is that of the scene before its Elements."
	}
	return engine.Result{
		Image: out, Seed: o.Seed, Scene: p.title, Note: note,
		Files: []engine.File{{Kind: "mask", Type: "image/png", Data: file.Bytes()}},
	}, nil
}

// mask is how much of each pixel the subject covers, and its share of the picture.
func (p *painting) mask(j *job, s subject, width, height int) (*image.Gray, float64, error) {
	f := newFrame(width, height)
	at := func(px, py float64) float64 {
		x, y := f.at(px, py)
		return s.covers(x*p.view.zoom, y*p.view.zoom+p.view.up)
	}
	coarse := make([]float32, width*height)
	err := j.rows(height, 12, 70, func(y int) {
		for x := range width {
			if x&pause == 0 && j.stopped() {
				return
			}
			coarse[y*width+x] = float32(at(float64(x)+0.5, float64(y)+0.5))
		}
	})
	if err != nil {
		return nil, 0, err
	}
	out := image.NewGray(image.Rect(0, 0, width, height))
	err = j.rows(height, 70, 95, func(y int) {
		for x := range width {
			if x&pause == 0 && j.stopped() {
				return
			}
			here, edge := coarse[y*width+x], false
			for _, d := range [4][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
				nx, ny := min(max(x+d[0], 0), width-1), min(max(y+d[1], 0), height-1)
				edge = edge || math.Abs(float64(coarse[ny*width+nx]-here)) > 0.02
			}
			v := float64(here)
			if edge {
				v = 0
				for k := range 16 {
					v += at(float64(x)+(float64(k&3)+0.5)/4, float64(y)+(float64(k>>2)+0.5)/4) / 16
				}
			}
			out.Pix[y*out.Stride+x] = uint8(v*255 + 0.5)
		}
	})
	sum := 0.0
	for _, v := range out.Pix {
		sum += float64(v) / 255
	}
	return out, sum / float64(width*height), err
}

// lifted is the picture with the mask as its alpha. At the border, where the background
// is mixed into the colours, they are taken from the subject beside it.
func lifted(j *job, img image.Image, mask *image.Gray) (*image.NRGBA, error) {
	b := mask.Bounds()
	src := image.NewNRGBA(b)
	draw.Draw(src, b, img, img.Bounds().Min, draw.Src)
	out := image.NewNRGBA(b)
	err := j.rows(b.Dy(), 95, 98, func(y int) {
		for x := range b.Dx() {
			a := mask.GrayAt(x, y).Y
			switch {
			case a == 0:
				continue
			case a > 250:
				c := src.NRGBAAt(x, y)
				c.A = a
				out.SetNRGBA(x, y, c)
				continue
			}
			var r, g, bl, total float64
			for dy := -2; dy <= 2; dy++ {
				for dx := -2; dx <= 2; dx++ {
					nx, ny := min(max(x+dx, 0), b.Dx()-1), min(max(y+dy, 0), b.Dy()-1)
					k := float64(mask.GrayAt(nx, ny).Y) / 255
					k = k*k*k*k + 1e-4
					c := src.NRGBAAt(nx, ny)
					r, g, bl, total = r+k*float64(c.R), g+k*float64(c.G), bl+k*float64(c.B), total+k
				}
			}
			out.SetNRGBA(x, y, color.NRGBA{uint8(r/total + 0.5), uint8(g/total + 0.5), uint8(bl/total + 0.5), a})
		}
	})
	return out, err
}
