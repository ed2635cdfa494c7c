package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token/calendar"
)

// State is where a delivery stands.
type State string

// The states of a delivery. Delivered and Failed are final, until it is replayed.
const (
	Pending   State = "pending"
	Delivered State = "delivered"
	Failed    State = "failed"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Account string
	// ID is the message's too: all tries and replays carry it as webhook-id.
	ID, Webhook string
	Type        Type
	// Subject is the account it is about.
	Subject string
	State   State
	// Attempts are tries since the last replay.
	Attempts int64
	// Due is when a pending one is tried next, or again if nothing is heard of the try under way.
	Due, Created, Finished calendar.Instant
	// History tells of the last tries, oldest first.
	History []Attempt
	Body    json.RawMessage
}

// Attempt is one try.
type Attempt struct {
	At calendar.Instant `json:"at"`
	// Status is the HTTP status, or 0 where there was no answer; Error says what went wrong.
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
	// Took is in milliseconds.
	Took int64 `json:"ms"`
}

const deliveryColumns = `account, id, webhook, type, subject, state, attempts, due, created, finished, history, body`

func scanDelivery(row interface{ Scan(...any) error }) (Delivery, error) {
	var d Delivery
	var due, created, finished int64
	var history, body string
	err := row.Scan(&d.Account, &d.ID, &d.Webhook, &d.Type, &d.Subject, &d.State, &d.Attempts, &due, &created, &finished, &history, &body)
	if errors.Is(err, store.ErrNoRows) {
		return d, ErrUnknown
	}
	if err != nil {
		return d, err
	}
	d.Due, d.Created, d.Finished, d.Body = calendar.Instant(due), calendar.Instant(created), calendar.Instant(finished), json.RawMessage(body)
	if err := json.Unmarshal([]byte(history), &d.History); err != nil {
		return d, fmt.Errorf("webhook delivery %s: %w", d.ID, err)
	}
	return d, nil
}

