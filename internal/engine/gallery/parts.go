package gallery

import (
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/draw"

	"github.com/florin-studio/florin/internal/engine"
)

// scenes are one prompt for each kind of scene.
var scenes = []struct{ name, prompt string }{
	{"Landscape", "mountains with a lake"}, {"Coast", "coast by the sea"},
	{"Desert", "desert dunes"}, {"Space", "planet in space"},
	{"City", "city skyline by the river"}, {"Forest", "forest"},
	{"Flowers", "flowers in a meadow"}, {"Underwater", "coral reef with fish"},
	{"Still life", "still life with a vase and fruit"}, {"Abstract", "abstract"},
	{"Poster", "bauhaus poster"}, {"Pattern", "seamless pattern"},
}

// families shows each kind of scene by three seeds.
func (m *maker) families() part {
	p := part{heading: "Every kind of scene, by three seeds"}
	for _, s := range scenes {
		for seed := range int64(3) {
			m.add(&p, s.name, engine.Task{Prompt: s.prompt, Seed: seed + 1})
		}
	}
	return p
}

// elements shows each Element on one of two pictures.
func (m *maker) elements() part {
	p := part{heading: "Elements, at weight 1"}
	prompts := []string{"mountains with a lake at golden hour", "still life with a vase and apples", "lagoon with palms by day"}
	for i, id := range m.about.Elements {
		m.add(&p, id, engine.Task{Prompt: prompts[i%3], Seed: 3, Elements: []engine.Element{{ID: id, Weight: 1}}})
	}
	for _, w := range []float64{0.5, 2} {
		caption := "stained_glass at weight 0.5"
		if w == 2 {
			caption = "stained_glass at weight 2"
		}
		m.add(&p, caption, engine.Task{Prompt: prompts[1], Seed: 3, Elements: []engine.Element{{ID: "stained_glass", Weight: w}}})
	}
	return p
}

// pipelines shows one prompt through all of them, and rewritten.
func (m *maker) pipelines() part {
	p := part{heading: "Pipelines and Prompt Magic"}
	const prompt = "mountains and a lake in the late afternoon"
	for _, id := range []string{"default", "alchemy", "alchemy_v2", "alchemy_v2_lightning"} {
		if len(m.about.Pipelines) == 0 || slices.Contains(m.about.Pipelines, id) {
			m.add(&p, id, engine.Task{Prompt: prompt, Pipeline: id, Seed: 9})
		}
	}
	if m.about.PromptMagic {
		for _, version := range []string{"v2", "v3"} {
			m.add(&p, "\"the sea\", Prompt Magic "+version, engine.Task{Prompt: "the sea", Seed: 11, PromptMagic: version})
		}
	}
	return p
}

// references shows one scene led by each kind of reference.
func (m *maker) references() part {
	p := part{heading: "Image guidance"}
	if len(m.about.References) == 0 {
		return p
	}
	guide, ok := m.run(engine.Task{Prompt: "neon city by the river at night", Seed: 4})
	if !ok {
		return p
	}
	const prompt = "mountains with a lake by day"
	p.items = append(p.items, item{guide.Image, "reference"})
	m.add(&p, "\"mountains by day\" alone", engine.Task{Prompt: prompt, Seed: 9})
	for _, kind := range m.about.References {
		m.add(&p, string(kind)+", strength 0.8", engine.Task{Prompt: prompt, Seed: 9, References: []engine.Reference{{Image: guide.Image, Kind: kind, Strength: 0.8}}})
	}
	return p
}

// operations shows what is done to pictures, before and after.
func (m *maker) operations() part {
	p := part{heading: "Operations, before and after"}
	pair := func(caption string, before image.Image, task engine.Task) {
		if !slices.Contains(m.about.Operations, task.Operation) || m.err != nil {
			m.tell("left out: " + string(task.Operation) + " is not offered: " + m.about.Missing[task.Operation])
			return
		}
		if r, ok := m.run(task); ok {
			p.items = append(p.items, item{before, "before"}, item{r.Image, caption})
			m.files(&p, r)
		}
	}
	source := func(prompt string, seed int64) (image.Image, *engine.Source) {
		r, ok := m.run(engine.Task{Prompt: prompt, Seed: seed})
		if !ok {
			return image.White, nil
		}
		return r.Image, &engine.Source{Image: r.Image, Recipe: r.Recipe, Engine: m.about.ID}
	}
	img, own := source("lagoon with palms at sunset", 5)
	pair("Unzoom of a painted picture", img, engine.Task{Operation: engine.Unzoom, Source: own, Zoom: 1.6})
	img, own = source("still life with a vase and lemons", 8)
	pair("Remove background", img, engine.Task{Operation: engine.RemoveBackground, Source: own})
	img, own = source("poppies and daisies at golden hour", 2)
	pair("Remove background", img, engine.Task{Operation: engine.RemoveBackground, Source: own})
	img, _ = source("desert dunes with clouds", 3)
	foreign := &engine.Source{Image: img}
	pair("Unzoom of any picture", img, engine.Task{Operation: engine.Unzoom, Source: foreign, Zoom: 1.4})
	m.tiled(&p)
	m.canvas(&p)
	m.larger(&p)
	mesh := &engine.Mesh{Format: "obj", Data: ball()}
	for _, op := range []engine.Operation{engine.TexturePreview, engine.Texture} {
		if !slices.Contains(m.about.Operations, op) {
			continue
		}
		if r, ok := m.run(engine.Task{Operation: op, Prompt: "mossy rock", Mesh: mesh, Seed: 3, Width: painted, Height: painted}); ok {
			p.items = append(p.items, item{r.Image, string(op)})
			m.files(&p, r)
		}
	}
	return p
}

