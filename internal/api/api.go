// Package api is Florin over HTTP: the REST API under /api/v1 that the pages use, the
// files of pictures, the event stream, and the built pages themselves.
//
// It promises one shape of error (RFC 9457 problems with the refusal enum as code),
// that a request acts as the person its session or key belongs to and sees nothing of
// anybody else, and that browsers of other sites can't act for a signed-in person. It
// decides nothing: prices, tokens and jobs are the studio's, people are identity's.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/florin-studio/florin/internal/api/express"
	"github.com/florin-studio/florin/internal/api/throttle"
	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/models"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/internal/studio"
)

// Config is what the API serves.
type Config struct {
	Studio   *studio.Studio
	Identity *identity.Service
	// Pages are the built pages, or nil where they have not been built.
	Pages fs.FS
	// Compatible serves /api/rest/.
	Compatible http.Handler
	Version    string
	// Reload reads the catalog file again and tells in words what changed.
	Reload func() (changes []string, err error)
	// Models installs model files in the background; nil leaves its routes out.
	Models *models.Installer
	// Webhooks tells others of what happens; nil leaves its routes out.
	Webhooks *notify.Service
	// Virtual tells that the clock is not the real one.
	Virtual bool
	// Rates bound how often keys and accounts may ask; nil for the usual ones.
	Rates *throttle.Rates
	Now   func() time.Time
	Log   *slog.Logger
}

// server is the API with what it needs.
type server struct {
	Config
	lane express.Lane
}

// Door is the handler of everything.
type Door struct {
	http.Handler
	lane *express.Lane
}

// ConnContext is for the http.Server that the door is given to; without it all works, at more cost.
func (d Door) ConnContext(ctx context.Context, c net.Conn) context.Context {
	return d.lane.ConnContext(ctx, c)
}

// Wait returns when requests are answered of which a server's Shutdown does not know. It is to be
// called after that, and after the context of the server's connections has ended.
func (d Door) Wait(ctx context.Context) error { return d.lane.Wait(ctx) }

// ownProblems has huma tell its errors as all others are told. It has one way to for all of a program.
var ownProblems = sync.OnceFunc(func() { huma.NewError = newProblem })

// New makes the door.
func New(c Config) Door {
	s := &server{Config: c}
	s.lane.Find = s.expressHandler
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Rates == nil {
		s.Rates = &throttle.Rates{}
	}
	ownProblems()
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Florin", c.Version)
	config.CreateHooks = nil // no $schema in bodies
	config.DocsPath = ""
	config.SchemasPath = ""
	config.OpenAPIPath = "/api/v1/openapi"
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Info.Description = "The API of a Florin installation. Amounts are whole tokens; times are RFC 3339."
	api := humago.New(mux, config)
	s.routes(api)
	s.spending(mux)
	s.documented(api)
	for pattern, h := range s.besides() {
		mux.HandleFunc(pattern, h)
	}
	if c.Compatible != nil {
		mux.Handle("/api/rest/", c.Compatible)
	}
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(s.foreign))
	return Door{s.recovered(s.express(s.secured(s.identified(own.Handler(s.repeatable(tagged(mux))))))), &s.lane}
}

// besides are the routes that are not in the document: files, the event stream and pages.
func (s *server) besides() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /api/docs": s.reference, "GET /api/docs/{file}": s.reference,
		"GET /api/v1/events":                 s.events,
		"GET /pictures/{file}":               s.pictureFile,
		"GET /pictures/{id}/thumb.jpg":       s.pictureThumb,
		"GET /pictures/{id}/files/{which}":   s.pictureExtra,
		"GET /api/v1/uploads/{id}/file":      s.uploadFile,
		"GET /api/v1/uploads/{id}/thumb.jpg": s.uploadThumb,
		"GET /healthz":                       func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) },
		"/api/":                              s.notFound, "/": s.page,
	}
}

// Besides lists the patterns of these routes.
func Besides() []string { return slices.Sorted(maps.Keys((&server{}).besides())) }

// schemaName names a type in the OpenAPI document. Types of other packages carry their
// package's name, since token.Coming and api.Coming are two things.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || pkg == "api" || pkg == "." {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

func (s *server) routes(api huma.API) {
	s.peopleRoutes(api)
	s.keyRoutes(api)
	s.webhookRoutes(api)
	s.tokenRoutes(api)
	s.usageRoutes(api)
	s.planRoutes(api)
	s.adminRoutes(api)
	s.modelRoutes(api)
	s.jobRoutes(api)
	s.engineRoutes(api)
	s.retryRoutes(api)
	s.pictureRoutes(api)
	s.uploadRoutes(api)
	s.datasetRoutes(api)
	s.promptRoutes(api)
	s.accountRoutes(api)
	s.grantRoutes(api)
	s.spendRoutes(api)
}

// foreign answers browsers that another site sends here.
func (s *server) foreign(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, problem(http.StatusForbidden, "forbidden", "Not from here", "This request came from the page of another site, which may not act for you."))
}

// secured sets the headers that keep browsers from doing more than the pages need.
func (s *server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'")
		// The server looks at the body of its own request to see whether any of it was left:
		// a bounded one in its place, and what was left would be taken for the next request.
		bounded := *r
		bounded.Body = http.MaxBytesReader(w, r.Body, bodyLimit(r.URL.Path))
		next.ServeHTTP(w, &bounded)
	})
}

// maxBody bounds a request's body, in bytes, where it carries no file.
const maxBody = 1 << 20

// bodyLimit is how large a request's body may be, in bytes.
func bodyLimit(path string) int64 {
	if carriesFile(path) || strings.HasPrefix(path, "/api/rest/") {
		return maxUploadBody
	}
	return maxBody
}

// recovered turns a panic into one logged line and a problem.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.rescue(w, r)
		next.ServeHTTP(w, r)
	})
}

// rescue is deferred where a panic is to become an answer.
func (s *server) rescue(w http.ResponseWriter, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		s.Log.Error("panic", "path", r.URL.Path, "panic", p)
		writeProblem(w, s.problemOf(errPanic))
	}
}
