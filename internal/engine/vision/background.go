package vision

import (
	"bytes"
	"context"
	"fmt"
	"image"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/vision/ort"
	"github.com/florin-studio/florin/internal/engine/vision/worker"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/picture"
)

// isnetSide is the side of the square that ISNet looks at, in pixels.
const isnetSide = 1024

// removeBackground cuts the subject out.
func (e *Engine) removeBackground(ctx context.Context, _ engine.Task, src *image.NRGBA, report engine.Report) (engine.Result, error) {
	coarseMask, err := e.subject(ctx, src, report)
	if err != nil {
		return engine.Result{}, err
	}
	report(80)
	mask, err := enlargeMask(ctx, coarseMask, src.Rect.Size())
	if err != nil {
		return engine.Result{}, err
	}
	report(85)
	if err := refine(ctx, src, mask); err != nil {
		return engine.Result{}, err
	}
	report(90)
	out, err := cut(ctx, src, mask)
	if err != nil {
		return engine.Result{}, err
	}
	report(95)
	var file bytes.Buffer
	if err := picture.EncodePNG(picture.StopWriter(ctx, &file), mask, nil); err != nil {
		return engine.Result{}, err
	}
	return engine.Result{Image: out, Files: []engine.File{{Kind: "mask", Type: "image/png", Data: file.Bytes()}}}, nil
}

// subject has the network say, for a square of isnetSide, what belongs to the subject.
func (e *Engine) subject(ctx context.Context, src *image.NRGBA, report engine.Report) ([]float32, error) {
	network, err := e.store.Open(models.ISNet)
	if err != nil {
		return nil, err
	}
	report(3)
	whole, err := spread(ctx, src)
	if err != nil {
		return nil, err
	}
	small, err := resize(ctx, whole, isnetSide, isnetSide, func(part float64) { report(3 + int(5*part)) })
	if err != nil {
		return nil, err
	}
	report(8)
	in := ort.Tensor{Shape: []int64{1, 3, isnetSide, isnetSide}, Data: make([]float32, 3*isnetSide*isnetSide)}
	for i := range isnetSide * isnetSide {
		for c := range 3 {
			in.Data[c*isnetSide*isnetSide+i] = (float32(small.Pix[4*i+c]) - 128) / 256
		}
	}
	got, err := e.client.Run(ctx, worker.Request{Model: isnetModel, Path: network, Input: in})
	if err != nil {
		return nil, err
	}
	if len(got.Data) != isnetSide*isnetSide {
		return nil, fmt.Errorf("the network gave a mask of %d values", len(got.Data))
	}
	return got.Data, nil
}

// enlargeMask brings the network's square to the picture's size, between its points.
func enlargeMask(ctx context.Context, small []float32, size image.Point) (*image.Gray, error) {
	out := image.NewGray(image.Rectangle{Max: size})
	across, down := between(isnetSide, size.X), between(isnetSide, size.Y)
	return out, bands(ctx, size.Y, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			v := down[y]
			top, bottom := small[v.low*isnetSide:], small[v.high*isnetSide:]
			for x, u := range across {
				a := top[u.low]*(1-u.part) + top[u.high]*u.part
				b := bottom[u.low]*(1-u.part) + bottom[u.high]*u.part
				out.Pix[y*out.Stride+x] = byteOf(a*(1-v.part) + b*v.part)
			}
		}
	})
}

// mix is a place between two points of a line.
type mix struct {
	low, high int
	part      float32
}

func between(from, to int) []mix {
	out := make([]mix, to)
	for i := range out {
		at := max((float32(i)+0.5)*float32(from)/float32(to)-0.5, 0)
		low := min(int(at), from-1)
		out[i] = mix{low, min(low+1, from-1), at - float32(low)}
	}
	return out
}
