package main

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"os"

	"github.com/florin-studio/florin/internal/engine/gallery"
)

type engineGalleryCmd struct {
	Out     string `arg:"" help:"JPEG file to write."`
	MaxSize int    `help:"How large the file may be, in KiB; the quality follows." default:"600"`
}

// Run draws the contact sheet of what the built-in engine can do here.
func (c *engineGalleryCmd) Run(s *streams) error {
	sheet, err := gallery.Draw(s.ctx, s.builtinEngine(), func(line string) { _, _ = fmt.Fprintln(s.err, line) })
	if err != nil {
		return err
	}
	file, quality, err := fitting(sheet, c.MaxSize<<10)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, file, 0o644); err != nil {
		return err
	}
	size := sheet.Bounds().Size()
	_, err = fmt.Fprintf(s.out, "%s: %d×%d, %d KiB, quality %d\n", c.Out, size.X, size.Y, len(file)>>10, quality)
	return err
}

// fitting finds the best quality at which a picture is no larger than that.
func fitting(img image.Image, most int) (file []byte, quality int, err error) {
	for quality = 92; ; quality -= 3 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, 0, err
		}
		if out.Len() <= most || quality < 30 {
			return out.Bytes(), quality, nil
		}
	}
}
