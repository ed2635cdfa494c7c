package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// tagged gives answers that are asked for again and again an ETag, and says 304 where
// the caller has them already.
func tagged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !keeps(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		rec := &recorded{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(rec, r)
		if rec.status == http.StatusOK {
			sum := sha256.Sum256(rec.body.Bytes())
			tag := `"` + hex.EncodeToString(sum[:12]) + `"`
			w.Header().Set("ETag", tag)
			w.Header().Set("Cache-Control", "private, no-cache")
			if matches(r.Header.Get("If-None-Match"), tag) {
				w.Header().Del("Content-Type")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.WriteHeader(rec.status)
		_, _ = w.Write(rec.body.Bytes())
	})
}

// keeps tells which answers are worth keeping: the catalog, single accounts, jobs, pictures,
// uploads and datasets, and the API's own document.
func keeps(path string) bool {
	for _, folder := range []string{accountsPath, "/api/v1/jobs/", "/api/v1/pictures/", uploadPath + "/", datasetsPath + "/"} {
		if id, under := strings.CutPrefix(path, folder); under && !strings.Contains(id, "/") {
			return true
		}
	}
	return path == "/api/v1/catalog" || strings.HasPrefix(path, "/api/v1/openapi") || strings.HasPrefix(path, "/api/docs")
}

func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		if c := strings.TrimPrefix(strings.TrimSpace(candidate), "W/"); c == tag || c == "*" {
			return true
		}
	}
	return false
}

// recorded is an answer that is looked at before it is sent.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }
