package builtin

import (
	"image"
	"image/draw"
	"math"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/colour"
	"github.com/florin-studio/florin/internal/picture"
)

// guided bends a finished picture towards its references: first the pictures themselves
// and their masses, then lines, colours last.
func guided(j *job, img *image.RGBA, guides []guide, seed int64, from, to float64) (*image.RGBA, error) {
	if len(guides) == 0 {
		return img, nil
	}
	done, share := from, (to-from)/float64(len(guides)+1)
	size := img.Bounds().Size()
	unit := math.Sqrt(float64(size.X)*float64(size.Y)) / 768
	work := toLab(j, img)
	for _, kind := range []engine.ReferenceKind{engine.ImageReference, engine.StructureReference, engine.EdgesReference} {
		for i := range guides {
			g := &guides[i]
			if g.Kind != kind || g.Strength == 0 {
				continue
			}
			covered, err := cover(j, g.Image, size, done, done+share/2)
			if err != nil {
				return nil, err
			}
			ref := toLab(j, covered)
			switch kind {
			case engine.ImageReference:
				work = repainted(j, work, ref, g.Strength, unit)
			case engine.StructureReference:
				massed(j, work, ref, newNoise(newRng(seed, "masses")), g.Strength, unit, done+share/2, done+share)
			default:
				outlined(j, work, ref, g.Strength, unit)
			}
			done += share
			j.progress(done)
		}
	}
	recolour(j, work, guides)
	out := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
	err := j.rows(size.Y, done, to, func(y int) {
		for x := range size.X {
			c := work.at(x, y)
			i := out.PixOffset(x, y)
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = colour.Lab{L: c.x, A: c.y, B: c.z}.Bytes()
			out.Pix[i+3] = 255
		}
	})
	return out, err
}

// cover scales a picture so that it fills a size, cutting off what stands over.
func cover(j *job, img image.Image, size image.Point, from, to float64) (*image.RGBA, error) {
	b := img.Bounds()
	part := b
	if b.Dx()*size.Y > b.Dy()*size.X {
		w := max(1, b.Dy()*size.X/size.Y)
		part.Min.X += (b.Dx() - w) / 2
		part.Max.X = part.Min.X + w
	} else {
		h := max(1, b.Dx()*size.Y/size.X)
		part.Min.Y += (b.Dy() - h) / 2
		part.Max.Y = part.Min.Y + h
	}
	scaled, scaler := image.NewNRGBA(image.Rectangle{Max: size}), picture.NewResampler(img, part, size.X, size.Y)
	out := image.NewRGBA(scaled.Rect)
	return out, j.rows((size.Y+picture.BandRows-1)/picture.BandRows, from, to, func(band int) {
		y0, y1 := band*picture.BandRows, min((band+1)*picture.BandRows, size.Y)
		scaler.Rows(scaled, y0, y1)
		r := image.Rect(0, y0, size.X, y1)
		draw.Draw(out, r, image.White, image.Point{}, draw.Src) // under what is transparent
		draw.Draw(out, r, scaled, r.Min, draw.Over)
	})
}

// toLab holds a picture's colours in OKLab where a light has its channels.
func toLab(j *job, img *image.RGBA) *light {
	out := newLight(img.Bounds().Dx(), img.Bounds().Dy())
	_ = j.rows(out.height, 0, 0, func(y int) {
		for x := range out.width {
			i := img.PixOffset(x, y)
			c := colour.FromBytes(img.Pix[i], img.Pix[i+1], img.Pix[i+2])
			out.set(x, y, vec{c.L, c.A, c.B})
		}
	})
	return out
}

// veiled is a light's coarse part, forms of about size pixels and larger.
func veiled(j *job, l *light, size float64) *soft {
	factor := max(1, int(size/3))
	return blurred(j, l, factor, max(1, int(math.Round(size/float64(factor)))), false, func(c vec) vec { return c })
}

// repainted lays the reference's masses and forms over the picture, and its detail less
// the finer it is: the painter's own brush shows in what remains.
func repainted(j *job, own, ref *light, strength, unit float64) *light {
	wide, fine := 22*unit, 4*unit
	ownWide, refWide := veiled(j, own, wide), veiled(j, ref, wide)
	ownFine, refFine := veiled(j, own, fine), veiled(j, ref, fine)
	masses, forms, detail := 0.97*math.Pow(strength, 0.75), 0.95*strength, 0.62*math.Pow(strength, 1.5)
	out := newLight(own.width, own.height)
	_ = j.rows(out.height, 0, 0, func(y int) {
		for x := range out.width {
			a, b := own.at(x, y), ref.at(x, y)
			aw, bw, af, bf := ownWide.near(x, y), refWide.near(x, y), ownFine.near(x, y), refFine.near(x, y)
			c := mix(aw, bw, masses).add(mix(af.sub(aw), bf.sub(bw), forms)).add(mix(a.sub(af), b.sub(bf), detail))
			out.set(x, y, c)
		}
	})
	return out
}

