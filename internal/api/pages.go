package api

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// notBuilt is what is served instead of the pages where they have not been built.
const notBuilt = `<!doctype html><meta charset="utf-8"><title>Florin</title>
<p>The server runs, but its pages have not been built. Run <code>make build</code>, which needs Node and npm, and start it again.</p>
`

// page serves a built file, or the application for any other path: its own router
// knows what to show.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		writeProblem(w, problem(http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed", "Only GET works here."))
		return
	}
	if s.Pages == nil {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if info, err := fs.Stat(s.Pages, name); name != "" && err == nil && !info.IsDir() {
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // the build puts a hash into these names
		}
		http.ServeFileFS(w, r, s.Pages, name)
		return
	}
	if path.Ext(name) != "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, s.Pages, "index.html")
}

// notFound answers calls to routes that do not exist.
func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, problem(http.StatusNotFound, "not_found", "Not found", "There is no "+r.Method+" "+r.URL.Path+"."))
}
