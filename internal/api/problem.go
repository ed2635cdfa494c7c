package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// Problem is the one shape of error (RFC 9457). Code is a refusal of the token rules
// or one of the codes below; the figures are those of the refusal.
type Problem struct {
	Type   string              `json:"type"`
	Title  string              `json:"title"`
	Status int                 `json:"status"`
	Detail string              `json:"detail"`
	Code   string              `json:"code"`
	Errors []*huma.ErrorDetail `json:"errors,omitempty"`

	Price   int64      `json:"price,omitempty"`
	Balance *int64     `json:"balance,omitempty"`
	Missing int64      `json:"missing,omitempty"`
	Next    *Coming    `json:"next,omitempty"`
	Plans   []PlanName `json:"plans,omitempty"`
	Plan    *PlanName  `json:"plan,omitempty"`
	Limit   int64      `json:"limit,omitempty"`
	Feature string     `json:"feature,omitempty"`
	Packs   []string   `json:"packs,omitempty"`
	Field   string     `json:"field,omitempty" doc:"Of an idempotency_conflict: what differs from the first time."`
	Period  string     `json:"period,omitempty" enum:"day,total" doc:"Of a key_budget."`
	Scope   string     `json:"scope,omitempty" enum:"read,generate,tokens,admin" doc:"Of a scope_required."`
	Resets  string     `json:"resets_at,omitempty" format:"date-time" doc:"Of a key_budget of a day: when it begins anew."`

	retryAfter int
}

// Error is the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders carries Retry-After where coming back later helps.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

// ContentType is that of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemBase begins the stable type of each problem; it names, and need not resolve.
const problemBase = "urn:florin:problem:"

func problem(status int, code, title, detail string) *Problem {
	return &Problem{Type: problemBase + code, Title: title, Status: status, Detail: detail, Code: code}
}

// newProblem is how the API library makes errors: of decoding and validation, mostly.
func newProblem(status int, message string, errs ...error) huma.StatusError {
	var large *http.MaxBytesError
	if errors.As(errors.Join(errs...), &large) {
		status, message, errs = http.StatusRequestEntityTooLarge, fmt.Sprintf("The body may have %d bytes.", large.Limit), nil
	}
	code := map[int]string{
		http.StatusNotFound: "not_found", http.StatusMethodNotAllowed: "method_not_allowed", http.StatusNotAcceptable: "not_acceptable",
		http.StatusRequestEntityTooLarge: "too_large", http.StatusUnsupportedMediaType: "unsupported_media_type",
	}[status]
	switch {
	case status >= 500:
		code = "internal"
	case code == "":
		code = "bad_request"
	}
	p := problem(status, code, http.StatusText(status), message)
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			p.Errors = append(p.Errors, d)
		} else if err != nil {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: err.Error()})
		}
	}
	return p
}

// statusOf maps refusals to HTTP: 402 for tokens, 403 for plans, 409 for conflicts, 429 for limits, 422 for the rest.
var statusOf = map[token.Reason]int{
	token.InsufficientTokens: http.StatusPaymentRequired, token.NotAllowedRelaxed: http.StatusPaymentRequired,
	token.PlanRequired: http.StatusForbidden, token.AccountSuspended: http.StatusForbidden, token.CodeNotForPlan: http.StatusForbidden,
	token.GiftNotAllowed: http.StatusForbidden,
	token.PendingLimit:   http.StatusTooManyRequests, token.ParallelLimit: http.StatusTooManyRequests, token.GiftLimit: http.StatusTooManyRequests,
	token.IdempotencyConflict: http.StatusConflict, token.HoldClosed: http.StatusConflict, token.QuoteExpired: http.StatusConflict,
	token.QuoteMismatch: http.StatusConflict, token.SamePlan: http.StatusConflict, token.NothingScheduled: http.StatusConflict,
	token.CodeAlreadyRedeemed: http.StatusConflict, token.CodeUsedUp: http.StatusConflict,
	token.UnknownAccount: http.StatusNotFound, token.UnknownHold: http.StatusNotFound, token.UnknownGrant: http.StatusNotFound,
}

