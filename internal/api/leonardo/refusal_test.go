package leonardo_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/store/storetest"
)

// fault is a request that is refused, and how.
type fault struct {
	name, method, path, body string
	status                   int
	code, text               string
}

const small = `"num_images":1,"width":256,"height":256`

// dot is a picture of one pixel as a data URL.
const dot = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// faults are the mistakes that programs make, with the words that they know for them.
var faults = []fault{
	{"no body", "POST", "/generations", ``, 400, "validation-failed", `expecting a value for non-nullable variable: "prompt"`},
	{"no JSON", "POST", "/generations", `{`, 400, "bad-request", `not a JSON object`},
	{"a list", "POST", "/generations", `[]`, 400, "bad-request", `not a JSON object`},
	{"an empty prompt", "POST", "/generations", `{"prompt":" "}`, 400, "validation-failed", `"prompt"`},
	{"a long prompt", "POST", "/generations", `{"prompt":"` + strings.Repeat("x", 1501) + `",` + small + `}`, 400, "unexpected", `^Invalid prompt, maximum length of 1500 characters exceeded\.$`},
	{"a blocked prompt", "POST", "/generations", `{"prompt":"much gore",` + small + `}`, 403, "unexpected", `^content moderation filter: gore$`},
	{"too many images", "POST", "/generations", `{"prompt":"x","num_images":9,"width":256,"height":256}`, 400, "unexpected", `too many images`},
	{"too many large images", "POST", "/generations", `{"prompt":"x","num_images":5,"width":1024,"height":1024}`, 400, "unexpected", `too many images`},
	{"no images", "POST", "/generations", `{"prompt":"x","num_images":0}`, 400, "unexpected", `num_images is 0`},
	{"no width", "POST", "/generations", `{"prompt":"x","width":0}`, 400, "unexpected", `invalid dimensions`},
	{"no multiple of 8", "POST", "/generations", `{"prompt":"x","num_images":1,"width":260,"height":256}`, 400, "unexpected", `invalid dimensions`},
	{"too large", "POST", "/generations", `{"prompt":"x","num_images":1,"width":1544,"height":256}`, 400, "unexpected", `invalid dimensions`},
	{"too small", "POST", "/generations", `{"prompt":"x","num_images":1,"width":24,"height":256}`, 400, "unexpected", `invalid dimensions`},
	{"a fraction", "POST", "/generations", `{"prompt":"x","num_images":1.5}`, 400, "validation-failed", `expected a 32-bit integer for type 'Int', but found a number`},
	{"a word for a number", "POST", "/generations", `{"prompt":"x","guidance_scale":"7"}`, 400, "validation-failed", `but found a string`},
	{"a word for a switch", "POST", "/generations", `{"prompt":"x","photoReal":"yes"}`, 400, "validation-failed", `^expected a boolean for type 'Boolean', but found a string$`},
	{"a word for a switch that does nothing", "POST", "/generations", `{"prompt":"x","highResolution":"yes"}`, 400, "validation-failed", `expected a boolean`},
	{"a word for a switch that improves", "POST", "/generations", `{"prompt":"x","enhancePrompt":"yes",` + small + `}`, 400, "validation-failed", `expected a boolean`},
	{"a number for instructions", "POST", "/generations", `{"prompt":"x","enhancePrompt":true,"enhancePromptInstruction":5,` + small + `}`, 400, "validation-failed", `found a number`},
	{"a word for a zoom that is off", "POST", "/generations", `{"prompt":"x","unzoomAmount":"a",` + small + `}`, 400, "validation-failed", `expected a number`},
	{"a number for magic that is off", "POST", "/generations", `{"prompt":"x","promptMagicVersion":5,` + small + `}`, 400, "validation-failed", `found a number`},
	{"a canvas of another kind that is off", "POST", "/generations", `{"prompt":"x","canvasRequestType":"DRAW",` + small + `}`, 400, "validation-failed", `canvasRequestType`},
	{"a malformed canvas that is off", "POST", "/generations", `{"prompt":"x","canvasInitId":"abc",` + small + `}`, 400, "bad-request", `uuid: "abc"$`},
	{"a word for an init strength of a canvas", "POST", "/generations", `{"prompt":"x","canvasRequest":true,"canvasInitId":"` + nobody + `","imagePromptWeight":"a"}`, 400, "validation-failed", `expected a number`},
	{"a switch for a word", "POST", "/generations", `{"prompt":true}`, 400, "validation-failed", `expected a string for type 'String', but found a boolean`},
	{"an object for a list", "POST", "/generations", `{"prompt":"x","controlnets":{}}`, 400, "validation-failed", `found an object`},
	{"too many steps", "POST", "/generations", `{"prompt":"x","num_inference_steps":61,` + small + `}`, 400, "unexpected", `steps`},
	{"much guidance", "POST", "/generations", `{"prompt":"x","guidance_scale":31}`, 400, "unexpected", `guidance_scale is 31; allowed: 1 to 30`},
	{"a negative seed", "POST", "/generations", `{"prompt":"x","seed":-1,` + small + `}`, 400, "unexpected", `seed`},
	{"a large seed", "POST", "/generations", `{"prompt":"x","seed":9999999999,` + small + `}`, 400, "unexpected", `seed`},
	{"an unknown scheduler", "POST", "/generations", `{"prompt":"x","scheduler":"FAST"}`, 400, "validation-failed", `scheduler`},
	{"an unknown preset", "POST", "/generations", `{"prompt":"x","presetStyle":"NICE"}`, 400, "validation-failed", `presetStyle`},
	{"an unknown version", "POST", "/generations", `{"prompt":"x","sd_version":"v9"}`, 400, "validation-failed", `sd_version`},
	{"an unknown model", "POST", "/generations", `{"prompt":"x","modelId":"` + nobody + `"}`, 400, "unexpected", nobody + ` is not supported within the Production API`},
	{"an unknown Element", "POST", "/generations", `{"prompt":"x","elements":[{"akUUID":"` + nobody + `"}]}`, 400, "unexpected", `element .* is unknown`},
	{"five Elements", "POST", "/generations", `{"prompt":"x",` + small + `,"elements":[{"akUUID":"oil"},{"akUUID":"ink"},{"akUUID":"flat"},{"akUUID":"toon"},{"akUUID":"pencil"}]}`, 400, "unexpected", `elements`},
	{"an Element too strong", "POST", "/generations", `{"prompt":"x",` + small + `,"elements":[{"akUUID":"oil","weight":3}]}`, 400, "unexpected", `weight`},
	{"a trained Element", "POST", "/generations", `{"prompt":"x","userElements":[{"userLoraId":1}]}`, 400, "unexpected", `no engine of this installation trains models`},
	{"an unknown init image", "POST", "/generations", `{"prompt":"x",` + small + `,"init_image_id":"` + nobody + `"}`, 400, "unexpected", `couldn't access image`},
	{"an unknown init generation", "POST", "/generations", `{"prompt":"x",` + small + `,"init_generation_image_id":"` + nobody + `"}`, 400, "unexpected", `couldn't access image`},
	{"an unknown image prompt", "POST", "/generations", `{"prompt":"x",` + small + `,"imagePrompts":["` + nobody + `"]}`, 400, "unexpected", `couldn't access image`},
	{"a malformed init image", "POST", "/generations", `{"prompt":"x",` + small + `,"init_image_id":"abc"}`, 400, "bad-request", `^invalid input syntax for type uuid: "abc"$`},
	{"a net without an image", "POST", "/generations", `{"prompt":"x","controlnets":[{"preprocessorId":67}]}`, 400, "unexpected", `^invalid init image id$`},
	{"an unknown preprocessor", "POST", "/generations", `{"prompt":"x","controlnets":[{"initImageId":"` + nobody + `","preprocessorId":999}]}`, 400, "unexpected", `preprocessorId 999 is not supported`},
	{"an unknown strength", "POST", "/generations", `{"prompt":"x","controlnets":[{"initImageId":"` + nobody + `","preprocessorId":67,"strengthType":"Much"}]}`, 400, "validation-failed", `strengthType`},
	{"init strength", "POST", "/generations", `{"prompt":"x","init_strength":1.5}`, 400, "unexpected", `init_strength is 1.5`},
	{"magic of another version", "POST", "/generations", `{"prompt":"x","promptMagic":true,"promptMagicVersion":"v9",` + small + `}`, 400, "unexpected", `prompt_magic`},
	{"ultra with alchemy", "POST", "/generations", `{"prompt":"x","alchemy":true,"ultra":true}`, 400, "unexpected", `ultra can't be combined`},
	{"photoReal without alchemy", "POST", "/generations", `{"prompt":"x","photoReal":true,"alchemy":false}`, 400, "unexpected", `photoReal needs alchemy`},
	{"a canvas without an image", "POST", "/generations", `{"prompt":"x","canvasRequest":true}`, 400, "unexpected", `^invalid init image id$`},
	{"a canvas of another kind", "POST", "/generations", `{"prompt":"x","canvasRequest":true,"canvasRequestType":"DRAW"}`, 400, "validation-failed", `canvasRequestType`},
	{"unzoom without an image", "POST", "/generations", `{"prompt":"x","unzoom":true}`, 400, "unexpected", `unzoom needs unzoomAmount and init_image_id`},
	{"an idempotency key too long", "POST", "/generations", `{"prompt":"x",` + small + `,"too_long_key":1}`, 400, "unexpected", `Idempotency-Key`},

	{"a malformed id", "GET", "/generations/abc", ``, 400, "bad-request", `^invalid input syntax for type uuid: "abc"$`},
	{"a malformed id to delete", "DELETE", "/generations/abc", ``, 400, "bad-request", `uuid`},
	{"an id with a zero byte", "GET", "/generations/%00", ``, 400, "bad-request", `uuid`},
	{"a malformed user", "GET", "/generations/user/abc", ``, 400, "bad-request", `uuid`},
	{"a malformed page", "GET", "/generations/user/" + nobody + "?offset=x", ``, 400, "validation-failed", `32-bit integer`},
	{"an ending", "POST", "/init-image", `{"extension":"gif"}`, 400, "unexpected", `^invalid file extension`},
	{"no ending", "POST", "/init-image", `{}`, 400, "validation-failed", `extension`},
	{"an ending of a mask", "POST", "/canvas-init-image", `{"initExtension":"png","maskExtension":"bmp"}`, 400, "unexpected", `^invalid file extension`},
	{"an ending of a mesh", "POST", "/models-3d/upload", `{"modelExtension":"stl","name":"x"}`, 400, "unexpected", `^invalid file extension`},
	{"an unknown picture", "POST", "/variations/upscale", `{"id":"` + nobody + `"}`, 400, "unexpected", `couldn't access image`},
	{"a malformed picture", "POST", "/variations/nobg", `{"id":"abc"}`, 400, "bad-request", `uuid`},
	{"no picture", "POST", "/variations/unzoom", `{}`, 400, "validation-failed", `"id"`},
	{"an unknown variation", "POST", "/variations/unzoom", `{"id":"` + nobody + `","isVariation":true}`, 400, "unexpected", `failed to find init variation`},
	{"nothing to upscale", "POST", "/variations/universal-upscaler", `{}`, 400, "unexpected", `exactly one of`},
	{"two to upscale", "POST", "/variations/universal-upscaler", `{"generatedImageId":"` + nobody + `","initImageId":"` + nobody + `"}`, 400, "unexpected", `exactly one of`},
	{"much to upscale", "POST", "/variations/universal-upscaler", `{"generatedImageId":"` + nobody + `","upscaleMultiplier":3}`, 400, "unexpected", `upscaleMultiplier is 3`},
	{"much contrast", "POST", "/variations/universal-upscaler", `{"generatedImageId":"` + nobody + `","ultraUpscaleStyle":"REALISTIC","detailContrast":11}`, 400, "unexpected", `detailContrast is 11`},
	{"a word for a rotation", "POST", "/generations-texture", `{"modelAssetId":"` + nobody + `","prompt":"x","front_rotation_offset":"a"}`, 400, "validation-failed", `32-bit integer`},
	{"an unknown picture to upscale", "POST", "/variations/universal-upscaler", `{"initImageId":"` + nobody + `"}`, 400, "unexpected", `couldn't access image`},
	{"a long prompt to improve", "POST", "/prompt/improve", `{"prompt":"` + strings.Repeat("x", 201) + `"}`, 400, "unexpected", `^Prompt is too long, please keep it under 200 characters$`},
	{"no prompt to improve", "POST", "/prompt/improve", `{}`, 400, "validation-failed", `"prompt"`},
	{"an unknown mesh", "POST", "/generations-texture", `{"modelAssetId":"` + nobody + `","prompt":"x"}`, 400, "unexpected", `couldn't access model asset`},
	{"no mesh", "POST", "/generations-texture", `{"prompt":"x"}`, 400, "validation-failed", `"modelAssetId"`},
	{"no name of a dataset", "POST", "/datasets", `{}`, 400, "validation-failed", `"name"`},
	{"a long name of a dataset", "POST", "/datasets", `{"name":"` + strings.Repeat("x", 121) + `"}`, 400, "unexpected", `name`},
	{"a name that can't be stored", "POST", "/datasets", `{"name":"a\u0000b"}`, 400, "validation-failed", `name`},
	{"a description that can't be stored", "POST", "/datasets", `{"name":"x","description":"a\u0000b"}`, 400, "validation-failed", `description`},
	{"an unknown dataset to upload to", "POST", "/datasets/" + nobody + "/upload", `{"extension":"png"}`, 400, "unexpected", `couldn't access dataset`},
	{"an unknown dataset to copy to", "POST", "/datasets/" + nobody + "/upload/gen", `{"generatedImageId":"` + nobody + `"}`, 400, "unexpected", `couldn't access`},
	{"a drawing that is none", "POST", "/generations-lcm", `{"prompt":"x","imageDataUrl":"hello"}`, 400, "unexpected", `imageDataUrl`},
	{"a drawing that can't be read", "POST", "/generations-lcm", `{"prompt":"x","imageDataUrl":"data:image/jpeg;base64,aGVsbG8="}`, 400, "unexpected", `allowed`},
	{"much strength", "POST", "/lcm-instant-refine", `{"prompt":"x","imageDataUrl":"x","strength":2}`, 400, "unexpected", `strength is 2`},
	{"no mask", "POST", "/lcm-inpainting", `{"prompt":"x","imageDataUrl":"` + dot + `"}`, 400, "validation-failed", `"maskDataUrl"`},
	{"a mask that is none", "POST", "/lcm-inpainting", `{"prompt":"x","imageDataUrl":"` + dot + `","maskDataUrl":"x"}`, 400, "unexpected", `^maskDataUrl`},
	{"much refinement", "POST", "/lcm-upscale", `{"prompt":"x","imageDataUrl":"` + dot + `","refineStrength":1}`, 400, "unexpected", `refineStrength is 1`},
	{"no drawing", "POST", "/lcm-upscale", `{"prompt":"x"}`, 400, "validation-failed", `"imageDataUrl"`},
	{"no service", "POST", "/pricing-calculator", `{}`, 400, "validation-failed", `"service"`},
	{"a service that is no text", "POST", "/pricing-calculator", `{"service":1}`, 400, "validation-failed", `expected a string`},
	{"parameters of the wrong kind", "POST", "/pricing-calculator", `{"service":"IMAGE_GENERATION","serviceParams":{"IMAGE_GENERATION":{"numImages":"4"}}}`, 400, "validation-failed", `32-bit integer`},
	{"a price of too many images", "POST", "/pricing-calculator", `{"service":"IMAGE_GENERATION","serviceParams":{"IMAGE_GENERATION":{"numImages":99}}}`, 400, "unexpected", `too many images`},

	{"training an Element", "POST", "/elements", `{"name":"x","datasetId":"` + nobody + `"}`, 400, "unexpected", `^no engine of this installation trains models$`},
	{"training a model", "POST", "/models", `{"name":"x"}`, 400, "unexpected", `^no engine of this installation trains models$`},
	{"an Element by a word", "GET", "/elements/x", ``, 400, "bad-request", `type integer`},
	{"an Element by a large number", "GET", "/elements/99999999999", ``, 400, "bad-request", `out of range`},
	{"a video of a picture", "POST", "/generations-motion-svd", `{}`, 400, "unexpected", `^no engine of this installation makes videos$`},
	{"a video of words", "POST", "/generations-text-to-video", `{}`, 400, "unexpected", `makes videos$`},
	{"a video of an image", "POST", "/generations-image-to-video", `{}`, 400, "unexpected", `makes videos$`},
	{"a larger video", "POST", "/generations-video-upscale", `{}`, 400, "unexpected", `makes videos$`},
	{"a video to keep", "POST", "/media", `{"extension":"mp4"}`, 400, "unexpected", `makes videos$`},
	{"blueprints", "GET", "/blueprints", ``, 400, "unexpected", `^this installation has no blueprints$`},
	{"a blueprint", "GET", "/blueprints/" + nobody + "/versions", ``, 400, "unexpected", `no blueprints`},
	{"running a blueprint", "POST", "/blueprint-executions", `{}`, 400, "unexpected", `no blueprints`},
	{"another method", "PATCH", "/generations", `{}`, 405, "method-not-allowed", `^Method not allowed; allowed: POST$`},
	{"another method of an id", "POST", "/generations/" + nobody, `{}`, 405, "method-not-allowed", `allowed: GET, DELETE$`},
	{"nowhere", "GET", "/nowhere", ``, 404, "not-found", `^Endpoint not found$`},
}

