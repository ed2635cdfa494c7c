package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/studio"
)

// Job is a piece of work with its price and its pictures.
type Job struct {
	ID             string      `json:"id"`
	Status         string      `json:"status" enum:"queued,running,complete,failed,cancelled"`
	Lane           string      `json:"lane" enum:"fast,relaxed"`
	Pipeline       string      `json:"pipeline"`
	Prompt         string      `json:"prompt"`
	NegativePrompt string      `json:"negative_prompt"`
	Width          int         `json:"width"`
	Height         int         `json:"height"`
	Images         int         `json:"images"`
	Seed           int64       `json:"seed"`
	Price          int64       `json:"price" doc:"Tokens held."`
	Settled        int64       `json:"settled" doc:"Tokens charged in the end."`
	Progress       int64       `json:"progress" minimum:"0" maximum:"100"`
	Position       int         `json:"position,omitempty" doc:"Place among waiting jobs, 1 for the next."`
	Reason         string      `json:"reason,omitempty" doc:"Why it failed or delivered less."`
	Created        string      `json:"created_at" format:"date-time"`
	Started        *string     `json:"started_at" format:"date-time"`
	Finished       *string     `json:"finished_at" format:"date-time"`
	Engine         *EngineName `json:"engine"`
	Pictures       []Picture   `json:"pictures"`
}

// Jobs is a page of jobs, newest first.
type Jobs struct {
	Jobs       []Job  `json:"jobs"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// NewJob is what is asked for.
type NewJob struct {
	Quote          string `json:"quote,omitempty" doc:"A quote's id; its price is charged."`
	Pipeline       string `json:"pipeline"`
	Prompt         string `json:"prompt"`
	NegativePrompt string `json:"negative_prompt,omitempty"`
	Width          int    `json:"width,omitempty" doc:"In pixels; 768 if missing."`
	Height         int    `json:"height,omitempty" doc:"In pixels; 768 if missing."`
	Images         int    `json:"images,omitempty" doc:"1 if missing."`
	Steps          int    `json:"steps,omitempty"`
	Model          string `json:"model,omitempty"`
	PromptMagic    string `json:"prompt_magic,omitempty"`
	Seed           *int64 `json:"seed,omitempty" doc:"0 to 9999999998; random if missing."`
}

type page struct {
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Cursor string `query:"cursor"`
}

type byID struct {
	ID string `path:"id"`
}

func (s *server) jobRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "create-job", Method: http.MethodPost, Path: "/api/v1/jobs", DefaultStatus: http.StatusCreated, Summary: "Hold the price and queue a job"}, s.createJob)
	huma.Register(api, huma.Operation{OperationID: "list-jobs", Method: http.MethodGet, Path: "/api/v1/jobs", Summary: "One's own jobs, newest first"}, s.listJobs)
	huma.Register(api, huma.Operation{OperationID: "get-job", Method: http.MethodGet, Path: "/api/v1/jobs/{id}", Summary: "One job"}, s.getJob)
	huma.Register(api, huma.Operation{OperationID: "cancel-job", Method: http.MethodPost, Path: "/api/v1/jobs/{id}/cancel", Summary: "Cancel a job; only pictures that were made are charged"}, s.cancelJob)
}

func (s *server) createJob(ctx context.Context, in *struct {
	Key  string `header:"Idempotency-Key"`
	Body NewJob
}) (*answer[Job], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	b := in.Body
	j, err := s.Studio.Submit(ctx, p.Account, studio.Submission{
		Quote: b.Quote, Key: in.Key, Prompt: b.Prompt, NegativePrompt: b.NegativePrompt, Seed: b.Seed,
		Request: catalog.Request{Pipeline: b.Pipeline, Images: b.Images, Width: b.Width, Height: b.Height, Steps: b.Steps, Model: b.Model, PromptMagic: b.PromptMagic},
	})
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Job]{Body: s.jobOf(j)}, nil
}

func (s *server) listJobs(ctx context.Context, in *page) (*answer[Jobs], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	jobs, err := s.Studio.Jobs(ctx, p.Account, in.Cursor, in.Limit)
	if err != nil {
		return nil, s.fail(err)
	}
	out := Jobs{Jobs: []Job{}}
	for _, j := range jobs {
		out.Jobs = append(out.Jobs, s.jobOf(j))
	}
	if n := len(jobs); n == in.Limit {
		out.NextCursor = studio.Cursor(jobs[n-1].Created, jobs[n-1].ID)
	}
	return &answer[Jobs]{Body: out}, nil
}

func (s *server) getJob(ctx context.Context, in *byID) (*answer[Job], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	j, err := s.Studio.Job(ctx, p.Account, in.ID)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Job]{Body: s.jobOf(j)}, nil
}

func (s *server) cancelJob(ctx context.Context, in *byID) (*answer[Job], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	j, err := s.Studio.Cancel(ctx, p.Account, in.ID)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Job]{Body: s.jobOf(j)}, nil
}

func (s *server) jobOf(j studio.Job) Job {
	out := Job{
		ID: j.ID, Status: string(j.Status), Lane: string(j.Lane), Pipeline: j.Spec.Pipeline, Prompt: j.Spec.Prompt, NegativePrompt: j.Spec.NegativePrompt,
		Width: j.Spec.Width, Height: j.Spec.Height, Images: j.Spec.Images, Seed: j.Spec.Seed, Price: j.Price, Settled: j.Settled,
		Progress: j.Progress, Position: j.Position, Reason: j.Reason, Created: j.Created.String(),
		Started: optionalTime(j.Started), Finished: optionalTime(j.Finished), Pictures: []Picture{},
	}
	if d, ok := s.Studio.Engine(j.Engine); ok {
		out.Engine = &EngineName{ID: d.ID, Name: d.Name, Honesty: d.Honesty}
	}
	for _, p := range j.Pictures {
		out.Pictures = append(out.Pictures, pictureOf(p))
	}
	return out
}
