package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog/internal/form"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// checker judges what depends on several fields; each field by itself is right.
type checker struct {
	doc *form.Document
	s   *sheet
}

func check(doc *form.Document, s *sheet) {
	k := checker{doc, s}
	k.general()
	k.plans()
	k.pipelines()
	k.addons()
	k.sizes()
	k.steps()
	k.models()
	k.guides()
	k.discounts()
	k.offers()
}

func (k *checker) fault(path, value, problem, allowed string) {
	k.doc.Fault(path, value, problem, allowed)
}

// unique reports ids that stand in a list twice.
func (k *checker) unique(list, field string, ids []string) {
	for i, id := range ids {
		if first := slices.Index(ids, id); first < i {
			path := fmt.Sprintf("%s[%d]", list, i)
			if field != "" {
				path += "." + field
			}
			k.fault(path, id, fmt.Sprintf("stands in %s[%d] too", list, first), "each one once")
		}
	}
}

// known reports words of a list that stand for nothing.
func (k *checker) known(path string, words, allowed []string) {
	k.unique(path, "", words)
	for i, w := range words {
		if !slices.Contains(allowed, w) {
			k.fault(fmt.Sprintf("%s[%d]", path, i), w, "is unknown", orNone(allowed))
		}
	}
}

func orNone(ids []string) string {
	if len(ids) == 0 {
		return "none, since the catalog has none"
	}
	return strings.Join(ids, ", ")
}

func (k *checker) zone(path, name string) {
	if _, err := calendar.Load(name); err != nil {
		k.fault(path, name, "is not a time zone", "an IANA name such as UTC or Europe/Rome")
	}
}

func (k *checker) general() {
	k.zone("zone", k.s.Zone)
	k.unique("order", "", k.s.Order)
	k.unique("gifts.kinds", "", k.s.Gifts.Kinds)
	if k.s.Gifts.Enabled && len(k.s.Gifts.Kinds) == 0 {
		k.fault("gifts.kinds", "", "names nothing that may be given", "at least one kind while gifts are enabled")
	}
	const least = Span(30 * 86_400_000)
	if k.s.KeyRetention < least {
		k.fault("key_retention", k.s.KeyRetention.String(), "is too short", "30d or longer (T17)")
	}
}

func ids[T any](list []T, id func(*T) string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = id(&list[i])
	}
	return out
}

func planIDs(s *sheet) []string  { return ids(s.Plans, func(p *Plan) string { return p.ID }) }
func modelIDs(s *sheet) []string { return ids(s.Models, func(m *Model) string { return m.ID }) }
func pipelineIDs(s *sheet) []string {
	return ids(s.Pipelines, func(p *Pipeline) string { return p.ID })
}
func operationIDs(s *sheet) []string {
	return ids(s.Operations, func(o *Operation) string { return o.ID })
}

func (k *checker) plans() {
	all := planIDs(k.s)
	k.unique("plans", "id", all)
	if len(all) == 0 {
		k.fault("plans", "", "is empty", "at least one plan")
		return
	}
	if !slices.Contains(all, k.s.DefaultPlan) {
		k.fault("default_plan", k.s.DefaultPlan, "is not a plan", strings.Join(all, ", "))
	}
	currency := ""
	same := func(path, found string) {
		if currency == "" {
			currency = found
		}
		if found != currency {
			k.fault(path+".currency", found, "is another currency than before", currency+", so that prices can be compared")
		}
	}
	for i := range k.s.Plans {
		p, path := &k.s.Plans[i], fmt.Sprintf("plans[%d]", i)
		if p.Price != nil {
			same(path+".price", p.Price.Currency)
		}
		if p.Rollover != nil && p.Allowance.Every != "month" {
			k.fault(path+".rollover", "", "has nothing to roll over", "only where allowance.every is month (T10)")
		}
		if p.Limits.Parallel > p.Limits.Pending {
			k.fault(path+".limits.parallel", strconv.Itoa(p.Limits.Parallel), "is more than may be pending", "at most "+strconv.Itoa(p.Limits.Pending))
		}
	}
	for i := range k.s.Packs {
		if p := k.s.Packs[i].Price; p != nil {
			same(fmt.Sprintf("packs[%d].price", i), p.Currency)
		}
	}
}

func (k *checker) pipelines() {
	all := pipelineIDs(k.s)
	k.unique("pipelines", "id", all)
	if len(all) == 0 {
		k.fault("pipelines", "", "is empty", "at least one pipeline")
	}
	known := ids(k.s.Addons, func(a *Addon) string { return a.ID })
	for i := range k.s.Pipelines {
		path := fmt.Sprintf("pipelines[%d]", i)
		k.known(path+".addons", k.s.Pipelines[i].Addons, known)
		k.points(path+".tokens", k.s.Pipelines[i].Tokens)
	}
	k.unique("operations", "id", operationIDs(k.s))
	for i, id := range operationIDs(k.s) {
		if slices.Contains(all, id) {
			k.fault(fmt.Sprintf("operations[%d].id", i), id, "is a pipeline's id too", "an id of its own")
		}
	}
}

