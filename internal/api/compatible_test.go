package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/florin-studio/florin/internal/api/leonardo"
	"github.com/florin-studio/florin/internal/identity"
)

// whoseCompatible tells for each route of the compatible API how it keeps people apart. A
// route that is missing here fails the test: think about it, and add it.
//
//	own      it names nobody: it works on the caller's own things
//	unknown  it names a thing or a person in its path; another's is null, or a list of none
//	refused  it names things in its body, see reaching; another's are refused
//	nothing  this installation has nothing behind it, for anybody
var whoseCompatible = map[string]string{
	"GET /me": "own", "POST /pricing-calculator": "own", "GET /elements": "own", "GET /platformModels": "own", "POST /prompt/improve": "own", "POST /prompt/random": "own",
	"POST /init-image": "own", "POST /canvas-init-image": "own", "POST /models-3d/upload": "own", "POST /datasets": "own",
	"POST /generations-lcm": "own", "POST /lcm-instant-refine": "own", "POST /lcm-inpainting": "own", "POST /lcm-upscale": "own",
	"GET /generations/{id}": "unknown", "DELETE /generations/{id}": "unknown", "GET /generations/user/{user}": "unknown", "GET /init-image/{id}": "unknown",
	"DELETE /init-image/{id}": "unknown", "GET /variations/{id}": "unknown", "GET /models-3d/{id}": "unknown", "DELETE /models-3d/{id}": "unknown",
	"GET /models-3d/user/{user}": "unknown", "GET /generations-texture/{id}": "unknown", "DELETE /generations-texture/{id}": "unknown",
	"GET /generations-texture/model/{id}": "unknown", "GET /datasets/{id}": "unknown", "DELETE /datasets/{id}": "unknown",
	"GET /elements/{number}": "unknown", "DELETE /elements/{number}": "unknown", "GET /elements/user/{user}": "unknown", "GET /models/{id}": "unknown",
	"DELETE /models/{id}": "unknown", "GET /models/user/{user}": "unknown", "GET /motion-variations/{id}": "unknown", "GET /media/{id}": "unknown", "DELETE /media/{id}": "unknown",
	"POST /generations": "refused", "POST /variations/upscale": "refused", "POST /variations/unzoom": "refused", "POST /variations/nobg": "refused",
	"POST /variations/universal-upscaler": "refused", "POST /generations-texture": "refused", "POST /datasets/{id}/upload": "refused", "POST /datasets/{id}/upload/gen": "refused",
	"POST /elements": "nothing", "POST /models": "nothing", "POST /generations-motion-svd": "nothing", "POST /generations-text-to-video": "nothing",
	"POST /generations-image-to-video": "nothing", "POST /generations-video-upscale": "nothing", "POST /media": "nothing", "GET /blueprints": "nothing",
	"GET /blueprints/{rest...}": "nothing", "POST /blueprint-executions": "nothing", "GET /blueprint-executions": "nothing", "GET /blueprint-executions/{rest...}": "nothing",
}

const tiny = `"prompt":"x","num_images":1,"width":64,"height":64,`

// reaching are bodies that reach for another's things.
var reaching = map[string][]string{
	"POST /generations": {
		`{` + tiny + `"init_image_id":"{upload}"}`, `{` + tiny + `"init_generation_image_id":"{picture}"}`, `{` + tiny + `"imagePrompts":["{upload}"]}`,
		`{` + tiny + `"controlnets":[{"initImageId":"{upload}","initImageType":"UPLOADED","preprocessorId":67}]}`,
		`{` + tiny + `"controlnets":[{"initImageId":"{picture}","initImageType":"GENERATED","preprocessorId":67}]}`,
		`{` + tiny + `"canvasRequest":true,"canvasInitId":"{upload}","canvasMaskId":"{upload}"}`, `{` + tiny + `"unzoom":true,"unzoomAmount":1.5,"init_image_id":"{upload}"}`,
	},
	"POST /variations/upscale":            {`{"id":"{picture}"}`},
	"POST /variations/unzoom":             {`{"id":"{picture}"}`, `{"id":"{variation}","isVariation":true}`},
	"POST /variations/nobg":               {`{"id":"{picture}"}`, `{"id":"{variation}","isVariation":true}`},
	"POST /variations/universal-upscaler": {`{"generatedImageId":"{picture}"}`, `{"initImageId":"{upload}"}`, `{"variationId":"{variation}"}`},
	"POST /generations-texture":           {`{"modelAssetId":"{mesh}","prompt":"x","preview":true}`},
	"POST /datasets/{id}/upload":          {`{"extension":"png"}`},
	"POST /datasets/{id}/upload/gen":      {`{"generatedImageId":"{picture}"}`},
}

// compatibleKeepsOut holds every route of the compatible API to what it says of itself.
func (s *shop) compatibleKeepsOut(t *testing.T, th things, evesKey string, ada identity.Person) {
	t.Helper()
	for _, r := range leonardo.Routes() {
		call := r.Method + " " + strings.TrimPrefix(r.Path, "/api/rest/v1")
		kind, known := whoseCompatible[call]
		if !known {
			t.Errorf("%s has no entry in whoseCompatible: say how it keeps people apart", call)
			continue
		}
		path := th.fill(r.Path)
		for name, key := range map[string]string{"nobody": "", "an unknown key": "b7d0a5c2-63a4-4c3c-9b43-d1b0a1b0c0de", "a service key": s.service} {
			if got := s.ask(t, key, r.Method, path, ""); got.Status != http.StatusUnauthorized {
				t.Errorf("%s for %s: %d", call, name, got.Status)
			}
		}
		bodies := reaching[call]
		if (len(bodies) > 0) != (kind == "refused") {
			t.Errorf("%s is %s and reaches by %d bodies", call, kind, len(bodies))
		}
		for _, body := range append(bodies, "") {
			got := s.ask(t, evesKey, r.Method, path, th.fill(body))
			switch {
			case kind == "unknown" && (got.Status != 200 || !tellsNothing(got.Raw)),
				kind == "refused" && (got.Status < 400 || got.Status >= 500),
				kind == "nothing" && got.Status != 400,
				kind == "own" && got.Status >= 500:
				t.Errorf("%s, which is %s, with %s: %d %s", call, kind, body, got.Status, got.Raw)
			}
			if said := string(got.Raw); strings.Contains(said, ada.Account) || strings.Contains(said, ada.Email) || strings.Contains(said, "/api/rest/files/") {
				t.Errorf("%s tells eve of ada: %s", call, said)
			}
		}
	}
}

// tellsNothing tells of an answer whether its one field is null or a list of none.
func tellsNothing(raw []byte) bool {
	var body map[string]any
	if json.Unmarshal(raw, &body) != nil || len(body) != 1 {
		return false
	}
	for _, v := range body {
		list, is := v.([]any)
		return v == nil || is && len(list) == 0
	}
	return false
}
