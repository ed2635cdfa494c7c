package catalog

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// TestCrossFaults puts one thing wrong that depends on another, and wants a fault that
// names the field and what is allowed.
func TestCrossFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, path, says string }{
		{"default_plan: starter", "default_plan: gold", "default_plan", "starter, pro"},
		{"id: pro\n", "id: starter\n", "plans[1].id", "plans[0]"},
		{"{currency: EUR, amount: 5.00}", "{currency: USD, amount: 5.00}", "packs[0].price.currency", "EUR"},
		{"    allowance: {tokens: 5000, every: month}", "    allowance: {tokens: 5000, every: day}", "plans[1].rollover", "every is month"},
		{"{pending: 7, parallel: 4}", "{pending: 3, parallel: 4}", "plans[1].limits.parallel", "at most 3"},
		{"id: fine\n", "id: plain\n", "pipelines[1].id", "pipelines[0]"},
		{"id: sharpen, name", "id: plain, name", "operations[0].id", "id of its own"},
		{"{1: 1, 4: 3, 8: 5}", "{2: 1, 4: 3, 8: 5}", "pipelines[0].tokens", "beginning with 1"},
		{"{1: 1, 4: 3, 8: 5}", "{1: 1, 4: 3, 8: 2}", "pipelines[0].tokens.8", "at least 3"},
		{"addons: [elements]", "addons: [elements, elements]", "pipelines[1].addons[1]", "each one once"},
		{"{id: elements, name: Elements", "{id: image_guidance, name: Elements", "addons[1].id", "addons[0]"},
		{"tokens: {per_image: 1}", "tokens: {per_element: 1}", "addons[2].tokens.per_element", "only with elements"},
		{"tokens: {flat: 8}", "tokens: {per_reference: 8}", "addons[3].tokens.per_reference", "only with image_guidance"},
		{"min: 64", "min: 4096", "sizes.min", "at most 2048"},
		{"multiple: 64", "multiple: 1000", "sizes.presets[0].width", "a multiple of 1000"},
		{"pixels: 4194304", "pixels: 589824", "sizes.tiers[1].pixels", "more than 589824"},
		{"multiplier: 3.25", "multiplier: 0.5", "sizes.tiers[1].multiplier", "at least 1"},
		{"width: 768, height: 768", "width: 770, height: 768", "sizes.presets[0].width", "a multiple of 64"},
		{"width: 768, height: 768", "width: 768, height: 32", "sizes.presets[0].height", "from 64"},
		{"- {name: Square, width: 768, height: 768}", "- {name: Square, width: 768, height: 768}\n    - {name: Square, width: 64, height: 64}", "sizes.presets[1].name", "each one once"},
		{"steps: 100, multiplier: 2.5", "steps: 10, multiplier: 2.5", "steps[1].steps", "more than 20"},
		{"steps: 100, multiplier: 2.5", "steps: 100, multiplier: 0.5", "steps[1].multiplier", "at least 1"},
		{"aliases: [xl]", "aliases: [small]", "models[1].aliases[0]", "models[0].id"},
		{"pipelines: [plain, fine]", "pipelines: [plain, coarse]", "models[1].pipelines[1]", "plain, fine"},
		{"models: [small]", "models: [tiny]", "elements[0].models[0]", "small, large"},
		{"aliases: [ink-1]", "aliases: [ink]", "elements[0].aliases[0]", "elements[0].id"},
		{"weight_default: 1", "weight_default: -2", "elements[0].weight_default", "-1 to 2"},
		{"zone: Asia/Tokyo", "zone: Asia/Atlantis", "off_peak[0].zone", "IANA"},
		{"days: [mon, tue]", "days: []", "off_peak[0].days", "at least one"},
		{"days: [mon, tue]", "days: [mon, mon]", "off_peak[0].days[1]", "each one once"},
		{"until: \"2026-04-01T00:00:00Z\"", "until: \"2026-02-01T00:00:00Z\"", "promotions[0].until", "after 2026-03-01"},
		{"features: [plain, sharpen]", "features: [plain, blur]", "promotions[0].features[1]", "plain, fine, sharpen"},
		{"discount: 15, from: \"2026-01-01T00:00:00Z\"", "discount: 15, from: \"2028-01-01T00:00:00Z\"", "codes[0].until", "after 2028"},
		{"tokens: 20, expires_in: 14d, discount: 15", "expires_in: 14d, discount: 15", "codes[0].expires_in", "only with tokens"},
		{"tokens: 20, expires_in: 14d, discount: 15, ", "", "codes[0]", "a discount"},
		{"plans: [pro]", "plans: [gold]", "codes[0].plans[0]", "starter, pro"},
		{"kinds: [topup, gift]", "kinds: []", "gifts.kinds", "at least one kind"},
		{"key_retention: 45d", "key_retention: 29d", "key_retention", "30d"},
		{"order: [plan, daily, bonus", "order: [plan, daily, plan", "order[2]", "each one once"},
		{"tokens: 37}", "tokens: 38}", "examples[0].tokens", "an example that comes true"},
		{"{request: {operation: sharpen, private: true}, tokens: 3}", "{request: {operation: sharpen}}", "examples[1]", "one of the two"},
		{"{request: {operation: sharpen, private: true}, tokens: 3}", "{request: {pipeline: fine, images: 9}, tokens: 3}", "examples[1].request", "can price"},
		{"images: 2}, refused", "images: 1}, refused", "examples[2].refused", "comes true"},
		{"{request: {operation: sharpen, private: true}, tokens: 3}", "{request: {operation: sharpen, images: 2}, tokens: 3}", "examples[1]", "comes true"},
	} {
		text := string(full(t))
		if !strings.Contains(text, c.old) {
			t.Fatalf("testdata/full.yaml has no %q", c.old)
		}
		_, err := Load("broken.yaml", []byte(strings.Replace(text, c.old, c.new, 1)))
		var faults Faults
		found := false
		if errors.As(err, &faults) {
			for _, f := range faults {
				found = found || f.Path == c.path && strings.Contains(f.Error(), c.says)
			}
		}
		if !found {
			t.Errorf("%q instead of %q: want %s with %q, got %v", c.new, c.old, c.path, c.says, err)
		}
	}
}

