package pool

import (
	"bytes"
	"fmt"
	"image"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
)

// maxRecipe bounds an engine's recipe, in bytes, as the contract says.
const maxRecipe = 64 << 10

// faulty tells what is wrong with a result, or nil.
func faulty(result engine.Result, task engine.Task) (err error) {
	defer func() {
		if p := recover(); p != nil { // an image that lies about itself
			err = garbage("The engine gave a picture that can't be read.", fmt.Errorf("panic: %v", p))
		}
	}()
	if result.Image == nil {
		return garbage("The engine gave no picture.", nil)
	}
	b := result.Image.Bounds()
	width, height := b.Dx(), b.Dy()
	if width <= 0 || height <= 0 || width > picture.MaxSide || height > picture.MaxSide || width*height > picture.MaxPixels {
		return garbage(fmt.Sprintf("The engine gave a picture of %d×%d pixels.", width, height), nil)
	}
	if w, h, known := expected(task); known && (w != width || h != height) {
		return garbage(fmt.Sprintf("The engine gave a picture of %d×%d pixels instead of %d×%d.", width, height, w, h), nil)
	}
	if len(result.Recipe) > maxRecipe {
		return garbage(fmt.Sprintf("The engine gave a recipe of %d bytes; at most %d are allowed.", len(result.Recipe), maxRecipe), nil)
	}
	corners(result.Image)
	if task.Operation == engine.Generate && task.Source == nil && blank(result.Image) {
		return garbage("The engine gave a picture of one colour.", nil)
	}
	return nil
}

func garbage(reason string, cause error) error {
	return &engine.Error{Class: engine.Transient, Reason: reason, Err: cause}
}

// expected is the size that follows from a task.
func expected(task engine.Task) (width, height int, known bool) {
	switch {
	case task.Operation == engine.Generate && task.Source == nil:
		return task.Width, task.Height, task.Width > 0 && task.Height > 0
	case task.Source == nil || task.Source.Image == nil:
		return 0, 0, false
	}
	b := task.Source.Image.Bounds()
	switch task.Operation {
	case engine.Generate:
		return b.Dx() + task.Extend.Left + task.Extend.Right, b.Dy() + task.Extend.Top + task.Extend.Bottom, true
	case engine.RemoveBackground:
		return b.Dx(), b.Dy(), true
	case engine.Upscale, engine.AlchemyUpscale:
		return b.Dx() * task.Scale, b.Dy() * task.Scale, true
	}
	return 0, 0, false
}

// corners reads the last pixels, which are missing first where an image is shorter than it says.
func corners(img image.Image) {
	b := img.Bounds()
	img.At(b.Min.X, b.Min.Y)
	img.At(b.Max.X-1, b.Max.Y-1)
}

// blank tells whether all pixels of a picture are the same, as where an engine computed
// nothing but zeros. It looks at every pixel of the usual kinds of images.
func blank(img image.Image) bool {
	switch m := img.(type) {
	case *image.RGBA:
		return uniform(m.Pix, m.Stride, m.Rect)
	case *image.NRGBA:
		return uniform(m.Pix, m.Stride, m.Rect)
	}
	b := img.Bounds()
	first := img.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if img.At(x, y) != first {
				return false
			}
		}
	}
	return true
}

func uniform(pix []byte, stride int, r image.Rectangle) bool {
	width := 4 * r.Dx()
	row := pix[:width]
	for i := 4; i < width; i += 4 {
		if !bytes.Equal(row[i:i+4], row[:4]) {
			return false
		}
	}
	for y := 1; y < r.Dy(); y++ {
		if !bytes.Equal(pix[y*stride:y*stride+width], row) {
			return false
		}
	}
	return true
}
