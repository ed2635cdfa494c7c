package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Receipt is what the journal says of a command. A repeated command gets the first one.
type Receipt struct {
	Seq     int64  `json:"seq" doc:"Number of the journal's entry."`
	At      string `json:"at" format:"date-time"`
	Kind    string `json:"kind"`
	Key     string `json:"key" doc:"The idempotency key."`
	Catalog string `json:"catalog" doc:"The catalog's version that decided."`
	Hash    string `json:"hash"`
}

// Changed is the answer to a command that changed an account.
type Changed struct {
	Balance int64   `json:"balance" doc:"After the command."`
	Receipt Receipt `json:"receipt"`
}

// Granted is the answer to a grant.
type Granted struct {
	Grant   Grant   `json:"grant"`
	Balance int64   `json:"balance"`
	Receipt Receipt `json:"receipt"`
}

// Refunded is the answer to a refund.
type Refunded struct {
	Refunded int64   `json:"refunded" doc:"What this charge was refunded in all."`
	Balance  int64   `json:"balance"`
	Receipt  Receipt `json:"receipt"`
}

// PlanChanged is the answer to a change of plan.
type PlanChanged struct {
	Plan      string  `json:"plan" doc:"Now."`
	Scheduled string  `json:"scheduled,omitempty" doc:"At the cycle's end."`
	CycleEnds *string `json:"cycle_ends" format:"date-time"`
	Balance   int64   `json:"balance"`
	Receipt   Receipt `json:"receipt"`
}

// written is the answer to a write.
type written[T any] struct {
	Status   int
	Key      string `header:"Idempotency-Key"`
	Replayed string `header:"Idempotency-Replayed"`
	Body     T
}

// Write is what all writes to an account begin with.
type Write struct {
	AccountPath
	Key string `header:"Idempotency-Key" maxLength:"128" doc:"1 to 128 visible ASCII characters, unique in the account. The same key and the same request again get the first answer. One is made where it is missing."`
}

func (s *server) grantRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "grant", Method: http.MethodPost, Path: "/api/v1/accounts/{account}/grants", DefaultStatus: http.StatusCreated, Summary: "Give tokens"}, s.grant)
	huma.Register(api, huma.Operation{OperationID: "refund", Method: http.MethodPost, Path: "/api/v1/accounts/{account}/refunds", DefaultStatus: http.StatusCreated, Summary: "Give back what was charged, or part of it"}, s.refund)
	s.adjustRoute(api)
	huma.Register(api, huma.Operation{OperationID: "change-plan", Method: http.MethodPost, Path: "/api/v1/accounts/{account}/plan", Summary: "Upgrade at once, downgrade or cancel at the cycle's end, or take that back"}, s.changePlan)
}

// command has the ledger apply a command of a service key.
func (s *server) command(ctx context.Context, in *Write, c token.Command) (token.Receipt, string, error) {
	if _, err := service(ctx); err != nil {
		return token.Receipt{}, "", err
	}
	key, err := keyOr(in.Key)
	if err != nil {
		return token.Receipt{}, "", err
	}
	receipt, err := s.Studio.Ledger.Submit(ctx, ledger.Request{Account: resolve(in.Account), Request: s.asked(key, c)})
	return receipt, key, err
}

// asked is a command of now.
func (s *server) asked(key string, c token.Command) token.Request {
	return token.Request{Key: key, At: calendar.At(s.Now()), Command: c}
}

func receiptOf(e *token.Entry) Receipt {
	return Receipt{Seq: e.Seq, At: e.At.String(), Kind: e.Kind, Key: e.Key, Catalog: e.Catalog, Hash: e.Hash}
}

func replayed(r token.Receipt) string {
	if r.Replayed {
		return "true"
	}
	return ""
}

