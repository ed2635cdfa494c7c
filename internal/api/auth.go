package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/florin-studio/florin/internal/identity"
)

// cookieName is the session's cookie.
const cookieName = "florin_session"

// caller is who a request acts as.
type caller struct {
	person identity.Person
	// err is why nobody is signed in.
	err error
}

type callerKey struct{}

// public are the calls that need nobody signed in; of any other, a stranger learns nothing
// but that one has to sign in.
var public = map[string]bool{
	"/api/v1/info": true, "/api/v1/setup": true, "/api/v1/sign-up": true, "/api/v1/sign-in": true, "/api/v1/sign-out": true,
	"/api/v1/openapi.json": true, "/api/v1/openapi.yaml": true, "/api/v1/openapi-3.0.json": true, "/api/v1/openapi-3.0.yaml": true,
}

// identified finds out who is asking: by key if one is sent, else by session.
func (s *server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/pictures/") {
			c := caller{}
			if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
				c.person, c.err = s.Identity.ByKey(r.Context(), key)
			} else {
				c.person, c.err = s.Identity.BySession(r.Context(), sessionOf(r))
			}
			r = r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
			if _, err := who(r.Context()); err != nil && strings.HasPrefix(r.URL.Path, "/api/v1/") && !public[r.URL.Path] {
				writeProblem(w, s.problemOf(s.fail(err)))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func sessionOf(r *http.Request) string {
	if cookie, err := r.Cookie(cookieName); err == nil {
		return cookie.Value
	}
	return ""
}

// who gives the person a request acts as, or a problem.
func who(ctx context.Context) (identity.Person, error) {
	c, ok := ctx.Value(callerKey{}).(caller)
	if ok && c.err == nil {
		return c.person, nil
	}
	if ok && !errors.Is(c.err, identity.ErrUnknown) {
		return identity.Person{}, c.err
	}
	return identity.Person{}, problem(http.StatusUnauthorized, "unauthorized", "Not signed in", "Sign in, or send a key as \"Authorization: Bearer …\".")
}

// sessionCookie is the cookie that carries a session, or ends it where the secret is empty.
func sessionCookie(secret string) http.Cookie {
	c := http.Cookie{Name: cookieName, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(identity.SessionLife.Seconds())}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}
