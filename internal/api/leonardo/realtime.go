package leonardo

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/jpeg"
	"net/http"
	"strings"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// The styles of the realtime canvas.
var realtimeStyles = []string{"ANIME", "CINEMATIC", "DIGITAL_ART", "DYNAMIC", "ENVIRONMENT", "FANTASY_ART", "ILLUSTRATION", "PHOTOGRAPHY",
	"RENDER_3D", "RAYTRACED", "SKETCH_BW", "SKETCH_COLOR", "VIBRANT", "NONE"}

// realtime answers a call of the realtime canvas with its picture in the answer: a job
// like any other, which the caller waits for. A caller who leaves cancels it.
func (s *server) realtime(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		f, err := read(w, r, "lcmGenerationJob")
		if err != nil {
			return err
		}
		stamp := f.text("requestTimestamp", "")
		sub, err := s.readRealtime(r.Context(), c, kind, f)
		// What is sent is for this picture alone: nobody would know of it to delete it.
		defer s.forget(r.Context(), c, &sub)
		if err != nil {
			return err
		}
		j, err := s.submit(r, c, sub)
		if err != nil {
			return err
		}
		if err := s.await(r.Context(), &j); err != nil {
			_, _ = s.Studio.Cancel(context.WithoutCancel(r.Context()), c.Account, j.ID)
			return err
		}
		if j.Status != studio.Complete || len(j.Pictures) == 0 {
			return wrong(j.Reason)
		}
		data, err := s.dataURL(r.Context(), c, j.Pictures[0].ID)
		if err != nil {
			return err
		}
		out := cost(map[string]any{"imageDataUrl": []string{data}, "requestTimestamp": stamp}, j.Price)
		if kind == "upscale" {
			out["generatedImageId"], out["generationId"], out["variationId"] = j.Pictures[0].ID, []string{j.ID}, []string{}
		}
		return reply(w, map[string]any{"lcmGenerationJob": out})
	}
}

// readRealtime stores the picture that is sent and makes a job of the rest.
func (s *server) readRealtime(ctx context.Context, c caller, kind string, f *fields) (studio.Submission, error) {
	sub := studio.Submission{Prompt: f.needed("prompt")}
	f.oneOf("style", "", realtimeStyles)
	f.share("guidance", 1, 0.5, 20)
	f.integer("steps", 4)
	strength := f.share("strength", 0.5, 0.1, 1)
	if f.has("seed") {
		seed := int64(f.integer("seed", 0))
		sub.Seed = &seed
	}
	width, height := f.integer("width", 512), f.integer("height", 512)
	f.flag("refineCreative")
	f.share("refineStrength", 0.5, 0.5, 0.9)
	given, masking := f.needed("imageDataUrl"), ""
	if kind == "inpaint" {
		masking = f.needed("maskDataUrl")
	}
	if f.err != nil {
		return sub, f.err
	}
	image, err := s.keepDataURL(ctx, c, studio.ImageUpload, "imageDataUrl", given)
	if err != nil {
		return sub, err
	}
	switch kind {
	case "inpaint":
		sub.Request = catalog.Request{Pipeline: "canvas", Images: 1}
		sub.Source.Upload, sub.Style, sub.Strength = image, "inpaint", strength
		sub.Mask, err = s.keepDataURL(ctx, c, studio.MaskUpload, "maskDataUrl", masking)
	case "upscale":
		sub.Request = catalog.Request{Operation: string(engine.Upscale)}
		sub.Prompt, sub.Source.Upload, sub.Scale = "", image, 2
	default:
		// The drawing is followed the more, the less the strength to change it is.
		sub.Request = catalog.Request{Pipeline: "default", Images: 1, Width: width, Height: height}
		sub.References = []studio.Reference{{Origin: studio.Origin{Upload: image}, Kind: engine.ImageReference, Strength: max(1-strength, 0.05)}}
	}
	return sub, err
}

// forget removes what readRealtime stored.
func (s *server) forget(ctx context.Context, c caller, sub *studio.Submission) {
	given := []string{sub.Source.Upload, sub.Mask}
	for _, ref := range sub.References {
		given = append(given, ref.Upload)
	}
	for _, id := range given {
		if id == "" {
			continue
		}
		if err := s.Studio.DeleteUpload(context.WithoutCancel(ctx), c.Account, id); err != nil && !errors.Is(err, studio.ErrUnknown) {
			s.Log.Error("a picture of the realtime canvas could not be removed", "upload", id, "err", err)
		}
	}
}

// keepDataURL stores a picture that came as a data URL.
func (s *server) keepDataURL(ctx context.Context, c caller, kind studio.UploadKind, field, text string) (string, error) {
	head, body, ok := strings.Cut(text, ",")
	ext, image := strings.CutPrefix(strings.TrimSuffix(head, ";base64"), "data:image/")
	data, err := base64.StdEncoding.DecodeString(body)
	if !ok || !image || err != nil {
		return "", &token.Invalid{Field: field, Value: fmt.Sprintf("%.30s…", text), Allowed: "data:image/jpeg;base64, and the picture"}
	}
	u, err := s.Studio.AddUpload(ctx, c.Account, kind, "realtime."+ext, bytes.NewReader(data))
	if err != nil {
		return "", err // and nothing is kept
	}
	return u.ID, nil
}

// dataURL is a picture as JPEG within a text.
func (s *server) dataURL(ctx context.Context, c caller, id string) (string, error) {
	f, _, err := s.Studio.File(ctx, c.Account, id, false)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	var png, jpg bytes.Buffer
	if _, err := png.ReadFrom(f); err != nil {
		return "", err
	}
	img, _, err := picture.Decode(png.Bytes())
	if err != nil {
		return "", err
	}
	if err := jpeg.Encode(&jpg, picture.NRGBA(img), &jpeg.Options{Quality: picture.DefaultQuality}); err != nil {
		return "", err
	}
	return "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpg.Bytes()), nil
}

// await waits until a job has ended.
func (s *server) await(ctx context.Context, j *studio.Job) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for j.Open() {
		events := s.Studio.Listen(ctx, j.Account)
		// What happened before listening began is read; what comes after is told.
		if *j, err = s.Studio.Job(ctx, j.Account, j.ID); err != nil || !j.Open() {
			return err
		}
		for e := range events {
			if e.Changed != nil && e.Changed.ID == j.ID {
				*j = *e.Changed
			}
			if !j.Open() {
				return nil
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}
