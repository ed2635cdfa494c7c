package style

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/florin-studio/florin/internal/engine"
)

// scenery is a picture with a sky, hills, a disc and fine texture, and continues itself
// from side to side.
func scenery(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			c := [3]float64{110 + 120*v, 150 + 60*v, 230 - 70*v}
			if math.Hypot(u-0.3, v-0.25) < 0.12 {
				c = [3]float64{250, 220, 120}
			}
			if v > 0.55+0.1*math.Sin(4*math.Pi*u) {
				k := 0.8 + 0.3*float64(hash(x/2, y/2, 1))
				c = [3]float64{70 * k, (90 + 60*v) * k, 50 * k}
			}
			img.SetRGBA(x, y, color.RGBA{uint8(min(c[0], 255)), uint8(min(c[1], 255)), uint8(min(c[2], 255)), 255})
		}
	}
	return img
}

func apply1(t *testing.T, img image.Image, elements ...engine.Element) *image.RGBA {
	t.Helper()
	out, err := Apply(t.Context(), img, elements)
	if err != nil {
		t.Fatal(err)
	}
	return out.(*image.RGBA)
}

// apart is the mean difference of two pictures' channels, 0..255.
func apart(a, b *image.RGBA) float64 {
	sum, n := 0.0, 0.0
	for i := range a.Pix {
		if i&3 != 3 {
			sum += math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
			n++
		}
	}
	return sum / n
}

func TestEveryStyleGrowsWithItsWeight(t *testing.T) {
	t.Parallel()
	img := scenery(200, 144)
	for _, s := range All() {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			at := func(weight float64) float64 {
				return apart(img, apply1(t, img, engine.Element{ID: s.ID, Weight: weight}))
			}
			none, half, whole, strong, away := at(0), at(0.4), at(1), at(2), at(-1)
			if none != 0 {
				t.Errorf("weight 0 changes the picture by %.2f", none)
			}
			if whole < 4 || half < 1 || half > whole*0.8 {
				t.Errorf("weights 0.4 and 1 change it by %.2f and %.2f, want at least 1 and 4 and clearly rising", half, whole)
			}
			if strong < whole*0.8 || math.Abs(strong-whole) < 1e-6 {
				t.Errorf("weight 2 changes it by %.2f, weight 1 by %.2f", strong, whole)
			}
			if away < 0.5 {
				t.Errorf("weight -1 changes it by %.2f only", away)
			}
			if again := at(1); again != whole {
				t.Error("the same Element gave another picture")
			}
			if s.Name == "" || !strings.HasSuffix(s.Description, ".") {
				t.Errorf("name %q, description %q", s.Name, s.Description)
			}
		})
	}
}

func TestOrderMatters(t *testing.T) {
	t.Parallel()
	img := scenery(160, 120)
	a, b := engine.Element{ID: "oil", Weight: 1}, engine.Element{ID: "duotone", Weight: 1}
	if d := apart(apply1(t, img, a, b), apply1(t, img, b, a)); d < 1 {
		t.Errorf("the two orders differ by %.2f", d)
	}
}

func TestTheGivenPictureStays(t *testing.T) {
	t.Parallel()
	img := scenery(64, 64)
	apply1(t, img, engine.Element{ID: "toon", Weight: 1})
	if apart(img, scenery(64, 64)) != 0 {
		t.Error("Apply changed the picture it was given")
	}
}

func TestSmallAndOddSizes(t *testing.T) {
	t.Parallel()
	for _, p := range []image.Point{{32, 32}, {33, 95}, {8, 64}, {1, 1}} {
		for _, id := range IDs() {
			if out := apply1(t, scenery(p.X, p.Y), engine.Element{ID: id, Weight: 1}); out.Bounds().Size() != p {
				t.Errorf("%s: %v became %v", id, p, out.Bounds().Size())
			}
		}
	}
}

