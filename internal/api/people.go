package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token/calendar"
)

// Me is the signed-in person.
type Me struct {
	ID    string   `json:"id"`
	Email string   `json:"email"`
	Name  string   `json:"name"`
	Admin bool     `json:"admin"`
	Plan  PlanName `json:"plan"`
	Zone  string   `json:"zone"`
	// Notices are what the person has to look after.
	Notices []Notice `json:"notices" doc:"What went wrong and wants looking after."`
}

// Notice is something that a person has to look after.
type Notice struct {
	Code string `json:"code" enum:"webhook_disabled"`
	Text string `json:"text" doc:"A sentence or two."`
	Page string `json:"page" doc:"Where in the studio it can be looked after."`
}

// PlanName names a plan.
type PlanName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Info is what anybody may know of an installation.
type Info struct {
	Name         string       `json:"name"`
	Version      string       `json:"version"`
	SetupNeeded  bool         `json:"setup_needed" doc:"Nobody exists yet: the one-time link that the server printed lets the first administrator in."`
	SignUp       string       `json:"sign_up" enum:"open,closed"`
	VirtualClock bool         `json:"virtual_clock" doc:"The server's clock was set by hand, for trying things out."`
	Now          string       `json:"now" format:"date-time"`
	Engines      []EngineName `json:"engines"`
}

// EngineName tells who makes the pictures.
type EngineName struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Honesty string `json:"honesty"`
}

type answer[T any] struct{ Body T }

type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

func (s *server) peopleRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "info", Method: http.MethodGet, Path: "/api/v1/info", Summary: "What anybody may know of this installation"}, s.info)
	huma.Register(api, huma.Operation{OperationID: "setup", Method: http.MethodPost, Path: "/api/v1/setup", Summary: "Make the first administrator with the one-time link's code"}, s.setup)
	huma.Register(api, huma.Operation{OperationID: "sign-up", Method: http.MethodPost, Path: "/api/v1/sign-up", DefaultStatus: http.StatusCreated, Summary: "Make an account for oneself"}, s.signUp)
	huma.Register(api, huma.Operation{OperationID: "sign-in", Method: http.MethodPost, Path: "/api/v1/sign-in", Summary: "Start a session"}, s.signIn)
	huma.Register(api, huma.Operation{OperationID: "sign-out", Method: http.MethodPost, Path: "/api/v1/sign-out", DefaultStatus: http.StatusNoContent, Summary: "End the session"}, s.signOut)
	huma.Register(api, huma.Operation{OperationID: "me", Method: http.MethodGet, Path: "/api/v1/me", Summary: "Who is signed in"}, s.me)
}

func (s *server) info(ctx context.Context, _ *struct{}) (*answer[Info], error) {
	needed, err := s.Identity.SetupNeeded(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	policy, err := s.Identity.SignUpPolicy(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	info := Info{Name: "Florin", Version: s.Version, SetupNeeded: needed, SignUp: policy, VirtualClock: s.Virtual, Now: calendar.At(s.Now()).String(), Engines: []EngineName{}}
	for _, e := range s.Studio.Engines {
		d := e.Describe()
		info.Engines = append(info.Engines, EngineName{ID: d.ID, Name: d.Name, Honesty: d.Honesty})
	}
	return &answer[Info]{Body: info}, nil
}

func (s *server) setup(ctx context.Context, in *struct {
	Body struct {
		Code     string `json:"code"`
		Name     string `json:"name" maxLength:"80"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" minLength:"8" maxLength:"1024"`
		SignUp   string `json:"sign_up" enum:"open,closed"`
	}
}) (*signedIn, error) {
	p, err := s.Identity.Setup(ctx, in.Body.Code, in.Body.SignUp, identity.NewPerson{Name: in.Body.Name, Email: in.Body.Email, Password: in.Body.Password})
	return s.startSession(ctx, p, err)
}

func (s *server) signUp(ctx context.Context, in *struct {
	Body struct {
		Name     string `json:"name,omitempty" maxLength:"80"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" minLength:"8" maxLength:"1024"`
		Zone     string `json:"zone,omitempty" doc:"IANA time zone for the daily reset; the installation's by default."`
	}
}) (*signedIn, error) {
	p, err := s.Identity.SignUp(ctx, identity.NewPerson{Name: in.Body.Name, Email: in.Body.Email, Password: in.Body.Password, Zone: in.Body.Zone})
	return s.startSession(ctx, p, err)
}

// startSession signs a person in who has just come into being.
func (s *server) startSession(ctx context.Context, p identity.Person, err error) (*signedIn, error) {
	if err != nil {
		return nil, s.fail(err)
	}
	secret, err := s.Identity.StartSession(ctx, p)
	if err != nil {
		return nil, s.fail(err)
	}
	return s.welcome(ctx, p, secret)
}

func (s *server) signIn(ctx context.Context, in *struct {
	Body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
}) (*signedIn, error) {
	p, secret, err := s.Identity.SignIn(ctx, in.Body.Email, in.Body.Password)
	if err != nil {
		return nil, s.fail(err)
	}
	return s.welcome(ctx, p, secret)
}

func (s *server) welcome(ctx context.Context, p identity.Person, secret string) (*signedIn, error) {
	me, err := s.meOf(ctx, p)
	if err != nil {
		return nil, s.fail(err)
	}
	return &signedIn{SetCookie: sessionCookie(secret), Body: me}, nil
}

func (s *server) signOut(ctx context.Context, in *struct {
	Session string `cookie:"florin_session"`
}) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error) {
	if err := s.Identity.SignOut(ctx, in.Session); err != nil {
		return nil, s.fail(err)
	}
	return &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{sessionCookie("")}, nil
}

func (s *server) me(ctx context.Context, _ *struct{}) (*answer[Me], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	me, err := s.meOf(ctx, p)
	return &answer[Me]{Body: me}, s.fail(err)
}

func (s *server) meOf(ctx context.Context, p identity.Person) (Me, error) {
	a, err := s.Studio.Ledger.Account(ctx, p.Account, calendar.At(s.Now()))
	if err != nil {
		return Me{}, err
	}
	notices, err := s.notices(ctx, p)
	return Me{ID: p.ID, Email: p.Email, Name: p.Name, Admin: p.Admin, Plan: s.planName(a.Facts.Plan), Zone: a.Facts.Zone, Notices: notices}, err
}

func (s *server) planName(id string) PlanName {
	name := PlanName{ID: id, Name: id}
	if p, ok := s.Studio.Catalog().Plan(id); ok {
		name.Name = p.Name
	}
	return name
}