// massed gives the picture the reference's large lights and darks, around its own middle
// tone. Where the picture is empty, as in a clear sky, a blurred copy of the reference's
// forms would look like a smear: there only the largest and those as wide as the picture come
// through, up to full strength, and their borders wander as those of clouds do.
func massed(j *job, own, ref *light, n *noise, strength, unit, from, to float64) {
	ownWide, refWide := veiled(j, own, 20*unit), veiled(j, ref, 12*unit)
	ownWidest, refWidest := veiled(j, own, 70*unit), veiled(j, ref, 70*unit)
	busy := busyness(j, own, unit)
	middle := func(s *soft) (mean, spread float64) {
		sum, squares, n := 0.0, 0.0, 0.0
		for i := 0; i < len(s.pix); i += 3 {
			v := float64(s.pix[i])
			sum, squares, n = sum+v, squares+v*v, n+1
		}
		return sum / n, math.Sqrt(math.Max(0, squares/n-sum/n*sum/n))
	}
	ownMean, ownSpread := middle(ownWide)
	refMean, refSpread := middle(refWide)
	contrast := clamp(lerp(1, ownSpread/math.Max(refSpread, 0.01), 0.5), 0.5, 1.6)
	mean := lerp(ownMean, refMean, 0.35*strength)
	empty := math.Pow(strength, 9) // how much of the finer masses comes where nothing is
	half := (from + to) / 2
	j.progress(half)
	_ = j.rows(own.height, half, to, func(y int) {
		v, row := float64(y)/unit, 0.0
		const looks = 32
		for i := range looks { // what a whole row gets, such as a sky, is no blot
			x := (2*i + 1) * own.width / (2 * looks)
			row += (mean + (refWide.near(x, y).x-refMean)*contrast - ownWide.near(x, y).x) / looks
		}
		for x := range own.width {
			u := float64(x) / unit
			wx, wy := 42*unit*n.fbm(u/120, v/80, 4), 26*unit*n.fbm(u/120+40, v/80+40, 4)
			move := func(own, ref *soft) float64 {
				return mean + (ref.near(x+int(wx), y+int(wy)).x-refMean)*contrast - own.near(x, y).x
			}
			fine := lerp(empty, 1, busy.near(x, y).x)
			aside := lerp(move(ownWidest, refWidest), move(ownWide, refWide), fine) - row
			shift := 0.9 * strength * (row + lerp(0.5, 1, fine)*aside)
			c := own.at(x, y)
			// Darker places keep their hue by losing some of their colour, and the other way round.
			c.x = clamp(c.x+shift, 0.02, 0.99)
			k := 1 - 0.6*clamp(-shift, -0.2, 0.4)
			own.set(x, y, vec{c.x, c.y * k, c.z * k})
		}
	})
}

// busyness is how much happens around a place, 0 in an even one and 1 where masses of
// another tone go unnoticed. The quietest of four sides counts, so that what is even stays
// so up to its border.
func busyness(j *job, l *light, unit float64) *soft {
	fine := blurred(j, l, max(1, int(math.Round(2*unit))), 1, false, func(c vec) vec { return c })
	rough := newLight(fine.width, fine.height)
	reach := max(1, int(9*unit*fine.sx))
	_ = j.rows(fine.height, 0, 0, func(y int) {
		for x := range fine.width {
			least := math.Inf(1)
			for side := range 4 {
				sum, squares, n := 0.0, 0.0, 0.0
				for i := 0; i <= reach; i += max(1, reach/3) {
					for k := 0; k <= reach; k += max(1, reach/3) {
						v := fine.fold(x+i*(side&1*2-1), y+k*(side&2-1)).x
						sum, squares, n = sum+v, squares+v*v, n+1
					}
				}
				least = math.Min(least, squares/n-sum/n*sum/n)
			}
			rough.set(x, y, vec{smooth(0.008, 0.035, math.Sqrt(math.Max(least, 0))), 0, 0})
		}
	})
	s := blurred(j, rough, 1, max(1, int(3*unit*fine.sx)), false, func(c vec) vec { return c })
	s.sx, s.sy = s.sx*fine.sx, s.sy*fine.sy
	return s
}

