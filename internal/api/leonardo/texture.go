package leonardo

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
)

func (s *server) uploadMesh(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "uploadModelAsset")
	if err != nil {
		return err
	}
	ext, name := f.text("modelExtension", "obj"), f.text("name", "")
	if f.err != nil {
		return f.err
	}
	u, err := s.Studio.BeginNamedUpload(r.Context(), c.Account, studio.MeshUpload, ext, name)
	if err != nil {
		return err
	}
	to := s.formOf(r, c, u)
	return reply(w, map[string]any{"uploadModelAsset": map[string]any{"modelId": u.ID, "modelUrl": to.url, "modelKey": to.key, "modelFields": to.fields}})
}

// mesh is an uploaded model in this API's words.
func (s *server) mesh(r *http.Request, c caller, u *studio.Upload) map[string]any {
	at := wireTime(u.Created)
	return s.uploadURL(r, u, map[string]any{"id": u.ID, "name": u.Name, "userId": c.ID, "createdAt": at, "updatedAt": at}, "meshUrl")
}

func (s *server) getMesh(w http.ResponseWriter, r *http.Request, c caller) error {
	u, ok, err := s.uploadNamed(r, c, true)
	if err != nil {
		return err
	}
	if !ok {
		return reply(w, map[string]any{"model_assets_by_pk": nil})
	}
	return reply(w, map[string]any{"model_assets_by_pk": s.mesh(r, c, &u)})
}

func (s *server) deleteMesh(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.deleteUpload(w, r, c, true, "delete_model_assets_by_pk")
}

func (s *server) listMeshes(w http.ResponseWriter, r *http.Request, c caller) error {
	user, err := pathID(r, "user")
	if err != nil {
		return err
	}
	skip, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	out := []any{}
	if user == c.ID {
		// An account has at most studio.MaxUploads, so that all of them are one page.
		all, err := s.Studio.Uploads(r.Context(), c.Account, studio.MeshUpload, "", studio.MaxUploads)
		if err != nil {
			return err
		}
		for _, u := range all[min(skip, len(all)):min(skip+limit, len(all))] {
			out = append(out, s.mesh(r, c, &u))
		}
	}
	return reply(w, map[string]any{"model_assets": out})
}

// views are the directions that a still can be taken from; others are the usual one.
var views = map[string]bool{"front": true, "back": true, "left": true, "right": true, "top": true, "bottom": true}

func (s *server) createTexture(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "textureGenerationJob")
	if err != nil {
		return err
	}
	f.needed("modelAssetId")
	sub := studio.Submission{
		Request: catalog.Request{Operation: string(engine.Texture)}, Mesh: f.id("modelAssetId"),
		Prompt: f.needed("prompt"), NegativePrompt: f.text("negative_prompt", ""),
	}
	if f.flag("preview") {
		sub.Request.Operation = string(engine.TexturePreview)
	}
	if view := strings.ToLower(f.text("preview_direction", "")); views[view] {
		sub.Style = view
	}
	if f.has("seed") {
		seed := int64(f.integer("seed", 0))
		sub.Seed = &seed
	}
	f.integer("front_rotation_offset", 0) // turns nothing here
	f.text("sd_version", "")
	if f.err != nil {
		return f.err
	}
	j, err := s.submit(r, c, sub)
	if errors.Is(err, studio.ErrUnknown) {
		return wrong("couldn't access model asset")
	}
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"textureGenerationJob": cost(map[string]any{"id": j.ID}, j.Price)})
}

func isTexture(j *studio.Job) bool {
	return j.Spec.Operation == string(engine.Texture) || j.Spec.Operation == string(engine.TexturePreview)
}

// texture is a texture job in this API's words. A preview has no maps of its own: its
// still stands as the albedo, the only picture that this API knows there.
func (s *server) texture(r *http.Request, j *studio.Job) map[string]any {
	images := []any{}
	for i := range j.Pictures {
		p := &j.Pictures[i]
		if j.Spec.Operation == string(engine.TexturePreview) {
			images = append(images, map[string]any{"id": p.ID, "type": "ALBEDO", "url": s.pictureURL(r, p)})
			continue
		}
		for n, file := range p.Facts.Files {
			switch kind := strings.ToUpper(file.Kind); kind {
			case "ALBEDO", "NORMAL", "ROUGHNESS", "DISPLACEMENT":
				images = append(images, map[string]any{"id": mapID(p.ID, n), "type": kind, "url": s.address(r, p.Account, "extras/"+p.ID+"/"+strconv.Itoa(n))})
			}
		}
	}
	return map[string]any{
		"id": j.ID, "createdAt": wireTime(j.Created), "prompt": j.Spec.Prompt, "negativePrompt": j.Spec.NegativePrompt, "seed": j.Spec.Seed,
		"status": status(j), "model_asset_texture_images": images,
	}
}

func (s *server) getTexture(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	j, err := s.Studio.Job(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) || err == nil && !isTexture(&j) {
		return reply(w, map[string]any{"model_asset_texture_generations_by_pk": nil})
	}
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"model_asset_texture_generations_by_pk": s.texture(r, &j)})
}

func (s *server) deleteTexture(w http.ResponseWriter, r *http.Request, c caller) error {
	gone, err := s.remove(r, c, isTexture)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"delete_model_asset_texture_generations_by_pk": gone})
}

func (s *server) listTextures(w http.ResponseWriter, r *http.Request, c caller) error {
	mesh, err := pathID(r, "id")
	if err != nil {
		return err
	}
	skip, limit, err := pageOf(r)
	if err != nil {
		return err
	}
	jobs, err := s.Studio.List(r.Context(), c.Account, studio.Listing{Operations: true, Limit: 1000})
	if err != nil {
		return err
	}
	out := []any{}
	for i := range jobs {
		if j := &jobs[i]; isTexture(j) && j.Spec.Mesh == mesh {
			if skip--; skip < 0 && len(out) < limit {
				out = append(out, s.texture(r, j))
			}
		}
	}
	return reply(w, map[string]any{"model_asset_texture_generations": out})
}
