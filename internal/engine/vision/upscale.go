package vision

import (
	"context"
	"fmt"
	"image"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/vision/ort"
	"github.com/florin-studio/florin/internal/engine/vision/weights"
	"github.com/florin-studio/florin/internal/engine/vision/worker"
)

const (
	// tileSide is the side of a tile in the source, and tileMargin what the network sees
	// around it: enough that seams stay below one step of 255.
	tileSide   = 192
	tileMargin = 12
	// The shares of the progress that the steps take, in percent.
	enlarged = 90
)

// scaleOf is the task's scale; 2 when it names none.
func scaleOf(t engine.Task) int {
	if t.Scale == 0 {
		return 2
	}
	return t.Scale
}

// styleOf is the task's network: for drawings and paintings, or for anything else.
func styleOf(t engine.Task) string {
	switch {
	case t.Style != "":
		return t.Style
	case t.Source.Engine == "builtin":
		return animationModel
	default:
		return generalModel
	}
}

func (e *Engine) upscale(ctx context.Context, t engine.Task, src *image.NRGBA, report engine.Report) (engine.Result, error) {
	var r engine.Result
	var out *image.NRGBA
	var err error
	share := enlarged
	if t.Operation == engine.Upscale {
		share = 100
	}
	done := func(part float64) { report(int(part * float64(share))) }
	scale := scaleOf(t)
	if e.runs() {
		out, err = e.enlarge(ctx, src, scale, styleOf(t), done)
	} else {
		out, err = resize(ctx, src, src.Rect.Dx()*scale, src.Rect.Dy()*scale, done)
		r.Note = plainNote()
	}
	if err != nil {
		return r, err
	}
	if t.Operation == engine.AlchemyUpscale {
		out, err = finish(ctx, out, scale, func(part float64) { report(share + int(part*float64(100-share))) })
	}
	r.Image = out
	return r, err
}

// plainNote says that Lanczos stood in, and what to do about it.
func plainNote() string {
	if !ort.Supported {
		return "Enlarged with Lanczos resampling, without an AI model: this build of Florin can't load ONNX Runtime."
	}
	return "Enlarged with Lanczos resampling, without an AI model, because ONNX Runtime is not installed here. An administrator installs it on the page Models, or with: florin models install upscale"
}

// enlarge runs the network over the picture, tile by tile.
func (e *Engine) enlarge(ctx context.Context, src *image.NRGBA, scale int, model string, done func(float64)) (*image.NRGBA, error) {
	size := src.Rect.Size()
	out := image.NewNRGBA(image.Rect(0, 0, size.X*scale, size.Y*scale))
	var shape *image.NRGBA
	if !opaque(src) {
		var err error
		// The network knows three channels. Opacity is enlarged apart, and invisible
		// pixels take the colours of visible neighbours, so that none bleeds in.
		if shape, err = resize(ctx, src, out.Rect.Dx(), out.Rect.Dy(), nil); err != nil {
			return nil, err
		}
		if src, err = spread(ctx, src); err != nil {
			return nil, err
		}
	}
	tiles := tilesOf(size)
	for i, tile := range tiles {
		seen := tile.Inset(-tileMargin).Intersect(src.Rect)
		input := tensor(src, seen)
		got, err := e.client.Run(ctx, worker.Request{Model: model, Input: input})
		if err != nil {
			return nil, err
		}
		w, h := seen.Dx()*weights.Scale, seen.Dy()*weights.Scale
		if len(got.Data) != 3*w*h {
			return nil, fmt.Errorf("the network gave %d values for a tile of %d×%d", len(got.Data), w, h)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		faithful(input.Data, got.Data, seen.Dx(), seen.Dy())
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		place(out, tile, seen, got.Data, scale)
		done(float64(i+1) / float64(len(tiles)))
	}
	if shape != nil {
		for i := 3; i < len(out.Pix); i += 4 {
			out.Pix[i] = shape.Pix[i]
		}
	}
	return out, nil
}

// tilesOf covers a picture with tiles of about the same size.
func tilesOf(size image.Point) []image.Rectangle {
	columns, rows := (size.X+tileSide-1)/tileSide, (size.Y+tileSide-1)/tileSide
	var out []image.Rectangle
	for y := range rows {
		for x := range columns {
			out = append(out, image.Rect(x*size.X/columns, y*size.Y/rows, (x+1)*size.X/columns, (y+1)*size.Y/rows))
		}
	}
	return out
}

// tensor makes the network's input of a part of a picture.
func tensor(src *image.NRGBA, r image.Rectangle) ort.Tensor {
	n := r.Dx() * r.Dy()
	t := ort.Tensor{Shape: []int64{1, 3, int64(r.Dy()), int64(r.Dx())}, Data: make([]float32, 3*n)}
	i := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := src.Pix[src.PixOffset(r.Min.X, y):]
		for x := range r.Dx() {
			for c := range 3 {
				t.Data[c*n+i] = float32(row[4*x+c]) / 255
			}
			i++
		}
	}
	return t
}

