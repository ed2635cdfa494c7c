package api

import (
	"embed"
	"net/http"
)

// referenceFiles are the browsable page of the API: it reads the document and shows it.
//
//go:embed reference
var referenceFiles embed.FS

// reference serves the page at /api/docs. It needs nothing from anywhere else.
func (s *server) reference(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if name == "" {
		name = "index.html"
	}
	http.ServeFileFS(w, r, referenceFiles, "reference/"+name)
}
