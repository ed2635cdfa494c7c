package api

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// Picture is one finished picture.
type Picture struct {
	ID        string   `json:"id"`
	JobID     string   `json:"job_id"`
	Index     int      `json:"index"`
	URL       string   `json:"url"`
	Thumbnail string   `json:"thumbnail_url"`
	Width     int      `json:"width"`
	Height    int      `json:"height"`
	Seed      int64    `json:"seed"`
	Prompt    string   `json:"prompt"`
	Used      []string `json:"used_words" doc:"Words that shaped the picture."`
	Ignored   []string `json:"ignored_words" doc:"Words that the engine could not draw."`
	Scene     string   `json:"scene,omitempty"`
	// Rewritten is the prompt as Prompt Magic made it.
	Rewritten string        `json:"rewritten_prompt,omitempty" doc:"The prompt as Prompt Magic made it."`
	Note      string        `json:"note,omitempty" doc:"What one should know of how this was made."`
	Operation string        `json:"operation,omitempty" doc:"What made it of another picture; empty for painting."`
	Source    *Origin       `json:"source,omitempty" doc:"What it was made from."`
	Files     []PictureFile `json:"files" doc:"Maps, meshes, turntable frames and masks that came with it."`
	Created   string        `json:"created_at" format:"date-time"`
}

// PictureFile is a file that came with a picture.
type PictureFile struct {
	Kind  string `json:"kind"`
	Type  string `json:"type" doc:"The media type."`
	Bytes int64  `json:"bytes"`
	URL   string `json:"url"`
}

// Pictures is a page of pictures, newest first.
type Pictures struct {
	Pictures   []Picture `json:"pictures"`
	NextCursor string    `json:"next_cursor,omitempty"`
}

// PictureWithJob is a picture with the job that made it.
type PictureWithJob struct {
	Picture
	Job Job `json:"job"`
}

func (s *server) pictureRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "list-pictures", Method: http.MethodGet, Path: "/api/v1/pictures", Summary: "One's own pictures, newest first"}, s.listPictures)
	huma.Register(api, huma.Operation{OperationID: "get-picture", Method: http.MethodGet, Path: "/api/v1/pictures/{id}", Summary: "One picture with its settings"}, s.getPicture)
	huma.Register(api, huma.Operation{OperationID: "delete-picture", Method: http.MethodDelete, Path: "/api/v1/pictures/{id}", DefaultStatus: http.StatusNoContent, Summary: "Remove a picture of a job that has ended"}, s.deletePicture)
}

func (s *server) listPictures(ctx context.Context, in *page) (*answer[Pictures], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	pictures, err := s.Studio.Pictures(ctx, p.Account, in.Cursor, in.Limit)
	if err != nil {
		return nil, s.fail(err)
	}
	out := Pictures{Pictures: []Picture{}}
	for _, pic := range pictures {
		out.Pictures = append(out.Pictures, pictureOf(pic))
	}
	if n := len(pictures); n == in.Limit {
		out.NextCursor = studio.Cursor(pictures[n-1].Created, pictures[n-1].ID)
	}
	return &answer[Pictures]{Body: out}, nil
}

func (s *server) getPicture(ctx context.Context, in *byID) (*answer[PictureWithJob], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	pic, err := s.Studio.Picture(ctx, p.Account, in.ID)
	if err != nil {
		return nil, s.fail(err)
	}
	j, err := s.Studio.Job(ctx, p.Account, pic.Job)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[PictureWithJob]{Body: PictureWithJob{Picture: pictureOf(pic), Job: s.jobOf(j)}}, nil
}

func (s *server) deletePicture(ctx context.Context, in *byID) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Studio.DeletePicture(ctx, p.Account, in.ID))
}

func pictureOf(p studio.Picture) Picture {
	out := Picture{
		ID: p.ID, JobID: p.Job, Index: p.Index, URL: "/pictures/" + p.ID + ".png", Thumbnail: "/pictures/" + p.ID + "/thumb.jpg",
		Width: p.Width, Height: p.Height, Seed: p.Seed, Prompt: p.Facts.Prompt, Scene: p.Facts.Scene,
		Used: append([]string{}, p.Facts.Used...), Ignored: append([]string{}, p.Facts.Ignored...), Created: p.Created.String(),
		Rewritten: p.Facts.Rewritten, Note: p.Facts.Note, Operation: p.Facts.Operation, Source: originOf(p.Facts.Source), Files: []PictureFile{},
	}
	for i, f := range p.Facts.Files {
		out.Files = append(out.Files, PictureFile{Kind: f.Kind, Type: f.Type, Bytes: f.Bytes, URL: "/pictures/" + p.ID + "/files/" + strconv.Itoa(i)})
	}
	return out
}

