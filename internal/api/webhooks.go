package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/notify"
	"github.com/florin-studio/florin/token/calendar"
)

// Webhook is an address that is told of events.
type Webhook struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind" enum:"events,key" doc:"key: the one an API key has, made and removed with it; it gets the compatible callback of the key's jobs."`
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Events []string `json:"events"`
	Below  int64    `json:"balance_below,omitempty" doc:"The mark of balance.below, in tokens."`
	Hours  int64    `json:"expiring_hours,omitempty" doc:"How long before an expiry grant.expiring speaks."`
	Secret string   `json:"secret" doc:"Masked; it is shown when it is made."`
	// OldUntil is null where one secret signs.
	OldUntil *string `json:"old_secret_until" format:"date-time" doc:"Until when the secret before this one also signs."`
	Created  string  `json:"created_at" format:"date-time"`
	Failing  *string `json:"failing_since" format:"date-time" doc:"Since when nothing has arrived."`
	Disabled *string `json:"disabled_at" format:"date-time" doc:"Since when nothing is sent any more."`
	Reason   string  `json:"reason,omitempty" doc:"Why it is disabled, in a sentence."`
}

// Webhooks are the webhooks of an account, or of the installation.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
}

// NewWebhook is a webhook with its secret.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"whsec_ and 32 bytes in base64, to verify signatures with. It is not shown again."`
}

// WebhookTerms is what a webhook is made with.
type WebhookTerms struct {
	URL    string   `json:"url" maxLength:"2000" doc:"https, at a public address."`
	Name   string   `json:"name,omitempty" maxLength:"80"`
	Events []string `json:"events" nullable:"false" minItems:"1" maxItems:"10" enum:"generation.complete,generation.failed,generation.cancelled,balance.below,grant.expiring,plan.changed,payment.received,payment.disputed,payment.dispute_won,payment.dispute_lost" doc:"Each once."`
	Below  int64    `json:"balance_below,omitempty" minimum:"1" maximum:"9007199254740991" doc:"Needed with balance.below."`
	Hours  int64    `json:"expiring_hours,omitempty" minimum:"1" maximum:"720" doc:"72 if missing."`
}

// WebhookPatch is what is changed of a webhook; what is missing stays.
type WebhookPatch struct {
	URL     *string  `json:"url,omitempty" maxLength:"2000"`
	Name    *string  `json:"name,omitempty" maxLength:"80"`
	Events  []string `json:"events,omitempty" minItems:"1" maxItems:"10" enum:"generation.complete,generation.failed,generation.cancelled,balance.below,grant.expiring,plan.changed,payment.received,payment.disputed,payment.dispute_won,payment.dispute_lost" doc:"Each once."`
	Below   *int64   `json:"balance_below,omitempty" minimum:"1" maximum:"9007199254740991"`
	Hours   *int64   `json:"expiring_hours,omitempty" minimum:"1" maximum:"720"`
	Enabled *bool    `json:"enabled,omitempty" doc:"true lets a disabled webhook try again, false disables it. What would have been sent meanwhile is not kept."`
}

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID       string            `json:"id" doc:"Sent as webhook-id with every try and replay."`
	Type     string            `json:"type"`
	Account  string            `json:"account,omitempty" doc:"Whom it is about."`
	State    string            `json:"state" enum:"pending,delivered,failed"`
	Attempts int64             `json:"attempts" doc:"Tries since it was made or replayed."`
	Next     *string           `json:"next_try_at" format:"date-time" doc:"Of a pending one."`
	Created  string            `json:"created_at" format:"date-time"`
	Finished *string           `json:"finished_at" format:"date-time"`
	History  []DeliveryAttempt `json:"history" doc:"The last tries, oldest first."`
	Body     string            `json:"body" doc:"What is sent, to the byte."`
}

// DeliveryAttempt is one try.
type DeliveryAttempt struct {
	At     string `json:"at" format:"date-time"`
	Status int    `json:"status,omitempty" doc:"The HTTP status; missing where there was no answer."`
	Error  string `json:"error,omitempty"`
	MS     int64  `json:"ms" doc:"What it took, in milliseconds."`
}

// Deliveries is a page of a webhook's log, newest first.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries"`
	NextCursor string     `json:"next_cursor,omitempty"`
}

// Replayed tells how much is sent again.
type Replayed struct {
	Replayed int64 `json:"replayed"`
}

// ByID is a thing in a path.
type ByID = byID

// hooks are the routes of one kind of owner.
type hooks struct {
	*server
	// owner gives the account whose webhooks a request is about, empty for the installation.
	owner func(ctx context.Context) (string, error)
}

