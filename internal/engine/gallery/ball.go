package gallery

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // files that come with pictures may be JPEG
	_ "image/png"  // or PNG
	"math"

	"github.com/florin-studio/florin/internal/engine"
)

// decode reads a file that is a picture.
func decode(f engine.File) (image.Image, error) {
	img, _, err := image.Decode(bytes.NewReader(f.Data))
	return img, err
}

// ball is an OBJ file of a sphere with texture coordinates.
func ball() []byte {
	const rings, segments = 32, 64
	var out bytes.Buffer
	for i := range rings + 1 {
		for j := range segments + 1 {
			u, v := float64(j)/segments, float64(i)/rings
			s, c := math.Sincos(v * math.Pi)
			a, b := math.Sincos(u * 2 * math.Pi)
			fmt.Fprintf(&out, "v %.5f %.5f %.5f\nvt %.5f %.5f\nvn %.5f %.5f %.5f\n", s*b, c, s*a, u, 1-v, s*b, c, s*a)
		}
	}
	for i := range rings {
		for j := range segments {
			a := i*(segments+1) + j + 1
			b := a + segments + 1
			fmt.Fprintf(&out, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", a, a, a, a+1, a+1, a+1, b, b, b)
			fmt.Fprintf(&out, "f %d/%d/%d %d/%d/%d %d/%d/%d\n", a+1, a+1, a+1, b+1, b+1, b+1, b, b, b)
		}
	}
	return out.Bytes()
}
