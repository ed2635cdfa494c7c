package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Coming is the next tokens that come by themselves.
type Coming struct {
	At     string `json:"at" format:"date-time"`
	Kind   string `json:"kind"`
	Tokens int64  `json:"tokens"`
}

func coming(c *token.Coming) *Coming {
	if c == nil {
		return nil
	}
	return &Coming{At: c.At.String(), Kind: string(c.Kind), Tokens: c.Tokens}
}

// Balance is how the account stands. Amounts are in tokens.
type Balance struct {
	Balance     int64   `json:"balance" doc:"May be spent now; what is held for jobs is already taken off."`
	Held        int64   `json:"held"`
	Frozen      int64   `json:"frozen"`
	Displayed   int64   `json:"displayed" doc:"Balance less relaxed_used; may be negative and is no debt."`
	RelaxedUsed int64   `json:"relaxed_used"`
	Owed        int64   `json:"owed"`
	Plan        string  `json:"plan"`
	PlanName    string  `json:"plan_name"`
	CycleEnds   *string `json:"cycle_ends" format:"date-time"`
	NextReset   string  `json:"next_reset" format:"date-time"`
	Now         string  `json:"now" format:"date-time"`
	Next        *Coming `json:"next"`
	Grants      []Grant `json:"grants" doc:"In the order in which they are spent."`
}

// Grant is an amount with its own expiry.
type Grant struct {
	ID        string  `json:"id"`
	Kind      string  `json:"kind"`
	Amount    int64   `json:"amount"`
	Remaining int64   `json:"remaining"`
	Starts    string  `json:"starts_at" format:"date-time"`
	Expires   *string `json:"expires_at" format:"date-time"`
}

// Quote is a price that binds until it expires.
type Quote struct {
	ID      string       `json:"id"`
	Tokens  int64        `json:"tokens"`
	Lines   []token.Line `json:"lines"`
	Lane    string       `json:"lane" enum:"fast,relaxed"`
	Covered bool         `json:"covered" doc:"Whether a job at this price would be accepted now."`
	Balance int64        `json:"balance"`
	Missing int64        `json:"missing"`
	Next    *Coming      `json:"next"`
	Pays    []studio.Pay `json:"pays" doc:"The grants that would pay, in order."`
	Plans   []PlanName   `json:"plans" doc:"Plans that would cover the price, where the balance does not."`
	Packs   []string     `json:"packs"`
	Expires string       `json:"expires_at" format:"date-time"`
	Catalog string       `json:"catalog"`
}

// NewQuote is what is to be priced: a pipeline, or an operation.
type NewQuote struct {
	Pipeline    string `json:"pipeline,omitempty"`
	Operation   string `json:"operation,omitempty" doc:"Instead of a pipeline."`
	Images      int    `json:"images,omitempty" minimum:"0" maximum:"1000000" doc:"1 if missing."`
	Width       int    `json:"width,omitempty" minimum:"0" maximum:"1000000" doc:"In pixels; 768 if missing. The canvas is priced at its size afterwards, each side rounded up to a multiple of 8."`
	Height      int    `json:"height,omitempty" minimum:"0" maximum:"1000000" doc:"In pixels; 768 if missing."`
	Steps       int    `json:"steps,omitempty" minimum:"0" maximum:"1000000"`
	References  int    `json:"references,omitempty" minimum:"0" maximum:"1000000" doc:"How many pictures guide."`
	Elements    int    `json:"elements,omitempty" minimum:"0" maximum:"1000000" doc:"How many Elements are used."`
	PromptMagic string `json:"prompt_magic,omitempty" enum:",v2,v3"`
	Model       string `json:"model,omitempty"`
	Private     bool   `json:"private,omitempty"`
}

func (s *server) tokenRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "balance", Method: http.MethodGet, Path: "/api/v1/balance", Summary: "One's own balance"}, s.balance)
	huma.Register(api, huma.Operation{OperationID: "catalog", Method: http.MethodGet, Path: "/api/v1/catalog", Summary: "What things cost and what plans give"}, s.catalog)
	huma.Register(api, huma.Operation{OperationID: "quote", Method: http.MethodPost, Path: "/api/v1/quotes", Summary: "A price that binds"}, s.quote)
}

func (s *server) balance(ctx context.Context, _ *struct{}) (*answer[Balance], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	b, err := s.balanceOf(ctx, p.Account)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Balance]{Body: b}, nil
}

func (s *server) balanceOf(ctx context.Context, account string) (Balance, error) {
	return s.balanceAt(ctx, account, calendar.At(s.Now()))
}

// balanceAt tells how an account stood, stands or will stand (T31).
func (s *server) balanceAt(ctx context.Context, account string, now calendar.Instant) (Balance, error) {
	a, err := s.Studio.Ledger.Account(ctx, account, now)
	if err != nil {
		return Balance{}, err
	}
	sum := s.Studio.Catalog().Rules().Summary(a)
	b := Balance{
		Balance: sum.Balance, Held: sum.Held, Frozen: sum.Frozen, Displayed: sum.Displayed, RelaxedUsed: sum.RelaxedUsed, Owed: sum.Owed,
		Plan: sum.Plan, PlanName: s.planName(sum.Plan).Name, CycleEnds: optionalTime(a.Facts.CycleEnds), NextReset: sum.NextReset.String(),
		Now: now.String(), Next: coming(sum.Next), Grants: []Grant{},
	}
	for _, g := range sum.Grants {
		out := Grant{ID: g.ID, Kind: string(g.Kind), Amount: g.Amount, Remaining: g.Remaining, Starts: g.Starts.String()}
		if g.Expires != nil {
			out.Expires = optionalTime(*g.Expires)
		}
		b.Grants = append(b.Grants, out)
	}
	return b, nil
}

func (s *server) quote(ctx context.Context, in *struct {
	For
	Body NewQuote
}) (*answer[Quote], error) {
	account, err := in.whose(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	q, err := s.Studio.Quote(ctx, account, catalog.Request(in.Body))
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Quote]{Body: s.quoteOf(q)}, nil
}

func (s *server) quoteOf(q studio.Quote) Quote {
	out := Quote{
		ID: q.ID, Tokens: q.Tokens, Lines: q.Lines, Lane: string(q.Lane), Covered: q.Covered, Balance: q.Balance, Missing: q.Missing,
		Next: coming(q.Next), Pays: append([]studio.Pay{}, q.Pays...), Plans: []PlanName{}, Packs: append([]string{}, q.Packs...),
		Expires: q.Expires.String(), Catalog: q.Catalog,
	}
	for _, id := range q.Plans {
		out.Plans = append(out.Plans, s.planName(id))
	}
	return out
}
