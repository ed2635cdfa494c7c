package texture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/texture/material"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
	"github.com/florin-studio/florin/internal/picture"
)

func asPNG(ctx context.Context, img image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := picture.EncodePNG(picture.StopWriter(ctx, &out), img, nil)
	return out.Bytes(), err
}

func asJPEG(ctx context.Context, img image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(picture.StopWriter(ctx, &out), img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// draw makes a picture from the maps.
func draw(ctx context.Context, maps *material.Maps, of func(material.Pixel) color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, maps.Size, maps.Size))
	for i, p := range maps.Levels[0] {
		if i&0xffff == 0 && ctx.Err() != nil {
			return img
		}
		c := of(p)
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3] = c.R, c.G, c.B, 255
	}
	return img
}

func normalOf(p material.Pixel) color.RGBA {
	x, y := float64(p.NX)/127.5-1, float64(p.NY)/127.5-1
	return color.RGBA{R: p.NX, G: p.NY, B: material.Byte(0.5 + math.Sqrt(math.Max(0, 1-x*x-y*y))/2), A: 255}
}

func glowOf(p material.Pixel) color.RGBA {
	g := float64(p.Glow) / 255 * 2
	f := func(c uint8) uint8 { return uint8(math.Min(255, float64(c)*math.Sqrt(g))) }
	return color.RGBA{R: f(p.R), G: f(p.G), B: f(p.B), A: 255}
}

// files are the maps and the mesh that wears them.
func files(ctx context.Context, m *mesh.Mesh, maps *material.Maps, done func(share float64)) ([]engine.File, error) {
	base := draw(ctx, maps, func(p material.Pixel) color.RGBA { return color.RGBA{R: p.R, G: p.G, B: p.B, A: 255} })
	rough, high := image.NewGray(base.Rect), image.NewGray16(base.Rect)
	for i, p := range maps.Levels[0] {
		if i&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rough.Pix[i] = p.Rough
		high.Pix[2*i], high.Pix[2*i+1] = uint8(maps.Height[i]>>8), uint8(maps.Height[i])
	}
	var out []engine.File
	for _, f := range []struct {
		kind string
		img  image.Image
	}{{"albedo", base}, {"normal", draw(ctx, maps, normalOf)}, {"roughness", rough}, {"displacement", high}} {
		data, err := asPNG(ctx, f.img)
		if err != nil {
			return nil, err
		}
		out = append(out, engine.File{Kind: f.kind, Type: "image/png", Data: data})
		done(float64(len(out)) / 6)
	}
	skin := mesh.Skin{Normal: mesh.Picture{Type: "image/png", Data: out[1].Data}}
	for _, p := range []struct {
		to   *mesh.Picture
		img  image.Image
		want bool
	}{
		{&skin.Color, base, true},
		{&skin.Surface, draw(ctx, maps, func(p material.Pixel) color.RGBA { return color.RGBA{R: p.Light, G: p.Rough, B: p.Metal, A: 255} }), true},
		{&skin.Glow, draw(ctx, maps, glowOf), maps.Glows},
	} {
		if !p.want {
			continue
		}
		data, err := asJPEG(ctx, p.img, 92)
		if err != nil {
			return nil, err
		}
		*p.to = mesh.Picture{Type: "image/jpeg", Data: data}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	done(1)
	whole, err := m.WriteGLB(ctx, skin)
	return append(out, engine.File{Kind: "mesh", Type: "model/gltf-binary", Data: whole}), err
}