func (s *server) grant(ctx context.Context, in *struct {
	Write
	Body struct {
		Tokens  int64     `json:"tokens" minimum:"1" maximum:"9007199254740991"`
		Kind    string    `json:"kind,omitempty" enum:"bonus,topup,gift" default:"bonus" doc:"Top-ups are spendable on plans that allow them; the others always."`
		Starts  time.Time `json:"starts_at,omitempty" doc:"Now if missing."`
		Expires time.Time `json:"expires_at,omitempty" doc:"Never if missing."`
		Source  string    `json:"source,omitempty" maxLength:"1000" doc:"Where they come from, for people."`
	}
}) (*written[Granted], error) {
	b := in.Body
	c := token.MakeGrant{Kind: token.Kind(b.Kind), Tokens: b.Tokens, Source: b.Source}
	if b.Kind == "" {
		c.Kind = token.Bonus
	}
	if !b.Starts.IsZero() {
		c.Starts = calendar.At(b.Starts)
	}
	if !b.Expires.IsZero() {
		c.Expires = calendar.At(b.Expires)
	}
	receipt, key, err := s.command(ctx, &in.Write, c)
	if err != nil {
		return nil, s.fail(err)
	}
	e := receipt.Entry
	out := &written[Granted]{Status: http.StatusCreated, Key: key, Replayed: replayed(receipt), Body: Granted{Balance: e.Balance, Receipt: receiptOf(e)}}
	for _, g := range e.Grants {
		if g.Kind == c.Kind {
			out.Body.Grant = Grant{ID: g.ID, Kind: string(g.Kind), Amount: c.Tokens, Remaining: g.Remaining, Starts: g.Starts.String(), Expires: optionalTime(g.Expires)}
		}
	}
	for _, p := range e.Postings { // amounts change by postings only
		if p.Grant == out.Body.Grant.ID && p.To == token.Available {
			out.Body.Grant.Remaining += p.Tokens
		}
	}
	return out, nil
}

func (s *server) refund(ctx context.Context, in *struct {
	Write
	Body struct {
		Charge string `json:"charge" minLength:"1" maxLength:"200" doc:"The id of a charge or of a settled hold."`
		Tokens int64  `json:"tokens" minimum:"1" maximum:"9007199254740991"`
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}) (*written[Refunded], error) {
	receipt, key, err := s.command(ctx, &in.Write, token.Refund{ID: in.Body.Charge, Tokens: in.Body.Tokens, Reason: in.Body.Reason})
	if err != nil {
		return nil, s.fail(err)
	}
	e := receipt.Entry
	return &written[Refunded]{Status: http.StatusCreated, Key: key, Replayed: replayed(receipt), Body: Refunded{Refunded: e.Refunded, Balance: e.Balance, Receipt: receiptOf(e)}}, nil
}

func (s *server) changePlan(ctx context.Context, in *struct {
	Write
	Body struct {
		To     string `json:"to,omitempty" maxLength:"100" doc:"A plan's id: up at once, down at the cycle's end."`
		Cancel bool   `json:"cancel,omitempty" doc:"To the default plan at the cycle's end."`
		Undo   bool   `json:"undo,omitempty" doc:"Take a scheduled change back."`
	}
}) (*written[PlanChanged], error) {
	b := in.Body
	var c token.Command
	switch {
	case b.To != "" && !b.Cancel && !b.Undo:
		c = token.ChangePlan{To: b.To}
	case b.To == "" && b.Cancel && !b.Undo:
		c = token.CancelPlan{}
	case b.To == "" && !b.Cancel && b.Undo:
		c = token.UndoPlanChange{}
	default:
		return nil, s.fail(&token.Invalid{Field: "to", Value: b.To, Allowed: "one of to, cancel and undo"})
	}
	receipt, key, err := s.command(ctx, &in.Write, c)
	if err != nil {
		return nil, s.fail(err)
	}
	e := receipt.Entry
	facts := receipt.Account.Facts
	if e.Facts != nil {
		facts = *e.Facts
	}
	return &written[PlanChanged]{Status: http.StatusOK, Key: key, Replayed: replayed(receipt), Body: PlanChanged{
		Plan: facts.Plan, Scheduled: facts.Scheduled, CycleEnds: optionalTime(facts.CycleEnds), Balance: e.Balance, Receipt: receiptOf(e),
	}}, nil
}
