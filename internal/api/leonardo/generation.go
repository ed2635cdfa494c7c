package leonardo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

func (s *server) createGeneration(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "sdGenerationJob")
	if err != nil {
		return err
	}
	sub, err := s.readGeneration(r.Context(), c, f)
	if err != nil {
		return err
	}
	if f.flag("enhancePrompt") {
		better, err := s.Studio.ImprovePrompt(r.Context(), c.Account, sub.Prompt, f.text("enhancePromptInstruction", ""), studio.Help{Seed: sub.Seed, APIKey: &c.key})
		if err != nil {
			return err
		}
		sub.Prompt = better.Prompt
	}
	j, err := s.submit(r, c, sub)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"sdGenerationJob": cost(map[string]any{"generationId": j.ID}, j.Price)})
}

// submit hands a job on, under the request's idempotency key.
func (s *server) submit(r *http.Request, c caller, sub studio.Submission) (studio.Job, error) {
	sub.Key = r.Header.Get("Idempotency-Key")
	return s.submitAs(r, c, sub)
}

// submitAs hands a job on, on account of the key that asked.
func (s *server) submitAs(r *http.Request, c caller, sub studio.Submission) (studio.Job, error) {
	sub.APIKey, sub.Origin = &c.key, s.base(r)
	return s.Studio.Submit(r.Context(), c.Account, sub)
}

// readGeneration translates a request. Missing values are those of the public API: 4
// images of 1024×768, with Alchemy where it can be had.
func (s *server) readGeneration(ctx context.Context, c caller, f *fields) (studio.Submission, error) {
	sub := studio.Submission{Prompt: f.needed("prompt"), NegativePrompt: f.text("negative_prompt", ""), Tiling: f.flag("tiling")}
	sub.Request = catalog.Request{
		Pipeline: "default", Images: f.integer("num_images", 4), Width: f.integer("width", 1024), Height: f.integer("height", 768),
		Steps: f.integer("num_inference_steps", 0), Model: s.modelOf(f),
	}
	f.positive("num_images", "width", "height")
	readUnused(f)
	if f.flag("promptMagic") {
		sub.Request.PromptMagic = strings.ToLower(f.text("promptMagicVersion", "v2"))
	}
	if f.has("seed") {
		seed := int64(f.integer("seed", 0))
		sub.Seed = &seed
	}
	s.readElements(f, &sub)
	s.readGuidance(f, &sub)
	if err := s.readAlchemy(ctx, c, f, &sub); err != nil {
		return sub, err
	}
	if f.flag("canvasRequest") {
		readCanvas(f, &sub)
	}
	if f.flag("unzoom") {
		readUnzoom(f, &sub)
	}
	return sub, f.err
}

// readAlchemy chooses the pipeline. A missing alchemy is true, as there, where it can be had.
func (s *server) readAlchemy(ctx context.Context, c caller, f *fields, sub *studio.Submission) error {
	with := sub.Request
	with.References, with.Elements = len(sub.References), len(sub.Elements)
	with.Model, with.Pipeline = s.alchemyOf(with.Model, f.oneOf("sd_version", "", versions))
	alchemy, elsewhere := f.flag("alchemy"), f.flag("canvasRequest") || f.flag("unzoom")
	if !f.has("alchemy") && !elsewhere && !f.flag("ultra") && f.err == nil {
		var err error
		if alchemy, err = s.offers(ctx, c, with); err != nil {
			return err
		}
	}
	switch {
	case f.err != nil:
	case alchemy && f.flag("ultra"):
		f.err = wrong("ultra can't be combined with alchemy")
	case !alchemy && f.flag("photoReal"):
		f.err = wrong("photoReal needs alchemy")
	case alchemy && !elsewhere: // the canvas and Unzoom are none of it
		sub.Request.Model, sub.Request.Pipeline = with.Model, with.Pipeline
	}
	return nil
}

// offers tells whether an account may have what is asked for, and an engine here makes it.
// It does not look at the balance.
func (s *server) offers(ctx context.Context, c caller, req catalog.Request) (bool, error) {
	prices, now := s.Studio.Catalog(), calendar.At(s.Now())
	if _, err := prices.Price(req, now); err != nil || !s.Studio.Makes(req.Pipeline) {
		return false, nil
	}
	a, err := s.Studio.Ledger.Account(ctx, c.Account, now)
	if err != nil {
		return false, err
	}
	return prices.Allow(req, a.Facts.Plan) == nil, nil
}

