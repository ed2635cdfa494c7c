package builtin

import (
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/colour"
)

// guidePicture is a teal sky over a magenta ground that meet at a share of the height,
// with a bright disc and dark bars.
func guidePicture(horizon float64) *image.RGBA {
	const side = 192
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			u, v := (float64(x)+0.5)/side, (float64(y)+0.5)/side
			c := color.RGBA{30, uint8(140 + 60*v), uint8(150 + 40*v), 255}
			if v > horizon {
				c = color.RGBA{uint8(150 - 40*v), 20, uint8(110 - 30*v), 255}
			}
			if math.Hypot(u-0.7, v-horizon*0.5) < 0.12 {
				c = color.RGBA{250, 235, 190, 255}
			}
			if v > 0.35 && (math.Abs(u-0.2) < 0.02 || math.Abs(u-0.42) < 0.02) {
				c = color.RGBA{25, 10, 30, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func guidedTask(prompt string, kind engine.ReferenceKind, img image.Image, strength float64) engine.Task {
	task := small(prompt, 2)
	task.Width, task.Height = 128, 128
	task.References = []engine.Reference{{Image: img, Kind: kind, Strength: strength}}
	return task
}

var guidedPrompts = []string{"mountains and a lake by day", "city skyline at night", "autumn forest path", "still life with apples", "abstract marble"}

func TestPaletteIsFollowed(t *testing.T) {
	t.Parallel()
	ref := guidePicture(0.5)
	wanted := colour.Palette(ref, 6)
	for _, prompt := range guidedPrompts {
		var away []float64
		for _, strength := range []float64{0, 0.5, 1} {
			r := mustPaint(t, guidedTask(prompt, engine.PaletteReference, ref, strength))
			away = append(away, colour.PaletteDistance(colour.Palette(r.Image, 6), wanted))
		}
		t.Logf("%s: palette distance %.3f, %.3f, %.3f", prompt, away[0], away[1], away[2])
		if away[1] > away[0]*1.05 || away[2] > away[1]*0.9 || away[2] > away[0]*0.65 {
			t.Errorf("%s: palette distance %.3f, %.3f, %.3f at strength 0, 0.5 and 1, want it to fall by a third", prompt, away[0], away[1], away[2])
		}
	}
}

func TestHorizonIsFollowed(t *testing.T) {
	t.Parallel()
	for _, prompt := range []string{"mountains and a lake by day", "desert dunes by day", "islands in the sea", "city skyline at sunset"} {
		for _, kind := range []engine.ReferenceKind{engine.StructureReference, engine.ImageReference} {
			var found []float64
			for _, wanted := range []float64{0.3, 0.7} {
				r := mustPaint(t, guidedTask(prompt, kind, guidePicture(wanted), 0.9))
				at, _, _ := horizonOf(shrunk(r.Image, 40, 40), 1)
				found = append(found, at)
			}
			t.Logf("%s, %s: horizons %.2f and %.2f", prompt, kind, found[0], found[1])
			if math.Abs(found[0]-0.3) > 0.12 || math.Abs(found[1]-0.7) > 0.12 {
				t.Errorf("%s, %s: horizons at %.2f and %.2f, want 0.3 and 0.7", prompt, kind, found[0], found[1])
			}
		}
	}
}

// correlation is how alike two planes are, -1..1.
func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var sa, sb, aa, bb, ab float64
	for i := range a {
		sa, sb = sa+a[i], sb+b[i]
		aa, bb, ab = aa+a[i]*a[i], bb+b[i]*b[i], ab+a[i]*b[i]
	}
	return (ab - sa*sb/n) / math.Sqrt((aa-sa*sa/n)*(bb-sb*sb/n)+1e-12)
}

// planes gives lightness and steepness of a picture on a grid.
func planes(img image.Image, side int) (tones, edges []float64) {
	labs := shrunk(img, side, side)
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			tones = append(tones, labs[y*side+x].L)
			edges = append(edges, math.Hypot(labs[y*side+x+1].L-labs[y*side+x-1].L, labs[(y+1)*side+x].L-labs[(y-1)*side+x].L))
		}
	}
	return tones, edges
}

func TestStructureEdgesAndImageAreFollowed(t *testing.T) {
	t.Parallel()
	ref := guidePicture(0.6)
	refTones, refEdges := planes(ref, 64)
	prompts := guidedPrompts[:4]
	var tonesAlone, edgesAlone []float64 // without a reference, by prompt
	for _, prompt := range prompts {
		task := guidedTask(prompt, engine.EdgesReference, ref, 0)
		task.References = nil
		tones, edges := planes(mustPaint(t, task).Image, 64)
		tonesAlone, edgesAlone = append(tonesAlone, correlation(tones, refTones)), append(edgesAlone, correlation(edges, refEdges))
	}
	for _, c := range []struct {
		kind engine.ReferenceKind
		// How alike tones or edges must become at full strength.
		edges bool
		least float64
	}{{engine.StructureReference, false, 0.75}, {engine.EdgesReference, true, 0.45}, {engine.ImageReference, false, 0.9}} {
		for i, prompt := range prompts {
			alike := []float64{tonesAlone[i]}
			if c.edges {
				alike[0] = edgesAlone[i]
			}
			for _, strength := range []float64{0.5, 1} {
				tones, edges := planes(mustPaint(t, guidedTask(prompt, c.kind, ref, strength)).Image, 64)
				if c.edges {
					alike = append(alike, correlation(edges, refEdges))
				} else {
					alike = append(alike, correlation(tones, refTones))
				}
			}
			t.Logf("%s, %s: %.2f, %.2f, %.2f", c.kind, prompt, alike[0], alike[1], alike[2])
			if alike[1] < alike[0] || alike[2] < alike[1] || alike[2] < c.least {
				t.Errorf("%s, %s: likeness %.2f, %.2f, %.2f at strength 0, 0.5 and 1, want it to rise to %.2f", c.kind, prompt, alike[0], alike[1], alike[2], c.least)
			}
		}
	}
}

