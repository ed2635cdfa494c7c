package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/token/calendar"
)

// Key is a credential for programs; the secret itself is told once, when it is made.
type Key struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Hint          string   `json:"hint"`
	Scopes        []string `json:"scopes"`
	Created       string   `json:"created_at" format:"date-time"`
	Expires       *string  `json:"expires_at" format:"date-time"`
	LastUsed      *string  `json:"last_used_at" format:"date-time" doc:"To the minute."`
	BudgetDay     int64    `json:"budget_day" doc:"Tokens that the key may take in a day of UTC; 0 for no limit."`
	BudgetTotal   int64    `json:"budget_total" doc:"Tokens that the key may take in all; 0 for no limit."`
	SpentDay      int64    `json:"spent_day" doc:"Of budget_day."`
	SpentTotal    int64    `json:"spent_total" doc:"Counted since the key has a budget."`
	Rate          int64    `json:"rate" doc:"Requests a minute; 0 for the installation's usual, -1 for no limit."`
	WebhookURL    string   `json:"webhook_url,omitempty"`
	WebhookSecret string   `json:"webhook_secret,omitempty" doc:"Masked."`
	WebhookOff    *string  `json:"webhook_disabled_at,omitempty" format:"date-time" doc:"Since when the address is told nothing any more, because nothing arrived; it can be enabled under /api/v1/webhooks."`
	WebhookReason string   `json:"webhook_reason,omitempty"`
}

// Keys is a list of keys.
type Keys struct {
	Keys []Key `json:"keys"`
}

// NewKey is a key with its secret.
type NewKey struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Key  string `json:"key"`
}

// Terms are what keys of both kinds may be made with.
type Terms struct {
	Name        string    `json:"name,omitempty" maxLength:"80"`
	Expires     time.Time `json:"expires_at,omitempty" doc:"Never if missing."`
	BudgetDay   int64     `json:"budget_day,omitempty" minimum:"0" maximum:"9007199254740991"`
	BudgetTotal int64     `json:"budget_total,omitempty" minimum:"0" maximum:"9007199254740991"`
}

// KeyTerms is what somebody's key is made with.
type KeyTerms struct {
	Terms
	Scopes        []string `json:"scopes,omitempty" enum:"read,generate,admin" maxItems:"3" doc:"Each once; read and generate if missing."`
	Rate          int64    `json:"rate,omitempty" minimum:"0" maximum:"10000000" doc:"Requests a minute; the installation's usual if missing or 0."`
	WebhookURL    string   `json:"webhook_url,omitempty" maxLength:"2000"`
	WebhookSecret string   `json:"webhook_secret,omitempty" maxLength:"256"`
}

// ServiceKeyTerms is what a service key is made with. It makes no pictures, and has no webhook.
type ServiceKeyTerms struct {
	Terms
	Scopes []string `json:"scopes,omitempty" enum:"read,tokens,admin" maxItems:"3" doc:"Each once; read and tokens if missing."`
	Rate   int64    `json:"rate,omitempty" minimum:"-1" maximum:"10000000" doc:"Requests a minute; no limit if missing, 0 or -1."`
}

// key is what identity makes of it.
func (t *Terms) key(id string, scopes []string, rate int64) identity.NewKey {
	n := identity.NewKey{ID: id, Name: t.Name, BudgetDay: t.BudgetDay, BudgetTotal: t.BudgetTotal, Rate: rate}
	for _, scope := range scopes {
		n.Scopes = append(n.Scopes, identity.Scope(scope))
	}
	if !t.Expires.IsZero() {
		n.Expires = calendar.At(t.Expires)
	}
	return n
}

