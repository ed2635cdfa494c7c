package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/identity"
)

// cookieName is the session's cookie.
const cookieName = "florin_session"

// caller is who a request acts as.
type caller struct {
	person identity.Person
	// key is nil for a session.
	key *identity.Key
	// err is why nobody is signed in.
	err error
}

// service tells whether the caller acts for every account.
func (c caller) service() bool { return c.key != nil && c.key.Service }

type callerKey struct{}

// public are the calls that need nobody signed in; of any other, a stranger learns nothing
// but that one has to sign in.
var public = map[string]bool{
	"/api/v1/info": true, "/api/v1/setup": true, "/api/v1/sign-up": true, "/api/v1/sign-in": true, "/api/v1/sign-out": true,
	"/api/v1/openapi.json": true, "/api/v1/openapi.yaml": true, "/api/v1/openapi-3.0.json": true, "/api/v1/openapi-3.0.yaml": true,
}

// scopeOf is what a key must be allowed to for a call.
func scopeOf(method, path string) identity.Scope {
	under := func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
	reads := method == http.MethodGet || method == http.MethodHead
	switch {
	case under("/api/v1/keys"), under("/api/v1/admin"), under(webhooksPath):
		return identity.Admin
	case under("/api/v1/accounts") && !reads && strings.HasSuffix(path, "/adjustments"):
		return identity.Admin
	case under("/api/v1/accounts") && !reads, path == "/api/v1/charges:batch":
		return identity.Tokens
	case reads, path == "/api/v1/quotes", path == "/api/v1/projects/plan": // they change nothing
		return identity.Read
	}
	return identity.Generate
}

// identified finds out who is asking: by key if one is sent, else by session; and holds
// them to what their key may do and how often they may ask.
func (s *server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/v1/") || strings.HasPrefix(r.URL.Path, "/pictures/") {
			c := s.callerOf(r)
			r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
			if !public[r.URL.Path] {
				if err := s.admit(r, c); err != nil {
					writeProblem(w, s.problemOf(s.fail(err)))
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) callerOf(r *http.Request) caller {
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		a, err := s.Identity.Authenticate(r.Context(), key)
		return caller{person: a.Person, key: &a.Key, err: err}
	}
	p, err := s.Identity.BySession(r.Context(), sessionOf(r))
	return caller{person: p, err: err}
}

// admit lets a caller through who is somebody, may do this, and has not asked too often.
func (s *server) admit(r *http.Request, c caller) error {
	if c.err != nil {
		if strings.HasPrefix(r.URL.Path, "/pictures/") {
			return nil // who answers these as things that are not there
		}
		return stranger(c)
	}
	if c.key != nil {
		if scope := scopeOf(r.Method, r.URL.Path); !c.key.Has(scope) {
			p := problem(http.StatusForbidden, "scope_required", "The key may not do this", fmt.Sprintf("This needs a key with the scope %q; this one has %v.", scope, c.key.Scopes))
			p.Scope = string(scope)
			return p
		}
	}
	return s.withinRate(c)
}

// withinRate counts a request against the limits of its key and of its account.
func (s *server) withinRate(c caller) error {
	now := s.Now()
	ok, wait := true, time.Duration(0)
	if c.key != nil {
		ok, wait = s.Rates.Key(c.key.ID, c.key.Rate, c.key.Service, now)
	}
	if ok && !c.service() {
		ok, wait = s.Rates.Account(c.person.Account, now)
	}
	if ok {
		return nil
	}
	p := problem(http.StatusTooManyRequests, "rate_limit", "Too many requests", "More requests came in this minute than are allowed; Retry-After tells when the next one is.")
	p.retryAfter = max(1, int((wait+time.Second-1)/time.Second))
	return p
}

func sessionOf(r *http.Request) string {
	if cookie, err := r.Cookie(cookieName); err == nil {
		return cookie.Value
	}
	return ""
}

// callerIn gives who a request acts as, or a problem.
func callerIn(ctx context.Context) (caller, error) {
	c, ok := ctx.Value(callerKey{}).(caller)
	if ok && c.err == nil {
		return c, nil
	}
	return c, stranger(c)
}

// stranger is what somebody unknown is told.
func stranger(c caller) error {
	switch {
	case errors.Is(c.err, identity.ErrExpired):
		return problem(http.StatusUnauthorized, "key_expired", "The key has expired", "The key's time is over; make a new one.")
	case c.err != nil && !errors.Is(c.err, identity.ErrUnknown):
		return c.err
	}
	return problem(http.StatusUnauthorized, "unauthorized", "Not signed in", "Sign in, or send a key as \"Authorization: Bearer …\".")
}

// who gives the person a request acts as, or a problem.
func who(ctx context.Context) (identity.Person, error) {
	c, err := callerIn(ctx)
	if err == nil && c.service() {
		err = problem(http.StatusForbidden, "forbidden", "Not with a service key", "A service key is nobody's: it works on /api/v1/accounts and has no studio of its own.")
	}
	return c.person, err
}

// sessionCookie is the cookie that carries a session, or ends it where the secret is empty.
func sessionCookie(secret string) http.Cookie {
	c := http.Cookie{Name: cookieName, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(identity.SessionLife.Seconds())}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}
