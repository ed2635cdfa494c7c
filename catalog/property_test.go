package catalog

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/florin-studio/florin/token"
)

// drawRequest makes up a pipeline's request, mostly one that is allowed.
func drawRequest(t *rapid.T, c *Catalog) Request {
	var ids []string
	for _, p := range c.Pipelines() {
		ids = append(ids, p.ID)
	}
	step := c.sheet.Sizes.Multiple
	side := rapid.IntRange(c.sheet.Sizes.smallest()/step, c.sheet.Sizes.Max/step)
	req := Request{
		Pipeline:    rapid.SampledFrom(ids).Draw(t, "pipeline"),
		Images:      rapid.IntRange(1, 8).Draw(t, "images"),
		Width:       side.Draw(t, "width") * step,
		Height:      side.Draw(t, "height") * step,
		Steps:       rapid.IntRange(1, c.mostSteps()).Draw(t, "steps"),
		References:  rapid.IntRange(0, 4).Draw(t, "references"),
		Elements:    rapid.IntRange(0, 4).Draw(t, "elements"),
		PromptMagic: rapid.SampledFrom([]string{"", "v2", "v3"}).Draw(t, "prompt magic"),
	}
	models := slices.DeleteFunc(c.Models(), func(m Model) bool {
		return len(m.Pipelines) > 0 && !slices.Contains(m.Pipelines, req.Pipeline)
	})
	if len(models) > 0 && rapid.Bool().Draw(t, "with model") {
		req.Model = rapid.SampledFrom(models).Draw(t, "model").ID
	}
	return req
}

// more makes a request larger in one way.
func more(t *rapid.T, c *Catalog, req Request) Request {
	switch rapid.IntRange(0, 6).Draw(t, "more") {
	case 0:
		req.Images++
	case 1:
		req.Width += c.sheet.Sizes.Multiple * rapid.IntRange(1, 20).Draw(t, "wider")
	case 2:
		req.Height += c.sheet.Sizes.Multiple
	case 3:
		req.Steps += rapid.IntRange(1, 10).Draw(t, "steps more")
	case 4:
		req.References++
	case 5:
		req.Elements++
	case 6:
		if req.PromptMagic == "" {
			req.PromptMagic = rapid.SampledFrom([]string{"v2", "v3"}).Draw(t, "magic")
		}
	}
	return req
}

func TestMoreNeverCostsLess(t *testing.T) {
	t.Parallel()
	rich, err := Load("full.yaml", full(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Catalog{Default(), rich} {
		rapid.Check(t, func(t *rapid.T) {
			at := token.Instant(rapid.Int64Range(1, 4_000_000_000_000).Draw(t, "at"))
			small := drawRequest(t, c)
			large := more(t, c, small)
			a, err := c.Price(small, at)
			if err != nil {
				typed(t, err)
				return
			}
			addUp(t, a)
			b, err := c.Price(large, at)
			if err != nil {
				typed(t, err)
				return
			}
			addUp(t, b)
			if b.Tokens < a.Tokens {
				t.Fatalf("%+v costs %d, and the larger %+v costs %d", small, a.Tokens, large, b.Tokens)
			}
		})
	}
}

// typed checks that a price is refused in one of the two ways.
func typed(t *rapid.T, err error) {
	var refusal *token.Refusal
	var invalid *token.Invalid
	if !errors.As(err, &refusal) && !errors.As(err, &invalid) {
		t.Fatalf("%T: %v", err, err)
	}
}

// TestPriceOracle compares with a price computed from the text of P1 to P4 with big
// fractions.
func TestPriceOracle(t *testing.T) {
	t.Parallel()
	base := map[string][2]int64{"default": {1, 4}, "canvas": {1, 4}, "alchemy": {8, 18}, "alchemy_v2": {16, 26}, "alchemy_v2_lightning": {10, 12}}
	rapid.Check(t, func(t *rapid.T) {
		req := drawRequest(t, Default())
		price, err := Default().Price(req, 0)
		pixels := req.Width * req.Height
		possible := (pixels <= 768*768 || req.Images <= 4) && (req.PromptMagic != "v3" || req.Pipeline == "alchemy")
		if (err == nil) != possible {
			t.Fatalf("%+v: %v", req, err)
		}
		if err != nil {
			return
		}
		points := base[req.Pipeline]
		sum := big.NewRat(points[1]-points[0], 3)
		sum.Mul(sum, big.NewRat(int64(req.Images-1), 1))
		sum.Add(sum, big.NewRat(points[0], 1))
		switch {
		case pixels > 1024*1024:
			sum.Mul(sum, big.NewRat(5, 2))
		case pixels > 768*768:
			sum.Mul(sum, big.NewRat(3, 2))
		}
		if req.Steps > 30 {
			sum.Mul(sum, big.NewRat(3, 2))
		}
		extra := int64(0)
		switch req.PromptMagic {
		case "v2":
			extra += int64(req.Images)
		case "v3":
			extra += 8
		}
		if req.References > 1 {
			extra += 2 * int64(req.References-1)
		}
		sum.Add(sum, big.NewRat(extra, 1))
		want := new(big.Int).Add(sum.Num(), new(big.Int).Sub(sum.Denom(), big.NewInt(1)))
		want.Div(want, sum.Denom())
		if price.Tokens != want.Int64() {
			t.Fatalf("%+v: %d, want %s", req, price.Tokens, want)
		}
	})
}

// TestRatioIsExact compares with big fractions.
func TestRatioIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.Int64Range(0, 1<<30).Draw(t, "n"), rapid.Int64Range(1, 64).Draw(t, "d")
		r, exact := newRatio(n, d), big.NewRat(n, d)
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			x, y := rapid.Int64Range(1, 100_000).Draw(t, "x"), rapid.Int64Range(1, 1000).Draw(t, "y")
			r = r.times(x, y).plus(x)
			exact.Mul(exact, big.NewRat(x, y))
			exact.Add(exact, big.NewRat(x, 1))
		}
		if r.d == 0 {
			limit := new(big.Int).Lsh(big.NewInt(1), 61)
			if exact.Num().Cmp(limit) < 0 && exact.Denom().Cmp(limit) < 0 {
				t.Skip("an overflow on the way, which the end does not show")
			}
			return
		}
		if exact.Cmp(big.NewRat(r.n, r.d)) != 0 {
			t.Fatalf("%d/%d, want %s", r.n, r.d, exact)
		}
	})
}
