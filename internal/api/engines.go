package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/studio"
)

// EngineState tells how an engine stands.
type EngineState struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Honesty string  `json:"honesty" doc:"What makes the pictures, in a sentence."`
	State   string  `json:"state" enum:"starting,ready,out"`
	Reason  string  `json:"reason,omitempty" doc:"Why it takes no work."`
	Since   string  `json:"since" format:"date-time" doc:"From when on it stands so."`
	Next    *string `json:"next_probe_at" format:"date-time" doc:"When an engine that is out is asked again."`
	Slots   int     `json:"slots" doc:"How many pictures it makes at a time."`
	Running int     `json:"running" doc:"How many of its slots are in use."`
	Stuck   int     `json:"stuck,omitempty" doc:"Slots whose call was given up and has not returned."`
	Loaded  string  `json:"loaded,omitempty" doc:"The model it used last."`
	Made    int64   `json:"made" doc:"Pictures since its process started."`
	Failed  int64   `json:"failed" doc:"Failures since its process started."`
	PaceMS  int64   `json:"pace_ms" doc:"What a picture takes at present, in milliseconds; 0 while nothing is known."`
	Worker  string  `json:"worker" doc:"The process it belongs to."`
}

// EngineStates are the engines of every process of this installation.
type EngineStates struct {
	Engines []EngineState `json:"engines"`
}

func (s *server) engineRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "list-engines", Method: http.MethodGet, Path: "/api/v1/engines", Summary: "How the engines stand: state, load, speed"}, s.listEngines)
}

func (s *server) listEngines(ctx context.Context, _ *struct{}) (*answer[EngineStates], error) {
	if _, err := who(ctx); err != nil {
		return nil, s.fail(err)
	}
	states, err := s.Studio.AllEngines(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	out := EngineStates{Engines: []EngineState{}}
	for _, e := range states {
		out.Engines = append(out.Engines, engineStateOf(e))
	}
	return &answer[EngineStates]{Body: out}, nil
}

func engineStateOf(e studio.EngineState) EngineState {
	return EngineState{
		ID: e.ID, Name: e.Name, Honesty: e.Honesty, State: e.State, Reason: e.Reason, Since: e.Since.String(), Next: optionalTime(e.NextProbe),
		Slots: e.Slots, Running: e.Running, Stuck: e.Stuck, Loaded: e.Loaded, Made: e.Made, Failed: e.Failed, PaceMS: e.Pace, Worker: e.Worker,
	}
}