func TestAllFaultsAtOnceWithPlaceAndCaret(t *testing.T) {
	t.Parallel()
	text := "zone: UTC\nplns: []\nplans:\n  - {id: Free, name: Free, allowance: {tokens: -1, every: week}, limits: {pending: 1, parallel: 1}}\npipelines: 3\n"
	_, err := Load("prices.yaml", []byte(text))
	want := `prices.yaml:2:1: plns: is an unknown key, did you mean plans?; allowed: zone, daily_reset,`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{
		"prices.yaml:4:10: plans[0].id: \"Free\" is not valid; allowed: 1 to 64 lower-case letters",
		"prices.yaml:4:48: plans[0].allowance.tokens: \"-1\" is not valid; allowed: a whole number, 0 to 9007199254740991\n" +
			"    4 |   - {id: Free, name: Free, allowance: {tokens: -1, every: week}, limits: {pending: 1, parallel: 1}}\n" +
			"      |                                                ^\n",
		"prices.yaml:4:59: plans[0].allowance.every: \"week\" is not valid; allowed: day, month\n",
		"prices.yaml:5:12: pipelines: \"3\" is not valid; allowed: a list of keys id, name",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 5 {
		t.Errorf("%d faults, want 5", len(faults))
	}
}

func TestWhatIsNoCatalogAtAll(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                     "the file is empty",
		"# nothing\n":          "the file is empty",
		"7":                    "allowed: keys zone",
		"- zone":               "allowed: keys zone",
		"zone: [":              "not YAML",
		"zone: \"UTC":          "not YAML",
		"zone: UTC\nzone: UTC": "zone",
		"zone: &a UTC":         "anchors, aliases and tags",
		"zone: !!str UTC":      "anchors, aliases and tags",
		"zone: *a":             "",
		"\t\tzone: UTC":        "",
		strings.Repeat("[", 3000) + strings.Repeat("]", 3000): "nests too deeply",
		strings.Repeat("- ", 3000) + "1":                      "nests too deeply",
		strings.Repeat("#", 5<<20):                            "at most 1048576 bytes",
	} {
		_, err := Load("odd.yaml", []byte(text))
		var faults Faults
		if !errors.As(err, &faults) || !strings.HasPrefix(err.Error(), "odd.yaml:") || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		}
	}
	var faults Faults
	if _, err := Load("long.yaml", []byte(strings.Repeat("x: 1\n", 1000))); !errors.As(err, &faults) || len(faults) > 200 {
		t.Errorf("%d faults", len(faults))
	}
	two := string(DefaultYAML()) + "\n---\n" + string(DefaultYAML())
	if _, err := Load("two.yaml", []byte(two)); err == nil || !strings.Contains(err.Error(), "several documents") {
		t.Errorf("two documents: %v", err)
	}
}

