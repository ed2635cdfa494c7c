// Package leonardo speaks the wire shape of Leonardo.Ai's public REST API v1, so that
// scripts written for it work here with another base URL.
//
// It promises that a generation asked for here goes the same way as one from the
// pages: same prices, same holds, same queue. Every success is 200, errors carry
// {error, path, code}, unknown request fields are ignored. It knows no more of the API
// than creating and reading generations.
package leonardo

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/ledger"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token"
)

// Config is what the compatible API stands on.
type Config struct {
	Studio   *studio.Studio
	Identity *identity.Service
	// PublicURL is the base of picture addresses, e.g. https://studio.example.org; empty
	// takes the address that the request was sent to.
	PublicURL string
	Log       *slog.Logger
}

type server struct{ Config }

// New makes the handler of /api/rest/.
func New(c Config) http.Handler {
	s := &server{c}
	mux := http.NewServeMux()
	mux.Handle("POST /api/rest/v1/generations", s.signedIn(s.createGeneration))
	mux.Handle("GET /api/rest/v1/generations/{id}", s.signedIn(s.getGeneration))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "not-found", "$", "Endpoint not found")
	})
	return mux
}

type handler func(w http.ResponseWriter, r *http.Request, p identity.Person) error

// signedIn lets only requests with a key through, and answers with the API's errors.
func (s *server) signedIn(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, err := uuid.Parse(key); key != "" && err != nil {
			fail(w, http.StatusInternalServerError, "unexpected", "$", "Invalid response from authorization hook")
			return
		}
		p, err := s.Identity.ByKey(r.Context(), key)
		if errors.Is(err, identity.ErrUnknown) {
			fail(w, http.StatusUnauthorized, "access-denied", "$", "Authentication hook unauthorized this request")
			return
		}
		if err == nil {
			err = h(w, r, p)
		}
		if err != nil {
			s.refuse(w, p, err)
		}
	})
}

// badField is a value of the wrong JSON type, or a required one that is missing.
type badField struct{ code, path, text string }

func (e *badField) Error() string { return e.text }

// refuse maps every error below to this API's shape.
func (s *server) refuse(w http.ResponseWriter, p identity.Person, err error) {
	var field *badField
	var refusal *token.Refusal
	var invalid *token.Invalid
	var busy *ledger.Busy
	switch {
	case errors.As(err, &field):
		fail(w, http.StatusBadRequest, field.code, field.path, field.text)
	case errors.As(err, &refusal):
		s.refuseTokens(w, p, refusal)
	case errors.As(err, &invalid):
		fail(w, http.StatusBadRequest, "unexpected", "$", invalidText(invalid))
	case errors.As(err, &busy):
		w.Header().Set("Retry-After", "30")
		fail(w, http.StatusTooManyRequests, "unexpected", "$", "Too many requests, please try again later")
	default:
		s.Log.Error("request failed", "err", err)
		fail(w, http.StatusInternalServerError, "unexpected", "$", "Service Error")
	}
}

func (s *server) refuseTokens(w http.ResponseWriter, p identity.Person, r *token.Refusal) {
	switch r.Reason {
	case token.InsufficientTokens, token.NotAllowedRelaxed:
		fail(w, http.StatusBadRequest, "unexpected", "$", "not enough api tokens userId: "+p.ID)
	case token.PlanRequired:
		fail(w, http.StatusForbidden, "access-denied", "$", r.Error())
	case token.PendingLimit, token.ParallelLimit:
		w.Header().Set("Retry-After", "5")
		fail(w, http.StatusTooManyRequests, "unexpected", "$", r.Error())
	default:
		fail(w, http.StatusBadRequest, "unexpected", "$", r.Error())
	}
}

// invalidText words a wrong value as clients of this API know it, where there is a known wording.
func invalidText(e *token.Invalid) string {
	switch e.Field {
	case "images":
		return "too many images: " + e.Error()
	case "width", "height":
		return "invalid dimensions: " + e.Error()
	case "prompt":
		return "Invalid prompt, maximum length of 1500 characters exceeded."
	}
	return e.Error()
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
