package leonardo

import (
	"encoding/json"
	"strconv"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// maskedSecret stands for a secret in answers and callbacks.
const maskedSecret = "********"

// Callback gives what writes the body that a key's webhook gets when a job of the key
// ends, in the public API's shape. Addresses in it begin with Config.PublicURL, or with
// the address that the job was asked for at, or with fallback where neither is known.
// The public API repeats the key and its secret there; here they are masked.
func Callback(c Config, fallback string) func(j *studio.Job, k *identity.Key) []byte {
	return func(j *studio.Job, k *identity.Key) []byte {
		at := c
		if at.PublicURL == "" {
			at.PublicURL = j.Origin
		}
		if at.PublicURL == "" {
			at.PublicURL = fallback
		}
		s := &server{at}
		kind, object, data := "image_generation.complete", "generation", s.calledGeneration
		switch {
		case isTexture(j):
			kind, object, data = "texture_generation.complete", "texture_generation", s.calledTexture
		case transforms[j.Spec.Operation] != "":
			kind, object, data = "post_processing.complete", "post_processing", s.calledVariation
		}
		of := data(j, k)
		of["api"], of["tokenCost"], of["apiDollarCost"] = true, j.Settled, strconv.FormatInt(j.Settled, 10)
		of["apiKeyId"], of["apiKey"] = k.ID, calledKey(k)
		raw, err := json.Marshal(map[string]any{
			"type": kind, "object": object, "timestamp": int64(j.Finished), "api_version": "v1", "data": map[string]any{"object": of},
		})
		if err != nil {
			panic("leonardo: a callback can always be encoded: " + err.Error())
		}
		return raw
	}
}

// calledTime is a time as callbacks write it: with the zone's letter, unlike answers.
func calledTime(i calendar.Instant) string { return wireTime(i) + "Z" }

// calledKey is the key in callbacks.
func calledKey(k *identity.Key) map[string]any {
	var used, secret any
	if k.LastUsed != 0 {
		used = calledTime(k.LastUsed)
	}
	if k.HasSecret {
		secret = maskedSecret
	}
	return map[string]any{
		"id": k.ID, "createdAt": calledTime(k.Created), "userId": k.Person, "key": maskedSecret, "lastUsed": used, "name": k.Name, "type": "PRODUCTION",
		"webhookCallbackUrl": k.WebhookURL, "webhookCallbackApiKey": secret,
	}
}

// calledGeneration is a generation in callbacks.
func (s *server) calledGeneration(j *studio.Job, k *identity.Key) map[string]any {
	spec := &j.Spec
	images := []any{}
	for i := range j.Pictures {
		p := &j.Pictures[i]
		images = append(images, map[string]any{
			"id": p.ID, "createdAt": calledTime(p.Created), "updatedAt": calledTime(p.Created), "userId": k.Person, "url": s.pictureURL(nil, p),
			"generationId": j.ID, "nobgId": nil, "nsfw": false, "likeCount": 0, "trendingScore": 0, "public": false,
		})
	}
	var init studio.Reference
	var kind any
	for _, ref := range spec.References {
		if ref.Kind == engine.ImageReference && kind == nil {
			if init, kind = ref, "UPLOADED"; ref.Picture != "" {
				kind = "GENERATED"
			}
		}
	}
	return map[string]any{
		"id": j.ID, "createdAt": calledTime(j.Created), "updatedAt": calledTime(j.Finished), "userId": k.Person, "public": false, "flagged": false, "nsfw": false,
		"status": status(j), "coreModel": "SD", "guidanceScale": nil, "imageWidth": spec.Width, "imageHeight": spec.Height, "imageAspectRatio": aspect(spec),
		"inferenceSteps": nullable(spec.Steps), "initGeneratedImageId": nullable(init.Picture), "initImageId": nullable(init.Upload), "initStrength": initStrength(spec),
		"initType": kind, "initUpscaledImageId": nil, "modelId": nullable(spec.Model), "prompt": spec.Prompt, "negativePrompt": spec.NegativePrompt,
		"negativeStylePrompt": "", "quantity": spec.Images, "sdVersion": versionOf(spec.Pipeline), "scheduler": "EULER_DISCRETE", "presetStyle": nil,
		"tiling": spec.Tiling, "seed": strconv.FormatInt(spec.Seed, 10), "promptMagic": spec.PromptMagic != "", "promptMagicStrength": nil,
		"promptMagicVersion": nullable(spec.PromptMagic), "canvasRequest": spec.Pipeline == "canvas", "photoReal": false, "photoRealStrength": nil,
		"imageToImage": kind != nil, "controlnetsUsed": len(spec.References) > 0, "model": calledModel(spec.Model), "images": images,
	}
}

func aspect(spec *studio.Spec) any {
	if spec.Height == 0 {
		return nil
	}
	return float64(spec.Width) / float64(spec.Height)
}

func calledModel(id string) any {
	if id == "" {
		return nil
	}
	return map[string]any{"id": id}
}

// calledVariation is an operation's job in callbacks.
func (s *server) calledVariation(j *studio.Job, k *identity.Key) map[string]any {
	out := s.variation(nil, j)
	out["createdAt"], out["updatedAt"], out["userId"] = calledTime(j.Created), calledTime(j.Finished), k.Person
	out["transparent"] = j.Spec.Operation == string(engine.RemoveBackground)
	out["generatedImageId"] = nullable(j.Spec.Source.Picture)
	return out
}

// calledTexture is a texture job in callbacks.
func (s *server) calledTexture(j *studio.Job, k *identity.Key) map[string]any {
	out := s.texture(nil, j)
	out["seed"] = strconv.FormatInt(j.Spec.Seed, 10)
	out["createdAt"], out["updatedAt"], out["userId"] = calledTime(j.Created), calledTime(j.Finished), k.Person
	return out
}
