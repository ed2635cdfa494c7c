package leonardo_test

import (
	"fmt"
	"strings"
	"testing"
)

// The ids that programs hard-code, by what "alchemy" means for them.
var hardCoded = map[string][]string{
	"alchemy_v2_lightning": {"b24e16ff-06e3-43eb-8d33-4416c2d75876", "e71a1c2f-4f80-4800-934f-2c68979d8cc8"},
	"alchemy_v2": {
		"1e60896f-3c26-4296-8ecc-53e2afecc132", "5c232a9e-9061-4777-980a-ddc8e65647c6", "aa77f04e-3eec-4034-9c07-d0f619684628", "2067ae52-33fd-4a82-bb92-c2c55e7d2786",
		"16e7060a-803e-4df3-97ee-edcfa5dc9cc8", "de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3", "6b645e3a-d64f-4341-a6d8-7a3690fbf042", "b2614463-296c-462a-9586-aafdb8f00e36",
		"1dd50843-d653-4516-a8e3-f0238ee453ff", "7b592283-e8a7-4c5a-9ba6-d18c31f258b9", "05ce0082-2d80-4a2d-8653-4d1c85e2418e",
	},
	"alchemy": {
		"6bef9f1b-29cb-40c7-b9df-32b51c1f67d3", "ac614f96-1082-45bf-be9d-757f2d31c174", "e316348f-7773-490e-adcd-46757c738eb7", "1aa0f478-51be-4efd-94e8-76bfc8f533af",
		"f1929ea3-b169-4c18-a16c-5d58b4292c69", "d69c8273-6b17-4a30-a13e-d6637ae1c644",
	},
}

var hardCodedElements = []string{
	"01b6184e-3905-4dc7-9ec6-4f09982536d5", "af983e1a-48f6-4b59-b45c-9d731be72901", "ffbcdf0f-17ce-4cd7-905e-2a04e01f54fb", "5f3e58d8-7af3-4d5b-92e3-a3d04b9a3414",
	"d0ebdbf7-a570-4b93-8406-306bbb2a3469", "d5d5ce55-5f3b-4bea-bb37-df6a4b5f3519",
}

var preprocessors = []int{
	67, 166, 299, 298, 431, 133, 397, 100, 364, 233, 232, 430, 1, 12, 19, 3, 13, 20, 7, 16, 21, 11, 18, 22, 10, 17, 6, 15, 5, 8, 9,
}

const (
	lightning = "b24e16ff-06e3-43eb-8d33-4416c2d75876"
	xl        = "1e60896f-3c26-4296-8ecc-53e2afecc132"
	classic   = "ac614f96-1082-45bf-be9d-757f2d31c174"
	nobody    = "00000000-0000-4000-8000-000000000000"
)

// generate asks for a generation, tells what it holds, and takes it back.
func (p *person) generate(t testing.TB, body string) int64 {
	t.Helper()
	before := p.balance(t)
	a := p.want(t, "POST", "/generations", body)
	cost := number(t, a, "sdGenerationJob", "apiCreditCost")
	if amount, unit := text(t, a, "sdGenerationJob", "cost", "amount"), text(t, a, "sdGenerationJob", "cost", "unit"); amount != fmt.Sprint(cost) || unit != "CREDITS" {
		t.Errorf("%s costs %d, and also %s %s", body, cost, amount, unit)
	}
	if held := before - p.balance(t); held != cost {
		t.Errorf("%s costs %d and holds %d", body, cost, held)
	}
	id := text(t, a, "sdGenerationJob", "generationId")
	if got := p.want(t, "DELETE", "/generations/"+id, ""); text(t, got, "delete_generations_by_pk", "id") != id {
		t.Errorf("deleting: %s", got.raw)
	}
	if after := p.balance(t); after != before {
		t.Errorf("deleting a job that waits leaves %d of %d", after, before)
	}
	return cost
}

