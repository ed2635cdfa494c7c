package catalog

import (
	"strings"
	"testing"

	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

func TestPremiumFeatures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		req     Request
		feature string // "" where the free plan has it
	}{
		{Request{Pipeline: "default"}, ""},
		{Request{Pipeline: "canvas", Elements: 4, PromptMagic: "v2", References: 1}, ""},
		{Request{Pipeline: "alchemy"}, "alchemy"},
		{Request{Pipeline: "alchemy_v2"}, "alchemy_v2"},
		{Request{Pipeline: "alchemy_v2_lightning"}, "alchemy_v2_lightning"},
		{Request{Pipeline: "default", PromptMagic: "v3"}, "prompt_magic_v3"},
		{Request{Pipeline: "default", References: 2}, "image_guidance"},
		{Request{Pipeline: "default", References: 4}, "image_guidance"},
		{Request{Pipeline: "default", Private: true}, "private"},
		{Request{Operation: "alchemy_upscale"}, "alchemy_upscale"},
		{Request{Operation: "texture"}, "texture"},
		{Request{Operation: "texture_preview"}, ""},
		{Request{Operation: "unzoom"}, ""},
		{Request{Operation: "upscale"}, ""},
		{Request{Operation: "remove_background"}, ""},
	} {
		refusal := Default().Allow(c.req, "free")
		switch {
		case c.feature == "" && refusal != nil:
			t.Errorf("%+v: %v", c.req, refusal)
		case c.feature != "" && (refusal == nil || refusal.Reason != token.PlanRequired || refusal.Feature != c.feature ||
			strings.Join(refusal.Plans, " ") != "apprentice"):
			t.Errorf("%+v: %+v, want plan_required for %s on apprentice", c.req, refusal, c.feature)
		}
		for _, plan := range []string{"apprentice", "artisan", "maestro"} {
			if refusal := Default().Allow(c.req, plan); refusal != nil {
				t.Errorf("%+v on %s: %v", c.req, plan, refusal)
			}
		}
	}
	if refusal := Default().Allow(Request{Pipeline: "default"}, "gold"); refusal == nil || refusal.Reason != token.UnknownPlan {
		t.Errorf("%v", refusal)
	}
}

func TestTheCheapestPlanIsNamed(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(string(DefaultYAML()), "examples:")
	c := load(t, strings.Replace(text, "month: 30.00", "month: 7.00", 1))
	if r := c.Allow(Request{Pipeline: "alchemy"}, "free"); r == nil || strings.Join(r.Plans, " ") != "artisan" {
		t.Errorf("%+v", r)
	}
	c = load(t, strings.ReplaceAll(text, "    premium: true\n    weight", "    weight"))
	if r := c.Allow(Request{Pipeline: "alchemy"}, "maestro"); r == nil || len(r.Plans) != 0 || r.Feature != "alchemy" {
		t.Errorf("%+v", r)
	}
	if r := c.Allow(Request{Pipeline: "default", Private: true}, "free"); r == nil || strings.Join(r.Plans, " ") != "apprentice" || r.Feature != "private" {
		t.Errorf("%+v", r)
	}
}

