// Package colour compares and gathers colours the way eyes do.
//
// It promises conversion between sRGB and OKLab, in which equal distances look about
// equally different, and the dominant colours of a picture. It draws nothing, and the
// same picture gives the same colours in the same order.
package colour

import (
	"image"
	"math"
	"sort"
)

// Lab is a colour in OKLab: L is lightness from 0 to 1, A goes from green to red and B
// from blue to yellow, both about -0.4 to 0.4.
type Lab struct{ L, A, B float64 }

// linear goes from a byte of sRGB to linear light.
var linear = func() (table [256]float64) {
	for i := range table {
		s := float64(i) / 255
		if s <= 0.04045 {
			table[i] = s / 12.92
		} else {
			table[i] = math.Pow((s+0.055)/1.055, 2.4)
		}
	}
	return table
}()

// FromBytes converts a colour from sRGB bytes.
func FromBytes(r, g, b uint8) Lab { return FromLinear(linear[r], linear[g], linear[b]) }

// FromLinear converts a colour from linear light, 0 to 1 and beyond.
func FromLinear(r, g, b float64) Lab {
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return Lab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// Linear converts to linear light; colours outside of sRGB give numbers outside of 0 to 1.
func (c Lab) Linear() (r, g, b float64) {
	l := c.L + 0.3963377774*c.A + 0.2158037573*c.B
	m := c.L - 0.1055613458*c.A - 0.0638541728*c.B
	s := c.L - 0.0894841775*c.A - 1.2914855480*c.B
	l, m, s = l*l*l, m*m*m, s*s*s
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// Bytes converts to sRGB bytes, cutting off what sRGB can't show.
func (c Lab) Bytes() (r, g, b uint8) {
	x, y, z := c.Linear()
	return encode(x), encode(y), encode(z)
}

// codes maps the square root of linear light to sRGB bytes.
var codes = func() (table [4097]uint8) {
	for i := range table {
		c := float64(i) / 4096
		c *= c
		if c <= 0.0031308 {
			c *= 12.92
		} else {
			c = 1.055*math.Pow(c, 1/2.4) - 0.055
		}
		table[i] = uint8(c*255 + 0.5)
	}
	return table
}()

func encode(c float64) uint8 {
	return codes[int(math.Sqrt(min(max(c, 0), 1))*4096+0.5)]
}

// Distance is how different two colours look; 0.02 is just visible.
func Distance(a, b Lab) float64 {
	return math.Sqrt((a.L-b.L)*(a.L-b.L) + (a.A-b.A)*(a.A-b.A) + (a.B-b.B)*(a.B-b.B))
}

// Swatch is a colour and the share of a picture it stands for.
type Swatch struct {
	Lab
	Share float64
}

// samples is how many pixels at most are looked at to find a palette.
const samples = 6000

// Sample takes colours from all over the picture, evenly; at most 6000.
func Sample(img image.Image) []Lab {
	b := img.Bounds()
	step := 1
	for b.Dx()/step*(b.Dy()/step) > samples {
		step++
	}
	var list []Lab
	for y := b.Min.Y + step/2; y < b.Max.Y; y += step {
		for x := b.Min.X + step/2; x < b.Max.X; x += step {
			r, g, bl, a := img.At(x, y).RGBA()
			if a < 0x8000 {
				continue
			}
			list = append(list, FromBytes(uint8(r>>8), uint8(g>>8), uint8(bl>>8)))
		}
	}
	return list
}

// Palette finds at most n dominant colours of a picture, the darkest first, by k-means
// from the most different colours.
func Palette(img image.Image, n int) []Swatch { return Cluster(Sample(img), n) }

// Cluster gathers colours into at most n swatches, the darkest first.
func Cluster(list []Lab, n int) []Swatch {
	if len(list) == 0 || n < 1 {
		return nil
	}
	centres := spread(list, n)
	home := make([]int, len(list))
	for range 12 {
		sums, counts := make([]Lab, len(centres)), make([]float64, len(centres))
		for i, c := range list {
			home[i] = Nearest(centres, c)
			s := &sums[home[i]]
			s.L, s.A, s.B = s.L+c.L, s.A+c.A, s.B+c.B
			counts[home[i]]++
		}
		for k, n := range counts {
			if n > 0 {
				centres[k] = Lab{sums[k].L / n, sums[k].A / n, sums[k].B / n}
			}
		}
	}
	swatches := make([]Swatch, len(centres))
	for k, c := range centres {
		swatches[k].Lab = c
	}
	for _, k := range home {
		swatches[k].Share += 1 / float64(len(list))
	}
	sort.SliceStable(swatches, func(i, j int) bool { return swatches[i].L < swatches[j].L })
	return swatches
}

// spread starts with the mean's nearest colour and adds the one farthest from all, a
// little less eager for outliers than the farthest of all.
func spread(list []Lab, n int) []Lab {
	mean := Lab{}
	for _, c := range list {
		mean.L, mean.A, mean.B = mean.L+c.L, mean.A+c.A, mean.B+c.B
	}
	f := 1 / float64(len(list))
	mean = Lab{mean.L * f, mean.A * f, mean.B * f}
	centres := []Lab{list[Nearest(list, mean)]}
	far := make([]float64, len(list))
	for i, c := range list {
		far[i] = Distance(c, centres[0])
	}
	for len(centres) < n {
		order := make([]int, len(list))
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(i, j int) bool { return far[order[i]] > far[order[j]] })
		next := order[len(order)/200]
		if far[next] < 0.005 {
			break
		}
		centres = append(centres, list[next])
		for i, c := range list {
			far[i] = math.Min(far[i], Distance(c, list[next]))
		}
	}
	return centres
}

// Nearest is the index of the colour that looks most like c.
func Nearest(list []Lab, c Lab) int {
	best, at := math.Inf(1), 0
	for i, o := range list {
		if d := (o.L-c.L)*(o.L-c.L) + (o.A-c.A)*(o.A-c.A) + (o.B-c.B)*(o.B-c.B); d < best {
			best, at = d, i
		}
	}
	return at
}

// PaletteDistance is how far the colours of one palette lie from another, weighted by
// their shares, both ways.
func PaletteDistance(a, b []Swatch) float64 {
	one := func(a, b []Swatch) float64 {
		sum := 0.0
		for _, s := range a {
			best := math.Inf(1)
			for _, o := range b {
				best = math.Min(best, Distance(s.Lab, o.Lab))
			}
			sum += s.Share * best
		}
		return sum
	}
	return (one(a, b) + one(b, a)) / 2
}
