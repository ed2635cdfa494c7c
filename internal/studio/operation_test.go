package studio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// all lets the easel do everything.
func (h *house) all() {
	h.easel.can = engine.Description{
		Operations: []engine.Operation{engine.Unzoom, engine.Upscale, engine.AlchemyUpscale, engine.RemoveBackground, engine.TexturePreview, engine.Texture},
		Elements:   []string{"oil", "ink", "pixel_art", "duotone", "halftone"}, PromptMagic: true,
		References: []engine.ReferenceKind{engine.PaletteReference, engine.StructureReference, engine.EdgesReference, engine.ImageReference},
	}
}

func pngOf(t *testing.T, w, h int, shade byte) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = shade + byte(i%w)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload gives the house a file and tells its id.
func (h *house) upload(kind studio.UploadKind, name string, data []byte) string {
	h.t.Helper()
	u, err := h.AddUpload(context.Background(), account, kind, name, bytes.NewReader(data))
	if err != nil {
		h.t.Fatal(err)
	}
	return u.ID
}

const cube = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"

// things are what operations work on: a painted picture and one upload of each kind.
type things struct{ picture, image, mask, mesh string }

func (h *house) things() things {
	h.t.Helper()
	events := h.listen()
	j := h.submit(ask(1))
	h.paint(1)
	j = h.until(events, j.ID, studio.Complete)
	return things{
		picture: j.Pictures[0].ID, image: h.upload(studio.ImageUpload, "photo.png", pngOf(h.t, 24, 32, 9)),
		mask: h.upload(studio.MaskUpload, "mask.png", pngOf(h.t, 24, 32, 200)), mesh: h.upload(studio.MeshUpload, "chair.obj", []byte(cube)),
	}
}

func operation(id string) studio.Submission {
	return studio.Submission{Request: catalog.Request{Operation: id}}
}

// every gives a good submission for each operation and way to use what is new, with its price.
func (x things) every() map[string]struct {
	sub   studio.Submission
	price int64
	wants func(engine.Task) bool
} {
	out := map[string]struct {
		sub   studio.Submission
		price int64
		wants func(engine.Task) bool
	}{}
	add := func(name string, price int64, sub studio.Submission, wants func(engine.Task) bool) {
		e := out[name]
		e.sub, e.price, e.wants = sub, price, wants
		out[name] = e
	}
	of := func(id string, o studio.Origin) studio.Submission {
		sub := operation(id)
		sub.Source = o
		return sub
	}
	painted, uploaded := studio.Origin{Picture: x.picture}, studio.Origin{Upload: x.image}
	add("remove_background", 2, of("remove_background", painted), func(k engine.Task) bool {
		return k.Operation == engine.RemoveBackground && k.Source.Engine == "easel" && string(k.Source.Recipe) == `{"scene":1}`
	})
	add("unzoom", 5, of("unzoom", painted), func(k engine.Task) bool { return k.Operation == engine.Unzoom && k.Zoom == 1.5 })
	up := of("upscale", uploaded)
	up.Scale, up.Style = 4, "animation"
	add("upscale", 5, up, func(k engine.Task) bool {
		return k.Scale == 4 && k.Style == "animation" && k.Source.Image.Bounds().Dx() == 24 && k.Source.Recipe == nil
	})
	add("alchemy_upscale", 8, of("alchemy_upscale", uploaded), func(k engine.Task) bool { return k.Operation == engine.AlchemyUpscale && k.Scale == 2 })
	for id, price := range map[string]int64{"texture_preview": 5, "texture": 30} {
		sub := operation(id)
		sub.Mesh, sub.Prompt = x.mesh, "old oak"
		add(id, price, sub, func(k engine.Task) bool {
			return k.Mesh.Format == "obj" && string(k.Mesh.Data) == cube && k.Prompt == "old oak" && string(k.Operation) == id
		})
	}
	inpaint := studio.Submission{Prompt: "a boat", Request: catalog.Request{Pipeline: "canvas", Images: 4}, Source: uploaded, Mask: x.mask, Strength: 0.5}
	inpaint.Extend.Left = 9
	add("canvas", 4, inpaint, func(k engine.Task) bool {
		return k.Pipeline == "canvas" && k.Width == 33 && k.Height == 32 && k.Mask.Bounds().Dx() == 24 && k.Strength == 0.5 && k.Extend.Left == 9
	})
	guided := ask(1)
	guided.References = []studio.Reference{
		{Origin: painted, Kind: engine.PaletteReference}, {Origin: uploaded, Kind: engine.StructureReference, Strength: 0.9},
	}
	guided.Elements = []studio.Element{{ID: "oil"}, {ID: "ink", Weight: 0.4}}
	guided.Request.PromptMagic, guided.Tiling = "v2", true
	add("guided", 1+2+1, guided, func(k engine.Task) bool {
		return len(k.References) == 2 && k.References[1].Strength == 0.9 && k.References[0].Strength > 0 && k.References[0].Kind == engine.PaletteReference &&
			len(k.Elements) == 2 && k.Elements[0] == engine.Element{ID: "oil", Weight: 1} && k.Elements[1].Weight == 0.4 && k.PromptMagic == "v2" && k.Tiling
	})
	return out
}

