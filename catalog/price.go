package catalog

import (
	"strconv"

	"github.com/florin-studio/florin/token"
)

// Price is what a request costs, with the lines that explain it (P1).
type Price struct {
	Tokens int64 `json:"tokens"`
	// Lines add up to Tokens. A line that came to a fraction has what it made the rounded
	// sum grow by; discounts are negative.
	Lines []token.Line `json:"lines"`
	// Feature is the pipeline's or operation's id.
	Feature string `json:"feature"`
	// FastOnly tells that the relaxed lane does not take it (T22).
	FastOnly bool `json:"fast_only,omitempty"`
}

// What a request's zero values stand for, where sizes and steps allow it.
const (
	defaultSide  = 768
	defaultSteps = 30
)

// Price tells what a request costs at an instant (P1 to P5). The error is a
// *token.Refusal with reason not_applicable where something is asked of a feature that
// does not have it (P7), or a *token.Invalid where a value is out of bounds.
func (c *Catalog) Price(req Request, at token.Instant) (Price, error) {
	var s sum
	var feature string
	var relaxed bool
	switch {
	case req.Operation != "" && req.Pipeline != "":
		return Price{}, &token.Invalid{Field: "operation", Value: req.Operation, Allowed: "either a pipeline or an operation, not both"}
	case req.Operation != "":
		op, err := c.operationOf(req)
		if err != nil {
			return Price{}, err
		}
		s.lines = make([]token.Line, 0, 1)
		s.add(op.rule, op.Name, whole(op.Tokens))
		feature, relaxed = op.ID, op.Relaxed
	default:
		p, err := c.pipelineOf(&req)
		if err != nil {
			return Price{}, err
		}
		c.pipelineLines(&s, p, &req)
		feature, relaxed = p.ID, p.Relaxed
	}
	c.discounts(&s, feature, at)
	if s.exact.d == 0 {
		return Price{}, &token.Refusal{Reason: token.Overflow, Field: "price", Value: "more than an amount can be", Allowed: "at most " + strconv.FormatInt(token.Max, 10), Feature: feature}
	}
	return Price{Tokens: s.shown, Lines: s.lines, Feature: feature, FastOnly: !relaxed}, nil
}

// sum is a price being added up: exactly, and as the whole tokens shown so far.
type sum struct {
	exact ratio
	shown int64
	lines []token.Line
}

// add makes the sum go to a new exact value, with a line for the difference.
func (s *sum) add(rule, text string, exact ratio) {
	if exact.d == 0 || exact.up() > token.Max {
		s.exact = ratio{}
		return
	}
	s.exact = exact
	up := exact.up()
	s.lines = append(s.lines, token.Line{Rule: rule, Text: text, Tokens: up - s.shown})
	s.shown = up
}

// pipelineLines adds a pipeline with its tiers (P2, P3) and add-ons (P1).
func (c *Catalog) pipelineLines(s *sum, p *pricedPipeline, req *Request) {
	size, steps := c.sizeTier(req), c.stepTier(req.Steps)
	s.lines = make([]token.Line, 0, c.lineCount(req, size, steps))
	point := &p.points[req.Images-1]
	s.add(p.rule, point.text, point.tokens)
	if size.factor != One {
		s.add("size", strconv.Itoa(req.Width)+"×"+strconv.Itoa(req.Height)+" pixels: ×"+size.text, s.exact.factor(size.factor))
	}
	if steps.factor != One {
		s.add("steps", count(req.Steps, "step")+": ×"+steps.text, s.exact.factor(steps.factor))
	}
	if req.Model != "" {
		if m := c.models[req.Model]; m.Multiplier != One {
			s.add("model/"+m.ID, m.Name+": ×"+m.Multiplier.String(), s.exact.factor(m.Multiplier))
		}
	}
	if req.PromptMagic != "" {
		s.addon(c.magic(req.PromptMagic), req, 1)
	}
	if req.References > 0 {
		s.addon(c.guidance, req, req.References)
	}
	if req.Elements > 0 {
		s.addon(c.elements, req, req.Elements)
	}
}