func TestImageAtFullStrengthKeepsColours(t *testing.T) {
	t.Parallel()
	ref := guidePicture(0.6)
	r := mustPaint(t, guidedTask("mountains by day", engine.ImageReference, ref, 1))
	a, b := shrunk(r.Image, 32, 32), shrunk(ref, 32, 32)
	sum := 0.0
	for i := range a {
		sum += colour.Distance(a[i], b[i]) / float64(len(a))
	}
	if sum > 0.05 {
		t.Errorf("the picture lies %.3f from its reference, want at most 0.05", sum)
	}
}

func TestReferencesCombine(t *testing.T) {
	t.Parallel()
	task := guidedTask("mountains by day", engine.StructureReference, guidePicture(0.7), 0.9)
	dusk := mustPaint(t, small("desert dunes at sunset", 5)).Image
	task.References = append(task.References, engine.Reference{Image: dusk, Kind: engine.PaletteReference, Strength: 0.9},
		engine.Reference{Image: guidePicture(0.3), Kind: engine.EdgesReference, Strength: 0.4},
		engine.Reference{Image: guidePicture(0.3), Kind: engine.ImageReference, Strength: 0.1})
	r := mustPaint(t, task)
	wanted := colour.Palette(dusk, 6)
	task.References = nil
	plain := mustPaint(t, task)
	if a, b := colour.PaletteDistance(colour.Palette(r.Image, 6), wanted), colour.PaletteDistance(colour.Palette(plain.Image, 6), wanted); a > b*0.8 {
		t.Errorf("palette distance %.3f with the palette and %.3f without", a, b)
	}
	if at, _, _ := horizonOf(shrunk(r.Image, 40, 40), 1); math.Abs(at-0.7) > 0.15 {
		t.Errorf("horizon at %.2f, want about 0.7", at)
	}
	if !strings.Contains(string(r.Recipe), `"references":4`) {
		t.Errorf("recipe %s does not tell of the references", r.Recipe)
	}
}

func TestReferenceRefusals(t *testing.T) {
	t.Parallel()
	img := guidePicture(0.5)
	good := engine.Reference{Image: img, Kind: engine.PaletteReference, Strength: 0.5}
	for want, change := range map[string]func(*engine.Task){
		"references are 5, allowed are at most 4": func(k *engine.Task) {
			k.References = []engine.Reference{good, good, good, good, good}
		},
		`references[1].kind is "depth", allowed are "palette"`: func(k *engine.Task) {
			k.References = []engine.Reference{good, {Image: img, Kind: "depth"}}
		},
		"references[0].strength is 1.5, allowed are 0 to 1": func(k *engine.Task) {
			k.References = []engine.Reference{{Image: img, Kind: engine.EdgesReference, Strength: 1.5}}
		},
		"references[0].image is missing": func(k *engine.Task) {
			k.References = []engine.Reference{{Kind: engine.EdgesReference, Strength: 1}}
		},
		`references[0].kind is "edges", with tiling only`: func(k *engine.Task) {
			k.Tiling = true
			k.References = []engine.Reference{{Image: img, Kind: engine.EdgesReference, Strength: 1}}
		},
		"elements are 5": func(k *engine.Task) { k.Elements = make([]engine.Element, 5) },
		`elements[0].id is "fresco"`: func(k *engine.Task) {
			k.Elements = []engine.Element{{ID: "fresco", Weight: 1}}
		},
		`prompt_magic is "v9", allowed are "v2" and "v3"`: func(k *engine.Task) { k.PromptMagic = "v9" },
	} {
		task := small("sea", 1)
		change(&task)
		_, err := New().Run(t.Context(), task, nil)
		if engine.ClassOf(err) != engine.Refused || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s…", err, want)
		}
	}
}

// TestStructureLeavesNoSmearInTheSky: what is dark in a reference must not show as a blot
// where the picture is empty.
func TestStructureLeavesNoSmearInTheSky(t *testing.T) {
	t.Parallel()
	const side = 256
	ref := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			c := color.RGBA{150, 190, 235, 255}
			if y > side*6/10 {
				c = color.RGBA{90, 120, 70, 255}
			}
			if math.Hypot(float64(x)-180, float64(y)-60) < 45 {
				c = color.RGBA{20, 25, 20, 255}
			}
			ref.SetRGBA(x, y, c)
		}
	}
	for _, prompt := range []string{"mountains with a lake by day, no clouds", "desert dunes by day, no clouds"} {
		task := small(prompt, 9)
		task.Width, task.Height = side, side
		task.References = []engine.Reference{{Image: ref, Kind: engine.StructureReference, Strength: 0.8}}
		sky := shrunk(mustPaint(t, task).Image, 32, 32)[:32*5] // rows above all land
		least, most := math.Inf(1), math.Inf(-1)
		for _, c := range sky {
			least, most = math.Min(least, c.L), math.Max(most, c.L)
		}
		t.Logf("%s: the sky's lightness is %.2f to %.2f", prompt, least, most)
		if most-least > 0.2 {
			t.Errorf("%s: the sky's lightness is %.2f to %.2f, want a smooth sky", prompt, least, most)
		}
	}
}
