package style

import (
	"cmp"
	"math"
	"slices"
)

// areas parts a picture into things: connected pixels without a clear edge between them.
type areas struct {
	w, h int
	// of is the number of each pixel's area, below count.
	of    []int32
	count int
}

// areas finds them by joining places of like colour. Least is the smallest area in pixels;
// edge is how different, 0..1, both sides of a border must be where it is clear; reach is
// how far from the border they are looked at.
func (w *work) areas(c *canvas, inks []rgb, least, reach float64, edge float32) *areas {
	ink := make([]uint8, c.w*c.h)
	w.rows(c.h, func(y int) {
		for x := range c.w {
			ink[y*c.w+x] = uint8(closest(inks, c.at(x, y)))
		}
	})
	a := w.connected(c.w, c.h, func(i, k int) bool { return ink[i] == ink[k] })
	borders := w.borders(a, c, max(1, int(math.Round(reach))))
	return w.joinedAreas(a, borders, least, edge)
}

// forest joins numbers into groups, each known by its lowest.
type forest []int32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = int32(i)
	}
	return f
}

func (f forest) root(i int32) int32 {
	for f[i] != i {
		f[i] = f[f[i]]
		i = f[i]
	}
	return i
}

func (f forest) join(i, k int32) {
	i, k = f.root(i), f.root(k)
	f[max(i, k)] = min(i, k)
}

// connected gives the areas of neighbouring pixels that are alike.
func (w *work) connected(width, height int, alike func(i, k int) bool) *areas {
	f := newForest(width * height)
	w.inTurn(height, func(y int) {
		for x := range width {
			i := y*width + x
			if x > 0 && alike(i, i-1) {
				f.join(int32(i), int32(i-1))
			}
			if y > 0 && alike(i, i-width) {
				f.join(int32(i), int32(i-width))
			}
		}
	})
	a := &areas{w: width, h: height, of: make([]int32, width*height)}
	a.number(w, f, func(i int) int32 { return int32(i) })
	return a
}

// number gives the groups of a forest numbers without gaps, in order of appearance.
func (a *areas) number(w *work, f forest, group func(i int) int32) {
	number := make([]int32, len(f))
	a.count = 0
	w.inTurn(a.h, func(y int) {
		for i := y * a.w; i < (y+1)*a.w; i++ {
			r := f.root(group(i))
			if number[r] == 0 {
				a.count++
				number[r] = int32(a.count)
			}
			a.of[i] = number[r] - 1
		}
	})
	a.count = max(a.count, 1) // none was numbered if the context had ended
}

// rim is where two areas meet: how different they are there, as a mean.
type rim struct {
	a, b  int32
	apart float32
}

// borders lists them, the faintest first.
func (w *work) borders(a *areas, c *canvas, reach int) []rim {
	type sum struct{ total, n float32 }
	sums := map[[2]int32]sum{}
	meet := func(i, k int, p, q rgb) {
		if a.of[i] == a.of[k] {
			return
		}
		dr, dg, db := p.r-q.r, p.g-q.g, p.b-q.b
		key := [2]int32{min(a.of[i], a.of[k]), max(a.of[i], a.of[k])}
		s := sums[key]
		sums[key] = sum{s.total + float32(math.Sqrt(float64(2*dr*dr+4*dg*dg+3*db*db)))/3, s.n + 1}
	}
	w.inTurn(a.h, func(y int) {
		for x := range a.w {
			i := y*a.w + x
			if x+1 < a.w {
				meet(i, i+1, c.near(x-reach, y), c.near(x+1+reach, y))
			}
			if y+1 < a.h {
				meet(i, i+a.w, c.near(x, y-reach), c.near(x, y+1+reach))
			}
		}
	})
	list := make([]rim, 0, len(sums))
	for key, s := range sums {
		list = append(list, rim{key[0], key[1], s.total / s.n})
	}
	slices.SortFunc(list, func(p, q rim) int {
		return cmp.Or(cmp.Compare(p.apart, q.apart), cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
	})
	return list
}

// joinedAreas joins areas over faint borders, and small ones with what they differ from least.
func (w *work) joinedAreas(a *areas, borders []rim, least float64, edge float32) *areas {
	f, size := newForest(a.count), make([]float64, a.count)
	for _, k := range a.of {
		size[k]++
	}
	join := func(p, q int32) {
		total := size[p] + size[q]
		f.join(p, q)
		size[f.root(p)] = total
	}
	for _, b := range borders {
		if p, q := f.root(b.a), f.root(b.b); p != q && b.apart < edge {
			join(p, q)
		}
	}
	for grown := true; grown && !w.stopped(); {
		grown = false
		for _, b := range borders {
			if p, q := f.root(b.a), f.root(b.b); p != q && min(size[p], size[q]) < least {
				join(p, q)
				grown = true
			}
		}
	}
	out := &areas{w: a.w, h: a.h, of: make([]int32, len(a.of))}
	out.number(w, f, func(i int) int32 { return a.of[i] })
	return out
}

// ridge is 1 on the borders of areas and falls to both sides as a bell of the given
// deviation, in pixels.
func (w *work) ridge(a *areas, sigma float64) *plane {
	line := w.map1(a.w, a.h, func(x, y int) float32 {
		i := y*a.w + x
		if x+1 < a.w && a.of[i] != a.of[i+1] || y+1 < a.h && a.of[i] != a.of[i+a.w] {
			return 1
		}
		return 0
	})
	line = w.blurred(line, sigma)
	peak := float32(sigma * math.Sqrt(2*math.Pi))
	return w.map1(a.w, a.h, func(x, y int) float32 { return min(line.at(x, y)*peak, 1) })
}

// means are the areas' mean colours and the middles of them.
func (w *work) means(a *areas, c *canvas) ([]rgb, []spot) {
	sums, middles, n := make([]rgb, a.count), make([]spot, a.count), make([]float64, a.count)
	w.inTurn(a.h, func(y int) {
		for x := range a.w {
			k := a.of[y*a.w+x]
			sums[k], n[k] = sums[k].add(c.at(x, y)), n[k]+1
			middles[k].x, middles[k].y = middles[k].x+float64(x), middles[k].y+float64(y)
		}
	})
	for k := range sums {
		f := 1 / max(n[k], 1)
		sums[k], middles[k] = sums[k].scale(float32(f)), spot{middles[k].x * f, middles[k].y * f}
	}
	return sums, middles
}
