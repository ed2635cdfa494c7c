package notify

import (
	"context"

	"github.com/florin-studio/florin/internal/identity"
	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/internal/studio"
	"github.com/florin-studio/florin/token/calendar"
)

// put writes a delivery to an endpoint into the outbox, in the transaction of what it tells.
func put(ctx context.Context, tx *store.Tx, e *Endpoint, kind Type, subject string, body []byte, at calendar.Instant) (id string, err error) {
	id = newID()
	_, err = tx.Exec(ctx, `INSERT INTO webhook_deliveries (account, id, webhook, type, subject, body, state, attempts, due, created, finished, history)
		VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, $7, 0, '[]')`,
		e.Account, id, e.ID, string(kind), subject, string(body), int64(at))
	return id, err
}

// about finds what other software calls an account.
func about(ctx context.Context, tx *store.Tx, account string) (About, error) {
	external, err := identity.ExternalName(ctx, tx, account)
	return About{account, external}, err
}

// Ended writes what is told of a job's end: to the endpoints that asked for it, and to
// that of the key that asked for the job. It belongs into the transaction that ends the
// job, and reads there who is to be told, so that nobody is missed.
func (s *Service) Ended(ctx context.Context, tx *store.Tx, j *studio.Job) error {
	kind, ok := map[studio.Status]Type{studio.Complete: GenerationComplete, studio.Failed: GenerationFailed, studio.Cancelled: GenerationCancelled}[j.Status]
	if !ok {
		return nil
	}
	endpoints, err := queryEndpoints(ctx, tx, ownEndpoints+` WHERE account IN ('', $1) AND disabled = 0`, j.Account)
	if err != nil {
		return err
	}
	var body []byte
	for i := range endpoints {
		e := &endpoints[i]
		if !e.wants(kind) {
			continue
		}
		if body == nil {
			if body, err = generationBody(ctx, tx, kind, j); err != nil {
				return err
			}
		}
		if _, err := put(ctx, tx, e, kind, j.Account, body, s.now()); err != nil {
			return err
		}
	}
	called, err := s.callBack(ctx, tx, j)
	if body != nil || called {
		s.nudge()
	}
	return err
}

func generationBody(ctx context.Context, tx *store.Tx, kind Type, j *studio.Job) ([]byte, error) {
	whom, err := about(ctx, tx, j.Account)
	if err != nil {
		return nil, err
	}
	g := Generation{
		About: whom, Job: j.ID, Status: string(j.Status), Operation: j.Spec.Operation, Pipeline: j.Spec.Pipeline, Lane: string(j.Lane), Images: j.Spec.Images,
		Pictures: []string{}, Price: j.Price, Settled: j.Settled, Reason: j.Reason, Created: j.Created, Finished: j.Finished,
	}
	for i := range j.Pictures {
		g.Pictures = append(g.Pictures, j.Pictures[i].ID)
	}
	return event{kind, j.Finished, g}.body()
}

// callBack writes what the endpoint of the job's key is told, in the compatible shape.
func (s *Service) callBack(ctx context.Context, tx *store.Tx, j *studio.Job) (bool, error) {
	if j.APIKey == "" || s.Callback == nil {
		return false, nil
	}
	k, err := identity.KeyIn(ctx, tx, j.APIKey)
	if err == identity.ErrUnknown || err == nil && (k.WebhookURL == "" || k.WebhookDisabled != 0) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, err = put(ctx, tx, &Endpoint{Account: j.Account, ID: k.ID}, callbackType, j.Account, s.Callback(j, &k), s.now())
	return true, err
}
