package studio

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token"
)

// Submission asks for pictures.
type Submission struct {
	// Quote binds the price (P6); empty charges the price of now.
	Quote string
	// Key makes a repeat of the submission return the first job (T17); empty for none.
	Key string
	// Request is what is priced. Its numbers of references and Elements are those of the
	// lists below; others are an error.
	Request        catalog.Request
	Prompt         string
	NegativePrompt string
	// Seed of the first picture, or nil for a random one.
	Seed *int64

	// Source is the picture that an operation or the canvas works on.
	Source Origin
	// Mask is an upload of the canvas: white is repainted.
	Mask string
	// Mesh is an upload that the texture operations cover.
	Mesh       string
	References []Reference
	Elements   []Element
	// Extend is by how many pixels the canvas grows.
	Extend Sides
	// Strength is how far the canvas may leave the source, above 0 to 1; 0 stands for 1.
	Strength float64
	// Scale is 2 or 4 for the upscalers; 0 stands for 2.
	Scale int
	// Zoom is how much wider Unzoom looks, above 1 to 3; 0 stands for 1.5.
	Zoom float64
	// Style is a kind of pictures that an operation knows, such as "animation" of the upscalers.
	Style string
	// Tiling asks for pictures that continue themselves on all sides.
	Tiling bool
	// APIKey is the key that asked, whose own budget pays too; nil for people.
	APIKey *identity.Key
	// Origin is the address of this server as the caller knows it, for what the caller is told later; may be empty.
	Origin string
}

// Bounds of what may be asked for.
const (
	MaxPrompt     = 1500
	MaxSeed       = 9999999998
	MaxElements   = 4
	MaxReferences = 4
	MaxExtend     = 1024
)

// What missing numbers stand for.
const (
	usualScale     = 2
	usualZoom      = 1.5
	usualStrength  = 1
	usualReference = 0.6
	maxZoom        = 3
	maxWeight      = 2
)

// invalid is a wrong value of a field.
func invalid(field string, value any, allowed string) error {
	return &token.Invalid{Field: field, Value: fmt.Sprint(value), Allowed: allowed}
}

// notApplicable is something that this feature does not take (P7).
func notApplicable(field string, value any, allowed, feature string) error {
	return &token.Refusal{Reason: token.NotApplicable, Field: field, Value: fmt.Sprint(value), Allowed: allowed, Feature: feature}
}

// check looks at what can be judged without knowing what the submission names.
func (s *Submission) check() error {
	if err := s.checkTexts(); err != nil {
		return err
	}
	if s.Seed != nil && (*s.Seed < 0 || *s.Seed > MaxSeed) {
		return invalid("seed", *s.Seed, "0 to 9999999998")
	}
	if len(s.Key) > 200 {
		return invalid("Idempotency-Key", s.Key[:20]+"…", "1 to 200 bytes")
	}
	if err := s.checkLists(); err != nil {
		return err
	}
	for _, side := range []struct {
		field string
		n     int
	}{{"extend.left", s.Extend.Left}, {"extend.top", s.Extend.Top}, {"extend.right", s.Extend.Right}, {"extend.bottom", s.Extend.Bottom}} {
		if side.n < 0 || side.n > MaxExtend {
			return invalid(side.field, side.n, "0 to "+strconv.Itoa(MaxExtend)+" pixels")
		}
	}
	if !within(s.Strength, 0, 1) {
		return invalid("strength", s.Strength, "above 0 to 1")
	}
	return nil
}

func (s *Submission) checkTexts() error {
	n := utf8.RuneCountInString(strings.TrimSpace(s.Prompt))
	// Without a prompt the canvas takes away what is marked, or goes on with the picture.
	if s.Request.Operation == "" && s.Request.Pipeline != canvas && n < 1 || n > MaxPrompt {
		return invalid("prompt", fmt.Sprintf("%d characters", n), "1 to 1500 characters")
	}
	if n := utf8.RuneCountInString(s.NegativePrompt); n > MaxPrompt {
		return invalid("negative_prompt", fmt.Sprintf("%d characters", n), "up to 1500 characters")
	}
	return nil
}

// checkLists checks references and Elements one by one.
func (s *Submission) checkLists() error {
	if len(s.References) > MaxReferences {
		return invalid("references", len(s.References), "up to "+strconv.Itoa(MaxReferences))
	}
	kinds := []engine.ReferenceKind{engine.PaletteReference, engine.StructureReference, engine.EdgesReference, engine.ImageReference}
	for i, r := range s.References {
		at := fmt.Sprintf("references[%d]", i)
		switch {
		case (r.Picture == "") == (r.Upload == ""):
			return invalid(at, r.Picture+r.Upload, "the id of a picture or of an upload, one of the two")
		case !slices.Contains(kinds, r.Kind):
			return invalid(at+".kind", r.Kind, "palette, structure, edges, image")
		case !within(r.Strength, 0, 1):
			return invalid(at+".strength", r.Strength, "above 0 to 1")
		}
	}
	if len(s.Elements) > MaxElements {
		return invalid("elements", len(s.Elements), "up to "+strconv.Itoa(MaxElements))
	}
	seen := map[string]bool{}
	for i, e := range s.Elements {
		at := fmt.Sprintf("elements[%d]", i)
		switch {
		case e.ID == "" || seen[e.ID]:
			return invalid(at+".id", e.ID, "each Element once, by its id")
		}
		seen[e.ID] = true
	}
	return nil
}