func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		before := p.balance(t)
		for _, f := range faults {
			var headers []string
			if strings.Contains(f.body, "too_long_key") {
				headers = []string{"Idempotency-Key", strings.Repeat("k", 201)}
			}
			a := p.ask(t, f.method, f.path, f.body, headers...)
			said, code, path := a.refusal()
			if a.status != f.status || code != f.code || path == "" || !regexp.MustCompile(f.text).MatchString(said) {
				t.Errorf("%s: %d %s, want %d %s %q", f.name, a.status, a.raw, f.status, f.code, f.text)
			}
			if a.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: %s", f.name, a.header.Get("Content-Type"))
			}
		}
		if after := p.balance(t); after != before {
			t.Errorf("what was refused cost %d", before-after)
		}
		if left, err := h.studio.Uploads(t.Context(), p.Account, "", "", 10); err != nil || len(left) != 0 {
			t.Errorf("what was refused left %+v, %v", left, err)
		}
	})
}

// The place of a wrong value is told as the public API tells it.
func TestThePlaceOfAFault(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		for body, want := range map[string]string{
			`{"prompt":"x","photoReal":"yes"}`:                          "$.selectionSet.sdGenerationJob.args.arg1.photoReal",
			`{"prompt":"x","elements":[{"akUUID":"oil"},{"akUUID":1}]}`: "$.selectionSet.sdGenerationJob.args.arg1.elements[1].args.arg1.akUUID",
		} {
			if _, _, path := p.ask(t, "POST", "/generations", body).refusal(); path != want {
				t.Errorf("%s: %s, want %s", body, path, want)
			}
		}
	})
}

