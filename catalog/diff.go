package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog/internal/form"
)

// Diff tells in sentences what changes from one catalog to another, and for whom:
// plans first, then prices, then everything else. It is empty exactly where the
// versions are the same.
func Diff(before, after *Catalog) []string {
	d := differ{before: before, after: after, told: map[string]bool{}}
	for _, c := range form.Changes(before.sheet, after.sheet, "examples") {
		d.change(c)
	}
	return append(append(d.plans, d.prices...), d.rest...)
}

// differ sorts changes into sentences.
type differ struct {
	before, after       *Catalog
	plans, prices, rest []string
	told                map[string]bool
}

// phrases are words for fields whose names do not speak for themselves, by the path
// without list entries.
var phrases = map[string]string{
	"plans.price.month": "price a month", "plans.price.year": "price a year", "plans.price.currency": "currency",
	"plans.allowance.tokens": "allowance", "plans.allowance.every": "rhythm of the allowance",
	"plans.rollover.cap": "most that rolls over", "plans.topups": "top-ups",
	"plans.limits.pending": "pending jobs", "plans.limits.parallel": "jobs in parallel",
	"plans.private": "private pictures", "plans.premium": "premium features", "plans.weight": "share while waiting",
	"plans.relaxed_slowdown": "slowing of relaxed jobs",
	"relaxed.share":          "the relaxed lane's share of the engines in percent", "quotes.expires_in": "time for which quotes bind",
	"key_retention": "time for which idempotency keys are remembered", "order": "spending order",
	"on_upgrade": "what an upgrade grants", "owed": "what tokens owed do", "daily_reset": "time of the daily reset",
	"zone": "time zone", "default_plan": "plan of new people",
}

// effects tell from when a change counts (T25).
var effects = map[string]string{
	"plans.allowance.tokens": "from the next one on", "plans.allowance.every": "from the next reset or renewal on",
	"plans.daily_floor": "from the next daily reset on", "plans.rollover.cap": "from the next renewal on",
	"plans.price.month": "for new payments", "plans.price.year": "for new payments",
}

func (d *differ) change(c form.Change) {
	section, key, field := split(c.Path)
	general := strings.TrimSuffix(section+"."+field, ".")
	switch {
	case section == "plans" && key != "":
		d.plans = append(d.plans, d.planSentence(key, field, general, c))
	case (section == "pipelines" || section == "operations") && key != "":
		d.featureSentence(section, key, field, c)
	case section == "addons" && key != "":
		d.prices = append(d.prices, d.named("Add-on "+d.name(key), field, c)+d.addonUsers(key))
	case section == "steps" || section == "sizes" || section == "models":
		d.prices = append(d.prices, d.named(thing(section, d.modelName(section, key)), field, c)+" For everyone.")
	case phrases[general] != "":
		d.rest = append(d.rest, opening(general)+movement(c)+". For everyone.")
	default:
		d.rest = append(d.rest, d.named(thing(section, key), field, c)+" For everyone.")
	}
}

// split takes plans[free].allowance.tokens apart: plans, free, allowance.tokens.
func split(path string) (section, key, field string) {
	open, end := strings.IndexByte(path, '['), strings.IndexByte(path, ']')
	if open < 0 || end < open {
		section, field, _ = strings.Cut(path, ".")
		return section, "", field
	}
	return strings.Split(path[:open], ".")[0], path[open+1 : end], strings.TrimPrefix(path[end+1:], ".")
}

// thing names what a change is about.
func thing(section, key string) string {
	words := map[string]string{"steps": "Steps up to", "sizes": "Sizes", "models": "Model", "elements": "Element",
		"off_peak": "Off-peak window", "promotions": "Promotion", "codes": "Code", "packs": "Pack", "gifts": "Gifts"}
	word, ok := words[section]
	if !ok {
		word = opening(section)
	}
	if key != "" {
		word += " " + key
	}
	if section == "sizes" && key != "" {
		word = "Sizes up to " + key + " pixels"
	}
	return word
}