func TestJSONIsACatalogToo(t *testing.T) {
	t.Parallel()
	c, err := Load("small.json", []byte(`{"plans": [{"id": "free", "name": "Free", "allowance": {"tokens": 10, "every": "day"}, "limits": {"pending": 1, "parallel": 1}}],
		"pipelines": [{"id": "plain", "name": "Plain", "tokens": {"1": 2, "3": 3}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if price, err := c.Price(Request{Pipeline: "plain", Images: 2}, 0); err != nil || price.Tokens != 3 {
		t.Errorf("%+v, %v", price, err)
	}
}

func TestSmallCatalogsHaveUsualSizes(t *testing.T) {
	t.Parallel()
	base := "plans: [{id: free, name: Free, allowance: {tokens: 10, every: day}, limits: {pending: 1, parallel: 1}}]\npipelines: [{id: plain, name: Plain, tokens: {1: 2}}]\n"
	for extra, side := range map[string]int{
		"":                                        768,
		"sizes: {max: 512}\n":                     512,
		"sizes: {max: 500, multiple: 64}\n":       448,
		"sizes: {tiers: [{pixels: 250000}]}\n":    496,
		"sizes: {min: 1024, max: 2048}\n":         1024,
		"steps: [{steps: 4}]\n":                   768,
		"sizes: {min: 33, max: 64, multiple: 32}": 64,
	} {
		c, err := Load("small.yaml", []byte(base+extra))
		if err != nil {
			t.Fatal(err)
		}
		if c.side != side {
			t.Errorf("%q: usual side %d, want %d", extra, c.side, side)
		}
		if price, err := c.Price(Request{Pipeline: "plain"}, 0); err != nil || price.Tokens != 2 {
			t.Errorf("%q: %+v, %v", extra, price, err)
		}
	}
}

// FuzzLoad wants every text either loaded, and then printed to the same version, or
// refused with faults that have a place.
func FuzzLoad(f *testing.F) {
	f.Add(DefaultYAML())
	text, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("plans:\n- {id: a, name: A, allowance: {tokens: 1, every: day}, limits: {pending: 1, parallel: 1}}\npipelines:\n- id: p\n  name: \"P: #\"\n  tokens: {1: 1, 2: 3}\n"))
	f.Add([]byte("zone: [\n"))
	f.Add([]byte("? a\n: b\n"))
	f.Add([]byte("{plans: !!map {<<: *x}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Load("fuzz.yaml", text)
		var faults Faults
		if err != nil {
			if !errors.As(err, &faults) || len(faults) == 0 || faults[0].Line < 1 || faults[0].Column < 1 || err.Error() == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		again, err := Load("print.yaml", c.Print())
		if err != nil || again.Version() != c.Version() {
			t.Fatalf("printed, it does not load as the same: %v\n%s", err, c.Print())
		}
		if d := Diff(c, again); len(d) > 0 {
			t.Fatalf("printed, it differs: %v", d)
		}
	})
}
