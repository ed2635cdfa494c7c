package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token/calendar"
)

// Key is a credential for programs; the secret itself is told once, when it is made.
type Key struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Hint     string  `json:"hint"`
	Created  string  `json:"created_at" format:"date-time"`
	LastUsed *string `json:"last_used_at" format:"date-time"`
}

// Keys is a person's list of them.
type Keys struct {
	Keys []Key `json:"keys"`
}

// NewKey is a key with its secret.
type NewKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Key  string `json:"key"`
}

func (s *server) keyRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "list-keys", Method: http.MethodGet, Path: "/api/v1/keys", Summary: "One's own keys"}, s.listKeys)
	huma.Register(api, huma.Operation{OperationID: "create-key", Method: http.MethodPost, Path: "/api/v1/keys", DefaultStatus: http.StatusCreated, Summary: "Make a key; its secret is shown once"}, s.createKey)
	huma.Register(api, huma.Operation{OperationID: "delete-key", Method: http.MethodDelete, Path: "/api/v1/keys/{id}", DefaultStatus: http.StatusNoContent, Summary: "Revoke a key"}, s.deleteKey)
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*answer[Keys], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	keys, err := s.Identity.Keys(ctx, p)
	if err != nil {
		return nil, s.fail(err)
	}
	out := Keys{Keys: []Key{}}
	for _, k := range keys {
		out.Keys = append(out.Keys, Key{ID: k.ID, Name: k.Name, Hint: k.Hint, Created: k.Created.String(), LastUsed: optionalTime(k.LastUsed)})
	}
	return &answer[Keys]{Body: out}, nil
}

func (s *server) createKey(ctx context.Context, in *struct {
	Body struct {
		Name string `json:"name,omitempty"`
	}
}) (*answer[NewKey], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	k, secret, err := s.Identity.CreateKey(ctx, p, identity.NewKey{Name: in.Body.Name})
	if err != nil {
		return nil, s.fail(err)
	}
	return &answer[NewKey]{Body: NewKey{ID: k.ID, Name: k.Name, Key: secret}}, nil
}

func (s *server) deleteKey(ctx context.Context, in *struct {
	ID string `path:"id"`
}) (*struct{}, error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Identity.DeleteKey(ctx, p, in.ID))
}

func optionalTime(i calendar.Instant) *string {
	if i == 0 {
		return nil
	}
	s := i.String()
	return &s
}
