package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/planner"
	"github.com/florin-studio/florin/token/calendar"
)

func (s *server) planRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "plan-project", Method: http.MethodPost, Path: "/api/v1/projects/plan", SkipValidateBody: true, Summary: "What a project costs, what is done when, and which plan fits"}, s.planProject)
}

// planProject plans for an account as it is now. The body is a project in JSON or YAML.
func (s *server) planProject(ctx context.Context, in *struct {
	For
	RawBody []byte `contentType:"application/json" doc:"A project: name, by, and wishes with what, pipeline or operation, pictures and settings."`
}) (*answer[*planner.Answer], error) {
	account, err := in.whose(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	list := s.Studio.Catalog()
	project, err := planner.Read("project", in.RawBody, list)
	if err != nil {
		return nil, s.fail(faulty(err, "Please check the project"))
	}
	now := calendar.At(s.Now())
	a, err := s.Studio.Ledger.Account(ctx, account, now)
	if err != nil {
		return nil, s.fail(err)
	}
	plan, err := planner.Plan(list, a, project, now, planner.Options{})
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[*planner.Answer]{Body: plan}, nil
}

// faulty turns the faults of a file into a problem with a place for each.
func faulty(err error, title string) error {
	var faults catalog.Faults
	if !errors.As(err, &faults) {
		return err
	}
	p := problem(http.StatusUnprocessableEntity, "bad_request", title, fmt.Sprintf("%s, line %d: %s %s.", faults[0].File, faults[0].Line, faults[0].Path, faults[0].Problem))
	for _, f := range faults {
		p.Errors = append(p.Errors, &huma.ErrorDetail{Location: "body." + f.Path, Message: f.Problem + "; allowed: " + f.Allowed, Value: f.Value})
	}
	return p
}
