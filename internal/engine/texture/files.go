package texture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/texture/material"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
)

// quitter lets an encoder's next write fail once the context ended.
type quitter struct {
	bytes.Buffer
	ctx context.Context
}

// Write fails after the context ended.
func (q *quitter) Write(p []byte) (int, error) {
	if err := q.ctx.Err(); err != nil {
		return 0, err
	}
	return q.Buffer.Write(p)
}

func asPNG(ctx context.Context, img image.Image) ([]byte, error) {
	out := &quitter{ctx: ctx}
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(out, img)
	return out.Bytes(), err
}

func asJPEG(img image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// draw makes a picture from the maps.
func draw(maps *material.Maps, of func(material.Pixel) color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, maps.Size, maps.Size))
	for i, p := range maps.Levels[0] {
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
func files(ctx context.Context, m *mesh.Mesh, maps *material.Maps) ([]engine.File, error) {
	base := draw(maps, func(p material.Pixel) color.RGBA { return color.RGBA{R: p.R, G: p.G, B: p.B, A: 255} })
	rough, high := image.NewGray(base.Rect), image.NewGray16(base.Rect)
	for i, p := range maps.Levels[0] {
		rough.Pix[i] = p.Rough
		high.Pix[2*i], high.Pix[2*i+1] = uint8(maps.Height[i]>>8), uint8(maps.Height[i])
	}
	var out []engine.File
	for _, f := range []struct {
		kind string
		img  image.Image
	}{{"albedo", base}, {"normal", draw(maps, normalOf)}, {"roughness", rough}, {"displacement", high}} {
		data, err := asPNG(ctx, f.img)
		if err != nil {
			return nil, err
		}
		out = append(out, engine.File{Kind: f.kind, Type: "image/png", Data: data})
	}
	skin := mesh.Skin{Normal: mesh.Picture{Type: "image/png", Data: out[1].Data}}
	for _, p := range []struct {
		to   *mesh.Picture
		img  image.Image
		want bool
	}{
		{&skin.Color, base, true},
		{&skin.Surface, draw(maps, func(p material.Pixel) color.RGBA { return color.RGBA{R: p.Light, G: p.Rough, B: p.Metal, A: 255} }), true},
		{&skin.Glow, draw(maps, glowOf), maps.Glows},
	} {
		if !p.want {
			continue
		}
		data, err := asJPEG(p.img, 92)
		if err != nil {
			return nil, err
		}
		*p.to = mesh.Picture{Type: "image/jpeg", Data: data}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return append(out, engine.File{Kind: "mesh", Type: "model/gltf-binary", Data: m.WriteGLB(skin)}), nil
}
