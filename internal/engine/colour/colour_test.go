package colour

import (
	"image"
	"image/color"
	"math"
	"testing"
)

func TestBytesComeBack(t *testing.T) {
	t.Parallel()
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 51 {
				x, y, z := FromBytes(uint8(r), uint8(g), uint8(b)).Bytes()
				if math.Abs(float64(int(x)-r)) > 1 || math.Abs(float64(int(y)-g)) > 1 || math.Abs(float64(int(z)-b)) > 1 {
					t.Fatalf("%d %d %d came back as %d %d %d", r, g, b, x, y, z)
				}
			}
		}
	}
}

func TestKnownColours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r, g, b uint8
		want    Lab
	}{{255, 255, 255, Lab{1, 0, 0}}, {0, 0, 0, Lab{}}, {255, 0, 0, Lab{0.6280, 0.2249, 0.1258}}, {0, 0, 255, Lab{0.4520, -0.0325, -0.3115}}} {
		if got := FromBytes(c.r, c.g, c.b); Distance(got, c.want) > 0.001 {
			t.Errorf("%d %d %d is %v, want %v", c.r, c.g, c.b, got, c.want)
		}
	}
}

func TestPaletteFindsTheColours(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 60, 60))
	for y := range 60 {
		for x := range 60 {
			c := color.RGBA{200, 30, 30, 255}
			if x >= 30 {
				c = color.RGBA{30, 40, 180, 255}
			}
			if y >= 45 {
				c = color.RGBA{250, 240, 200, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	p := Palette(img, 3)
	if len(p) != 3 || math.Abs(p[0].Share-0.375) > 0.02 || math.Abs(p[2].Share-0.25) > 0.02 {
		t.Fatalf("palette %v", p)
	}
	if d := Distance(p[2].Lab, FromBytes(250, 240, 200)); d > 0.01 {
		t.Errorf("the lightest colour is off by %.3f", d)
	}
	if d := PaletteDistance(p, p); d != 0 {
		t.Errorf("a palette lies %.3f from itself", d)
	}
	if len(Palette(image.NewRGBA(image.Rect(0, 0, 9, 9)), 5)) != 0 {
		t.Error("a transparent picture has colours")
	}
}
