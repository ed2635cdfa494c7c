package identity

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/florin-studio/florin/internal/store"
	"github.com/florin-studio/florin/token"
	"github.com/florin-studio/florin/token/calendar"
)

// Scope is something that a key may do.
type Scope string

// The scopes. What a key's owner may not do, no scope allows.
const (
	// Read reads: balance, journal, usage, jobs, pictures; of a service key, everybody's accounts.
	Read Scope = "read"
	// Generate makes quotes, jobs, uploads and pictures, and deletes them.
	Generate Scope = "generate"
	// Tokens is the token API's writing side: opens accounts, holds, settles, charges,
	// refunds, grants and changes plans. Only service keys may have it.
	Tokens Scope = "tokens"
	// Admin manages keys, and lets administrators administer; of a service key, adjusts balances.
	Admin Scope = "admin"
)

// Scopes lists them all.
var Scopes = []Scope{Read, Generate, Tokens, Admin}

// What keys may do where nothing is said.
var (
	personScopes  = []Scope{Read, Generate}
	serviceScopes = []Scope{Read, Tokens}
)

// NoLimit as a key's rate lets it ask as often as it likes.
const NoLimit = -1

// Key is a credential for programs. The secret itself is shown once and not kept.
type Key struct {
	ID string `json:"id"`
	// Person is whose key it is; empty for a service key, which acts for every account.
	Person  string           `json:"person,omitempty"`
	Service bool             `json:"service,omitempty"`
	Name    string           `json:"name"`
	Hint    string           `json:"hint"`
	Scopes  []Scope          `json:"scopes"`
	Created calendar.Instant `json:"created_at"`
	// Expires is the first instant at which the key no longer works; zero means never.
	Expires calendar.Instant `json:"expires_at,omitempty"`
	// LastUsed is zero for a key that was never used, and exact to a minute.
	LastUsed calendar.Instant `json:"last_used_at,omitempty"`
	// Budgets in tokens, zero for none; a day is one of UTC. Spent tells how far they are used.
	BudgetDay   int64 `json:"budget_day,omitempty"`
	BudgetTotal int64 `json:"budget_total,omitempty"`
	SpentDay    int64 `json:"spent_day"`
	SpentTotal  int64 `json:"spent_total"`
	// Rate is requests a minute: zero for the installation's default, NoLimit for any number.
	Rate int64 `json:"rate,omitempty"`
	// WebhookURL is told of what the key's jobs come to; HasSecret whether a secret goes with it.
	WebhookURL string `json:"webhook_url,omitempty"`
	HasSecret  bool   `json:"has_webhook_secret,omitempty"`
	// WebhookDisabled is since when the address is told nothing any more, and why: it failed
	// persistently. Zero while it is told.
	WebhookDisabled calendar.Instant `json:"webhook_disabled_at,omitempty"`
	WebhookReason   string           `json:"webhook_reason,omitempty"`
}

