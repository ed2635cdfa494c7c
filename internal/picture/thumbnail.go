package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"

	"golang.org/x/image/draw"
)

const (
	// ThumbnailSide is the longest side of a thumbnail, in pixels.
	ThumbnailSide = 384
	// thumbnailQuality keeps a painted 384x384 thumbnail near 30 kB without visible blocks.
	thumbnailQuality = 82
)

// EncodeThumbnail writes img as a small JPEG whose longest side is ThumbnailSide.
// Smaller pictures keep their size. Transparent parts come out white.
func EncodeThumbnail(w io.Writer, img image.Image) error {
	width, height := thumbnailSize(img.Bounds().Dx(), img.Bounds().Dy())
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Over, nil)
	if err := jpeg.Encode(w, small, &jpeg.Options{Quality: thumbnailQuality}); err != nil {
		return fmt.Errorf("encode thumbnail: %w", err)
	}
	return nil
}

func thumbnailSize(width, height int) (int, int) {
	longest := max(width, height)
	if longest <= ThumbnailSide {
		return max(1, width), max(1, height)
	}
	return max(1, width*ThumbnailSide/longest), max(1, height*ThumbnailSide/longest)
}
