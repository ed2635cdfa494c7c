package api

import (
	"net/http"
	"strings"

	"github.com/florin-studio/florin/internal/api/express"
)

// spendHandler answers a route that takes or settles tokens; hold is empty where the path has none.
type spendHandler func(w http.ResponseWriter, r *http.Request, c caller, account, hold string)

// spending adds the routes that are written by hand.
func (s *server) spending(mux *http.ServeMux) {
	for pattern, h := range map[string]spendHandler{
		"POST /api/v1/accounts/{account}/charges":              s.charge,
		"POST /api/v1/accounts/{account}/holds":                s.hold,
		"POST /api/v1/accounts/{account}/holds/{hold}/settle":  s.settle,
		"POST /api/v1/accounts/{account}/holds/{hold}/release": s.release,
		"POST /api/v1/charges:batch":                           s.batch,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			c, err := service(r.Context())
			if err != nil {
				s.refuse(w, err)
				return
			}
			h(w, r, c, resolve(r.PathValue("account")), r.PathValue("hold"))
		})
	}
}

// express takes requests with a service key for the routes above past everything that
// they do not need. Whatever is out of the ordinary goes the usual way and is answered there.
func (s *server) express(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.lane.Handle(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}

// expressHandler gives what answers such a request, or nil.
func (s *server) expressHandler(r *http.Request) express.Handler {
	h, account, hold := s.expressRoute(r)
	if h == nil || len(r.Header["Authorization"]) != 1 {
		return nil
	}
	c := s.callerOf(r)
	if c.err != nil || !c.service() || !c.key.Has(scopeOf(r.Method, r.URL.Path)) {
		return nil
	}
	return func(w http.ResponseWriter, r *http.Request) {
		defer s.rescue(w, r)
		w.Header()["X-Content-Type-Options"] = nosniff
		if err := s.withinRate(c); err != nil {
			s.refuse(w, err)
			return
		}
		h(w, r, c, resolve(account), hold)
	}
}

const accountsPath = "/api/v1/accounts/"

func (s *server) expressRoute(r *http.Request) (h spendHandler, account, hold string) {
	if r.Method != http.MethodPost {
		return nil, "", ""
	}
	path := r.URL.Path
	if path == "/api/v1/charges:batch" {
		return s.batch, "", ""
	}
	rest, ok := strings.CutPrefix(path, accountsPath)
	if !ok || r.URL.RawPath != "" || strings.Contains(rest, "//") || strings.Contains(path, "/.") {
		return nil, "", ""
	}
	account, rest, _ = strings.Cut(rest, "/")
	if account == "" {
		return nil, "", ""
	}
	switch rest {
	case "charges":
		return s.charge, account, ""
	case "holds":
		return s.hold, account, ""
	}
	if rest, ok = strings.CutPrefix(rest, "holds/"); !ok {
		return nil, "", ""
	}
	hold, verb, _ := strings.Cut(rest, "/")
	switch verb {
	case "settle":
		return s.settle, account, hold
	case "release":
		return s.release, account, hold
	}
	return nil, "", ""
}

// begin reads what a request of the routes above brings: its body and its idempotency key.
func (s *server) begin(r *http.Request, buffer *[]byte, body any) (key string, err error) {
	return s.beginUpTo(r, buffer, body, maxSmallBody)
}

func (s *server) beginUpTo(r *http.Request, buffer *[]byte, body any, most int) (string, error) {
	raw, err := readBody(r, (*buffer)[:0], most)
	*buffer = raw
	if err != nil {
		return "", err
	}
	if t := r.Header.Get("Content-Type"); t != "" && !strings.HasPrefix(t, "application/json") {
		return "", problem(http.StatusUnsupportedMediaType, "unsupported_media_type", http.StatusText(http.StatusUnsupportedMediaType), "Send application/json.")
	}
	if len(raw) > 0 || required(body) {
		if err := decode(raw, body); err != nil {
			return "", err
		}
	}
	return keyOr(r.Header.Get("Idempotency-Key"))
}

// required tells whether a body may be missing: what ends a hold needs to say nothing.
func required(body any) bool {
	switch body.(type) {
	case *Settling, *struct{}:
		return false
	}
	return true
}

// Headers of answers, shared by all: net/http reads them only.
var (
	jsonType    = []string{"application/json"}
	nosniff     = []string{"nosniff"}
	wasReplayed = []string{"true"}
)

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, key string, replayed bool, body []byte) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Idempotency-Key"] = []string{key}
	if replayed {
		h["Idempotency-Replayed"] = wasReplayed
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// refuse answers with a problem.
func (s *server) refuse(w http.ResponseWriter, err error) {
	writeProblem(w, s.problemOf(s.fail(err)))
}
