package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/studio"
)

// Suggestion is a prompt that an engine offers.
type Suggestion struct {
	Prompt string `json:"prompt"`
	Seed   int64  `json:"seed" doc:"Gives the same suggestion again."`
	Tokens int64  `json:"tokens" doc:"Charged for it; 0 unless the price list says otherwise."`
}

func (s *server) promptRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "improve-prompt", Method: http.MethodPost, Path: "/api/v1/prompts/improve", Summary: "A richer prompt that keeps what was asked for"}, s.improvePrompt)
	huma.Register(api, huma.Operation{OperationID: "random-prompt", Method: http.MethodPost, Path: "/api/v1/prompts/random", Summary: "A prompt that the engine draws well"}, s.randomPrompt)
}

func (s *server) improvePrompt(ctx context.Context, in *struct {
	Body struct {
		Prompt       string `json:"prompt" minLength:"1" maxLength:"1500"`
		Instructions string `json:"instructions,omitempty" maxLength:"1500" doc:"What to change, in words."`
		Seed         *int64 `json:"seed,omitempty" minimum:"0" maximum:"9999999998" doc:"Random if missing."`
	}
}) (*answer[Suggestion], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	got, err := s.Studio.ImprovePrompt(ctx, p.Account, in.Body.Prompt, in.Body.Instructions, helpOf(ctx, in.Body.Seed))
	return s.suggestion(got, err)
}

func (s *server) randomPrompt(ctx context.Context, in *struct {
	Body *struct {
		Seed *int64 `json:"seed,omitempty" minimum:"0" maximum:"9999999998" doc:"Random if missing."`
	}
}) (*answer[Suggestion], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	var seed *int64
	if in.Body != nil {
		seed = in.Body.Seed
	}
	got, err := s.Studio.RandomPrompt(ctx, p.Account, helpOf(ctx, seed))
	return s.suggestion(got, err)
}

// helpOf asks on account of the caller.
func helpOf(ctx context.Context, seed *int64) studio.Help {
	c, _ := callerIn(ctx) // it is known, or who had refused
	return studio.Help{Seed: seed, ID: requestID(ctx), APIKey: c.key}
}

func (s *server) suggestion(got studio.Suggestion, err error) (*answer[Suggestion], error) {
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Suggestion]{Body: Suggestion{Prompt: got.Prompt, Seed: got.Seed, Tokens: got.Tokens}}, nil
}
