package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Usage is what jobs came to, by day, feature, model, plan, lane and outcome.
type Usage struct {
	From  string        `json:"from" format:"date-time"`
	Until string        `json:"until" format:"date-time"`
	Uses  []studio.Use  `json:"uses"`
	Pace  *studio.Pace  `json:"pace" doc:"How long the tokens last at the pace of the last days; null for the whole installation."`
	Alert []token.Alert `json:"alerts"`
}

type period struct {
	From  time.Time `query:"from" doc:"Beginning; 30 days ago if missing."`
	Until time.Time `query:"until" doc:"End, exclusive; now if missing."`
}

// of gives the period with its defaults filled in.
func (p period) of(now time.Time) (from, until calendar.Instant) {
	if p.Until.IsZero() {
		p.Until = now.Add(time.Millisecond)
	}
	if p.From.IsZero() {
		p.From = p.Until.AddDate(0, 0, -30)
	}
	return calendar.At(p.From), calendar.At(p.Until)
}

func (s *server) usageRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "usage", Method: http.MethodGet, Path: "/api/v1/usage", Summary: "One's own usage, pace and alerts"}, s.usage)
	huma.Register(api, huma.Operation{OperationID: "statement", Method: http.MethodGet, Path: "/api/v1/statement", Summary: "One's own journal as CSV or JSON Lines"}, s.statement)
}

func (s *server) usage(ctx context.Context, in *period) (*answer[Usage], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	out, err := s.usageOf(ctx, p.Account, *in)
	if err != nil {
		return nil, s.fail(err)
	}
	pace, err := s.Studio.Pace(ctx, p.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	out.Pace = &pace
	out.Alert, err = s.Studio.Alerts(ctx, p.Account)
	return &answer[Usage]{Body: out}, s.fail(err)
}

func (s *server) usageOf(ctx context.Context, account string, in period) (Usage, error) {
	from, until := in.of(s.Now())
	uses, err := s.Studio.Usage(ctx, account, from, until)
	return Usage{From: from.String(), Until: until.String(), Uses: uses, Alert: []token.Alert{}}, err
}

func (s *server) statement(ctx context.Context, in *struct {
	Period
	Kinds  string `query:"kinds" doc:"Entry kinds, separated by commas; all if missing."`
	Format string `query:"format" enum:"csv,jsonl" default:"jsonl"`
}) (*huma.StreamResponse, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	filter := studio.StatementFilter{}
	if !in.From.IsZero() {
		filter.From = calendar.At(in.From)
	}
	if !in.Until.IsZero() {
		filter.Until = calendar.At(in.Until)
	}
	if in.Kinds != "" {
		filter.Kinds = strings.Split(in.Kinds, ",")
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		if in.Format == "csv" {
			out.SetHeader("Content-Type", "text/csv; charset=utf-8")
			out.SetHeader("Content-Disposition", `attachment; filename="florin-statement.csv"`)
			err = s.Studio.StatementCSV(ctx, out.BodyWriter(), p.Account, filter)
		} else {
			out.SetHeader("Content-Type", "application/jsonl")
			err = s.Studio.StatementLines(ctx, out.BodyWriter(), p.Account, filter)
		}
		_ = s.fail(err)
	}}, nil
}