// readUnused holds what this installation or this request makes no use of to its types and
// bounds: a mistake in it is one in the caller's program all the same.
func readUnused(f *fields) {
	f.oneOf("scheduler", "", schedulers)
	f.oneOf("presetStyle", "", presets)
	f.oneOf("photoRealVersion", "", []string{"v1", "v2"})
	f.oneOf("transparency", "", []string{"disabled", "foreground_only"})
	for _, name := range []string{"highResolution", "expandedDomain", "highContrast", "fantasyAvatar", "public", "photoReal", "ultra", "promptMagic", "enhancePrompt",
		"unzoom", "canvasRequest", "controlNet"} {
		f.flag(name)
	}
	for _, name := range []string{"promptMagicVersion", "enhancePromptInstruction"} {
		f.text(name, "")
	}
	for _, name := range []string{"init_image_id", "init_generation_image_id", "canvasInitId", "canvasMaskId"} {
		f.id(name)
	}
	for _, name := range []string{"unzoomAmount", "init_strength", "imagePromptWeight", "weighting"} {
		f.number(name, 0)
	}
	f.oneOf("canvasRequestType", "INPAINT", canvasTypes)
	f.oneOf("controlNetType", "POSE", netTypes)
	f.share("guidance_scale", 7, 1, 30)
	f.share("contrastRatio", 0, 0, 1)
	f.share("contrast", 1, 1, 4.5)
	f.share("promptMagicStrength", 0.1, 0.1, 1)
	f.share("photoRealStrength", 0, 0, 1)
	f.number("upscaleRatio", 0)
}

// modelOf checks that the model is one of the catalog's.
func (s *server) modelOf(f *fields) string {
	id := f.text("modelId", "")
	if _, ok := s.Studio.Catalog().Model(id); id != "" && !ok && f.err == nil {
		f.err = wrong(id + " is not supported within the Production API, see GET /platformModels for the models of this installation")
	}
	return id
}

func (s *server) readElements(f *fields, sub *studio.Submission) {
	for _, e := range f.objects("elements") {
		id := e.needed("akUUID")
		if e.err == nil && !s.hasElement(id) {
			e.err = wrong("element " + id + " is unknown, see GET /elements for those of this installation")
		}
		sub.Elements = append(sub.Elements, studio.Element{ID: id, Weight: e.number("weight", 1)})
		f.keep(e.err)
	}
	if f.has("userElements") && len(f.objects("userElements")) > 0 && f.err == nil {
		f.err = wrong("user elements are unknown here: " + noTraining)
	}
}

func (s *server) hasElement(id string) bool {
	return slices.ContainsFunc(s.Studio.Catalog().Elements(), func(e catalog.Element) bool {
		return e.ID == id || slices.Contains(e.Aliases, id)
	})
}

// keep takes over the first mistake of a part.
func (f *fields) keep(err error) {
	if f.err == nil {
		f.err = err
	}
}

// The strengths that this API names, of references and as shares.
var strengths = map[string]float64{"Low": 0.3, "Mid": 0.5, "High": 0.7, "Ultra": 0.85, "Max": 1}

// readGuidance collects every picture that guides: each counts as a reference.
func (s *server) readGuidance(f *fields, sub *studio.Submission) {
	for _, c := range f.objects("controlnets") {
		ref, err := s.controlnet(c)
		f.keep(err)
		sub.References = append(sub.References, ref)
	}
	if f.flag("canvasRequest") || f.flag("unzoom") {
		return // their init image is what is worked on
	}
	var prompts []string
	f.read("imagePrompts", "imagePrompts", "a list of strings", &prompts)
	weight := f.share("imagePromptWeight", 0.5, 0, 1)
	for _, id := range prompts {
		sub.References = append(sub.References, studio.Reference{Origin: studio.Origin{Upload: strings.ToLower(id)}, Kind: engine.PaletteReference, Strength: weight})
	}
	kind, strength := s.initKind(f)
	if id := f.id("init_image_id"); id != "" {
		sub.References = append(sub.References, studio.Reference{Origin: studio.Origin{Upload: id}, Kind: kind, Strength: strength})
	}
	if id := f.id("init_generation_image_id"); id != "" {
		sub.References = append(sub.References, studio.Reference{Origin: studio.Origin{Picture: id}, Kind: kind, Strength: strength})
	}
	if f.err == nil && len(sub.References) > studio.MaxReferences {
		f.err = wrong(fmt.Sprintf("too many images guide this generation: %d; allowed: up to %d", len(sub.References), studio.MaxReferences))
	}
}

