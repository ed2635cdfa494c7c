package studio

import (
	"reflect"
	"strings"

	"github.com/florin-studio/florin/internal/engine"
)

// specFields are the names of a spec's fields, in their order.
var specFields = func() []string {
	var names []string
	for field := range reflect.TypeFor[Spec]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}()

// settle fills in what an operation's missing numbers stand for, and refuses what it
// does not take (P7).
func (s *Spec) settle() error {
	switch op := engine.Operation(s.Operation); op {
	case "":
		return s.settlePainting()
	case engine.Unzoom:
		if s.Zoom == 0 {
			s.Zoom = usualZoom
		}
		if !within(s.Zoom, 1, maxZoom) || s.Zoom == 1 {
			return invalid("zoom", s.Zoom, "above 1 to 3")
		}
		return s.takes("source", "zoom", "prompt", "negative_prompt")
	case engine.Upscale, engine.AlchemyUpscale:
		if s.Scale == 0 {
			s.Scale = usualScale
		}
		if s.Scale != 2 && s.Scale != 4 {
			return invalid("scale", s.Scale, "2 or 4")
		}
		if s.Style != "" && s.Style != "general" && s.Style != "animation" {
			return invalid("style", s.Style, "general or animation")
		}
		return s.takes("source", "scale", "style")
	case engine.RemoveBackground:
		return s.takes("source")
	case engine.TexturePreview, engine.Texture:
		if s.Mesh == "" {
			return invalid("mesh", "", "the id of an upload of kind mesh")
		}
		if s.Prompt == "" {
			return invalid("prompt", "0 characters", "1 to 1500 characters")
		}
		return s.takes("mesh", "prompt", "negative_prompt", "style")
	}
	return nil // the catalog refuses what it does not know, the engines the rest
}

// settlePainting settles what is painted, on the canvas or beside it.
func (s *Spec) settlePainting() error {
	always := []string{"prompt", "negative_prompt", "references", "elements", "style"}
	if s.Pipeline != canvas {
		return s.takes(append(always, "tiling")...)
	}
	if s.Strength == 0 {
		s.Strength = usualStrength
	}
	if s.Mask == "" && s.Extend == (Sides{}) {
		return invalid("mask", "", "the id of an upload of kind mask, unless the canvas is extended")
	}
	return s.takes(append(always, "source", "mask", "extend", "strength")...)
}

// takes refuses what is given beyond the named fields, and a source that is missing.
func (s *Spec) takes(fields ...string) error {
	feature := s.Operation + s.Pipeline
	has := func(name string) bool {
		for _, f := range fields {
			if f == name {
				return true
			}
		}
		return false
	}
	if has("source") && (s.Source.Picture == "") == (s.Source.Upload == "") {
		return invalid("source", s.Source.Picture+s.Source.Upload, "the id of a picture or of an upload, one of the two")
	}
	for _, given := range []struct {
		name  string
		there bool
		value any
	}{
		{"source", !s.Source.Empty(), s.Source.Picture + s.Source.Upload}, {"mask", s.Mask != "", s.Mask}, {"mesh", s.Mesh != "", s.Mesh},
		{"prompt", s.Prompt != "", s.Prompt}, {"negative_prompt", s.NegativePrompt != "", s.NegativePrompt},
		{"references", len(s.References) > 0, len(s.References)}, {"elements", len(s.Elements) > 0, len(s.Elements)},
		{"extend", s.Extend != Sides{}, "given"}, {"strength", s.Strength != 0, s.Strength}, {"scale", s.Scale != 0, s.Scale},
		{"zoom", s.Zoom != 0, s.Zoom}, {"style", s.Style != "", s.Style}, {"tiling", s.Tiling, s.Tiling},
	} {
		if given.there && !has(given.name) {
			return notApplicable(given.name, given.value, "nothing with "+feature, feature)
		}
	}
	return nil
}
