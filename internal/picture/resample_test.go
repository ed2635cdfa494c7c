package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"testing"

	"golang.org/x/image/draw"
)

// The kernel is that of x/image/draw, which makes whole pictures only.
func TestResampling(t *testing.T) {
	t.Parallel()
	src := gradient(120, 90)
	for _, size := range []image.Point{{120, 90}, {31, 44}, {260, 181}, {1, 1}, {240, 20}} {
		part := image.Rect(7, 5, 111, 83)
		want := image.NewNRGBA(image.Rectangle{Max: size})
		draw.CatmullRom.Scale(want, want.Rect, src, part, draw.Src, nil)
		got, r := image.NewNRGBA(want.Rect), NewResampler(src, part, size.X, size.Y)
		for y := 0; y < size.Y; y += BandRows {
			r.Rows(got, y, min(y+BandRows, size.Y))
		}
		for i, v := range got.Pix {
			if d := int(v) - int(want.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("%v: byte %d is %d, want %d", size, i, v, want.Pix[i])
			}
		}
	}
}

// What can't be seen lends no colour to its neighbours.
func TestResamplingTransparency(t *testing.T) {
	t.Parallel()
	src := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for y := range 40 {
		for x := range 40 {
			src.SetNRGBA(x, y, color.NRGBA{R: 255, A: 0})
			if x < 20 {
				src.SetNRGBA(x, y, color.NRGBA{G: 200, A: 255})
			}
		}
	}
	out := image.NewNRGBA(image.Rect(0, 0, 90, 13))
	NewResampler(src, src.Rect, 90, 13).Rows(out, 0, 13)
	for x := range 90 {
		if c := out.NRGBAAt(x, 6); c.A > 4 && (c.R > 0 || c.G < 196) || x < 40 && c.A != 255 || x > 50 && c.A != 0 {
			t.Errorf("at %d: %v", x, c)
		}
	}
}

// afterBytes ends its context after so many bytes.
type afterBytes struct {
	bytes.Buffer
	left int
	end  context.CancelFunc
}

func (a *afterBytes) Write(p []byte) (int, error) {
	if a.left -= len(p); a.left < 0 {
		a.end()
	}
	return a.Buffer.Write(p)
}

func TestCodersStop(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 600, 600))
	for i := range img.Pix {
		img.Pix[i] = uint8(uint32(i) * uint32(i) * 2654435761 >> 24)
	}
	for _, format := range []Format{PNG, JPEG} {
		ctx, cancel := context.WithCancel(t.Context())
		file := &afterBytes{left: 100_000, end: cancel}
		err := Encode(StopWriter(ctx, file), img, format, Options{Settings: []Setting{{"prompt", "a lake"}}})
		if !errors.Is(err, context.Canceled) || file.Len() > 200_000 {
			t.Errorf("%s: %d bytes, %v", format, file.Len(), err)
		}
		var whole bytes.Buffer
		if err := Encode(&whole, img, format, Options{}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := DecodeUntil(ctx, whole.Bytes()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", format, err)
		}
		if got, _, err := DecodeUntil(t.Context(), whole.Bytes()); err != nil || got.Bounds() != img.Bounds() {
			t.Errorf("%s: %v", format, err)
		}
	}
}