// points checks a price by number of images: it begins at 1 and never falls (P2).
func (k *checker) points(path string, points map[int]int64) {
	counts := sortedCounts(points)
	if len(counts) == 0 || counts[0] != 1 {
		k.fault(path, "", "does not say what 1 image costs", "numbers of images with their price, beginning with 1")
		return
	}
	for i := 1; i < len(counts); i++ {
		if points[counts[i]] < points[counts[i-1]] {
			k.fault(fmt.Sprintf("%s.%d", path, counts[i]), strconv.FormatInt(points[counts[i]], 10),
				"is less than fewer images cost", "at least "+strconv.FormatInt(points[counts[i-1]], 10))
		}
	}
}

// addons checks that each add-on counts only what it is about.
func (k *checker) addons() {
	k.unique("addons", "id", ids(k.s.Addons, func(a *Addon) string { return a.ID }))
	for i := range k.s.Addons {
		a, path := &k.s.Addons[i], fmt.Sprintf("addons[%d].tokens.", i)
		for _, part := range []struct {
			field string
			n     int64
			only  string
		}{
			{"per_element", a.Tokens.PerElement, "elements"},
			{"per_reference", a.Tokens.PerReference, "image_guidance"},
			{"per_reference_beyond_first", a.Tokens.PerReferenceBeyondFirst, "image_guidance"},
		} {
			if part.n > 0 && a.ID != part.only {
				k.fault(path+part.field, strconv.FormatInt(part.n, 10), "counts what "+a.ID+" does not have", "only with "+part.only)
			}
		}
	}
}

func (k *checker) sizes() {
	z := &k.s.Sizes
	if z.Min > z.Max {
		k.fault("sizes.min", strconv.Itoa(z.Min), "is more than sizes.max", "at most "+strconv.Itoa(z.Max))
		return
	}
	if z.Max/z.Multiple*z.Multiple < z.Min {
		k.fault("sizes.multiple", strconv.Itoa(z.Multiple), "has no multiple between sizes.min and sizes.max", "1 to "+strconv.Itoa(z.Max))
		return
	}
	for i := 1; i < len(z.Tiers); i++ {
		path, tier, before := fmt.Sprintf("sizes.tiers[%d]", i), &z.Tiers[i], &z.Tiers[i-1]
		if tier.Pixels <= before.Pixels {
			k.fault(path+".pixels", strconv.FormatInt(tier.Pixels, 10), "is not more than the tier before", "more than "+strconv.FormatInt(before.Pixels, 10))
		}
		if tier.Multiplier < before.Multiplier {
			k.fault(path+".multiplier", tier.Multiplier.String(), "is less than the tier before: more pixels never cost less", "at least "+before.Multiplier.String())
		}
	}
	most := z.Tiers[len(z.Tiers)-1].Pixels
	if least := int64(z.smallest()) * int64(z.smallest()); least > most {
		k.fault(fmt.Sprintf("sizes.tiers[%d].pixels", len(z.Tiers)-1), strconv.FormatInt(most, 10), "leaves no size at all", "at least "+strconv.FormatInt(least, 10))
	}
	k.unique("sizes.presets", "name", ids(z.Presets, func(p *Preset) string { return p.Name }))
	for i, p := range z.Presets {
		path := fmt.Sprintf("sizes.presets[%d]", i)
		if bad := z.wrong(p.Width); bad != "" {
			k.fault(path+".width", strconv.Itoa(p.Width), "is not valid", bad)
		}
		if bad := z.wrong(p.Height); bad != "" {
			k.fault(path+".height", strconv.Itoa(p.Height), "is not valid", bad)
		}
		if pixels := int64(p.Width) * int64(p.Height); pixels > most {
			k.fault(path, fmt.Sprintf("%d×%d", p.Width, p.Height), "is beyond the last tier", "at most "+strconv.FormatInt(most, 10)+" pixels")
		}
	}
}

// smallest is the shortest side that is allowed.
func (s *Sizes) smallest() int { return (s.Min + s.Multiple - 1) / s.Multiple * s.Multiple }

func (k *checker) steps() {
	for i := 1; i < len(k.s.Steps); i++ {
		path, tier, before := fmt.Sprintf("steps[%d]", i), &k.s.Steps[i], &k.s.Steps[i-1]
		if tier.Steps <= before.Steps {
			k.fault(path+".steps", strconv.Itoa(tier.Steps), "is not more than the tier before", "more than "+strconv.Itoa(before.Steps))
		}
		if tier.Multiplier < before.Multiplier {
			k.fault(path+".multiplier", tier.Multiplier.String(), "is less than the tier before: more steps never cost less", "at least "+before.Multiplier.String())
		}
	}
}

