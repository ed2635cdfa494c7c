package leonardo

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/studio"
)

// mapID names a file that came with a picture by a UUID of its own, the same each time.
func mapID(picture string, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("map\n"+picture+"\n"+strconv.Itoa(n))).String()
}

func (s *server) createDataset(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "insert_datasets_one")
	if err != nil {
		return err
	}
	name, description := f.needed("name"), f.text("description", "")
	if f.err != nil {
		return f.err
	}
	d, err := s.Studio.CreateDataset(r.Context(), c.Account, name, description)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"insert_datasets_one": map[string]any{"id": d.ID}})
}

func (s *server) getDataset(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	d, err := s.Studio.Dataset(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) {
		return reply(w, map[string]any{"datasets_by_pk": nil})
	}
	if err != nil {
		return err
	}
	images := []any{}
	for i := range d.Uploads {
		u := &d.Uploads[i]
		images = append(images, s.uploadURL(r, u, map[string]any{"id": u.ID, "createdAt": wireTime(u.Created)}, "url"))
	}
	return reply(w, map[string]any{"datasets_by_pk": map[string]any{
		"id": d.ID, "name": d.Name, "description": d.Description, "createdAt": wireTime(d.Created), "updatedAt": wireTime(d.Updated), "dataset_images": images,
	}})
}

func (s *server) deleteDataset(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	err = s.Studio.DeleteDataset(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) {
		return reply(w, map[string]any{"delete_datasets_by_pk": nil})
	}
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"delete_datasets_by_pk": map[string]any{"id": id}})
}

func (s *server) uploadToDataset(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := read(w, r, "uploadDatasetImage")
	if err != nil {
		return err
	}
	ext := f.needed("extension")
	if f.err != nil {
		return f.err
	}
	u, err := s.Studio.BeginDatasetUpload(r.Context(), c.Account, id, ext)
	if errors.Is(err, studio.ErrUnknown) {
		return wrong("couldn't access dataset")
	}
	if err != nil {
		return err
	}
	to := s.formOf(r, c, u)
	return reply(w, map[string]any{"uploadDatasetImage": map[string]any{"id": u.ID, "url": to.url, "key": to.key, "fields": to.fields}})
}

func (s *server) copyToDataset(w http.ResponseWriter, r *http.Request, c caller) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	f, err := read(w, r, "uploadDatasetImageFromGen")
	if err != nil {
		return err
	}
	f.needed("generatedImageId")
	picture := f.id("generatedImageId")
	if f.err != nil {
		return f.err
	}
	u, err := s.Studio.CopyToDataset(r.Context(), c.Account, id, "", picture)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"uploadDatasetImageFromGen": map[string]any{"id": u.ID}})
}