// The preprocessors that the old names of control nets stand for.
var oldNets = map[string]string{"POSE": "7", "CANNY": "1", "DEPTH": "3"}

// initKind is what of an init image is followed, and how far: all of it, unless the old way
// of asking for a control net names a part.
func (s *server) initKind(f *fields) (engine.ReferenceKind, float64) {
	strength := f.share("init_strength", 0.5, 0.1, 0.9)
	net, weight := f.oneOf("controlNetType", "POSE", netTypes), f.share("weighting", 1, 0, 2)
	if !f.flag("controlNet") {
		return engine.ImageReference, strength
	}
	return s.guide(oldNets[net]), max(weight/2, 0.01)
}

// guide is the kind of reference that the catalog has for a preprocessor, if any.
func (s *server) guide(preprocessor string) engine.ReferenceKind {
	for _, g := range s.Studio.Catalog().Guides() {
		if slices.Contains(g.Aliases, preprocessor) {
			return engine.ReferenceKind(g.ID)
		}
	}
	return ""
}

// controlnet is one guiding picture: what of it is followed says the catalog.
func (s *server) controlnet(c *fields) (studio.Reference, error) {
	var ref studio.Reference
	id := c.id("initImageId")
	if c.err == nil && id == "" {
		c.err = wrong("invalid init image id")
	}
	if c.oneOf("initImageType", "UPLOADED", []string{"UPLOADED", "GENERATED"}) == "GENERATED" {
		ref.Picture = id
	} else {
		ref.Upload = id
	}
	processor := c.number("preprocessorId", 0)
	name := fmt.Sprint(processor)
	if ref.Kind = s.guide(name); ref.Kind == "" && c.err == nil {
		c.err = wrong("preprocessorId " + name + " is not supported")
	}
	ref.Strength = strengths[c.oneOf("strengthType", "Mid", []string{"Low", "Mid", "High", "Ultra", "Max"})]
	if c.has("weight") {
		// 0 to 2 there, with 1 as the usual; a share here.
		ref.Strength = max(c.share("weight", 1, 0, 2)/2, 0.01)
	}
	return ref, c.err
}

// canvasTypes and netTypes are closed lists of this API.
var (
	canvasTypes = []string{"INPAINT", "OUTPAINT", "SKETCH2IMG", "IMG2IMG"}
	netTypes    = []string{"POSE", "CANNY", "DEPTH"}
)

// canvasKinds are the kinds of canvas requests and their names here.
var canvasKinds = map[string]string{"INPAINT": "inpaint", "OUTPAINT": "outpaint", "SKETCH2IMG": "sketch2img", "IMG2IMG": "img2img"}

// readCanvas makes the request one of the canvas: its size is that of the picture.
func readCanvas(f *fields, sub *studio.Submission) {
	sub.Request.Pipeline, sub.Request.Width, sub.Request.Height = "canvas", 0, 0
	kind := f.oneOf("canvasRequestType", "INPAINT", canvasTypes)
	sub.Style = canvasKinds[kind]
	sub.Source.Upload, sub.Mask = f.id("canvasInitId"), f.id("canvasMaskId")
	if f.err == nil && sub.Source.Upload == "" {
		f.err = wrong("invalid init image id")
	}
	// The strength that people see there is 1 less this one.
	sub.Strength = 1 - f.share("init_strength", 0.1, 0, 0.95)
}

// readUnzoom makes the request one of unzooming an upload.
func readUnzoom(f *fields, sub *studio.Submission) {
	upload, zoom := f.id("init_image_id"), f.number("unzoomAmount", 0)
	if f.err == nil && (upload == "" || zoom == 0) {
		f.err = wrong("unzoom needs unzoomAmount and init_image_id")
	}
	sub.Request = catalog.Request{Operation: string(engine.Unzoom)}
	sub.Source, sub.Zoom = studio.Origin{Upload: upload}, zoom
	sub.References, sub.Elements, sub.Tiling = nil, nil, false
}
