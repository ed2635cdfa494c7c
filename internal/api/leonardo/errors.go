package leonardo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/once"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// badField is a value of the wrong JSON type, a required one that is missing, or another
// mistake that has words of its own in this API.
type badField struct{ code, path, text string }

func (e *badField) Error() string { return e.text }

// wrong is a mistake in the words of this API.
func wrong(text string) error { return &badField{"unexpected", "$", text} }

// stranger answers who has no key that is good here.
func (s *server) stranger(w http.ResponseWriter, err error) {
	if err != nil && !errors.Is(err, identity.ErrUnknown) && !errors.Is(err, identity.ErrExpired) {
		s.Log.Error("checking a key failed", "err", err)
		fail(w, http.StatusInternalServerError, "unexpected", "$", "Service Error")
		return
	}
	fail(w, http.StatusUnauthorized, "access-denied", "$", "Authentication hook unauthorized this request")
}

// refuse maps every error below to this API's shape.
func (s *server) refuse(w http.ResponseWriter, c caller, err error) {
	var field *badField
	var refusal *token.Refusal
	var over *identity.OverBudget
	var blocked *studio.Blocked
	var missing *studio.NotInstalled
	var invalid *token.Invalid
	var full *ledger.Busy
	switch {
	case errors.As(err, &field):
		fail(w, http.StatusBadRequest, field.code, field.path, field.text)
	case errors.As(err, &blocked):
		fail(w, http.StatusForbidden, "unexpected", "$", "content moderation filter: "+blocked.Word)
	case errors.As(err, &over):
		fail(w, http.StatusBadRequest, "unexpected", "$", "not enough api tokens userId: "+c.ID+" ("+over.Error()+")")
	case errors.As(err, &refusal):
		s.refuseTokens(w, c, refusal)
	case errors.As(err, &missing):
		fail(w, http.StatusBadRequest, "unexpected", "$", missing.Error())
	case errors.As(err, &invalid):
		fail(w, http.StatusBadRequest, "unexpected", "$", invalidText(invalid))
	case errors.As(err, &full):
		busy(w, full.RetryAfter, "Too many requests, please try again later")
	case errors.Is(err, store.ErrText):
		fail(w, http.StatusBadRequest, "bad-request", "$", "a text has a zero byte or is not UTF-8")
	case errors.Is(err, once.ErrOther), errors.Is(err, once.ErrSealed):
		fail(w, http.StatusConflict, string(token.IdempotencyConflict), "$", err.Error())
	case errors.Is(err, once.ErrRunning):
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusConflict, "in_progress", "$", err.Error())
	case errors.Is(err, studio.ErrUnknown):
		fail(w, http.StatusBadRequest, "unexpected", "$", "couldn't access image")
	default:
		s.Log.Error("request failed", "err", err)
		fail(w, http.StatusInternalServerError, "unexpected", "$", "Service Error")
	}
}

func (s *server) refuseTokens(w http.ResponseWriter, c caller, r *token.Refusal) {
	switch r.Reason {
	case token.InsufficientTokens, token.NotAllowedRelaxed:
		fail(w, http.StatusBadRequest, "unexpected", "$", "not enough api tokens userId: "+c.ID)
	case token.PlanRequired:
		fail(w, http.StatusForbidden, "access-denied", "$", "plan_required: "+s.planNeeded(r))
	case token.IdempotencyConflict:
		fail(w, http.StatusConflict, string(r.Reason), "$", r.Error())
	case token.PendingLimit, token.ParallelLimit:
		busy(w, 5*time.Second, fmt.Sprintf("too many jobs: %s, your plan takes %d at a time", r.Reason, r.Limit))
	default:
		fail(w, http.StatusBadRequest, "unexpected", "$", r.Error())
	}
}

// planNeeded says which plan has what was asked for.
func (s *server) planNeeded(r *token.Refusal) string {
	prices := s.Studio.Catalog()
	text := prices.FeatureName(r.Feature) + " is not in your plan"
	if len(r.Plans) > 0 {
		if p, ok := prices.Plan(r.Plans[0]); ok {
			text += "; " + p.Name + " has it"
		}
	}
	return text
}

// invalidText words a wrong value as clients of this API know it, where there is a known wording.
func invalidText(e *token.Invalid) string {
	named, _, _ := strings.Cut(e.Field, "[")
	switch field, _, _ := strings.Cut(named, "."); field {
	case "references", "source", "mask":
		return "couldn't access image: " + e.Error()
	case "mesh":
		return "couldn't access model asset: " + e.Error()
	}
	switch e.Field {
	case "images":
		return "too many images: " + e.Error()
	case "width", "height":
		return "invalid dimensions: " + e.Error()
	case "prompt":
		return "Invalid prompt, maximum length of 1500 characters exceeded."
	case "extension":
		return "invalid file extension: " + e.Error()
	case "model":
		return e.Value + " is not supported within the Production API: " + e.Error()
	}
	return e.Error()
}

// busy asks to come back later.
func busy(w http.ResponseWriter, wait time.Duration, text string) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int((wait+time.Second-1)/time.Second))))
	fail(w, http.StatusTooManyRequests, "unexpected", "$", text)
}

func fail(w http.ResponseWriter, status int, code, path, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text, "path": path, "code": code})
}

func reply(w http.ResponseWriter, body any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(body)
}
