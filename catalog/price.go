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
		s.add("operation/"+op.ID, op.Name, whole(op.Tokens))
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
	point := &p.points[req.Images-1]
	s.lines = make([]token.Line, 0, 4)
	s.add("pipeline/"+p.ID, point.text, point.tokens)
	if t := c.sizeTier(req); t.Multiplier != One {
		s.times("size", strconv.Itoa(req.Width)+"×"+strconv.Itoa(req.Height)+" pixels", t.Multiplier)
	}
	if t := c.stepTier(req.Steps); t.Multiplier != One {
		s.times("steps", strconv.Itoa(req.Steps)+" steps", t.Multiplier)
	}
	if m := c.models[req.Model]; m != nil && m.Multiplier != One {
		s.times("model/"+m.ID, m.Name, m.Multiplier)
	}
	s.addon(c.addons["prompt_magic_"+req.PromptMagic], req, "")
	if req.References > 0 {
		s.addon(c.addons["image_guidance"], req, count(req.References, "reference"))
	}
	if req.Elements > 0 {
		s.addon(c.addons["elements"], req, count(req.Elements, "element"))
	}
}

// times multiplies what there is so far: the pipeline's part (P3).
func (s *sum) times(rule, text string, f Factor) {
	s.add(rule, text+": ×"+f.String(), s.exact.times(int64(f), int64(One)))
}

// addon adds what an add-on costs; a free one has a line too.
func (s *sum) addon(a *Addon, req *Request, counted string) {
	if a == nil {
		return
	}
	t := &a.Tokens
	n := t.Flat + t.PerImage*int64(req.Images) + t.PerElement*int64(req.Elements) + t.PerReference*int64(req.References)
	if req.References > 1 {
		n += t.PerReferenceBeyondFirst * int64(req.References-1)
	}
	text := a.Name
	if counted != "" {
		text += ", " + counted
	}
	s.add("addon/"+a.ID, text, s.exact.plus(n))
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// sizeTier is the tier of a size that has been checked.
func (c *Catalog) sizeTier(req *Request) *SizeTier {
	tiers := c.sheet.Sizes.Tiers
	pixels := int64(req.Width) * int64(req.Height)
	for i := range tiers {
		if pixels <= tiers[i].Pixels {
			return &tiers[i]
		}
	}
	return nil
}

func (c *Catalog) stepTier(steps int) *StepTier {
	for i := range c.sheet.Steps {
		if steps <= c.sheet.Steps[i].Steps {
			return &c.sheet.Steps[i]
		}
	}
	return nil
}

// pricedPipeline is a pipeline with its price for each number of images worked out (P2).
type pricedPipeline struct {
	*Pipeline
	points []point
	takes  map[string]bool
}

type point struct {
	tokens ratio
	text   string
}

func newPriced(p *Pipeline) *pricedPipeline {
	out := &pricedPipeline{Pipeline: p, takes: map[string]bool{}}
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
