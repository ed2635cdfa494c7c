package material

import (
	"math"
	"testing"
)

// apart is how much two texels differ.
func apart(a, b Texel) float64 {
	return a.Color.Sub(b.Color).Length() + math.Abs(a.Height-b.Height) + math.Abs(a.Rough-b.Rough) + math.Abs(a.Metal-b.Metal)
}

// TestSeamless compares every material with itself one turn further, on both axes.
func TestSeamless(t *testing.T) {
	t.Parallel()
	prompts := []string{"moss on cracked wet stone", "marble with gold veins", "old dirty large tiles", "small red brick"}
	for tag, words := range groups {
		if len(tag) > 3 && tag[:3] == "is/" {
			if recipes[tag[3:]].make == nil {
				t.Errorf("%s has no recipe", tag)
				continue
			}
			prompts = append(prompts, firstWord(words))
		}
	}
	for _, p := range prompts {
		s := New(p, 5)
		for i := range 300 {
			u, v := math.Mod(float64(i)*0.6180339887, 1), math.Mod(float64(i)*0.7548776662, 1)
			if i < 60 {
				u = 1e-7
			} else if i < 120 {
				v = 1e-7
			}
			here := s.At(u, v)
			if here.Color.X != here.Color.X || here.Height < 0 || here.Height > 1 {
				t.Fatalf("%s: unsound texel %+v", p, here)
			}
			for _, d := range [][2]float64{{1, 0}, {0, 1}, {1, 1}, {-1, 0}} {
				if a := apart(here, s.At(u+d[0], v+d[1])); a > 1e-3 {
					t.Errorf("%s does not repeat at %.4f, %.4f: off by %.4f", p, u, v, a)
					break
				}
			}
		}
	}
}

func firstWord(words string) string {
	for i, r := range words {
		if r == ' ' {
			return words[:i]
		}
	}
	return words
}

func TestSameSeedSameSurface(t *testing.T) {
	t.Parallel()
	a, b, c := New("rusty iron", 1), New("rusty iron", 1), New("rusty iron", 2)
	if a.At(0.3, 0.4) != b.At(0.3, 0.4) {
		t.Error("the same seed gave another surface")
	}
	if a.At(0.3, 0.4) == c.At(0.3, 0.4) {
		t.Error("another seed gave the same surface")
	}
}
