// Package leonardo speaks the wire shape of Leonardo.Ai's public REST API v1, so that
// software written for it works here with another base URL.
//
// It promises that what is asked for here goes the same way as from the pages: same
// prices, same holds, same queue. Every success is 200 (204 for presigned uploads),
// errors carry {error, path, code}, unknown request fields are ignored, and answers keep
// to the closed enums that the official clients check. What this installation can't do,
// such as videos or training, is refused in that API's shape, and costs nothing.
package leonardo

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/studio"
)

// Config is what the compatible API stands on.
type Config struct {
	Studio   *studio.Studio
	Identity *identity.Service
	// PublicURL is the base of addresses, e.g. https://studio.example.org; empty takes
	// the address that the request was sent to.
	PublicURL string
	// Secret signs the addresses of uploads and of files.
	Secret []byte
	// Rates bound how often keys and accounts may ask; nil for no bound.
	Rates *throttle.Rates
	Now   func() time.Time
	Log   *slog.Logger
}

type server struct{ Config }

// caller is who asks.
type caller struct {
	identity.Person
	key identity.Key
}

// handler answers a call. Its error is told in this API's shape.
type handler func(w http.ResponseWriter, r *http.Request, c caller) error

// route is one call of the API and the scope that a key needs for it.
type route struct {
	pattern string
	scope   identity.Scope
	serve   handler
}

// creates are the calls that the public API bounds by themselves, beside all together.
var creates = map[string]bool{
	"POST /generations": true, "POST /variations/upscale": true, "POST /variations/unzoom": true, "POST /variations/nobg": true,
	"POST /variations/universal-upscaler": true, "POST /generations-texture": true,
}

func (s *server) routes() []route {
	const read, generate = identity.Read, identity.Generate
	routes := []route{
		{"GET /me", read, s.me},
		{"POST /pricing-calculator", read, s.pricing},

		{"POST /generations", generate, s.createGeneration},
		{"GET /generations/{id}", read, s.getGeneration},
		{"DELETE /generations/{id}", generate, s.deleteGeneration},
		{"GET /generations/user/{user}", read, s.listGenerations},

		{"POST /init-image", generate, s.uploadInitImage},
		{"GET /init-image/{id}", read, s.getInitImage},
		{"DELETE /init-image/{id}", generate, s.deleteInitImage},
		{"POST /canvas-init-image", generate, s.uploadCanvas},

		{"POST /variations/upscale", generate, s.upscale},
		{"POST /variations/unzoom", generate, s.unzoom},
		{"POST /variations/nobg", generate, s.removeBackground},
		{"POST /variations/universal-upscaler", generate, s.universalUpscaler},
		{"GET /variations/{id}", read, s.getVariation},

		{"GET /elements", read, s.listElements},
		{"GET /platformModels", read, s.listModels},
		{"POST /prompt/improve", generate, s.improvePrompt},
		{"POST /prompt/random", generate, s.randomPrompt},

		{"POST /models-3d/upload", generate, s.uploadMesh},
		{"GET /models-3d/{id}", read, s.getMesh},
		{"DELETE /models-3d/{id}", generate, s.deleteMesh},
		{"GET /models-3d/user/{user}", read, s.listMeshes},
		{"POST /generations-texture", generate, s.createTexture},
		{"GET /generations-texture/{id}", read, s.getTexture},
		{"DELETE /generations-texture/{id}", generate, s.deleteTexture},
		{"GET /generations-texture/model/{id}", read, s.listTextures},

		{"POST /datasets", generate, s.createDataset},
		{"GET /datasets/{id}", read, s.getDataset},
		{"DELETE /datasets/{id}", generate, s.deleteDataset},
		{"POST /datasets/{id}/upload", generate, s.uploadToDataset},
		{"POST /datasets/{id}/upload/gen", generate, s.copyToDataset},

		{"POST /generations-lcm", generate, s.realtime("lcm")},
		{"POST /lcm-instant-refine", generate, s.realtime("refine")},
		{"POST /lcm-inpainting", generate, s.realtime("inpaint")},
		{"POST /lcm-upscale", generate, s.realtime("upscale")},
	}
	return append(routes, s.absent()...)
}

// base is the path below which the calls lie.
const basePath = "/api/rest/v1"

// Route is a call of the API: a method and a path with names in braces, and the scope that
// a key needs for it.
type Route struct {
	Method, Path string
	Scope        identity.Scope
}

// Routes lists every call that wants a key.
func Routes() []Route {
	var all []Route
	for _, r := range (&server{}).routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		all = append(all, Route{method, basePath + path, r.scope})
	}
	return all
}

// New makes the handler of /api/rest/.
func New(c Config) http.Handler {
	s := &server{c}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		mux.Handle(method+" "+basePath+path, s.signedIn(r))
	}
	mux.HandleFunc("POST "+formPath, s.receive)
	mux.HandleFunc("GET "+filePath+"{rest...}", s.file)
	mux.HandleFunc("/api/rest/v2/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "not-found", "$", "Endpoint not found: of the REST API there is version 1 here, under "+basePath)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { nowhere(mux, w, r) })
	return mux
}

// nowhere answers where no call is: not with this method, or not at all.
func nowhere(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		if _, pattern := mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host}); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		fail(w, http.StatusNotFound, "not-found", "$", "Endpoint not found")
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	fail(w, http.StatusMethodNotAllowed, "method-not-allowed", "$", "Method not allowed; allowed: "+strings.Join(allowed, ", "))
}

// signedIn lets only requests with a key through that may do this, and answers with the
// API's errors.
func (s *server) signedIn(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, err := uuid.Parse(key); key != "" && err != nil {
			fail(w, http.StatusInternalServerError, "unexpected", "$", "Invalid response from authorization hook")
			return
		}
		a, err := s.Identity.Authenticate(r.Context(), key)
		if err != nil || a.Key.Service {
			s.stranger(w, err)
			return
		}
		c := caller{a.Person, a.Key}
		if !c.key.Has(rt.scope) {
			fail(w, http.StatusForbidden, "access-denied", "$", "this needs a key with the scope "+string(rt.scope))
			return
		}
		if wait, text := s.withinRate(c, rt); text != "" {
			busy(w, wait, text)
			return
		}
		if err := rt.serve(w, r, c); err != nil {
			s.refuse(w, c, err)
		}
	})
}

// withinRate counts a request against the limits of its key, its account, and its call. It
// says which of them is reached, if one is, and how long to wait.
func (s *server) withinRate(c caller, rt route) (wait time.Duration, reached string) {
	if s.Rates == nil {
		return 0, ""
	}
	now := s.Now()
	ok, wait := s.Rates.Key(c.key.ID, c.key.Rate, false, now)
	if ok {
		ok, wait = s.Rates.Account(c.Account, now)
	}
	if !ok {
		return wait, "too many requests: the limit of this minute is reached"
	}
	if creates[rt.pattern] {
		if ok, wait = s.Rates.Create(c.Account, rt.pattern, now); !ok {
			return wait, "too many requests: the limit of this minute for " + rt.pattern + " is reached"
		}
	}
	return 0, ""
}