func (k *checker) models() {
	taken := map[string]string{}
	claim := func(path, id string) {
		if first, ok := taken[id]; ok {
			k.fault(path, id, "stands in "+first+" too", "each id and alias once")
			return
		}
		taken[id] = path
	}
	for i, m := range k.s.Models {
		path := fmt.Sprintf("models[%d]", i)
		claim(path+".id", m.ID)
		for j, alias := range m.Aliases {
			claim(fmt.Sprintf("%s.aliases[%d]", path, j), alias)
		}
		k.known(path+".pipelines", m.Pipelines, pipelineIDs(k.s))
	}
	clear(taken)
	for i, e := range k.s.Elements {
		path := fmt.Sprintf("elements[%d]", i)
		claim(path+".id", e.ID)
		for j, alias := range e.Aliases {
			claim(fmt.Sprintf("%s.aliases[%d]", path, j), alias)
		}
		k.known(path+".models", e.Models, modelIDs(k.s))
		if e.Weight < e.WeightMin || e.Weight > e.WeightMax {
			k.fault(path+".weight_default", strconv.Itoa(e.Weight), "lies outside of its own range", fmt.Sprintf("%d to %d", e.WeightMin, e.WeightMax))
		}
	}
}

// guides checks that each id and alias names one kind of reference.
func (k *checker) guides() {
	var names []string
	for _, g := range k.s.Guides {
		names = append(append(names, g.ID), g.Aliases...)
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			k.fault("guides", names[i], "stands there twice", "each id and alias once")
		}
	}
}

func (k *checker) discounts() {
	k.unique("off_peak", "id", ids(k.s.OffPeak, func(o *OffPeak) string { return o.ID }))
	for i, o := range k.s.OffPeak {
		path := fmt.Sprintf("off_peak[%d]", i)
		if o.Zone != "" {
			k.zone(path+".zone", o.Zone)
		}
		k.unique(path+".days", "", o.Days)
		if len(o.Days) == 0 {
			k.fault(path+".days", "", "names no day", "at least one of mon, tue, wed, thu, fri, sat, sun")
		}
	}
	k.unique("promotions", "id", ids(k.s.Promotions, func(p *Promotion) string { return p.ID }))
	for i, p := range k.s.Promotions {
		path := fmt.Sprintf("promotions[%d]", i)
		k.after(path, p.From, p.Until)
		k.known(path+".features", p.Features, append(pipelineIDs(k.s), operationIDs(k.s)...))
	}
}

func (k *checker) after(path string, from, until Moment) {
	if until.Instant != 0 && until.Instant <= from.Instant {
		k.fault(path+".until", until.String(), "is not after from", "an instant after "+from.String())
	}
}

func (k *checker) offers() {
	k.unique("packs", "id", ids(k.s.Packs, func(p *Pack) string { return p.ID }))
	k.unique("codes", "code", ids(k.s.Codes, func(c *Code) string { return c.Code }))
	for i, c := range k.s.Codes {
		path := fmt.Sprintf("codes[%d]", i)
		if c.Tokens == 0 && c.Discount == 0 {
			k.fault(path, c.Code, "gives nothing", "tokens, a discount, or both")
		}
		if c.Tokens == 0 && c.ExpiresIn != 0 {
			k.fault(path+".expires_in", c.ExpiresIn.String(), "belongs to no bonus", "only with tokens")
		}
		k.after(path, c.From, c.Until)
		k.known(path+".plans", c.Plans, planIDs(k.s))
	}
}

// checkExamples prices the examples and compares.
func (c *Catalog) checkExamples(doc *form.Document) {
	for i, e := range c.sheet.Examples {
		path := fmt.Sprintf("examples[%d]", i)
		if (e.Tokens == 0) == (e.Refused == "") {
			doc.Fault(path, "", "says neither or both of tokens and refused", "one of the two")
			continue
		}
		price, err := c.Price(e.Request, e.At.Instant)
		var refusal *token.Refusal
		switch {
		case errors.As(err, &refusal):
			if refusal.Reason != e.Refused {
				doc.Fault(path, describeRequest(e.Request), "is refused: "+refusal.Error(), "an example that comes true")
			}
		case err != nil:
			doc.Fault(path+".request", describeRequest(e.Request), "has no price: "+err.Error(), "a request that this catalog can price")
		case e.Refused != "":
			doc.Fault(path+".refused", string(e.Refused), "is not what happens: it costs "+strconv.FormatInt(price.Tokens, 10), "an example that comes true")
		case price.Tokens != e.Tokens:
			doc.Fault(path+".tokens", strconv.FormatInt(e.Tokens, 10), "is not what it costs: "+price.sumInWords(), "an example that comes true")
		}
	}
}

// sumInWords is the price with its lines: "30 = 26 (Alchemy V2, 4 images) + 4 (…)".
func (p Price) sumInWords() string {
	parts := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		parts[i] = strconv.FormatInt(l.Tokens, 10) + " (" + l.Text + ")"
	}
	return strconv.FormatInt(p.Tokens, 10) + " = " + strings.Join(parts, " + ")
}
