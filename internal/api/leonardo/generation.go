package leonardo

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// lightning are the models of the Lightning family, by the ids that clients hard-code.
var lightning = map[string]bool{
	"b24e16ff-06e3-43eb-8d33-4416c2d75876": true, "e71a1c2f-4f80-4800-934f-2c68979d8cc8": true,
}

// stable are the models of the SD 1.5 and 2.1 families.
var stable = map[string]bool{
	"6bef9f1b-29cb-40c7-b9df-32b51c1f67d3": true, "ac614f96-1082-45bf-be9d-757f2d31c174": true, "e316348f-7773-490e-adcd-46757c738eb7": true,
	"1aa0f478-51be-4efd-94e8-76bfc8f533af": true, "f1929ea3-b169-4c18-a16c-5d58b4292c69": true, "d69c8273-6b17-4a30-a13e-d6637ae1c644": true,
}

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

func (s *server) createGeneration(w http.ResponseWriter, r *http.Request, p identity.Person) error {
	var raw map[string]json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&raw); err != nil {
		return &badField{"bad-request", "$", "the body is not a JSON object"}
	}
	sub, err := readGeneration(raw)
	if err != nil {
		return err
	}
	sub.Key = r.Header.Get("Idempotency-Key")
	j, err := s.Studio.Submit(r.Context(), p.Account, sub)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"sdGenerationJob": map[string]any{
		"generationId": j.ID, "apiCreditCost": j.Price, "cost": map[string]string{"amount": strconv.FormatInt(j.Price, 10), "unit": "CREDITS"},
	}})
}

// readGeneration translates a request. Missing values are those of the public API: 4
// images of 1024×768; a missing alchemy is false, so that a plain call has a plain price.
func readGeneration(raw map[string]json.RawMessage) (studio.Submission, error) {
	f := fields{raw: raw}
	prompt := f.text("prompt", "")
	if f.err == nil && strings.TrimSpace(prompt) == "" {
		f.err = &badField{"validation-failed", "$.selectionSet.sdGenerationJob.args.arg1.prompt", `expecting a value for non-nullable variable: "prompt"`}
	}
	sub := studio.Submission{Prompt: prompt, NegativePrompt: f.text("negative_prompt", "")}
	sub.Request = catalog.Request{
		Pipeline: "default", Images: f.integer("num_images", 4), Width: f.integer("width", 1024), Height: f.integer("height", 768),
		Steps: f.integer("num_inference_steps", 0),
	}
	if f.flag("alchemy") {
		sub.Request.Pipeline = alchemyFor(f.text("modelId", ""))
	}
	if f.flag("promptMagic") {
		sub.Request.PromptMagic = f.text("promptMagicVersion", "v2")
	}
	if f.has("seed") {
		seed := int64(f.integer("seed", 0))
		sub.Seed = &seed
	}
	return sub, f.err
}

// alchemyFor chooses the pipeline by the model's family.
func alchemyFor(model string) string {
	switch {
	case lightning[model]:
		return "alchemy_v2_lightning"
	case stable[model]:
		return "alchemy"
	}
	return "alchemy_v2"
}

func (s *server) getGeneration(w http.ResponseWriter, r *http.Request, p identity.Person) error {
	id := r.PathValue("id")
	if _, err := uuid.Parse(id); err != nil {
		return &badField{"bad-request", "$", `invalid input syntax for type uuid: "` + id + `"`}
	}
	j, err := s.Studio.Job(r.Context(), p.Account, id)
	if errors.Is(err, studio.ErrUnknown) {
		return reply(w, map[string]any{"generations_by_pk": nil})
	}
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"generations_by_pk": s.generation(r, j)})
}

// generation is a job in this API's words. Enums are closed: clients refuse values that they don't know.
func (s *server) generation(r *http.Request, j studio.Job) map[string]any {
	status := map[studio.Status]string{studio.Complete: "COMPLETE", studio.Failed: "FAILED", studio.Cancelled: "FAILED"}[j.Status]
	if status == "" {
		status = "PENDING"
	}
	images := []map[string]any{}
	if !j.Open() {
		for _, p := range j.Pictures {
			images = append(images, map[string]any{
				"id": p.ID, "url": s.base(r) + "/pictures/" + p.ID + ".png", "nsfw": false, "likeCount": 0, "motion": false,
				"motionMP4URL": nil, "generated_image_variation_generics": []any{},
			})
		}
	}
	return map[string]any{
		"id": j.ID, "createdAt": wireTime(j.Created), "status": status, "prompt": j.Spec.Prompt, "negativePrompt": j.Spec.NegativePrompt,
		"modelId": nil, "sdVersion": "SDXL_1_0", "scheduler": "EULER_DISCRETE", "presetStyle": nil,
		"imageWidth": j.Spec.Width, "imageHeight": j.Spec.Height, "inferenceSteps": nullable(j.Spec.Steps), "guidanceScale": nil,
		"seed": j.Spec.Seed, "initStrength": nil, "public": false, "photoReal": false, "photoRealStrength": nil,
		"promptMagic": j.Spec.PromptMagic != "", "promptMagicStrength": nil, "promptMagicVersion": nullableText(j.Spec.PromptMagic), "ultra": nil,
		"generated_images": images, "generation_elements": []any{},
	}
}

// base is where pictures can be fetched from.
func (s *server) base(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// wireTime is UTC without a zone letter, as the public API writes it.
func wireTime(i calendar.Instant) string { return i.Time().Format("2006-01-02T15:04:05.000") }

func nullable(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func nullableText(s string) any {
	if s == "" {
		return nil
	}
	return s
}
