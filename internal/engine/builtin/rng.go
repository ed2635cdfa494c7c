package builtin

// rng is a small random stream (splitmix64). It is part of what makes a picture
// repeatable, so its sequence must not change.
type rng uint64

// newRng starts a stream from a seed and the texts that shape the picture.
func newRng(seed int64, texts ...string) *rng {
	h := uint64(0xcbf29ce484222325)
	for _, text := range texts {
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 0x100000001b3
		}
		h = (h ^ 0xff) * 0x100000001b3
	}
	r := rng(h ^ uint64(seed)*0x9e3779b97f4a7c15)
	r.next()
	return &r
}

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float is in [0,1).
func (r *rng) float() float64 { return float64(r.next()>>11) / (1 << 53) }

// between is in [low,high).
func (r *rng) between(low, high float64) float64 { return low + (high-low)*r.float() }

// below is in 0..n-1.
func (r *rng) below(n int) int { return int(r.next() % uint64(n)) }

// chance is true with probability p.
func (r *rng) chance(p float64) bool { return r.float() < p }

// pick chooses one of the values.
func pick[T any](r *rng, values ...T) T { return values[r.below(len(values))] }

// shuffle reorders values in place.
func shuffle[T any](r *rng, values []T) {
	for i := len(values) - 1; i > 0; i-- {
		j := r.below(i + 1)
		values[i], values[j] = values[j], values[i]
	}
}

// hash gives a number in [0,1) that belongs to a lattice cell and a salt.
func hash(x, y, salt int) float64 {
	h := uint32(x)*0x85ebca6b ^ uint32(y)*0xc2b2ae35 ^ uint32(salt)*0x27d4eb2f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	h ^= h >> 15
	return float64(h>>8) / (1 << 24)
}
