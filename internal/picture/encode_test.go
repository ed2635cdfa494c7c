package picture

import (
	"bytes"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// noise is a picture of random pixels, some of them transparent, with flat parts.
func noise(w, h int, seed uint64) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	levels := []int{256, 2, 17, 1}[seed%4]
	for i := range img.Pix {
		img.Pix[i] = uint8(r.IntN(levels) * 255 / max(1, levels-1))
		if i%4 == 3 && seed%3 == 0 {
			img.Pix[i] = 255
		}
	}
	return img
}

func TestWebPKeepsEveryPixel(t *testing.T) {
	t.Parallel()
	pictures := map[string]image.Image{
		"gradient":    gradient(200, 133),
		"black pixel": image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black}),
		"two black":   image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Black}),
		"clear":       image.NewNRGBA(image.Rect(0, 0, 70, 3)),
		"long":        image.NewNRGBA(image.Rect(0, 0, 16384, 2)),
		"off origin":  gradient(60, 60).SubImage(image.Rect(7, 9, 41, 30)),
	}
	for seed := range uint64(24) {
		pictures[string(rune('a'+seed))] = noise(1+int(seed*7%45), 1+int(seed*11%37), seed)
	}
	fibonacci := image.NewGray(image.Rect(0, 0, 500, 200)) // wants codes longer than 15 bits
	for i, at, a, b := 0, 0, 1, 1; at < len(fibonacci.Pix); i, a, b = i+1, b, a+b {
		for n := 0; n < a && at < len(fibonacci.Pix); n, at = n+1, at+1 {
			fibonacci.Pix[(at*7919)%len(fibonacci.Pix)] = uint8(i * 9)
		}
	}
	pictures["fibonacci"] = fibonacci
	for name, img := range pictures {
		var b bytes.Buffer
		if err := Encode(&b, img, WebP, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, info, err := ReadUpload(&b, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := NRGBA(img); !bytes.Equal(back.Pix, want.Pix) || info.Transparent == want.Opaque() {
			t.Errorf("%s: pixels differ, or transparency is told wrongly (%v)", name, info)
		}
	}
}

func TestEncodeJPEGPutsClearOnWhite(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i+3] = 127
	}
	var b bytes.Buffer
	if err := Encode(&b, img, JPEG, Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	back, info, err := ReadUpload(&b, Limits{})
	if err != nil || info.Format != JPEG {
		t.Fatal(info, err)
	}
	if v := back.NRGBAAt(8, 8).R; v < 124 || v > 132 {
		t.Errorf("half clear black became %d, want 128", v)
	}
	for _, q := range []int{-1, 101} {
		if err := Encode(&b, img, JPEG, Options{Quality: q}); err == nil {
			t.Errorf("quality %d was accepted", q)
		}
	}
}

func TestEncodeSwitches(t *testing.T) {
	t.Parallel()
	for _, off := range []bool{false, true} {
		var b bytes.Buffer
		opts := Options{Settings: []Setting{{"seed", "7"}}, NoSettings: off}
		if err := Encode(&b, gradient(4, 4), PNG, opts); err != nil {
			t.Fatal(err)
		}
		got, err := ReadSettings(&b)
		if err != nil || (len(got) == 0) != off {
			t.Errorf("NoSettings %v: settings %v, error %v", off, got, err)
		}
	}
	if err := Encode(&bytes.Buffer{}, gradient(4, 4), "gif", Options{}); err == nil {
		t.Error("GIF was accepted")
	}
	if err := Encode(&bytes.Buffer{}, image.NewGray(image.Rectangle{}), PNG, Options{}); err == nil {
		t.Error("a picture without pixels was accepted")
	}
	for name, want := range map[string]Format{"png": PNG, "jpg": JPEG, "jpeg": JPEG, "webp": WebP} {
		if got, err := ParseFormat(name); err != nil || got != want {
			t.Errorf("ParseFormat(%q) is %q, %v", name, got, err)
		}
	}
}

func BenchmarkEncodeWebP(b *testing.B) {
	img := gradient(768, 768)
	for b.Loop() {
		if err := Encode(&bytes.Buffer{}, img, WebP, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
