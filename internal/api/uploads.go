package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// Upload is a file that somebody gave: a picture to work on or to be guided by, a mask, or a mesh.
type Upload struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" enum:"image,mask,mesh,dataset"`
	Name      string `json:"name"`
	Format    string `json:"format" doc:"png, obj or glb: pictures are stored as PNG whatever they came as."`
	Width     int    `json:"width,omitempty"`
	Height    int    `json:"height,omitempty"`
	Bytes     int64  `json:"bytes"`
	URL       string `json:"url"`
	Thumbnail string `json:"thumbnail_url,omitempty"`
	Created   string `json:"created_at" format:"date-time"`
}

// Uploads is a page of uploads, newest first.
type Uploads struct {
	Uploads    []Upload `json:"uploads"`
	NextCursor string   `json:"next_cursor,omitempty"`
}

// uploadPath is where files are sent; bodies may be larger there.
const uploadPath = "/api/v1/uploads"

// Bounds of a request that carries a file: its body, and how long it may take to arrive.
const (
	maxUploadBody  = studio.MaxMeshBytes + 1<<20
	uploadPatience = 5 * time.Minute
)

type newUpload struct {
	Kind        string `query:"kind" enum:"image,mask,mesh,dataset" doc:"What the file is for; image if missing. A form may send it as a field."`
	Name        string `query:"name" maxLength:"200" doc:"The file's name with its ending, which tells the format; for bodies that are not a form."`
	ContentType string `header:"Content-Type"`
	RawBody     []byte
}

func (s *server) uploadRoutes(api huma.API) {
	op := withFile(huma.Operation{
		OperationID: "create-upload", Method: http.MethodPost, Path: uploadPath, DefaultStatus: http.StatusCreated, Summary: "Give a file",
		Description: "Send the file as the body, or as the field `file` of a form. Pictures (PNG, JPEG, WebP) are read and written anew: turned as their camera says, without place, time or any other text. Meshes are OBJ or GLB.",
	}, "kind")
	huma.Register(api, op, s.createUpload)
	huma.Register(api, huma.Operation{OperationID: "list-uploads", Method: http.MethodGet, Path: uploadPath, Summary: "One's own uploads, newest first"}, s.listUploads)
	huma.Register(api, huma.Operation{OperationID: "get-upload", Method: http.MethodGet, Path: uploadPath + "/{id}", Summary: "One upload"}, s.getUpload)
	huma.Register(api, huma.Operation{OperationID: "delete-upload", Method: http.MethodDelete, Path: uploadPath + "/{id}", DefaultStatus: http.StatusNoContent, Summary: "Remove an upload"}, s.deleteUpload)
}

// withFile lets an operation take a file: as the body, or in a form with the field file and others.
func withFile(op huma.Operation, others ...string) huma.Operation {
	fields := map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}
	for _, name := range others {
		fields[name] = &huma.Schema{Type: "string"}
	}
	op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = maxUploadBody, uploadPatience, true
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
		"multipart/form-data":      {Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: fields}},
	}}
	return op
}

// carriesFile tells of a path whether files are sent there.
func carriesFile(path string) bool {
	return path == uploadPath || strings.HasPrefix(path, datasetsPath+"/") && strings.HasSuffix(path, "/images")
}

func (s *server) createUpload(ctx context.Context, in *newUpload) (*answer[Upload], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	f, err := fileOf(in.ContentType, in.Name, in.RawBody)
	if err != nil {
		return nil, s.fail(err)
	}
	kind := studio.UploadKind(cmp.Or(f.kind, in.Kind, string(studio.ImageUpload)))
	u, err := s.Studio.AddUploadAs(ctx, p.Account, requestID(ctx), kind, f.name, bytes.NewReader(f.data))
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Upload]{Body: uploadOf(u)}, nil
}

// sentFile is a file that a request carries, with its name and what a form says it is for.
type sentFile struct {
	name, kind string
	data       []byte
}

