package retouch

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
)

func mustRun(t testing.TB, e *Engine, task engine.Task) engine.Result {
	t.Helper()
	r, err := e.Run(t.Context(), task, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sameOutside compares all pixels where the mask is black, and the transparency of all.
func sameOutside(t *testing.T, before, after *image.NRGBA, mask *image.Gray) {
	t.Helper()
	for y := range mask.Rect.Dy() {
		for x := range mask.Rect.Dx() {
			a, b := before.NRGBAAt(x, y), after.NRGBAAt(x, y)
			if mask.GrayAt(x, y).Y == 0 && a != b {
				t.Fatalf("pixel %d,%d outside the mask became %v, was %v", x, y, b, a)
			}
		}
	}
}

// blotches is a picture of soft random colours, with clear parts if asked for.
func blotches(w, h int, seed uint64, clear bool) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 9))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(r.IntN(40))
			c := color.NRGBA{uint8(x*200/w) + v, uint8(y*200/h) + v, 90 + v, 255}
			if clear && (x/16+y/16)%5 == 0 {
				c.A = uint8(r.IntN(256))
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// plain paints a scene of one colour with a lighter stripe.
func plain(_ context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	report(50)
	img := image.NewRGBA(image.Rect(0, 0, task.Width, task.Height))
	for y := range task.Height {
		for x := range task.Width {
			c := color.RGBA{20, 160, 60, 255}
			if y > task.Height/3 && y < task.Height/2 {
				c.R = 220
			}
			img.SetRGBA(x, y, c)
		}
	}
	return engine.Result{Image: img, UsedWords: []string{task.Prompt}}, nil
}

func randomMask(r *rand.Rand, w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for range 1 + r.IntN(4) {
		x, y := r.IntN(w), r.IntN(h)
		grey := []uint8{255, 255, uint8(1 + r.IntN(254))}[r.IntN(3)]
		for v := y; v < min(h, y+1+r.IntN(h/2)); v++ {
			for u := x; u < min(w, x+1+r.IntN(w/2)); u++ {
				m.Pix[v*m.Stride+u] = grey
			}
		}
	}
	return m
}

// TestOutsideStays tries random masks, sides, Elements and transparent pictures.
func TestOutsideStays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		w, h := 32+r.IntN(60), 32+r.IntN(60)
		src := blotches(w, h, seed, seed%2 == 0)
		task := engine.Task{
			Operation: engine.Generate, Pipeline: "canvas", Mask: randomMask(r, w, h), Seed: int64(seed),
			Source: &engine.Source{Image: src}, Strength: float64(r.IntN(5)) / 4,
			Prompt: []string{"", "a meadow", "remove this"}[seed%3],
		}
		if seed%4 == 1 {
			task.Extend = engine.Sides{Left: r.IntN(30), Top: r.IntN(30), Right: r.IntN(30), Bottom: r.IntN(30)}
		}
		if seed%5 == 2 {
			task.Elements = []engine.Element{{ID: "oil", Weight: 1}}
		}
		got := mustRun(t, New(plain), task).Image.(*image.NRGBA)
		x := task.Extend
		if size := image.Pt(w+x.Left+x.Right, h+x.Top+x.Bottom); got.Rect.Size() != size {
			t.Fatalf("seed %d: size %v, want %v", seed, got.Rect.Size(), size)
		}
		inner := got.SubImage(src.Rect.Add(image.Pt(x.Left, x.Top))).(*image.NRGBA)
		copied := image.NewNRGBA(src.Rect)
		for y := range h {
			copy(copied.Pix[y*copied.Stride:(y+1)*copied.Stride], inner.Pix[y*inner.Stride:])
		}
		sameOutside(t, src, copied, task.Mask.(*image.Gray))
		for i := 3; i < len(src.Pix); i += 4 {
			if copied.Pix[i] != src.Pix[i] {
				t.Fatalf("seed %d: alpha of pixel %d changed", seed, i/4)
			}
		}
		if x == (engine.Sides{}) && bytes.Equal(copied.Pix, src.Pix) {
			t.Errorf("seed %d: nothing changed", seed)
		}
	}
}

// canvasOnly gives the suite's tasks, which know no canvas, a source of the size asked for.
type canvasOnly struct{ *Engine }

func (e canvasOnly) Run(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
	if task.Operation == engine.Generate && task.Source == nil {
		task.Pipeline, task.Prompt = "canvas", ""
		w, h := min(max(task.Width, 40), maxSide), min(max(task.Height, 40), maxSide)
		if task.Width >= 32 && task.Height >= 32 {
			w, h = min(task.Width, maxSide), min(task.Height, maxSide)
		}
		task.Source = &engine.Source{Image: blotches(w, h, 1, false)}
		task.Mask = ellipse(image.Pt(w, h), image.Rect(w/4, h/4, w*3/4, h*3/4))
	}
	return e.Engine.Run(ctx, task, report)
}

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func() engine.Engine { return canvasOnly{New(plain)} })
}