// place writes a tile's result, without its margin, averaging where the scale is smaller
// than the network's.
func place(out *image.NRGBA, tile, seen image.Rectangle, data []float32, scale int) {
	cell := weights.Scale / scale // network pixels to one of the result, on each side
	width, plane := seen.Dx()*weights.Scale, len(data)/3
	for y := tile.Min.Y * scale; y < tile.Max.Y*scale; y++ {
		row := out.Pix[out.PixOffset(tile.Min.X*scale, y):]
		for x := range tile.Dx() * scale {
			from := (y-seen.Min.Y*scale)*cell*width + (x+(tile.Min.X-seen.Min.X)*scale)*cell
			for c := range 3 {
				row[4*x+c] = sample(data[c*plane:(c+1)*plane], from, width, cell)
			}
			row[4*x+3] = 255
		}
	}
}

// sample averages a cell's values, as light.
func sample(plane []float32, from, width, cell int) uint8 {
	if cell == 1 {
		return byteOf(plane[from])
	}
	var sum float32
	for y := range cell {
		for _, v := range plane[from+y*width : from+y*width+cell] {
			sum += linear[byteOf(v)]
		}
	}
	return light(sum / float32(cell*cell))
}

// spread gives invisible pixels the colours of the nearest visible ones, row by row and
// then column by column, and makes everything opaque.
func spread(ctx context.Context, src *image.NRGBA) (*image.NRGBA, error) {
	out := image.NewNRGBA(src.Rect)
	w, h := src.Rect.Dx(), src.Rect.Dy()
	err := bands(ctx, h, func(y0, y1 int) {
		copy(out.Pix[y0*out.Stride:y1*out.Stride], src.Pix[y0*src.Stride:])
		for y := y0; y < y1; y++ {
			spreadLine(out.Pix[y*out.Stride:], w, 4)
		}
	})
	if err != nil {
		return nil, err
	}
	return out, bands(ctx, w, func(x0, x1 int) {
		for x := x0; x < x1; x++ {
			spreadLine(out.Pix[4*x:], h, out.Stride)
			for i := 4*x + 3; i < len(out.Pix); i += out.Stride {
				out.Pix[i] = 255
			}
		}
	})
}

// spreadLine fills the invisible pixels of a line, each from the nearer end.
func spreadLine(pix []uint8, n, step int) {
	last := -1
	for i := range n {
		if pix[i*step+3] == 0 {
			continue
		}
		for j := last + 1; j < i; j++ {
			from := i
			if last >= 0 && j-last < i-j {
				from = last
			}
			copy(pix[j*step:j*step+3], pix[from*step:from*step+3])
			pix[j*step+3] = 1 // visible enough to be spread further, along columns
		}
		last = i
	}
	for j := last + 1; last >= 0 && j < n; j++ {
		copy(pix[j*step:j*step+3], pix[last*step:last*step+3])
		pix[j*step+3] = 1
	}
}
