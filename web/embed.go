// Package web carries the studio's built pages inside the binary.
//
// It promises the files that `npm run build` wrote to dist at the time the binary was
// compiled, and says whether there were any. It does not serve them: routes, caching and
// the answer to an unknown path belong to the server.
package web

import (
	"embed"
	"io/fs"
)

// dist holds at least its .gitkeep, so that the module compiles before the pages are built.
//
//go:embed all:dist
var dist embed.FS

// Files returns the built pages with index.html at the root, and whether index.html
// exists. Without it the pages were not built and the file system has nothing to show.
func Files() (fs.FS, bool) {
	pages, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false
	}
	_, err = fs.Stat(pages, "index.html")
	return pages, err == nil
}
