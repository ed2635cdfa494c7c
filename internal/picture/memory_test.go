package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"testing"
)

// TestLargestUploadsStayWithinMemory reads pictures near the limits of their kind. It
// does not run beside other tests, because it measures what the whole process allocates.
func TestLargestUploadsStayWithinMemory(t *testing.T) {
	for name, c := range map[string]struct {
		img    image.Image
		exif   bool
		encode func(*bytes.Buffer, image.Image) error
	}{
		"palette, 40 MP":       {image.NewPaletted(image.Rect(0, 0, 8000, 5000), color.Palette{color.Black, color.White}), false, asPNG},
		"clear PNG, 39 MP":     {image.NewNRGBA(image.Rect(0, 0, 7800, 5000)), false, asPNG},
		"turned PNG, 29 MP":    {image.NewNRGBA(image.Rect(0, 0, 5800, 5000)), true, asPNG},
		"16-bit PNG, 19 MP":    {image.NewNRGBA64(image.Rect(0, 0, 3800, 5000)), false, asPNG},
		"turned JPEG, 39 MP":   {image.NewYCbCr(image.Rect(0, 0, 7800, 5000), image.YCbCrSubsampleRatio420), true, asJPEG},
		"lossless WebP, 20 MP": {image.NewNRGBA(image.Rect(0, 0, 4000, 5000)), false, encodeWebPTo},
	} {
		var file bytes.Buffer
		if err := c.encode(&file, c.img); err != nil {
			t.Fatal(err)
		}
		data := file.Bytes()
		if c.exif {
			format, err := Sniff(data)
			if err != nil {
				t.Fatal(err)
			}
			data = withExif(format, data, exifBlock(binary.BigEndian, "MM", 6))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, _, err := ReadUpload(bytes.NewReader(data), Limits{})
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s, %d bytes of file: %d MiB for %v", name, len(data), used>>20, got.Rect.Size())
		if used > mostMemory {
			t.Errorf("%s took %d MiB, at most %d are allowed", name, used>>20, mostMemory>>20)
		}
	}
}

func asPNG(b *bytes.Buffer, img image.Image) error {
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(b, img)
}

func asJPEG(b *bytes.Buffer, img image.Image) error { return jpeg.Encode(b, img, nil) }

func encodeWebPTo(b *bytes.Buffer, img image.Image) error { return encodeWebP(b, img) }