// TestWrapsKeepsTheSeam compares the step across the seam with the steps beside it.
func TestWrapsKeepsTheSeam(t *testing.T) {
	t.Parallel()
	img := scenery(192, 128)
	for _, id := range IDs() {
		out, err := ApplyWith(t.Context(), img, []engine.Element{{ID: id, Weight: 1}}, Options{Wraps: true})
		if err != nil {
			t.Fatal(err)
		}
		o := out.(*image.RGBA)
		column := func(a, b int) float64 {
			sum := 0.0
			for y := range 128 {
				sum += math.Abs(float64(o.RGBAAt(a, y).G) - float64(o.RGBAAt(b, y).G))
			}
			return sum / 128
		}
		seam, worst := column(191, 0), 0.0
		for x := range 191 {
			worst = max(worst, column(x, x+1))
		}
		if seam > worst*1.1+1 {
			t.Errorf("%s: the seam steps by %.2f, no other column by more than %.2f", id, seam, worst)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	five := make([]engine.Element, 5)
	for _, c := range []struct {
		elements []engine.Element
		want     string
	}{
		{five, "elements are 5, allowed are at most 4"},
		{[]engine.Element{{ID: "oil"}, {ID: "fresco", Weight: 1}}, `elements[1].id is "fresco", allowed are oil, watercolour`},
		{[]engine.Element{{ID: "oil", Weight: 2.5}}, "elements[0].weight is 2.5, allowed are -1 to 2"},
		{[]engine.Element{{ID: "oil", Weight: math.NaN()}}, "elements[0].weight is NaN, allowed are -1 to 2"},
	} {
		_, err := Apply(t.Context(), scenery(32, 32), c.elements)
		if engine.ClassOf(err) != engine.Refused || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %s…", c.elements, err, c.want)
		}
	}
}

func TestStopsSoon(t *testing.T) {
	for _, id := range IDs() {
		ctx, cancel := context.WithCancel(t.Context())
		var since time.Time
		steps := 0
		_, err := ApplyWith(ctx, scenery(512, 512), []engine.Element{{ID: id, Weight: 1}}, Options{Progress: func(float64) {
			if steps++; steps == 2 {
				since = time.Now()
				cancel()
			}
		}})
		took := time.Since(since)
		cancel()
		if steps < 2 {
			continue // a style of one step was finished before it could be stopped
		}
		if engine.ClassOf(err) != engine.Cancelled || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want class cancelled", id, err)
		}
		if took > time.Second { // the promise is 100 ms; a loaded machine gets more
			t.Errorf("%s: returned %v after its context ended", id, took)
		}
	}
}

func TestProgressRises(t *testing.T) {
	t.Parallel()
	last := 0.0
	if _, err := ApplyWith(t.Context(), scenery(64, 64), []engine.Element{{ID: "oil", Weight: 1}, {ID: "halftone", Weight: 1}}, Options{Progress: func(p float64) {
		if p < last || p > 1 {
			t.Errorf("progress %v after %v", p, last)
		}
		last = p
	}}); err != nil || last != 1 {
		t.Errorf("progress ended with %v, error %v", last, err)
	}
}

func TestTriangulationCoversThePicture(t *testing.T) {
	t.Parallel()
	w := &work{ctx: t.Context(), unit: 1}
	var spots []spot
	for i := range 300 {
		spots = append(spots, spot{float64(hash(i, 1, 1)) * 100, float64(hash(i, 2, 1)) * 100})
	}
	spots = append(spots, spot{0, 0}, spot{100, 0.1}, spot{0.1, 100}, spot{100, 100.1})
	area := 0.0
	m := &mesh{spots: spots}
	for _, f := range w.triangulate(spots) {
		area += side(spots[f[0]], spots[f[1]], spots[f[2]]) / 2
		for k, p := range spots {
			if int32(k) != f[0] && int32(k) != f[1] && int32(k) != f[2] && m.within(&face{corner: f}, spot{p.x, p.y}) {
				t.Fatalf("spot %d lies in the circumcircle of %v", k, f)
			}
		}
	}
	if math.Abs(area-10000) > 30 {
		t.Errorf("the triangles cover %.1f of 10000", area)
	}
}
