package leonardo

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// formPath is where the second step of an upload goes: a form that carries its own
// permission, since clients send no key there.
const formPath = "/api/rest/uploads"

// formLife is how long a form is good.
const formLife = 2 * time.Minute

// maxForm bounds a form beyond its file, in bytes.
const maxForm = 64 << 10

// form is where and how the second step of an upload is to be sent.
type form struct{ url, key, fields string }

// The folders of uploads in the keys of forms.
var folders = map[studio.UploadKind]string{
	studio.ImageUpload: "images", studio.MaskUpload: "masks", studio.MeshUpload: "models", studio.DatasetUpload: "datasets",
}

// formOf signs a form for a pending upload.
func (s *server) formOf(r *http.Request, c caller, u studio.Upload) form {
	until := calendar.At(s.Now()).Add(formLife)
	media := "image/" + strings.Replace(u.Ext, "jpg", "jpeg", 1)
	if u.Kind == studio.MeshUpload {
		media = "application/octet-stream"
	}
	f := form{url: s.base(r) + formPath, key: "users/" + c.ID + "/" + folders[u.Kind] + "/" + u.ID + "." + u.Ext}
	fields, err := json.Marshal(map[string]string{
		"Content-Type": media, "key": f.key, "x-florin-account": u.Account, "x-florin-upload": u.ID,
		"x-florin-until": strconv.FormatInt(int64(until), 10), "x-florin-signature": s.signature(until, u.Account, u.ID, f.key),
	})
	if err != nil {
		panic("leonardo: texts can always be encoded: " + err.Error())
	}
	f.fields = string(fields)
	return f
}

// receive takes the second step of an upload. The fields come before the file, as for
// the store that clients know, so that nothing is read for strangers.
func (s *server) receive(w http.ResponseWriter, r *http.Request) {
	bounded := *r
	bounded.Body = http.MaxBytesReader(w, r.Body, studio.MaxMeshBytes+maxForm)
	parts, err := bounded.MultipartReader()
	if err != nil {
		fail(w, http.StatusBadRequest, "bad-request", "$", "an upload is a multipart/form-data form with its file as the last part")
		return
	}
	fields := map[string]string{}
	for {
		part, err := parts.NextPart()
		if err != nil {
			fail(w, http.StatusBadRequest, "bad-request", "$", "the form has no part named file")
			return
		}
		if name := part.FormName(); name != "file" {
			value, err := io.ReadAll(io.LimitReader(part, maxForm))
			if err != nil || len(fields) >= 20 {
				fail(w, http.StatusBadRequest, "bad-request", "$", "the form's fields can't be read")
				return
			}
			fields[strings.ToLower(name)] = string(value)
			continue
		}
		if !s.signed(fields["x-florin-signature"], fields["x-florin-until"], fields["x-florin-account"], fields["x-florin-upload"], fields["key"]) {
			fail(w, http.StatusForbidden, "access-denied", "$", "the form is not signed, was changed, or is older than two minutes")
			return
		}
		s.finish(w, r, fields["x-florin-account"], fields["x-florin-upload"], part)
		return
	}
}

func (s *server) finish(w http.ResponseWriter, r *http.Request, account, id string, file io.Reader) {
	err := s.Studio.FinishUpload(r.Context(), account, id, file)
	var invalid *token.Invalid
	switch {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
	case errors.As(err, &invalid):
		fail(w, http.StatusBadRequest, "bad-request", "$", invalid.Error())
	case errors.Is(err, studio.ErrUnknown):
		fail(w, http.StatusForbidden, "access-denied", "$", "there is no such upload any more")
	default:
		s.Log.Error("an upload failed", "err", err)
		fail(w, http.StatusInternalServerError, "unexpected", "$", "Service Error")
	}
}

func (s *server) uploadInitImage(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "uploadInitImage")
	if err != nil {
		return err
	}
	ext := f.needed("extension")
	if f.err != nil {
		return f.err
	}
	u, err := s.Studio.BeginUpload(r.Context(), c.Account, studio.ImageUpload, ext)
	if err != nil {
		return err
	}
	to := s.formOf(r, c, u)
	return reply(w, map[string]any{"uploadInitImage": map[string]any{"id": u.ID, "url": to.url, "key": to.key, "fields": to.fields}})
}

func (s *server) uploadCanvas(w http.ResponseWriter, r *http.Request, c caller) error {
	f, err := read(w, r, "uploadCanvasInitImage")
	if err != nil {
		return err
	}
	ext, maskExt := f.needed("initExtension"), f.needed("maskExtension")
	if f.err != nil {
		return f.err
	}
	init, err := s.Studio.BeginUpload(r.Context(), c.Account, studio.ImageUpload, ext)
	if err != nil {
		return err
	}
	mask, err := s.Studio.BeginUpload(r.Context(), c.Account, studio.MaskUpload, maskExt)
	if err != nil {
		return err
	}
	a, b := s.formOf(r, c, init), s.formOf(r, c, mask)
	return reply(w, map[string]any{"uploadCanvasInitImage": map[string]any{
		"initImageId": init.ID, "initUrl": a.url, "initKey": a.key, "initFields": a.fields,
		"maskImageId": mask.ID, "maskUrl": b.url, "maskKey": b.key, "maskFields": b.fields,
	}})
}

// uploadNamed finds an upload by its id in the path; ok is false where there is none of the kinds.
func (s *server) uploadNamed(r *http.Request, c caller, mesh bool) (u studio.Upload, ok bool, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return u, false, err
	}
	u, err = s.Studio.Upload(r.Context(), c.Account, id)
	if errors.Is(err, studio.ErrUnknown) {
		return u, false, nil
	}
	return u, err == nil && (u.Kind == studio.MeshUpload) == mesh, err
}

// uploadURL is where an upload can be fetched; it is left out until the file is there.
func (s *server) uploadURL(r *http.Request, u *studio.Upload, into map[string]any, name string) map[string]any {
	if u.Status == studio.UploadReady {
		into[name] = s.address(r, u.Account, "uploads/"+u.ID+"."+u.Ext)
	}
	return into
}

func (s *server) getInitImage(w http.ResponseWriter, r *http.Request, c caller) error {
	u, ok, err := s.uploadNamed(r, c, false)
	if err != nil {
		return err
	}
	if !ok {
		return reply(w, map[string]any{"init_images_by_pk": nil})
	}
	return reply(w, map[string]any{"init_images_by_pk": s.uploadURL(r, &u, map[string]any{"id": u.ID, "createdAt": wireTime(u.Created)}, "url")})
}

func (s *server) deleteInitImage(w http.ResponseWriter, r *http.Request, c caller) error {
	return s.deleteUpload(w, r, c, false, "delete_init_images_by_pk")
}

func (s *server) deleteUpload(w http.ResponseWriter, r *http.Request, c caller, mesh bool, name string) error {
	u, ok, err := s.uploadNamed(r, c, mesh)
	if err != nil {
		return err
	}
	if !ok {
		return reply(w, map[string]any{name: nil})
	}
	if err := s.Studio.DeleteUpload(r.Context(), c.Account, u.ID); err != nil && !errors.Is(err, studio.ErrUnknown) {
		return err
	}
	return reply(w, map[string]any{name: map[string]any{"id": u.ID}})
}