func TestEveryOperationIsChargedItsPrice(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.easel.give = engine.Result{Recipe: json.RawMessage(`{"scene":1}`), Note: "by hand", Prompt: "a lake, rewritten",
			Files: []engine.File{{Kind: "mask", Type: "image/png", Data: []byte("a mask")}, {Kind: "mesh", Type: "model/gltf-binary", Data: []byte("glTF…")}}}
		h.work()
		x := h.things()
		events := h.listen()
		balance := int64(8499)
		for name, e := range x.every() {
			q, err := h.Quote(context.Background(), account, e.sub.Request)
			if name != "guided" && name != "canvas" && (err != nil || q.Tokens != e.price) {
				t.Errorf("%s: quoted %d, %v; want %d", name, q.Tokens, err, e.price)
			}
			j := h.submit(e.sub)
			balance -= e.price
			h.expect(balance, e.price)
			for range j.Spec.Images {
				task := <-h.easel.asked
				if !e.wants(task) {
					t.Errorf("%s: the engine was asked for %+v", name, task)
				}
				h.easel.say <- nil
			}
			j = h.until(events, j.ID, studio.Complete)
			h.expect(balance, 0)
			if j.Settled != e.price || len(j.Pictures) != j.Spec.Images {
				t.Fatalf("%s: job is %+v", name, j)
			}
			p := j.Pictures[0]
			if p.Facts.Note != "by hand" || p.Facts.Rewritten != "a lake, rewritten" || p.Facts.Operation != e.sub.Request.Operation || p.Facts.Source != e.sub.Source {
				t.Errorf("%s: facts are %+v", name, p.Facts)
			}
			h.extraFiles(p)
		}
	})
}

// extraFiles checks that what came with a picture can be had by kind and number, by its owner alone.
func (h *house) extraFiles(p studio.Picture) {
	h.t.Helper()
	for which, want := range map[string]string{"mask": "a mask", "1": "glTF…"} {
		f, extra, _, err := h.ExtraFile(context.Background(), account, p.ID, which)
		if err != nil {
			h.t.Fatal(err)
		}
		raw, _ := io.ReadAll(f)
		_ = f.Close()
		if string(raw) != want || extra.Bytes != int64(len(want)) {
			h.t.Errorf("file %s is %q, %+v", which, raw, extra)
		}
	}
	for _, who := range []string{"bob", account} {
		if _, _, _, err := h.ExtraFile(context.Background(), who, p.ID, map[string]string{"bob": "mask", account: "9"}[who]); !errors.Is(err, studio.ErrUnknown) {
			h.t.Errorf("%s: %v", who, err)
		}
	}
}

func TestT19AFailedOperationCostsNothing(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.work()
		x := h.things()
		events := h.listen()
		for name, e := range x.every() {
			j := h.submit(e.sub)
			<-h.easel.asked
			h.easel.say <- &engine.Error{Class: engine.Refused, Reason: "Not with this."}
			j = h.until(events, j.ID, studio.Failed)
			if j.Settled != 0 || j.Reason != "Not with this." {
				t.Errorf("%s: job is %+v", name, j)
			}
			h.expect(8499, 0)
		}
	})
}

