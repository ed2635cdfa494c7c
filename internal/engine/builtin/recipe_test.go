package builtin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"github.com/florin-studio/florin/internal/engine"
)

func source(r engine.Result) *engine.Source {
	return &engine.Source{Image: r.Image, Recipe: r.Recipe, Engine: "builtin"}
}

// scaled is a part of a picture at another size.
func scaled(img image.Image, part image.Rectangle, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Bounds(), img, part, draw.Src, nil)
	return out
}

func TestUnzoomKeepsTheMiddle(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		t.Run(s.family, func(t *testing.T) {
			t.Parallel()
			task := small(s.prompt, 3)
			task.Width, task.Height = 192, 128
			first := mustPaint(t, task)
			wide := mustPaint(t, engine.Task{Operation: engine.Unzoom, Source: source(first), Zoom: 2})
			// Both are compared small, so that what is finer than the wide picture's pixels
			// does not count.
			a := scaled(first.Image, first.Image.Bounds(), 24, 16)
			b := scaled(wide.Image, image.Rect(48, 32, 144, 96), 24, 16)
			if d := difference(a.Pix, b.Pix); d > 7 {
				t.Errorf("the middle differs by %.2f of 255 from the picture", d)
			}
			if wide.Image.Bounds() != first.Image.Bounds() || wide.Scene != first.Scene || wide.Note == "" {
				t.Errorf("size %v, scene %q, note %q", wide.Image.Bounds(), wide.Scene, wide.Note)
			}
		})
	}
}

func TestUnzoomAgain(t *testing.T) {
	t.Parallel()
	task := small("mountains", 3)
	task.Elements = []engine.Element{{ID: "oil", Weight: 1}}
	first := mustPaint(t, task)
	second := mustPaint(t, engine.Task{Operation: engine.Unzoom, Source: source(first)})
	third := mustPaint(t, engine.Task{Operation: engine.Unzoom, Source: source(second), Zoom: 2})
	var r recipe
	if err := json.Unmarshal(third.Recipe, &r); err != nil || math.Abs(r.Zoom-3) > 1e-9 || len(r.Elements) != 1 {
		t.Errorf("recipe %s, error %v, want zoom 3 and the Element", third.Recipe, err)
	}
	_, err := New().Run(t.Context(), engine.Task{Operation: engine.Unzoom, Source: source(third), Zoom: 2}, nil)
	if engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), "4 together") {
		t.Errorf("error %v, want a refusal of zoom 6", err)
	}
}

func TestRecipesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 96, 96))
	good := mustPaint(t, small("sea", 1))
	guided := small("sea", 1)
	guided.References = []engine.Reference{{Image: img, Kind: engine.PaletteReference, Strength: 1}}
	for want, s := range map[string]*engine.Source{
		"source is missing":                     nil,
		"not a picture of the built-in painter": {Image: img},
		"changed since it was painted":          {Image: image.NewRGBA(image.Rect(0, 0, 192, 192)), Recipe: good.Recipe, Engine: "builtin"},
		"does not know":                         {Image: img, Recipe: json.RawMessage(`{"painter":99}`), Engine: "builtin"},
		"width is 7":                            {Image: img, Recipe: json.RawMessage(`{"painter":2,"width":7}`), Engine: "builtin"},
		"after 1 reference pictures":            source(mustPaint(t, guided)),
	} {
		_, err := New().Run(t.Context(), engine.Task{Operation: engine.Unzoom, Source: s, Zoom: 2}, nil)
		if engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestCutOut(t *testing.T) {
	t.Parallel()
	without := map[string]bool{"forest": true, "abstract": true, "pattern": true}
	for _, s := range samples {
		t.Run(s.family, func(t *testing.T) {
			t.Parallel()
			first := mustPaint(t, small(s.prompt, 3))
			r, err := New().Run(t.Context(), engine.Task{Operation: engine.RemoveBackground, Source: source(first)}, nil)
			if without[s.family] {
				if engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), "allowed are the painter's still lifes") {
					t.Errorf("error %v, want a refusal that names what is possible", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out := r.Image.(*image.NRGBA)
			clear, solid := 0, 0
			for i := 0; i < len(out.Pix); i += 4 {
				switch out.Pix[i+3] {
				case 0:
					clear++
				case 255:
					solid++
					if x, y := i/4%96, i/4/96; first.Image.(*image.RGBA).RGBAAt(x, y).R != out.Pix[i] {
						t.Fatalf("the pixel %d,%d changed", x, y)
					}
				}
			}
			if clear < 300 || solid < 50 {
				t.Errorf("%d pixels are clear and %d solid", clear, solid)
			}
			if len(r.Files) != 1 || r.Files[0].Kind != "mask" || r.Note == "" {
				t.Fatalf("files %v, note %q", r.Files, r.Note)
			}
			mask, err := png.Decode(bytes.NewReader(r.Files[0].Data))
			if err != nil || mask.Bounds() != out.Bounds() {
				t.Errorf("mask %v, error %v", mask.Bounds(), err)
			}
		})
	}
}

// TestCutOutIsExact compares the mask of planets with circles of their own.
func TestCutOutIsExact(t *testing.T) {
	t.Parallel()
	task := small("a planet, no rings", 3)
	o, err := orderFor(task)
	if err != nil {
		t.Fatal(err)
	}
	j := &job{ctx: t.Context(), report: func(int) {}}
	_, p, err := stage(j, &o)
	if err != nil {
		t.Fatal(err)
	}
	s := p.scene.(*space)
	mask, _, err := p.mask(j, s, 96, 96)
	if err != nil {
		t.Fatal(err)
	}
	f, both, either := newFrame(96, 96), 0.0, 0.0
	for y := range 96 {
		for x := range 96 {
			px, py := f.at(float64(x)+0.5, float64(y)+0.5)
			in := false
			for _, b := range s.planets {
				in = in || math.Hypot(px-b.x, py-b.y) < b.radius
			}
			got := mask.GrayAt(x, y).Y > 127
			if in && got {
				both++
			}
			if in || got {
				either++
			}
		}
	}
	if both/either < 0.98 {
		t.Errorf("the mask meets the planets by %.3f", both/either)
	}
}

func TestTilingContinues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ prompt, scene, note string }{
		{"seamless pattern of leaves", "seamless pattern of leaves", ""},
		{"abstract silk ribbons", "seamless abstract silk ribbons", ""},
		{"abstract marble in gold", "seamless abstract poured marble", ""},
		{"abstract smoke", "seamless abstract coloured smoke", ""},
		{"abstract cells", "seamless abstract glass cells", ""},
		{"roses in a garden", "seamless pattern of flowers", "seamless pattern was painted instead"},
		{"mountains at sunset", "seamless", "seamless abstract was painted instead"},
	} {
		for _, pipeline := range []string{"default", "alchemy_v2"} {
			task := small(c.prompt, 4)
			task.Width, task.Height, task.Tiling, task.Pipeline = 128, 96, true, pipeline
			task.Elements = []engine.Element{{ID: "oil", Weight: 0.5}}
			r := mustPaint(t, task)
			if !strings.Contains(r.Scene, c.scene) || !strings.Contains(r.Note, c.note) || c.note == "" && r.Note != "" {
				t.Errorf("%q: scene %q, note %q", c.prompt, r.Scene, r.Note)
			}
			img := r.Image.(*image.RGBA)
			across, within := seam(img)
			if across > within*1.35+2 {
				t.Errorf("%q, %s: the seams step by %.2f, neighbours by %.2f at most", c.prompt, pipeline, across, within)
			}
		}
	}
}