// What a generation costs, in the terms of the catalog: what it holds, and what the
// calculator says of it.
func TestPrices(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		image := p.upload(t, photo(t, 64))
		nets := func(n int) string {
			return `"controlnets":[` + strings.TrimSuffix(strings.Repeat(`{"initImageId":"`+image+`","initImageType":"UPLOADED","preprocessorId":67,"strengthType":"High"},`, n), ",") + `]`
		}
		for _, c := range []struct {
			name, body, service string
			cost                int64
		}{
			{"the SDK's own defaults", `"modelId":"` + lightning + `","alchemy":true,"num_images":4,"width":1024,"height":768,"presetStyle":"DYNAMIC"`,
				`"alchemyMode":true,"isSDXL":true,"isSDXLLightning":true,"numImages":4,"imageWidth":1024,"imageHeight":768`, 18},
			{"no alchemy", `"alchemy":false,"num_images":1,"width":512,"height":512`, `"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 1},
			{"nothing said", `"public":false`, ``, 18},
			{"nothing said, in small", `"width":512,"height":512`, `"imageWidth":512,"imageHeight":512`, 12},
			{"nothing said of SDXL", `"modelId":"` + xl + `","num_images":1,"width":512,"height":512`, `"isSDXL":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 16},
			{"nothing said of SD 1.5", `"modelId":"` + classic + `","num_images":1,"width":512,"height":512`, `"alchemyMode":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 8},
			{"nothing said, by version", `"sd_version":"v2","num_images":1,"width":512,"height":512`, `"alchemyMode":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 8},
			{"ultra, which is not with alchemy", `"ultra":true,"width":512,"height":512`, `"isUltra":true,"imageWidth":512,"imageHeight":512`, 4},
			{"PhotoReal, which is", `"photoReal":true,"width":512,"height":512`, `"photoRealMode":true,"imageWidth":512,"imageHeight":512`, 12},
			{"alchemy without a model", `"alchemy":true,"num_images":4,"width":512,"height":512`, `"alchemyMode":true,"isSDXLLightning":true,"imageWidth":512,"imageHeight":512`, 12},
			{"alchemy of SDXL", `"modelId":"` + xl + `","alchemy":true,"num_images":1,"width":512,"height":512`, `"alchemyMode":true,"isSDXL":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 16},
			{"alchemy of SD 1.5", `"modelId":"` + classic + `","alchemy":true,"num_images":1,"width":512,"height":512`, `"alchemyMode":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 8},
			{"alchemy by version", `"sd_version":"v1_5","alchemy":true,"num_images":4,"width":512,"height":512`, `"alchemyMode":true,"imageWidth":512,"imageHeight":512`, 18},
			{"lightning by version", `"sd_version":"SDXL_LIGHTNING","alchemy":true,"num_images":1,"width":512,"height":512`,
				`"alchemyMode":true,"isSDXLLightning":true,"numImages":1,"imageWidth":512,"imageHeight":512`, 10},
			{"Prompt Magic V2", `"promptMagic":true,"promptMagicVersion":"v2","alchemy":false,"num_images":2,"width":512,"height":512`, `"promptMagic":true,"promptMagicVersion":"v2","alchemyMode":false,"numImages":2,"imageWidth":512,"imageHeight":512`, 4},
			{"Prompt Magic V3", `"modelId":"` + classic + `","alchemy":true,"promptMagic":true,"promptMagicVersion":"V3","num_images":1,"width":512,"height":512`,
				`"alchemyMode":true,"promptMagic":true,"promptMagicVersion":"v3","numImages":1,"imageWidth":512,"imageHeight":512`, 16},
			{"more steps", `"num_inference_steps":60,"alchemy":false,"num_images":4,"width":512,"height":512`, `"inferenceSteps":60,"alchemyMode":false,"imageWidth":512,"imageHeight":512`, 6},
			{"one reference", nets(1) + `,"alchemy":false,"num_images":1,"width":512,"height":512`, `"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 1},
			{"three references", nets(3) + `,"alchemy":false,"num_images":1,"width":512,"height":512`, `"controlnetsCost":4,"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 5},
			{"image prompts, a net and an init image", nets(1) + `,"imagePrompts":["` + image + `"],"init_image_id":"` + image + `","alchemy":false,"num_images":1,"width":512,"height":512`,
				`"controlnetsCost":4,"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 5},
			{"the old way of a control net", `"controlNet":true,"controlNetType":"DEPTH","weighting":1,"init_image_id":"` + image + `","alchemy":false,"num_images":1,"width":512,"height":512`,
				`"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 1},
			{"Elements", `"elements":[{"akUUID":"` + hardCodedElements[0] + `","weight":0.5},{"akUUID":"flat"}],"alchemy":false,"num_images":1,"width":512,"height":512`,
				`"loraCount":2,"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 1},
			{"nulls", `"negative_prompt":null,"modelId":null,"seed":null,"elements":null,"controlnets":null,"alchemy":null,"num_images":1,"width":512,"height":512`,
				`"alchemyMode":null,"numImages":1,"imageWidth":512,"imageHeight":512,"promptMagicVersion":null`, 10},
			{"what is not supported", `"styleUUID":"x","contextImages":[{}],"no_such_field":1,"alchemy":false,"num_images":1,"width":512,"height":512`, `"alchemyMode":false,"numImages":1,"imageWidth":512,"imageHeight":512`, 1},
		} {
			if got := p.generate(t, `{"prompt":"a lake",`+c.body+`}`); got != c.cost {
				t.Errorf("%s holds %d, want %d", c.name, got, c.cost)
			}
			a := p.want(t, "POST", "/pricing-calculator", `{"service":"IMAGE_GENERATION","serviceParams":{"IMAGE_GENERATION":{`+c.service+`}}}`)
			if got := number(t, a, "calculateProductionApiServiceCost", "cost"); got != c.cost {
				t.Errorf("%s is calculated as %d, want %d", c.name, got, c.cost)
			}
		}
	})
}

func TestCalculator(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		before := p.balance(t)
		for body, want := range map[string]any{
			`{"service":"FANTASY_AVATAR_GENERATION","serviceParams":{"FANTASY_AVATAR_GENERATION":{"imageWidth":512,"imageHeight":512,"numImages":2}}}`:         2.0,
			`{"service":"LCM_GENERATION","serviceParams":{"LCM_GENERATION":{"width":512,"height":512}}}`:                                                       1.0,
			`{"service":"TEXTURE_GENERATION","serviceParams":{"TEXTURE_GENERATION":{"preview":true}}}`:                                                         5.0,
			`{"service":"TEXTURE_GENERATION","serviceParams":{"TEXTURE_GENERATION":{"preview":false}}}`:                                                        30.0,
			`{"service":"UNIVERSAL_UPSCALER","serviceParams":{"UNIVERSAL_UPSCALER":{"megapixel":4}}}`:                                                          8.0,
			`{"service":"UNIVERSAL_UPSCALER_ULTRA","serviceParams":{"UNIVERSAL_UPSCALER_ULTRA":{"inputWidth":512,"inputHeight":512,"upscaleMultiplier":1.5}}}`: 8.0,
			`{"service":"MODEL_TRAINING","serviceParams":{"MODEL_TRAINING":{"resolution":512}}}`:                                                               nil,
			`{"service":"MOTION_SVD_GENERATION","serviceParams":{"MOTION_SVD_GENERATION":{}}}`:                                                                 nil,
			`{"service":"MOTION_VIDEO_GENERATION","serviceParams":{"MOTION_VIDEO_GENERATION":{"resolution":"RESOLUTION_720"}}}`:                                nil,
			`{"service":"VEO3_MOTION_VIDEO_GENERATION","serviceParams":{"VEO3_MOTION_VIDEO_GENERATION":{}}}`:                                                   nil,
			`{"service":"TEXTURE_GENERATION"}`: 30.0,
		} {
			a := p.want(t, "POST", "/pricing-calculator", body)
			if got := a.at("calculateProductionApiServiceCost", "cost"); got != want {
				t.Errorf("%s: %v, want %v", body, got, want)
			}
		}
		if after := p.balance(t); after != before {
			t.Errorf("asking for prices cost %d", before-after)
		}
	})
}

// Everything that programs hard-code means something here.
func TestHardCodedIDs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "maestro")
		image := p.upload(t, photo(t, 64))
		prices := map[string]int64{"alchemy_v2_lightning": 10, "alchemy_v2": 16, "alchemy": 8}
		listed := string(p.want(t, "GET", "/platformModels", "").raw)
		for class, models := range hardCoded {
			if !strings.Contains(listed, models[0]) {
				t.Errorf("no model of the class %s is listed under an id that clients know: %s", class, listed)
			}
			for _, id := range models {
				if got := p.generate(t, `{"prompt":"a lake","alchemy":true,"num_images":1,"width":512,"height":512,"modelId":"`+id+`"}`); got != prices[class] {
					t.Errorf("%s costs %d with alchemy, want %d of %s", id, got, prices[class], class)
				}
			}
		}
		listed = string(p.want(t, "GET", "/elements", "").raw)
		for _, id := range hardCodedElements {
			p.generate(t, `{"prompt":"a lake","num_images":1,"width":512,"height":512,"elements":[{"akUUID":"`+id+`","weight":1}]}`)
			if !strings.Contains(listed, id) {
				t.Errorf("the Element %s is not listed", id)
			}
		}
		for _, id := range preprocessors {
			p.generate(t, fmt.Sprintf(`{"prompt":"a lake","num_images":1,"width":512,"height":512,"controlnets":[{"initImageId":"%s","initImageType":"UPLOADED","preprocessorId":%d,"strengthType":"Mid"}]}`, image, id))
		}
	})
}

// Where the plan has no Alchemy, a call that says nothing of it is a plain one, and costs
// what the calculator says.
func TestAPlanWithoutAlchemy(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.person(t, "ada", "free")
		const bare = `{"prompt":"a lake"}`
		cost := p.generate(t, bare)
		if plain := p.generate(t, `{"prompt":"a lake","alchemy":false}`); plain != cost {
			t.Errorf("nothing said costs %d, no alchemy %d", cost, plain)
		}
		for _, params := range []string{``, `"alchemyMode":false`, `"isSDXL":true`} {
			a := p.want(t, "POST", "/pricing-calculator", `{"service":"IMAGE_GENERATION","serviceParams":{"IMAGE_GENERATION":{`+params+`}}}`)
			if got := number(t, a, "calculateProductionApiServiceCost", "cost"); got != cost {
				t.Errorf("{%s} is calculated as %d, want %d", params, got, cost)
			}
		}
		if got := p.ask(t, "POST", "/generations", `{"prompt":"a lake","alchemy":true}`); got.status != 403 {
			t.Errorf("alchemy: %d %s", got.status, got.raw)
		}
		if got := p.ask(t, "POST", "/generations", `{"prompt":"a lake","photoReal":true}`); got.status != 400 {
			t.Errorf("PhotoReal: %d %s", got.status, got.raw)
		}
	})
}
