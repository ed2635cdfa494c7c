package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"runtime"
	"strings"
	"testing"
)

// exifBlock is an Exif block that holds an orientation and nothing else.
func exifBlock(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := order.AppendUint16([]byte(mark), 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, orientationTag)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return order.AppendUint32(order.AppendUint16(b, 0), 0)
}

// withExif puts an orientation into a file of any format.
func withExif(format Format, data []byte, exif []byte) []byte {
	switch format {
	case PNG:
		var chunk bytes.Buffer
		writeChunk(&chunk, "eXIf", string(exif))
		return append(append(append([]byte{}, data[:headerEnd]...), chunk.Bytes()...), data[headerEnd:]...)
	case JPEG:
		body := append([]byte("Exif\x00\x00"), exif...)
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
		return append(append(append([]byte{}, data[:2]...), append(segment, body...)...), data[2:]...)
	}
	return riffFile(appendChunk(append([]byte{}, data[12:]...), "EXIF", exif))
}

func TestUploadsAreTurnedUpright(t *testing.T) {
	t.Parallel()
	// Quarters of four colours, which survive JPEG.
	const w, h = 32, 16
	want := image.NewNRGBA(image.Rect(0, 0, w, h))
	colours := [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}
	for y := range h {
		for x := range w {
			want.SetNRGBA(x, y, colours[y*2/h][x*2/w])
		}
	}
	for _, format := range []Format{PNG, JPEG, WebP} {
		for o := uint16(1); o <= 8; o++ {
			var file bytes.Buffer
			if err := Encode(&file, stored(want, int(o)), format, Options{Quality: 100}); err != nil {
				t.Fatal(err)
			}
			var order binary.AppendByteOrder = binary.LittleEndian
			mark := "II"
			if o%2 == 0 {
				order, mark = binary.BigEndian, "MM"
			}
			got, info, err := ReadUpload(bytes.NewReader(withExif(format, file.Bytes(), exifBlock(order, mark, o))), Limits{})
			if err != nil || info.Orientation != int(o) || got.Rect != want.Rect || info.Width != w || info.Height != h {
				t.Errorf("%s, orientation %d: %+v, error %v", format, o, info, err)
				continue
			}
			for _, p := range []image.Point{{4, 4}, {28, 4}, {4, 12}, {28, 12}} {
				a, b := got.NRGBAAt(p.X, p.Y), want.NRGBAAt(p.X, p.Y)
				if max(apart(a.R, b.R), apart(a.G, b.G), apart(a.B, b.B)) > 12 {
					t.Errorf("%s, orientation %d: pixel %v is %v, want %v", format, o, p, a, b)
				}
			}
		}
	}
}

func apart(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }

// stored is how a camera held in some way stores an upright picture: the place of each
// stored pixel is written out as the standard's table has it.
func stored(img *image.NRGBA, orientation int) *image.NRGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if orientation > 4 {
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			row, column := y, x // the stored row and column
			switch orientation {
			case 2:
				column = w - 1 - x
			case 3:
				row, column = h-1-y, w-1-x
			case 4:
				row = h - 1 - y
			case 5:
				row, column = x, y
			case 6: // the stored first row is the right side
				row, column = w-1-x, y
			case 7:
				row, column = w-1-x, h-1-y
			case 8:
				row, column = x, h-1-y
			}
			out.SetNRGBA(column, row, img.NRGBAAt(x, y))
		}
	}
	return out
}

