package catalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/token"
)

func sortedCounts(points map[int]int64) []int { return slices.Sorted(maps.Keys(points)) }

// pipelineOf checks a pipeline's request and fills in what its zero values stand for.
func (c *Catalog) pipelineOf(req *Request) (*pricedPipeline, error) {
	p := c.pipelines[req.Pipeline]
	if p == nil {
		return nil, &token.Invalid{Field: "pipeline", Value: req.Pipeline, Allowed: c.idList(true)}
	}
	if err := c.checkPicture(p, req); err != nil {
		return nil, err
	}
	if req.Model != "" {
		m := c.models[req.Model]
		if m == nil {
			return nil, &token.Invalid{Field: "model", Value: req.Model, Allowed: c.modelList(p.ID)}
		}
		if len(m.Pipelines) > 0 && !slices.Contains(m.Pipelines, p.ID) {
			return nil, notApplicable("model", req.Model, "with "+p.Name+": "+c.modelList(p.ID), p.ID)
		}
	}
	if req.PromptMagic != "" {
		if req.PromptMagic != "v2" && req.PromptMagic != "v3" {
			return nil, &token.Invalid{Field: "prompt_magic", Value: req.PromptMagic, Allowed: "v2, v3, or nothing"}
		}
		if err := c.checkAddon(p, c.magic(req.PromptMagic), "prompt_magic", req.PromptMagic, 1); err != nil {
			return nil, err
		}
	}
	if req.References != 0 {
		if err := c.checkAddon(p, c.guidance, "references", strconv.Itoa(req.References), req.References); err != nil {
			return nil, err
		}
	}
	if req.Elements != 0 {
		if err := c.checkAddon(p, c.elements, "elements", strconv.Itoa(req.Elements), req.Elements); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkPicture checks images, size and steps (P2, P3).
func (c *Catalog) checkPicture(p *pricedPipeline, req *Request) error {
	fill(&req.Images, 1)
	fill(&req.Width, c.side)
	fill(&req.Height, c.side)
	fill(&req.Steps, min(defaultSteps, c.mostSteps()))
	size := &c.sheet.Sizes
	if bad := size.wrong(req.Width); bad != "" {
		return &token.Invalid{Field: "width", Value: strconv.Itoa(req.Width), Allowed: bad}
	}
	if bad := size.wrong(req.Height); bad != "" {
		return &token.Invalid{Field: "height", Value: strconv.Itoa(req.Height), Allowed: bad}
	}
	tier := c.sizeTier(req)
	if tier == nil {
		last := size.Tiers[len(size.Tiers)-1]
		return &token.Invalid{Field: "width", Value: strconv.Itoa(req.Width), Allowed: "at most " + strconv.FormatInt(last.Pixels, 10) + " pixels in all, width times height"}
	}
	if most := min(p.MaxImages, tier.maxImages); req.Images < 1 || req.Images > most {
		return &token.Invalid{Field: "images", Value: strconv.Itoa(req.Images), Allowed: "1 to " + strconv.Itoa(most) + " at " + strconv.Itoa(req.Width) + "×" + strconv.Itoa(req.Height)}
	}
	if most := c.mostSteps(); req.Steps < 1 || req.Steps > most {
		return &token.Invalid{Field: "steps", Value: strconv.Itoa(req.Steps), Allowed: "1 to " + strconv.Itoa(most)}
	}
	return nil
}

func (c *Catalog) mostSteps() int { return c.sheet.Steps[len(c.sheet.Steps)-1].Steps }

// usualSide is 768, or the longest side below it of which a square is allowed.
func (s *Sizes) usualSide() int {
	side := min(defaultSide, s.Max) / s.Multiple * s.Multiple
	for int64(side)*int64(side) > s.Tiers[len(s.Tiers)-1].Pixels && side > s.Min {
		side -= s.Multiple
	}
	return max(side, s.smallest())
}

func fill(n *int, missing int) {
	if *n == 0 {
		*n = missing
	}
}

// wrong tells what a side may be, if it is not.
func (s *Sizes) wrong(side int) string {
	if side >= s.Min && side <= s.Max && side%s.Multiple == 0 {
		return ""
	}
	return "a multiple of " + strconv.Itoa(s.Multiple) + " from " + strconv.Itoa(s.Min) + " to " + strconv.Itoa(s.Max)
}

// checkAddon checks that a pipeline takes an add-on, and so many of it.
func (c *Catalog) checkAddon(p *pricedPipeline, a *pricedAddon, field, value string, n int) error {
	if a == nil || !p.takes[a.ID] {
		var takers []string
		for i := range c.sheet.Pipelines {
			if q := &c.sheet.Pipelines[i]; a != nil && c.pipelines[q.ID].takes[a.ID] {
				takers = append(takers, q.ID)
			}
		}
		allowed := "not in this catalog"
		if len(takers) > 0 {
			allowed = "with the pipelines " + strings.Join(takers, ", ")
		}
		return notApplicable(field, value, allowed, p.ID)
	}
	if n < 0 || n > a.Max {
		return &token.Invalid{Field: field, Value: value, Allowed: "0 to " + strconv.Itoa(a.Max)}
	}
	return nil
}

// operationOf checks an operation's request: it takes one picture and nothing else (P7).
func (c *Catalog) operationOf(req Request) (*pricedOperation, error) {
	op := c.operations[req.Operation]
	if op == nil {
		return nil, &token.Invalid{Field: "operation", Value: req.Operation, Allowed: c.idList(false)}
	}
	for _, n := range []struct {
		field   string
		value   int
		most    int
		allowed string
	}{
		{"images", req.Images, 1, "1"}, {"width", req.Width, 0, "nothing"}, {"height", req.Height, 0, "nothing"},
		{"steps", req.Steps, 0, "nothing"}, {"references", req.References, 0, "nothing"}, {"elements", req.Elements, 0, "nothing"},
	} {
		if n.value < 0 {
			return nil, &token.Invalid{Field: n.field, Value: strconv.Itoa(n.value), Allowed: n.allowed}
		}
		if n.value > n.most {
			return nil, notApplicable(n.field, strconv.Itoa(n.value), n.allowed+" with "+op.Name, op.ID)
		}
	}
	if req.PromptMagic != "" {
		return nil, notApplicable("prompt_magic", req.PromptMagic, "nothing with "+op.Name, op.ID)
	}
	if req.Model != "" {
		return nil, notApplicable("model", req.Model, "nothing with "+op.Name, op.ID)
	}
	return op, nil
}

func notApplicable(field, value, allowed, feature string) *token.Refusal {
	return &token.Refusal{Reason: token.NotApplicable, Field: field, Value: value, Allowed: allowed, Feature: feature}
}

// idList names the pipelines or the operations.
func (c *Catalog) idList(pipelines bool) string {
	var ids []string
	if pipelines {
		for i := range c.sheet.Pipelines {
			ids = append(ids, c.sheet.Pipelines[i].ID)
		}
	} else {
		for i := range c.sheet.Operations {
			ids = append(ids, c.sheet.Operations[i].ID)
		}
	}
	return strings.Join(ids, ", ")
}

// modelList names the models that a pipeline can use.
func (c *Catalog) modelList(pipeline string) string {
	var ids []string
	for i := range c.sheet.Models {
		if m := &c.sheet.Models[i]; len(m.Pipelines) == 0 || slices.Contains(m.Pipelines, pipeline) {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return "no model"
	}
	return strings.Join(ids, ", ")
}
