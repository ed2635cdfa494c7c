package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/catalog"
	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/studio"
)

// Job is a piece of work with its price and its pictures.
type Job struct {
	ID             string `json:"id"`
	Status         string `json:"status" enum:"queued,running,complete,failed,cancelled"`
	Lane           string `json:"lane" enum:"fast,relaxed"`
	Operation      string `json:"operation,omitempty" doc:"Empty for painting."`
	Pipeline       string `json:"pipeline"`
	Prompt         string `json:"prompt"`
	NegativePrompt string `json:"negative_prompt"`
	Width          int    `json:"width"`
	Height         int    `json:"height"`
	Images         int    `json:"images"`
	Steps          int    `json:"steps,omitempty"`
	Model          string `json:"model,omitempty"`
	PromptMagic    string `json:"prompt_magic,omitempty"`
	Seed           int64  `json:"seed"`
	With
	Price    int64       `json:"price" doc:"Tokens held."`
	Settled  int64       `json:"settled" doc:"Tokens charged in the end."`
	Progress int64       `json:"progress" minimum:"0" maximum:"100"`
	Position int         `json:"position,omitempty" doc:"Place among waiting jobs, 1 for the next."`
	Waiting  string      `json:"waiting_for,omitempty" doc:"What keeps a waiting job from beginning whatever its place, in a sentence."`
	MayStart *string     `json:"estimated_start_at" format:"date-time" doc:"When a waiting job may begin, from the engines' measured speed; null while that can't be told, and until a second after the job came."`
	Earliest *string     `json:"estimated_start_earliest" format:"date-time" doc:"With estimated_start_latest, what nine jobs in ten begin between at steady load. Alone, where the line is too long to tell more."`
	Latest   *string     `json:"estimated_start_latest" format:"date-time" doc:"See estimated_start_earliest."`
	Reason   string      `json:"reason,omitempty" doc:"Why it failed or delivered less."`
	Created  string      `json:"created_at" format:"date-time"`
	Started  *string     `json:"started_at" format:"date-time"`
	Finished *string     `json:"finished_at" format:"date-time"`
	Engine   *EngineName `json:"engine"`
	Pictures []Picture   `json:"pictures"`
}

// With is what a job works on and with.
type With struct {
	Source     *Origin     `json:"source,omitempty" doc:"The picture that an operation or the canvas works on."`
	Mask       string      `json:"mask,omitempty" doc:"An upload of kind mask, of the source's size, for the canvas: white is repainted."`
	Mesh       string      `json:"mesh,omitempty" doc:"An upload of kind mesh, for the texture operations."`
	References []Reference `json:"references,omitempty" maxItems:"4" doc:"Pictures that guide."`
	Elements   []Element   `json:"elements,omitempty" maxItems:"4" doc:"Styles, used in order."`
	Extend     *Extend     `json:"extend,omitempty" doc:"By how many pixels the canvas grows on each side."`
	Strength   float64     `json:"strength,omitempty" minimum:"0" maximum:"1" doc:"How far the canvas may leave the source inside the mask; 1 if missing."`
	Scale      int         `json:"scale,omitempty" enum:"0,2,4" doc:"2 or 4, for the upscalers; 2 if missing."`
	Zoom       float64     `json:"zoom,omitempty" minimum:"0" maximum:"3" doc:"How much wider Unzoom looks, above 1 to 3; 1.5 if missing."`
	Style      string      `json:"style,omitempty" doc:"A kind of pictures that an operation knows, such as general or animation for the upscalers."`
	Tiling     bool        `json:"tiling,omitempty" doc:"Whether the picture continues itself on all sides."`
}

// Origin names a picture or an upload: one of the two.
type Origin struct {
	Picture string `json:"picture,omitempty" doc:"A picture's id."`
	Upload  string `json:"upload,omitempty" doc:"An upload's id."`
}

// Reference is a picture that guides.
type Reference struct {
	Picture  string  `json:"picture,omitempty" doc:"A picture's id, or:"`
	Upload   string  `json:"upload,omitempty" doc:"An upload's id."`
	Kind     string  `json:"kind" enum:"palette,structure,edges,image" doc:"What of it is followed."`
	Strength float64 `json:"strength,omitempty" minimum:"0" maximum:"1" doc:"0.6 if missing."`
}

// Element is a style with its weight.
type Element struct {
	ID     string  `json:"id" minLength:"1"`
	Weight float64 `json:"weight,omitempty" minimum:"-2" maximum:"2" doc:"Within the range of the catalog. Its usual weight if missing or 0."`
}

// Extend is by how many pixels a canvas grows.
type Extend struct {
	Left   int `json:"left,omitempty" minimum:"0" maximum:"1024"`
	Top    int `json:"top,omitempty" minimum:"0" maximum:"1024"`
	Right  int `json:"right,omitempty" minimum:"0" maximum:"1024"`
	Bottom int `json:"bottom,omitempty" minimum:"0" maximum:"1024"`
}

// Jobs is a page of jobs, newest first.
type Jobs struct {
	Jobs       []Job  `json:"jobs"`
	NextCursor string `json:"next_cursor,omitempty"`
}

