package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Reloaded tells what reading the catalog again changed.
type Reloaded struct {
	Version string   `json:"version"`
	Changes []string `json:"changes" doc:"Prices and plans that changed, in words."`
}

func (s *server) adminRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "installation-usage", Method: http.MethodGet, Path: "/api/v1/admin/usage", Summary: "The whole installation's usage, for administrators"}, s.allUsage)
	huma.Register(api, huma.Operation{OperationID: "reload-catalog", Method: http.MethodPost, Path: "/api/v1/admin/catalog/reload", Summary: "Read the catalog file again; a faulty one is refused and the old one stays"}, s.reloadCatalog)
}

// admin lets administrators through.
func admin(ctx context.Context) error {
	p, err := who(ctx)
	if err == nil && !p.Admin {
		err = problem(http.StatusForbidden, "forbidden", "Not allowed", "Only administrators may do this.")
	}
	return err
}

func (s *server) allUsage(ctx context.Context, in *period) (*answer[Usage], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	out, err := s.usageOf(ctx, "", *in)
	return &answer[Usage]{Body: out}, s.fail(err)
}

func (s *server) reloadCatalog(ctx context.Context, _ *struct{}) (*answer[Reloaded], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	changes, err := s.Reload()
	if err != nil {
		return nil, s.fail(faulty(err, "Please check the catalog"))
	}
	return &answer[Reloaded]{Body: Reloaded{Version: s.Studio.Catalog().Version(), Changes: append([]string{}, changes...)}}, nil
}
