package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
)

// Adjusting is the body of an adjustment.
type Adjusting struct {
	Tokens   int64  `json:"tokens" minimum:"-9007199254740991" maximum:"9007199254740991" doc:"More or less than 0; the balance never falls below 0."`
	Reason   string `json:"reason" minLength:"1" maxLength:"1000"`
	Operator string `json:"operator" minLength:"1" maxLength:"200" doc:"Who does it."`
	Preview  bool   `json:"preview,omitempty" doc:"Tell what it would do, with status 200, and write nothing."`
}

// AdjustmentPreview is what an adjustment would do to the account as it is now (T28).
type AdjustmentPreview struct {
	Balance int64         `json:"balance" doc:"Now."`
	After   int64         `json:"balance_after" doc:"After the adjustment, if nothing else comes in between."`
	Changes []GrantChange `json:"changes" doc:"None where the same adjustment was written before under this key."`
}

// GrantChange is what would come into a grant, or go out of it.
type GrantChange struct {
	Grant   string  `json:"grant,omitempty" doc:"Its id. Missing for a new grant without an Idempotency-Key, after which it is named."`
	Kind    string  `json:"kind"`
	Tokens  int64   `json:"tokens" doc:"Below 0 for what would be removed."`
	Expires *string `json:"expires_at" format:"date-time"`
}

func (s *server) adjustRoute(api huma.API) {
	answers := func(status int, v any) *huma.Response {
		schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v), true, "")
		return &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	huma.Register(api, huma.Operation{
		OperationID: "adjust", Method: http.MethodPost, Path: "/api/v1/accounts/{account}/adjustments", DefaultStatus: http.StatusCreated,
		Summary:   "Correct a balance, with a reason and the operator's name, or preview that",
		Responses: map[string]*huma.Response{"201": answers(http.StatusCreated, Changed{}), "200": answers(http.StatusOK, AdjustmentPreview{})},
	}, s.adjust)
}

// adjust answers with Changed, or with an AdjustmentPreview.
func (s *server) adjust(ctx context.Context, in *struct {
	Write
	Body Adjusting
}) (*written[any], error) {
	c := token.Adjust{Tokens: in.Body.Tokens, Reason: in.Body.Reason, By: in.Body.Operator}
	if in.Body.Preview {
		out, err := s.previewAdjustment(ctx, &in.Write, c)
		return out, s.fail(err)
	}
	receipt, key, err := s.command(ctx, &in.Write, c)
	if err != nil {
		return nil, s.fail(err)
	}
	return &written[any]{Status: http.StatusCreated, Key: key, Replayed: replayed(receipt), Body: Changed{Balance: receipt.Entry.Balance, Receipt: receiptOf(receipt.Entry)}}, nil
}

// previewAdjustment asks the ledger of the very command that adjust submits.
func (s *server) previewAdjustment(ctx context.Context, in *Write, c token.Adjust) (*written[any], error) {
	if _, err := service(ctx); err != nil {
		return nil, err
	}
	key, err := keyOr(in.Key)
	if err != nil {
		return nil, err
	}
	p, err := s.Studio.Ledger.Preview(ctx, resolve(in.Account), s.asked(key, c))
	if err != nil {
		return nil, err
	}
	out := &written[any]{Status: http.StatusOK, Body: AdjustmentPreview{Balance: p.Balance, After: p.Left, Changes: changesOf(p, in.Key != "")}}
	if p.Repeat {
		out.Replayed = "true"
	}
	return out, nil
}

// changesOf tells what would become of each grant; a new one's id only where it is certain.
func changesOf(p ledger.Preview, named bool) []GrantChange {
	was, will := map[string]token.Grant{}, map[string]token.Grant{}
	for _, g := range p.Before.Grants {
		was[g.ID] = g
	}
	for _, g := range p.After.Grants {
		will[g.ID] = g
	}
	out := []GrantChange{}
	for _, posting := range p.Postings {
		g, old := was[posting.Grant]
		if !old {
			g = will[posting.Grant]
		}
		change := GrantChange{Kind: string(g.Kind), Tokens: posting.Tokens, Expires: optionalTime(g.Expires)}
		if posting.From == token.Available {
			change.Tokens = -posting.Tokens
		}
		if old || named {
			change.Grant = g.ID
		}
		out = append(out, change)
	}
	return out
}
