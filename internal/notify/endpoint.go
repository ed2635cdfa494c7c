package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Endpoint is an address that is told of events.
type Endpoint struct {
	// Account is whose endpoint it is; empty for one of the installation, which hears of everybody.
	Account string
	ID      string
	// Key tells that it is the one that an API key has: it gets the compatible callback of
	// the key's jobs and is made and removed with the key.
	Key    bool
	Name   string
	URL    string
	Events []Type
	// Below is the mark of balance.below, in tokens; Ahead how long before an expiry
	// grant.expiring speaks.
	Below int64
	Ahead time.Duration
	// OldUntil is until when the secret before the present one also signs, or zero.
	OldUntil calendar.Instant
	Created  calendar.Instant
	// Failing is since when nothing has arrived; Disabled since when nothing is sent any
	// more, and Reason why. Zero for neither.
	Failing, Disabled calendar.Instant
	Reason            string

	secret, oldSecret string
}

// wants tells whether the endpoint asked for a type.
func (e *Endpoint) wants(t Type) bool { return slices.Contains(e.Events, t) }

// Terms are what an owner decides of an endpoint.
type Terms struct {
	// ID is the endpoint's to be, where its maker may have to make it again after a crash;
	// empty for a new one.
	ID     string
	Name   string
	URL    string
	Events []Type
	Below  int64
	Ahead  time.Duration
}

// Bounds of endpoints.
const (
	// MaxEndpoints is how many an account may have, MaxInstallation the installation.
	MaxEndpoints    = 10
	MaxInstallation = 50
	// DefaultAhead is how long before an expiry grant.expiring speaks, LeastAhead and
	// MostAhead its bounds.
	DefaultAhead = 72 * time.Hour
	LeastAhead   = time.Hour
	MostAhead    = 30 * 24 * time.Hour
	// OldSecretLife is how long a secret still signs after a newer one was made.
	OldSecretLife = 24 * time.Hour
)

// Errors that callers tell apart.
var (
	// ErrUnknown means that the owner has no such endpoint or delivery.
	ErrUnknown = errors.New("there is no webhook or delivery of that id here")
	// ErrOfKey means that what was asked goes with the API key, not with the endpoint.
	ErrOfKey = errors.New("this webhook belongs to an API key: make another key with another address, or revoke the key")
)

// check refuses terms that can't be; the address is looked at by CheckTarget.
func (t *Terms) check() error {
	t.Name = strings.TrimSpace(t.Name)
	if utf8.RuneCountInString(t.Name) > 80 {
		return &token.Invalid{Field: "name", Value: t.Name, Allowed: "up to 80 characters"}
	}
	if len(t.Events) == 0 {
		return &token.Invalid{Field: "events", Allowed: "at least one of " + words(Types)}
	}
	for i, e := range t.Events {
		if !slices.Contains(Types, e) || slices.Contains(t.Events[:i], e) {
			return &token.Invalid{Field: "events", Value: string(e), Allowed: "each once: " + words(Types)}
		}
	}
	if below := slices.Contains(t.Events, BalanceBelow); below != (t.Below > 0) || t.Below < 0 || t.Below > token.Max {
		allowed := "1 to 2^53-1 tokens with the event balance.below"
		if !below {
			allowed = "nothing without the event balance.below"
		}
		return &token.Invalid{Field: "balance_below", Value: fmt.Sprint(t.Below), Allowed: allowed}
	}
	if t.Ahead == 0 {
		t.Ahead = DefaultAhead
	}
	if t.Ahead < LeastAhead || t.Ahead > MostAhead {
		return &token.Invalid{Field: "expiring_hours", Value: fmt.Sprint(int64(t.Ahead / time.Hour)), Allowed: "1 to 720 hours"}
	}
	return nil
}

// words joins types as people read them.
func words(types []Type) string {
	all := make([]string, len(types))
	for i, t := range types {
		all[i] = string(t)
	}
	return strings.Join(all, ", ")
}