// Too few tokens, a plan that has not got something, and too many jobs at once.
func TestRefusalsOfTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "free")
		big := `{"prompt":"x","num_images":4,"width":1536,"height":1536,"num_inference_steps":60}`
		cost := p.generate(t, big)
		p.spend(t, p.balance(t)-cost+1)
		before := p.balance(t)
		a := p.ask(t, "POST", "/generations", big)
		if said, code, _ := a.refusal(); a.status != 400 || code != "unexpected" || said != "not enough api tokens userId: "+p.ID {
			t.Errorf("too few tokens: %d %s", a.status, a.raw)
		}
		a = p.ask(t, "POST", "/generations", `{"prompt":"x","alchemy":true,`+small+`}`)
		if said, code, _ := a.refusal(); a.status != 403 || code != "access-denied" || !regexp.MustCompile(`^plan_required: Alchemy.* is not in your plan; .+ has it$`).MatchString(said) {
			t.Errorf("a plan without Alchemy: %d %s", a.status, a.raw)
		}
		p.want(t, "POST", "/generations", `{"prompt":"x",`+small+`}`)
		a = p.ask(t, "POST", "/generations", `{"prompt":"x",`+small+`}`)
		if said, code, _ := a.refusal(); a.status != 429 || code != "unexpected" || said != "too many jobs: pending_limit, your plan takes 1 at a time" || a.header.Get("Retry-After") == "" {
			t.Errorf("too many at once: %d %v %s", a.status, a.header, a.raw)
		}
		if after := p.balance(t); after != before-1 {
			t.Errorf("%d tokens, then %d", before, after)
		}
	})
}

