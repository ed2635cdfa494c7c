package gallery

import (
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/draw"

	"github.com/florin-studio/florin/internal/engine"
)

// scenes are one prompt for each kind of scene, and three seeds.
var scenes = []struct {
	name, prompt string
	seeds        [3]int64
}{
	{"Landscape", "mountains with a lake", [3]int64{1, 2, 3}}, {"Coast", "coast by the sea", [3]int64{1, 2, 3}},
	{"Desert", "desert dunes", [3]int64{2, 3, 7}}, {"Space", "planet in space", [3]int64{1, 2, 3}},
	{"City", "city skyline by the river", [3]int64{1, 2, 3}}, {"Forest", "forest", [3]int64{1, 3, 6}},
	{"Flowers", "flowers in a meadow", [3]int64{1, 2, 3}}, {"Underwater", "coral reef with fish", [3]int64{1, 2, 3}},
	{"Still life", "still life with a vase and fruit", [3]int64{1, 2, 3}}, {"Abstract", "abstract", [3]int64{1, 2, 3}},
	{"Poster", "bauhaus poster", [3]int64{1, 2, 3}}, {"Pattern", "seamless pattern", [3]int64{1, 2, 3}},
}

// families shows each kind of scene by three seeds.
func (m *maker) families() part {
	p := part{heading: "Every kind of scene, by three seeds"}
	for _, s := range scenes {
		for _, seed := range s.seeds {
			m.add(&p, s.name, engine.Task{Prompt: s.prompt, Seed: seed})
		}
	}
	return p
}

// elements shows each Element on one of two pictures.
func (m *maker) elements() part {
	p := part{heading: "Elements, at weight 1"}
	prompts := []string{"mountains with a lake at golden hour", "still life with a vase and apples", "lagoon with palms by day"}
	for i, id := range m.about.Elements {
		prompt := prompts[i%3]
		if id == "colouring_book" { // needs things with outlines
			prompt = prompts[1]
		}
		m.add(&p, id, engine.Task{Prompt: prompt, Seed: 3, Elements: []engine.Element{{ID: id, Weight: 1}}})
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
	guide, ok := m.run(engine.Task{Prompt: "lagoon with palms at sunset", Seed: 5})
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
	img, _ = source("meadow with poppies and daisies by day", 3)
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
		mask                     func(engine.Result) (*image.Gray, bool)
	}{
		{"sea with a sailing boat at sunset", "", "Canvas: masked boats removed", 6, func(engine.Result) (*image.Gray, bool) {
			return oval(image.Rect(125, 255, 230, 400)), true
		}},
		{"mountains by day", "desert at sunset", "Canvas: \"desert at sunset\"", 9, m.behind},
	} {
		r, ok := m.run(engine.Task{Prompt: c.painted, Seed: c.seed})
		if !ok {
			continue
		}
		mask, ok := c.mask(r)
		if !ok {
			continue
		}
		task := engine.Task{Pipeline: "canvas", Prompt: c.prompt, Seed: 2, Source: &engine.Source{Image: r.Image}, Mask: mask, Strength: 1}
		if out, ok := m.run(task); ok {
			p.items = append(p.items, item{marked(r.Image, mask), "before, masked"}, item{out.Image, c.caption})
		}
	}
	r, ok := m.run(engine.Task{Prompt: "meadow with poppies and daisies by day", Seed: 3})
	if !ok {
		return
	}
	task := engine.Task{Pipeline: "canvas", Seed: 2, Source: &engine.Source{Image: r.Image}, Extend: engine.Sides{Right: painted / 2}, Strength: 1}
	if out, ok := m.run(task); ok {
		p.items = append(p.items, item{r.Image, "before"}, item{out.Image, "Canvas: grown to the right"})
	}
}

// behind is the mask of what lies behind the subject of a painted picture.
func (m *maker) behind(r engine.Result) (*image.Gray, bool) {
	cut, ok := m.run(engine.Task{Operation: engine.RemoveBackground, Source: &engine.Source{Image: r.Image, Recipe: r.Recipe, Engine: m.about.ID}})
	if !ok {
		return nil, false
	}
	b := r.Image.Bounds()
	mask := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			if _, _, _, a := cut.Image.At(b.Min.X+x, b.Min.Y+y).RGBA(); a < 0x2000 {
				mask.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return mask, true
}

// oval is the mask of an ellipse.
func oval(r image.Rectangle) *image.Gray {
	mask := image.NewGray(image.Rect(0, 0, painted, painted))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			u := (2*float64(x-r.Min.X)+1)/float64(r.Dx()) - 1
			v := (2*float64(y-r.Min.Y)+1)/float64(r.Dy()) - 1
			if u*u+v*v < 1 {
				mask.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return mask
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