// Create makes an endpoint and tells its secret, which is shown no more.
func (s *Service) Create(ctx context.Context, account string, t Terms) (Endpoint, string, error) {
	err := t.check()
	if err == nil {
		err = s.CheckTarget(ctx, "url", t.URL)
	}
	if err != nil {
		return Endpoint{}, "", err
	}
	most := int64(MaxEndpoints)
	if account == "" {
		most = MaxInstallation
	}
	e := Endpoint{Account: account, ID: cmp.Or(t.ID, newID()), Created: s.now(), secret: newSecret()}
	e.set(t)
	err = s.change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var have int64
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM webhooks WHERE account = $1`, account).Scan(&have); err != nil {
			return err
		}
		if have >= most { // two at once may pass it together, which does no harm
			return &token.Invalid{Field: "url", Value: t.URL, Allowed: fmt.Sprintf("up to %d webhooks; remove another one first", most)}
		}
		_, err := tx.Exec(ctx, `INSERT INTO webhooks (account, id, name, url, events, below, ahead, secret, old_secret, old_until, created, failing, disabled, reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, $9, 0, 0, '')
			ON CONFLICT (account, id) DO UPDATE SET secret = excluded.secret`,
			e.Account, e.ID, e.Name, e.URL, joined(e.Events), e.Below, e.Ahead.Milliseconds(), e.secret, int64(e.Created))
		return err
	})
	return e, e.secret, err
}

// set takes over what an owner decided.
func (e *Endpoint) set(t Terms) {
	e.Name, e.URL, e.Events, e.Below, e.Ahead = t.Name, t.URL, t.Events, t.Below, t.Ahead
}

// Patch is what an owner changes of an endpoint; nil leaves things as they are.
type Patch struct {
	Name, URL *string
	Events    []Type
	Below     *int64
	Ahead     *time.Duration
	// Enabled true lets a disabled endpoint try again; false disables it.
	Enabled *bool
}

// Update changes an endpoint. Of one that a key has only Enabled may be changed.
func (s *Service) Update(ctx context.Context, account, id string, p Patch) (Endpoint, error) {
	e, err := s.Endpoint(ctx, account, id)
	if err != nil {
		return e, err
	}
	changed := !p.stays()
	if e.Key && changed {
		return e, ErrOfKey
	}
	if changed {
		t := Terms{e.ID, e.Name, e.URL, e.Events, e.Below, e.Ahead}
		p.onto(&t)
		err := t.check()
		if err == nil && p.URL != nil { // one that stays is checked whenever it is called
			err = s.CheckTarget(ctx, "url", t.URL)
		}
		if err != nil {
			return e, err
		}
		e.set(t)
	}
	switch on := p.Enabled; {
	case on != nil && *on:
		e.Disabled, e.Failing, e.Reason = 0, 0, ""
	case on != nil && e.Disabled == 0:
		e.Disabled, e.Failing, e.Reason = s.now(), 0, "It was switched off."
	}
	return e, s.change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if changed {
			if err := e.writeTerms(ctx, tx); err != nil {
				return err
			}
		}
		if p.Enabled == nil {
			return nil
		}
		if err := e.writeState(ctx, tx); err != nil || e.Disabled == 0 {
			return err
		}
		return dropPending(ctx, tx, &e, s.now())
	})
}

// Empty tells whether a patch changes nothing.
func (p *Patch) Empty() bool { return p.stays() && p.Enabled == nil }

// stays tells whether a patch leaves the terms as they are.
func (p *Patch) stays() bool {
	return p.Name == nil && p.URL == nil && p.Events == nil && p.Below == nil && p.Ahead == nil
}

func (p *Patch) onto(t *Terms) {
	if p.Name != nil {
		t.Name = *p.Name
	}
	if p.URL != nil {
		t.URL = *p.URL
	}
	if p.Events != nil {
		t.Events = p.Events
		if !slices.Contains(t.Events, BalanceBelow) {
			t.Below = 0
		}
	}
	if p.Below != nil {
		t.Below = *p.Below
	}
	if p.Ahead != nil {
		t.Ahead = *p.Ahead
	}
}

// writeTerms stores what the owner decided.
func (e *Endpoint) writeTerms(ctx context.Context, tx *store.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE webhooks SET name = $3, url = $4, events = $5, below = $6, ahead = $7 WHERE account = $1 AND id = $2`,
		e.Account, e.ID, e.Name, e.URL, joined(e.Events), e.Below, e.Ahead.Milliseconds())
	return there(n, err)
}

