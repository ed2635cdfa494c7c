package vision

import (
	"context"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/vision/worker"
	"github.com/florin-studio/florin/internal/models"
)

// bare gives an engine with nothing installed.
func bare(t testing.TB) *Engine {
	t.Helper()
	e := New(models.Store{Dir: t.TempDir()}, "/nonexistent/florin")
	t.Cleanup(e.Close)
	return e
}

func TestContract(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func() engine.Engine { return bare(t) })
}

func upscaleTask(img image.Image, scale int) engine.Task {
	return engine.Task{Operation: engine.Upscale, Scale: scale, Seed: 7, Source: &engine.Source{Image: img}}
}

// Without models there is honest resampling, and what is missing is said, not faked.
func TestNothingInstalled(t *testing.T) {
	t.Parallel()
	e := bare(t)
	d := e.Describe()
	if slices.Contains(d.Operations, engine.RemoveBackground) || !strings.Contains(d.Missing[engine.RemoveBackground], "not installed") {
		t.Errorf("%+v", d)
	}
	src := photo(t, "chelsea.jpg")
	_, err := e.Run(t.Context(), engine.Task{Operation: engine.RemoveBackground, Source: &engine.Source{Image: src}}, nil)
	if engine.ClassOf(err) != engine.Refused || !strings.Contains(err.Error(), "florin models install background") {
		t.Errorf("got %v", err)
	}
	var seen []int
	r, err := e.Run(t.Context(), upscaleTask(src, 2), func(p int) { seen = append(seen, p) })
	if err != nil {
		t.Fatal(err)
	}
	if r.Image.Bounds().Size() != src.Rect.Size().Mul(2) || !strings.Contains(r.Note, "Lanczos") || !strings.Contains(r.Note, "florin models install upscale") || r.Seed != 7 {
		t.Errorf("%v, note %q, seed %d", r.Image.Bounds(), r.Note, r.Seed)
	}
	if len(seen) < 3 || !slices.IsSorted(seen) || seen[len(seen)-1] != 100 {
		t.Errorf("progress %v", seen)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	e := bare(t)
	small := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for name, task := range map[string]engine.Task{
		"no picture":     {Operation: engine.Upscale, Scale: 2},
		"empty picture":  upscaleTask(image.NewNRGBA(image.Rectangle{}), 2),
		"scale 3":        upscaleTask(small, 3),
		"too many":       upscaleTask(image.NewUniform(color.White), 2),
		"20 megapixels":  upscaleTask(image.NewGray(image.Rect(0, 0, 1200, 1100)), 4),
		"too wide":       upscaleTask(image.NewGray(image.Rect(0, 0, 9000, 10)), 2),
		"another style":  {Operation: engine.Upscale, Style: "cubist", Source: &engine.Source{Image: small}},
		"another engine": {Operation: engine.Generate, Source: &engine.Source{Image: small}},
	} {
		if _, err := e.Run(t.Context(), task, nil); engine.ClassOf(err) != engine.Refused {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestStyleFollowsTheSource(t *testing.T) {
	t.Parallel()
	for want, task := range map[string]engine.Task{
		animationModel: {Source: &engine.Source{Engine: "builtin"}},
		generalModel:   {Source: &engine.Source{}},
	} {
		if got := styleOf(task); got != want {
			t.Errorf("%+v: %s", task.Source, got)
		}
	}
	if got := styleOf(engine.Task{Style: generalModel, Source: &engine.Source{Engine: "builtin"}}); got != generalModel {
		t.Errorf("asked for general, got %s", got)
	}
}

func TestCallingOffResampling(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := bare(t).Run(ctx, upscaleTask(photo(t, "coffee.jpg"), 4), func(p int) {
		if p > 0 {
			cancel()
		}
	})
	if engine.ClassOf(err) != engine.Cancelled {
		t.Errorf("got %v", err)
	}
}

// A runtime that is installed but does not start is a fault of the engine, not a reason
// to hand out something else.
func TestBrokenRuntimeIsTold(t *testing.T) {
	t.Parallel()
	e := real(t, models.Runtime)
	broken := New(e.store, "/nonexistent/florin")
	if err := broken.Health(t.Context()); err != nil {
		t.Errorf("before any work: %v", err)
	}
	_, err := broken.Run(t.Context(), upscaleTask(image.NewGray(image.Rect(0, 0, 8, 8)), 2), nil)
	if engine.ClassOf(err) != engine.Broken {
		t.Errorf("got %v", err)
	}
	if err := broken.Health(t.Context()); err == nil {
		t.Error("a worker that can't start is called healthy")
	}
	// Being asked how it is must not keep a worker from going home, or start one.
	if err := e.Health(t.Context()); err != nil || e.Used() != (worker.Usage{}) {
		t.Errorf("%v; used %+v", err, e.Used())
	}
}

// flat is a picture of one colour with a transparent right half.
func flat(c color.NRGBA, w, h int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w / 2 {
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}

// Neither resampling nor the network lets invisible black shine through at an edge.
func TestTransparentEdgesKeepTheirColour(t *testing.T) {
	t.Parallel()
	colour := color.NRGBA{200, 120, 40, 255}
	src := flat(colour, 40, 24)
	check := func(t *testing.T, e *Engine) {
		r, err := e.Run(t.Context(), upscaleTask(src, 2), nil)
		if err != nil {
			t.Fatal(err)
		}
		out := r.Image.(*image.NRGBA)
		if a := out.NRGBAAt(5, 20).A; a != 255 {
			t.Errorf("opacity %d inside", a)
		}
		if a := out.NRGBAAt(70, 20).A; a != 0 {
			t.Errorf("opacity %d outside", a)
		}
		for x := range 80 {
			p := out.NRGBAAt(x, 20)
			if p.A > 8 && (absolute(p.R, colour.R) > 12 || absolute(p.G, colour.G) > 12 || absolute(p.B, colour.B) > 12) {
				t.Errorf("at %d: %v", x, p)
			}
		}
	}
	t.Run("lanczos", func(t *testing.T) { check(t, bare(t)) })
	t.Run("network", func(t *testing.T) { check(t, real(t, models.Runtime)) })
}

func absolute(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

func TestResamplingKeepsFlatAreasAndSizes(t *testing.T) {
	t.Parallel()
	src := image.NewNRGBA(image.Rect(0, 0, 17, 9))
	for i := range src.Pix {
		src.Pix[i] = []uint8{13, 130, 251, 255}[i%4]
	}
	for _, size := range []image.Point{{34, 18}, {5, 3}, {1, 1}, {17, 40}} {
		out, err := resize(t.Context(), src, size.X, size.Y, nil)
		if err != nil || out.Rect.Size() != size {
			t.Fatalf("%v %v", out.Rect, err)
		}
		for i, v := range out.Pix {
			if absolute(v, src.Pix[i%4]) > 1 {
				t.Fatalf("%v: byte %d is %d", size, i, v)
			}
		}
	}
}

// Black and white lines too fine to see become the grey that gives as much light, not
// the one half way between the numbers.
func TestResamplingIsInLight(t *testing.T) {
	t.Parallel()
	src := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := 0; i < len(src.Pix); i += 4 {
		v := uint8(255 * (i / 4 % 64 % 2))
		copy(src.Pix[i:], []uint8{v, v, v, 255})
	}
	out, err := resize(t.Context(), src, 8, 8, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := out.NRGBAAt(4, 4).R; absolute(v, 188) > 4 {
		t.Errorf("grey %d, want about 188", v)
	}
}

func TestTilesCoverEveryPixelOnce(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{1, 1}, {192, 192}, {193, 10}, {1000, 777}} {
		covered := 0
		for i, a := range tilesOf(size) {
			covered += a.Dx() * a.Dy()
			if a.Dx() > tileSide || a.Dy() > tileSide || a.Empty() {
				t.Errorf("%v: tile %v", size, a)
			}
			for _, b := range tilesOf(size)[:i] {
				if a.Overlaps(b) {
					t.Errorf("%v: %v and %v overlap", size, a, b)
				}
			}
		}
		if covered != size.X*size.Y {
			t.Errorf("%v: %d pixels covered", size, covered)
		}
	}
}

// The finishing pass changes the picture visibly and keeps what must stay.
func TestFinishing(t *testing.T) {
	t.Parallel()
	src := photo(t, "chelsea.jpg")
	src.Pix[3] = 77
	out, err := finish(t.Context(), src, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if out.Pix[3] != 77 {
		t.Error("opacity changed")
	}
	if p := psnr(t, out, src); p > 33 || p < 18 {
		t.Errorf("PSNR %.1f dB to the unfinished picture", p)
	}
	if before, after := contrast(src), contrast(out); after < 1.2*before {
		t.Errorf("contrast between neighbours went from %.2f to %.2f", before, after)
	}
	grey := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range grey.Pix {
		grey.Pix[i] = []uint8{128, 128, 128, 255}[i%4]
	}
	if out, err = finish(t.Context(), grey, 4, nil); err != nil || psnr(t, out, grey) < 45 {
		t.Errorf("a grey area changed: %v %v", out.NRGBAAt(9, 9), err)
	}
}

// contrast is the mean step from pixel to pixel.
func contrast(p *image.NRGBA) float64 {
	sum := 0
	for i := 4; i < len(p.Pix); i += 4 {
		sum += absolute(p.Pix[i], p.Pix[i-4])
	}
	return float64(sum) / float64(len(p.Pix)/4)
}

func TestDecontaminationRestoresTheSubjectsColour(t *testing.T) {
	t.Parallel()
	// Red before green, with an edge of 6 half-transparent pixels. The outermost of them are
	// mostly green in the picture; a fifth of that may stay.
	src, mask := image.NewNRGBA(image.Rect(0, 0, 60, 20)), image.NewGray(image.Rect(0, 0, 60, 20))
	for y := range 20 {
		for x := range 60 {
			a := min(max((33-x)*255/6, 0), 255)
			mask.SetGray(x, y, color.Gray{uint8(a)})
			src.SetNRGBA(x, y, color.NRGBA{uint8(a * 200 / 255), uint8((255 - a) * 200 / 255), 30, 255})
		}
	}
	out, err := cut(t.Context(), src, mask)
	if err != nil {
		t.Fatal(err)
	}
	for x := range 60 {
		if p := out.NRGBAAt(x, 10); p.A > 20 && (p.G > 45 || p.R < 150) {
			t.Errorf("at %d: %v still has much of the background's colour (it was %v)", x, p, src.NRGBAAt(x, 10))
		}
	}
}
