package catalog

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/florin-studio/florin/catalog/internal/form"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Fault is one thing wrong in a file, Faults all of them.
type (
	Fault  = form.Fault
	Faults = form.Faults
)

// Catalog is a checked price list. It never changes.
type Catalog struct {
	sheet   sheet
	version string
	rules   *token.Rules

	pipelines  map[string]*pricedPipeline
	operations map[string]*pricedOperation
	models     map[string]*Model
	addons     map[string]*pricedAddon
	sizeTiers  []tier
	stepTiers  []tier
	windows    []window
	promotions []Promotion
	// The add-ons that requests know, each nil where the catalog has none.
	magic2, magic3, guidance, elements *pricedAddon
	// side is what a missing width or height stands for.
	side int
}

//go:embed default.yaml
var defaultYAML []byte

var loadDefault = sync.OnceValue(func() *Catalog {
	c, err := Load("default.yaml", defaultYAML)
	if err != nil {
		panic("catalog: the default catalog is faulty: " + err.Error())
	}
	return c
})

// Default gives the catalog that Florin ships with.
func Default() *Catalog { return loadDefault() }

// DefaultYAML gives the text of the catalog that Florin ships with.
func DefaultYAML() []byte { return slices.Clone(defaultYAML) }

// Load reads and checks a catalog. The name stands in faults, which come all at once:
// the error is of type Faults.
func Load(name string, yaml []byte) (*Catalog, error) {
	docs, err := form.Documents(name, yaml)
	if err != nil {
		return nil, err
	}
	doc := docs[0]
	c := &Catalog{}
	doc.Read(&c.sheet)
	if len(docs) > 1 {
		doc.Fault("", "", "the file has several documents", "one document")
	}
	c.sheet.complete()
	if err := doc.Err(); err != nil {
		// What depends on other fields is judged only where each field by itself is right.
		return nil, err
	}
	return c.finish(doc)
}

// finish checks a sheet that has been read, and makes it ready.
func (c *Catalog) finish(doc *form.Document) (*Catalog, error) {
	check(doc, &c.sheet)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	c.prepare()
	c.checkExamples(doc)
	return c.orFaults(doc)
}

func (c *Catalog) orFaults(doc *form.Document) (*Catalog, error) {
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// complete fills in what a missing part stands for.
func (s *sheet) complete() {
	if s.DefaultPlan == "" && len(s.Plans) > 0 {
		s.DefaultPlan = s.Plans[0].ID
	}
	if len(s.Sizes.Tiers) == 0 {
		s.Sizes.Tiers = []SizeTier{{Pixels: int64(s.Sizes.Max) * int64(s.Sizes.Max), Multiplier: One, MaxImages: 8}}
	}
	if len(s.Steps) == 0 {
		s.Steps = []StepTier{{Steps: 60, Multiplier: One}}
	}
}

// prepare builds what is looked up while pricing.
func (c *Catalog) prepare() {
	s := &c.sheet
	c.version = version(s)
	c.rules = rules(s, c.version)
	c.prepareFeatures()
	c.prepareAddons()
	for _, t := range s.Sizes.Tiers {
		c.sizeTiers = append(c.sizeTiers, tier{t.Pixels, t.Multiplier, t.Multiplier.String(), t.MaxImages})
	}
	for _, t := range s.Steps {
		c.stepTiers = append(c.stepTiers, tier{int64(t.Steps), t.Multiplier, t.Multiplier.String(), 0})
	}
	for _, o := range s.OffPeak {
		c.windows = append(c.windows, newWindow(o, s.Zone))
	}
	c.promotions = s.Promotions
	c.side = s.Sizes.usualSide()
}

func (c *Catalog) prepareFeatures() {
	s := &c.sheet
	c.pipelines, c.operations = map[string]*pricedPipeline{}, map[string]*pricedOperation{}
	c.models = map[string]*Model{}
	for i := range s.Pipelines {
		p := &s.Pipelines[i]
		c.pipelines[p.ID] = newPriced(p)
	}
	for i := range s.Operations {
		o := &s.Operations[i]
		c.operations[o.ID] = &pricedOperation{Operation: o, rule: "operation/" + o.ID}
	}
	for i := range s.Models {
		m := &s.Models[i]
		c.models[m.ID] = m
		for _, alias := range m.Aliases {
			c.models[alias] = m
		}
	}
}

func (c *Catalog) prepareAddons() {
	s := &c.sheet
	c.addons = map[string]*pricedAddon{}
	for i := range s.Addons {
		a := &s.Addons[i]
		c.addons[a.ID] = newPricedAddon(a)
	}
	c.magic2, c.magic3 = c.addons["prompt_magic_v2"], c.addons["prompt_magic_v3"]
	c.guidance, c.elements = c.addons["image_guidance"], c.addons["elements"]
}

// Version is the hash of the catalog's meaning: the same for files that differ only in
// comments, spacing, the order of keys, or examples.
func (c *Catalog) Version() string { return c.version }

// Rules are the catalog's rules of tokens. They are shared: don't change them.
func (c *Catalog) Rules() *token.Rules { return c.rules }

// rules translates what concerns balances.
func rules(s *sheet, version string) *token.Rules {
	r := &token.Rules{
		Version: version, Zone: s.Zone, Reset: s.DailyReset.Clock, Order: kinds(s.Order), Default: s.DefaultPlan,
		UpgradeFull: s.OnUpgrade == "full", Owed: token.OwedAction(s.Owed),
		Gifts: token.Gifts{Enabled: s.Gifts.Enabled, Kinds: kinds(s.Gifts.Kinds), DailyLimit: s.Gifts.DailyLimit},
	}
	for _, p := range s.Plans {
		plan := token.Plan{ID: p.ID, Name: p.Name, Allowance: p.Allowance.Tokens, Every: token.Every(p.Allowance.Every),
			DailyFloor: p.DailyFloor, Topups: p.Topups, Relaxed: p.Relaxed}
		if p.Rollover != nil {
			plan.RolloverCap = p.Rollover.Cap
		}
		r.Plans = append(r.Plans, plan)
	}
	for _, p := range s.Packs {
		if p.Enabled {
			r.Packs = append(r.Packs, token.Pack{ID: p.ID, Tokens: p.Tokens})
		}
	}
	for _, c := range s.Codes {
		r.Promos = append(r.Promos, token.Promo{Code: c.Code, Tokens: c.Tokens, ExpiresAfter: int64(c.ExpiresIn), Discount: c.Discount,
			From: c.From.Instant, Until: c.Until.Instant, Limit: c.Limit, Plans: slices.Clone(c.Plans), NewWithin: int64(c.NewWithin)})
	}
	return r
}

func kinds(words []string) []token.Kind {
	out := make([]token.Kind, len(words))
	for i, w := range words {
		out[i] = token.Kind(w)
	}
	return out
}

// zoneOf loads a zone that has been checked.
func zoneOf(name string) calendar.Zone {
	z, _ := calendar.Load(name)
	return z
}