// What is unknown is null or empty, and no mistake.
func TestUnknownIDs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		for call, want := range map[string]string{
			"GET /generations/" + nobody:                  `{"generations_by_pk":null}`,
			"DELETE /generations/" + nobody:               `{"delete_generations_by_pk":null}`,
			"GET /generations/user/" + nobody:             `{"generations":[]}`,
			"GET /init-image/" + nobody:                   `{"init_images_by_pk":null}`,
			"DELETE /init-image/" + nobody:                `{"delete_init_images_by_pk":null}`,
			"GET /variations/" + nobody:                   `{"generated_image_variation_generic":[]}`,
			"GET /models-3d/" + nobody:                    `{"model_assets_by_pk":null}`,
			"DELETE /models-3d/" + nobody:                 `{"delete_model_assets_by_pk":null}`,
			"GET /models-3d/user/" + nobody:               `{"model_assets":[]}`,
			"GET /generations-texture/" + nobody:          `{"model_asset_texture_generations_by_pk":null}`,
			"DELETE /generations-texture/" + nobody:       `{"delete_model_asset_texture_generations_by_pk":null}`,
			"GET /generations-texture/model/" + nobody:    `{"model_asset_texture_generations":[]}`,
			"GET /datasets/" + nobody:                     `{"datasets_by_pk":null}`,
			"DELETE /datasets/" + nobody:                  `{"delete_datasets_by_pk":null}`,
			"GET /elements/1":                             `{"user_loras_by_pk":null}`,
			"DELETE /elements/1":                          `{"delete_user_loras_by_pk":null}`,
			"GET /elements/user/" + nobody:                `{"user_loras":[]}`,
			"GET /models/" + nobody:                       `{"custom_models_by_pk":null}`,
			"DELETE /models/" + nobody:                    `{"delete_custom_models_by_pk":null}`,
			"GET /models/user/" + nobody:                  `{"custom_models":[]}`,
			"GET /motion-variations/" + nobody:            `{"generated_image_variation_motion":[]}`,
			"GET /media/" + nobody:                        `{"uploaded_media_by_pk":null}`,
			"DELETE /media/" + nobody:                     `{"delete_uploaded_media_by_pk":null}`,
			"GET /generations/" + strings.ToUpper(nobody): `{"generations_by_pk":null}`,
		} {
			method, path, _ := strings.Cut(call, " ")
			if a := p.want(t, method, path, ""); strings.TrimSpace(string(a.raw)) != want {
				t.Errorf("%s: %s, want %s", call, a.raw, want)
			}
		}
	})
}

