package studio

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/picture"
	"github.com/florin-studio/florin/internal/store"
)

// textureSide is the side of a texture's picture as long as it is not made, in pixels.
const textureSide = 1024

// size is a picture's, in pixels.
type size struct{ width, height int }

// resolve looks up what a spec names, refuses what is not there or of the wrong kind, and
// works out the sizes that follow from it. What belongs to others is unknown.
func (s *Studio) resolve(ctx context.Context, account string, req *catalog.Request, spec *Spec) error {
	return s.read(ctx, func(ctx context.Context, tx *store.Tx) error {
		for i, r := range spec.References {
			if _, err := sizeOf(ctx, tx, account, fmt.Sprintf("references[%d]", i), r.Origin); err != nil {
				return err
			}
		}
		if spec.Mesh != "" {
			if _, err := readyUpload(ctx, tx, account, "mesh", spec.Mesh, MeshUpload); err != nil {
				return err
			}
			spec.Width, spec.Height = textureSide, textureSide
		}
		if spec.Source.Empty() {
			return nil
		}
		source, err := sizeOf(ctx, tx, account, "source", spec.Source)
		if err != nil {
			return err
		}
		if spec.Mask != "" {
			mask, err := readyUpload(ctx, tx, account, "mask", spec.Mask, MaskUpload)
			if err != nil {
				return err
			}
			if mask.Width != source.width || mask.Height != source.height {
				return invalid("mask", fmt.Sprintf("%d×%d pixels", mask.Width, mask.Height), fmt.Sprintf("the size of the source, %d×%d", source.width, source.height))
			}
		}
		if spec.Operation == "" {
			return s.resolveCanvas(req, spec, source)
		}
		return spec.resolveSize(source)
	})
}

// resolveCanvas gives the canvas its size, the source's and what it grows by. It is priced
// at the next size that the catalog has (P3).
func (s *Studio) resolveCanvas(req *catalog.Request, spec *Spec, source size) error {
	multiple, least := s.Catalog().Sizes().Multiple, s.Catalog().Sizes().Min
	for _, side := range []struct {
		field     string
		exact     int
		asked, is *int
	}{
		{"width", source.width + spec.Extend.Left + spec.Extend.Right, &req.Width, &spec.Width},
		{"height", source.height + spec.Extend.Top + spec.Extend.Bottom, &req.Height, &spec.Height},
	} {
		priced := max((side.exact+multiple-1)/multiple*multiple, least)
		if *side.asked != 0 && *side.asked != side.exact && *side.asked != priced {
			return invalid(side.field, *side.asked, strconv.Itoa(side.exact)+", the source's and what the canvas grows by")
		}
		*side.asked, *side.is = priced, side.exact
	}
	return nil
}

// resolveSize tells how large an operation's picture will be, as far as that follows from the source.
func (s *Spec) resolveSize(source size) error {
	s.Width, s.Height = source.width, source.height
	if op := engine.Operation(s.Operation); op == engine.Upscale || op == engine.AlchemyUpscale {
		s.Width, s.Height = source.width*s.Scale, source.height*s.Scale
	}
	if s.Width > picture.MaxSide || s.Height > picture.MaxSide || s.Width*s.Height > picture.MaxPixels {
		return invalid("scale", s.Scale, fmt.Sprintf("what gives at most %d pixels in all and %d a side; %d×%d would become %d×%d",
			picture.MaxPixels, picture.MaxSide, source.width, source.height, s.Width, s.Height))
	}
	return nil
}

// sizeOf finds a picture or an uploaded image of the account.
func sizeOf(ctx context.Context, tx *store.Tx, account, field string, o Origin) (size, error) {
	if o.Picture != "" {
		p, err := scanPicture(tx.QueryRow(ctx, `SELECT `+pictureColumns+` FROM pictures WHERE account = $1 AND id = $2`, account, o.Picture))
		if errors.Is(err, ErrUnknown) {
			return size{}, invalid(field, o.Picture, "the id of one of your pictures")
		}
		return size{p.Width, p.Height}, err
	}
	u, err := readyUpload(ctx, tx, account, field, o.Upload, ImageUpload)
	return size{u.Width, u.Height}, err
}

// readyUpload finds an upload that is complete and of a kind.
func readyUpload(ctx context.Context, tx *store.Tx, account, field, id string, kind UploadKind) (Upload, error) {
	u, err := loadUpload(ctx, tx, account, id)
	switch {
	case errors.Is(err, ErrUnknown):
		return u, invalid(field, id, "the id of one of your uploads")
	case err != nil:
		return u, err
	case u.Kind != kind:
		return u, invalid(field, "an upload of kind "+string(u.Kind), "an upload of kind "+string(kind))
	case u.Status != UploadReady:
		return u, invalid(field, id, "an upload whose file has arrived")
	}
	return u, nil
}
