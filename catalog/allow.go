package catalog

import "github.com/florin-studio/florin/token"

// Allow tells whether a plan has what a request asks for (P8): nil, or a refusal with
// reason plan_required that names the feature and the cheapest plan that has it. What
// the request asks for beyond that is for Price to judge.
func (c *Catalog) Allow(req Request, plan string) *token.Refusal {
	p := c.plan(plan)
	if p == nil {
		return &token.Refusal{Reason: token.UnknownPlan, Field: "plan", Value: plan, Allowed: c.planList()}
	}
	feature := c.premium(req)
	if (feature == "" || p.Premium) && (!req.Private || p.Private) {
		return nil
	}
	if feature == "" || p.Premium {
		feature = "private"
	}
	refusal := &token.Refusal{Reason: token.PlanRequired, Feature: feature}
	if best := c.cheapest(c.premium(req) != "", req.Private); best != nil {
		refusal.Plans = []string{best.ID}
	}
	return refusal
}

// premium names the first premium feature of a request, or gives "".
func (c *Catalog) premium(req Request) string {
	if op := c.operations[req.Operation]; op != nil && op.Premium {
		return op.ID
	}
	if p := c.pipelines[req.Pipeline]; p != nil && p.Premium {
		return p.ID
	}
	for _, asked := range []struct {
		id string
		n  int
	}{{"prompt_magic_" + req.PromptMagic, 1}, {"image_guidance", req.References}, {"elements", req.Elements}} {
		if a := c.addons[asked.id]; a != nil && a.PremiumFrom > 0 && asked.n >= a.PremiumFrom {
			return a.ID
		}
	}
	return ""
}

// cheapest is the plan with the lowest price a month that has what is asked for; of
// several the first.
func (c *Catalog) cheapest(premium, private bool) *Plan {
	var best *Plan
	for i := range c.sheet.Plans {
		p := &c.sheet.Plans[i]
		if (premium && !p.Premium) || (private && !p.Private) {
			continue
		}
		if best == nil || p.MonthPrice() < best.MonthPrice() {
			best = p
		}
	}
	return best
}

// MonthPrice is what the plan costs a month, 0 for a plan that costs nothing.
func (p *Plan) MonthPrice() Money {
	if p.Price == nil {
		return 0
	}
	return p.Price.Month
}

func (c *Catalog) plan(id string) *Plan {
	for i := range c.sheet.Plans {
		if c.sheet.Plans[i].ID == id {
			return &c.sheet.Plans[i]
		}
	}
	return nil
}

func (c *Catalog) planList() string {
	list := ""
	for i := range c.sheet.Plans {
		if i > 0 {
			list += ", "
		}
		list += c.sheet.Plans[i].ID
	}
	return list
}