// Version 2 of that API is told of as what it is.
func TestVersionTwo(t *testing.T) {
	t.Parallel()
	p := open(t, storetest.SQLite(t), nil).person(t, "ada", "free")
	for _, call := range []string{"POST /api/rest/v2/generations", "GET /api/rest/v2/models"} {
		method, path, _ := strings.Cut(call, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, p.h.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := p.h.send(t, r)
		if said, code, at := a.refusal(); a.status != 404 || code != "not-found" || at != "$" || !strings.Contains(said, "/api/rest/v1") {
			t.Errorf("%s: %d %s", call, a.status, a.raw)
		}
	}
}

// A variation or a texture is no generation, and no call takes one for another.
func TestKindsAreKeptApart(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		image := p.upload(t, photo(t, 64))
		generation := text(t, p.want(t, "POST", "/generations", `{"prompt":"x",`+small+`}`), "sdGenerationJob", "generationId")
		variation := text(t, p.want(t, "POST", "/variations/universal-upscaler", `{"initImageId":"`+image+`"}`), "universalUpscaler", "id")
		unzoomed := text(t, p.want(t, "POST", "/generations", `{"prompt":"x","unzoom":true,"unzoomAmount":1.5,"init_image_id":"`+image+`"}`), "sdGenerationJob", "generationId")
		for call, want := range map[string]bool{
			"GET /generations/" + generation: true, "GET /generations/" + unzoomed: true, "GET /generations/" + variation: false,
			"GET /generations-texture/" + generation: false, "DELETE /generations-texture/" + generation: false, "DELETE /generations/" + variation: false,
			"GET /models-3d/" + image: false, "DELETE /models-3d/" + image: false,
		} {
			method, path, _ := strings.Cut(call, " ")
			a := p.want(t, method, path, "")
			for _, v := range a.body {
				if (v != nil) != want {
					t.Errorf("%s: %s", call, a.raw)
				}
			}
		}
		if a := p.want(t, "GET", "/variations/"+generation, ""); len(a.at("generated_image_variation_generic").([]any)) != 0 {
			t.Errorf("a generation as a variation: %s", a.raw)
		}
		if a := p.want(t, "GET", "/variations/"+variation, ""); len(a.at("generated_image_variation_generic").([]any)) != 1 {
			t.Errorf("a variation: %s", a.raw)
		}
	})
}
