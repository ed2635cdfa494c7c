package leonardo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// The styles of the realtime canvas.
var realtimeStyles = []string{"ANIME", "CINEMATIC", "DIGITAL_ART", "DYNAMIC", "ENVIRONMENT", "FANTASY_ART", "ILLUSTRATION", "PHOTOGRAPHY",
	"RENDER_3D", "RAYTRACED", "SKETCH_BW", "SKETCH_COLOR", "VIBRANT", "NONE"}

// realtime answers a call of the realtime canvas with its picture in the answer: a job
// like any other, which the caller waits for. A caller who leaves cancels it. With an
// idempotency key it happens once.
func (s *server) realtime(kind string) handler {
	return func(w http.ResponseWriter, r *http.Request, c caller) error {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			return errNoObject
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		f, err := read(w, r, "lcmGenerationJob")
		if err != nil {
			return err
		}
		if r.Header.Get("Idempotency-Key") != "" {
			return s.realtimeOnce(w, r, c, kind, f, raw)
		}
		made, err := s.paintNow(r, c, kind, f, "")
		if err != nil {
			return err
		}
		return s.show(w, r, c, made)
	}
}

// shown is what is remembered of an answer of the realtime canvas: not the picture, but
// where it is.
type shown struct {
	Kind, Job, Picture, Stamp string
	Price                     int64
}

// realtimeOnce makes the picture of a call, or shows again what its first time made.
func (s *server) realtimeOnce(w http.ResponseWriter, r *http.Request, c caller, kind string, f *fields, raw []byte) error {
	key := r.Header.Get("Idempotency-Key")
	if err := once.CheckKey(key); err != nil {
		return err
	}
	book := &once.Book{DB: s.Identity.DB, Now: s.Now}
	same := sha256.Sum256(append([]byte(r.Method+"\n"+r.URL.Path+"\n"), raw...))
	claim, first, err := book.Begin(r.Context(), once.Request{Account: c.Account, Key: key, Same: hex.EncodeToString(same[:]), Credential: r.Header.Get("Authorization")})
	if err != nil {
		return err
	}
	w.Header().Set("Idempotency-Key", key)
	if first != nil {
		var made shown
		if err := json.Unmarshal(first.Body, &made); err != nil {
			return fmt.Errorf("reading what the realtime canvas made: %w", err)
		}
		w.Header().Set("Idempotency-Replayed", "true")
		err := s.show(w, r, c, made)
		if err != nil {
			w.Header().Del("Idempotency-Replayed")
		}
		return err
	}
	stop := book.Hold(r.Context(), claim)
	made, err := s.paintNow(r, c, kind, f, claim.ID)
	stop()
	// What happened, happened, whether or not the caller still listens.
	ctx := context.WithoutCancel(r.Context())
	var failed error
	switch {
	case made.Picture != "":
		var told []byte
		if told, failed = json.Marshal(made); failed == nil {
			failed = book.Finish(ctx, claim, once.Answer{Status: http.StatusOK, Body: told})
		}
	case !errors.Is(err, errUnended): // or else a repeat after the lease sees what became of the job
		failed = book.Drop(ctx, claim)
	}
	if failed != nil {
		s.Log.Error("an answer could not be remembered", "path", r.URL.Path, "err", failed)
	}
	if err != nil {
		return err
	}
	return s.show(w, r, c, made)
}

// errUnended is a job of which it is not known in time whether it was still cancelled.
var errUnended = errors.New("the job has not ended yet")

// lastPatience is how long a job may take to end after its caller has left, or the server
// is told to stop, which waits for a little more than that.
const lastPatience = 3 * time.Second

