package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/florin-studio/florin/token"
)

// The lists below are copies: callers may keep and change them.

// Plans gives the plans in rising order.
func (c *Catalog) Plans() []Plan {
	out := slices.Clone(c.sheet.Plans)
	for i := range out {
		if f := out[i].Price; f != nil {
			fee := *f
			out[i].Price = &fee
		}
		if b := out[i].Rollover; b != nil {
			bank := *b
			out[i].Rollover = &bank
		}
	}
	return out
}

// Plan finds a plan by id.
func (c *Catalog) Plan(id string) (Plan, bool) {
	for _, p := range c.Plans() {
		if p.ID == id {
			return p, true
		}
	}
	return Plan{}, false
}

// DefaultPlan is the id of the plan of new people.
func (c *Catalog) DefaultPlan() string { return c.sheet.DefaultPlan }

// Zone is the IANA name for accounts that name none.
func (c *Catalog) Zone() string { return c.sheet.Zone }

// Pipelines gives the ways to make pictures, in the file's order.
func (c *Catalog) Pipelines() []Pipeline {
	out := slices.Clone(c.sheet.Pipelines)
	for i := range out {
		out[i].Tokens, out[i].Addons = maps.Clone(out[i].Tokens), slices.Clone(out[i].Addons)
	}
	return out
}

// Operations gives what is done to one picture or model, in the file's order.
func (c *Catalog) Operations() []Operation { return slices.Clone(c.sheet.Operations) }

// Addons gives what can be added to pipelines, in the file's order.
func (c *Catalog) Addons() []Addon { return slices.Clone(c.sheet.Addons) }

// Sizes gives the bounds, tiers and presets of sizes.
func (c *Catalog) Sizes() Sizes {
	s := c.sheet.Sizes
	s.Tiers, s.Presets = slices.Clone(s.Tiers), slices.Clone(s.Presets)
	return s
}

// StepTiers gives the tiers of steps; the last one bounds them.
func (c *Catalog) StepTiers() []StepTier { return slices.Clone(c.sheet.Steps) }

// MaxImages is how many pictures of a size a pipeline makes at once; 0 where the pipeline
// or the size is not in the catalog.
func (c *Catalog) MaxImages(pipeline string, width, height int) int {
	p := c.pipelines[pipeline]
	t := c.sizeTier(&Request{Width: width, Height: height})
	if p == nil || t == nil || c.sheet.Sizes.wrong(width) != "" || c.sheet.Sizes.wrong(height) != "" {
		return 0
	}
	return min(p.MaxImages, t.maxImages)
}

// Models gives the models that requests may name, in the file's order.
func (c *Catalog) Models() []Model {
	out := slices.Clone(c.sheet.Models)
	for i := range out {
		out[i].Pipelines, out[i].Aliases = slices.Clone(out[i].Pipelines), slices.Clone(out[i].Aliases)
	}
	return out
}

// Model finds a model by id or alias.
func (c *Catalog) Model(id string) (Model, bool) {
	for _, m := range c.Models() {
		if m.ID == id || slices.Contains(m.Aliases, id) {
			return m, true
		}
	}
	return Model{}, false
}

// Elements gives the Elements, in the file's order.
func (c *Catalog) Elements() []Element {
	out := slices.Clone(c.sheet.Elements)
	for i := range out {
		out[i].Models, out[i].Aliases = slices.Clone(out[i].Models), slices.Clone(out[i].Aliases)
	}
	return out
}

// Guides gives the kinds of reference pictures, in the file's order.
func (c *Catalog) Guides() []Guide {
	out := slices.Clone(c.sheet.Guides)
	for i := range out {
		out[i].Aliases = slices.Clone(out[i].Aliases)
	}
	return out
}

// Blocked finds the first of the blocked words in a text: as a word of its own, or as
// words in a row, whatever their case.
func (c *Catalog) Blocked(text string) (word string, found bool) {
	if len(c.sheet.Blocked) == 0 {
		return "", false
	}
	text = words(text)
	for _, w := range c.sheet.Blocked {
		if plain := words(w); plain != "  " && strings.Contains(text, plain) {
			return w, true
		}
	}
	return "", false
}

// words is a text in lower case with one space around each word and nothing else.
func words(text string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ") + " "
}

// Packs gives the top-ups that are on offer, by size.
func (c *Catalog) Packs() []Pack {
	var out []Pack
	for _, p := range c.sheet.Packs {
		if !p.Enabled {
			continue
		}
		if p.Price != nil {
			price := *p.Price
			p.Price = &price
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Pack) int { return cmp.Compare(a.Tokens, b.Tokens) })
	return out
}

// QuoteExpiry is how long a quote binds, in milliseconds (P6).
func (c *Catalog) QuoteExpiry() int64 { return int64(c.sheet.Quotes.ExpiresIn) }

// KeyRetention is how long idempotency keys are remembered, in milliseconds (T17).
func (c *Catalog) KeyRetention() int64 { return int64(c.sheet.KeyRetention) }

// RelaxedShare is the percentage of the engines that relaxed jobs get at least.
func (c *Catalog) RelaxedShare() int { return c.sheet.Relaxed.Share }

// FeatureName is the name of a pipeline, operation or add-on as people see it, or the id.
func (c *Catalog) FeatureName(id string) string {
	if p := c.pipelines[id]; p != nil {
		return p.Name
	}
	if o := c.operations[id]; o != nil {
		return o.Name
	}
	if a := c.addons[id]; a != nil {
		return a.Name
	}
	return id
}

// Owed is what tokens owed do (T29).
func (c *Catalog) Owed() token.OwedAction { return token.OwedAction(c.sheet.Owed) }

// describeRequest is a request in words: "alchemy_v2, 4 images, 3 references".
func describeRequest(r Request) string {
	parts := []string{r.Pipeline + r.Operation}
	if r.Images > 0 {
		parts = append(parts, count(r.Images, "image"))
	}
	if r.Width > 0 || r.Height > 0 {
		parts = append(parts, count(r.Width, "pixel")+" wide", count(r.Height, "pixel")+" high")
	}
	if r.Steps > 0 {
		parts = append(parts, count(r.Steps, "step"))
	}
	if r.PromptMagic != "" {
		parts = append(parts, "Prompt Magic "+strings.ToUpper(r.PromptMagic))
	}
	if r.References > 0 {
		parts = append(parts, count(r.References, "reference"))
	}
	if r.Elements > 0 {
		parts = append(parts, count(r.Elements, "element"))
	}
	if r.Model != "" {
		parts = append(parts, "model "+r.Model)
	}
	return strings.Join(parts, ", ")
}
