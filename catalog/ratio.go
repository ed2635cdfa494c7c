package catalog

import "math/bits"

// ratio is an exact fraction, not negative, in lowest terms (P4). The zero value is not
// a number; it marks an overflow and stays one through every operation.
type ratio struct{ n, d int64 }

func whole(n int64) ratio { return ratio{n, 1} }

func newRatio(n, d int64) ratio {
	if d == 1 || n%d == 0 {
		return ratio{n / d, 1}
	}
	g := gcd(n, d)
	return ratio{n / g, d / g}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// times multiplies by n/d, both at least 1.
func (r ratio) times(n, d int64) ratio {
	if r.d == 0 {
		return r
	}
	g := gcd(n, d)
	n, d = n/g, d/g
	g = gcd(r.n, d)
	a, d := r.n/g, d/g
	g = gcd(n, r.d)
	n, b := n/g, r.d/g
	num, ok1 := multiply(a, n)
	den, ok2 := multiply(b, d)
	if !ok1 || !ok2 {
		return ratio{}
	}
	return ratio{num, den}
}

// factor multiplies by a factor.
func (r ratio) factor(f Factor) ratio { return r.times(int64(f), int64(One)) }

// plus adds a whole number, not negative.
func (r ratio) plus(n int64) ratio {
	add, ok := multiply(n, r.d)
	if !ok || r.d == 0 || r.n > 1<<62-add {
		return ratio{}
	}
	return ratio{r.n + add, r.d}
}

// up rounds up (P4).
func (r ratio) up() int64 {
	if r.d == 1 {
		return r.n
	}
	q := r.n / r.d
	if r.n%r.d != 0 {
		q++
	}
	return q
}

// multiply tells whether the product stays below 2^62.
func multiply(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<62
}