func queryDeliveries(ctx context.Context, tx *store.Tx, sql string, args ...any) ([]Delivery, error) {
	rows, err := tx.Query(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE `+sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []Delivery{}
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// Deliveries lists what was or will be sent to an endpoint, newest first, from before a
// delivery on; an empty one starts at the newest.
func (s *Service) Deliveries(ctx context.Context, account, webhook, before string, limit int) (all []Delivery, err error) {
	if _, err := s.Endpoint(ctx, account, webhook); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		at := int64(1) << 62
		if before != "" {
			d, err := deliveryIn(ctx, tx, account, webhook, before)
			if err != nil {
				return err
			}
			at = int64(d.Created)
		}
		all, err = queryDeliveries(ctx, tx, `account = $1 AND webhook = $2 AND (created < $3 OR (created = $3 AND id < $4)) ORDER BY created DESC, id DESC LIMIT $5`,
			account, webhook, at, before, limit)
		return err
	})
	return all, err
}

// Delivery finds a delivery of an endpoint.
func (s *Service) Delivery(ctx context.Context, account, webhook, id string) (d Delivery, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		d, err = deliveryIn(ctx, tx, account, webhook, id)
		return err
	})
	return d, err
}

func deliveryIn(ctx context.Context, tx *store.Tx, account, webhook, id string) (Delivery, error) {
	d, err := scanDelivery(tx.QueryRow(ctx, `SELECT `+deliveryColumns+` FROM webhook_deliveries WHERE account = $1 AND id = $2`, account, id))
	if err == nil && d.Webhook != webhook {
		err = ErrUnknown
	}
	return d, err
}

// ErrDisabled means that nothing is sent to an endpoint.
var ErrDisabled = errors.New("the webhook is disabled; enable it first")

// Replay sends a delivery again, under the same id.
func (s *Service) Replay(ctx context.Context, account, webhook, id string) (Delivery, error) {
	if err := s.sends(ctx, account, webhook); err != nil {
		return Delivery{}, err
	}
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return there(tx.Exec(ctx, replay+` AND id = $4`, account, webhook, int64(s.now()), id))
	})
	if err != nil {
		return Delivery{}, err
	}
	s.nudge()
	return s.Delivery(ctx, account, webhook, id)
}

// replay makes deliveries due again. One that is pending begins its three days anew.
const replay = `UPDATE webhook_deliveries SET state = 'pending', attempts = 0, due = $3, finished = 0 WHERE account = $1 AND webhook = $2`

// ReplaySince sends again everything that happened at or after an instant and is still
// kept, or of that only what failed, and tells how much.
func (s *Service) ReplaySince(ctx context.Context, account, webhook string, since calendar.Instant, failed bool) (n int64, err error) {
	if err := s.sends(ctx, account, webhook); err != nil {
		return 0, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err = tx.Exec(ctx, replay+` AND created >= $4 AND type <> 'webhook.test' AND (state = 'failed' OR (state = 'delivered' AND $5 = 0))`,
			account, webhook, int64(s.now()), int64(since), failed)
		return err
	})
	s.nudge()
	return n, err
}

// sends tells whether anything is sent to an endpoint.
func (s *Service) sends(ctx context.Context, account, webhook string) error {
	e, err := s.Endpoint(ctx, account, webhook)
	if err == nil && e.Disabled != 0 {
		err = ErrDisabled
	}
	return err
}

// Try sends an endpoint an event that means nothing, once; also where it is disabled, so
// that it can be tried before it is enabled again.
func (s *Service) Try(ctx context.Context, account, webhook string) (d Delivery, err error) {
	e, err := s.Endpoint(ctx, account, webhook)
	if err != nil {
		return d, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		whom, err := about(ctx, tx, account)
		if err != nil {
			return err
		}
		body, err := event{Test, s.now(), whom}.body()
		if err != nil {
			return err
		}
		id, err := put(ctx, tx, &e, Test, account, body, s.now())
		if err == nil {
			d, err = deliveryIn(ctx, tx, account, webhook, id)
		}
		return err
	})
	s.nudge()
	return d, err
}

// dropPending ends what was still to be sent to an endpoint that is disabled.
func dropPending(ctx context.Context, tx *store.Tx, e *Endpoint, at calendar.Instant) error {
	_, err := tx.Exec(ctx, `UPDATE webhook_deliveries SET state = 'failed', finished = $3 WHERE account = $1 AND webhook = $2 AND state = 'pending'`, e.Account, e.ID, int64(at))
	return err
}

// Keep is how long deliveries that are over can be looked at and replayed.
const Keep = 14 * 24 * time.Hour

// mostWaiting is how many deliveries may wait for an endpoint from which nothing comes back.
const mostWaiting = 10_000

// Tidy removes what is over: the log after Keep, and marks of expiries that have passed.
// An endpoint that fails while too much waits for it is disabled.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.now()
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM webhook_deliveries WHERE created < $1 AND finished < $1 AND state <> 'pending'`, int64(now.Add(-Keep)))
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM webhook_expiries WHERE expires < $1`, int64(now))
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.giveUpFull(ctx)
}

// giveUpFull disables failing endpoints for which too much waits.
func (s *Service) giveUpFull(ctx context.Context) error {
	var full []Endpoint
	err := s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		failing, err := queryEndpoints(ctx, tx, ownEndpoints+` WHERE failing > 0 AND disabled = 0
			UNION ALL `+keyEndpoints+` WHERE k.webhook_failing > 0 AND k.webhook_disabled = 0`)
		if err != nil {
			return err
		}
		full = nil
		for _, e := range failing {
			var n int64
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM webhook_deliveries WHERE account = $1 AND webhook = $2 AND state = 'pending'`, e.Account, e.ID).Scan(&n); err != nil {
				return err
			}
			if n > mostWaiting {
				full = append(full, e)
			}
		}
		return nil
	})
	for i := range full {
		e := &full[i]
		err = errors.Join(err, s.change(ctx, func(ctx context.Context, tx *store.Tx) error {
			return s.giveUp(ctx, tx, e, fmt.Sprintf("More than %d events waited for it, and none arrived since %s.", mostWaiting, e.Failing))
		}))
	}
	return err
}

// giveUp disables an endpoint, with the reason that its owner reads.
func (s *Service) giveUp(ctx context.Context, tx *store.Tx, e *Endpoint, reason string) error {
	e.Disabled, e.Reason = s.now(), reason
	if e.Failing == 0 {
		e.Failing = e.Disabled
	}
	err := e.markState(ctx, tx)
	if err == nil {
		err = dropPending(ctx, tx, e, e.Disabled)
	}
	if err == nil {
		err = newVersion(ctx, tx)
	}
	if err == nil {
		s.Log.Warn("webhook disabled", "account", e.Account, "webhook", e.ID, "reason", reason)
	}
	return err
}