func TestOthersThingsAreUnknown(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.work()
		x := h.things()
		h.account("bob")
		for name, e := range x.every() {
			_, err := h.Submit(context.Background(), "bob", e.sub)
			var invalid *token.Invalid
			if !errors.As(err, &invalid) || !strings.Contains(invalid.Allowed, "one of your") {
				t.Errorf("%s: bob got %v", name, err)
			}
		}
		a, err := h.Ledger.Account(context.Background(), "bob", calendar.Instant(h.clock.Load()))
		if rules := h.catalog.Load().Rules(); err != nil || rules.Balance(&a) != 8500 {
			t.Errorf("bob has %d tokens, %v", rules.Balance(&a), err)
		}
		if _, err := h.Upload(context.Background(), "bob", x.image); !errors.Is(err, studio.ErrUnknown) {
			t.Errorf("bob sees an upload: %v", err)
		}
		for what, err := range map[string]error{
			"upload": h.DeleteUpload(context.Background(), "bob", x.image), "picture": h.DeletePicture(context.Background(), "bob", x.picture),
		} {
			if !errors.Is(err, studio.ErrUnknown) {
				t.Errorf("bob deletes the %s: %v", what, err)
			}
		}
	})
}

// account opens another one, on the same plan.
func (h *house) account(id string) {
	h.t.Helper()
	_, err := h.Ledger.Submit(context.Background(), ledger.Request{Account: id,
		Request: token.Request{Key: "open", At: calendar.At(start), Command: token.Open{Plan: "apprentice"}}})
	if err != nil {
		h.t.Fatal(err)
	}
}

// Whatever is refused says which field, and costs nothing.
func TestRefusalsOfOperations(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.work()
		x := h.things()
		small := h.upload(studio.MaskUpload, "small.png", pngOf(t, 8, 8, 1))
		begun, err := h.BeginUpload(context.Background(), account, studio.ImageUpload, "png")
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			base, field string
			change      func(*studio.Submission)
		}{
			"no source":                   {"unzoom", "source", func(s *studio.Submission) { s.Source = studio.Origin{} }},
			"two sources":                 {"unzoom", "source", func(s *studio.Submission) { s.Source.Upload = x.image }},
			"a mask as source":            {"upscale", "source", func(s *studio.Submission) { s.Source.Upload = x.mask }},
			"a mesh as source":            {"remove_background", "source", func(s *studio.Submission) { s.Source = studio.Origin{Upload: x.mesh} }},
			"an upload without file":      {"upscale", "source", func(s *studio.Submission) { s.Source.Upload = begun.ID }},
			"a picture id that is none":   {"unzoom", "source", func(s *studio.Submission) { s.Source.Picture = "none" }},
			"an image as mesh":            {"texture", "mesh", func(s *studio.Submission) { s.Mesh = x.image }},
			"no mesh":                     {"texture_preview", "mesh", func(s *studio.Submission) { s.Mesh = "" }},
			"no prompt for a texture":     {"texture", "prompt", func(s *studio.Submission) { s.Prompt = " " }},
			"a mask of another size":      {"canvas", "mask", func(s *studio.Submission) { s.Mask = small }},
			"an image as mask":            {"canvas", "mask", func(s *studio.Submission) { s.Mask = x.image }},
			"a canvas with nothing to do": {"canvas", "mask", func(s *studio.Submission) { s.Mask, s.Extend = "", studio.Sides{} }},
			"a canvas of another size":    {"canvas", "width", func(s *studio.Submission) { s.Request.Width = 512 }},
			"a canvas that shrinks":       {"canvas", "extend.left", func(s *studio.Submission) { s.Extend.Left = -1 }},
			"strength beyond":             {"canvas", "strength", func(s *studio.Submission) { s.Strength = 1.5 }},
			"tripled":                     {"upscale", "scale", func(s *studio.Submission) { s.Scale = 3 }},
			"unknown style":               {"upscale", "style", func(s *studio.Submission) { s.Style = "baroque" }},
			"zoomed in":                   {"unzoom", "zoom", func(s *studio.Submission) { s.Zoom = 0.5 }},
			"scaled unzoom":               {"unzoom", "scale", func(s *studio.Submission) { s.Scale = 2 }},
			"several at once":             {"upscale", "images", func(s *studio.Submission) { s.Request.Images = 2 }},
			"a prompt for cutting out":    {"remove_background", "prompt", func(s *studio.Submission) { s.Prompt = "a cat" }},
			"guided upscaling":            {"upscale", "elements", func(s *studio.Submission) { s.Elements = []studio.Element{{ID: "oil"}} }},
			"a source without use":        {"guided", "source", func(s *studio.Submission) { s.Source.Picture = x.picture }},
			"five references":             {"guided", "references", func(s *studio.Submission) { s.References = make([]studio.Reference, 5) }},
			"a reference to nothing":      {"guided", "references[0]", func(s *studio.Submission) { s.References = []studio.Reference{{Kind: "palette"}} }},
			"a mask as reference":         {"guided", "references[0]", func(s *studio.Submission) { s.References[0].Origin = studio.Origin{Upload: x.mask} }},
			"an unknown kind":             {"guided", "references[0].kind", func(s *studio.Submission) { s.References[0].Kind = "soul" }},
			"a reference too strong":      {"guided", "references[0].strength", func(s *studio.Submission) { s.References[0].Strength = 2 }},
			"fewer references paid":       {"guided", "references", func(s *studio.Submission) { s.Request.References = 1 }},
			"fewer Elements paid":         {"guided", "elements", func(s *studio.Submission) { s.Request.Elements = 1 }},
			"the same Element twice":      {"guided", "elements[1].id", func(s *studio.Submission) { s.Elements[1].ID = "oil" }},
			"an Element too heavy":        {"guided", "elements[0].weight", func(s *studio.Submission) { s.Elements[0].Weight = 3 }},
			"five Elements":               {"guided", "elements", func(s *studio.Submission) { s.Elements = make([]studio.Element, 5) }},
			"an Element that nobody has":  {"guided", "elements", func(s *studio.Submission) { s.Elements[0].ID = "cubism" }},
			"an unknown operation":        {"upscale", "operation", func(s *studio.Submission) { s.Request.Operation = "sculpt" }},
		} {
			sub := x.every()[c.base].sub
			c.change(&sub)
			_, err := h.Submit(context.Background(), account, sub)
			if field := fieldOf(err); field != c.field {
				t.Errorf("%s: field %q, error %v; want %q", name, field, err, c.field)
			}
		}
		h.expect(8499, 0)
	})
}

