package retouch

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
)

// photo reads one of the photographs that the engines are tried on.
func photo(t testing.TB, name string) *image.NRGBA {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "testdata", "photos", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	img, _, err := picture.ReadUpload(file, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// keep writes a picture where `go test -artifacts` keeps it for looking at.
func keep(t *testing.T, name string, img image.Image) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.ArtifactDir(), name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, img); err != nil {
		t.Fatal(err)
	}
}

// ellipse is a mask of one white ellipse inside r.
func ellipse(size image.Point, r image.Rectangle) *image.Gray {
	m := image.NewGray(image.Rectangle{Max: size})
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			u := (float64(x-r.Min.X)+0.5)/float64(r.Dx())*2 - 1
			v := (float64(y-r.Min.Y)+0.5)/float64(r.Dy())*2 - 1
			if u*u+v*v < 1 {
				m.Pix[y*m.Stride+x] = 255
			}
		}
	}
	return m
}

// removals are objects and plain parts of the photographs, to be taken away.
var removals = []struct {
	photo string
	hole  image.Rectangle
}{
	{"gravel.jpg", image.Rect(180, 160, 300, 280)},
	{"rocket.jpg", image.Rect(285, 20, 345, 265)},
	{"sunset.jpg", image.Rect(60, 40, 200, 110)},
	{"mountains.jpg", image.Rect(200, 190, 300, 260)},
	{"seeding.jpg", image.Rect(200, 60, 300, 160)},
}

func TestRemovalLeavesNoSeam(t *testing.T) {
	t.Parallel()
	for _, c := range removals {
		t.Run(c.photo, func(t *testing.T) {
			t.Parallel()
			src := photo(t, c.photo)
			mask := ellipse(src.Rect.Size(), c.hole)
			r := mustRun(t, New(nil), engine.Task{
				Operation: engine.Generate, Pipeline: "canvas", Prompt: "remove", Mask: mask, Seed: 3,
				Source: &engine.Source{Image: src},
			})
			keep(t, "after", r.Image)
			got := r.Image.(*image.NRGBA)
			sameOutside(t, src, got, mask)
			judgeSeam(t, got, mask)
		})
	}
}

func TestContinuationsLeaveNoSeam(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mountains.jpg", "sunset.jpg", "rocket.jpg"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := photo(t, name)
			src = scaled(newJob(t.Context(), nil), src, src.Rect.Size().Mul(2).Div(3)) // for the tests' time
			r := mustRun(t, New(nil), engine.Task{Operation: engine.Unzoom, Seed: 5, Source: &engine.Source{Image: src}})
			keep(t, "unzoom", r.Image)
			if r.Image.Bounds().Size() != src.Rect.Size() {
				t.Errorf("size %v, want the source's %v", r.Image.Bounds(), src.Rect)
			}
			x := engine.Sides{Left: 40, Right: 80, Top: 16}
			r = mustRun(t, New(nil), engine.Task{
				Operation: engine.Generate, Pipeline: "canvas", Seed: 5, Extend: x, Source: &engine.Source{Image: src},
			})
			keep(t, "outpaint", r.Image)
			got := r.Image.(*image.NRGBA)
			inner := src.Rect.Add(image.Pt(x.Left, x.Top))
			mask := image.NewGray(got.Rect)
			for i := range mask.Pix {
				if !image.Pt(i%mask.Stride, i/mask.Stride).In(inner) {
					mask.Pix[i] = 255
				}
			}
			sameOutside(t, placed(newJob(t.Context(), nil), src, inner.Min, got.Rect.Dx(), got.Rect.Dy()), got, mask)
			judgeSeam(t, got, mask)
		})
	}
}

// judgeSeam compares steps of brightness across the mask's edge with those on either
// side of it, eight pixels away at most. A visible seam steps more than the picture does.
func judgeSeam(t *testing.T, img *image.NRGBA, mask *image.Gray) {
	t.Helper()
	across, near := seam(img, mask)
	said := fmt.Sprintf("mean step across the edge %.2f, beside it %.2f: %.2f times", across, near, across/near)
	t.Log(said)
	if across > 1.35*near+1 {
		t.Error(said)
	}
}

func seam(img *image.NRGBA, mask *image.Gray) (across, near float64) {
	luma := func(x, y int) float64 {
		p := img.Pix[y*img.Stride+4*x:]
		return 0.3*float64(p[0]) + 0.59*float64(p[1]) + 0.11*float64(p[2])
	}
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	edge := func(x, y, dx, dy int) bool {
		return mask.Pix[y*mask.Stride+x] != mask.Pix[(y+dy)*mask.Stride+x+dx]
	}
	var n, k float64
	for _, d := range [2]image.Point{{1, 0}, {0, 1}} {
		for y := 8; y < h-9; y++ {
			for x := 8; x < w-9; x++ {
				if !edge(x, y, d.X, d.Y) {
					continue
				}
				across, n = across+abs(luma(x+d.X, y+d.Y)-luma(x, y)), n+1
				for _, o := range []int{-7, -5, -3, 3, 5, 7} {
					u, v := x+o*d.X, y+o*d.Y
					if !edge(u, v, d.X, d.Y) {
						near, k = near+abs(luma(u+d.X, v+d.Y)-luma(u, v)), k+1
					}
				}
			}
		}
	}
	return across / n, near / k
}

func abs(v float64) float64 { return max(v, -v) }
