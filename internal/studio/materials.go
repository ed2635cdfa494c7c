package studio

import (
	"context"
	"errors"
	"image"
	"io"

	"golang.org/x/image/draw"

	"github.com/florin-studio/florin/internal/blob"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/store"
)

// referenceSide is the longest side of a reference as engines get it, in pixels: no
// picture that they paint is larger, and four uploads as they came may fill the memory.
const referenceSide = 1536

// gone is why a job fails whose picture or upload was deleted while it waited.
func gone(what string) error {
	return &engine.Error{Class: engine.Refused, Reason: "The " + what + " of this job has been deleted."}
}

// materials are what a job's tasks have in common: what it works on and with.
type materials struct {
	source     *engine.Source
	mask       image.Image
	mesh       *engine.Mesh
	references []engine.Reference
	// prompt is that of the picture it works on.
	prompt string
}

// gather reads what a job works on and with.
func (s *Studio) gather(ctx context.Context, account string, spec *Spec) (m materials, err error) {
	if !spec.Source.Empty() {
		if m.source, m.prompt, err = s.gatherSource(ctx, account, spec.Source); err != nil {
			return m, err
		}
	}
	if spec.Mask != "" {
		if m.mask, err = s.gatherImage(ctx, account, "mask", Origin{Upload: spec.Mask}); err != nil {
			return m, err
		}
	}
	for _, r := range spec.References {
		img, err := s.gatherImage(ctx, account, "reference", r.Origin)
		if err != nil {
			return m, err
		}
		m.references = append(m.references, engine.Reference{Image: smaller(img), Kind: r.Kind, Strength: r.Strength})
	}
	if spec.Mesh != "" {
		u, err := s.Upload(ctx, account, spec.Mesh)
		if err != nil {
			return m, missing(err, "mesh")
		}
		raw, err := s.readFile(u.File)
		if err != nil {
			return m, missing(err, "mesh")
		}
		m.mesh = &engine.Mesh{Format: u.Ext, Data: raw}
	}
	return m, nil
}

func missing(err error, what string) error {
	if errors.Is(err, ErrUnknown) || errors.Is(err, blob.ErrUnknown) {
		return gone(what)
	}
	return err
}

// gatherSource reads the picture that is worked on, with its recipe if an engine here made it.
func (s *Studio) gatherSource(ctx context.Context, account string, o Origin) (*engine.Source, string, error) {
	img, err := s.gatherImage(ctx, account, "source", o)
	if err != nil || o.Picture == "" {
		return &engine.Source{Image: img}, "", err
	}
	p, err := s.Picture(ctx, account, o.Picture)
	if err != nil {
		return nil, "", missing(err, "source")
	}
	source := &engine.Source{Image: img, Engine: p.Facts.Engine}
	var recipe string
	err = s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT recipe FROM pictures WHERE account = $1 AND id = $2`, account, o.Picture).Scan(&recipe)
	})
	if err != nil {
		return nil, "", err
	}
	if recipe != "" {
		source.Recipe = []byte(recipe)
	}
	return source, p.Facts.Prompt, nil
}

// gatherImage reads the pixels of a picture or an upload.
func (s *Studio) gatherImage(ctx context.Context, account, what string, o Origin) (image.Image, error) {
	var file string
	if o.Picture != "" {
		p, err := s.Picture(ctx, account, o.Picture)
		if err != nil {
			return nil, missing(err, what)
		}
		file = p.File
	} else {
		u, err := s.Upload(ctx, account, o.Upload)
		if err != nil {
			return nil, missing(err, what)
		}
		file = u.File
	}
	raw, err := s.readFile(file)
	if err != nil {
		return nil, missing(err, what)
	}
	img, _, err := picture.DecodeUntil(ctx, raw)
	return img, err
}

func (s *Studio) readFile(name string) ([]byte, error) {
	f, err := s.Files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(f)
}

// smaller scales a picture down to what engines need of references.
func smaller(img image.Image) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	longest := max(w, h)
	if longest <= referenceSide {
		return img
	}
	out := image.NewNRGBA(image.Rect(0, 0, max(1, w*referenceSide/longest), max(1, h*referenceSide/longest)))
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// task is one picture of a job.
func (m *materials) task(spec *Spec, index int) engine.Task {
	t := engine.Task{
		Operation: spec.Needs().Operation, Pipeline: spec.Pipeline, Model: spec.Model, Prompt: spec.Prompt, NegativePrompt: spec.NegativePrompt,
		PromptMagic: spec.PromptMagic, Steps: spec.Steps, Seed: (spec.Seed + int64(index)) % (MaxSeed + 1), Tiling: spec.Tiling,
		References: m.references, Source: m.source, Mask: m.mask, Strength: spec.Strength, Scale: spec.Scale, Style: spec.Style, Zoom: spec.Zoom, Mesh: m.mesh,
		Extend: engine.Sides{Left: spec.Extend.Left, Top: spec.Extend.Top, Right: spec.Extend.Right, Bottom: spec.Extend.Bottom},
	}
	if spec.Operation == "" {
		t.Width, t.Height = spec.Width, spec.Height
	}
	for _, e := range spec.Elements {
		t.Elements = append(t.Elements, engine.Element{ID: e.ID, Weight: e.Weight})
	}
	return t
}