// StatusOf is the HTTP status of a refusal.
func StatusOf(reason token.Reason) int {
	if status, ok := statusOf[reason]; ok {
		return status
	}
	return http.StatusUnprocessableEntity
}

// titles say each refusal in a few words for people.
var titles = map[token.Reason]string{
	token.InsufficientTokens: "Not enough tokens", token.NotAllowedRelaxed: "Not enough tokens, and this feature has no slow lane",
	token.PlanRequired: "Your plan does not include this", token.PendingLimit: "Too many jobs at once", token.NotApplicable: "Not possible in this combination",
	token.QuoteExpired: "The price was held too long ago", token.QuoteMismatch: "The price was for other settings",
	token.IdempotencyConflict: "This key was used for something else", token.AccountSuspended: "The account is suspended",
}

var errPanic = errors.New("something broke on the server; it has been logged")

// problemOf maps every error below to a problem; this is the only place that does.
func (s *server) problemOf(err error) *Problem {
	var p *Problem
	var refusal *token.Refusal
	var invalid *token.Invalid
	var busy *ledger.Busy
	var absent *studio.NotInstalled
	var over *identity.OverBudget
	switch {
	case errors.As(err, &over):
		return overBudget(over)
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return s.refused(refusal)
	case errors.As(err, &invalid):
		p := problem(http.StatusUnprocessableEntity, "bad_request", "Please check the input", sentence(invalid.Error()))
		p.Errors = []*huma.ErrorDetail{{Location: location(invalid.Field), Message: "allowed: " + invalid.Allowed, Value: invalid.Value}}
		return p
	case errors.As(err, &absent):
		p := problem(http.StatusUnprocessableEntity, "not_installed", "Not installed", sentence(absent.How))
		p.Errors = []*huma.ErrorDetail{{Location: location(absent.Field), Message: absent.How, Value: absent.Value}}
		p.Feature = absent.Value
		return p
	case errors.As(err, &busy):
		p := problem(http.StatusServiceUnavailable, "busy", "Busy", "The server has more work than it can take just now.")
		p.retryAfter = max(int(math.Ceil(busy.RetryAfter.Seconds())), 1)
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, ledger.ErrClosed):
		// Whoever has hung up does not read it.
		p := problem(http.StatusServiceUnavailable, "busy", "Broken off", "The request was broken off, as when the server stops. Ask again, with the same idempotency key.")
		p.retryAfter = 1
		return p
	case errors.Is(err, studio.ErrUnknown), errors.Is(err, identity.ErrUnknown), errors.Is(err, notify.ErrUnknown):
		return problem(http.StatusNotFound, "not_found", "Not found", "There is nothing of that id here.")
	case errors.Is(err, once.ErrRunning):
		p := problem(http.StatusConflict, "in_progress", "Not done yet", sentence(err.Error()))
		p.retryAfter = 1
		return p
	case errors.Is(err, once.ErrOther), errors.Is(err, once.ErrSealed):
		return problem(http.StatusConflict, string(token.IdempotencyConflict), titles[token.IdempotencyConflict], sentence(err.Error()))
	case errors.Is(err, identity.ErrSignIn):
		return problem(http.StatusUnauthorized, "unauthorized", "Not signed in", sentence(err.Error()))
	case errors.Is(err, identity.ErrTaken):
		p := problem(http.StatusConflict, "conflict", "Already there", sentence(identity.ErrTaken.Error()))
		p.Errors = []*huma.ErrorDetail{{Location: "body.email", Message: identity.ErrTaken.Error()}}
		return p
	case errors.Is(err, notify.ErrOfKey), errors.Is(err, notify.ErrDisabled):
		return problem(http.StatusConflict, "conflict", "Not possible as it is", sentence(err.Error()))
	case errors.Is(err, identity.ErrClosed), errors.Is(err, identity.ErrSetup):
		return problem(http.StatusForbidden, "forbidden", "Not allowed", sentence(err.Error()))
	case errors.Is(err, store.ErrText):
		return problem(http.StatusUnprocessableEntity, "bad_request", "Please check the input", "A text here has a zero byte or is not UTF-8; allowed: UTF-8 without zero bytes.")
	case errors.Is(err, store.ErrFull):
		return problem(http.StatusInsufficientStorage, "disk_full", "The disk is full", "The server's disk is full; nothing was changed.")
	}
	return problem(http.StatusInternalServerError, "internal", "Something broke", sentence(errPanic.Error()))
}

