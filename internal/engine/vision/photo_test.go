package vision

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/models"
)

// TestMain lets the test's own program be the worker, as florin is in earnest.
func TestMain(m *testing.M) {
	if len(os.Args) == 7 && os.Args[1] == "vision-worker" {
		if err := Work(os.Args[6], 2, workerMemory); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// real gives an engine with the real models, or skips loudly; where CI is set it fails.
func real(t testing.TB, ids ...string) *Engine {
	t.Helper()
	folder := os.Getenv("TEST_MODELS")
	if folder == "" {
		// The folder that scripts/models fills, on any system.
		cache := os.Getenv("XDG_CACHE_HOME")
		if cache == "" {
			cache = filepath.Join(os.Getenv("HOME"), ".cache")
		}
		folder = filepath.Join(cache, "florin-models")
	}
	store := models.Store{Dir: folder}
	for _, id := range ids {
		if store.Installed(id) {
			continue
		}
		how := fmt.Sprintf("%s is not in %s: run scripts/models to get it (230 MB, once), or name another folder in TEST_MODELS", id, folder)
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	e := New(store, os.Args[0])
	t.Cleanup(e.Close)
	return e
}

func photo(t testing.TB, name string) *image.NRGBA {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// part copies a piece of a picture.
func part(src *image.NRGBA, r image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: r.Size()})
	draw.Draw(out, out.Rect, src, r.Min, draw.Src)
	return out
}

// shrink averages squares of pixels, as a camera with fewer of them would.
func shrink(src *image.NRGBA, by int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, src.Rect.Dx()/by, src.Rect.Dy()/by))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]float32
			for i := range by * by {
				at := src.PixOffset(x*by+i%by, y*by+i/by)
				for c := range 3 {
					sum[c] += linear[src.Pix[at+c]]
				}
			}
			at := out.PixOffset(x, y)
			for c := range 3 {
				out.Pix[at+c] = light(sum[c] / float32(by*by))
			}
			out.Pix[at+3] = 255
		}
	}
	return out
}

// psnr compares the colours of two pictures of one size, in decibels.
func psnr(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	p, q := a.(*image.NRGBA), b.(*image.NRGBA)
	if p.Rect.Size() != q.Rect.Size() {
		t.Fatalf("sizes %v and %v", p.Rect, q.Rect)
	}
	sum := 0.0
	for i := range p.Pix {
		if i%4 < 3 {
			d := float64(p.Pix[i]) - float64(q.Pix[i])
			sum += d * d
		}
	}
	return 10 * math.Log10(255*255/(sum/float64(len(p.Pix)/4*3)))
}

// The networks bring back more of the original than resampling does.
func TestUpscalingBeatsLanczos(t *testing.T) {
	t.Parallel()
	e := real(t, models.Runtime)
	for _, k := range []struct {
		photo string
		crop  image.Rectangle
		scale int
	}{
		{"chelsea.jpg", image.Rect(100, 40, 356, 232), 2},
		{"coffee.jpg", image.Rect(170, 10, 426, 202), 2},
		{"astronaut.jpg", image.Rect(110, 10, 366, 202), 2},
		{"chelsea.jpg", image.Rect(100, 40, 356, 232), 4},
		{"coffee.jpg", image.Rect(170, 10, 426, 202), 4},
		{"astronaut.jpg", image.Rect(110, 10, 366, 202), 4},
	} {
		original := part(photo(t, k.photo), k.crop)
		small := shrink(original, k.scale)
		got, err := e.Run(t.Context(), engine.Task{Operation: engine.Upscale, Scale: k.scale, Source: &engine.Source{Image: small}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		plainly, err := resize(t.Context(), small, original.Rect.Dx(), original.Rect.Dy(), nil)
		if err != nil {
			t.Fatal(err)
		}
		network, lanczos := psnr(t, got.Image, original), psnr(t, plainly, original)
		t.Logf("%s ×%d: network %.2f dB, Lanczos %.2f dB", k.photo, k.scale, network, lanczos)
		if network <= lanczos {
			t.Errorf("%s ×%d: network %.2f dB is not above Lanczos %.2f dB", k.photo, k.scale, network, lanczos)
		}
		if got.Note != "" {
			t.Errorf("a note: %s", got.Note)
		}
	}
}

// outline reads a hand-drawn outline and fills it.
func outline(t testing.TB, name string, size image.Point) []bool {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var xs, ys []float64
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var x, y float64
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		if _, err := fmt.Sscan(lines.Text(), &x, &y); err != nil {
			t.Fatal(err)
		}
		xs, ys = append(xs, x), append(ys, y)
	}
	inside := make([]bool, size.X*size.Y)
	for y := range size.Y {
		for i := range xs {
			j := (i + 1) % len(xs)
			cy := float64(y) + 0.5
			if (ys[i] > cy) == (ys[j] > cy) {
				continue
			}
			cross := xs[i] + (cy-ys[i])/(ys[j]-ys[i])*(xs[j]-xs[i])
			for x := max(int(math.Ceil(cross-0.5)), 0); x < size.X; x++ {
				inside[y*size.X+x] = !inside[y*size.X+x]
			}
		}
	}
	return inside
}

func TestSubjectsAreThoseDrawnByHand(t *testing.T) {
	t.Parallel()
	e := real(t, models.Runtime, models.ISNet)
	for _, name := range []string{"coffee", "astronaut"} {
		src := photo(t, name+".jpg")
		var seen []int
		r, err := e.Run(t.Context(), engine.Task{Operation: engine.RemoveBackground, Source: &engine.Source{Image: src}}, func(p int) { seen = append(seen, p) })
		if err != nil {
			t.Fatal(err)
		}
		got := r.Image.(*image.NRGBA)
		if got.Rect.Size() != src.Rect.Size() || len(r.Files) != 1 || r.Files[0].Kind != "mask" {
			t.Fatalf("%s: %v with files %v", name, got.Rect, r.Files)
		}
		both, either := 0, 0
		for i, want := range outline(t, name+".outline", src.Rect.Size()) {
			has := got.Pix[4*i+3] >= 128
			if has && want {
				both++
			}
			if has || want {
				either++
			}
		}
		iou := float64(both) / float64(either)
		t.Logf("%s: IoU %.4f; progress %v", name, iou, seen)
		if iou < 0.95 {
			t.Errorf("%s: IoU %.4f with the mask drawn by hand, want at least 0.95", name, iou)
		}
		if seen[len(seen)-1] != 100 {
			t.Errorf("progress %v", seen)
		}
	}
	if u := e.Used(); u.Peak > workerMemory {
		t.Errorf("the worker used %d MB", u.Peak>>20)
	} else {
		t.Logf("the worker used %d ms of CPU and %d MB", u.CPU, u.Peak>>20)
	}
}

// Progress comes tile by tile, and calling off in the middle takes the worker along.
func TestCallingOffBetweenAndInsideTiles(t *testing.T) {
	t.Parallel()
	e := real(t, models.Runtime)
	ctx, cancel := context.WithCancel(t.Context())
	src := photo(t, "coffee.jpg")
	steps := 0
	_, err := e.Run(ctx, engine.Task{Operation: engine.Upscale, Scale: 2, Source: &engine.Source{Image: src}}, func(p int) {
		if p > 0 {
			steps++
			cancel()
		}
	})
	if engine.ClassOf(err) != engine.Cancelled || steps != 1 {
		t.Errorf("got %v after %d steps", err, steps)
	}
	if _, err := e.Run(t.Context(), engine.Task{Operation: engine.Upscale, Scale: 2, Source: &engine.Source{Image: part(src, image.Rect(0, 0, 32, 32))}}, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