// within tells whether x is a number from least to most.
func within(x, least, most float64) bool { return !math.IsNaN(x) && x >= least && x <= most }

// count fills in how many there are of a list, or refuses another number.
func count(field string, priced *int, listed int) error {
	if *priced != 0 && *priced != listed {
		return invalid(field, *priced, fmt.Sprintf("%d, as many as are listed", listed))
	}
	*priced = listed
	return nil
}

// specOf checks a submission and writes out what it stands for, all but the sizes that
// follow from its source. The submission's request is completed with it.
func (s *Studio) specOf(sub *Submission) (Spec, error) {
	if err := sub.check(); err != nil {
		return Spec{}, err
	}
	if err := s.blocked(sub.Prompt); err != nil {
		return Spec{}, err
	}
	r := &sub.Request
	if err := count("references", &r.References, len(sub.References)); err != nil {
		return Spec{}, err
	}
	if err := count("elements", &r.Elements, len(sub.Elements)); err != nil {
		return Spec{}, err
	}
	if r.Operation != "" || r.Pipeline != canvas {
		*r = normal(*r)
	} else if r.Images == 0 {
		r.Images = 1
	}
	spec := Spec{
		Operation: r.Operation, Pipeline: r.Pipeline, Prompt: strings.TrimSpace(sub.Prompt), NegativePrompt: strings.TrimSpace(sub.NegativePrompt),
		Width: r.Width, Height: r.Height, Images: r.Images, Steps: r.Steps, Model: r.Model, PromptMagic: r.PromptMagic,
		Source: sub.Source, Mask: sub.Mask, Mesh: sub.Mesh, Extend: sub.Extend, Strength: sub.Strength, Scale: sub.Scale,
		Zoom: sub.Zoom, Style: sub.Style, Tiling: sub.Tiling, Random: sub.Seed == nil,
	}
	if sub.Seed != nil {
		spec.Seed = *sub.Seed
	}
	for _, ref := range sub.References {
		if ref.Strength == 0 {
			ref.Strength = usualReference
		}
		spec.References = append(spec.References, ref)
	}
	for i, asked := range sub.Elements {
		e, err := s.element(asked)
		if err != nil {
			return spec, invalid(fmt.Sprintf("elements[%d].weight", i), asked.Weight, err.Error())
		}
		if slices.ContainsFunc(spec.Elements, func(other Element) bool { return other.ID == e.ID }) {
			return spec, invalid(fmt.Sprintf("elements[%d].id", i), asked.ID, "each Element once; this is another name of "+e.ID)
		}
		spec.Elements = append(spec.Elements, e)
	}
	return spec, spec.settle()
}

// element gives an Element as the catalog knows it, perhaps under another name, with its
// usual weight if none is asked for.
func (s *Studio) element(asked Element) (Element, error) {
	least, most, usual := 0.0, float64(maxWeight), 1.0
	for _, e := range s.Catalog().Elements() {
		if e.ID == asked.ID || slices.Contains(e.Aliases, asked.ID) {
			asked.ID = e.ID
			least, most, usual = float64(e.WeightMin), float64(e.WeightMax), float64(e.Weight)
		}
	}
	if !within(asked.Weight, least, most) {
		return asked, fmt.Errorf("%g to %g", least, most)
	}
	if asked.Weight == 0 {
		asked.Weight = usual
	}
	return asked, nil
}

// normal writes out what missing numbers stand for, so that equal requests look equal.
func normal(r catalog.Request) catalog.Request {
	if r.Images == 0 {
		r.Images = 1
	}
	if r.Operation != "" {
		return r // has no size
	}
	if r.Width == 0 {
		r.Width = 768
	}
	if r.Height == 0 {
		r.Height = 768
	}
	return r
}

// sameJob tells whether a repeated submission asks for what the first one did (T17). It
// compares them as they are stored, so that no field can be forgotten.
func sameJob(was, is Spec) error {
	for _, s := range []*Spec{&was, &is} {
		s.Prices = nil // what it cost is the first one's
		if s.Random {
			s.Seed = 0
		}
		if !s.Source.Empty() {
			s.Width, s.Height = 0, 0 // they follow from the source
		}
		if s.Operation != "" {
			s.Width, s.Height = 0, 0
		}
	}
	if was.Random != is.Random {
		return &token.Refusal{Reason: token.IdempotencyConflict, Field: "seed", Value: is.seedText(), Allowed: was.seedText()}
	}
	first, again := was.fields(), is.fields()
	for _, name := range specFields {
		if string(first[name]) != string(again[name]) {
			return &token.Refusal{Reason: token.IdempotencyConflict, Field: name, Value: plain(again[name]), Allowed: plain(first[name])}
		}
	}
	return nil
}

// seedText is the seed that was asked for, in words.
func (s *Spec) seedText() string {
	if s.Random {
		return "random"
	}
	return strconv.FormatInt(s.Seed, 10)
}

// fields gives a spec's fields as they are stored.
func (s *Spec) fields() map[string]json.RawMessage {
	raw, err := json.Marshal(s)
	out := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic("studio: a spec can always be encoded: " + err.Error())
	}
	return out
}

// plain is a stored value as a person reads it.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