func TestUploadsOfEveryKind(t *testing.T) {
	t.Parallel()
	src := gradient(21, 13)
	kinds := map[string]image.Image{
		"grey": image.NewGray(src.Rect), "grey16": image.NewGray16(src.Rect), "rgba64": image.NewNRGBA64(src.Rect),
		"palette": image.NewPaletted(src.Rect, color.Palette{color.NRGBA{9, 9, 9, 255}, color.NRGBA{200, 30, 7, 128}, color.NRGBA{0, 0, 0, 0}}),
		"clear":   image.NewNRGBA(src.Rect),
	}
	for name, img := range kinds {
		to := img.(interface{ Set(x, y int, c color.Color) })
		for i := range 21 * 13 {
			to.Set(i%21, i/21, color.NRGBA{uint8(i), uint8(i), uint8(i), uint8(255 - i%3*100)})
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadUpload(&file, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range 21 * 13 {
			r, g, b, a := eightBits(img.At(i%21, i/21))
			if (got.NRGBAAt(i%21, i/21) != color.NRGBA{r, g, b, a}) {
				t.Fatalf("%s: pixel %d is %v, want %v", name, i, got.NRGBAAt(i%21, i/21), color.NRGBA{r, g, b, a})
			}
		}
	}
}

func TestAnimationsGiveTheirFirstFrame(t *testing.T) {
	t.Parallel()
	var still bytes.Buffer
	if err := Encode(&still, gradient(20, 10), WebP, Options{}); err != nil {
		t.Fatal(err)
	}
	frame := append([]byte{0, 0, 0, 0, 0, 0, 19, 0, 0, 9, 0, 0, 50, 0, 0, 0}, still.Bytes()[12:]...)
	file := appendChunk(nil, "VP8X", []byte{webpAnimated, 0, 0, 0, 19, 0, 0, 9, 0, 0})
	file = appendChunk(file, "ANIM", make([]byte, 6))
	file = riffFile(appendChunk(appendChunk(file, "ANMF", frame), "ANMF", frame))
	got, info, err := ReadUpload(bytes.NewReader(file), Limits{})
	if err != nil || !info.Animated || got.Rect.Size() != image.Pt(20, 10) || got.NRGBAAt(7, 4) != NRGBA(gradient(20, 10)).NRGBAAt(7, 4) {
		t.Errorf("%+v, error %v", info, err)
	}
	none := riffFile(appendChunk(nil, "VP8X", []byte{webpAnimated, 0, 0, 0, 19, 0, 0, 9, 0, 0}))
	if _, _, err := ReadUpload(bytes.NewReader(none), Limits{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("an animation without frames: %v", err)
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestUploadsAreRefusedClearly(t *testing.T) {
	t.Parallel()
	good := encodePNG(t, gradient(40, 40))
	scans := append(append([]byte("\xff\xd8\xff\xc2\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"), bytes.Repeat([]byte("\xff\xda\x00\x08"), 101)...), 0xff, 0xd9)
	for name, c := range map[string]struct {
		file io.Reader
		want error
		says string
	}{
		"too many bytes": {endless{}, ErrTooLarge, "20000000 bytes"},
		"side":           {bytes.NewReader(hugePNG(16385, 1, 8, 2)), ErrTooLarge, "16384"},
		"area":           {bytes.NewReader(hugePNG(8000, 8000, 8, 2)), ErrTooLarge, "40000000"},
		"interlaced":     {bytes.NewReader(hugePNG(6000, 6000, 16, 6)), ErrTooLarge, "16-bit PNG"},
		"scans":          {bytes.NewReader(scans), ErrTooLarge, "scans"},
		"cut":            {bytes.NewReader(good[:len(good)/2]), ErrDamaged, "png"},
		"gif":            {strings.NewReader("GIF89a..."), ErrFormat, "GIF"},
		"heic":           {strings.NewReader("\x00\x00\x00\x18ftypheic...."), ErrFormat, "HEIC"},
		"svg":            {strings.NewReader("<svg>"), ErrFormat, "SVG"},
		"empty":          {strings.NewReader(""), ErrFormat, "empty"},
	} {
		_, _, err := ReadUpload(c.file, Limits{})
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %v that says %q", name, err, c.want, c.says)
		}
	}
	if _, _, err := ReadUpload(bytes.NewReader(good), Limits{Side: 39}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a smaller limit of sides: %v", err)
	}
	if _, _, err := ReadUpload(bytes.NewReader(good), Limits{Pixels: 1599}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a smaller limit of pixels: %v", err)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	img := image.NewNRGBA(image.Rect(3, 3, 7, 5))
	img.Set(3, 3, color.White)
	img.Set(4, 3, color.NRGBA{255, 255, 255, 0})
	img.Set(5, 3, color.NRGBA{100, 100, 100, 255})
	m, err := Mask(img, 4, 2)
	if err != nil || m.Pix[0] != 255 || m.Pix[1] != 0 || m.Pix[2] != 100 || Coverage(m) != 2 || Coverage(Threshold(m)) != 1 {
		t.Fatalf("mask %v, error %v", m, err)
	}
	if _, err := Mask(img, 4, 3); err == nil {
		t.Error("a mask of another size was accepted")
	}
	base, over := noise(4, 2, 1), noise(4, 2, 4)
	got := Compose(base, over, m)
	for i := range 8 {
		a, b, c := base.NRGBAAt(i%4, i/4), over.NRGBAAt(i%4, i/4), got.NRGBAAt(i%4, i/4)
		if m.Pix[i] == 0 && a != c || m.Pix[i] == 255 && (b.R != c.R || b.G != c.G) || a.A != c.A {
			t.Errorf("pixel %d: %v and %v became %v", i, a, b, c)
		}
	}
}

// mostMemory is what reading any upload of 10 MB may allocate, in bytes.
const mostMemory = 256 << 20

// FuzzUpload measures what reading allocates in all, which is more than is held at a time.
// What other goroutines allocate meanwhile counts too: fuzzing runs one input at a time.
func FuzzUpload(f *testing.F) {
	small := encodePNG(f, gradient(8, 8), Setting{"prompt", "x"})
	photo := encodeJPEG(f, gradient(24, 16))
	exif := exifBlock(binary.LittleEndian, "II", 6)
	var lossless bytes.Buffer
	if err := Encode(&lossless, noise(20, 9, 2), WebP, Options{}); err != nil {
		f.Fatal(err)
	}
	lossy, _ := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
	for _, data := range [][]byte{
		small, photo, lossless.Bytes(), lossy, tinyWebP,
		withExif(PNG, small, exif), withExif(JPEG, photo, exif), withExif(WebP, lossless.Bytes(), exif),
		hugePNG(7000, 5000, 8, 6), hugePNG(4000, 4000, 16, 6), hugePNG(16384, 2441, 8, 3),
		small[:len(small)-30], photo[:len(photo)/2], lossless.Bytes()[:40],
		riffFile(appendChunk(nil, "VP8X", []byte{webpAnimated | webpAlpha, 0, 0, 0, 255, 63, 0, 255, 8, 0})),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 10_000_000 {
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		img, info, err := ReadUpload(bytes.NewReader(data), Limits{})
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > mostMemory {
			t.Errorf("%d bytes of file took %d MiB", len(data), used>>20)
		}
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v is none of the package's", err)
			}
			return
		}
		if info.Width != img.Rect.Dx() || info.Orientation < 1 || info.Orientation > 8 || img.Rect.Min != (image.Point{}) {
			t.Errorf("%+v for %v", info, img.Rect)
		}
	})
}
