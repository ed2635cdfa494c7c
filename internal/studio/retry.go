package studio

import (
	"context"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token"
)

// Retry asks again for the pictures that a failed or cancelled job did not make: a new
// job with a new hold, at the price of a quote that QuoteRetry gave or, without one, of
// now. Without a key of the caller's, a job is retried once; asking again gives the same
// new job (T17).
func (s *Studio) Retry(ctx context.Context, account, id, key, quote string, by *identity.Key) (Job, error) {
	sub, err := s.again(ctx, account, id)
	if err != nil {
		return Job{}, err
	}
	if key == "" {
		key = "retry " + id
	}
	sub.Key, sub.Quote, sub.APIKey = key, quote, by
	return s.Submit(ctx, account, sub)
}

// QuoteRetry prices what Retry would ask for (P6). It refuses whatever Retry would, but
// for the limits, so that no price is shown for what can't be had.
func (s *Studio) QuoteRetry(ctx context.Context, account, id string) (Quote, error) {
	sub, err := s.again(ctx, account, id)
	if err != nil {
		return Quote{}, err
	}
	spec, err := s.specOf(&sub)
	if err == nil {
		err = s.resolve(ctx, account, &sub.Request, &spec)
	}
	if err == nil {
		err = s.canMake(&spec)
	}
	if err != nil {
		return Quote{}, err
	}
	return s.Quote(ctx, account, sub.Request)
}

// again is the submission that asks for what a job did not make, if it has ended without.
func (s *Studio) again(ctx context.Context, account, id string) (Submission, error) {
	j, err := s.Job(ctx, account, id)
	if err != nil {
		return Submission{}, err
	}
	if j.Status != Failed && j.Status != Cancelled {
		return Submission{}, &token.Invalid{Field: "id", Value: "a job that is " + string(j.Status), Allowed: "a job that failed or was cancelled"}
	}
	return j.again(), nil
}

// again is the submission that asks for what a job did not make.
func (j *Job) again() Submission {
	spec := &j.Spec
	made := len(j.Pictures)
	if made >= spec.Images {
		made = 0
	}
	seed := (spec.Seed + int64(made)) % (MaxSeed + 1)
	sub := Submission{
		Prompt: spec.Prompt, NegativePrompt: spec.NegativePrompt, Seed: &seed,
		Source: spec.Source, Mask: spec.Mask, Mesh: spec.Mesh, References: spec.References, Elements: spec.Elements, Extend: spec.Extend,
		Strength: spec.Strength, Scale: spec.Scale, Zoom: spec.Zoom, Style: spec.Style, Tiling: spec.Tiling,
		Request: catalog.Request{
			Pipeline: spec.Pipeline, Operation: spec.Operation, Images: spec.Images - made, Steps: spec.Steps,
			PromptMagic: spec.PromptMagic, Model: spec.Model,
		},
	}
	if spec.Operation == "" && spec.Pipeline != canvas { // else the size follows from the source
		sub.Request.Width, sub.Request.Height = spec.Width, spec.Height
	}
	if spec.Operation != "" {
		sub.Seed = nil
	}
	return sub
}
