package leonardo

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// me tells of the account: what a plan gives and what was bought beside it.
func (s *server) me(w http.ResponseWriter, r *http.Request, c caller) error {
	a, err := s.Studio.Ledger.Account(r.Context(), c.Account, calendar.At(s.Now()))
	if err != nil {
		return err
	}
	sum := s.Studio.Catalog().Rules().Summary(a)
	var bought, given int64
	for _, g := range sum.Grants {
		if g.Kind == token.Topup {
			bought += g.Remaining
		} else {
			given += g.Remaining
		}
	}
	given = min(given, sum.Balance)
	bought = sum.Balance - given
	renewal := optionalTime(a.Facts.CycleEnds)
	if sum.Next != nil {
		renewal = wireTime(sum.Next.At)
	}
	slots := 1
	if p, ok := s.Studio.Catalog().Plan(sum.Plan); ok {
		slots = p.Limits.Parallel
	}
	name := c.Name
	if name == "" {
		name = c.Email
	}
	return reply(w, map[string]any{"user_details": []any{map[string]any{
		"user":               map[string]any{"id": c.ID, "username": name},
		"subscriptionTokens": given, "paidTokens": bought, "subscriptionGptTokens": 0, "subscriptionModelTokens": 0, "tokenRenewalDate": renewal,
		"apiConcurrencySlots": slots, "apiSubscriptionTokens": given, "apiPaidTokens": bought, "apiPlanTokenRenewalDate": renewal,
	}}})
}

// pricing is the catalog in this API's words. It costs nothing and creates nothing.
func (s *server) pricing(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "calculateProductionApiServiceCost")
	if err != nil {
		return err
	}
	service := f.needed("service")
	params := &fields{call: f.call, raw: map[string]json.RawMessage{}}
	var all map[string]map[string]json.RawMessage
	f.read("serviceParams", "ServiceParams", "an object of objects", &all)
	if inner := all[service]; inner != nil {
		params.raw = inner
	}
	if f.err != nil {
		return f.err
	}
	req, known, err := s.pricedRequest(r.Context(), c, service, params)
	if err = cmp.Or(params.err, err); err != nil {
		return err
	}
	if !known {
		return reply(w, map[string]any{"calculateProductionApiServiceCost": nil})
	}
	price, err := s.Studio.Catalog().Price(req, calendar.At(s.Now()))
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"calculateProductionApiServiceCost": map[string]any{"cost": price.Tokens}})
}

// pricedRequest translates a service; those that nobody offers here are not known.
func (s *server) pricedRequest(ctx context.Context, c caller, service string, f *fields) (catalog.Request, bool, error) {
	switch service {
	case "IMAGE_GENERATION":
		req, err := s.pricedGeneration(ctx, c, f)
		return req, true, err
	case "FANTASY_AVATAR_GENERATION":
		return catalog.Request{Pipeline: "default", Images: f.integer("numImages", 4), Width: f.integer("imageWidth", 1024), Height: f.integer("imageHeight", 768)}, true, nil
	case "LCM_GENERATION":
		return catalog.Request{Pipeline: "default", Images: 1, Width: f.integer("width", 512), Height: f.integer("height", 512)}, true, nil
	case "TEXTURE_GENERATION":
		if f.flag("preview") {
			return catalog.Request{Operation: "texture_preview"}, true, nil
		}
		return catalog.Request{Operation: "texture"}, true, nil
	case "UNIVERSAL_UPSCALER", "UNIVERSAL_UPSCALER_ULTRA":
		return catalog.Request{Operation: "alchemy_upscale"}, true, nil
	}
	return catalog.Request{}, false, nil
}

// pricedGeneration is what a generation would be. Where neither Alchemy nor a family of models
// is named, it is the one that names neither.
func (s *server) pricedGeneration(ctx context.Context, c caller, f *fields) (catalog.Request, error) {
	req := catalog.Request{
		Pipeline: "default", Images: f.integer("numImages", 4), Width: f.integer("imageWidth", 1024), Height: f.integer("imageHeight", 768),
		Steps: f.integer("inferenceSteps", 0), Elements: f.integer("loraCount", 0),
	}
	if f.flag("promptMagic") {
		req.PromptMagic = strings.ToLower(f.text("promptMagicVersion", "v2"))
	}
	with := req
	switch {
	case f.flag("isSDXLLightning"):
		with.Pipeline = "alchemy_v2_lightning"
	case f.flag("isSDXL"), f.flag("isPhoenix"), f.flag("isFluxDev"), f.flag("isFluxSchnell"), f.flag("isFluxKontext"):
		with.Pipeline = "alchemy_v2"
	case !f.has("alchemyMode"):
		_, with.Pipeline = s.alchemyOf("", "")
	default:
		with.Pipeline = "alchemy"
	}
	worth := int64(f.integer("controlnetsCost", 0))
	with.References, req.References = s.referencesWorth(with, worth), s.referencesWorth(req, worth)
	alchemy := f.flag("alchemyMode")
	if !f.has("alchemyMode") && !f.flag("isUltra") && f.err == nil {
		var err error
		if alchemy, err = s.offers(ctx, c, with); err != nil {
			return req, err
		}
	}
	if alchemy {
		req = with
	}
	return req, nil
}

// referencesWorth is the least number of references that add so many tokens to a request.
func (s *server) referencesWorth(req catalog.Request, tokens int64) int {
	price := func(references int) (int64, error) {
		req.References = references
		p, err := s.Studio.Catalog().Price(req, calendar.At(s.Now()))
		return p.Tokens, err
	}
	plain, err := price(0)
	for n := 1; err == nil && tokens > 0 && n <= studio.MaxReferences; n++ {
		if with, err := price(n); err != nil || with-plain >= tokens {
			return n
		}
	}
	return 0
}

// usualModel is the one that the public API takes where none is named.
const usualModel = "b24e16ff-06e3-43eb-8d33-4416c2d75876"

// alchemyOf is the pipeline that "alchemy" means with a model: the one of the model's own,
// or of its family where only that is named. Where nothing is, the usual model is meant.
func (s *server) alchemyOf(model, version string) (string, string) {
	named := model
	if model == "" && version == "" {
		named = usualModel
	}
	if m, ok := s.Studio.Catalog().Model(named); ok {
		for _, p := range m.Pipelines {
			if strings.HasPrefix(p, "alchemy") {
				return named, p
			}
		}
	}
	switch {
	case version == "SDXL_LIGHTNING":
		return model, "alchemy_v2_lightning"
	case slices.Contains([]string{"v1_5", "v2"}, version):
		return model, "alchemy"
	}
	return model, "alchemy_v2"
}
