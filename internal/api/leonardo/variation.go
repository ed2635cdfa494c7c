package leonardo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
)

// transforms are operations in this API's words.
var transforms = map[string]string{
	string(engine.Unzoom): "UNZOOM", string(engine.Upscale): "UPSCALE", string(engine.AlchemyUpscale): "UPSCALE", string(engine.RemoveBackground): "NOBG",
}

// variation is the job of an operation in this API's words.
func (s *server) variation(r *http.Request, j *studio.Job) map[string]any {
	var url any
	if len(j.Pictures) > 0 {
		url = s.pictureURL(r, &j.Pictures[0])
	}
	return map[string]any{"id": j.ID, "createdAt": wireTime(j.Created), "status": status(j), "transformType": transforms[j.Spec.Operation], "url": url}
}

func (s *server) getVariation(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	out := []any{}
	j, err := s.Studio.Job(r.Context(), c.Account, id)
	if err != nil && !errors.Is(err, studio.ErrUnknown) {
		return err
	}
	if err == nil && transforms[j.Spec.Operation] != "" {
		out = append(out, s.variation(r, &j))
	}
	return reply(w, map[string]any{"generated_image_variation_generic": out})
}

func (s *server) upscale(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.vary(w, r, c, "sdUpscaleJob", engine.Upscale)
}

func (s *server) unzoom(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.vary(w, r, c, "sdUnzoomJob", engine.Unzoom)
}

func (s *server) removeBackground(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.vary(w, r, c, "sdNobgJob", engine.RemoveBackground)
}

// vary starts an operation on a generated picture, or on what an operation made.
func (s *server) vary(w http.ResponseWriter, r *http.Request, c caller, name string, op engine.Operation) error {
	f, err := read(w, r, name)
	if err != nil {
		return err
	}
	f.needed("id")
	id, again := f.id("id"), f.flag("isVariation")
	if f.err != nil {
		return f.err
	}
	sub := studio.Submission{Request: catalog.Request{Operation: string(op)}, Source: studio.Origin{Picture: id}}
	if again {
		if sub.Source.Picture, err = s.pictureOfVariation(r.Context(), c, id); err != nil {
			return err
		}
	}
	j, err := s.submit(r, c, sub)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{name: cost(map[string]any{"id": j.ID}, j.Price)})
}

// pictureOfVariation finds the picture that an operation made.
func (s *server) pictureOfVariation(ctx context.Context, c caller, id string) (string, error) {
	j, err := s.Studio.Job(ctx, c.Account, id)
	if errors.Is(err, studio.ErrUnknown) || err == nil && (transforms[j.Spec.Operation] == "" || len(j.Pictures) == 0) {
		return "", wrong("failed to find init variation")
	}
	if err != nil {
		return "", err
	}
	return j.Pictures[0].ID, nil
}

// The styles of the universal upscaler and what they are here.
var upscaleStyles = map[string]string{
	"GENERAL": "general", "CINEMATIC": "general", "2D ART & ILLUSTRATION": "animation", "CG ART & GAME ASSETS": "animation",
	"ARTISTIC": "animation", "REALISTIC": "general",
}

// universalUpscaler is the Alchemy Upscaler here. It doubles each side whatever the
// multiplier from 1 to 2: less would cost the same.
func (s *server) universalUpscaler(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "universalUpscaler")
	if err != nil {
		return err
	}
	generated, upload, variation := f.id("generatedImageId"), f.id("initImageId"), f.id("variationId")
	style := f.oneOf("upscalerStyle", "GENERAL", []string{"GENERAL", "CINEMATIC", "2D ART & ILLUSTRATION", "CG ART & GAME ASSETS"})
	if ultra := f.oneOf("ultraUpscaleStyle", "", []string{"ARTISTIC", "REALISTIC"}); ultra != "" {
		style = ultra
	}
	f.text("prompt", "") // the upscaler follows the picture alone
	for _, name := range []string{"creativityStrength", "detailContrast", "similarity"} {
		f.share(name, 5, 1, 10)
	}
	f.share("upscaleMultiplier", 1.5, 1, 2)
	given := slices.DeleteFunc([]string{generated, upload, variation}, func(id string) bool { return id == "" })
	if f.err == nil && len(given) != 1 {
		f.err = wrong(fmt.Sprintf("exactly one of generatedImageId, initImageId and variationId is needed, and %d were given", len(given)))
	}
	if f.err != nil {
		return f.err
	}
	sub := studio.Submission{
		Request: catalog.Request{Operation: string(engine.AlchemyUpscale)}, Scale: 2, Style: upscaleStyles[style],
		Source: studio.Origin{Picture: generated, Upload: upload},
	}
	if variation != "" {
		if sub.Source.Picture, err = s.pictureOfVariation(r.Context(), c, variation); err != nil {
			return err
		}
	}
	j, err := s.submit(r, c, sub)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"universalUpscaler": cost(map[string]any{"id": j.ID}, j.Price)})
}