// NewJob is what is asked for: a pipeline with a prompt, or an operation.
type NewJob struct {
	Quote          string `json:"quote,omitempty" doc:"A quote's id; its price is charged."`
	Pipeline       string `json:"pipeline,omitempty"`
	Operation      string `json:"operation,omitempty" doc:"Instead of a pipeline: what is done to one picture or mesh."`
	Prompt         string `json:"prompt,omitempty" maxLength:"1500" doc:"1 to 1500 characters, for pipelines and textures. The canvas needs none: without one it takes away what is marked."`
	NegativePrompt string `json:"negative_prompt,omitempty" maxLength:"1500"`
	Width          int    `json:"width,omitempty" minimum:"0" maximum:"1000000" doc:"In pixels; 768 if missing. The canvas has its source's size and what it grows by."`
	Height         int    `json:"height,omitempty" minimum:"0" maximum:"1000000" doc:"In pixels; 768 if missing."`
	Images         int    `json:"images,omitempty" minimum:"0" maximum:"1000000" doc:"1 if missing."`
	Steps          int    `json:"steps,omitempty" minimum:"0" maximum:"1000000"`
	Model          string `json:"model,omitempty"`
	PromptMagic    string `json:"prompt_magic,omitempty" enum:",v2,v3"`
	Seed           *int64 `json:"seed,omitempty" minimum:"0" maximum:"9999999998" doc:"Random if missing."`
	With
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
	huma.Register(api, huma.Operation{OperationID: "delete-job", Method: http.MethodDelete, Path: "/api/v1/jobs/{id}", DefaultStatus: http.StatusNoContent, Summary: "Remove a job that has ended, with its pictures"}, s.deleteJob)
}

func (s *server) createJob(ctx context.Context, in *struct {
	Key  string `header:"Idempotency-Key"`
	Body NewJob
}) (*answer[Job], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	sub := in.Body.submission()
	sub.Key = in.Key
	c, _ := callerIn(ctx) // it is known, or who had refused
	sub.APIKey = c.key
	j, err := s.Studio.Submit(ctx, p.Account, sub)
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[Job]{Body: s.jobOf(j)}, nil
}

// submission is the request in the studio's terms.
func (b *NewJob) submission() studio.Submission {
	sub := studio.Submission{
		Quote: b.Quote, Prompt: b.Prompt, NegativePrompt: b.NegativePrompt, Seed: b.Seed, Mask: b.Mask, Mesh: b.Mesh,
		Strength: b.Strength, Scale: b.Scale, Zoom: b.Zoom, Style: b.Style, Tiling: b.Tiling,
		Request: catalog.Request{
			Pipeline: b.Pipeline, Operation: b.Operation, Images: b.Images, Width: b.Width, Height: b.Height, Steps: b.Steps,
			Model: b.Model, PromptMagic: b.PromptMagic,
		},
	}
	if b.Source != nil {
		sub.Source = studio.Origin{Picture: b.Source.Picture, Upload: b.Source.Upload}
	}
	if b.Extend != nil {
		sub.Extend = studio.Sides(*b.Extend)
	}
	for _, r := range b.References {
		sub.References = append(sub.References, studio.Reference{
			Origin: studio.Origin{Picture: r.Picture, Upload: r.Upload}, Kind: engine.ReferenceKind(r.Kind), Strength: r.Strength,
		})
	}
	for _, e := range b.Elements {
		sub.Elements = append(sub.Elements, studio.Element(e))
	}
	return sub
}

// withOf is what a job works on and with, as the API tells it.
func withOf(spec *studio.Spec) With {
	w := With{
		Source: originOf(spec.Source), Mask: spec.Mask, Mesh: spec.Mesh, Strength: spec.Strength, Scale: spec.Scale, Zoom: spec.Zoom,
		Style: spec.Style, Tiling: spec.Tiling,
	}
	if spec.Extend != (studio.Sides{}) {
		e := Extend(spec.Extend)
		w.Extend = &e
	}
	for _, r := range spec.References {
		w.References = append(w.References, Reference{Picture: r.Picture, Upload: r.Upload, Kind: string(r.Kind), Strength: r.Strength})
	}
	for _, e := range spec.Elements {
		w.Elements = append(w.Elements, Element(e))
	}
	return w
}

func originOf(o studio.Origin) *Origin {
	if o.Empty() {
		return nil
	}
	return &Origin{Picture: o.Picture, Upload: o.Upload}
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

func (s *server) deleteJob(ctx context.Context, in *byID) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Studio.DeleteJob(ctx, p.Account, in.ID))
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
		ID: j.ID, Status: string(j.Status), Lane: string(j.Lane), Operation: j.Spec.Operation, Pipeline: j.Spec.Pipeline, Prompt: j.Spec.Prompt, NegativePrompt: j.Spec.NegativePrompt,
		Width: j.Spec.Width, Height: j.Spec.Height, Images: j.Spec.Images, Seed: j.Spec.Seed,
		Steps: j.Spec.Steps, Model: j.Spec.Model, PromptMagic: j.Spec.PromptMagic, With: withOf(&j.Spec), Price: j.Price, Settled: j.Settled,
		Progress: j.Progress, Position: j.Position, Waiting: j.WaitingFor, Earliest: optionalTime(j.Earliest), MayStart: optionalTime(j.MayStart), Latest: optionalTime(j.Latest), Reason: j.Reason, Created: j.Created.String(),
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