const webhooksPath, allWebhooksPath = "/api/v1/webhooks", "/api/v1/admin/webhooks"

func (s *server) webhookRoutes(api huma.API) {
	if s.Webhooks == nil {
		return
	}
	own := hooks{s, func(ctx context.Context) (string, error) {
		p, err := who(ctx)
		return p.Account, err
	}}
	own.register(api, webhooksPath, "", "One's own webhooks")
	all := hooks{s, func(ctx context.Context) (string, error) { return "", installation(ctx) }}
	all.register(api, allWebhooksPath, "installation-", "The installation's webhooks, which hear of every account; for administrators and service keys with the scope admin")
}

// installation lets administrators through, and service keys, which need the scope admin here.
func installation(ctx context.Context) error {
	if c, err := callerIn(ctx); err == nil && c.service() {
		return nil
	}
	return admin(ctx)
}

func (h hooks) register(api huma.API, path, mark, whose string) {
	of := func(id, method, path, what string, status int) huma.Operation {
		return huma.Operation{OperationID: mark + id, Method: method, Path: path, Summary: whose + ": " + what, DefaultStatus: status}
	}
	huma.Register(api, of("list-webhooks", http.MethodGet, path, "list", 0), h.list)
	huma.Register(api, of("create-webhook", http.MethodPost, path, "make one; its secret is shown once", http.StatusCreated), h.create)
	huma.Register(api, of("get-webhook", http.MethodGet, path+"/{id}", "one", 0), h.get)
	huma.Register(api, of("update-webhook", http.MethodPatch, path+"/{id}", "change, disable or enable one", 0), h.update)
	huma.Register(api, of("delete-webhook", http.MethodDelete, path+"/{id}", "remove one, with its log and what was still to be sent", http.StatusNoContent), h.remove)
	huma.Register(api, of("test-webhook", http.MethodPost, path+"/{id}/test", "send a webhook.test event, once", http.StatusAccepted), h.test)
	huma.Register(api, of("rotate-webhook", http.MethodPost, path+"/{id}/rotate", "make a new secret; the old one also signs for 24 hours", 0), h.rotate)
	huma.Register(api, of("list-deliveries", http.MethodGet, path+"/{id}/deliveries", "what was and will be sent, newest first, kept for 14 days", 0), h.deliveries)
	huma.Register(api, of("replay-delivery", http.MethodPost, path+"/{id}/deliveries/{delivery}/replay", "send a delivery again, under the same id", http.StatusAccepted), h.replay)
	huma.Register(api, of("replay-deliveries", http.MethodPost, path+"/{id}/replay", "send again what happened since an instant", http.StatusAccepted), h.replaySince)
}

// webhooksPage is the page of webhooks.
const webhooksPage = "/settings/webhooks"

// notices tell a person of webhooks that were given up: their own, and administrators also
// of the installation's.
func (s *server) notices(ctx context.Context, p identity.Person) ([]Notice, error) {
	all := []Notice{}
	if s.Webhooks == nil {
		return all, nil
	}
	owners := []string{p.Account}
	if p.Admin {
		owners = append(owners, "")
	}
	for _, owner := range owners {
		gone, err := s.Webhooks.Disabled(ctx, owner)
		if err != nil {
			return nil, err
		}
		for _, e := range gone {
			all = append(all, Notice{Code: "webhook_disabled", Text: "The webhook " + e.URL + " is disabled. " + e.Reason, Page: webhooksPage})
		}
	}
	return all, nil
}

// WebhookOf shows a webhook without its secret.
func WebhookOf(e *notify.Endpoint) Webhook {
	w := Webhook{
		ID: e.ID, Kind: "events", Name: e.Name, URL: e.URL, Events: []string{}, Below: e.Below, Hours: int64(e.Ahead / time.Hour), Secret: "whsec_••••••••",
		OldUntil: optionalTime(e.OldUntil), Created: e.Created.String(), Failing: optionalTime(e.Failing), Disabled: optionalTime(e.Disabled), Reason: e.Reason,
	}
	if e.Key {
		w.Kind, w.Hours, w.Secret = "key", 0, "••••••••"
	}
	for _, t := range e.Events {
		w.Events = append(w.Events, string(t))
	}
	return w
}

func typesOf(events []string) []notify.Type {
	var all []notify.Type
	for _, e := range events {
		all = append(all, notify.Type(e))
	}
	return all
}