// Has tells whether the key may do something.
func (k *Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Budgeted tells whether what the key takes is counted.
func (k *Key) Budgeted() bool { return k.BudgetDay > 0 || k.BudgetTotal > 0 }

// NewKey is what a key is made with; zero values stand for the defaults of Key.
type NewKey struct {
	// ID is empty for a new one. Making a key with the id of another of the same owner
	// gives that one another secret: the first was lost before anybody was told.
	ID                        string
	Name                      string
	Scopes                    []Scope
	Expires                   calendar.Instant
	BudgetDay, BudgetTotal    int64
	Rate                      int64
	WebhookURL, WebhookSecret string
}

// MaxKeys is how many keys a person may have at a time.
const MaxKeys = 100

// maxRate bounds requests a minute.
const maxRate = 10_000_000

func (n *NewKey) check(service bool, now calendar.Instant) error {
	n.Name = strings.TrimSpace(n.Name)
	if n.Name == "" {
		n.Name = "key"
	}
	if len(n.Scopes) == 0 {
		n.Scopes = personScopes
		if service {
			n.Scopes = serviceScopes
		}
	}
	if utf8.RuneCountInString(n.Name) > 80 {
		return &token.Invalid{Field: "name", Value: n.Name, Allowed: "1 to 80 characters"}
	}
	allowed := []Scope{Read, Generate, Admin}
	if service {
		allowed = []Scope{Read, Tokens, Admin}
	}
	for i, scope := range n.Scopes {
		if !slices.Contains(allowed, scope) || slices.Contains(n.Scopes[:i], scope) {
			return &token.Invalid{Field: "scopes", Value: string(scope), Allowed: "each once: " + joined(allowed)}
		}
	}
	switch {
	case n.Expires != 0 && n.Expires <= now:
		return &token.Invalid{Field: "expires_at", Value: n.Expires.String(), Allowed: "an instant to come"}
	case n.BudgetDay < 0 || n.BudgetDay > token.Max:
		return &token.Invalid{Field: "budget_day", Value: fmt.Sprint(n.BudgetDay), Allowed: "0 for none, or 1 to 2^53-1 tokens"}
	case n.BudgetTotal < 0 || n.BudgetTotal > token.Max:
		return &token.Invalid{Field: "budget_total", Value: fmt.Sprint(n.BudgetTotal), Allowed: "0 for none, or 1 to 2^53-1 tokens"}
	case n.Rate < NoLimit || n.Rate > maxRate || !service && n.Rate == NoLimit:
		return &token.Invalid{Field: "rate", Value: fmt.Sprint(n.Rate), Allowed: "0 for the default, or 1 to 10000000 requests a minute; -1 for no limit, for service keys"}
	case service && n.WebhookURL != "":
		return &token.Invalid{Field: "webhook_url", Value: n.WebhookURL, Allowed: "nothing for a service key, which makes no pictures; the installation has webhooks of its own"}
	case service && n.WebhookSecret != "":
		return &token.Invalid{Field: "webhook_secret", Value: fmt.Sprintf("%d bytes", len(n.WebhookSecret)), Allowed: "nothing for a service key, which has no webhook"}
	case n.WebhookSecret != "" && n.WebhookURL == "":
		return &token.Invalid{Field: "webhook_url", Allowed: "the address that gets the webhook_secret; without one there must be no secret either"}
	case utf8.RuneCountInString(n.WebhookSecret) > 256:
		return &token.Invalid{Field: "webhook_secret", Value: fmt.Sprintf("%d characters", utf8.RuneCountInString(n.WebhookSecret)), Allowed: "up to 256 characters"}
	}
	if u, err := url.Parse(n.WebhookURL); n.WebhookURL != "" && (err != nil || len(n.WebhookURL) > 2000 || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http") {
		return &token.Invalid{Field: "webhook_url", Value: n.WebhookURL, Allowed: "an absolute http or https address without a password in it"}
	}
	return nil
}

// CreateKey makes a key for a person; the secret is a UUID.
func (s *Service) CreateKey(ctx context.Context, p Person, n NewKey) (Key, string, error) {
	return s.createKey(ctx, p.ID, n)
}

// CreateServiceKey makes a key that acts for every account and belongs to nobody.
func (s *Service) CreateServiceKey(ctx context.Context, n NewKey) (Key, string, error) {
	return s.createKey(ctx, "", n)
}

func (s *Service) createKey(ctx context.Context, person string, n NewKey) (Key, string, error) {
	now := s.now()
	err := n.check(person == "", now)
	if err == nil && n.WebhookURL != "" && s.CheckTarget != nil {
		err = s.CheckTarget(ctx, "webhook_url", n.WebhookURL)
	}
	if err != nil {
		return Key{}, "", err
	}
	secret := s.newUUID()
	k := Key{
		ID: cmp.Or(n.ID, s.newUUID()), Person: person, Service: person == "", Name: n.Name, Hint: secret[:4] + "…" + secret[32:], Scopes: n.Scopes, Created: now,
		Expires: n.Expires, BudgetDay: n.BudgetDay, BudgetTotal: n.BudgetTotal, Rate: n.Rate, WebhookURL: n.WebhookURL, HasSecret: n.WebhookSecret != "",
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := roomForKey(ctx, tx, person, k.ID); err != nil {
			return err
		}
		made, err := tx.Exec(ctx, `INSERT INTO api_keys (id, person, hash, hint, name, created, last_used, service, scopes, expires, budget_day, budget_total, rate, webhook_url, webhook_secret)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, hint = excluded.hint WHERE api_keys.person = excluded.person`,
			k.ID, k.Person, hashSecret(secret), k.Hint, k.Name, int64(k.Created), boolToInt(k.Service), joined(k.Scopes), int64(k.Expires),
			k.BudgetDay, k.BudgetTotal, k.Rate, k.WebhookURL, n.WebhookSecret)
		if err == nil && made == 0 {
			err = ErrTaken
		}
		return err
	})
	return k, secret, err
}