// lineCount is the most lines that a request's price can have.
func (c *Catalog) lineCount(req *Request, size, steps *tier) int {
	n := 1
	for _, more := range [...]bool{size.factor != One, steps.factor != One, req.Model != "", req.PromptMagic != "",
		req.References > 0, req.Elements > 0, len(c.windows) > 0, len(c.promotions) > 0} {
		if more {
			n++
		}
	}
	return n
}

// addon adds what an add-on costs; a free one has a line too.
func (s *sum) addon(a *pricedAddon, req *Request, n int) {
	t := &a.Tokens
	cost := t.Flat + t.PerImage*int64(req.Images) + t.PerElement*int64(req.Elements) + t.PerReference*int64(req.References)
	if req.References > 1 {
		cost += t.PerReferenceBeyondFirst * int64(req.References-1)
	}
	s.add(a.rule, a.texts[n-1], s.exact.plus(cost))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// tier is a tier of sizes or steps ready to be asked.
type tier struct {
	most      int64
	factor    Factor
	text      string
	maxImages int
}

// sizeTier is a size's tier, or nil beyond the last one.
func (c *Catalog) sizeTier(req *Request) *tier {
	return tierOf(c.sizeTiers, int64(req.Width)*int64(req.Height))
}

// stepTier is the tier of a number of steps, or nil beyond the last one.
func (c *Catalog) stepTier(steps int) *tier { return tierOf(c.stepTiers, int64(steps)) }

func tierOf(tiers []tier, n int64) *tier {
	for i := range tiers {
		if n <= tiers[i].most {
			return &tiers[i]
		}
	}
	return nil
}

// pricedAddon is an add-on with its texts worked out, by how many there are of it.
type pricedAddon struct {
	*Addon
	rule  string
	texts []string
}

func newPricedAddon(a *Addon) *pricedAddon {
	out := &pricedAddon{Addon: a, rule: "addon/" + a.ID}
	noun := map[string]string{"image_guidance": "reference", "elements": "element"}[a.ID]
	for n := 1; n <= a.Max; n++ {
		text := a.Name
		if noun != "" {
			text += ", " + count(n, noun)
		}
		out.texts = append(out.texts, text)
	}
	return out
}

// magic is Prompt Magic's add-on of a version, or nil.
func (c *Catalog) magic(version string) *pricedAddon {
	switch version {
	case "v2":
		return c.magic2
	case "v3":
		return c.magic3
	}
	return nil
}

// pricedPipeline is a pipeline with its price for each number of images worked out (P2).
type pricedPipeline struct {
	*Pipeline
	rule   string
	points []point
	takes  map[string]bool
}

// pricedOperation is an operation with its rule's name worked out.
type pricedOperation struct {
	*Operation
	rule string
}

type point struct {
	tokens ratio
	text   string
}

func newPriced(p *Pipeline) *pricedPipeline {
	out := &pricedPipeline{Pipeline: p, rule: "pipeline/" + p.ID, takes: map[string]bool{}}
	for _, id := range p.Addons {
		out.takes[id] = true
	}
	for n := 1; n <= p.MaxImages; n++ {
		out.points = append(out.points, point{tokens: onLine(p.Tokens, n), text: p.Name + ", " + count(n, "image")})
	}
	return out
}

// onLine is the price of n images: on the straight line between the points around n,
// or on the last two points' line beyond them (P2). A single point is the price of
// one image, and n images cost n times as much.
func onLine(points map[int]int64, n int) ratio {
	counts := sortedCounts(points)
	if len(counts) == 1 {
		return whole(points[counts[0]] * int64(n))
	}
	low, high := counts[0], counts[1]
	for _, x := range counts[2:] {
		if n > high {
			low, high = high, x
		}
	}
	run, rise := int64(high-low), points[high]-points[low]
	return newRatio(points[low]*run+rise*int64(n-low), run)
}