// writeState stores how an endpoint does.
func (e *Endpoint) writeState(ctx context.Context, tx *store.Tx) error {
	if e.Key {
		return there(tx.Exec(ctx, `UPDATE api_keys SET webhook_failing = $2, webhook_disabled = $3, webhook_reason = $4 WHERE id = $1`,
			e.ID, int64(e.Failing), int64(e.Disabled), e.Reason))
	}
	return there(tx.Exec(ctx, `UPDATE webhooks SET failing = $3, disabled = $4, reason = $5 WHERE account = $1 AND id = $2`,
		e.Account, e.ID, int64(e.Failing), int64(e.Disabled), e.Reason))
}

// markState stores how the sending goes, unless the endpoint was disabled meanwhile.
func (e *Endpoint) markState(ctx context.Context, tx *store.Tx) (err error) {
	if e.Key {
		_, err = tx.Exec(ctx, `UPDATE api_keys SET webhook_failing = $2, webhook_disabled = $3, webhook_reason = $4 WHERE id = $1 AND webhook_disabled = 0`,
			e.ID, int64(e.Failing), int64(e.Disabled), e.Reason)
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE webhooks SET failing = $3, disabled = $4, reason = $5 WHERE account = $1 AND id = $2 AND disabled = 0`,
		e.Account, e.ID, int64(e.Failing), int64(e.Disabled), e.Reason)
	return err
}

// there is ErrUnknown where a statement found no row.
func there(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrUnknown
	}
	return err
}

// Rotate gives an endpoint a new secret. The old one signs too for a day, so that the
// receiver can change over without missing anything.
func (s *Service) Rotate(ctx context.Context, account, id string) (Endpoint, string, error) {
	e, err := s.Endpoint(ctx, account, id)
	if err == nil && e.Key {
		err = ErrOfKey
	}
	if err != nil {
		return e, "", err
	}
	e.oldSecret, e.OldUntil, e.secret = e.secret, s.now().Add(OldSecretLife), newSecret()
	err = s.change(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Where two rotate at once, one of them finds nothing to rotate.
		return there(tx.Exec(ctx, `UPDATE webhooks SET secret = $3, old_secret = $4, old_until = $5 WHERE account = $1 AND id = $2 AND secret = $4`,
			e.Account, e.ID, e.secret, e.oldSecret, int64(e.OldUntil)))
	})
	return e, e.secret, err
}

// Delete removes an endpoint, with what was still to be sent to it and its log.
func (s *Service) Delete(ctx context.Context, account, id string) error {
	e, err := s.Endpoint(ctx, account, id)
	if err == nil && e.Key {
		err = ErrOfKey
	}
	if err != nil {
		return err
	}
	return s.change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			`DELETE FROM webhooks WHERE account = $1 AND id = $2`,
			`DELETE FROM webhook_deliveries WHERE account = $1 AND webhook = $2`,
			`DELETE FROM webhook_expiries WHERE account = $1 AND webhook = $2`,
		} {
			if _, err := tx.Exec(ctx, sql, account, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// joined writes types as they are stored: with commas.
func joined(types []Type) string { return strings.ReplaceAll(words(types), " ", "") }

func split(events string) []Type {
	var all []Type
	for word := range strings.SplitSeq(events, ",") {
		all = append(all, Type(word))
	}
	return all
}
