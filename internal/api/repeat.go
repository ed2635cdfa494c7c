package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/florin-studio/florin/internal/once"
)

// bodyPatience is how long a body may take to arrive that carries no file.
const bodyPatience = 30 * time.Second

// keyedElsewhere tells of writes whose keys stand in the journal, or are a job's id: they
// hold for ever, and a repeat is told how things stand.
func keyedElsewhere(path string) bool {
	return path == "/api/v1/accounts" || strings.HasPrefix(path, accountsPath) || path == "/api/v1/charges:batch" ||
		path == "/api/v1/jobs" || strings.HasPrefix(path, "/api/v1/jobs/") && strings.HasSuffix(path, "/retry")
}

// repeatable makes every other write that carries an Idempotency-Key happen once: a repeat
// is told the first answer. Whoever is not signed in yet has nothing to tell repeats by.
func (s *server) repeatable(next http.Handler) http.Handler {
	book := &once.Book{DB: s.Identity.DB, Now: s.Now}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		keyed := r.Header.Get("Idempotency-Key") != "" && strings.HasPrefix(path, "/api/v1/") && !public[path] && !keyedElsewhere(path)
		if !keyed || r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if err := s.once(book, w, r, next); err != nil {
			writeProblem(w, s.problemOf(s.fail(err)))
		}
	})
}

// once carries a request out, or tells its first answer.
func (s *server) once(book *once.Book, w http.ResponseWriter, r *http.Request, next http.Handler) error {
	req, err := s.keyed(w, r)
	if err != nil {
		return err
	}
	claim, first, err := book.Begin(r.Context(), req)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Idempotency-Key", req.Key)
	if first != nil {
		for name, value := range first.Header {
			h.Set(name, value)
		}
		h.Set("Idempotency-Replayed", "true")
		w.WriteHeader(first.Status)
		_, _ = w.Write(first.Body)
		return nil
	}
	rec := &recorded{header: h, status: http.StatusOK}
	next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), requestKey{}, claim.ID)))
	// What happened, happened, whether or not the caller still listens.
	ctx := context.WithoutCancel(r.Context())
	if rec.status < 300 {
		err = book.Finish(ctx, claim, once.Answer{Status: rec.status, Header: map[string]string{"Content-Type": h.Get("Content-Type")}, Body: rec.body.Bytes()})
	} else {
		err = book.Drop(ctx, claim)
	}
	if err != nil {
		s.Log.Error("an answer could not be remembered", "path", r.URL.Path, "err", err)
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes())
	return nil
}

// keyed reads a request and tells what makes it the same as another.
func (s *server) keyed(w http.ResponseWriter, r *http.Request) (once.Request, error) {
	c, err := callerIn(r.Context())
	if err != nil {
		return once.Request{}, err
	}
	key, err := keyOr(r.Header.Get("Idempotency-Key"))
	if err != nil {
		return once.Request{}, err
	}
	account := c.person.Account
	if c.service() {
		account = "key " + c.key.ID
	}
	patience := bodyPatience
	if carriesFile(r.URL.Path) {
		patience = uploadPatience
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience)) // not every connection has one
	raw, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return once.Request{}, tooLarge(int(large.Limit))
	}
	if err != nil {
		return once.Request{}, problem(http.StatusBadRequest, "bad_request", http.StatusText(http.StatusBadRequest), "The body did not arrive whole.")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return once.Request{Account: account, Key: key, Same: fingerprint(r, raw), Credential: r.Header.Get("Authorization") + "\n" + sessionOf(r)}, nil
}

// fingerprint is equal for requests that ask for the same.
func fingerprint(r *http.Request, body []byte) string {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%s\n%q\n%q\n", r.Method, r.URL.Path, r.URL.Query().Encode())
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		_, _ = sum.Write(body)
		return hex.EncodeToString(sum.Sum(nil))
	}
	// The line between the parts of a form is another each time.
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil {
			return hex.EncodeToString(sum.Sum(nil))
		}
		_, _ = fmt.Fprintf(sum, "%q %q\n", part.FormName(), part.FileName())
		n, _ := io.Copy(sum, part)
		_, _ = fmt.Fprintf(sum, "\n%d\n", n)
	}
}

type requestKey struct{}

// requestID is the id of what a request with an idempotency key makes, the same when it
// runs again after a crash; empty without a key.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
