package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/models"
)

// ModelFiles is what is installed and what could be.
type ModelFiles struct {
	Sets  []ModelSet      `json:"sets"`
	Items []models.Status `json:"items"`
	// Job is the running installation or the last one.
	Job *models.Job `json:"job"`
	// Offer tells that something plainly permissive would help and is not installed.
	Offer bool `json:"offer" doc:"Whether to offer the permissive set, which is never fetched unasked."`
}

// ModelSet is what is installed in one go.
type ModelSet struct {
	models.Set
	Installed bool `json:"installed"`
	Supported bool `json:"supported"`
	// Download is what is still to be fetched, in bytes.
	Download int64 `json:"download_bytes"`
	// NeedsAcceptance tells that a licence has to be accepted first.
	NeedsAcceptance bool `json:"needs_acceptance"`
}

func (s *server) modelRoutes(api huma.API) {
	if s.Models == nil {
		return
	}
	huma.Register(api, huma.Operation{OperationID: "list-models", Method: http.MethodGet, Path: "/api/v1/admin/models", Summary: "Model files: what is installed, licences, progress; for administrators"}, s.listModels)
	huma.Register(api, huma.Operation{OperationID: "install-models", Method: http.MethodPost, Path: "/api/v1/admin/models/{set}/install", DefaultStatus: http.StatusAccepted, Summary: "Install a set in the background"}, s.installModels)
	huma.Register(api, huma.Operation{OperationID: "remove-models", Method: http.MethodDelete, Path: "/api/v1/admin/models/{set}", Summary: "Take a set away"}, s.removeModels)
}

// modelFiles gathers the answer of all three routes.
func (s *server) modelFiles() (*answer[ModelFiles], error) {
	items, err := s.Models.Store.List()
	if err != nil {
		return nil, s.fail(err)
	}
	out := ModelFiles{Items: items, Job: s.Models.Job()}
	for _, set := range models.Sets() {
		m := ModelSet{Set: set, Installed: true, Supported: true}
		needed, err := s.Models.Store.Needed(set.ID)
		if err != nil {
			return nil, s.fail(err)
		}
		for _, i := range needed {
			m.Installed, m.Supported = m.Installed && i.Installed, m.Supported && i.Supported
			if !i.Installed {
				m.Download += i.Download
			}
			m.NeedsAcceptance = m.NeedsAcceptance || !i.Licence.Permissive && i.Accepted == nil
		}
		out.Sets = append(out.Sets, m)
	}
	out.Offer = s.Models.Store.Offer()
	return &answer[ModelFiles]{Body: out}, nil
}

func (s *server) listModels(ctx context.Context, _ *struct{}) (*answer[ModelFiles], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	return s.modelFiles()
}

func (s *server) installModels(ctx context.Context, in *struct {
	Set  string `path:"set"`
	Body struct {
		Accept bool `json:"accept_licenses,omitempty" doc:"That the licences which ask for more than a notice have been read and are accepted."`
	}
}) (*answer[ModelFiles], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	if err := s.Models.Start(in.Set, models.Consent{Who: p.Email, Licences: in.Body.Accept}); err != nil {
		return nil, s.fail(modelProblem(err))
	}
	return s.modelFiles()
}

func (s *server) removeModels(ctx context.Context, in *struct {
	Set string `path:"set"`
}) (*answer[ModelFiles], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	if err := s.Models.Remove(in.Set); err != nil {
		return nil, s.fail(modelProblem(err))
	}
	return s.modelFiles()
}

// modelProblem maps what the models refuse.
func modelProblem(err error) error {
	switch {
	case errors.Is(err, models.ErrUnknown):
		return problem(http.StatusNotFound, "not_found", "Not found", sentence(err.Error()))
	case errors.Is(err, models.ErrLicence):
		return problem(http.StatusUnprocessableEntity, "licence_required", "The licence has to be accepted", sentence(err.Error()))
	case errors.Is(err, models.ErrBusy), errors.Is(err, models.ErrNeeded):
		return problem(http.StatusConflict, "conflict", "Not now", sentence(err.Error()))
	case errors.Is(err, models.ErrUnsupported):
		return problem(http.StatusUnprocessableEntity, "not_applicable", "Not possible here", sentence(err.Error()))
	case errors.Is(err, models.ErrFull):
		return problem(http.StatusInsufficientStorage, "disk_full", "The disk is full", sentence(err.Error()))
	}
	return err
}
