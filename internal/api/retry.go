package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Retry may bind the price.
type Retry struct {
	Quote string `json:"quote,omitempty" doc:"The id of a quote that GET gave; its price is charged. Without one, the price of now."`
}

func (s *server) retryRoutes(api huma.API) {
	const path = "/api/v1/jobs/{id}/retry"
	huma.Register(api, huma.Operation{OperationID: "quote-retry", Method: http.MethodGet, Path: path, Summary: "A price that binds for what a failed or cancelled job did not make"}, s.quoteRetry)
	huma.Register(api, huma.Operation{OperationID: "retry-job", Method: http.MethodPost, Path: path, DefaultStatus: http.StatusCreated, Summary: "Ask again for what a failed or cancelled job did not make, as a new job with a new hold"}, s.retryJob)
}

func (s *server) quoteRetry(ctx context.Context, in *byID) (*answer[Quote], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	q, err := s.Studio.QuoteRetry(ctx, p.Account, in.ID)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Quote]{Body: s.quoteOf(q)}, nil
}

func (s *server) retryJob(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Key  string `header:"Idempotency-Key"`
	Body *Retry `required:"false"`
}) (*answer[Job], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	c, _ := callerIn(ctx) // it is known, or who had refused
	quote := ""
	if in.Body != nil {
		quote = in.Body.Quote
	}
	j, err := s.Studio.Retry(ctx, p.Account, in.ID, in.Key, quote, c.key)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Job]{Body: s.jobOf(j)}, nil
}