func (h hooks) list(ctx context.Context, _ *struct{}) (*answer[Webhooks], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	list, err := h.Webhooks.Endpoints(ctx, account)
	out := Webhooks{Webhooks: []Webhook{}}
	for i := range list {
		out.Webhooks = append(out.Webhooks, WebhookOf(&list[i]))
	}
	return &answer[Webhooks]{Body: out}, h.fail(err)
}

func (h hooks) create(ctx context.Context, in *struct{ Body WebhookTerms }) (*answer[NewWebhook], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	b := &in.Body
	e, secret, err := h.Webhooks.Create(ctx, account, notify.Terms{ID: requestID(ctx), Name: b.Name, URL: b.URL, Events: typesOf(b.Events), Below: b.Below, Ahead: time.Duration(b.Hours) * time.Hour})
	return &answer[NewWebhook]{Body: NewWebhook{Webhook: WebhookOf(&e), Secret: secret}}, h.fail(err)
}

func (h hooks) get(ctx context.Context, in *byID) (*answer[Webhook], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	e, err := h.Webhooks.Endpoint(ctx, account, in.ID)
	return &answer[Webhook]{Body: WebhookOf(&e)}, h.fail(err)
}

func (h hooks) update(ctx context.Context, in *struct {
	ByID
	Body WebhookPatch
}) (*answer[Webhook], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	b := &in.Body
	p := notify.Patch{Name: b.Name, URL: b.URL, Events: typesOf(b.Events), Below: b.Below, Enabled: b.Enabled}
	if b.Hours != nil {
		ahead := time.Duration(*b.Hours) * time.Hour
		p.Ahead = &ahead
	}
	e, err := h.Webhooks.Update(ctx, account, in.ID, p)
	return &answer[Webhook]{Body: WebhookOf(&e)}, h.fail(err)
}

func (h hooks) remove(ctx context.Context, in *byID) (*struct{}, error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	return nil, h.fail(h.Webhooks.Delete(ctx, account, in.ID))
}

func (h hooks) test(ctx context.Context, in *byID) (*answer[Delivery], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	d, err := h.Webhooks.Try(ctx, account, in.ID)
	return &answer[Delivery]{Body: DeliveryOf(&d)}, h.fail(err)
}

func (h hooks) rotate(ctx context.Context, in *byID) (*answer[NewWebhook], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	e, secret, err := h.Webhooks.Rotate(ctx, account, in.ID)
	return &answer[NewWebhook]{Body: NewWebhook{Webhook: WebhookOf(&e), Secret: secret}}, h.fail(err)
}

// DeliveryOf shows a delivery with its last tries.
func DeliveryOf(d *notify.Delivery) Delivery {
	out := Delivery{
		ID: d.ID, Type: string(d.Type), Account: d.Subject, State: string(d.State), Attempts: d.Attempts, Created: d.Created.String(),
		Finished: optionalTime(d.Finished), History: []DeliveryAttempt{}, Body: string(d.Body),
	}
	if d.State == notify.Pending {
		out.Next = optionalTime(d.Due)
	}
	for _, a := range d.History {
		out.History = append(out.History, DeliveryAttempt{At: a.At.String(), Status: a.Status, Error: a.Error, MS: a.Took})
	}
	return out
}

func (h hooks) deliveries(ctx context.Context, in *struct {
	ByID
	Page
}) (*answer[Deliveries], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	list, err := h.Webhooks.Deliveries(ctx, account, in.ID, in.Cursor, in.Limit)
	out := Deliveries{Deliveries: []Delivery{}}
	for i := range list {
		out.Deliveries = append(out.Deliveries, DeliveryOf(&list[i]))
	}
	if n := len(list); n == in.Limit {
		out.NextCursor = list[n-1].ID
	}
	return &answer[Deliveries]{Body: out}, h.fail(err)
}

func (h hooks) replay(ctx context.Context, in *struct {
	ByID
	Delivery string `path:"delivery"`
}) (*answer[Delivery], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	d, err := h.Webhooks.Replay(ctx, account, in.ID, in.Delivery)
	return &answer[Delivery]{Body: DeliveryOf(&d)}, h.fail(err)
}

func (h hooks) replaySince(ctx context.Context, in *struct {
	ByID
	Since  time.Time `query:"since" doc:"Everything that is kept, if missing."`
	Failed bool      `query:"failed" doc:"Only what did not arrive."`
}) (*answer[Replayed], error) {
	account, err := h.owner(ctx)
	if err != nil {
		return nil, h.fail(err)
	}
	n, err := h.Webhooks.ReplaySince(ctx, account, in.ID, calendar.At(in.Since), in.Failed)
	return &answer[Replayed]{Body: Replayed{n}}, h.fail(err)
}