// outlined models the reference's forms and draws its lines; the picture's own lines step
// back where the reference has none.
func outlined(j *job, own, ref *light, strength, unit float64) {
	fine, wide := 1.6*unit, 9*unit
	refFine, refWide, ownWide := veiled(j, ref, math.Max(fine, 1)), veiled(j, ref, wide), veiled(j, own, 11*unit)
	slope := func(x, y int) float64 {
		a, b := refFine.near(min(x+1, own.width-1), y), refFine.near(max(x-1, 0), y)
		c, d := refFine.near(x, min(y+1, own.height-1)), refFine.near(x, max(y-1, 0))
		return math.Sqrt(a.sub(b).dot(a.sub(b))+c.sub(d).dot(c.sub(d))) * unit
	}
	_ = j.rows(own.height, 0, 0, func(y int) {
		for x := range own.width {
			line := smooth(0.02, 0.11, slope(x, y))
			c, even := own.at(x, y), ownWide.near(x, y)
			c.x = lerp(c.x, even.x, 0.85*strength*(1-0.5*line))
			relief := clamp(ref.at(x, y).x-refWide.near(x, y).x, -0.3, 0.3)
			c.x = clamp(c.x+strength*(1.15*relief-0.36*line), 0.02, 0.99)
			own.set(x, y, c)
		}
	})
}

// inkCount is how many colours stand for a picture when colours are matched.
const inkCount = 8

// recolour moves the picture's dominant colours to those of its palette references.
func recolour(j *job, work *light, guides []guide) {
	var wanted []colour.Swatch
	strength, total := 0.0, 0.0
	for i := range guides {
		if g := &guides[i]; g.Kind == engine.PaletteReference && g.Strength > 0 {
			strength, total = math.Max(strength, g.Strength), total+g.Strength
		}
	}
	if strength == 0 || j.stopped() {
		return
	}
	for i := range guides {
		if g := &guides[i]; g.Kind == engine.PaletteReference && g.Strength > 0 {
			for _, s := range colour.Palette(g.Image, inkCount) {
				s.Share *= g.Strength / total
				wanted = append(wanted, s)
			}
		}
	}
	var list []colour.Lab
	step := max(1, int(math.Sqrt(float64(work.width*work.height)/5000)))
	for y := step / 2; y < work.height; y += step {
		for x := step / 2; x < work.width; x += step {
			c := work.at(x, y)
			list = append(list, colour.Lab{L: c.x, A: c.y, B: c.z})
		}
	}
	own := colour.Cluster(list, inkCount)
	moves := matched(own, wanted)
	_ = j.rows(work.height, 0, 0, func(y int) {
		for x := range work.width {
			c := work.at(x, y)
			sum, weight := vec{}, 1e-9
			for k, s := range own {
				d := vec{c.x - s.L, c.y - s.A, c.z - s.B}
				w := math.Exp(-d.dot(d) / 0.012)
				sum, weight = sum.add(moves[k].scale(w)), weight+w
			}
			work.set(x, y, c.add(sum.scale(strength/weight)))
		}
	})
}

// matched pairs two palettes, as much of each colour as its share, so that all moves
// together are short, and gives each colour of the first its move. Lightness moves less
// than hue, so that forms stay readable.
func matched(own, wanted []colour.Swatch) []vec {
	const even = 0.004 // how evenly ties are shared out
	n, m := len(own), len(wanted)
	kernel, u, v := make([]float64, n*m), make([]float64, n), make([]float64, m)
	for i, a := range own {
		u[i] = 1
		for k, b := range wanted {
			dl, da, db := a.L-b.L, a.A-b.A, a.B-b.B
			kernel[i*m+k] = math.Exp(-(dl*dl+1.5*(da*da+db*db))/even) + 1e-30
		}
	}
	for range 300 {
		for k := range v {
			sum := 1e-300
			for i := range u {
				sum += kernel[i*m+k] * u[i]
			}
			v[k] = wanted[k].Share / sum
		}
		for i := range u {
			sum := 1e-300
			for k := range v {
				sum += kernel[i*m+k] * v[k]
			}
			u[i] = own[i].Share / sum
		}
	}
	moves := make([]vec, n)
	for i, a := range own {
		share := math.Max(a.Share, 1e-9)
		target := vec{}
		for k, b := range wanted {
			target = target.add(vec{b.L, b.A, b.B}.scale(u[i] * kernel[i*m+k] * v[k] / share))
		}
		d := target.sub(vec{a.L, a.A, a.B})
		moves[i] = vec{0.8 * d.x, d.y, d.z}
	}
	return moves
}