// files adds the pictures that came with one.
func (m *maker) files(p *part, r engine.Result) {
	for _, f := range r.Files {
		if f.Kind != "albedo" && f.Kind != "normal" && f.Kind != "roughness" {
			continue
		}
		if img, err := decode(f); err == nil {
			p.items = append(p.items, item{img, f.Kind})
		}
	}
}

// tiled shows a seamless picture four times.
func (m *maker) tiled(p *part) {
	r, ok := m.run(engine.Task{Prompt: "silk ribbons in teal and gold", Tiling: true, Seed: 3, Width: painted / 2, Height: painted / 2})
	if !ok {
		return
	}
	four := image.NewRGBA(image.Rect(0, 0, painted, painted))
	for i := range 4 {
		draw.Draw(four, image.Rect(i&1*painted/2, i>>1*painted/2, painted, painted), r.Image, image.Point{}, draw.Src)
	}
	p.items = append(p.items, item{r.Image, "Tiling: one tile"}, item{four, "Tiling: two by two"})
}

// canvas shows a thing removed, another sky painted, and a picture that grows. The masks
// are those of the things themselves.
func (m *maker) canvas(p *part) {
	if len(m.about.Pipelines) > 0 && !slices.Contains(m.about.Pipelines, "canvas") {
		m.tell("left out: the canvas is not offered")
		return
	}
	for _, c := range []struct {
		painted, prompt, caption string
		seed                     int64
		behind                   bool
	}{
		{"planet, no rings, no moon", "", "Canvas: the planet removed", 3, false},
		{"mountains by day", "desert at sunset", "Canvas: \"desert at sunset\"", 9, true},
	} {
		r, ok := m.run(engine.Task{Prompt: c.painted, Seed: c.seed})
		if !ok {
			continue
		}
		mask, ok := m.maskOf(r, c.behind)
		if !ok {
			continue
		}
		task := engine.Task{Pipeline: "canvas", Prompt: c.prompt, Seed: 2, Source: &engine.Source{Image: r.Image}, Mask: mask, Strength: 1}
		if out, ok := m.run(task); ok {
			p.items = append(p.items, item{marked(r.Image, mask), "before, masked"}, item{out.Image, c.caption})
		}
	}
	r, ok := m.run(engine.Task{Prompt: "desert dunes with clouds", Seed: 3})
	if !ok {
		return
	}
	task := engine.Task{Pipeline: "canvas", Seed: 2, Source: &engine.Source{Image: r.Image}, Extend: engine.Sides{Right: painted / 2}, Strength: 1}
	if out, ok := m.run(task); ok {
		p.items = append(p.items, item{r.Image, "before"}, item{out.Image, "Canvas: grown to the right"})
	}
}

// maskOf is the mask of what stands in a painted picture, a little wider, or of what is
// behind it.
func (m *maker) maskOf(r engine.Result, behind bool) (*image.Gray, bool) {
	cut, ok := m.run(engine.Task{Operation: engine.RemoveBackground, Source: &engine.Source{Image: r.Image, Recipe: r.Recipe, Engine: m.about.ID}})
	if !ok {
		return nil, false
	}
	b := r.Image.Bounds()
	mask := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	const wider = 26 // a planet's air goes with it
	for y := range b.Dy() {
		for x := range b.Dx() {
			found := false
			for k := range 25 {
				_, _, _, a := cut.Image.At(b.Min.X+x+(k%5-2)*wider/2, b.Min.Y+y+(k/5-2)*wider/2).RGBA()
				found = found || a > 0x2000
			}
			if _, _, _, a := cut.Image.At(b.Min.X+x, b.Min.Y+y).RGBA(); behind && a < 0x2000 || !behind && found {
				mask.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return mask, true
}

// marked is a picture with its mask laid over in red.
func marked(img image.Image, mask *image.Gray) image.Image {
	b := mask.Bounds()
	out := image.NewRGBA(b)
	draw.Draw(out, b, img, img.Bounds().Min, draw.Src)
	for y := range b.Dy() {
		for x := range b.Dx() {
			if mask.GrayAt(x, y).Y > 127 {
				c := out.RGBAAt(x, y)
				out.SetRGBA(x, y, color.RGBA{uint8(128 + int(c.R)/2), c.G / 2, c.B / 2, 0xff})
			}
		}
	}
	return out
}

// larger shows the upscalers on a small picture, by a detail.
func (m *maker) larger(p *part) {
	r, ok := m.run(engine.Task{Prompt: "still life with a vase and apples", Seed: 3, Width: 192, Height: 192})
	if !ok {
		return
	}
	detail := func(img image.Image) image.Image {
		b := img.Bounds()
		part := image.Rect(b.Min.X+b.Dx()/4, b.Min.Y+b.Dy()*2/5, b.Min.X+b.Dx()*3/4, b.Min.Y+b.Dy()*9/10)
		out := image.NewRGBA(image.Rect(0, 0, cell, cell))
		draw.NearestNeighbor.Scale(out, out.Bounds(), img, part, draw.Src, nil)
		return out
	}
	first := true
	for _, op := range []engine.Operation{engine.Upscale, engine.AlchemyUpscale} {
		if !slices.Contains(m.about.Operations, op) {
			m.tell("left out: " + string(op) + " is not offered: " + m.about.Missing[op])
			continue
		}
		if out, ok := m.run(engine.Task{Operation: op, Source: &engine.Source{Image: r.Image}, Scale: 4}); ok {
			if first {
				p.items = append(p.items, item{detail(r.Image), "before, a detail"})
				first = false
			}
			p.items = append(p.items, item{detail(out.Image), string(op) + ", 4 times"})
		}
	}
}