func (s *server) keyRoutes(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "list-keys", Method: http.MethodGet, Path: "/api/v1/keys", Summary: "One's own keys"}, s.listKeys)
	huma.Register(api, huma.Operation{OperationID: "create-key", Method: http.MethodPost, Path: "/api/v1/keys", DefaultStatus: http.StatusCreated, Summary: "Make a key; its secret is shown once"}, s.createKey)
	huma.Register(api, huma.Operation{OperationID: "delete-key", Method: http.MethodDelete, Path: "/api/v1/keys/{id}", DefaultStatus: http.StatusNoContent, Summary: "Revoke a key"}, s.deleteKey)
	huma.Register(api, huma.Operation{OperationID: "list-service-keys", Method: http.MethodGet, Path: "/api/v1/admin/service-keys", Summary: "The keys that act for every account, for administrators"}, s.listServiceKeys)
	huma.Register(api, huma.Operation{OperationID: "create-service-key", Method: http.MethodPost, Path: "/api/v1/admin/service-keys", DefaultStatus: http.StatusCreated, Summary: "Make a key that acts for every account, for administrators"}, s.createServiceKey)
	huma.Register(api, huma.Operation{OperationID: "delete-service-key", Method: http.MethodDelete, Path: "/api/v1/admin/service-keys/{id}", DefaultStatus: http.StatusNoContent, Summary: "Revoke a service key, for administrators"}, s.deleteServiceKey)
}

// keysOf shows keys without their secrets.
func keysOf(keys []identity.Key) *answer[Keys] {
	out := Keys{Keys: []Key{}}
	for _, k := range keys {
		key := Key{
			ID: k.ID, Name: k.Name, Hint: k.Hint, Scopes: []string{}, Created: k.Created.String(), Expires: optionalTime(k.Expires), LastUsed: optionalTime(k.LastUsed),
			BudgetDay: k.BudgetDay, BudgetTotal: k.BudgetTotal, SpentDay: k.SpentDay, SpentTotal: k.SpentTotal, Rate: k.Rate, WebhookURL: k.WebhookURL,
			WebhookOff: optionalTime(k.WebhookDisabled), WebhookReason: k.WebhookReason,
		}
		if k.HasSecret {
			key.WebhookSecret = "••••••••"
		}
		for _, scope := range k.Scopes {
			key.Scopes = append(key.Scopes, string(scope))
		}
		out.Keys = append(out.Keys, key)
	}
	return &answer[Keys]{Body: out}
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*answer[Keys], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	keys, err := s.Identity.Keys(ctx, p)
	return keysOf(keys), s.fail(err)
}

func (s *server) createKey(ctx context.Context, in *struct{ Body KeyTerms }) (*answer[NewKey], error) {
	p, err := who(ctx)
	if err != nil {
		return nil, s.fail(err)
	}
	b := &in.Body
	n := b.key(requestID(ctx), b.Scopes, b.Rate)
	n.WebhookURL, n.WebhookSecret = b.WebhookURL, b.WebhookSecret
	k, secret, err := s.Identity.CreateKey(ctx, p, n)
	return &answer[NewKey]{Body: NewKey{ID: k.ID, Name: k.Name, Key: secret}}, s.fail(err)
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

func (s *server) listServiceKeys(ctx context.Context, _ *struct{}) (*answer[Keys], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	keys, err := s.Identity.ServiceKeys(ctx)
	return keysOf(keys), s.fail(err)
}

func (s *server) createServiceKey(ctx context.Context, in *struct{ Body ServiceKeyTerms }) (*answer[NewKey], error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	k, secret, err := s.Identity.CreateServiceKey(ctx, in.Body.key(requestID(ctx), in.Body.Scopes, in.Body.Rate))
	return &answer[NewKey]{Body: NewKey{ID: k.ID, Name: k.Name, Key: secret}}, s.fail(err)
}

func (s *server) deleteServiceKey(ctx context.Context, in *struct {
	ID string `path:"id"`
}) (*struct{}, error) {
	if err := admin(ctx); err != nil {
		return nil, s.fail(err)
	}
	return nil, s.fail(s.Identity.DeleteServiceKey(ctx, in.ID))
}

func optionalTime(i calendar.Instant) *string {
	if i == 0 {
		return nil
	}
	s := i.String()
	return &s
}
