package planner

// What no plan can beat: bounds that prove a plan to be the best.

// worths gives each wish's picture a worth in proportion to the least it can cost, as
// whole numbers: a picture of wish i costs at least worth[i] parts of a token, where a
// token has as many parts as scale says.
func worths(t *table) []int64 {
	scale := scaleOf(t)
	out := make([]int64, len(t.of))
	for i, one := range t.of {
		least := int64(impossible)
		for j := 1; j < len(one.job); j++ {
			// scale is a multiple of j or prices are large; rounding down keeps the bound.
			least = min(least, one.job[j]*scale/int64(j))
		}
		out[i] = least
	}
	return out
}

// scaleOf is the least common multiple of the job sizes, bounded so that nothing overflows.
func scaleOf(t *table) int64 {
	scale := int64(1)
	for _, one := range t.of {
		for j := int64(2); j < int64(len(one.job)); j++ {
			if next := scale / gcd(scale, j) * j; next <= 100_000 {
				scale = next
			}
		}
	}
	for _, one := range t.of {
		for j := 1; j < len(one.job); j++ {
			if one.job[j] > 1_000_000_000 {
				return 1
			}
		}
	}
	return scale
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// earliest gives a moment before which no plan can be finished.
//
// Whatever is spent by a moment has come by then, so the least that all pictures cost
// must have come. Where tokens can't be carried from one moment to the next, each moment
// by itself makes no more pictures, and no more worth, than its own tokens pay; stretches
// of moments that share tokens are taken as one, which can only make more of them. This
// is summed up for each wish alone and for all of them by worth.
func (s *searcher) earliest() (last int, ok bool) {
	for i := 0; ; i++ {
		if _, ok := s.get(i); !ok {
			return i, false
		}
		if s.moments[i].reached >= s.low(0).need(s.shop.wanted) || len(s.shop.edges) > 0 && s.moments[i].reached >= s.low(i).need(s.shop.wanted) {
			return s.later(i), true
		}
	}
}

// later moves the bound on for what the single moments can't fit.
func (s *searcher) later(last int) int {
	s.get(last + 1)
	low := s.low(last)
	worth, scale := worths(low), scaleOf(low)
	sofar := make([]int64, len(worth)+1)
	goals := make([]int64, len(worth)+1)
	for i, n := range s.shop.wanted {
		goals[i] = int64(n)
		goals[len(worth)] += worth[i] * int64(n)
	}
	caps := map[int64][]int64{}
	var pool int64
	for i := 0; ; i++ {
		m, ok := s.get(i)
		if !ok {
			return i
		}
		pool += m.comes
		_, more := s.get(i + 1)
		m = &s.moments[i]
		alone := m.alone && more
		here := s.paid(pool, low, worth, scale, caps)
		if i >= last && reaches(sofar, here, goals) {
			return i
		}
		if len(s.shop.edges) > 0 && i >= last {
			return i // prices may fall further on; the bound stays where it is proven
		}
		if alone {
			for k := range sofar {
				sofar[k] += here[k]
			}
			pool = 0
		}
	}
}

func reaches(sofar, here, goals []int64) bool {
	for k := range goals {
		if sofar[k]+here[k] < goals[k] {
			return false
		}
	}
	return true
}

// paid is the most pictures of each wish alone, and at the end the most worth of all
// together, that so many tokens pay.
func (s *searcher) paid(tokens int64, low *table, worth []int64, scale int64, known map[int64][]int64) []int64 {
	if p := known[tokens]; p != nil {
		return p
	}
	out := make([]int64, len(worth)+1)
	upTo := make([]int, len(worth))
	for i := range worth {
		upTo[i] = low.of[i].most(tokens, s.shop.wanted[i])
		out[i] = int64(upTo[i])
	}
	if tokens <= knapsackLimit {
		_, out[len(worth)] = knapsack(low, worth, upTo, tokens)
	} else {
		out[len(worth)] = scaled(tokens, scale)
	}
	known[tokens] = out
	return out
}

// scaled is tokens in parts, bounded where nobody needs more.
func scaled(tokens, scale int64) int64 {
	if tokens > impossible/2/scale {
		return impossible / 2
	}
	return tokens * scale
}
