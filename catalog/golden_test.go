package catalog

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
)

// published is the whole table of prices for 1 to 8 images; 0 is not applicable. The
// figures for 1 and 4 images are the published ones, the others follow from P2.
var published = []struct {
	name  string
	req   Request
	price [8]int64
}{
	{"default image", Request{Pipeline: "default"}, [8]int64{1, 2, 3, 4, 5, 6, 7, 8}},
	{"Elements", Request{Pipeline: "default", Elements: 4}, [8]int64{1, 2, 3, 4, 5, 6, 7, 8}},
	{"Prompt Magic V2", Request{Pipeline: "default", PromptMagic: "v2"}, [8]int64{2, 4, 6, 8, 10, 12, 14, 16}},
	{"remove background", Request{Operation: "remove_background"}, [8]int64{2}},
	{"unzoom", Request{Operation: "unzoom"}, [8]int64{5}},
	{"upscaler", Request{Operation: "upscale"}, [8]int64{5}},
	{"Alchemy", Request{Pipeline: "alchemy"}, [8]int64{8, 12, 15, 18, 22, 25, 28, 32}},
	{"Alchemy with Prompt Magic V3", Request{Pipeline: "alchemy", PromptMagic: "v3"}, [8]int64{16, 20, 23, 26, 30, 33, 36, 40}},
	{"Alchemy V2", Request{Pipeline: "alchemy_v2"}, [8]int64{16, 20, 23, 26, 30, 33, 36, 40}},
	{"Alchemy V2, Lightning XL", Request{Pipeline: "alchemy_v2_lightning"}, [8]int64{10, 11, 12, 12, 13, 14, 14, 15}},
	{"Alchemy Upscaler", Request{Operation: "alchemy_upscale"}, [8]int64{8}},
	{"canvas", Request{Pipeline: "canvas"}, [8]int64{1, 2, 3, 4, 5, 6, 7, 8}},
	{"1 reference", Request{Pipeline: "default", References: 1}, [8]int64{1, 2, 3, 4, 5, 6, 7, 8}},
	{"2 references", Request{Pipeline: "default", References: 2}, [8]int64{3, 4, 5, 6, 7, 8, 9, 10}},
	{"3 references", Request{Pipeline: "default", References: 3}, [8]int64{5, 6, 7, 8, 9, 10, 11, 12}},
	{"4 references", Request{Pipeline: "default", References: 4}, [8]int64{7, 8, 9, 10, 11, 12, 13, 14}},
	{"3D texture preview", Request{Operation: "texture_preview"}, [8]int64{5}},
	{"full 3D texture", Request{Operation: "texture"}, [8]int64{30}},
}

func TestPublishedTable(t *testing.T) {
	t.Parallel()
	for _, row := range published {
		for i, want := range row.price {
			req := row.req
			req.Images = i + 1
			price, err := Default().Price(req, 0)
			if want == 0 {
				refusal, ok := err.(*token.Refusal)
				if !ok || refusal.Reason != token.NotApplicable || refusal.Feature != req.Operation || refusal.Field != "images" {
					t.Errorf("%s, %d images: %v, want not_applicable with the feature", row.name, i+1, err)
				}
				continue
			}
			if err != nil || price.Tokens != want {
				t.Errorf("%s, %d images: %d, %v; want %d", row.name, i+1, price.Tokens, err, want)
			}
			addUp(t, price)
		}
	}
}

// addUp checks that a price is the sum of its lines, and that each line says something.
func addUp(t interface {
	Helper()
	Errorf(string, ...any)
}, p Price) {
	t.Helper()
	var sum int64
	for _, l := range p.Lines {
		sum += l.Tokens
		if l.Rule == "" || l.Text == "" {
			t.Errorf("a line of %+v says nothing", p)
		}
	}
	if sum != p.Tokens || p.Tokens < 1 || p.Feature == "" {
		t.Errorf("lines add up to %d: %+v", sum, p)
	}
}

// TestPublishedTableAtLoad: the examples in the file itself are part of the promise.
func TestDefaultCatalogHasExamples(t *testing.T) {
	t.Parallel()
	if n := len(Default().sheet.Examples); n < 8 {
		t.Errorf("the default catalog has %d examples", n)
	}
}

func TestTiers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		req  Request
		want int64
	}{
		{Request{Pipeline: "default"}, 1},
		{Request{Pipeline: "default", Width: 768, Height: 776}, 2},                           // 1.5
		{Request{Pipeline: "default", Width: 1536, Height: 384}, 1},                          // 768² pixels exactly
		{Request{Pipeline: "default", Width: 1024, Height: 1024, Images: 2}, 3},              // 2 × 1.5
		{Request{Pipeline: "default", Width: 1536, Height: 1536, Images: 4}, 10},             // 4 × 2.5
		{Request{Pipeline: "default", Steps: 30}, 1},                                         //
		{Request{Pipeline: "default", Steps: 31}, 2},                                         // 1.5
		{Request{Pipeline: "default", Steps: 60, Width: 1024, Height: 1024}, 3},              // 2.25
		{Request{Pipeline: "alchemy", Images: 2, Steps: 60}, 17},                             // 34/3 × 1.5
		{Request{Pipeline: "alchemy", Images: 2, Steps: 60, Width: 1024}, 26},                // 34/3 × 2.25 = 25.5
		{Request{Pipeline: "alchemy", Images: 2, Width: 1024, PromptMagic: "v3"}, 25},        // add-ons are not multiplied
		{Request{Pipeline: "alchemy_v2", Images: 4, References: 3, Elements: 2}, 30},         // P1
		{Request{Pipeline: "alchemy_v2_lightning", Images: 4, Width: 1024, Height: 768}, 18}, // 12 × 1.5
	} {
		price, err := Default().Price(c.req, 0)
		if err != nil || price.Tokens != c.want {
			t.Errorf("%+v: %d, %v; want %d", c.req, price.Tokens, err, c.want)
			continue
		}
		addUp(t, price)
	}
}

func TestPriceRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		req   Request
		field string // of a *token.Invalid, or "not_applicable: FIELD"
		says  string
	}{
		{Request{}, "pipeline", "default, canvas, alchemy"},
		{Request{Pipeline: "nothing"}, "pipeline", "alchemy_v2_lightning"},
		{Request{Operation: "nothing"}, "operation", "unzoom"},
		{Request{Pipeline: "default", Operation: "unzoom"}, "operation", "not both"},
		{Request{Pipeline: "default", Images: -1}, "images", "1 to 8 at 768×768"},
		{Request{Pipeline: "default", Images: 9}, "images", "1 to 8 at 768×768"},
		{Request{Pipeline: "default", Images: 5, Width: 1024, Height: 1024}, "images", "1 to 4 at 1024×1024"},
		{Request{Pipeline: "default", Width: 770}, "width", "a multiple of 8 from 32 to 1536"},
		{Request{Pipeline: "default", Width: 24}, "width", "from 32"},
		{Request{Pipeline: "default", Width: -768}, "width", "from 32"},
		{Request{Pipeline: "default", Height: 1544}, "height", "to 1536"},
		{Request{Pipeline: "default", Steps: 61}, "steps", "1 to 60"},
		{Request{Pipeline: "default", Steps: -1}, "steps", "1 to 60"},
		{Request{Pipeline: "default", References: 5}, "references", "0 to 4"},
		{Request{Pipeline: "default", References: -1}, "references", "0 to 4"},
		{Request{Pipeline: "default", Elements: 5}, "elements", "0 to 4"},
		{Request{Pipeline: "default", PromptMagic: "v4"}, "prompt_magic", "v2, v3"},
		{Request{Pipeline: "default", Model: "nothing"}, "model", "painter, painter-quick, painter-classic"},
		{Request{Pipeline: "default", PromptMagic: "v3"}, "not_applicable: prompt_magic", "alchemy"},
		{Request{Operation: "unzoom", Images: 2}, "not_applicable: images", "1 with Unzoom"},
		{Request{Operation: "unzoom", Images: -2}, "images", "1"},
		{Request{Operation: "unzoom", Elements: 1}, "not_applicable: elements", "Unzoom"},
		{Request{Operation: "unzoom", References: 1}, "not_applicable: references", "Unzoom"},
		{Request{Operation: "unzoom", Steps: 30}, "not_applicable: steps", "Unzoom"},
		{Request{Operation: "unzoom", Width: 768}, "not_applicable: width", "Unzoom"},
		{Request{Operation: "unzoom", Height: 768}, "not_applicable: height", "Unzoom"},
		{Request{Operation: "unzoom", PromptMagic: "v2"}, "not_applicable: prompt_magic", "Unzoom"},
		{Request{Operation: "unzoom", Model: "x"}, "not_applicable: model", "Unzoom"},
	} {
		_, err := Default().Price(c.req, 0)
		field := ""
		switch err := err.(type) {
		case *token.Invalid:
			field = err.Field
		case *token.Refusal:
			field = string(err.Reason) + ": " + err.Field
		}
		if field != c.field || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v; want %s with %q", c.req, err, c.field, c.says)
		}
	}
}

func TestOverflowIsAnError(t *testing.T) {
	t.Parallel()
	text := string(full(t))
	text = strings.ReplaceAll(text, "multiplier: 3.25", "multiplier: 100")
	text = strings.ReplaceAll(text, "multiplier: 2.5", "multiplier: 100")
	text = strings.ReplaceAll(text, "multiplier: 2,", "multiplier: 99.999,")
	text = strings.ReplaceAll(text, "{1: 1, 4: 3, 8: 5}", "{1: 999999, 7: 1000000}")
	text, _, _ = strings.Cut(text, "examples:")
	c, err := Load("dear.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	price, err := c.Price(Request{Pipeline: "plain", Images: 2, Width: 1024, Height: 768, Steps: 90, Model: "large"}, 0)
	if err != nil || price.Tokens != 999989166675 { // (999999 + 1/6) × 100 × 100 × 99.999
		t.Errorf("%+v, %v", price, err)
	}
	text = strings.ReplaceAll(text, "multiplier: 100", "multiplier: 99.997")
	if c, err = Load("dear.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	_, err = c.Price(Request{Pipeline: "plain", Images: 2, Width: 1024, Height: 768, Steps: 90, Model: "large"}, 0)
	if refusal, ok := err.(*token.Refusal); !ok || refusal.Reason != token.Overflow {
		t.Errorf("%v, want overflow", err)
	}
}