// The canvas takes away what is marked, or goes on with the picture, without a word.
func TestTheCanvasNeedsNoPrompt(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.all()
		h.work()
		sub := h.things().every()["canvas"].sub
		sub.Prompt = ""
		events := h.listen()
		j, err := h.Submit(context.Background(), account, sub)
		if err != nil {
			t.Fatal(err)
		}
		h.paint(sub.Request.Images)
		if j = h.until(events, j.ID, studio.Complete); j.Settled != 4 {
			t.Errorf("settled %d, want 4", j.Settled)
		}
	})
}

// fieldOf is the field that an error names.
func fieldOf(err error) string {
	var invalid *token.Invalid
	var refusal *token.Refusal
	var absent *studio.NotInstalled
	switch {
	case errors.As(err, &invalid):
		return invalid.Field
	case errors.As(err, &refusal):
		return refusal.Field
	case errors.As(err, &absent):
		return absent.Field
	}
	return ""
}

func TestWhatIsNotInstalledSaysHow(t *testing.T) {
	each(t, "apprentice", func(t *testing.T, h *house) {
		h.easel.can.Missing = map[engine.Operation]string{engine.RemoveBackground: "run florin models install isnet"}
		h.work()
		x := h.things()
		for name, how := range map[string]string{
			"remove_background": "run florin models install isnet", "upscale": "no engine of this installation does it", "guided": "no engine here has Elements",
		} {
			_, err := h.Submit(context.Background(), account, x.every()[name].sub)
			var absent *studio.NotInstalled
			if !errors.As(err, &absent) || absent.How != how {
				t.Errorf("%s: %v", name, err)
			}
		}
		if how := h.Lacks("remove_background"); how != "run florin models install isnet" {
			t.Errorf("lacks: %q", how)
		}
		h.expect(8499, 0)
	})
}

func TestP8PremiumOperationsNeedAPlan(t *testing.T) {
	each(t, "free", func(t *testing.T, h *house) {
		h.all()
		h.work()
		x := h.things()
		for _, name := range []string{"alchemy_upscale", "texture", "guided"} {
			_, err := h.Submit(context.Background(), account, x.every()[name].sub)
			var refusal *token.Refusal
			if !errors.As(err, &refusal) || refusal.Reason != token.PlanRequired {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.expect(149, 0)
	})
}