// overBudget is the refusal of a key whose own budget does not cover the price.
func overBudget(o *identity.OverBudget) *Problem {
	p := problem(http.StatusPaymentRequired, "key_budget", "The key's budget is used up", sentence(o.Error()))
	p.Limit, p.Price, p.Period = o.Limit, o.Tokens, o.Period
	if o.Resets != 0 {
		p.Resets = o.Resets.String()
	}
	return p
}

func (s *server) refused(r *token.Refusal) *Problem {
	status := StatusOf(r.Reason)
	title, ok := titles[r.Reason]
	if !ok {
		title = strings.ReplaceAll(string(r.Reason), "_", " ")
		title = strings.ToUpper(title[:1]) + title[1:]
	}
	p := problem(status, string(r.Reason), title, s.refusalSentence(r))
	if r.Field != "" {
		p.Errors = []*huma.ErrorDetail{{Location: location(r.Field), Message: "allowed: " + r.Allowed, Value: r.Value}}
	}
	if r.Price > 0 {
		p.Price, p.Balance, p.Missing = r.Price, &r.Balance, r.Missing
	}
	p.Next, p.Limit, p.Feature, p.Packs = coming(r.Next), r.Limit, r.Feature, r.Packs
	if r.Reason == token.IdempotencyConflict {
		p.Field = r.Field
	}
	for _, id := range r.Plans {
		p.Plans = append(p.Plans, s.planName(id))
	}
	if r.Reason == token.PlanRequired && len(p.Plans) > 0 {
		p.Plan = &p.Plans[0]
	}
	if status == http.StatusTooManyRequests {
		p.retryAfter = 5
	}
	return p
}

// refusalSentence says to a person why not, with the figures.
func (s *server) refusalSentence(r *token.Refusal) string {
	switch {
	case r.Reason == token.PlanRequired && len(r.Plans) > 0:
		return fmt.Sprintf("%s needs the %s plan.", s.Studio.Catalog().FeatureName(r.Feature), s.planName(r.Plans[0]).Name)
	case r.Reason == token.PendingLimit && r.Limit == 1:
		return "Your plan takes one job at a time; wait for it to finish."
	case r.Reason == token.PendingLimit:
		return fmt.Sprintf("Your plan takes %d jobs at a time; wait for one to finish.", r.Limit)
	case r.Reason == token.QuoteExpired:
		return "The price was held until " + r.Value + "; ask for a new one."
	case r.Reason == token.QuoteMismatch:
		return "The price was for other settings or another account; ask for a new one."
	case r.Reason == token.IdempotencyConflict:
		return fmt.Sprintf("This was asked for before with another %s: %s, not %s.", r.Field, r.Allowed, r.Value)
	case r.Price == 0 && r.Allowed != "":
		return fmt.Sprintf("%s is %q; allowed: %s.", r.Field, r.Value, r.Allowed)
	case r.Price == 0:
		return sentence(strings.ReplaceAll(r.Error(), "_", " "))
	}
	said := fmt.Sprintf("This costs %d tokens and you have %d.", r.Price, r.Balance)
	if r.Next != nil {
		said += fmt.Sprintf(" %d tokens come at %s.", r.Next.Tokens, r.Next.At)
	}
	return said
}

// location names a field as the caller sent it.
func location(field string) string {
	switch field {
	case "Idempotency-Key":
		return "header." + field
	case "account", "cursor", "limit", "format":
		return "query." + field
	}
	return "body." + field
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// writeProblem answers with a problem outside the API library.
func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// fail maps an error and logs it where the fault is the server's.
func (s *server) fail(err error) error {
	if err == nil {
		return nil
	}
	p := s.problemOf(err)
	if p.Status >= 500 && p.Code != "busy" {
		s.Log.Error("request failed", "err", err)
	}
	return p
}