// pictureExtra serves a file that came with a picture to the picture's owner.
func (s *server) pictureExtra(w http.ResponseWriter, r *http.Request) {
	p, err := who(r.Context())
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	f, extra, pic, err := s.Studio.ExtraFile(r.Context(), p.Account, r.PathValue("id"), r.PathValue("which"))
	if err != nil {
		writeProblem(w, s.problemOf(s.fail(err)))
		return
	}
	defer func() { _ = f.Close() }()
	h := w.Header()
	h.Set("Content-Type", extra.Type)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if !strings.HasPrefix(extra.Type, "image/") || r.URL.Query().Get("download") != "" {
		h.Set("Content-Disposition", attachment("florin-"+pic.ID+"-"+extra.Kind+"."+studio.Ending(extra.Type)))
	}
	http.ServeContent(w, r, "", pic.Created.Time(), f)
}

// pictureFile serves /pictures/ID.png to its owner, and with ?format=jpeg or webp in that
// format. Without an ending the address is that of the page about the picture, as people
// reload or share it.
func (s *server) pictureFile(w http.ResponseWriter, r *http.Request) {
	id, ending, ok := strings.Cut(r.PathValue("file"), ".")
	if !ok {
		s.page(w, r)
		return
	}
	name := r.URL.Query().Get("format")
	if name == "" {
		name = ending
	}
	format, err := picture.ParseFormat(name)
	if _, unknown := picture.ParseFormat(ending); unknown != nil {
		err = studio.ErrUnknown
	} else if err != nil {
		err = &token.Invalid{Field: "format", Value: name, Allowed: "png, jpeg, webp"}
	}
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	plain := r.URL.Query().Get("metadata") == "false"
	if format != picture.PNG || plain {
		s.serveConverted(w, r, id, format)
		return
	}
	s.servePicture(w, r, id, false)
}

// serveConverted writes a picture in another format, or as PNG without its settings.
func (s *server) serveConverted(w http.ResponseWriter, r *http.Request, id string, format picture.Format) {
	p, err := who(r.Context())
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	pic, err := s.Studio.Picture(r.Context(), p.Account, id)
	// The same picture converts to the same bytes, so an asker who has them need not wait for them.
	tag := `"` + pic.File + "-" + string(format) + `"`
	if err == nil && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	var data []byte
	if err == nil {
		data, err = s.Studio.Convert(r.Context(), &pic, format)
	}
	if err != nil {
		writeProblem(w, s.problemOf(s.fail(err)))
		return
	}
	h := w.Header()
	h.Set("Content-Type", format.MediaType())
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("ETag", tag)
	if r.URL.Query().Get("download") != "" {
		h.Set("Content-Disposition", attachment("florin-"+pic.ID+"."+studio.Ending(format.MediaType())))
	}
	http.ServeContent(w, r, "", pic.Created.Time(), bytes.NewReader(data))
}

func (s *server) pictureThumb(w http.ResponseWriter, r *http.Request) {
	s.servePicture(w, r, r.PathValue("id"), true)
}

func (s *server) servePicture(w http.ResponseWriter, r *http.Request, id string, thumb bool) {
	p, err := who(r.Context())
	if err != nil {
		writeProblem(w, s.problemOf(err))
		return
	}
	f, pic, err := s.Studio.File(r.Context(), p.Account, id, thumb)
	if err != nil {
		writeProblem(w, s.problemOf(s.fail(err)))
		return
	}
	defer func() { _ = f.Close() }()
	h := w.Header()
	h.Set("Content-Type", "image/png")
	if thumb {
		h.Set("Content-Type", "image/jpeg")
	}
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if r.URL.Query().Get("download") != "" {
		ending := ".png"
		if thumb {
			ending = ".jpg"
		}
		h.Set("Content-Disposition", attachment("florin-"+pic.ID+ending))
	}
	http.ServeContent(w, r, "", pic.Created.Time(), f)
}