func at(t *testing.T, text string) token.Instant {
	t.Helper()
	i, err := calendar.ParseInstant(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestOffPeakAndPromotions(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(string(DefaultYAML()), "examples:")
	text = strings.Replace(text, "off_peak: []", `off_peak:
  - {id: night, name: Night, days: [fri], from: "22:00", until: "06:00", zone: Europe/Rome, percent: 50}
  - {id: noon, name: Noon, from: "12:00", until: "13:00", percent: 20}
  - {id: lunch, name: Lunch, from: "12:30", until: "12:45", percent: 30}`, 1)
	text = strings.Replace(text, "promotions: []", `promotions:
  - {id: may, name: May, from: "2026-05-01T00:00:00Z", until: "2026-06-01T00:00:00Z", percent: 10, features: [alchemy]}
  - {id: may2, name: More, from: "2026-05-20T00:00:00Z", until: "2026-06-01T00:00:00Z", percent: 15}`, 1)
	c := load(t, text)
	for _, k := range []struct {
		when, feature string
		want          int64
		rules         string
	}{
		{"2026-05-01T21:59:59+02:00", "alchemy_v2", 26, ""},               // a Friday
		{"2026-05-01T22:00:00+02:00", "alchemy_v2", 13, "off_peak/night"}, //
		{"2026-05-02T05:59:59+02:00", "alchemy_v2", 13, "off_peak/night"}, // the Saturday after
		{"2026-05-02T06:00:00+02:00", "alchemy_v2", 26, ""},
		{"2026-05-02T22:00:00+02:00", "alchemy_v2", 26, ""},
		{"2026-05-02T12:00:00Z", "alchemy_v2", 21, "off_peak/noon"},             // 20.8
		{"2026-05-02T12:30:00Z", "alchemy_v2", 19, "off_peak/lunch"},            // 18.2
		{"2026-05-02T10:00:00Z", "alchemy", 17, "promotion/may"},                // 16.2
		{"2026-05-02T12:30:00Z", "alchemy", 12, "off_peak/lunch promotion/may"}, // 18 × 0.7 × 0.9 = 11.34
		{"2026-05-21T10:00:00Z", "alchemy", 16, "promotion/may2"},               // 15.3
		{"2026-05-21T10:00:00Z", "default", 4, "promotion/may2"},                // 3.4
		{"2026-06-01T00:00:00Z", "alchemy", 18, ""},
	} {
		price, err := c.Price(Request{Pipeline: k.feature, Images: 4}, at(t, k.when))
		if err != nil {
			t.Fatal(err)
		}
		addUp(t, price)
		var rules []string
		for _, l := range price.Lines[1:] {
			rules = append(rules, l.Rule)
			if l.Tokens > 0 {
				t.Errorf("%s: a discount of %d", k.when, l.Tokens)
			}
		}
		if price.Tokens != k.want || strings.Join(rules, " ") != k.rules {
			t.Errorf("%s, %s: %d by %v, want %d by %s", k.when, k.feature, price.Tokens, rules, k.want, k.rules)
		}
	}
	ahead := c.Discounts(at(t, "2026-05-01T00:00:00Z"), at(t, "2026-05-03T00:00:00Z"))
	var ids []string
	for _, d := range ahead {
		ids = append(ids, d.ID)
	}
	if strings.Join(ids, " ") != "may noon lunch night noon lunch" {
		t.Errorf("ahead: %v", ids)
	}
}

// TestOffPeakNeverFree: however large the discounts, a price is at least 1.
func TestOffPeakNeverFree(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(string(DefaultYAML()), "examples:")
	text = strings.Replace(text, "off_peak: []", `off_peak: [{id: all, name: All day, from: "00:00", until: "00:00", percent: 99}]`, 1)
	text = strings.Replace(text, "promotions: []", `promotions: [{id: p, name: P, from: "2020-01-01T00:00:00Z", until: "2030-01-01T00:00:00Z", percent: 99}]`, 1)
	price, err := load(t, text).Price(Request{Pipeline: "default"}, at(t, "2026-05-01T10:00:00Z"))
	if err != nil || price.Tokens != 1 {
		t.Errorf("%+v, %v", price, err)
	}
	addUp(t, price)
}

func TestModels(t *testing.T) {
	t.Parallel()
	c := load(t, string(full(t)))
	for _, k := range []struct {
		req  Request
		want int64
		says string
	}{
		{Request{Pipeline: "plain", Images: 8, Steps: 20, Model: "large"}, 10, ""},
		{Request{Pipeline: "plain", Images: 8, Steps: 20, Model: "xl"}, 10, ""},
		{Request{Pipeline: "plain", Images: 8, Steps: 20, Model: "b24e16ff-06e3-43eb-8d33-4416c2d75876"}, 3, ""}, // 2.5
		{Request{Pipeline: "fine", Model: "small"}, 0, "not_applicable"},
		{Request{Pipeline: "plain", Model: "huge"}, 0, "allowed: small, large"},
	} {
		price, err := c.Price(k.req, 0)
		if price.Tokens != k.want || (k.says != "") != (err != nil) || (err != nil && !strings.Contains(err.Error(), k.says)) {
			t.Errorf("%+v: %+v, %v", k.req, price, err)
		}
	}
	if m, ok := c.Model("xl"); !ok || m.ID != "large" {
		t.Errorf("%+v", m)
	}
	price, err := c.Price(Request{Operation: "sharpen"}, 0)
	if err != nil || !price.FastOnly {
		t.Errorf("%+v, %v: a feature with relaxed: false is for the fast lane only", price, err)
	}
}

// TestAccessorsGiveCopies: what callers do to lists does not reach the catalog.
func TestAccessorsGiveCopies(t *testing.T) {
	t.Parallel()
	c := load(t, string(full(t)))
	before := string(c.Print())
	c.Plans()[1].Price.Month = 1
	c.Plans()[1].Rollover.Cap = 1
	c.Pipelines()[0].Tokens[1] = 99
	c.Pipelines()[0].Addons[0] = "x"
	c.Operations()[0].Tokens = 99
	c.Addons()[0].Max = 1
	c.Sizes().Tiers[0].Pixels = 1
	c.StepTiers()[0].Steps = 1
	c.Models()[0].Aliases[0] = "x"
	c.Elements()[0].Models[0] = "x"
	c.Packs()[0].Price.Amount = 1
	if string(c.Print()) != before {
		t.Error("a list is shared")
	}
	if c.MaxImages("plain", 768, 768) != 10 || c.MaxImages("plain", 1024, 768) != 2 || c.MaxImages("fine", 768, 768) != 4 || c.MaxImages("plain", 65, 64) != 0 || c.MaxImages("none", 64, 64) != 0 {
		t.Error("most images")
	}
}
