package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
)

// tinyWebP is a 1x1 lossless WebP.
var tinyWebP, _ = base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")

func gradient(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(x * 5), uint8(y * 7), uint8(x ^ y), 255})
		}
	}
	return img
}

func encodePNG(t testing.TB, img image.Image, settings ...Setting) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := EncodePNG(&b, img, settings); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hugePNG is a file whose header claims w x h and which has no pixels.
func hugePNG(w, h uint32, depth, colour byte) []byte {
	var head [13]byte
	binary.BigEndian.PutUint32(head[0:], w)
	binary.BigEndian.PutUint32(head[4:], h)
	head[8], head[9] = depth, colour
	var b bytes.Buffer
	b.Write(pngSignature)
	writeChunk(&b, "IHDR", string(head[:]))
	return b.Bytes()
}

func TestPNGKeepsPixelsAndSettings(t *testing.T) {
	t.Parallel()
	img := gradient(40, 24)
	want := []Setting{
		{"prompt", "a lake, two\nlines"},
		{"negative prompt", "blühend, 日没 and 🌊"},
		{"seed", "42"},
		{"empty", ""},
	}
	data := encodePNG(t, img, want...)
	got, err := ReadSettings(bytes.NewReader(data))
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("settings %q, error %v; want %q", got, err, want)
	}
	back, format, err := Decode(data)
	if err != nil || format != PNG {
		t.Fatalf("decode: format %q, error %v", format, err)
	}
	for y := range 24 {
		for x := range 40 {
			if color.RGBAModel.Convert(back.At(x, y)) != img.At(x, y) {
				t.Fatalf("pixel %d,%d is %v, want %v", x, y, back.At(x, y), img.At(x, y))
			}
		}
	}
}

func TestPNGRefusesBadSettings(t *testing.T) {
	t.Parallel()
	for _, s := range []Setting{
		{"", "x"},
		{strings.Repeat("n", 80), "x"},
		{" lead", "x"},
		{"naïve", "x"},
		{"new\nline", "x"},
		{"nul", "a\x00b"},
		{"utf8", "\xff"},
	} {
		if err := EncodePNG(&bytes.Buffer{}, gradient(2, 2), []Setting{s}); err == nil {
			t.Errorf("setting %q was accepted", s)
		}
	}
}

func TestReadSettingsPassesOverWhatIsWrong(t *testing.T) {
	t.Parallel()
	data := encodePNG(t, gradient(4, 4), Setting{"first", "1"}, Setting{"second", "2"})
	broken := bytes.Replace(data, []byte("first\x001"), []byte("first\x009"), 1)
	got, err := ReadSettings(bytes.NewReader(broken))
	if err != nil || !slices.Equal(got, []Setting{{"second", "2"}}) {
		t.Errorf("a wrong checksum: settings %q, error %v", got, err)
	}
	if _, err := ReadSettings(bytes.NewReader(encodeJPEG(t, gradient(4, 4)))); !errors.Is(err, ErrFormat) {
		t.Errorf("JPEG: error %v, want ErrFormat", err)
	}
	if _, err := ReadSettings(bytes.NewReader(data[:len(data)-20])); !errors.Is(err, ErrDamaged) {
		t.Errorf("cut file: error %v, want ErrDamaged", err)
	}
}

func TestDecodeSniffsContent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data   []byte
		format Format
		size   image.Point
	}{
		"png":  {encodePNG(t, gradient(9, 5)), PNG, image.Pt(9, 5)},
		"jpeg": {encodeJPEG(t, gradient(17, 8)), JPEG, image.Pt(17, 8)},
		"webp": {tinyWebP, WebP, image.Pt(1, 1)},
	} {
		img, format, err := Decode(c.data)
		if err != nil || format != c.format || img.Bounds().Size() != c.size {
			t.Errorf("%s: format %q, error %v", name, format, err)
		}
	}
	for _, text := range []string{"", "GIF89a", "<svg/>", "RIFF....WAVE", "\x89PNG"} {
		if _, _, err := Decode([]byte(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: error %v, want ErrFormat", text, err)
		}
	}
}

func TestDecodeRefusesBeforeDecoding(t *testing.T) {
	t.Parallel()
	wideJPEG := encodeJPEG(t, gradient(16, 16))
	at := bytes.Index(wideJPEG, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(wideJPEG[at+5:], 6000)
	binary.BigEndian.PutUint16(wideJPEG[at+7:], 6000)
	if _, _, err := Measure(wideJPEG); err != nil {
		t.Errorf("36 MP baseline JPEG: error %v", err)
	}
	wideJPEG[at+1] = 0xc2
	for name, data := range map[string][]byte{
		"side":              hugePNG(16385, 1, 8, 2),
		"area":              hugePNG(8000, 8000, 8, 2),
		"16-bit area":       hugePNG(6000, 6000, 16, 6),
		"progressive":       wideJPEG,
		"largest of header": hugePNG(1<<31-1, 1, 8, 2),
	} {
		if _, _, err := Decode(data); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: error %v, want ErrTooLarge", name, err)
		}
	}
	if _, _, err := Measure(hugePNG(8000, 5000, 8, 6)); err != nil {
		t.Errorf("40 MP: error %v, want none", err)
	}
	if _, _, err := Decode(hugePNG(0, 5, 8, 2)); !errors.Is(err, ErrDamaged) {
		t.Errorf("no width: error %v, want ErrDamaged", err)
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, tw, th int }{
		{768, 768, 384, 384},
		{1536, 32, 384, 8},
		{1000, 1, 384, 1},
		{40, 24, 40, 24},
	} {
		var b bytes.Buffer
		if err := EncodeThumbnail(&b, gradient(c.w, c.h)); err != nil {
			t.Fatal(err)
		}
		img, format, err := Decode(b.Bytes())
		if err != nil || format != JPEG || img.Bounds().Size() != image.Pt(c.tw, c.th) {
			t.Errorf("%dx%d: %v %v %v", c.w, c.h, format, err, img.Bounds())
		}
	}
	var b bytes.Buffer
	if err := EncodeThumbnail(&b, image.NewNRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	img, _, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if r, g, bl, _ := img.At(4, 4).RGBA(); min(r, g, bl) < 0xf000 {
		t.Errorf("transparent pixel became %d %d %d, want white", r, g, bl)
	}
}

func FuzzDecode(f *testing.F) {
	small := encodePNG(f, gradient(8, 8), Setting{"prompt", "ünïcode"}, Setting{"seed", "1"})
	f.Add(small)
	f.Add(small[:len(small)/2])
	f.Add(encodeJPEG(f, gradient(8, 8)))
	f.Add(tinyWebP)
	f.Add(hugePNG(1<<31-1, 1<<31-1, 16, 6))
	f.Add(hugePNG(4000, 4000, 8, 2))
	f.Add([]byte("\xff\xd8\xff\xc2\x00\x0b\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		img, _, err := Decode(data)
		if err == nil {
			if b := img.Bounds(); b.Dx() > MaxSide || b.Dy() > MaxSide || b.Dx()*b.Dy() > MaxPixels {
				t.Fatalf("decoded %v, beyond the limits", b)
			}
		}
		settings, err := ReadSettings(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, s := range settings {
			if len(s.Name)+len(s.Value) > 2*maxSettings {
				t.Fatalf("setting of %d bytes", len(s.Value))
			}
		}
	})
}

func BenchmarkEncodePNG(b *testing.B) {
	img := gradient(768, 768)
	for b.Loop() {
		var buf bytes.Buffer
		if err := EncodePNG(&buf, img, nil); err != nil {
			b.Fatal(err)
		}
	}
}