// opening is a field's name as the beginning of a sentence.
func opening(name string) string {
	text := phrases[name]
	if text == "" {
		text = strings.ReplaceAll(name, "_", " ")
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// named says a change as "THING: FIELD from OLD to NEW."
func (d *differ) named(what, field string, c form.Change) string {
	if field != "" {
		what += ": " + strings.ReplaceAll(strings.ReplaceAll(field, "_", " "), ".", ", ")
	}
	return what + movement(c) + "."
}

// movement says what became of a value.
func movement(c form.Change) string {
	switch {
	case c.Old == "":
		return " is new: " + c.New
	case c.New == "":
		return " is gone, was " + c.Old
	}
	return " goes from " + spoken(c.Old) + " to " + spoken(c.New)
}

func spoken(value string) string {
	switch value {
	case "true":
		return "yes"
	case "false":
		return "no"
	case `""`, "[]":
		return "nothing"
	}
	if text, err := strconv.Unquote(value); err == nil {
		return text
	}
	return value
}

func (d *differ) planSentence(id, field, general string, c form.Change) string {
	p := d.after.plan(id)
	if p == nil {
		p = d.before.plan(id)
		return fmt.Sprintf("Plan %s is gone: people on it move to %s at the end of their cycle or day.", p.Name, d.after.plan(d.after.sheet.DefaultPlan).Name)
	}
	if field == "" {
		return fmt.Sprintf("Plan %s is new: %s.", p.Name, p.inWords())
	}
	what := phrases[general]
	if what == "" {
		what = strings.ReplaceAll(strings.ReplaceAll(field, "_", " "), ".", ", ")
	}
	sentence := "Plan " + p.Name + ": " + what + movement(c)
	if when := effects[general]; when != "" {
		sentence += ", " + when
	}
	return sentence + ". For people on " + p.Name + "."
}

// inWords is a plan in one line.
func (p *Plan) inWords() string {
	text := fmt.Sprintf("%d tokens a %s", p.Allowance.Tokens, p.Allowance.Every)
	if p.Price == nil {
		return text + " for nothing"
	}
	return text + " for " + p.Price.Month.String() + " " + p.Price.Currency + " a month"
}

// featureSentence tells a change of a pipeline or an operation; all changes of its prices in one sentence.
func (d *differ) featureSentence(section, id, field string, c form.Change) {
	users := " For " + d.users(id) + "."
	switch {
	case field == "" && c.New == "":
		d.prices = append(d.prices, d.before.FeatureName(id)+" is gone. For everyone.")
	case field == "":
		d.prices = append(d.prices, d.name(id)+" is new: "+d.after.priceList(section, id)+"."+users)
	case field == "tokens" || field == "max_images":
		if !d.told[id] {
			d.told[id] = true
			d.prices = append(d.prices, d.name(id)+": "+d.priceChanges(section, id)+"."+users)
		}
	case field == "premium":
		word := "no longer needs"
		if c.New == "true" {
			word = "now needs"
		}
		d.prices = append(d.prices, d.name(id)+" "+word+" a plan with premium features."+users)
	default:
		d.prices = append(d.prices, d.named(d.name(id), field, c)+users)
	}
}

func (d *differ) name(id string) string { return d.after.FeatureName(id) }

func (d *differ) modelName(section, key string) string {
	if m := d.after.models[key]; section == "models" && m != nil {
		return m.Name
	}
	return key
}

// users names who can use a feature.
func (d *differ) users(id string) string {
	req := Request{Pipeline: id}
	if d.after.operations[id] != nil {
		req = Request{Operation: id}
	}
	if d.after.premium(req) == "" {
		return "everyone"
	}
	var names []string
	for i := range d.after.sheet.Plans {
		if p := &d.after.sheet.Plans[i]; p.Premium {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "nobody, since no plan has premium features"
	}
	return "people on " + strings.Join(names, ", ")
}

func (d *differ) addonUsers(id string) string {
	var names []string
	for i := range d.after.sheet.Pipelines {
		if p := &d.after.sheet.Pipelines[i]; d.after.pipelines[p.ID].takes[id] {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return " With no pipeline any more."
	}
	return " With " + strings.Join(names, "; ") + "."
}

// prices gives a feature's price for 1, 2, 3… images, rounded up.
func (c *Catalog) prices(section, id string) []int64 {
	if section == "operations" {
		return []int64{c.operations[id].Tokens}
	}
	var out []int64
	for _, p := range c.pipelines[id].points {
		out = append(out, p.tokens.up())
	}
	return out
}

func (c *Catalog) priceList(section, id string) string {
	var parts []string
	for i, n := range c.prices(section, id) {
		parts = append(parts, count(i+1, "image")+" "+strconv.FormatInt(n, 10))
	}
	return strings.Join(parts, ", ")
}

// priceChanges names each number of images whose price changes, and both prices.
func (d *differ) priceChanges(section, id string) string {
	was, is := d.before.prices(section, id), d.after.prices(section, id)
	var parts []string
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(is):
			parts = append(parts, count(i+1, "image")+" no longer possible")
		case i >= len(was):
			parts = append(parts, fmt.Sprintf("%s now possible for %d", count(i+1, "image"), is[i]))
		case was[i] != is[i]:
			parts = append(parts, fmt.Sprintf("%s %d → %d tokens", count(i+1, "image"), was[i], is[i]))
		}
	}
	if len(parts) == 0 {
		return "the same prices, written differently"
	}
	return strings.Join(parts, ", ")
}
