package api

import (
	"context"
	"strings"

	"github.com/florin-studio/florin/catalog"
)

// Catalog is what things cost and what plans give, as the pages need it.
type Catalog struct {
	Version    string      `json:"version"`
	Pipelines  []Pipeline  `json:"pipelines"`
	Addons     []Addon     `json:"addons"`
	Operations []Operation `json:"operations"`
	Sizes      []Size      `json:"sizes"`
	Models     []Model     `json:"models"`
	Plans      []Plan      `json:"plans"`
	Elements   []Style     `json:"elements" doc:"Elements that an engine here can use."`
	References []string    `json:"references" doc:"Kinds of references that an engine here follows."`
	// PromptMagic and Prompts tell what the engines here help with.
	PromptMagic bool `json:"prompt_magic" doc:"Whether an engine here has Prompt Magic."`
	Prompts     bool `json:"prompts" doc:"Whether an engine here improves prompts."`
}

// Style is an Element that a request may name.
type Style struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	WeightMin   int    `json:"weight_min"`
	WeightMax   int    `json:"weight_max"`
	Weight      int    `json:"weight" doc:"Its usual weight."`
}

// Pipeline is a way to make pictures.
type Pipeline struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Premium     bool   `json:"premium"`
	MaxImages   int    `json:"max_images"`
	// Addons that it takes.
	Addons []string `json:"addons" doc:"Add-ons that it takes."`
}

// Addon is something that can be added to a pipeline.
type Addon struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	PremiumFrom int    `json:"premium_from"`
	Max         int    `json:"max"`
}

// Operation is something done to one picture or model.
type Operation struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Tokens      int64  `json:"tokens"`
	Premium     bool   `json:"premium"`
	Missing     string `json:"missing,omitempty" doc:"Why it can't be had here and how to get it; empty where it can."`
}

// Size is one that the page offers.
type Size struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	// MaxImages at this size.
	MaxImages int `json:"max_images"`
}

// Model is one that a request may name.
type Model struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Plan is what a subscription gives.
type Plan struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Allowance   Allowance `json:"allowance"`
	DailyFloor  int64     `json:"daily_floor"`
	Pending     int       `json:"pending"`
	Parallel    int       `json:"parallel"`
	Private     bool      `json:"private"`
	Premium     bool      `json:"premium"`
	Relaxed     bool      `json:"relaxed"`
	Price       *Price    `json:"price"`
}

// Allowance is tokens that come by themselves.
type Allowance struct {
	Tokens int64  `json:"tokens"`
	Every  string `json:"every" enum:"day,month"`
}

// Price is money, in hundredths of the currency.
type Price struct {
	Currency string `json:"currency"`
	Month    int64  `json:"month"`
	Year     int64  `json:"year"`
}

func (s *server) catalog(context.Context, *struct{}) (*answer[Catalog], error) {
	c := s.Studio.Catalog()
	out := Catalog{Version: c.Version(), Pipelines: []Pipeline{}, Addons: []Addon{}, Operations: []Operation{}, Sizes: []Size{}, Models: []Model{}, Plans: []Plan{}}
	for _, p := range c.Pipelines() {
		if !s.Studio.Makes(p.ID) {
			continue // it has a price, but nobody here paints it
		}
		out.Pipelines = append(out.Pipelines, Pipeline{ID: p.ID, Name: p.Name, Description: p.Description, Premium: p.Premium, MaxImages: p.MaxImages, Addons: append([]string{}, p.Addons...)})
	}
	for _, a := range c.Addons() {
		out.Addons = append(out.Addons, Addon{ID: a.ID, Name: a.Name, Description: a.Description, PremiumFrom: a.PremiumFrom, Max: a.Max})
	}
	for _, o := range c.Operations() {
		out.Operations = append(out.Operations, Operation{ID: o.ID, Name: o.Name, Description: o.Description, Tokens: o.Tokens, Premium: o.Premium, Missing: s.Studio.Lacks(o.ID)})
	}
	for _, size := range c.Sizes().Presets {
		out.Sizes = append(out.Sizes, Size{Name: size.Name, Width: size.Width, Height: size.Height, MaxImages: c.MaxImages(c.Pipelines()[0].ID, size.Width, size.Height)})
	}
	for _, m := range c.Models() {
		out.Models = append(out.Models, Model{ID: m.ID, Name: m.Name, Description: m.Description})
	}
	for _, p := range c.Plans() {
		plan := Plan{ID: p.ID, Name: p.Name, Description: p.Description, Allowance: Allowance{Tokens: p.Allowance.Tokens, Every: p.Allowance.Every},
			DailyFloor: p.DailyFloor, Pending: p.Limits.Pending, Parallel: p.Limits.Parallel, Private: p.Private, Premium: p.Premium, Relaxed: p.Relaxed}
		if p.Price != nil {
			plan.Price = &Price{Currency: p.Price.Currency, Month: int64(p.Price.Month), Year: int64(p.Price.Year)}
		}
		out.Plans = append(out.Plans, plan)
	}
	s.addAbility(c, &out)
	return &answer[Catalog]{Body: out}, nil
}

// addAbility adds what the engines here can do, in the catalog's words where it has some.
func (s *server) addAbility(c *catalog.Catalog, out *Catalog) {
	can := s.Studio.Ability()
	out.Elements, out.References, out.PromptMagic, out.Prompts = []Style{}, []string{}, can.PromptMagic, can.Prompts
	named := map[string]Style{}
	for _, e := range c.Elements() {
		named[e.ID] = Style{ID: e.ID, Name: e.Name, Description: e.Description, WeightMin: e.WeightMin, WeightMax: e.WeightMax, Weight: e.Weight}
	}
	for _, id := range can.Elements {
		style, ok := named[id]
		if !ok {
			style = Style{ID: id, Name: sentenceCase(id), WeightMax: 2, Weight: 1}
		}
		out.Elements = append(out.Elements, style)
	}
	for _, kind := range can.References {
		out.References = append(out.References, string(kind))
	}
}

// sentenceCase makes an id readable: "pixel_art" is "Pixel art".
func sentenceCase(id string) string {
	words := strings.NewReplacer("_", " ", "-", " ").Replace(id)
	return strings.ToUpper(words[:1]) + words[1:]
}