func TestPromptIsPainted(t *testing.T) {
	t.Parallel()
	src := blotches(160, 120, 3, false)
	mask := ellipse(src.Rect.Size(), image.Rect(40, 30, 120, 90))
	task := engine.Task{
		Operation: engine.Generate, Pipeline: "canvas", Prompt: "a meadow", Mask: mask, Source: &engine.Source{Image: src},
	}
	green := func(strength float64) int {
		task.Strength = strength
		p := mustRun(t, New(plain), task).Image.(*image.NRGBA).NRGBAAt(80, 72)
		return int(p.G) - int(p.B)
	}
	full, little := green(1), green(0.1)
	if full < 60 || little >= full-20 {
		t.Errorf("green over blue is %d at full strength and %d at little", full, little)
	}
	r := mustRun(t, New(plain), task)
	if len(r.UsedWords) == 0 || r.Note == "" {
		t.Errorf("used words %q, note %q", r.UsedWords, r.Note)
	}
}

func TestWholePicture(t *testing.T) {
	t.Parallel()
	src := blotches(150, 99, 3, true)
	var asked engine.Task
	e := New(func(ctx context.Context, task engine.Task, report engine.Report) (engine.Result, error) {
		asked = task
		return plain(ctx, task, report)
	})
	for kind, want := range map[string]engine.ReferenceKind{"": engine.ImageReference, "img2img": engine.ImageReference, "sketch2img": engine.StructureReference} {
		r := mustRun(t, e, engine.Task{
			Operation: engine.Generate, Pipeline: "canvas", Style: kind, Prompt: "a meadow", Strength: 0.5, Source: &engine.Source{Image: src},
		})
		if r.Image.Bounds() != src.Rect {
			t.Errorf("%q: bounds %v, want %v", kind, r.Image.Bounds(), src.Rect)
		}
		if len(asked.References) == 0 || asked.References[0].Kind != want || asked.Width%8 != 0 || asked.Height%8 != 0 {
			t.Errorf("%q: asked for %dx%d with %v", kind, asked.Width, asked.Height, asked.References)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	src := blotches(64, 64, 1, false)
	full := image.NewGray(src.Rect)
	for i := range full.Pix {
		full.Pix[i] = 255
	}
	for word, change := range map[string]func(*engine.Task){
		"source":    func(k *engine.Task) { k.Source = nil },
		"style":     func(k *engine.Task) { k.Style = "magic" },
		"strength":  func(k *engine.Task) { k.Strength = 1.5 },
		"extend":    func(k *engine.Task) { k.Extend.Left = -1 },
		"would be":  func(k *engine.Task) { k.Extend.Left = 1500 },
		"pipeline":  func(k *engine.Task) { k.Pipeline = "default" },
		"zoom":      func(k *engine.Task) { k.Operation, k.Zoom = engine.Unzoom, 9 },
		"the mask":  func(k *engine.Task) { k.Mask = image.NewGray(image.Rect(0, 0, 3, 3)) },
		"all black": func(k *engine.Task) { k.Mask = image.NewGray(src.Rect) },
		"whole":     func(k *engine.Task) { k.Mask = full },
		"needs":     func(k *engine.Task) { k.Mask, k.Style = nil, "inpaint" },
		"prompt":    func(k *engine.Task) { k.Mask = nil },
		"elements":  func(k *engine.Task) { k.Elements = []engine.Element{{ID: "nothing", Weight: 1}} },
		"width":     func(k *engine.Task) { k.Width, k.Height = 64, 72 },
	} {
		k := engine.Task{
			Operation: engine.Generate, Pipeline: "canvas", Source: &engine.Source{Image: src},
			Mask: ellipse(src.Rect.Size(), image.Rect(20, 20, 40, 40)),
		}
		change(&k)
		_, err := New(nil).Run(t.Context(), k, nil)
		if engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v", word, err)
		}
	}
}

// TestCancelAtEveryStage ends the context at different percentages of a large canvas.
func TestCancelAtEveryStage(t *testing.T) {
	src := blotches(512, 512, 1, false)
	for _, at := range []int{1, 20, 50, 80} {
		ctx, cancel := context.WithCancel(t.Context())
		var since time.Time
		_, err := New(nil).Run(ctx, engine.Task{Operation: engine.Unzoom, Source: &engine.Source{Image: src}}, func(p int) {
			if p >= at && since.IsZero() {
				since = time.Now()
				cancel()
			}
		})
		took := time.Since(since)
		cancel()
		if engine.ClassOf(err) != engine.Cancelled {
			t.Fatalf("error %v, want class cancelled", err)
		}
		t.Logf("cancelled at %d%%: returned after %v", at, took)
		if took > time.Second { // the promise is 100 ms; a loaded machine gets more
			t.Errorf("cancelled at %d%%: returned after %v", at, took)
		}
	}
}

func TestRemovesOnlyWhenOnlyThatIsSaid(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]bool{
		"": true, "remove": true, "Remove this object, please!": true, "remove the tree": false, "a meadow": false, "日没": false,
	} {
		if got := removes(prompt); got != want {
			t.Errorf("removes(%q) is %v", prompt, got)
		}
	}
}