// roomForKey refuses a person more keys than MaxKeys; two at once may pass it together,
// which does no harm. A key that is there already takes no more room.
func roomForKey(ctx context.Context, tx *store.Tx, person, id string) error {
	if person == "" {
		return nil
	}
	var others int64
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM api_keys WHERE person = $1 AND id <> $2`, person, id).Scan(&others); err != nil {
		return err
	}
	if others >= MaxKeys {
		return &token.Invalid{Field: "keys", Value: fmt.Sprint(others + 1), Allowed: fmt.Sprintf("%d at a time: revoke some first", MaxKeys)}
	}
	return nil
}

// joined writes scopes as they are stored: with commas.
func joined(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ",")
}

const keyColumns = `k.id, k.person, k.service, k.name, k.hint, k.scopes, k.created, k.expires, k.last_used, k.budget_day, k.budget_total,
	k.rate, k.webhook_url, k.webhook_secret <> '', k.webhook_disabled, k.webhook_reason`

// into lists the places of keyColumns.
func (k *Key) into(scopes *string) []any {
	return []any{&k.ID, &k.Person, &k.Service, &k.Name, &k.Hint, scopes, &k.Created, &k.Expires, &k.LastUsed, &k.BudgetDay, &k.BudgetTotal,
		&k.Rate, &k.WebhookURL, &k.HasSecret, &k.WebhookDisabled, &k.WebhookReason}
}

func split(scopes string) []Scope {
	var out []Scope
	for word := range strings.SplitSeq(scopes, ",") {
		out = append(out, Scope(word))
	}
	return out
}

// Keys lists a person's keys, oldest first.
func (s *Service) Keys(ctx context.Context, p Person) ([]Key, error) {
	return s.keys(ctx, p.ID)
}

// ServiceKeys lists the keys that belong to nobody, oldest first.
func (s *Service) ServiceKeys(ctx context.Context) ([]Key, error) { return s.keys(ctx, "") }

func (s *Service) keys(ctx context.Context, person string) (keys []Key, err error) {
	err = s.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		keys = []Key{}
		rows, err := tx.Query(ctx, `SELECT `+keyColumns+`, COALESCE(d.tokens, 0), COALESCE(t.tokens, 0)
			FROM api_keys k
			LEFT JOIN key_spending d ON d.api_key = k.id AND d.day = $2
			LEFT JOIN key_spending t ON t.api_key = k.id AND t.day = -1
			WHERE k.person = $1 ORDER BY k.created, k.id`, person, day(s.now()))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k Key
			var scopes string
			if err := rows.Scan(append(k.into(&scopes), &k.SpentDay, &k.SpentTotal)...); err != nil {
				return err
			}
			k.Scopes = split(scopes)
			keys = append(keys, k)
		}
		return rows.Err()
	})
	return keys, err
}

// DeleteKey revokes a person's key: at once in this process, within a second in others.
// A key that is not the person's is ErrUnknown.
func (s *Service) DeleteKey(ctx context.Context, p Person, id string) error {
	return s.deleteKey(ctx, p.ID, id)
}

// DeleteServiceKey revokes a service key.
func (s *Service) DeleteServiceKey(ctx context.Context, id string) error {
	return s.deleteKey(ctx, "", id)
}

func (s *Service) deleteKey(ctx context.Context, person, id string) error {
	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Exec(ctx, `DELETE FROM api_keys WHERE id = $1 AND person = $2`, id, person)
		if err == nil && rows == 0 {
			err = ErrUnknown
		}
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM key_spending WHERE api_key = $1`, id)
		}
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM key_holds WHERE api_key = $1`, id)
		}
		return err
	})
	if err == nil {
		s.seen.forget()
	}
	return err
}