func TestTilesTellTheirWordsTruly(t *testing.T) {
	t.Parallel()
	task := small("mountains at sunset", 1)
	task.Tiling = true
	r := mustPaint(t, task)
	if !slices.Equal(r.UsedWords, []string{"sunset"}) || !slices.Equal(r.IgnoredWords, []string{"mountains"}) {
		t.Errorf("used %q, ignored %q", r.UsedWords, r.IgnoredWords)
	}
}

// seam is the larger mean step over the two seams, and the largest between other
// neighbouring columns and rows.
func seam(img *image.RGBA) (across, within float64) {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	step := func(n int, at func(i int) (a, b int)) float64 {
		sum := 0.0
		for i := range n {
			a, b := at(i)
			sum += math.Abs(float64(img.Pix[a+1])-float64(img.Pix[b+1])) / float64(n)
		}
		return sum
	}
	column := func(x, next int) float64 {
		return step(h, func(y int) (int, int) { return img.PixOffset(x, y), img.PixOffset(next, y) })
	}
	row := func(y, next int) float64 {
		return step(w, func(x int) (int, int) { return img.PixOffset(x, y), img.PixOffset(x, next) })
	}
	for x := range w - 1 {
		within = max(within, column(x, x+1))
	}
	for y := range h - 1 {
		within = max(within, row(y, y+1))
	}
	return max(column(w-1, 0), row(h-1, 0)), within
}

// TestOperationsStop ends unzooming and cutting out soon after their context ends.
func TestOperationsStop(t *testing.T) {
	task := small("mountains", 1)
	task.Width, task.Height = 768, 512
	first := mustPaint(t, task)
	for _, op := range []engine.Operation{engine.Unzoom, engine.RemoveBackground} {
		ctx, cancel := context.WithCancel(t.Context())
		var since time.Time
		_, err := New().Run(ctx, engine.Task{Operation: op, Source: source(first), Zoom: 2}, func(p int) {
			if p > 15 && since.IsZero() {
				since = time.Now()
				cancel()
			}
		})
		took := time.Since(since)
		cancel()
		if engine.ClassOf(err) != engine.Cancelled || !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: error %v, want class cancelled", op, err)
		}
		if took > time.Second { // the promise is 100 ms; a loaded machine gets more
			t.Errorf("%s: returned %v after its context ended", op, took)
		}
	}
}

// TestElementsChangeEveryFamily proves that Elements work on what is painted and on every pipeline.
func TestElementsChangeEveryFamily(t *testing.T) {
	t.Parallel()
	for i, s := range samples {
		task := small(s.prompt, 2)
		task.Pipeline = []string{"default", "alchemy", "alchemy_v2", "alchemy_v2_lightning"}[i%4]
		plain := mustPaint(t, task).Image.(*image.RGBA)
		task.Elements = []engine.Element{{ID: "watercolour", Weight: 0.5}, {ID: "duotone", Weight: 1}}
		styled := mustPaint(t, task).Image.(*image.RGBA)
		task.Elements[0], task.Elements[1] = task.Elements[1], task.Elements[0]
		turned := mustPaint(t, task).Image.(*image.RGBA)
		if a, b := difference(plain.Pix, styled.Pix), difference(styled.Pix, turned.Pix); a < 4 || b < 0.5 {
			t.Errorf("%s: Elements change it by %.2f, their order by %.2f", s.family, a, b)
		}
	}
}
