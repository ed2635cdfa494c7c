package leonardo

import (
	"errors"
	"net/http"
	"slices"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
)

func (s *server) getGeneration(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	j, err := s.Studio.Job(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) || err == nil && !isGeneration(&j) {
		return reply(w, map[string]any{"generations_by_pk": nil})
	}
	if err != nil {
		return err
	}
	out, err := s.generations(r, c, []studio.Job{j})
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"generations_by_pk": out[0]})
}

func (s *server) listGenerations(w http.ResponseWriter, r *http.Request, c caller) error {
	user, err := pathID(r, "user")
	if err != nil {
		return err
	}
	skip, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	if user != c.ID || limit == 0 {
		return reply(w, map[string]any{"generations": []any{}})
	}
	jobs, err := s.Studio.List(r.Context(), c.Account, studio.Listing{Skip: skip, Limit: limit})
	if err != nil {
		return err
	}
	out, err := s.generations(r, c, jobs)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"generations": out})
}

// deleteGeneration removes a generation with its pictures. One that still runs is
// cancelled first: nothing goes on for nobody.
func (s *server) deleteGeneration(w http.ResponseWriter, r *http.Request, c caller) error {
	gone, err := s.remove(r, c, isGeneration)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"delete_generations_by_pk": gone})
}

// isGeneration tells of a job whether this API calls it a generation: what paints, and
// what works on an upload that was given with the call. All else are variations and textures.
func isGeneration(j *studio.Job) bool {
	op := engine.Operation(j.Spec.Operation)
	return op == "" || j.Spec.Source.Upload != "" && (op == engine.Unzoom || op == engine.Upscale)
}

// remove deletes a job by its id in the path and gives what this API says then: the id, or
// null where there is no such thing of its kind.
func (s *server) remove(r *http.Request, c caller, is func(*studio.Job) bool) (any, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return nil, err
	}
	j, err := s.Studio.Job(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) || err == nil && !is(&j) {
		return nil, nil
	}
	if err == nil && j.Open() {
		if j, err = s.Studio.Cancel(r.Context(), c.Account, id); err == nil {
			err = s.await(r.Context(), &j)
		}
	}
	if err == nil {
		err = s.Studio.DeleteJob(r.Context(), c.Account, id)
	}
	if err != nil && !errors.Is(err, studio.ErrUnknown) {
		return nil, err
	}
	return map[string]any{"id": id}, nil
}

// generations are jobs in this API's words, each picture with what was made of it.
func (s *server) generations(r *http.Request, c caller, jobs []studio.Job) ([]map[string]any, error) {
	out := []map[string]any{}
	if len(jobs) == 0 {
		return out, nil
	}
	oldest := jobs[0].Created
	for _, j := range jobs {
		oldest = min(oldest, j.Created)
	}
	made, err := s.Studio.List(r.Context(), c.Account, studio.Listing{Operations: true, Since: int64(oldest), Limit: 1000})
	if err != nil {
		return nil, err
	}
	of := map[string][]any{}
	for _, v := range slices.Backward(made) {
		if v.Spec.Source.Picture != "" {
			of[v.Spec.Source.Picture] = append(of[v.Spec.Source.Picture], s.variation(r, &v))
		}
	}
	for i := range jobs {
		out = append(out, s.generation(r, &jobs[i], of))
	}
	return out, nil
}

// generation is a job in this API's words. Enums are closed: clients refuse values that
// they don't know.
func (s *server) generation(r *http.Request, j *studio.Job, of map[string][]any) map[string]any {
	images := []any{}
	if !j.Open() {
		for i := range j.Pictures {
			p := &j.Pictures[i]
			variations := of[p.ID]
			if variations == nil {
				variations = []any{}
			}
			images = append(images, map[string]any{
				"id": p.ID, "url": s.pictureURL(r, p), "nsfw": false, "likeCount": 0, "motion": false,
				"motionMP4URL": nil, "generated_image_variation_generics": variations,
			})
		}
	}
	spec := &j.Spec
	return map[string]any{
		"id": j.ID, "createdAt": wireTime(j.Created), "status": status(j), "prompt": spec.Prompt, "negativePrompt": spec.NegativePrompt,
		"modelId": nullable(spec.Model), "sdVersion": versionOf(spec.Pipeline), "scheduler": "EULER_DISCRETE", "presetStyle": nil,
		"imageWidth": spec.Width, "imageHeight": spec.Height, "inferenceSteps": nullable(spec.Steps), "guidanceScale": nil,
		"seed": spec.Seed, "initStrength": initStrength(spec), "public": false, "photoReal": false, "photoRealStrength": nil,
		"promptMagic": spec.PromptMagic != "", "promptMagicStrength": nil, "promptMagicVersion": nullable(spec.PromptMagic), "ultra": nil,
		"generated_images": images, "generation_elements": s.usedElements(spec),
	}
}

// versionOf is the family that a pipeline stands for in this API.
func versionOf(pipeline string) string {
	switch pipeline {
	case "alchemy":
		return "v1_5"
	case "alchemy_v2_lightning":
		return "SDXL_LIGHTNING"
	}
	return "SDXL_1_0"
}

// initStrength is how much an init picture counted, or null where there was none.
func initStrength(spec *studio.Spec) any {
	for _, ref := range spec.References {
		if ref.Kind == engine.ImageReference {
			return ref.Strength
		}
	}
	return nil
}

func (s *server) usedElements(spec *studio.Spec) []any {
	out := []any{}
	for i, used := range spec.Elements {
		for _, e := range s.Studio.Catalog().Elements() {
			if e.ID == used.ID {
				out = append(out, map[string]any{"id": i + 1, "weightApplied": used.Weight, "lora": element(e)})
			}
		}
	}
	return out
}

// element is an Element in this API's words, under the first id that its clients know.
func element(e catalog.Element) map[string]any {
	id := e.ID
	if len(e.Aliases) > 0 {
		id = e.Aliases[0]
	}
	return map[string]any{
		"akUUID": id, "name": e.Name, "description": e.Description, "creatorName": "Florin", "urlImage": nil, "baseModel": "SDXL_1_0",
		"weightDefault": e.Weight, "weightMin": e.WeightMin, "weightMax": e.WeightMax,
	}
}

func (s *server) listElements(w http.ResponseWriter, _ *http.Request, _ caller) error {
	out := []any{}
	for _, e := range s.Studio.Catalog().Elements() {
		out = append(out, element(e))
	}
	return reply(w, map[string]any{"loras": out})
}

func (s *server) listModels(w http.ResponseWriter, _ *http.Request, _ caller) error {
	out := []any{}
	for i, m := range s.Studio.Catalog().Models() {
		id := m.ID
		if len(m.Aliases) > 0 {
			id = m.Aliases[0]
		}
		out = append(out, map[string]any{"id": id, "name": m.Name, "description": m.Description, "featured": i == 0, "nsfw": false, "generated_image": nil})
	}
	return reply(w, map[string]any{"custom_models": out})
}