// fileOf reads the file of a request: its body, or a form with the field file and perhaps kind.
func fileOf(contentType, name string, body []byte) (f sentFile, err error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return sentFile{name: cmp.Or(name, "upload."+endingOf(contentType, body)), data: body}, nil
	}
	bad := &token.Invalid{Field: "file", Value: "nothing", Allowed: "a form with the field file"}
	for reader := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, bad
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return f, bad
		}
		switch part.FormName() {
		case "kind":
			f.kind = string(raw)
		case "file":
			f.name, f.data = part.FileName(), raw
			if !strings.Contains(f.name, ".") {
				f.name += "." + endingOf(part.Header.Get("Content-Type"), raw)
			}
		}
	}
	if f.data == nil {
		return f, bad
	}
	return f, nil
}

// endingOf finds the ending for a file that came without a name. What it really is, is found from its content later.
func endingOf(contentType string, data []byte) string {
	switch kind, _, _ := mime.ParseMediaType(contentType); kind {
	case "model/gltf-binary":
		return "glb"
	case "model/obj", "text/plain":
		return "obj"
	}
	if bytes.HasPrefix(data, []byte("glTF")) {
		return "glb"
	}
	return "png"
}

func (s *server) listUploads(ctx context.Context, in *struct {
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Cursor string `query:"cursor"`
	Kind   string `query:"kind" enum:"image,mask,mesh,dataset" doc:"Only uploads of this kind."`
}) (*answer[Uploads], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	uploads, err := s.Studio.Uploads(ctx, p.Account, studio.UploadKind(in.Kind), in.Cursor, in.Limit)
	if err != nil {
		return nil, s.fail(err)
	}
	out := Uploads{Uploads: []Upload{}}
	for _, u := range uploads {
		out.Uploads = append(out.Uploads, uploadOf(u))
	}
	if n := len(uploads); n == in.Limit {
		out.NextCursor = studio.Cursor(uploads[n-1].Created, uploads[n-1].ID)
	}
	return &answer[Uploads]{Body: out}, nil
}

func (s *server) getUpload(ctx context.Context, in *byID) (*answer[Upload], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	u, err := s.Studio.Upload(ctx, p.Account, in.ID)
	if err == nil && u.Status != studio.UploadReady {
		err = studio.ErrUnknown
	}
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Upload]{Body: uploadOf(u)}, nil
}

func (s *server) deleteUpload(ctx context.Context, in *byID) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Studio.DeleteUpload(ctx, p.Account, in.ID))
}

func uploadOf(u studio.Upload) Upload {
	out := Upload{
		ID: u.ID, Kind: string(u.Kind), Name: u.Name, Format: u.Ext, Width: u.Width, Height: u.Height, Bytes: u.Bytes,
		URL: uploadPath + "/" + u.ID + "/file", Created: u.Created.String(),
	}
	if u.Thumb != "" {
		out.Thumbnail = uploadPath + "/" + u.ID + "/thumb.jpg"
	}
	return out
}

// uploadFile serves an upload to its owner.
func (s *server) uploadFile(w http.ResponseWriter, r *http.Request) { s.serveUpload(w, r, false) }

func (s *server) uploadThumb(w http.ResponseWriter, r *http.Request) { s.serveUpload(w, r, true) }

func (s *server) serveUpload(w http.ResponseWriter, r *http.Request, thumb bool) {
	p, err := who(r.Context())
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	f, u, err := s.Studio.UploadFile(r.Context(), p.Account, r.PathValue("id"), thumb)
	if err != nil {
		writeProblem(w, s.problemOf(s.fail(err)))
		return
	}
	defer func() { _ = f.Close() }()
	kind := map[string]string{"png": "image/png", "glb": "model/gltf-binary"}[u.Ext]
	if kind == "" {
		kind = "application/octet-stream"
	}
	if thumb {
		kind = "image/jpeg"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if kind == "application/octet-stream" || r.URL.Query().Get("download") != "" {
		h.Set("Content-Disposition", attachment("florin-upload-"+u.ID+"."+u.Ext))
	}
	http.ServeContent(w, r, "", u.Created.Time(), f)
}

// attachment tells browsers to save a file under a name.
func attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