// paintNow makes the picture of a call. With an id, what it makes on the way has ids that
// follow from it, so that the call makes nothing twice when it runs again after a crash.
// Where the caller has left but the picture is made, it gives both the picture and an error.
func (s *server) paintNow(r *http.Request, c caller, kind string, f *fields, id string) (shown, error) {
	made := shown{Kind: kind, Stamp: f.text("requestTimestamp", "")}
	sub, err := s.readRealtime(r.Context(), c, kind, f, id)
	// What is sent is for this picture alone: nobody would know of it to delete it.
	defer s.forget(r.Context(), c, &sub)
	if err != nil {
		return shown{}, err
	}
	whole := r
	if id != "" { // whether the job is there has to be known, also if the caller leaves meanwhile
		sub.Key, whole = "realtime-"+id, r.WithContext(context.WithoutCancel(r.Context()))
	}
	j, err := s.submitAs(whole, c, sub)
	if err != nil {
		return shown{}, err
	}
	left := s.await(r.Context(), &j)
	if left != nil {
		ctx := context.WithoutCancel(r.Context())
		gone, err := s.Studio.Cancel(ctx, c.Account, j.ID)
		if err == nil && gone.Open() && id != "" {
			ctx, done := context.WithTimeout(ctx, lastPatience)
			defer done()
			err = s.await(ctx, &gone)
		}
		if j = gone; err != nil || j.Open() {
			return shown{}, errors.Join(left, errUnended)
		}
	}
	if j.Status != studio.Complete || len(j.Pictures) == 0 {
		return shown{}, errors.Join(left, wrong(j.Reason))
	}
	made.Job, made.Picture, made.Price = j.ID, j.Pictures[0].ID, j.Price
	return made, left
}

// show answers with a picture of the realtime canvas.
func (s *server) show(w http.ResponseWriter, r *http.Request, c caller, made shown) error {
	data, err := s.dataURL(r.Context(), c, made.Picture)
	if err != nil {
		return err
	}
	out := cost(map[string]any{"imageDataUrl": []string{data}, "requestTimestamp": made.Stamp}, made.Price)
	if made.Kind == "upscale" {
		out["generatedImageId"], out["generationId"], out["variationId"] = made.Picture, []string{made.Job}, []string{}
	}
	return reply(w, map[string]any{"lcmGenerationJob": out})
}

// readRealtime stores the picture that is sent and makes a job of the rest.
func (s *server) readRealtime(ctx context.Context, c caller, kind string, f *fields, id string) (studio.Submission, error) {
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
	image, err := s.keepDataURL(ctx, c, studio.ImageUpload, "imageDataUrl", given, id)
	if err != nil {
		return sub, err
	}
	switch kind {
	case "inpaint":
		sub.Request = catalog.Request{Pipeline: "canvas", Images: 1}
		sub.Source.Upload, sub.Style, sub.Strength = image, "inpaint", strength
		sub.Mask, err = s.keepDataURL(ctx, c, studio.MaskUpload, "maskDataUrl", masking, id)
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

// keepDataURL stores a picture that came as a data URL. Its id follows from the call's, if
// that has one.
func (s *server) keepDataURL(ctx context.Context, c caller, kind studio.UploadKind, field, text, call string) (string, error) {
	head, body, ok := strings.Cut(text, ",")
	ext, image := strings.CutPrefix(strings.TrimSuffix(head, ";base64"), "data:image/")
	data, err := base64.StdEncoding.DecodeString(body)
	if !ok || !image || err != nil {
		return "", &token.Invalid{Field: field, Value: fmt.Sprintf("%.30s…", text), Allowed: "data:image/jpeg;base64, and the picture"}
	}
	id := ""
	if call != "" {
		id = uuid.NewSHA1(uuid.NameSpaceOID, []byte(call+"\n"+field)).String()
	}
	u, err := s.Studio.AddUploadAs(ctx, c.Account, id, kind, "realtime."+ext, bytes.NewReader(data))
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

// await waits until a job has ended. With an error it leaves the job as it was last seen.
func (s *server) await(ctx context.Context, j *studio.Job) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for j.Open() {
		events := s.Studio.Listen(ctx, j.Account)
		// What happened before listening began is read; what comes after is told.
		seen, err := s.Studio.Job(ctx, j.Account, j.ID)
		if err != nil {
			return err
		}
		if *j = seen; !j.Open() {
			return nil
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
